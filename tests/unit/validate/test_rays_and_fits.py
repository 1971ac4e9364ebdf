"""Rays against closed forms and between engines; planes and cylinders against what was drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from printstd.kernels.edges import edge_table
from printstd.kernels.facets import facet_shapes
from printstd.kernels.opposed_rays import (
    Engine,
    cast,
    default_engine,
    opposed_walls,
    surface_samples,
)
from printstd.kernels.planes import folds, parallel_distances, planes
from printstd.kernels.recognition.round_shapes import round_shapes
from printstd.kernels.recognition.shapes import RoundShape, Shape
from tests import meshes

ENGINES: tuple[Engine, ...] = ("embree", "numpy") if default_engine() == "embree" else ("numpy",)


def turned(mesh: meshes.Triangles, degrees: float) -> meshes.Triangles:
    """About an axis that lies along nothing."""
    axis = np.array([1.0, 2.0, 3.0]) / math.sqrt(14)
    angle = math.radians(degrees)
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    rotation = np.eye(3) + math.sin(angle) * k + (1 - math.cos(angle)) * k @ k
    return mesh[0] @ rotation.T, mesh[1]


# --- rays ------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("shift", [0.0, 50.0, 1000.0])
def test_rays_from_inside_a_box_end_at_its_sides(engine: Engine, shift: float) -> None:
    mesh = meshes.moved(meshes.box((20, 30, 40)), (shift, -shift, shift))
    normals = facet_shapes(*mesh).normal
    rng = np.random.default_rng(1)
    inside = rng.uniform(0.1, 0.9, (500, 3)) * [20, 30, 40]
    axis = rng.integers(0, 3, 500)
    sign = rng.choice([-1.0, 1.0], 500)
    direction = np.zeros((500, 3))
    direction[np.arange(500), axis] = sign
    hits = cast(*mesh, normals, inside + mesh[0].min(axis=0), direction, reach=100.0, engine=engine)
    along = inside[np.arange(500), axis]
    wanted = np.where(sign < 0, along, np.array([20, 30, 40])[axis] - along)
    assert hits.distance == pytest.approx(wanted, abs=1e-9)
    assert ((normals[hits.facet] * direction).sum(axis=1) > 0.999).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_reach_is_kept_exactly(engine: Engine) -> None:
    mesh = meshes.cube(10)
    normals = facet_shapes(*mesh).normal
    start, up = np.array([[3.0, 4.0, 2.0]]), np.array([[0.0, 0.0, 1.0]])
    assert cast(*mesh, normals, start, up, reach=8.001, engine=engine).facet[0] >= 0
    missed = cast(*mesh, normals, start, up, reach=7.999, engine=engine)
    assert missed.facet[0] == -1
    assert missed.distance[0] == np.inf


@pytest.mark.skipif(len(ENGINES) < 2, reason="embreex is not installed")
@pytest.mark.parametrize("mesh", [meshes.torus(minor=2.5), meshes.tube(), meshes.bracket()])
def test_both_engines_find_the_same_walls(mesh: meshes.Triangles) -> None:
    mesh = turned(mesh, 33.0)
    shapes = facet_shapes(*mesh)
    samples = surface_samples(
        *mesh, shapes.area, facets=np.flatnonzero(shapes.area > 0), area_per_sample=0.5
    )
    found = [
        opposed_walls(*mesh, shapes.normal, samples, reach=6.0, engine=engine) for engine in ENGINES
    ]
    both = np.intersect1d(found[0].sample, found[1].sample)
    # A ray within float32 of an edge may fall to either side of it.
    assert len(both) >= 0.999 * max(len(found[0].sample), len(found[1].sample))
    first, second = (f.thickness[np.searchsorted(f.sample, both)] for f in found)
    assert np.median(np.abs(first - second)) == 0
    assert np.abs(first - second).max() < 0.02


def test_samples_lie_on_their_facets_and_share_the_area() -> None:
    mesh = meshes.bracket()
    shapes = facet_shapes(*mesh)
    facets = np.flatnonzero(shapes.area > 0)
    samples = surface_samples(*mesh, shapes.area, facets=facets, area_per_sample=0.3)
    assert samples.area.sum() == pytest.approx(shapes.area.sum(), rel=1e-12)
    assert set(samples.facet.tolist()) == set(facets.tolist())
    assert samples.area.max() <= 0.3 * (1 + 1e-12)
    corners = mesh[0][mesh[1][samples.facet]]
    to_corner = corners - samples.point[:, None]
    parts = [np.cross(to_corner[:, (k + 1) % 3], to_corner[:, (k + 2) % 3]) for k in range(3)]
    split = sum(np.sqrt((part * part).sum(axis=1)) for part in parts) / 2
    assert split == pytest.approx(shapes.area[samples.facet], rel=1e-9)


def test_samples_move_and_turn_with_the_part_and_do_not_follow_the_order_of_facets() -> None:
    mesh = meshes.bracket()
    area = facet_shapes(*mesh).area
    facets = np.flatnonzero(area > 0)
    order = np.random.default_rng(4).permutation(len(mesh[1]))
    shifted = meshes.moved((mesh[0], mesh[1][order]), (70.0, -30.0, 9.0))
    a = surface_samples(*mesh, area, facets=facets, area_per_sample=1.0)
    b = surface_samples(
        *shifted, area[order], facets=np.flatnonzero(area[order] > 0), area_per_sample=1.0
    )
    key_a = np.sort(np.round(a.point, 6).view([("", float)] * 3).reshape(-1), axis=0)
    key_b = np.sort(
        np.round(b.point - [70.0, -30.0, 9.0], 6).view([("", float)] * 3).reshape(-1), axis=0
    )
    assert len(key_a) == len(key_b)
    close = np.abs(key_a.view(float).reshape(-1, 3) - key_b.view(float).reshape(-1, 3))
    assert np.median(close.max(axis=1)) < 1e-6


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("thickness", [0.5, 0.79, 1.2])
@pytest.mark.parametrize("degrees", [0.0, 20.0, 71.0])
@pytest.mark.parametrize("shape", ["rib", "floor", "tube"])
def test_walls_are_measured_to_a_few_micrometres(
    engine: Engine, thickness: float, degrees: float, shape: str
) -> None:
    mesh = {
        "rib": meshes.box((20.0, thickness, 15.0)),
        "floor": meshes.box((20.0, 15.0, thickness)),
        "tube": meshes.tube(8.0, 8.0 - thickness, 12.0, 256),
    }[shape]
    mesh = turned(mesh, degrees)
    shapes = facet_shapes(*mesh)
    samples = surface_samples(
        *mesh, shapes.area, facets=np.arange(len(mesh[1])), area_per_sample=0.2
    )
    walls = opposed_walls(*mesh, shapes.normal, samples, reach=2.0, engine=engine)
    sag = 8.0 * (1 - math.cos(math.pi / 256)) if shape == "tube" else 0.0
    # The floor's and the rib's narrow sides see each other too, over longer ways.
    assert walls.thickness.min() >= thickness - 2 * sag - 1e-6
    assert np.median(walls.thickness) == pytest.approx(thickness, abs=2 * sag + 1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_sharp_edges_are_no_walls(engine: Engine) -> None:
    """A cone of 60 degrees at its tip and a wedge of 30: rays near the edge are short and leave by
    a face that is not opposed."""
    wedge = meshes.prism([(0, 0), (30.0, 0), (30.0 * math.cos(0.52), 30.0 * math.sin(0.52))], 20.0)
    cone_top = np.array([[0.0, 0.0, 17.32]])
    rim = np.array([(10 * math.cos(t), 10 * math.sin(t), 0) for t in np.arange(64) * math.pi / 32])
    faces = [(64, k, (k + 1) % 64) for k in range(64)] + [(0, k + 1, k) for k in range(1, 63)]
    cone = np.vstack([rim, cone_top]), np.array(faces, np.int32)
    for mesh in (wedge, cone):
        shapes = facet_shapes(*mesh)
        samples = surface_samples(
            *mesh, shapes.area, facets=np.arange(len(mesh[1])), area_per_sample=0.05
        )
        walls = opposed_walls(*mesh, shapes.normal, samples, reach=3.0, engine=engine)
        assert not len(walls.sample)


# --- planes ----------------------------------------------------------------------------------


def fitted(mesh: meshes.Triangles, wanted: Shape = Shape.CYLINDER) -> list[RoundShape]:
    shapes, edges = facet_shapes(*mesh), edge_table(mesh[1])
    has_area = shapes.height > 1e-6 * shapes.longest
    folded = folds(*mesh, shapes, has_area, edges)
    flat = planes(*mesh, shapes, has_area, folded)
    found = round_shapes(*mesh, folded, edges, flat, noise=1e-5)
    return [shape for shape in found if shape.shape is wanted]


@pytest.mark.parametrize("degrees", [0.0, 17.0, 90.0])
def test_a_box_has_six_planes_and_its_sizes_are_their_distances(degrees: float) -> None:
    mesh = turned(meshes.box((20, 12.5, 7.3), (100, 50, -9)), degrees)
    shapes, edges = facet_shapes(*mesh), edge_table(mesh[1])
    has_area = np.ones(12, bool)
    folded = folds(*mesh, shapes, has_area, edges)
    found = planes(*mesh, shapes, has_area, folded)
    assert len(found.area) == 6
    assert sorted(found.area) == pytest.approx(sorted([250, 250, 146, 146, 91.25, 91.25]))
    assert folded.is_convex[folded.angle_deg > 1].all()
    assert sorted(np.unique(np.round(folded.angle_deg, 6))) == pytest.approx([0, 90], abs=1e-5)
    distances = parallel_distances(found, most=64, least_area_ratio=0.001)
    assert distances == pytest.approx([7.3, 12.5, 20.0], abs=1e-9)


def test_the_edges_of_a_hole_are_not_convex() -> None:
    mesh = meshes.tube(10, 5, 20, 32)
    shapes, edges = facet_shapes(*mesh), edge_table(mesh[1])
    folded = folds(*mesh, shapes, np.ones(len(mesh[1]), bool), edges)
    smooth = (folded.angle_deg > 1) & (folded.angle_deg < 31)
    ends = mesh[0][edges.vertices[folded.edge[smooth], 0]]
    radius = np.hypot(ends[:, 0], ends[:, 1])
    assert np.array_equal(folded.is_convex[smooth], radius > 7)


# --- cylinders -------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.integers(12, 90),
    st.floats(0.3, 80.0),
    st.floats(0.05, 30.0),
    st.floats(0.0, 180.0),
    st.floats(-200.0, 200.0),
)
def test_a_cylinder_is_found_to_float_precision_wherever_it_lies(
    n_sides: int, radius: float, height: float, degrees: float, shift: float
) -> None:
    mesh = turned(meshes.cylinder(radius, height, n_sides), degrees)
    mesh = meshes.moved(mesh, (shift, 2 * shift, -shift))
    found = fitted(mesh)
    assert len(found) == 1
    assert found[0].radius == pytest.approx(radius, rel=1e-6)
    assert found[0].strips == n_sides
    assert found[0].arc_deg == pytest.approx(360, abs=1e-3)
    assert not found[0].is_concave
    assert found[0].sagitta == pytest.approx(radius * (1 - math.cos(math.pi / n_sides)), rel=1e-4)
    assert found[0].residual <= 1e-6 * max(radius, abs(shift))
    normal = facet_shapes(*mesh).normal[found[0].facets]
    assert np.abs(normal @ found[0].axis).max() < 1e-6


@pytest.mark.parametrize("n_sides", [6, 8, 10, 11])
def test_polygons_are_no_cylinders(n_sides: int) -> None:
    assert fitted(meshes.cylinder(10, 20, n_sides)) == []


def test_a_tube_has_a_boss_and_a_hole() -> None:
    outer, inner = fitted(meshes.tube(10, 6, 20, 48))
    assert (outer.radius, outer.is_concave) == (pytest.approx(10), False)
    assert (inner.radius, inner.is_concave) == (pytest.approx(6), True)
    assert not np.intersect1d(outer.facets, inner.facets).size


def arc(n: int, degrees: float, radius: float = 10.0) -> NDArray[np.float64]:
    turns = np.deg2rad(np.linspace(0, degrees, n + 1))
    return radius * np.column_stack([np.cos(turns), np.sin(turns)])


@pytest.mark.parametrize(
    ("n", "degrees"), [(6, 90.0), (6, 180.0), (9, 90.0), (20, 250.0), (5, 90.0), (3, 60.0)]
)
@pytest.mark.parametrize("end", ["sharp", "tangent"])
def test_arcs_count_all_their_strips(n: int, degrees: float, end: str) -> None:
    """Cut off straight through the middle, or going on as walls along the tangents."""
    outline = arc(n, degrees)
    if end == "sharp" and degrees < 180:
        outline = np.vstack([outline, [[0.0, 0.0]]])
    if end == "tangent":
        first, last = np.deg2rad(0), np.deg2rad(degrees)
        before = outline[0] + 15 * np.array([math.sin(first), -math.cos(first)])
        after = outline[-1] + 15 * np.array([-math.sin(last), math.cos(last)])
        if degrees > 180:
            return  # the walls would cross
        outline = np.vstack([before, outline, after])
    found = fitted(meshes.prism(outline.tolist(), 5.0))
    assert len(found) == 1
    assert found[0].strips == n
    assert found[0].radius == pytest.approx(10.0, rel=1e-9)
    assert found[0].arc_deg == pytest.approx(degrees, abs=1e-6)
    assert found[0].sagitta == pytest.approx(10 * (1 - math.cos(math.radians(degrees / n) / 2)))


def test_an_ellipse_and_a_cone_are_no_cylinders() -> None:
    turns = 2 * np.pi * np.arange(60) / 60
    ellipse = np.column_stack([12 * np.cos(turns), 10 * np.sin(turns)])
    assert fitted(meshes.prism(ellipse.tolist(), 10.0)) == []
    vertices, faces = meshes.cylinder(10, 20, 48)
    vertices = vertices.copy()
    vertices[48:, :2] *= 0.5
    assert fitted((vertices, faces)) == []
    (cone,) = fitted((vertices, faces), Shape.CONE)
    assert abs(cone.slope) == pytest.approx(0.25, abs=1e-9)
    assert cone.largest_radius == pytest.approx(10, abs=1e-9)


def test_the_bracket_has_the_cylinders_that_it_was_made_of() -> None:
    """Corner radii of 4, a boss of 16, a bore of 8, two holes of 4.3 with counterbores of 8, and
    the two ends of a slot of 4.3."""
    found = fitted(meshes.bracket())
    full = sorted((round(2 * c.radius, 3), c.is_concave) for c in found if c.arc_deg > 359)
    assert full == [(4.3, True), (4.3, True), (8.0, True), (8.0, True), (8.0, True), (16.0, False)]
    slots = [c for c in found if 170 < c.arc_deg < 190]
    assert [(round(2 * c.radius, 3), c.is_concave) for c in slots] == [(4.3, True)] * 2
    corners = [c for c in found if 80 < c.arc_deg < 100 and not c.is_concave]
    assert [round(c.radius, 3) for c in corners] == [4.0] * 4


@pytest.mark.parametrize("radii", [(2.0, 4.0, 8.0, 12.0), (1.0, 1.0, 12.0, 12.0)])
def test_corners_of_different_radii_on_one_outline_are_told_apart(
    radii: tuple[float, float, float, float],
) -> None:
    """Twelve strips each: those of one corner are up to twelve times as wide as another's."""
    outline: list[tuple[float, float]] = []
    for k, ((x, y), r) in enumerate(zip([(40, 0), (40, 30), (0, 30), (0, 0)], radii, strict=True)):
        cx, cy = x - r if x else r, y - r if y else r
        for turn in np.linspace(-90 + 90 * k, 90 * k, 13):
            t = math.radians(turn)
            outline.append((cx + r * math.cos(t), cy + r * math.sin(t)))
    found = fitted(meshes.prism(outline, 6.0))
    assert sorted(round(c.radius, 6) for c in found) == sorted(radii)
    assert all(c.strips == 12 and c.arc_deg == pytest.approx(90, abs=1e-6) for c in found)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1.0, 1.7), min_size=20, max_size=40), st.floats(1.0, 50.0))
def test_strips_of_unequal_width_are_one_circle_and_the_widest_decides(
    shares: list[float], radius: float
) -> None:
    turns = 2 * np.pi * np.cumsum(shares) / sum(shares)
    widest = 2 * np.pi * max(shares) / sum(shares)
    outline = radius * np.column_stack([np.cos(turns), np.sin(turns)])
    found = fitted(meshes.prism(outline.tolist(), radius))
    assert len(found) == 1
    assert found[0].strips == len(shares)
    assert found[0].arc_deg == pytest.approx(360, abs=1e-3)
    assert found[0].sagitta == pytest.approx(radius * (1 - math.cos(widest / 2)), rel=1e-6)


def test_a_flat_on_a_shaft_is_no_strip_of_it() -> None:
    """A D-shaft: the flat has both its edges on the circle and is meant."""
    turns = np.deg2rad(np.arange(20, 341, 5.0))
    outline = 10 * np.column_stack([np.cos(turns), np.sin(turns)])
    found = fitted(meshes.prism(outline.tolist(), 15.0))
    assert len(found) == 1
    assert found[0].strips == 64
    assert found[0].arc_deg == pytest.approx(320, abs=1e-6)
    assert found[0].sagitta == pytest.approx(10 * (1 - math.cos(math.radians(2.5))), rel=1e-6)
