"""Real LayerStacks for tests of what comes after slicing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.adapters.executors import SerialExecutor
from printstd.artifacts.layers import LayerStack
from printstd.kernels.placing import IDENTITY_E9, default_placement, place_vertices
from printstd.slicing.plan import LayerThickness
from printstd.slicing.stack import Contours, slice_placed


class Silent:
    """A Progress that nobody watches."""

    def stage(self, name: str, total: int) -> None:
        del name, total

    def advance(self, steps: int = 1) -> None:
        del steps


def stack_of(
    vertices_mm: NDArray[np.float64],
    faces: NDArray[np.int32],
    *,
    layer_um: int = 200,
    first_um: int = 200,
    closing_nm: int = 49_000,
    tolerance_nm: int = 12_500,
    bed_centre_um: tuple[int, int] = (125_000, 105_000),
    thickness: LayerThickness | None = None,
) -> LayerStack:
    """The layers of a welded mesh, stood in the middle of the bed as `slice` would. thickness :
    instead of layer_um and first_um."""
    placed_nm = place_vertices(
        vertices_mm,
        rotation_e9=IDENTITY_E9,
        translation_um=default_placement(vertices_mm, faces, bed_centre_um=bed_centre_um),
        scale_e6=1_000_000,
    )
    return slice_placed(
        placed_nm,
        faces,
        thickness or LayerThickness(first_um, layer_um),
        Contours(closing_nm, tolerance_nm),
        executor=SerialExecutor(),
        progress=Silent(),
    )


def box(
    size_mm: tuple[float, float, float], at_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """A block of twelve triangles with its lowest corner at `at_mm`."""
    corner = np.array([[i & 1, i >> 1 & 1, i >> 2] for i in range(8)], np.float64)
    quads = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))
    faces = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return corner * size_mm + np.asarray(at_mm), np.array(faces, np.int32)


def solid_mesh(solid: object) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Vertices and faces of a manifold3d.Manifold."""
    mesh = solid.to_mesh64()  # type: ignore[attr-defined]
    return (
        np.ascontiguousarray(mesh.vert_properties[:, :3], np.float64),
        np.ascontiguousarray(mesh.tri_verts, np.int32),
    )
