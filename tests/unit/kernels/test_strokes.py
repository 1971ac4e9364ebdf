from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels import strokes
from printstd.kernels.strokes import SUB, paint

GRID = 24
place = st.integers(-4 * SUB, (GRID + 4) * SUB)


def painted(items, shape=(GRID, GRID)):
    """Grid of labels 0.. of strokes ((x0, y0), (x1, y1), radius)."""
    grid = np.full(shape, -1, np.int64)
    start, end = (np.array([item[i] for item in items], np.int64).reshape(-1, 2) for i in (0, 1))
    radius = np.array([item[2] for item in items], np.int64)
    paint(grid, start, end, radius, np.arange(len(items)))
    return grid


def distances(a, b, shape):
    """From each sample's middle to a segment, in 1/SUB, by definition."""
    row, column = np.indices(shape)
    x, y = (np.asarray(i) * SUB + SUB / 2 for i in (column, row))
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    share = np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / square, 0, 1) if square else 0.0
    return np.hypot(x - a[0] - share * dx, y - a[1] - share * dy)


@given(st.tuples(place, place), st.tuples(place, place), st.integers(0, 8 * SUB))
def test_a_sample_is_painted_where_its_middle_is_within_the_radius(a, b, radius):
    grid = painted([(a, b, radius)])
    away = distances(a, b, grid.shape) - radius
    # Corners of the rectangle and whole roots are rounded to steps.
    assert (grid[away < -3] == 0).all()
    assert (grid[away > 3] == -1).all()


@given(
    st.lists(
        st.tuples(st.tuples(place, place), st.tuples(place, place), st.integers(1, 3 * SUB)),
        min_size=1,
        max_size=12,
    )
)
def test_the_greatest_label_wins_and_batches_change_nothing(items):
    whole = painted(items)
    alone = [np.where(painted([item]) == 0, i, -1) for i, item in enumerate(items)]
    assert (whole == np.maximum.reduce(alone)).all()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strokes, "_BATCH_ROWS", 3)
        patch.setattr(strokes, "_BATCH_SAMPLES", 5)
        assert (painted(items) == whole).all()


@pytest.mark.parametrize("angle_deg", [0, 7, 30, 45, 90, 133])
def test_the_area_is_that_of_the_stroke(angle_deg):
    length, radius, middle = 300 * SUB, 9 * SUB, 200 * SUB
    dx, dy = (round(length / 2 * f(math.radians(angle_deg))) for f in (math.cos, math.sin))
    # Over all places between two samples: at 45 degrees one place alone is off by a row.
    count = 0.0
    for part in range(0, SUB, SUB // 16):
        item = ((middle - dx + part, middle - dy), (middle + dx + part, middle + dy), radius)
        count += (painted([item], (400, 400)) >= 0).sum() / 16
    want = (2 * radius * length + math.pi * radius**2) / SUB**2
    assert count == pytest.approx(want, rel=0.002)


@given(st.integers(0, SUB - 1), st.integers(1, 40))
def test_strokes_side_by_side_leave_no_row_out_and_share_none(offset, half):
    radius = half * 64
    items = [
        ((-SUB * 100, offset + 2 * radius * i), (SUB * 200, offset + 2 * radius * i), radius)
        for i in range(-60, 120)
    ]
    middle = [painted([item])[:, GRID // 2] >= 0 for item in items]
    assert (np.sum(middle, axis=0) == 1).all()


def test_nothing_and_what_lies_outside_paint_nothing():
    grid = np.full((4, 4), -1, np.int64)
    none = np.zeros((0, 2), np.int64)
    paint(grid, none, none, np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert (grid == -1).all()
    assert (painted([((-5000, 0), (-5000, 9000), 300)]) == -1).all()
