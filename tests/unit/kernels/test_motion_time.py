"""Times of moves against planners that go move by move, and against closed forms."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.motion_time import MotionModel, move_times
from tests.oracles.motion_by_move import Limits, corner_times, jerk_times, steps_of

quick = settings(max_examples=120, deadline=None, derandomize=True)

SPEED = (200.0, 180.0, 12.0, 60.0)
ACCEL = (1500.0, 1300.0, 200.0, 5000.0)
JERK = (8.0, 9.0, 0.4, 5.0)
Move = tuple[int, int, int, int]


def in_plane(reach: int, fed: st.SearchStrategy[int]) -> st.SearchStrategy[Move]:
    way = st.integers(-reach, reach)
    return st.tuples(way, way, st.just(0), fed)


MOVES: st.SearchStrategy[Move] = st.one_of(
    in_plane(3_000, st.integers(0, 9_000)),
    in_plane(40, st.integers(0, 100)),
    in_plane(60_000, st.just(0)),
    st.tuples(st.just(0), st.just(0), st.sampled_from([-400, 200, 10_000]), st.just(0)),
    st.tuples(st.just(0), st.just(0), st.just(0), st.sampled_from([-80_000, 80_000, 7])),
).filter(any)
RUNS = st.lists(
    st.tuples(MOVES, st.integers(1, 15_000), st.sampled_from([250.0, 800.0, 1_500.0, 4_000.0])),
    min_size=1,
    max_size=40,
)


def arrays(run: list[tuple[Move, int, float]]) -> tuple[np.ndarray, ...]:
    moves = np.array([move for move, _, _ in run])
    feeds, accels = np.array([f for _, f, _ in run]), np.array([a for _, _, a in run])
    return moves[:, :3], moves[:, 3], feeds, accels


def planned(run: list[tuple[Move, int, float]], limits: Limits) -> list[float]:
    moves, feeds, accels = zip(*run, strict=True)
    steps = steps_of(list(moves), list(feeds), list(accels), limits)
    return (corner_times if limits.square_corner else jerk_times)(steps, limits)


@given(RUNS)
@quick
def test_classic_jerk_is_the_planner_that_goes_move_by_move(run) -> None:
    found = move_times(*arrays(run), MotionModel(SPEED, ACCEL, JERK, None))
    np.testing.assert_allclose(found, planned(run, Limits(SPEED, ACCEL, JERK)), rtol=1e-8)


@given(RUNS, st.sampled_from([0.0, 0.3, 0.5, 0.95]), st.sampled_from([0.5, 5.0, 12.0]))
@quick
def test_square_corners_are_the_planner_that_goes_move_by_move(run, ratio, corner) -> None:
    found = move_times(*arrays(run), MotionModel(SPEED, ACCEL, None, corner, ratio))
    limits = Limits(SPEED, ACCEL, square_corner=corner, cruise_ratio=ratio)
    np.testing.assert_allclose(found, planned(run, limits), rtol=1e-6)


@pytest.mark.parametrize("jerk", [JERK, None])
def test_a_long_run_is_planned_as_one(jerk) -> None:
    """More moves than are worked out at once: nothing stops where a block ends."""
    rng = np.random.default_rng(20)
    n = 20_000
    moves = np.column_stack(
        [rng.integers(-900, 900, (n, 2)), np.zeros(n, int), rng.integers(1, 4_000, n)]
    )
    feeds, accels = rng.integers(600, 9_000, n), rng.choice([800.0, 1_500.0], n)
    run = [
        (tuple(move), feed, accel)
        for move, feed, accel in zip(moves.tolist(), feeds.tolist(), accels.tolist(), strict=True)
    ]
    model = MotionModel(SPEED, ACCEL, jerk, None if jerk else 5.0, 0.0 if jerk else 0.5)
    limits = Limits(SPEED, ACCEL, jerk) if jerk else Limits(SPEED, ACCEL, JERK, 5.0, 0.5)
    np.testing.assert_allclose(move_times(*arrays(run), model), planned(run, limits), rtol=1e-5)


# ------------------------------------------------------------------------------ closed forms

SQUARE = MotionModel((500.0,) * 4, (9_000.0,) * 4, None, 5.0)


def one(way_um: list[Move], feed: int, accel: float, model: MotionModel) -> np.ndarray:
    n = len(way_um)
    return move_times(*arrays([(way_um[i], feed, accel) for i in range(n)]), model)


def test_a_long_move_cruises_and_a_short_one_does_not() -> None:
    # 100 mm/s, 1000 mm/s2: 5 mm to speed up, 5 mm to slow down.
    assert one([(60_000, 0, 0, 0)], 6_000, 1_000, SQUARE).sum() == pytest.approx(0.1 + 0.1 + 0.5)
    # 2.5 mm have no room: up to sqrt(a L) and down again.
    assert one([(2_500, 0, 0, 0)], 6_000, 1_000, SQUARE).sum() == pytest.approx(
        2 * sqrt(2.5 * 1_000) / 1_000
    )


def test_jerk_starts_and_ends_at_its_own_speed() -> None:
    model = MotionModel((500.0,) * 4, (9_000.0,) * 4, (10.0, 10.0, 0.2, 2.5), None)
    ramp, way = (100 - 10) / 1_000, (100**2 - 10**2) / 2_000
    expected = 2 * ramp + (60 - 2 * way) / 100
    assert one([(60_000, 0, 0, 0)], 6_000, 1_000, model).sum() == pytest.approx(expected)


def test_a_right_angle_is_taken_at_the_square_corner_velocity() -> None:
    v, accel = 5.0, 1_000.0
    ramps = (100 + (100 - v)) / accel
    way = (100**2 + 100**2 - v**2) / (2 * accel)
    expected = ramps + (60 - way) / 100
    found = one([(60_000, 0, 0, 0), (0, 60_000, 0, 0)], 6_000, accel, SQUARE)
    assert found.tolist() == pytest.approx([expected, expected])


def test_axes_hold_a_move_to_their_speed_and_acceleration() -> None:
    model = MotionModel((500.0, 500.0, 10.0, 500.0), (9_000.0, 9_000.0, 100.0, 9_000.0), None, 5.0)
    # Z alone: 10 mm/s at 100 mm/s2 whatever is asked for.
    assert one([(0, 0, 5_000, 0)], 9_000, 3_000, model).sum() == pytest.approx(0.2 + 4 / 10)
    # 3-4-5: Z is three fifths of the way, so the way has five thirds of its limits.
    v, a = 10 * 5 / 3, 100 * 5 / 3
    assert one([(4_000, 0, 3_000, 0)], 9_000, 3_000, model).sum() == pytest.approx(v / a + 5 / v)
    # Filament has limits of its own, and its way is the length where nothing else moves.
    held = MotionModel((500.0,) * 3 + (20.0,), (9_000.0,) * 3 + (400.0,), None, 5.0)
    assert one([(0, 0, 0, -500_000)], 9_000, 3_000, held).sum() == pytest.approx(20 / 400 + 5 / 20)


@pytest.mark.parametrize("jerk", [JERK, None])
@given(cuts=st.lists(st.integers(1, 9_000), min_size=1, max_size=30))
@quick
def test_a_straight_line_takes_as_long_in_pieces_as_whole(cuts, jerk) -> None:
    model = MotionModel(SPEED, ACCEL, jerk, None if jerk else 5.0)
    pieces = [(3 * cut, 4 * cut, 0, 0) for cut in cuts]
    whole = [(3 * sum(cuts), 4 * sum(cuts), 0, 0)]
    found = one(pieces, 6_000, 1_000, model).sum()
    assert found == pytest.approx(one(whole, 6_000, 1_000, model).sum(), rel=1e-9)


@given(RUNS)
@quick
def test_no_move_is_faster_than_asked_and_none_stands_still_for_nothing(run) -> None:
    way, fed, feeds, accels = arrays(run)
    length = np.sqrt((way.astype(float) ** 2).sum(axis=1)) / 1_000
    length = np.where(length > 0, length, np.abs(fed) / 1e5)
    for model in (
        MotionModel(SPEED, ACCEL, JERK, None),
        MotionModel(SPEED, ACCEL, None, 5.0, 0.5),
    ):
        found = move_times(way, fed, feeds, accels, model)
        assert (found >= length / (feeds / 60) * (1 - 1e-9)).all()
        # Pauses between them change nothing and take no time.
        spaced = [np.insert(column, slice(0, None), 0, axis=0) for column in (way, fed)]
        again = move_times(*spaced, np.repeat(feeds, 2), np.repeat(accels, 2), model)
        assert not again[::2].any()
        np.testing.assert_array_equal(again[1::2], found)


@given(RUNS)
@quick
def test_four_times_the_way_at_twice_the_speed_takes_twice_as_long(run) -> None:
    """The law of dimensions: L -> 4 L, v -> 2 v, a -> a, t -> 2 t."""
    way, fed, feeds, accels = arrays(run)
    double = tuple(2 * v for v in SPEED)
    for slow, fast in (
        (
            MotionModel(SPEED, ACCEL, JERK, None),
            MotionModel(double, ACCEL, tuple(2 * v for v in JERK), None),
        ),
        (MotionModel(SPEED, ACCEL, None, 5.0, 0.5), MotionModel(double, ACCEL, None, 10.0, 0.5)),
    ):
        # The extruder's instant corner is no part of the law: keep filament out of it there.
        e = fed if slow.jerk_mm_s else np.where((way != 0).any(axis=1), 0, fed)
        once = move_times(way, e, feeds, accels, slow)
        np.testing.assert_allclose(
            move_times(4 * way, 4 * e, 2 * feeds, accels, fast), 2 * once, rtol=1e-6
        )


def test_nothing_takes_no_time() -> None:
    model = MotionModel(SPEED, ACCEL, JERK, None)
    none = np.zeros((0, 3), np.int64)
    assert move_times(none, none[:, 0], none[:, 0], none[:, 0] * 1.0, model).tolist() == []
    still = np.zeros((2, 3), np.int64)
    assert move_times(still, still[:, 0], np.ones(2, int), np.ones(2), model).tolist() == [0, 0]
