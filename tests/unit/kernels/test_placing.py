"""Placement: exact at any size, the same as fractions, quantised the way it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.errors import SlicingError
from printstd.kernels.placing import (
    IDENTITY_E9,
    default_placement,
    divide_half_even,
    place_vertices,
    rotation_e9_from_degrees,
)
from tests.oracles.placing_by_fractions import placed
from tests.stacks import box

coordinate = st.floats(-9e3, 9e3, allow_nan=False)
entry = st.integers(-(10**9), 10**9)
quick = settings(max_examples=150, deadline=None, derandomize=True)


@given(
    st.lists(st.tuples(coordinate, coordinate, coordinate), min_size=1, max_size=5),
    st.tuples(*[entry] * 9),
    st.tuples(*[st.integers(-(10**6), 10**6)] * 3),
    st.integers(1, 1_000_000),
    st.integers(1_000_000, 1_050_000),
    st.integers(1_000_000, 1_050_000),
)
@quick
def test_placement_is_that_of_exact_fractions(points, rotation, shift, scale, xy, z) -> None:
    vertices_mm = np.array(points, np.float64)
    got = place_vertices(
        vertices_mm,
        rotation_e9=rotation,
        translation_um=shift,
        scale_e6=scale,
        shrink_xy_e6=xy,
        shrink_z_e6=z,
    )
    assert got.dtype == np.int64
    assert got.tolist() == placed(vertices_mm, rotation, shift, scale, (xy, xy, z))


def test_where_three_products_would_overflow_the_result_is_still_exact() -> None:
    vertices_mm = np.array([[9e3, 9e3, 9e3], [-9e3, -9e3, -9e3], [9e3, -9e3, 9e3]])
    rotation = (10**9,) * 9
    got = place_vertices(
        vertices_mm, rotation_e9=rotation, translation_um=(0, 0, 0), scale_e6=10**6
    )
    assert got.tolist() == placed(vertices_mm, rotation, (0, 0, 0), 10**6)
    assert got[0, 0] == 27 * 10**9


@given(st.integers(-(2**62), 2**62), st.integers(1, 2**40))
@quick
def test_division_rounds_half_to_even(numerator: int, denominator: int) -> None:
    from fractions import Fraction

    got = divide_half_even(np.array([numerator]), denominator)
    assert got.tolist() == [round(Fraction(numerator, denominator))]


@pytest.mark.parametrize(
    ("numerator", "rounded"), [(5, 0), (15, 2), (25, 2), (-5, 0), (-15, -2), (-25, -2), (14, 1)]
)
def test_ties_go_to_even(numerator: int, rounded: int) -> None:
    assert divide_half_even(np.array([numerator]), 10).tolist() == [rounded]


def test_a_place_out_of_all_range_is_refused_not_wrapped() -> None:
    with pytest.raises(SlicingError) as caught:
        place_vertices(
            np.array([[0.0, 0.0, 2e10]]),
            rotation_e9=IDENTITY_E9,
            translation_um=(0, 0, 0),
            scale_e6=10**6,
        )
    assert caught.value.exit_code == 5
    assert "m" in (caught.value.got or "")


@given(
    st.tuples(*[st.floats(0.1, 300)] * 3),
    st.tuples(*[st.floats(-500, 500)] * 3),
    st.tuples(*[st.floats(-360, 360)] * 3),
    st.tuples(st.integers(0, 300_000), st.integers(0, 300_000)),
    st.integers(1_000_000, 1_010_000),
)
@quick
def test_default_placement_centres_and_stands_on_the_bed(size, at, turn, centre, shrink) -> None:
    vertices_mm, faces = box(size, at)
    # A vertex that nothing uses must not pull the part aside.
    vertices_mm = np.vstack([vertices_mm, [[9e3, 9e3, -9e3]]])
    rotation = rotation_e9_from_degrees(*turn)
    how = {"rotation_e9": rotation, "scale_e6": 10**6, "shrink_xy_e6": shrink}
    shift = default_placement(vertices_mm, faces, bed_centre_um=centre, **how)
    placed_nm = place_vertices(vertices_mm, translation_um=shift, **how)[:8]
    low, high = placed_nm.min(axis=0), placed_nm.max(axis=0)
    assert abs(int(low[2])) <= 500
    assert (np.abs((low + high)[:2] - 2000 * np.array(centre)) <= 1000).all()


@pytest.mark.parametrize("quarter", range(-5, 6))
@pytest.mark.parametrize("axis", range(3))
def test_quarter_turns_are_exact_and_come_round(quarter: int, axis: int) -> None:
    angles = [0.0, 0.0, 0.0]
    angles[axis] = 90.0 * quarter
    matrix = np.array(rotation_e9_from_degrees(*angles)).reshape(3, 3)
    assert set(np.abs(matrix).ravel().tolist()) <= {0, 10**9}
    first, second = [i for i in range(3) if i != axis]
    if axis == 1:
        first, second = second, first
    turned = [(1, 0), (0, 1), (-1, 0), (0, -1)][quarter % 4]
    assert (matrix[first, first] // 10**9, matrix[second, first] // 10**9) == turned


@given(*[st.floats(-1000, 1000)] * 3)
@quick
def test_rotations_keep_lengths_and_handedness(x: float, y: float, z: float) -> None:
    matrix = np.array(rotation_e9_from_degrees(x, y, z), np.float64).reshape(3, 3) / 1e9
    assert np.abs(matrix @ matrix.T - np.eye(3)).max() < 1e-8
    assert np.linalg.det(matrix) > 0.999


def test_turns_are_about_fixed_axes_x_then_y_then_z() -> None:
    matrix = np.array(rotation_e9_from_degrees(90, 0, 90)).reshape(3, 3) // 10**9
    assert (matrix @ [0, 1, 0]).tolist() == [0, 0, 1]  # X lifts Y to Z, which Z leaves alone
    assert (matrix @ [1, 0, 0]).tolist() == [0, 1, 0]
