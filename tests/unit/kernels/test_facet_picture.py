"""What is seen at a pixel, against every facet asked one by one with exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.facet_picture import seen_facets

SIDE = 12


def by_pixel(corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(nearest facet of each pixel, pixel whose middle lies on some edge): by barycentric
    coordinates in fractions."""
    seen = np.full((SIDE, SIDE), -1)
    on_edge = np.zeros((SIDE, SIDE), bool)
    for row in range(SIDE):
        for column in range(SIDE):
            p = (Fraction(2 * column + 1, 2), Fraction(2 * row + 1, 2))
            best = None
            for number, facet in enumerate(corners):
                a, b, c = ([Fraction(float(v)) for v in corner] for corner in facet)
                area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
                if area >= 0:
                    continue
                parts = [
                    ((v[0] - u[0]) * (p[1] - u[1]) - (v[1] - u[1]) * (p[0] - u[0])) / area
                    for u, v in ((b, c), (c, a), (a, b))
                ]
                if min(parts) < 0:
                    continue
                on_edge[row, column] |= min(parts) == 0
                z = sum(part * corner[2] for part, corner in zip(parts, (a, b, c), strict=True))
                if best is None or z > best:
                    best, seen[row, column] = z, number
    return seen, on_edge


COORDINATE = st.integers(-20, 80).map(lambda v: v / 4 + 1 / 64)
CORNER = st.tuples(COORDINATE, COORDINATE, st.integers(0, 1000).map(float))


@settings(max_examples=40)
@given(st.lists(st.tuples(CORNER, CORNER, CORNER), min_size=1, max_size=6))
def test_every_pixel_shows_the_nearest_facet(facets):
    corners = np.array(facets)
    seen = seen_facets(corners, SIDE, SIDE)
    wanted, on_edge = by_pixel(corners)
    for row, column in zip(*np.nonzero((seen != wanted) & ~on_edge), strict=True):
        # Planes that cross at this very pixel may be told apart either way by rounding.
        told = {int(seen[row, column]), int(wanted[row, column])}
        assert -1 not in told
        depths = [depth_at(corners[number], column + 0.5, row + 0.5) for number in told]
        assert abs(depths[0] - depths[1]) < 1e-6


def depth_at(facet: np.ndarray, x: float, y: float) -> float:
    matrix = np.column_stack([facet[:, :2], np.ones(3)])
    return float(np.linalg.solve(matrix, facet[:, 2]) @ (x, y, 1.0))


def test_two_facets_that_share_an_edge_leave_no_gap_and_what_looks_away_is_not_seen():
    square = np.array(
        [[[0, 0, 1], [0, SIDE, 1], [SIDE, SIDE, 1]], [[0, 0, 1], [SIDE, SIDE, 1], [SIDE, 0, 1]]],
        np.float64,
    )
    seen = seen_facets(square, SIDE, SIDE)
    assert (seen >= 0).all()
    assert (seen_facets(square[:, ::-1], SIDE, SIDE) == -1).all()
    assert (seen_facets(square[:0], SIDE, SIDE) == -1).all()
