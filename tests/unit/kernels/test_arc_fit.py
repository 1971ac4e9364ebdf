"""Arcs against polylines, by dense sampling: nothing further apart than allowed, nothing twice."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels.arc_fit import Arcs, fitted_arcs
from tests.oracles.effort import few

quick = few(80)
DEVIATION_UM = 12.5


def random_lines(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Lines of arcs, straights and wiggles with whole vertices; some vertices pushed aside."""
    rng = np.random.default_rng(seed)
    lines = []
    for _ in range(5):
        at, heading, points = rng.uniform(0, 60_000, 2), rng.uniform(0, 7), []
        for _ in range(int(rng.integers(1, 6))):
            n, step = int(rng.integers(1, 25)), rng.uniform(60, 2500)
            turn = rng.choice([0.0, *rng.uniform(-0.5, 0.5, 4)])
            for _ in range(n):
                points.append(at.copy())
                at = at + step * np.array([math.cos(heading), math.sin(heading)])
                heading += turn
            heading += rng.choice([0.0, rng.uniform(-2, 2)])
        points.append(at)
        line = np.array(points) + rng.normal(0, rng.choice([0.0, 3.0, 15.0]), (len(points), 2))
        lines.append(np.rint(line).astype(np.int64))
    return np.concatenate(lines), np.cumsum([0, *map(len, lines)])


def check(xy: np.ndarray, offsets: np.ndarray, arcs: Arcs, deviation: float) -> None:
    line_of = np.searchsorted(offsets, np.arange(len(xy)), side="right")
    assert (arcs.last - arcs.first >= 3).all()
    # Arcs of one line may share an end, no segment.
    assert (arcs.first[1:] >= arcs.last[:-1]).all()
    assert (line_of[arcs.first] == line_of[arcs.last]).all()
    share = np.linspace(0, 1, 33)[:, None]
    for first, last, centre, is_ccw in zip(*arcs, strict=True):
        corners = xy[first : last + 1].astype(float)
        radii = np.hypot(*(corners[[0, -1]] - centre).T)
        assert abs(radii[0] - radii[1]) <= 2.0
        dense = np.concatenate([a + (b - a) * share for a, b in pairwise(corners)])
        away = np.hypot(*(dense - centre).T)
        # Of whichever radius a firmware takes, that of the start or that of the end.
        for radius in radii:
            assert np.abs(away - radius).max() <= deviation + 1e-6
        # Round the centre one way, less than half a turn: so the arc is near the line, too.
        angle = np.unwrap(np.arctan2(*(dense - centre).T[::-1])) * (1 if is_ccw else -1)
        assert (np.diff(angle) >= -1e-12).all()
        assert angle[-1] - angle[0] < math.pi
        length = np.hypot(*np.diff(corners, axis=0).T).sum()
        assert radii[0] * (angle[-1] - angle[0]) <= 1.05 * length + 1.0


@quick
@given(st.integers(0, 2**31), st.sampled_from([2.0, DEVIATION_UM, 50.0]))
def test_every_place_of_the_line_lies_within_the_deviation_of_its_arc(
    seed: int, deviation: float
) -> None:
    xy, offsets = random_lines(seed)
    check(xy, offsets, fitted_arcs(xy, offsets, deviation), deviation)


def circle(n: int, radius_um: float) -> np.ndarray:
    turn = np.arange(n + 1) * (2 * math.pi / n)
    return np.rint(radius_um * np.stack([np.cos(turn), np.sin(turn)], axis=1)).astype(np.int64)


def test_a_circle_is_two_arcs_around_its_centre_and_a_rest() -> None:
    xy = circle(90, 10_000.0)
    arcs = fitted_arcs(xy, np.array([0, len(xy)]), DEVIATION_UM)
    check(xy, np.array([0, len(xy)]), arcs, DEVIATION_UM)
    assert len(arcs.first) == 2
    assert arcs.last[-1] >= 88
    assert np.abs(arcs.centre_um).max() <= 10
    assert arcs.is_ccw.all()
    back = fitted_arcs(xy[::-1].copy(), np.array([0, len(xy)]), DEVIATION_UM)
    assert len(back.first) == 2
    assert not back.is_ccw.any()


def test_an_s_of_two_arcs_shares_no_segment() -> None:
    one = circle(60, 8_000.0)[:25]
    other = 2 * one[-1] - one[::-1]
    xy = np.concatenate([one, other[1:]])
    arcs = fitted_arcs(xy, np.array([0, len(xy)]), DEVIATION_UM)
    check(xy, np.array([0, len(xy)]), arcs, DEVIATION_UM)
    assert set(arcs.is_ccw.tolist()) == {True, False}
    assert (arcs.last - arcs.first).sum() >= len(xy) - 5


def test_corners_and_straights_are_no_arcs() -> None:
    square = np.array([[0, 0], [5, 0], [5, 5], [0, 5], [0, 0]]) * 1000
    straight = np.stack([np.arange(30), np.arange(30)], axis=1) * 700
    for xy in (square, straight, square[:1]):
        assert not len(fitted_arcs(xy, np.array([0, len(xy)]), DEVIATION_UM).first)
    assert not len(fitted_arcs(square[:0], np.zeros(1, np.int64), DEVIATION_UM).first)


def test_a_chord_too_coarse_for_the_deviation_stays_straight() -> None:
    """An octagon's sides lie 3.8 % of the radius inside: 380 um."""
    xy = circle(8, 10_000.0)
    offsets = np.array([0, len(xy)])
    assert not len(fitted_arcs(xy, offsets, 100.0).first)
    assert len(fitted_arcs(xy, offsets, 800.0).first)
