"""Scan lines through areas, and the pairing of their crossings, against shapely."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels import clip
from printstd.kernels.crossings import Crossings, Pieces, numbered_apart, overlaps, paired, passes
from printstd.kernels.hatch import Lines, crossed_nm, extents_nm, hatched, lengths, lengthways
from printstd.kernels.rings import Rings, concat, translated
from printstd.kernels.turns import direction
from tests.oracles.areas import MM, area_of, holed, rectangle, rings_of
from tests.oracles.effort import few

quick = few(25)
seeds = st.integers(0, 2**31)
angles = st.sampled_from([0.0, 45.0, 90.0, 135.0, 17.0, 91.3, 300.0])


def family(area: Rings, angle_deg: float, step_mm: float, first_mm: float = 0.013) -> Lines:
    along = np.array([direction(angle_deg)], np.int64)
    return Lines(along, lengths(along), np.array([first_mm * MM]), np.array([step_mm * MM]))


def one_region(area: Rings) -> np.ndarray:
    return np.zeros(area.n_rings, np.int64)


def cut(area: Rings, lines: Lines) -> tuple[Crossings, Pieces]:
    crossings = hatched(area, one_region(area), lines)
    return crossings, paired(crossings)


def frame(lines: Lines, xy_nm: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(along, across) of points, nm, float64 with 1e-9 relative error."""
    c, s = (lines.along[0] / lines.length[0]).tolist()
    return xy_nm[:, 0] * c + xy_nm[:, 1] * s, xy_nm[:, 1] * c - xy_nm[:, 0] * s


@quick
@given(seeds, angles)
def test_pieces_are_what_the_area_leaves_of_each_line(seed: int, angle_deg: float) -> None:
    area, step = holed(seed), 0.7
    lines = family(area, angle_deg, step)
    crossings, pieces = cut(area, lines)
    u0, v0 = frame(lines, crossings.xy_nm[pieces.start])
    u1, v1 = frame(lines, crossings.xy_nm[pieces.end])
    number = np.rint((v0 - lines.first) / lines.step[0])
    # Both ends lie on one line of the family, to the rounding of a vertex to nm.
    for v in (v0, v1):
        assert np.abs(lines.first + number * lines.step - v).max() < 2
    assert (u1 >= u0).all()
    wanted = area_of(area)
    c, s = (lines.along[0] / lines.length[0]).tolist()
    for i in range(int(number.min()) - 2, int(number.max()) + 3):
        v = (lines.first[0] + i * lines.step[0]) / MM
        line = shapely.LineString(
            [(-40 * c - v * s, -40 * s + v * c), (40 * c - v * s, 40 * s + v * c)]
        )
        mine = number == i
        assert (u1 - u0)[mine].sum() / MM == pytest.approx(
            line.intersection(wanted).length, abs=2e-5
        )


@quick
@given(seeds, angles)
def test_every_crossing_lies_on_its_edge_where_it_says(seed: int, angle_deg: float) -> None:
    area = holed(seed)
    lines = family(area, angle_deg, 0.31)
    crossings, pieces = cut(area, lines)
    ring = np.searchsorted(area.offsets, crossings.edge, side="right") - 1
    following = np.where(
        crossings.edge + 1 == area.offsets[ring + 1], area.offsets[ring], crossings.edge + 1
    )
    a, b = area.xy_nm[crossings.edge].astype(float), area.xy_nm[following].astype(float)
    length = np.hypot(*(b - a).T)
    run = np.hypot(*(crossings.xy_nm - a).T)
    assert np.abs(run - crossings.run_nm).max() <= 2
    way, here = b - a, crossings.xy_nm - a
    off = (way[:, 0] * here[:, 1] - way[:, 1] * here[:, 0]) / length
    assert np.abs(off).max() <= 1
    # They come in the order in which the rings pass them.
    key = crossings.edge * 2.0**40 + crossings.run_nm
    assert (np.diff(key) >= 0).all()
    # Material lies to the left: a ring that rises across the lines ends a piece, one that falls
    # starts it (along the lines' direction).
    assert not crossings.rises[pieces.start].any()
    assert crossings.rises[pieces.end].all()
    assert (np.sort(np.concatenate([pieces.start, pieces.end])) == np.arange(len(ring))).all()


@quick
@given(seeds, seeds)
def test_regions_do_not_feel_each_other(seed: int, other: int) -> None:
    parts = [holed(seed), translated(holed(other), (3 * MM, -MM)), rings_of(rectangle(0, 0, 9, 2))]
    along = np.array([direction(a) for a in (45.0, 17.0, 90.0)], np.int64)
    first, step = np.array([1e4, -3e5, 0.0]), np.array([4e5, 7e5, 1.1e6])
    lines = Lines(along, lengths(along), first, step)
    region = np.repeat(np.arange(3), [part.n_rings for part in parts])
    together = hatched(concat(parts), region, lines)
    of = region[np.searchsorted(concat(parts).offsets, together.edge, side="right") - 1]
    before = 0
    for i, part in enumerate(parts):
        alone = hatched(part, one_region(part), Lines(*(column[i : i + 1] for column in lines)))
        mine = of == i
        assert (together.xy_nm[mine] == alone.xy_nm).all()
        assert (together.edge[mine] - before == alone.edge).all()
        shift = np.unique(together.line[mine] - alone.line)
        assert len(shift) == 1
        assert shift[0] % 2 == 0
        before += len(part.xy_nm)
    # No line of one region is next to one of another.
    numbers = [np.unique(together.line[of == i]) for i in range(3)]
    assert all(b.min() - a.max() > 1 for a, b in pairwise(numbers))


@quick
@given(seeds, angles)
def test_extents_are_those_of_the_turned_area(seed: int, angle_deg: float) -> None:
    parts = [holed(seed), rings_of(rectangle(3, -20, 2, 7))]
    along = np.array([direction(angle_deg)] * 2, np.int64)
    region = np.repeat(np.arange(2), [part.n_rings for part in parts])
    low, high = extents_nm(concat(parts), region, along)
    for i, part in enumerate(parts):
        _, v = frame(Lines(along, lengths(along), low, high), part.xy_nm.astype(float))
        assert low[i] == pytest.approx(v.min(), abs=1e-2)
        assert high[i] == pytest.approx(v.max(), abs=1e-2)


@quick
@given(seeds, angles)
def test_overlaps_are_those_of_a_double_loop(seed: int, angle_deg: float) -> None:
    area = clip.union([holed(seed), translated(holed(seed + 1), (14 * MM, 2 * MM))])
    crossings, pieces = cut(area, family(area, angle_deg, 0.9))
    below, above = overlaps(crossings, pieces)
    line = crossings.line[pieces.start]
    low, high = crossings.along_nm[pieces.start], crossings.along_nm[pieces.end]
    wanted = {
        (a, b)
        for a in range(len(line))
        for b in range(len(line))
        if line[b] == line[a] + 1 and low[b] < high[a] and low[a] < high[b]
    }
    assert set(zip(below.tolist(), above.tolist(), strict=True)) == wanted
    assert len(below) == len(wanted)


def test_a_line_through_vertices_crosses_closed_rings_evenly() -> None:
    # Vertices, whole edges and touching corners on the lines: whatever is decided, pieces pair.
    area = rings_of(
        [(0, 0), (4, 0), (4, 4), (3, 4), (3, 2), (2, 4), (1, 2), (1, 4), (0, 4)],
        [(1, 1), (1, 1.5), (2, 1.5), (2, 1)],
    )
    lines = Lines(np.array([[1, 0]]), np.ones(1), np.zeros(1), np.array([0.5 * MM]))
    crossings, pieces = cut(area, lines)
    counts = np.bincount(crossings.line)
    assert (counts % 2 == 0).all()
    length = crossings.along_nm[pieces.end] - crossings.along_nm[pieces.start]
    assert (length >= 0).all()


def test_passes_count_and_number_the_curves_between() -> None:
    rng = np.random.default_rng(3)
    start, end = rng.integers(-9, 9, (2, 200))
    found = passes(start, end)
    wanted = []
    for edge, (a, b) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        curves = range(a, b) if b > a else range(a - 1, b - 1, -1)
        wanted += [(edge, curve, b > a) for curve in curves]
    assert list(zip(*(column.tolist() for column in found), strict=True)) == wanted


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 40)), min_size=1, max_size=9))
def test_numbers_of_regions_stay_apart_and_keep_their_parity(spans: list[tuple[int, int]]) -> None:
    low = np.array([a for a, _ in spans])
    high = low + np.array([n for _, n in spans])
    shift = numbered_apart(low, high)
    assert (shift % 2 == 0).all()
    assert (low[0] + shift[0]) in (0, 1)
    assert ((low + shift)[1:] - (high + shift)[:-1] >= 2).all()


@quick
@given(seeds, angles)
def test_what_lines_cross_is_their_number_times_their_distance(seed: int, angle_deg: float) -> None:
    area, step = holed(seed), 0.05
    lines = family(area, angle_deg, step)
    pieces = cut(area, lines)[1]
    low, high = extents_nm(area, one_region(area), lines.along)
    found = float(crossed_nm(area, one_region(area), lines.along)[0])
    assert found >= (high - low)[0] - 1.0
    # Each turn of the outline is off by a line at most.
    assert len(pieces.start) * step * MM == pytest.approx(found, abs=step * MM * len(area.xy_nm))


@pytest.mark.parametrize("angle_deg", [0.0, 12.3, 45.0, 90.0, 101.0, 135.0, 179.9])
def test_lengthways_is_along_the_long_sides(angle_deg: float) -> None:
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    corners = np.array([[0, 0], [20, 0], [20, 1], [0, 1.0]]) * MM
    strip = Rings(np.rint(corners @ np.array([[c, s], [-s, c]])).astype(np.int64), np.array([0, 4]))
    other = rings_of(rectangle(30, 0, 8.0, 0.7))
    both = concat([strip, other])
    found = lengthways(both, np.array([0, 1]), 2)
    turn = np.degrees(np.arctan2(found[0, 1], found[0, 0])) - angle_deg
    assert abs((turn + 90) % 180 - 90) < 0.01
    assert found[1, 1] == 0 < found[1, 0]
    assert np.abs(found).max() <= 1 << 20


def test_what_is_no_longer_than_wide_has_some_direction() -> None:
    square = rings_of(rectangle(0, 0, 5.0, 5.0))
    assert np.abs(lengthways(square, np.zeros(1, np.int64), 1)).sum() > 0
