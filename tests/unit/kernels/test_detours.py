"""Which straight ways leave an area, and the ways inside instead: against shapely and against the
shortest ways of all."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels import clip
from printstd.kernels.detours import Ways, ways_inside
from printstd.kernels.leaving import crosses_border
from printstd.kernels.rings import EMPTY, Rings, contains, island_of, translated
from tests.oracles.areas import MM, area_of, hole, holed, rectangle, rings_of
from tests.oracles.effort import few
from tests.oracles.visibility import VisibilityGraph

quick = few(25)
seeds = st.integers(0, 2**31)


def places_in(area: Rings, rng: np.random.Generator, count: int) -> np.ndarray:
    """Places at least 0.01 mm inside."""
    core = clip.offset(area, -10_000)
    low, high = area.xy_nm.min(axis=0), area.xy_nm.max(axis=0)
    found = np.empty((0, 2), np.int64)
    while len(found) < count:
        tried = rng.integers(low, high, (4 * count, 2))
        found = np.concatenate([found, tried[contains(core, tried)]])
    return found[:count]


def polyline_mm(ways: Ways, row: int, start: np.ndarray, end: np.ndarray) -> shapely.LineString:
    corners = ways.xy_nm[ways.offsets[row] : ways.offsets[row + 1]]
    return shapely.LineString(np.vstack([start[row], corners, end[row]]) / MM)


@quick
@given(seeds)
def test_ways_that_cross_a_border_are_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    area = holed(seed)
    ends = rng.integers(-13 * MM, 13 * MM, (2, 300, 2))
    boundary = area_of(area).boundary
    lines = shapely.linestrings(np.stack(list(ends), axis=1) / MM)
    # Two ends of a way never lie on the border here, so crossing is touching.
    assert (crosses_border(*ends, area) == shapely.intersects(boundary, lines)).all()


def test_nothing_is_crossed_where_nothing_is() -> None:
    ends = np.zeros((3, 2), np.int64)
    assert not crosses_border(ends, ends + MM, EMPTY).any()
    assert not crosses_border(ends[:0], ends[:0], rings_of(rectangle(0, 0, 1, 1))).any()
    assert not ways_inside(ends, ends + MM, EMPTY).is_inside.any()


def test_many_ways_give_what_single_ways_give() -> None:
    # More than one block of the table of ways and edges.
    area = rings_of(np.c_[np.cos(t := np.arange(2_000) * np.pi / 1_000), np.sin(t)].tolist())
    rng = np.random.default_rng(2)
    ends = rng.integers(-2 * MM, 2 * MM, (2, 1_500, 2))
    one_by_one = [crosses_border(a[None], b[None], area)[0] for a, b in zip(*ends, strict=True)]
    assert (crosses_border(*ends, area) == one_by_one).all()


@quick
@given(seeds)
def test_ways_stay_inside_and_are_nearly_the_shortest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    area = clip.islands(holed(seed, depth=0.6))[0]
    start, end = places_in(area, rng, 12), places_in(area, rng, 12)
    ways = ways_inside(start, end, area)
    assert ways.is_inside.all()
    inside = area_of(area).buffer(5e-6, join_style="mitre")
    shortest = VisibilityGraph(area)
    for row in range(len(start)):
        way = polyline_mm(ways, row, start, end)
        assert inside.covers(way)
        best = shortest.distance_mm(start[row], end[row])
        assert best - 1e-4 <= way.length <= 1.5 * best + 0.1
        if best < np.hypot(*((end - start)[row] / MM)) + 1e-9:
            assert len(way.coords) == 2


def test_between_islands_there_is_no_way() -> None:
    area = rings_of(rectangle(0, 0, 4, 4), rectangle(6, 0, 4, 4))
    inside = np.array([[1, 1], [7, 1], [20, 20]]) * MM
    start, end = inside[[0, 0, 1, 2, 0]], inside[[0, 1, 0, 0, 2]]
    ways = ways_inside(start, end, area)
    assert ways.is_inside.tolist() == [True, False, False, False, False]
    assert ways.offsets.tolist() == [0] * 6


def test_an_island_in_a_hole_has_ways_of_its_own() -> None:
    area = rings_of(rectangle(0, 0, 20, 20), hole(4, 4, 12, 12), rectangle(7, 7, 6, 6))
    start, end = (
        np.array([[1, 10], [8, 8], [1, 10]]) * MM,
        np.array([[19, 10], [12, 12], [10, 10]]) * MM,
    )
    ways = ways_inside(start, end, area)
    assert ways.is_inside.tolist() == [True, True, False]
    assert island_of(area, ways.xy_nm).min() >= -1
    around = polyline_mm(ways, 0, start, end)
    assert around.length == pytest.approx(2 * np.hypot(3, 6) + 12, abs=1e-3)
    assert len(polyline_mm(ways, 1, start, end).coords) == 2


def test_a_way_along_two_edges_in_line_does_not_leave_between_them() -> None:
    # A bay, from whose shore an inlet runs further in: past it the shore goes on in line.
    bay = [(0, 8), (4, 8), (4, 6), (7, 6), (7, 5), (4, 5), (4, 2), (0, 2)]
    area = rings_of([(0, 0), (10, 0), (10, 10), (0, 10), *bay])
    start, end = np.array([[1, 1]]) * MM, np.array([[1, 9]]) * MM
    ways = ways_inside(start, end, area)
    way = polyline_mm(ways, 0, start, end)
    assert area_of(area).buffer(5e-6, join_style="mitre").covers(way)
    around = np.hypot(3, 1) + np.hypot(3, 3) + 1 + np.hypot(3, 2) + np.hypot(3, 1)
    assert way.length == pytest.approx(around, abs=1e-3)


@quick
@given(seeds)
def test_moving_all_moves_the_ways(seed: int) -> None:
    rng = np.random.default_rng(seed)
    area = clip.islands(holed(seed, depth=0.6))[0]
    start, end = places_in(area, rng, 8), places_in(area, rng, 8)
    here = ways_inside(start, end, area)
    shift = (1_234_567, -89_012_345)
    there = ways_inside(start + shift, end + shift, translated(area, shift))
    assert (here.offsets == there.offsets).all()
    assert np.abs(there.xy_nm - shift - here.xy_nm).max(initial=0) <= 1
