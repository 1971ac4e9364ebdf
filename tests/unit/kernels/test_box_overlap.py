"""Triangles in a box, against clipping each triangle by the box's six planes."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.box_overlap import triangles_in_box

GRID = st.integers(-8, 8)
POINT = st.tuples(GRID, GRID, GRID)


def clipped_has_points(corners: np.ndarray, low: np.ndarray, high: np.ndarray) -> bool:
    """Sutherland and Hodgman in whole numbers and fractions: is anything of the triangle left?"""
    from fractions import Fraction

    ring = [[Fraction(int(value)) for value in corner] for corner in corners]
    for axis in range(3):
        for sign, limit in ((1, high[axis]), (-1, -low[axis])):
            kept = []
            for first, second in zip(ring, ring[1:] + ring[:1], strict=True):
                a, b = (int(limit) - sign * point[axis] for point in (first, second))
                if a >= 0:
                    kept.append(first)
                if (a > 0 > b) or (a < 0 < b):
                    at = a / (a - b)
                    kept.append([p + (q - p) * at for p, q in zip(first, second, strict=True)])
            ring = kept
            if not ring:
                return False
    return True


@given(st.lists(st.tuples(POINT, POINT, POINT), min_size=1, max_size=12), POINT, POINT)
@settings(max_examples=300, deadline=None)
def test_it_agrees_with_clipping(
    triangles: list[tuple[tuple[int, int, int], ...]],
    a: tuple[int, int, int],
    b: tuple[int, int, int],
) -> None:
    corners = np.array(triangles, np.float64)
    low, high = np.minimum(a, b).astype(float), np.maximum(a, b).astype(float) + 1
    found = triangles_in_box(corners, low, high)
    assert found.tolist() == [clipped_has_points(one, low, high) for one in corners]


def test_a_triangle_around_a_corner_of_the_box_is_not_in_it() -> None:
    """Its box overlaps, and all three corners lie beyond others of the box's planes."""
    triangle = np.array([[[2.5, 0.0, 0.5], [0.0, 2.5, 0.5], [2.5, 2.5, 0.5]]])
    assert not triangles_in_box(triangle, np.zeros(3), np.ones(3))[0]
    assert triangles_in_box(triangle, np.zeros(3), np.full(3, 1.3))[0]
