"""Beads crossed by lines: closed forms against distances, and free sides of pieces of material."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from printstd.audit.surfaces import TOUCH_UM, free_side, stretches

number = st.integers(-2000, 2000).map(float)


def distance(point, start, end):
    way = end - start
    square = float(way @ way)
    share = 0.0 if square == 0 else min(max(float((point - start) @ way) / square, 0.0), 1.0)
    return float(np.hypot(*(point - start - share * way)))


@given(number, number, number, number, number, number, st.floats(0, 6.3), st.integers(50, 400))
def test_a_stretch_is_where_the_bead_is(px, py, ax, ay, bx, by, angle, half):
    at, start, end = np.array([px, py]), np.array([ax, ay]), np.array([bx, by])
    way = np.array([np.cos(angle), np.sin(angle)])
    ends = stretches(*(one[None] for one in (at, way, start, end)), np.array([float(half)]))
    low, high = (float(value[0]) for value in ends)
    if low > high:
        along = np.linspace(-6000, 6000, 4001)
        near = min(distance(at + x * way, start, end) for x in along)
        assert near >= half - 3.0
        return
    for x in (low, high):
        assert abs(distance(at + x * way, start, end) - half) < 1e-3
    assert distance(at + (low + high) / 2 * way, start, end) <= half + 1e-6


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-900, 900), st.integers(0, 400)), max_size=12)
)
def test_the_free_side_is_the_end_of_the_piece_nearest_to_its_place(rows):
    line = np.array([row[0] for row in rows], np.int64)
    low = np.array([float(row[1]) for row in rows])
    high = low + np.array([float(row[2]) for row in rows])
    found = free_side(line, low, high, 4, np.full(4, 500.0))
    for number_ in range(4):
        own = sorted((low[i], high[i]) for i in range(len(rows)) if line[i] == number_)
        ends: list[float] = []
        reach = -np.inf
        for start, end in own:
            if start > reach + TOUCH_UM and np.isfinite(reach):
                ends.append(float(reach))
            reach = max(reach, end)
        if own:
            ends.append(float(reach))
        near = [abs(end) for end in ends if abs(end) <= 500.0]
        if near:
            assert abs(abs(found[number_]) - min(near)) < 1e-6
        else:
            assert np.isnan(found[number_])
