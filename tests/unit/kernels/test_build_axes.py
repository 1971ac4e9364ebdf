"""Orientation notation of ISO 17295, and the smallest box."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.build_axes import (
    NOTATIONS,
    TIE_MM,
    notation,
    quarter_turns,
    smallest_box,
    stands_as,
    turned_to,
)
from printstd.kernels.placing import IDENTITY_E9, rotation_e9_from_degrees

SIDES = st.floats(0.1, 500.0, allow_nan=False)
THREE = st.tuples(SIDES, SIDES, SIDES)


def matrix(rotation: tuple[int, ...]) -> np.ndarray:
    return np.array(rotation, np.float64).reshape(3, 3) / 1e9


def test_the_example_of_the_standard() -> None:
    """Longest along Z, second along X."""
    assert notation(np.array([20.0, 10.0, 30.0])).letters == "ZXY"


@pytest.mark.parametrize("wanted", NOTATIONS)
def test_each_notation_reads_back(wanted: str) -> None:
    sizes = np.array([{wanted[0]: 30.0, wanted[1]: 20.0, wanted[2]: 10.0}[axis] for axis in "XYZ"])
    assert notation(sizes) == (wanted, ())
    assert [one for one in NOTATIONS if stands_as(sizes, one)] == [wanted]
    for length in (1, 2):
        assert stands_as(sizes, wanted[:length])


def test_sizes_that_differ_by_the_tolerance_tie_and_by_more_do_not() -> None:
    tied = notation(np.array([10.0, 10.0 + TIE_MM, 3.0]))
    assert tied == ("XYZ", ("XY",))
    assert notation(np.array([10.0, 10.0 + 1.01 * TIE_MM, 3.0])) == ("YXZ", ())
    assert notation(np.array([5.0, 5.0, 5.0])).ties == ("XY", "YZ")


@given(THREE)
@settings(max_examples=200, deadline=None)
def test_whatever_is_named_is_how_it_stands(sizes: tuple[float, float, float]) -> None:
    extents = np.array(sizes)
    found = notation(extents)
    assert sorted(found.letters) == ["X", "Y", "Z"]
    assert stands_as(extents, found.letters)
    if not found.ties:
        assert [one for one in NOTATIONS if stands_as(extents, one)] == [found.letters]


def test_the_quarter_turns_are_the_rotation_group_of_the_cube() -> None:
    turns = [matrix(rotation) for rotation in quarter_turns()]
    assert quarter_turns()[0] == IDENTITY_E9
    assert len({tuple(turn.reshape(-1)) for turn in turns}) == 24
    for turn in turns:
        assert np.array_equal(turn @ turn.T, np.eye(3))
        assert np.linalg.det(turn) == pytest.approx(1.0)
    angles = [np.arccos((np.trace(turn) - 1) / 2) for turn in turns]
    assert angles == sorted(angles)


@given(THREE, st.sampled_from([*NOTATIONS, "X", "Y", "Z", "XY", "ZX"]))
@settings(max_examples=300, deadline=None)
def test_a_part_is_turned_to_what_is_wanted_by_the_smallest_turn(
    sizes: tuple[float, float, float], wanted: str
) -> None:
    extents = np.array(sizes)
    turn = turned_to(extents, wanted)
    assert stands_as(np.abs(matrix(turn)) @ extents, wanted)
    able = [r for r in quarter_turns() if stands_as(np.abs(matrix(r)) @ extents, wanted)]
    assert np.trace(matrix(turn)) == max(np.trace(matrix(r)) for r in able)
    if stands_as(extents, wanted):
        assert turn == IDENTITY_E9


@given(THREE, st.tuples(*[st.floats(-180, 180)] * 3))
@settings(max_examples=60, deadline=None)
def test_the_smallest_box_of_a_turned_box_is_the_box(
    sizes: tuple[float, float, float], angles: tuple[float, float, float]
) -> None:
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)]) * sizes
    turned = corners @ matrix(rotation_e9_from_degrees(*angles)).T
    assert smallest_box(turned) == pytest.approx(sorted(sizes, reverse=True), rel=1e-5, abs=1e-5)


@given(st.lists(st.tuples(*[st.floats(-50, 50)] * 3), min_size=8, max_size=40))
@settings(max_examples=60, deadline=None)
def test_it_is_no_larger_than_the_machine_s_and_no_smaller_than_the_hull(
    points: list[tuple[float, float, float]],
) -> None:
    import manifold3d

    cloud = np.array(points)
    box = smallest_box(cloud)
    assert list(box) == sorted(box, reverse=True)
    along = cloud.max(axis=0) - cloud.min(axis=0)
    assert box.prod() <= along.prod() * (1 + 1e-9)
    hull = manifold3d.Manifold.hull_points(cloud)
    assert box.prod() >= hull.volume() * (1 - 1e-6)
