"""Layer heights against an oracle that tries every stack, and against the facets themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.layer_heights import (
    Facets,
    Levels,
    Window,
    between_levels,
    ceilings_um,
    even_layers,
    fewest_layers,
    highest_layers,
)

quick = settings(max_examples=150, deadline=None, derandomize=True)
NO_LEVELS = Levels(np.empty(0, np.int64), np.empty(0))


@st.composite
def ceilings(draw: st.DrawFn) -> tuple[np.ndarray, Window]:
    least = draw(st.integers(2, 6))
    most = draw(st.integers(least, 14))
    runs = draw(
        st.lists(st.tuples(st.integers(1, 20), st.integers(least, most)), min_size=1, max_size=6)
    )
    cells = np.concatenate([np.full(n, value, np.int64) for n, value in runs])
    return cells, Window(least, most)


def is_right(ceiling: np.ndarray, bottom: int, top: int, window: Window) -> bool:
    """A layer's height is in the window, and under all ceilings it meets unless it is the least."""
    height = top - bottom
    if not window.least_um <= height <= window.most_um:
        return False
    return height == window.least_um or height <= ceiling[bottom:top].min()


def fewest_by_trying(ceiling: np.ndarray, start: int, stop: int, window: Window) -> int | None:
    """The least number of right layers from start to stop, by all ways there are."""
    best: dict[int, int] = {start: 0}
    for z in range(start + 1, stop + 1):
        found = [
            best[bottom] + 1
            for bottom in range(max(start, z - window.most_um), z)
            if bottom in best and is_right(ceiling, bottom, z, window)
        ]
        if found:
            best[z] = min(found)
    return best.get(stop)


@given(ceilings(), st.data())
@quick
def test_as_few_layers_as_there_can_be_and_every_one_right(
    given_: tuple[np.ndarray, Window], data: st.DataObject
) -> None:
    ceiling, window = given_
    start = data.draw(st.integers(0, len(ceiling) - 1))
    stop = data.draw(st.integers(start + 1, len(ceiling)))
    tops = fewest_layers(ceiling, start, stop, window)
    wanted = fewest_by_trying(ceiling, start, stop, window)
    if tops is None:
        assert wanted is None
        return
    assert tops[-1] == stop
    for bottom, top in zip([start, *tops], tops, strict=False):
        assert is_right(ceiling, bottom, top, window)
    assert wanted == len(tops)


@given(
    st.integers(0, 500),
    st.integers(1, 4000),
    st.integers(60, 300),
    st.integers(1, 8),
)
@quick
def test_layers_of_one_height_share_what_is_over(
    start: int, rise: int, height: int, few: int
) -> None:
    window = Window(60, 300)
    tops = even_layers(start, start + rise, height, window, few)
    counts = [n for n in range(1, rise + 1) if 60 * n <= rise <= 300 * n]
    nearest = [n for n in counts if abs(n * height - rise) <= height]
    if tops is None:
        assert not nearest
        return
    heights = np.diff([start, *tops])
    assert tops[-1] == start + rise
    assert heights.min() >= 60
    assert heights.max() <= 300
    changed = np.flatnonzero(heights != height)
    if len(changed):
        # What is changed is on top, evenly, and no more layers than it takes.
        shared = heights[changed[0] :]
        assert shared.max() - shared.min() <= 1
        rest = rise - len(heights) * height
        fewer = len(shared) - 1
        assert fewer < few or not 60 * fewer <= fewer * height + rest <= 300 * fewer


@given(ceilings())
@quick
def test_layers_without_an_end_are_each_as_high_as_may_be(
    given_: tuple[np.ndarray, Window],
) -> None:
    ceiling, window = given_
    tops = highest_layers(ceiling, 0, len(ceiling), window)
    open_above = np.concatenate([ceiling, np.full(window.most_um, window.most_um)])
    for bottom, top in zip([0, *tops], tops, strict=False):
        assert is_right(open_above, bottom, top, window)
        assert top - bottom == window.most_um or not is_right(open_above, bottom, top + 1, window)
        assert bottom + top < 2 * len(ceiling)


def test_levels_are_hit_and_the_smaller_of_two_too_near_ones_gives_way() -> None:
    ceiling = np.full(2001, 250, np.int64)
    levels = Levels(np.array([333, 1000, 1030, 1999]), np.array([1e13, 5e12, 9e12, 3e12]))
    tops = between_levels(ceiling, 200, 2000, levels, Window(70, 250))
    assert tops is not None
    assert {333, 1030, 2000} <= set(tops)
    assert 1000 not in tops
    assert 1999 not in tops
    assert np.diff([200, *tops]).min() >= 70
    assert between_levels(ceiling, 200, 240, NO_LEVELS, Window(70, 250)) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 3_000_000), st.integers(2_000, 900_000), st.floats(0.0, 1.0)),
        max_size=12,
    ),
    st.integers(10, 140),
)
@quick
def test_a_ceiling_is_the_strictest_facet_of_its_cell(
    facets: list[tuple[int, int, float]], bound: int
) -> None:
    window = Window(70, 250)
    low = np.array([f[0] for f in facets], np.int64)
    high = low + np.array([f[1] for f in facets], np.int64)
    upright = np.array([f[2] for f in facets], np.float64)
    found = ceilings_um(Facets(low, high, upright, np.ones(len(low))), bound, window, 4000)
    for cell in range(0, 4000, 7):
        wanted = window.most_um
        for z0, z1, n_z in zip(low.tolist(), high.tolist(), upright.tolist(), strict=True):
            if z0 < (cell + 1) * 1000 and z1 > cell * 1000:
                heights = [h for h in range(70, 251) if h * n_z / 2 <= bound + 1e-9]
                wanted = min(wanted, max(heights, default=70))
        assert found[cell] == wanted


@pytest.mark.parametrize("n_cells", [1, 2, 3, 64, 65])
def test_facets_beyond_the_cells_bind_only_what_is_there(n_cells: int) -> None:
    facets = Facets(
        np.array([-5_000, 0]), np.array([10_000_000, 900]), np.array([1.0, 1.0]), np.ones(2)
    )
    assert (ceilings_um(facets, 50, Window(70, 250), n_cells) == 100).all()
