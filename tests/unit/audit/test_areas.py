"""Areas along lines and in cells, against GEOS and against counting one by one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from printstd.audit.cells import (
    Bits,
    Grid,
    counted_cells,
    counted_sides,
    grid_over,
    shrunk,
    spread,
    steps_within,
)
from printstd.audit.scan import chords, tape_over, united

quick = settings(max_examples=40, deadline=None, derandomize=True)
BOX = (0.0, 0.0, 20_000.0, 16_000.0)

coordinates = st.tuples(st.floats(500, 19_500), st.floats(500, 15_500))
beads = st.lists(st.tuples(coordinates, coordinates, st.floats(100, 400)), min_size=1, max_size=12)


def arrays(
    found: list[tuple[tuple[float, float], tuple[float, float], float]],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    start, end, radius = zip(*found, strict=True)
    return np.array(start), np.array(end), np.array(radius)


def capsules(
    start: NDArray[np.float64], end: NDArray[np.float64], radius: NDArray[np.float64]
) -> NDArray[np.object_]:
    lines = shapely.linestrings(np.stack([start, end], axis=1))
    round_: NDArray[np.object_] = shapely.buffer(lines, radius, quad_segs=64)
    return round_


def region_of(seed: int) -> BaseGeometry:
    """A few blobs and holes inside the box."""
    rng = np.random.default_rng(seed)
    points = rng.uniform((3_000, 3_000), (17_000, 13_000), (6, 2))
    blobs = shapely.buffer(shapely.points(points), rng.uniform(500, 2_500, 6), quad_segs=5)
    return shapely.difference(shapely.union_all(blobs[:4]), shapely.union_all(blobs[4:]))


@quick
@given(beads)
def test_length_on_the_lines_is_area(
    found: list[tuple[tuple[float, float], tuple[float, float], float]],
) -> None:
    start, end, radius = arrays(found)
    pitch = 10.0
    low, high = united(tape_over(BOX, pitch).of_beads(start, end, radius))
    assert (low[1:] > high[:-1]).all()
    exact = shapely.union_all(capsules(start, end, radius)).area
    # Lengths that rise and fall once are summed to within the longest of them.
    longest = float((high - low).max(initial=0.0))
    assert (high - low).sum() * pitch == pytest.approx(exact, rel=2e-3, abs=pitch * longest)


@quick
@given(st.integers(0, 10**6))
def test_a_region_is_cut_into_its_area(seed: int) -> None:
    region = region_of(seed)
    low, high = tape_over(BOX, 20.0).of_region(region)
    assert (high >= low).all()
    assert (low[1:] >= high[:-1]).all()
    assert (high - low).sum() * 20.0 == pytest.approx(region.area, rel=2e-3, abs=2e4)


@quick
@given(
    st.tuples(st.floats(-900, 900), st.floats(-900, 900)),
    st.tuples(st.floats(-900, 900), st.floats(-900, 900)),
    st.floats(10, 500),
    st.floats(-1_000, 1_000),
)
def test_a_chord_is_what_geos_cuts(
    a: tuple[float, float], b: tuple[float, float], radius: float, y: float
) -> None:
    first, last = chords(
        (np.array([a[0]]), np.array([a[1]])),
        (np.array([b[0]]), np.array([b[1]])),
        np.array([radius]),
        y,
    )
    line = shapely.LineString([(-3_000, y), (3_000, y)])
    cut = line.intersection(shapely.LineString([a, b]).buffer(radius, quad_segs=256))
    if cut.length > 30:
        x0, _, x1, _ = cut.bounds
        assert first[0] == pytest.approx(x0, abs=3)
        assert last[0] == pytest.approx(x1, abs=3)
    elif cut.is_empty:
        assert not last[0] - first[0] > 30


def test_intervals_unite_to_the_same_places() -> None:
    rng = np.random.default_rng(3)
    low = rng.integers(0, 1_000, 80).astype(float)
    high = low + rng.integers(0, 12, 80)
    places = np.arange(1_020) + 0.5
    inside = ((places[:, None] > low) & (places[:, None] < high)).any(axis=1)
    a, b = united((low, high))
    again = ((places[:, None] > a) & (places[:, None] < b)).any(axis=1)
    assert (inside == again).all()
    assert (a[1:] > b[:-1]).all()


def unpacked(grid: Grid, bits: Bits) -> NDArray[np.bool_]:
    """(rows, columns) cell by cell."""
    j, i = np.mgrid[0 : grid.n_rows, 0 : grid.n_columns]
    middles = np.column_stack(
        [grid.x0 + (i.ravel() + 0.5) * grid.cell_um, grid.y0 + (j.ravel() + 0.5) * grid.cell_um]
    )
    return grid.has(bits, middles).reshape(grid.n_rows, grid.n_columns)


@quick
@given(st.integers(0, 10**6), st.sampled_from([137.0, 400.0]))
def test_a_cell_is_set_where_its_middle_lies_inside(seed: int, cell_um: float) -> None:
    region = region_of(seed)
    grid = grid_over(BOX, cell_um)
    bits = grid.of_regions([region])[0]
    middles = grid.middles(~np.zeros_like(bits), 1)
    assert len(middles) == grid.n_rows * grid.n_columns
    # A middle that lies on the border may go either way.
    clear = ~shapely.dwithin(shapely.boundary(region), shapely.points(middles), 0.01)
    inside = shapely.contains_xy(region, middles)
    assert (grid.has(bits, middles) == inside)[clear].all()
    assert abs(int(counted_cells(bits)) - int(inside.sum())) <= int((~clear).sum())
    assert not grid.has(bits, np.array([[-1e6, 0.0], [1e6, 1e6]])).any()


def grown_by_hand(cells: NDArray[np.bool_], with_corners: bool) -> NDArray[np.bool_]:
    padded = np.pad(cells, 1)
    out = np.zeros_like(cells)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            if with_corners or dx == 0 or dy == 0:
                rows, columns = cells.shape
                out |= padded[1 + dy : 1 + dy + rows, 1 + dx : 1 + dx + columns]
    return out


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5])
def test_cells_spread_and_shrink_as_counted_by_hand(steps: int) -> None:
    grid = grid_over(BOX, 137.0)
    for seed in range(5):
        bits = grid.of_regions([region_of(seed)])[0]
        less = more = unpacked(grid, bits)
        for step in range(steps):
            more = grown_by_hand(more, step % 2 == 1)
            less = ~grown_by_hand(~less, step % 2 == 1)
        assert (unpacked(grid, spread(bits, steps)) == more).all()
        assert (unpacked(grid, shrunk(bits, steps)) == less).all()


def test_sides_between_cells_as_counted_by_hand() -> None:
    grid = grid_over(BOX, 137.0)
    for seed in range(5):
        bits = grid.of_regions([region_of(seed)])[0]
        cells = unpacked(grid, bits)
        sides = (cells[1:] != cells[:-1]).sum() + (cells[:, 1:] != cells[:, :-1]).sum()
        assert counted_sides(bits) == sides


@quick
@given(st.integers(0, 10**6), st.floats(0.5, 9.0))
def test_cells_a_few_steps_from_points_are_that_near_to_them(seed: int, reach: float) -> None:
    """What says that there is no void never says so of a cell that is further away."""
    rng = np.random.default_rng(seed)
    grid = grid_over(BOX, 400.0)
    points, layer = rng.uniform((0, 0), (20_000, 16_000), (6, 2)), rng.integers(0, 3, 6)
    touched = grid.around_points(points, layer, 3)
    assert grid.has_each(touched, layer, points).all()
    assert int(counted_cells(touched).sum()) <= len(points)
    steps = steps_within(reach)
    assert steps < reach
    for number, near in enumerate(spread(touched, steps) if steps else touched):
        own = points[layer == number]
        middles = grid.middles(near, 1)
        if steps and len(own):
            far = np.hypot(*(middles[:, None] - own).transpose(2, 0, 1)).min(axis=1)
            assert far.max() <= reach * 400.0
