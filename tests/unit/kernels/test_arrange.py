"""Arrangement against exact polygons: no two parts too near, nothing off the bed, nothing lost."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.arrange import DIRECTIONS, Room, arranged, gap_um, supports_um

ROOM = Room(-20_000, 0, 230_000, 210_000)
SPACING_UM = 6_000


def box(width_um: int, depth_um: int) -> np.ndarray:
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.int64)
    return corners * np.array([width_um, depth_um]) * 1000


@st.composite
def outlines(draw):
    """(n, 2) nm: any points, anywhere near the bed."""
    n = draw(st.integers(3, 12))
    numbers = st.integers(-25_000_000, 25_000_000)
    points = draw(st.lists(st.tuples(numbers, numbers), min_size=n, max_size=n))
    at = draw(st.tuples(numbers, numbers))
    return np.array(points, np.int64) + np.array(at)


@settings(max_examples=60, deadline=None)
@given(st.lists(outlines(), min_size=1, max_size=6), st.integers(0, 8_000))
def test_parts_keep_their_distance_and_stay_in_the_room(parts, spacing_um):
    found = arranged([supports_um(points) for points in parts], ROOM, spacing_um=spacing_um)
    n = len(parts) if found.left_out < 0 else found.left_out
    placed = [
        points + shift * 1000 for points, shift in zip(parts[:n], found.shift_um[:n], strict=True)
    ]
    hulls = [shapely.convex_hull(shapely.multipoints(points / 1000)) for points in placed]
    for number, hull in enumerate(hulls):
        for other in hulls[:number]:
            assert hull.distance(other) >= spacing_um - 1e-6
    if found.left_out < 0:
        every = np.concatenate(placed) / 1000
        assert (every.min(axis=0) >= [ROOM.x_min_um, ROOM.y_min_um]).all()
        assert (every.max(axis=0) <= [ROOM.x_max_um, ROOM.y_max_um]).all()


@given(outlines())
def test_supports_hold_every_point_and_touch_one_in_each_direction(points):
    reach = points @ DIRECTIONS.T
    supports = supports_um(points) * 1000
    assert (reach <= supports).all()
    assert (reach.max(axis=0) > supports - 1000).all()


def test_one_part_goes_to_the_middle_and_a_group_is_centred():
    alone = arranged([supports_um(box(20_000, 10_000))], ROOM, spacing_um=SPACING_UM)
    assert alone.shift_um.tolist() == [[95_000, 100_000]]
    many = arranged([supports_um(box(20_000, 10_000))] * 7, ROOM, spacing_um=SPACING_UM)
    low, high = many.shift_um.min(axis=0), many.shift_um.max(axis=0) + np.array([20_000, 10_000])
    assert np.abs(low + high - [210_000, 210_000]).max() <= 1


def test_the_same_place_wherever_a_part_was():
    """Copies lie where the plate wants them, not where their files had them."""
    moved = [box(20_000, 10_000) + np.array([k * 7, -k]) * 1_000_000 for k in range(5)]
    here = arranged([supports_um(box(20_000, 10_000))] * 5, ROOM, spacing_um=SPACING_UM)
    there = arranged([supports_um(points) for points in moved], ROOM, spacing_um=SPACING_UM)
    for k, points in enumerate(moved):
        low = points.min(axis=0) // 1000 + there.shift_um[k]
        assert (low == here.shift_um[k]).all()


@pytest.mark.parametrize(("count", "left_out"), [(54, -1), (200, None)])
def test_a_bed_takes_most_of_what_a_grid_would(count, left_out):
    """Cubes of 20 mm: a grid has room for 9 x 8; placed from the middle, three quarters of it."""
    found = arranged([supports_um(box(20_000, 20_000))] * count, ROOM, spacing_um=SPACING_UM)
    if left_out is not None:
        assert found.left_out == left_out
    else:
        assert 54 <= found.left_out <= 72


def test_what_does_not_fit_is_named():
    parts = [supports_um(box(240_000, 200_000)), supports_um(box(20_000, 20_000))]
    assert arranged(parts, ROOM, spacing_um=SPACING_UM).left_out == 1
    parts = [supports_um(box(251_000, 20_000))]
    assert arranged(parts, ROOM, spacing_um=SPACING_UM).left_out == 0


def test_neighbours_touch_the_spacing():
    """As near as they may be, to the few um by which places are tried."""
    own = supports_um(box(20_000, 20_000))
    found = arranged([own, own], ROOM, spacing_um=SPACING_UM)
    first, second = (own + DIRECTIONS @ shift for shift in found.shift_um)
    assert SPACING_UM <= gap_um(first, second) <= SPACING_UM + 4
