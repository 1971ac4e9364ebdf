"""Sections of random solids: against the oracles, and what must not change them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from manifold3d import Manifold

from printstd.kernels.rings import Rings, canonical, signed_area2
from printstd.kernels.sections import Sections, section_rings, twin_half_edges
from tests.oracles.sections_by_triangle import rings_at
from tests.stacks import solid_mesh

seeds = st.integers(0, 2**31)
quick = settings(max_examples=25, deadline=None, derandomize=True)


def random_solid(seed: int, parts: int = 3) -> Manifold:
    """A union of hulls of random points, with a hole cut: a few hundred triangles, mm."""
    rng = np.random.default_rng(seed)
    solid = Manifold()
    for _ in range(parts):
        points = rng.normal(size=(12, 3)) * rng.uniform(2, 8) + rng.uniform(-5, 5, 3)
        solid += Manifold.hull_points(points)
    drill = Manifold.cylinder(60, 1.5, 1.5, 17, True).rotate(rng.uniform(0, 90, 3).tolist())
    return solid - drill


def mesh_nm(solid: Manifold) -> tuple[np.ndarray, np.ndarray]:
    vertices_mm, faces = solid_mesh(solid)
    return np.rint(vertices_mm * 1e6).astype(np.int64), faces


def planes_of(vertices_nm: np.ndarray, count: int = 7) -> np.ndarray:
    low, high = int(vertices_nm[:, 2].min()), int(vertices_nm[:, 2].max())
    # Vertex heights among them: planes through vertices are the hard ones.
    exact = np.sort(vertices_nm[:, 2])[:: max(1, len(vertices_nm) // 4)]
    return np.unique(np.r_[np.linspace(low - 10, high + 10, count).astype(np.int64), exact])


def rings_of(sections: Sections, layer: int) -> Rings:
    first, last = sections.layer_offsets[layer], sections.layer_offsets[layer + 1]
    borders = sections.ring_offsets[first : last + 1]
    return Rings(sections.xy_nm[borders[0] : borders[-1]], borders - borders[0])


def as_lists(rings: Rings) -> list[list[tuple[int, int]]]:
    rings = canonical(rings)
    found = [[(x, y) for x, y in rings.ring(i).tolist()] for i in range(rings.n_rings)]
    return sorted(found)


def layers_canonical(sections: Sections) -> list[tuple[bytes, bytes]]:
    layers = [canonical(rings_of(sections, i)) for i in range(len(sections.layer_offsets) - 1)]
    return [(rings.xy_nm.tobytes(), rings.offsets.tobytes()) for rings in layers]


@given(seeds)
@quick
def test_sections_are_those_of_the_slow_slicer(seed: int) -> None:
    vertices_nm, faces = mesh_nm(random_solid(seed))
    planes = planes_of(vertices_nm)
    sections = section_rings(vertices_nm, faces, planes)
    assert not len(sections.gap_layer)
    for layer, plane in enumerate(planes.tolist()):
        assert as_lists(rings_of(sections, layer)) == rings_at(vertices_nm, faces, plane)


@given(seeds)
@quick
def test_section_area_is_the_solids_own(seed: int) -> None:
    solid = random_solid(seed)
    vertices_nm, faces = mesh_nm(solid)
    low, _, high = np.quantile(vertices_nm[:, 2], [0, 0.5, 1]).astype(np.int64).tolist()
    planes = np.linspace(low + 1000, high - 1000, 5).astype(np.int64)
    sections = section_rings(vertices_nm, faces, planes)
    for layer, plane in enumerate(planes.tolist()):
        area = signed_area2(rings_of(sections, layer)).sum() / 2e12
        assert abs(area - solid.slice(plane / 1e6).area()) < 1e-3


@given(seeds)
@quick
def test_order_of_facets_corners_and_vertices_changes_nothing(seed: int) -> None:
    vertices_nm, faces = mesh_nm(random_solid(seed))
    planes = planes_of(vertices_nm)
    rng = np.random.default_rng(seed)
    new_number = rng.permutation(len(vertices_nm))
    shuffled = np.empty_like(vertices_nm)
    shuffled[new_number] = vertices_nm
    mixed = new_number[faces].astype(np.int32)[rng.permutation(len(faces))]
    turns = (rng.integers(0, 3, len(mixed))[:, None] + np.arange(3)) % 3
    mixed = np.ascontiguousarray(np.take_along_axis(mixed, turns, axis=1))
    assert layers_canonical(section_rings(vertices_nm, faces, planes)) == layers_canonical(
        section_rings(shuffled, mixed, planes)
    )


@given(seeds, st.tuples(*[st.integers(-(10**8), 10**8)] * 3))
@quick
def test_moving_the_solid_moves_its_sections(seed: int, shift: tuple[int, int, int]) -> None:
    vertices_nm, faces = mesh_nm(random_solid(seed))
    planes = planes_of(vertices_nm)
    here = section_rings(vertices_nm, faces, planes)
    there = section_rings(vertices_nm + np.array(shift), faces, planes + shift[2])
    assert (there.xy_nm - np.array(shift[:2]) == here.xy_nm).all()
    assert (there.ring_offsets == here.ring_offsets).all()
    assert (there.layer_offsets == here.layer_offsets).all()


@given(seeds)
@quick
def test_a_quarter_turn_turns_the_sections_exactly(seed: int) -> None:
    vertices_nm, faces = mesh_nm(random_solid(seed))
    planes = planes_of(vertices_nm)
    turned_nm = np.stack([-vertices_nm[:, 1], vertices_nm[:, 0], vertices_nm[:, 2]], axis=1)
    here, there = (section_rings(v, faces, planes) for v in (vertices_nm, turned_nm))
    back = np.stack([there.xy_nm[:, 1], -there.xy_nm[:, 0]], axis=1)
    assert (back == here.xy_nm).all()


@given(seeds, st.integers(2, 9))
@quick
def test_a_larger_solid_has_the_same_sections_larger(seed: int, factor: int) -> None:
    vertices_nm, faces = mesh_nm(random_solid(seed))
    planes = planes_of(vertices_nm)
    small = section_rings(vertices_nm, faces, planes)
    large = section_rings(vertices_nm * factor, faces, planes * factor)
    for layer in range(len(planes)):
        a, b = signed_area2(rings_of(small, layer)), signed_area2(rings_of(large, layer))
        perimeter = np.abs(np.diff(rings_of(small, layer).xy_nm, axis=0)).sum() + 1
        # Half a nanometre of rounding along the whole outline, on each side.
        assert abs(int(a.sum()) * factor**2 - int(b.sum())) <= 4 * factor * perimeter * factor + 9


@given(seeds)
@quick
def test_section_areas_add_up_to_the_volume(seed: int) -> None:
    solid = random_solid(seed)
    vertices_nm, faces = mesh_nm(solid)
    low, high = int(vertices_nm[:, 2].min()), int(vertices_nm[:, 2].max())
    errors = []
    for count in (50, 400):
        step = (high - low) / count
        planes = (low + (np.arange(count) + 0.5) * step).astype(np.int64)
        sections = section_rings(vertices_nm, faces, planes)
        area2 = signed_area2(Rings(sections.xy_nm, sections.ring_offsets)).sum()
        errors.append(abs(float(area2) / 2 * step * 1e-18 / solid.volume() - 1))
    # The midpoint rule: error falls with the square of the step (a factor of 64 here).
    assert errors[1] < 2e-5
    assert errors[1] < errors[0] / 8 or errors[0] < 1e-4


@given(seeds)
@quick
def test_a_missing_facet_is_seen_on_exactly_the_planes_it_spans(seed: int) -> None:
    vertices_nm, faces = mesh_nm(random_solid(seed))
    planes = planes_of(vertices_nm)
    rng = np.random.default_rng(seed)
    gone = int(rng.integers(len(faces)))
    sections = section_rings(vertices_nm, np.delete(faces, gone, axis=0), planes)
    z = vertices_nm[faces[gone], 2]
    spanned = np.flatnonzero((planes > z.min()) & (planes <= z.max()))
    assert sorted(set(sections.gap_layer.tolist())) == spanned.tolist()
    assert np.isfinite(sections.gap_nm).all()
    # Planes it does not span have what they had.
    whole = section_rings(vertices_nm, faces, planes)
    for layer in set(range(len(planes))) - set(spanned.tolist()):
        assert as_lists(rings_of(sections, layer)) == as_lists(rings_of(whole, layer))


@given(seeds)
@quick
def test_every_half_edge_of_a_solid_has_its_twin(seed: int) -> None:
    vertices_nm, faces = mesh_nm(random_solid(seed))
    twin = twin_half_edges(vertices_nm, faces)
    here = np.arange(len(twin))
    assert (twin[twin] == here).all()
    start, end = faces.reshape(-1), np.roll(faces, -1, axis=1).reshape(-1)
    assert (start[twin] == end).all()
    assert (end[twin] == start).all()


@given(seeds)
@quick
def test_edges_that_no_plane_crosses_may_be_left_out(seed: int) -> None:
    vertices_nm, faces = mesh_nm(random_solid(seed))
    planes = planes_of(vertices_nm)
    rank = np.searchsorted(planes, vertices_nm[:, 2], side="right")
    whole, some = twin_half_edges(vertices_nm, faces), twin_half_edges(vertices_nm, faces, rank)
    corner = rank[faces]
    is_crossed = (corner != np.roll(corner, -1, axis=1)).reshape(-1)
    assert (some == np.where(is_crossed, whole, -1)).all()
