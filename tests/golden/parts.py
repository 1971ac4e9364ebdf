"""Small parts for golden programs: each shows things that a change of the generator would move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from tests import meshes
from tests.meshes import Triangles


def ring() -> Triangles:
    """A low tube: curved walls, a hole, skins, seams."""
    vertices, faces = meshes.tube(outer_radius=6.0, inner_radius=2.0, height=0.8, n_sides=24)
    # Sines may differ in their last bits from one libm to the next.
    return np.round(vertices, 4), faces


def gate() -> Triangles:
    """Two posts and a lintel that sinks into them: islands, travel between them, a bridge."""
    posts = [meshes.box((3, 5, 1.2), (x, 0, 0)) for x in (0.0, 9.0)]
    return meshes.merged(*posts, meshes.box((12, 5, 1.0), (0, 0, 1.0)))


def fin() -> Triangles:
    """A block, a fin of 0.5 mm and a rib of 1.5 mm: sparse infill, thin walls, gap fill."""
    return meshes.merged(
        meshes.box((10, 6, 2.4), (0, 0, 0)),
        meshes.box((0.5, 6, 2.4), (12, 0, 0)),
        meshes.box((1.5, 6, 2.4), (14, 0, 0)),
    )


PARTS: Final[dict[str, Callable[[], Triangles]]] = {"ring": ring, "gate": gate, "fin": fin}
