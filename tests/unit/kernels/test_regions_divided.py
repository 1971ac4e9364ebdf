"""Flat regions, angles and sections of round shapes: the same however the facets were laid."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.changed_models import divided
from printstd.artifacts.features import FeatureKind
from printstd.kernels.edges import edge_table
from printstd.kernels.facets import facet_shapes
from printstd.kernels.planes import folds, planes
from printstd.kernels.recognition.round_shapes import round_shapes
from printstd.kernels.recognition.shapes import RoundShape, Shape
from printstd.validate.recognised import Surface, recognised
from tests import meshes

Mesh = tuple[NDArray[np.float64], NDArray[np.int64]]
NOISE_MM = 4e-5


def surface(mesh: Mesh) -> Surface:
    vertices, faces = mesh
    shapes, edges = facet_shapes(vertices, faces), edge_table(faces)
    has_area = shapes.height > 1e-6 * shapes.longest
    folded = folds(vertices, faces, shapes, has_area, edges)
    flat = planes(vertices, faces, shapes, has_area, folded, noise=NOISE_MM)
    return Surface(
        vertices,
        faces,
        shapes,
        folded,
        edges,
        flat,
        ulp=NOISE_MM / 2,
        rounding=NOISE_MM,
        known=None,
    )


def fold(width: float, fold_deg: float, length: float = 1.0) -> Mesh:
    """Two strips of two facets each that meet along the y axis."""
    turn = np.deg2rad(fold_deg)
    rise = np.array([-np.cos(turn / 2), 0, np.cos(turn / 2)]) * width
    down = -np.abs(np.array([1, 0, 1]) * width * np.sin(turn / 2))
    vertices = np.array([(x, y, z) for y in (0, length) for x, z in zip(rise, down, strict=True)])
    return vertices, np.array([(0, 1, 4), (0, 4, 3), (1, 2, 5), (1, 5, 4)], np.int64)


@pytest.mark.parametrize("fold_deg", [0.04, 0.06, 0.1, 0.13, 0.2, 0.28])
def test_flat_regions_are_as_many_however_their_facets_were_divided(fold_deg: float) -> None:
    """Halves of facets are half as high, and no less sure of their plane for that."""
    once = fold(0.05, fold_deg)
    numbers = [
        len(surface(mesh).flat.area) for mesh in (once, divided(once), divided(divided(once)))
    ]
    # 4e-5 mm at the far sides of two strips of 0.05 mm make a fold of 0.092 degrees.
    assert numbers == [1 if fold_deg < 0.092 else 2] * 3


def test_two_planes_meet_at_the_angle_of_the_planes_not_of_a_sliver_at_their_edge() -> None:
    """A strip of 2 um at the edge of a wall, a nm off: its own normal stands at 90.03 degrees."""
    section = [(0, 0), (40, 0), (40, 10), (0.002, 10.000001), (0, 10)]
    part = meshes.prism(section, 20.0)
    found = recognised(surface((part[0], np.asarray(part[1], np.int64))))
    assert [f.size for f in found.of_kind(FeatureKind.ANGLE)] == []


def test_a_wall_is_as_sure_of_its_angle_as_it_is_high_however_short_the_edge_is() -> None:
    """40 mm long, 2.2 mm high, it meets a floor along 6 mm; a lean of 4e-5 mm is rounding there."""
    lean = 4e-5
    wall = [(0, 0, 0), (6, 0, 0), (40, 0, 0), (40, lean, 2.2), (0, lean, 2.2)]
    vertices = np.array([*wall, (0, -10, 0), (6, -10, 0)], float)
    faces = np.array([(0, 1, 4), (1, 3, 4), (1, 2, 3), (0, 5, 1), (5, 6, 1)], np.int64)
    for mesh in ((vertices, faces), divided((vertices, faces))):
        assert recognised(surface(mesh)).of_kind(FeatureKind.ANGLE) == ()
    vertices[[3, 4], 1] = 4 * lean
    (told,) = recognised(surface((vertices, faces))).of_kind(FeatureKind.ANGLE)
    assert abs(told.size - 90.0) == pytest.approx(np.rad2deg(4 * lean / 2.2), rel=1e-3)


AROUND, RADIUS, STEP_DEG = 7.0, 4.0, 5.0


def inside_of_a_ring(
    n_about: int = 18, n_round: int = 24
) -> tuple[NDArray[np.float64], list[tuple[int, int, int]]]:
    about = np.deg2rad(180.0 + STEP_DEG * np.arange(n_about + 1))[:, None]
    axial = np.deg2rad(STEP_DEG * np.arange(n_round + 1))[None]
    rho = AROUND + RADIUS * np.cos(about) + 0 * axial
    points = np.stack(
        [rho * np.cos(axial), rho * np.sin(axial), RADIUS * np.sin(about) + 0 * axial]
    )
    number = np.arange((n_about + 1) * (n_round + 1)).reshape(n_about + 1, -1)
    faces = []
    for i in range(n_about):
        for j in range(n_round):
            a, b, c, d = number[i, j], number[i, j + 1], number[i + 1, j + 1], number[i + 1, j]
            faces += [(a, b, c), (a, c, d)]
    return points.reshape(3, -1).T.copy(), [(int(a), int(b), int(c)) for a, b, c in faces]


def with_needles(n_about: int = 18, n_round: int = 24) -> Mesh:
    """A needle across two bands, and two places round the axis, as trimming lays them."""
    vertices, faces = inside_of_a_ring(n_about, n_round)
    number = np.arange(len(vertices)).reshape(n_about + 1, -1)
    for i, j in ((6, 3), (9, 12), (4, 18)):
        a, d, b = (int(number[i + p, j + q]) for p, q in ((0, 0), (0, 1), (1, 1)))
        e, c = int(number[i + 1, j + 2]), int(number[i + 2, j + 2])
        for gone in ((a, d, b), (d, e, b), (b, e, c)):
            faces.remove(gone)
        faces += [(a, c, b), (a, d, e), (a, e, c)]
    return vertices, np.array(faces, np.int64)


def ring_of(mesh: Mesh) -> RoundShape:
    seen = surface(mesh)
    found = round_shapes(
        seen.vertices, seen.faces, seen.folded, seen.edges, seen.flat, noise=seen.noise
    )
    (ring,) = [shape for shape in found if shape.shape is Shape.TORUS]
    return ring


def test_a_torus_is_as_coarse_as_its_section_whatever_runs_across_the_bands() -> None:
    vertices, faces = inside_of_a_ring()
    plain, needled = ring_of((vertices, np.array(faces, np.int64))), ring_of(with_needles())
    assert len(needled.facets) == len(plain.facets)
    sagitta = RADIUS * (1 - np.cos(np.deg2rad(STEP_DEG / 2)))
    assert plain.sagitta == pytest.approx(sagitta, rel=1e-3)
    assert needled.sagitta == pytest.approx(sagitta, rel=1e-3)
    assert ring_of(divided(with_needles())).sagitta == pytest.approx(sagitta, rel=0.02)
