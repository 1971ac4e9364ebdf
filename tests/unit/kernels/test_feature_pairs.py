"""Features of two models: each finds the one that it was, whatever the order, the shift and the
change of others."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels.feature_pairs import (
    ACROSS_AXIS,
    ALONG_AXIS,
    IN_SPACE,
    Shapes,
    best_shift,
    moved_by,
    pairs_of,
)

NOTHING = np.zeros(3)
Z = (0.0, 0.0, 1.0)


def shapes(*rows) -> Shapes:
    """rows : (kind, place, point, axis, size)."""
    return Shapes(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float64).reshape(-1, 3),
        np.array([row[3] for row in rows], np.float64).reshape(-1, 3),
        np.array([row[4] for row in rows], np.float64),
        np.full(len(rows), 1e-4),
    )


def hole(x: float, y: float, z: float = 3.0, size: float = 6.0):
    return (0, ACROSS_AXIS, (x, y, z), Z, size)


def wall(z: float, size: float, x: float = 0.0):
    return (1, ALONG_AXIS, (x, 0.0, z), Z, size)


def rows_of(array: np.ndarray) -> list[tuple[int, int]]:
    return [(int(i), int(j)) for i, j in array]


def test_a_hole_that_grew_one_that_moved_one_that_came_and_one_that_went():
    first = shapes(hole(10, 10), hole(30, 10), hole(50, 50, size=20))
    second = shapes(hole(80, 5, size=3), hole(30, 12), hole(10, 10, size=6.5))
    assert rows_of(pairs_of(first, second, NOTHING, 60.0)) == [(0, 2), (1, 1)]


def test_the_middle_of_a_hole_s_length_says_nothing_and_its_axis_everything():
    first = shapes(hole(10, 10, 3))
    second = shapes(hole(10, 10, 4.5))
    assert not moved_by(first, second, NOTHING).any()
    aside = shapes(hole(11, 10, 4.5))
    assert moved_by(first, aside, NOTHING).tolist() == [[1.0, 0.0, 0.0]]


def test_planes_of_which_one_stayed_did_not_move():
    assert not moved_by(shapes(wall(3, 6)), shapes(wall(3.5, 7)), NOTHING).any()
    assert moved_by(shapes(wall(3, 6)), shapes(wall(4, 6)), NOTHING).tolist() == [[0, 0, 1]]
    assert not moved_by(shapes(wall(3, 6)), shapes(wall(3, 6, x=2)), NOTHING).any()


def test_other_kinds_and_other_axes_are_others():
    first = shapes(hole(10, 10))
    turned = shapes((0, ACROSS_AXIS, (10, 10, 3), (1.0, 0.0, 0.0), 6.0))
    other = shapes((5, ACROSS_AXIS, (10, 10, 3), Z, 6.0))
    for second in (turned, other, shapes()):
        assert rows_of(pairs_of(first, second, NOTHING, 60.0)) == []
    opposite = shapes((0, ACROSS_AXIS, (10, 10, 3), (0.0, 0.0, -1.0), 6.0))
    assert rows_of(pairs_of(first, opposite, NOTHING, 60.0)) == [(0, 0)]


CELL = st.tuples(st.integers(0, 9), st.integers(0, 9))


@given(
    st.lists(CELL, min_size=2, max_size=12, unique=True),
    st.randoms(use_true_random=False),
    st.tuples(*[st.floats(-50, 50)] * 3),
)
def test_a_model_that_was_only_moved_finds_all_of_itself(cells, random, shift):
    """Whatever the order: none is moved, once the whole is."""
    first = [(2, IN_SPACE, (20.0 * x, 20.0 * y, 1.0), Z, 2.0 + x + 0.1 * y) for x, y in cells]
    order = list(range(len(first)))
    random.shuffle(order)
    second = [
        (k, p, tuple(np.add(point, shift)), axis, size)
        for k, p, point, axis, size in (first[i] for i in order)
    ]
    one, other = shapes(*first), shapes(*second)
    found = best_shift(one, other, np.stack([NOTHING, np.array(shift)]))
    pairs = pairs_of(one, other, found, 1000.0)
    assert rows_of(pairs) == [(i, order.index(i)) for i in range(len(first))]
    left = moved_by(
        Shapes(*(column[pairs[:, 0]] for column in one)),
        Shapes(*(column[pairs[:, 1]] for column in other)),
        found,
    )
    assert np.abs(left).max() <= 0.0105


@given(st.lists(CELL, max_size=8, unique=True), st.lists(CELL, max_size=8, unique=True))
def test_nobody_is_paired_twice(ours, theirs):
    first = shapes(*(hole(20 * x, 20 * y) for x, y in ours))
    second = shapes(*(hole(20 * x, 20 * y) for x, y in theirs))
    found = rows_of(pairs_of(first, second, NOTHING, 1000.0))
    assert len({i for i, _ in found}) == len({j for _, j in found}) == len(found)
    assert len(found) == min(len(ours), len(theirs))  # all look alike, and reach is no bound
    same = {(ours.index(c), theirs.index(c)) for c in set(ours) & set(theirs)}
    assert same <= set(found)
