"""Circles among rings: found exactly, polygons that are meant as such left alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from printstd.audit.circles import circle_of
from printstd.kernels import circles
from printstd.kernels.rings import signed_area2
from tests.oracles.areas import MM, hole, rectangle, rings_of


def polygon(
    n: int, radius: float, x: float = 0.0, y: float = 0.0, turn: float = 0.0
) -> list[list[float]]:
    """A regular polygon, mm; a negative radius gives a hole."""
    angle = turn + np.arange(n) * (2 * math.pi / n) * math.copysign(1.0, radius)
    return np.c_[x + abs(radius) * np.cos(angle), y + abs(radius) * np.sin(angle)].tolist()


def finest(radius_mm: float) -> int:
    """Sides from which a polygon is round: the sagitta that is let through, and 31 degrees."""
    angle = min(math.radians(30.9), 2 * math.acos(1 - 0.1 / radius_mm) if radius_mm > 0.1 else 7.0)
    return math.ceil(2 * math.pi / angle)


@given(
    radius=st.floats(0.3, 60.0),
    x=st.floats(-300.0, 300.0),
    y=st.floats(-300.0, 300.0),
    turn=st.floats(0.0, 6.3),
    more=st.integers(0, 200),
    is_hole=st.booleans(),
)
def test_a_round_ring_is_known_to_a_few_nm(
    radius: float, x: float, y: float, turn: float, more: int, is_hole: bool
) -> None:
    n = finest(radius) + more
    found = circles.circles_among(rings_of(polygon(n, -radius if is_hole else radius, x, y, turn)))
    assert (found.ring.tolist(), found.is_hole.tolist()) == ([0], [is_hole])
    assert np.abs(found.centre_nm[0] - np.array([x, y]) * MM).max() <= 20
    assert abs(int(found.radius_nm[0]) - radius * MM) <= 20


def test_vertices_on_its_sides_do_not_matter() -> None:
    corners = np.array(polygon(40, 7.5, 3.0, 4.0, 0.2))
    share = np.linspace(0.02, 0.98, 40)[:, None]
    between = corners + share * (np.roll(corners, -1, axis=0) - corners)
    for kept in (range(40), range(0, 40, 7)):
        ring = [p for i in range(40) for p in ([corners[i], between[i]][: 1 + (i in kept)])]
        found = circles.circles_among(rings_of(np.array(ring).tolist()))
        assert found.ring.tolist() == [0]
        assert abs(int(found.radius_nm[0]) - 7.5 * MM) <= 20
        assert circle_of(np.rint(np.array(ring) * 1000)) == pytest.approx((3000, 4000, 7500), abs=1)


@pytest.mark.parametrize(
    "outline",
    [
        rectangle(0, 0, 8, 8),
        polygon(6, 4.0),
        polygon(8, 4.0),
        polygon(11, 4.0),
        polygon(24, 30.0),
        (np.array(polygon(48, 4.0)) * [1.0, 1.002]).tolist(),
        polygon(48, 4.0)[:25] + (np.array(polygon(48, 4.0))[24:] - [0, 3]).tolist(),
        polygon(48, 4.0)[:40],
    ],
    ids=["square", "hexagon", "octagon", "eleven", "coarse", "oval", "slot", "cut off"],
)
def test_what_is_no_circle_stays(outline: list[list[float]]) -> None:
    assert not len(circles.circles_among(rings_of(outline)).ring)


def free_radius_nm(ring: NDArray[np.int64], centre: NDArray[np.int64]) -> tuple[float, float]:
    """Nearest point of the sides and farthest corner, from a centre."""
    a = (ring - centre).astype(float)
    step = np.roll(a, -1, axis=0) - a
    share = np.clip(-(a * step).sum(axis=1) / (step * step).sum(axis=1), 0, 1)
    near = a + share[:, None] * step
    return float(np.hypot(*near.T).min()), float(np.hypot(*a.T).max())


@given(radius=st.floats(0.3, 60.0), more=st.integers(0, 60), chord_um=st.integers(1, 20))
def test_a_hole_is_laid_around_its_circle(radius: float, more: int, chord_um: int) -> None:
    rings = rings_of(rectangle(-80, -80, 160, 160), polygon(finest(radius) + more, -radius))
    found = circles.circles_among(rings)
    laid = circles.laid_anew(rings, found, chord_um * 1000, 450_000)
    assert (np.sign(signed_area2(laid)) == [1, -1]).all()
    near, far = free_radius_nm(laid.ring(1), found.centre_nm[0])
    assert abs(near - int(found.radius_nm[0])) <= 20
    # 384 corners are the most there are: 2 um at 60 mm.
    assert far - near <= max(chord_um * 1000, 3.5e-5 * radius * MM) + 20


@given(radius=st.floats(0.5, 60.0), more=st.integers(0, 60))
def test_the_bead_of_a_pin_reaches_its_circle(radius: float, more: int) -> None:
    rings = rings_of(polygon(finest(radius) + more, radius))
    found = circles.circles_among(rings)
    laid = circles.laid_anew(rings, found, 5000, 450_000)
    # The bead's middle lies half a width inside, corner behind corner.
    n, corner = laid.n_rings, free_radius_nm(laid.ring(0), found.centre_nm[0])[1]
    assert n == 1
    middle = corner - 225_000 / math.cos(math.pi / len(laid.xy_nm))
    assert abs(middle + 225_000 - int(found.radius_nm[0])) <= 20


def test_a_circle_close_to_something_else_stays() -> None:
    def alone(*outlines: list[list[float]]) -> list[bool]:
        rings = rings_of(*outlines)
        return circles.apart(rings, circles.circles_among(rings), 100_000).tolist()

    plate = rectangle(0, 0, 40, 40)
    assert alone(plate, polygon(48, -4.0, 10, 10)) == [True]
    assert alone(plate, polygon(48, -4.0, 4.2, 10)) == [True]
    assert alone(plate, polygon(48, -4.0, 4.05, 10)) == [False]
    assert alone(plate, polygon(48, -4.0, 10, 10), polygon(48, -4.0, 18.2, 10)) == [True, True]
    assert alone(plate, polygon(48, -4.0, 10, 10), polygon(48, -4.0, 18.05, 10)) == [False, False]
    # A tube's two sides, and a square post in a hole.
    assert alone(polygon(48, 5.0), polygon(48, -4.5)) == [True, True]
    assert alone(polygon(48, 5.0), polygon(48, -4.95)) == [False, False]
    post = 2 * 3.85 / math.sqrt(2)
    square = rectangle(10 - post / 2, 10 - post / 2, post, post)
    assert alone(plate, polygon(48, -4.0, 10, 10), square) == [True]
    near = rectangle(10 - post / 2, 10 - post / 2, post + 0.2, post)
    assert alone(plate, polygon(48, -4.0, 10, 10), near) == [False]


def test_the_table_of_directions_is_exact() -> None:
    table = circles._directions()
    angle = np.arange(768) * (2 * math.pi / 768)
    exact = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 2**30
    assert np.abs(table - exact).max() <= 0.5 + 1e-6
    assert (np.roll(table, -192, axis=0) == np.stack([-table[:, 1], table[:, 0]], 1)).all()


def test_others_keep_their_bytes() -> None:
    rings = rings_of(rectangle(0, 0, 40, 40), hole(2, 2, 3, 3), polygon(64, -4.0, 20, 20))
    laid = circles.laid_anew(rings, circles.circles_among(rings), 5000, 450_000)
    kept = [laid.ring(0).tolist(), laid.ring(1).tolist()]
    assert kept == [rings.ring(0).tolist(), rings.ring(1).tolist()]
    assert laid.n_rings == 3
