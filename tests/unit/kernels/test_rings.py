"""Rings: canonical form says nothing but the area; measures against shapely."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels import rings as rings_of
from printstd.kernels.rings import EMPTY, Rings, from_list

quick = settings(max_examples=60, deadline=None, derandomize=True)
seeds = st.integers(0, 2**31)


def random_rings(seed: int, n_rings: int = 5) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(-(10**9), 10**9, (rng.integers(3, 9), 2)) for _ in range(n_rings)]


def equal(a: Rings, b: Rings) -> bool:
    return a.xy_nm.tobytes() == b.xy_nm.tobytes() and a.offsets.tobytes() == b.offsets.tobytes()


@given(seeds)
@quick
def test_canonical_form_forgets_order_and_starting_vertex(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = random_rings(seed)
    mixed = [np.roll(parts[i], rng.integers(9), axis=0) for i in rng.permutation(len(parts))]
    a, b = rings_of.canonical(from_list(parts)), rings_of.canonical(from_list(mixed))
    assert equal(a, b)
    assert equal(rings_of.canonical(a), a)
    keys = [tuple(a.ring(i)[0].tolist()) for i in range(a.n_rings)]
    assert keys == sorted(keys)
    for i in range(a.n_rings):
        assert tuple(a.ring(i)[0].tolist()) == min(tuple(v) for v in a.ring(i).tolist())


def test_a_ring_that_touches_itself_at_its_smallest_vertex_has_one_form() -> None:
    bow = np.array([[0, 0], [4, 1], [4, 3], [0, 0], [3, 9], [1, 9]])
    forms = [rings_of.canonical(from_list([np.roll(bow, k, axis=0)])) for k in range(6)]
    assert all(equal(form, forms[0]) for form in forms)


@given(seeds)
@quick
def test_groups_keep_apart_and_each_is_canonical(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = random_rings(seed, 9)
    group = rng.integers(0, 3, 9)
    together, of = rings_of.canonical_by_group(from_list(parts), group)
    assert (np.diff(of) >= 0).all()
    for number in range(3):
        alone = rings_of.canonical(
            from_list([p for p, g in zip(parts, group, strict=True) if g == number])
        )
        assert equal(rings_of.take(together, of == number), alone)


@given(seeds)
@quick
def test_settled_is_canonical_of_what_has_area(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = random_rings(seed, 4)
    dirty = [np.repeat(part, rng.integers(1, 3, len(part)), axis=0) for part in parts]
    dirty.insert(2, np.array([[0, 0], [5, 5], [10, 10], [5, 5]]))  # out and back: no area
    dirty.insert(1, np.array([[7, 7], [7, 7], [7, 7]]))
    group = np.zeros(len(dirty), np.int64)
    got, of = rings_of.settled(from_list(dirty), group)
    assert equal(got, rings_of.canonical(from_list(parts)))
    assert len(of) == 4


@given(seeds)
@quick
def test_areas_and_lengths_are_those_of_shapely(seed: int) -> None:
    parts = random_rings(seed)
    rings = from_list(parts)
    loops = [shapely.LinearRing(part) for part in parts]
    signed = [
        2 * shapely.Polygon(part).area * (1 if r.is_ccw else -1)
        for part, r in zip(parts, loops, strict=True)
    ]
    exact = [
        sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(p, p[1:] + p[:1], strict=True))
        for p in (part.tolist() for part in parts)
    ]
    assert rings_of.signed_area2(rings).tolist() == exact
    # Shapely's areas of rings that cross themselves agree up to orientation.
    np.testing.assert_allclose(np.abs(exact), np.abs(signed), rtol=1e-9, atol=1e6)
    np.testing.assert_allclose(rings_of.lengths_nm(rings), [r.length for r in loops], rtol=1e-12)


def test_area_is_exact_up_to_two_metres() -> None:
    side = 2_000_000_000
    square = np.array([[0, 0], [side, 0], [side, side], [0, side]]) - side // 2
    assert rings_of.signed_area2(from_list([square])).tolist() == [2 * side * side]
    assert rings_of.signed_area2(from_list([square[::-1]])).tolist() == [-2 * side * side]


def test_rings_of_no_vertices_measure_nothing() -> None:
    triangle = np.array([[0, 0], [4, 0], [0, 3]])
    rings = Rings(triangle, np.array([0, 0, 3, 3]))
    assert rings_of.signed_area2(rings).tolist() == [0, 12, 0]
    assert rings_of.lengths_nm(rings).tolist() == [0, 12, 0]
    assert rings_of.next_index(rings).tolist() == [1, 2, 0]
    assert rings_of.signed_area2(EMPTY).tolist() == []
    assert rings_of.lengths_nm(EMPTY).tolist() == []
    assert rings_of.canonical(EMPTY).is_empty


@given(seeds)
@quick
def test_take_and_concat_are_each_others_inverse(seed: int) -> None:
    rings = from_list(random_rings(seed, 6))
    singles = [rings_of.take(rings, np.array([i])) for i in range(6)]
    assert equal(rings_of.concat(singles), rings)
    mask = np.random.default_rng(seed).random(6) < 0.5
    assert equal(rings_of.take(rings, mask), rings_of.take(rings, np.flatnonzero(mask)))
    assert equal(rings_of.concat([EMPTY, rings, EMPTY]), rings)


def test_repeats_go_and_a_single_place_keeps_nothing() -> None:
    ring = np.array([[0, 0], [0, 0], [4, 0], [0, 3], [0, 3], [0, 0]])
    spot = np.array([[7, 7], [7, 7], [7, 7]])
    got = rings_of.without_repeats(from_list([spot, ring]))
    assert got.offsets.tolist() == [0, 0, 3]
    assert sorted(got.xy_nm.tolist()) == [[0, 0], [0, 3], [4, 0]]


@given(seeds)
@quick
def test_contains_agrees_with_shapely(seed: int) -> None:
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    radius = rng.uniform(5e8, 9e8, 12)
    outer = np.c_[radius * np.cos(angle), radius * np.sin(angle)].astype(np.int64)
    hole = (outer[::-1] * 0.4).astype(np.int64)
    points = rng.integers(-(10**9), 10**9, (200, 2))
    area = shapely.Polygon(outer, [hole])
    want = shapely.contains_xy(area, points[:, 0], points[:, 1])
    got = rings_of.contains(from_list([outer, hole]), points)
    assert (got == want).all()


def test_island_of_finds_the_innermost() -> None:
    def square(half: int, *, hole: bool = False) -> np.ndarray:
        ring = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
        return ring[::-1] if hole else ring

    rings = rings_of.canonical(
        from_list([square(10), square(30), square(20, hole=True), square(5, hole=True)])
    )
    points = np.array([[7, 0], [25, 0], [0, 0], [15, 0], [99, 0]])
    outers = np.flatnonzero(rings_of.signed_area2(rings) > 0)
    sizes = np.abs(rings.xy_nm[rings.offsets[outers]]).max(axis=1)
    found = rings_of.island_of(rings, points)
    # Points in a hole belong to the island around it: the caller asks `contains` first.
    assert [int(sizes[i]) if i >= 0 else None for i in found] == [10, 30, 10, 30, None]


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_islands_of_several_layers_are_those_of_each(seed: int) -> None:
    """Whatever goes together: all, little or nothing; rings in one call or by themselves."""
    rng = np.random.default_rng(seed)
    layers, points = [], []
    for n_rings in rng.integers(0, 7, rng.integers(1, 9)):
        rings = []
        for _ in range(n_rings):
            angle = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 30)))
            radius = rng.integers(1, 60) * np.ones(len(angle))
            ring = np.c_[radius * np.cos(angle), radius * np.sin(angle)].round().astype(np.int64)
            ring += rng.integers(-40, 40, 2)
            rings.append(ring[::-1] if rng.random() < 0.3 else ring)
        # Some twice: of two that are as small the later one counts.
        layers.append(from_list(rings + rings[:1]))
        points.append(rng.integers(-99, 99, (rng.integers(0, 40), 2)))
    want = [rings_of.island_of(r, p) for r, p in zip(layers, points, strict=True)]
    for few, pairs in ((20_000, 1 << 18), (0, 1 << 18), (100, 1 << 18), (20_000, 100)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rings_of, "_FEW", few)
            patch.setattr(rings_of, "_PAIRS", pairs)
            found = rings_of.islands_of(layers, points)
        for own, other in zip(found, want, strict=True):
            assert own.tolist() == other.tolist()


def test_translated() -> None:
    rings = from_list([np.array([[0, 0], [4, 0], [0, 3]])])
    moved = rings_of.translated(rings, (5, -7))
    assert moved.xy_nm.tolist() == [[5, -7], [9, -7], [5, -4]]
    assert rings_of.area_mm2(moved) == pytest.approx(6e-12)
