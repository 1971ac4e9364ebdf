"""How long a machine takes for a run of moves: trapezoids of speed with look-ahead.

Two firmware families. *Classic jerk* (Marlin, Prusa, RepRapFirmware): at a corner each axis may
change its speed at once by its jerk. *Square corner velocity* (Klipper): corners are rounded by a
deviation that gives the stated speed at 90 degrees, and `minimum_cruise_ratio` damps short
zig-zags. Sources: facts of slicers 2.12; Marlin planner.cpp; Klipper toolhead.py (behaviour).

Squared speeds turn the look-ahead into sums: going back, s[i] = min(c[i], s[i+1] + 2 a L). With
the sums of 2 a L taken out this is a running minimum, so no loop is needed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SQRT2: Final = 1.4142135623730951


class MotionModel(NamedTuple):
    """max_speed_mm_s, max_accel_mm_s2, jerk_mm_s : X, Y, Z, E. Either jerk_mm_s or
    square_corner_velocity_mm_s is None; minimum_cruise_ratio goes with the latter."""

    max_speed_mm_s: tuple[float, float, float, float]
    max_accel_mm_s2: tuple[float, float, float, float]
    jerk_mm_s: tuple[float, float, float, float] | None
    square_corner_velocity_mm_s: float | None
    minimum_cruise_ratio: float = 0.0


class _Moves(NamedTuple):
    """length : mm, of XYZ or else of E. unit : (m, 4) share of each axis. speed2 : (mm/s)^2 wished
    for. accel : mm/s2. is_still : E alone moves."""

    length: Floats
    unit: Floats
    speed2: Floats
    accel: Floats
    is_still: NDArray[np.bool_]


def move_times(
    way_um: NDArray[np.int64],
    e_e5: NDArray[np.int64],
    feed_mm_min: NDArray[np.int64],
    accel_mm_s2: NDArray[np.float64],
    model: MotionModel,
) -> Floats:
    """(m,) float64, s: the time of each of m moves made one after another, from rest to rest.

    way_um : (m, 3) int64, X Y Z of each move. e_e5 : (m,) int64, 1e-5 mm of filament. feed_mm_min,
    accel_mm_s2 : (m,) positive, as commanded; the model's limits come on top.
    """
    time = np.zeros(len(way_um))
    real = np.flatnonzero((way_um != 0).any(axis=1) | (e_e5 != 0))
    if not len(real):
        return time
    moves = _moves(way_um[real], e_e5[real], feed_mm_min[real], accel_mm_s2[real], model)
    gain = 2.0 * moves.accel * moves.length
    if model.jerk_mm_s is not None:
        corner2 = _jerk_corners(moves, np.array(model.jerk_mm_s))
        corner2 = _reachable(corner2, gain)
        start2, end2, cruise2 = corner2[:-1], corner2[1:], moves.speed2
    else:
        start2, end2, cruise2 = _smoothed(moves, gain, model)
    time[real] = _trapezoids(start2, end2, cruise2, moves)
    return time


def _moves(
    way_um: NDArray[np.int64],
    e_e5: NDArray[np.int64],
    feed_mm_min: NDArray[np.int64],
    accel_mm_s2: NDArray[np.float64],
    model: MotionModel,
) -> _Moves:
    step = np.empty((len(way_um), 4))
    step[:, :3] = way_um * 1e-3
    step[:, 3] = e_e5 * 1e-5
    length = np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1] + step[:, 2] * step[:, 2])
    is_still = length == 0
    length = np.where(is_still, np.abs(step[:, 3]), length)
    unit = step / length[:, None]
    speed, accel = feed_mm_min / 60.0, accel_mm_s2.astype(np.float64)
    for axis in range(4):
        share = np.abs(unit[:, axis])
        some = np.flatnonzero(share > 0)
        speed[some] = np.minimum(speed[some], model.max_speed_mm_s[axis] / share[some])
        accel[some] = np.minimum(accel[some], model.max_accel_mm_s2[axis] / share[some])
    return _Moves(length, unit, speed * speed, accel, is_still)


def _reachable(corner2: Floats, gain: Floats) -> Floats:
    """(m + 1,) squared corner speeds lowered so far that each is reached from its neighbours.

    corner2 : (m + 1,). gain : (m,) how much the square of speed can change over each move.
    """
    total = np.concatenate([np.zeros(1), np.cumsum(gain)])
    back = np.minimum.accumulate((corner2 + total)[::-1])[::-1] - total
    found = np.minimum.accumulate(back - total) + total
    # What the sums round off must not leave the bounds.
    return np.asarray(np.clip(found, 0.0, corner2))


def _jerk_corners(moves: _Moves, jerk: Floats) -> Floats:
    """(m + 1,) squared speeds allowed at corners by each axis's jerk. Where an axis turns back it
    passes through rest, and each half may be as large as the jerk."""
    a, b = moves.unit[:-1], moves.unit[1:]
    same_way = a * b > 0
    jump = np.where(same_way, np.abs(a - b), np.maximum(np.abs(a), np.abs(b)))
    corner = (jerk / np.maximum(jump, 1e-12)).min(axis=1)
    # From rest, and where both sides may as well stop on the spot.
    rest = (jerk / np.maximum(np.abs(moves.unit), 1e-12)).min(axis=1)
    corner = np.maximum(corner, np.minimum(rest[:-1], rest[1:]))
    corner2 = np.empty(len(moves.length) + 1)
    slower = np.minimum(moves.speed2[:-1], moves.speed2[1:])
    corner2[1:-1] = np.minimum(corner * corner, slower)
    corner2[0] = np.minimum(rest[0] * rest[0], moves.speed2[0])
    corner2[-1] = np.minimum(rest[-1] * rest[-1], moves.speed2[-1])
    return corner2


def _smoothed(moves: _Moves, gain: Floats, model: MotionModel) -> tuple[Floats, Floats, Floats]:
    """Squared start, end and cruise speeds of each move."""
    corner2 = _round_corners(moves, gain, model.square_corner_velocity_mm_s or 0.0)
    allowed = _reachable(corner2, gain)
    soft_gain = gain * (1.0 - model.minimum_cruise_ratio)
    soft = _reachable(corner2, soft_gain)
    reach = soft[1:] + soft_gain
    slack = 1e-9 * (1.0 + reach)
    only_falls = soft[:-1] >= reach - slack
    only_rises = (soft[1:] >= soft[:-1] + soft_gain - slack) & ~only_falls
    peak = np.minimum(moves.speed2, 0.5 * (soft[:-1] + reach))
    is_peak = ~only_falls & ~only_rises
    nth = np.arange(len(peak))
    before = np.maximum.accumulate(np.where(is_peak, nth, -1))
    after = np.minimum.accumulate(np.where(is_peak, nth, len(peak))[::-1])[::-1]
    bound = np.append(peak, np.inf)
    top = np.where(only_rises, bound[after], np.where(only_falls, bound[before], peak))
    cruise2 = np.minimum(moves.speed2, np.where(only_falls, np.minimum(top, allowed[:-1]), top))
    return np.minimum(allowed[:-1], cruise2), np.minimum(allowed[1:], cruise2), cruise2


def _round_corners(moves: _Moves, gain: Floats, square_corner: float) -> Floats:
    """(m + 1,) squared speeds at corners rounded by Klipper's junction deviation; at rest before
    and after moves of filament alone."""
    a, b = moves.unit[:-1, :3], moves.unit[1:, :3]
    cosine = -(a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1] + a[:, 2] * b[:, 2])
    sin_half = np.sqrt(np.maximum(0.5 * (1.0 - cosine), 0.0))
    cos_half = np.sqrt(np.maximum(0.5 * (1.0 + cosine), 0.0))
    is_bend = (sin_half < 1.0) & (cos_half > 0.0)
    ratio = np.where(is_bend, sin_half / np.where(is_bend, 1.0 - sin_half, 1.0), np.inf)
    deviation = square_corner * square_corner * (_SQRT2 - 1.0)
    quarter_tan = np.where(is_bend, 0.25 * sin_half / np.where(is_bend, cos_half, 1.0), np.inf)
    inner = np.minimum(moves.speed2[:-1], moves.speed2[1:])
    inner = np.minimum(inner, ratio * deviation)
    inner = np.minimum(inner, np.minimum(gain[:-1], gain[1:]) * quarter_tan)
    corner2 = np.zeros(len(gain) + 1)
    corner2[1:-1] = np.where(moves.is_still[:-1] | moves.is_still[1:], 0.0, inner)
    return corner2


def _trapezoids(start2: Floats, end2: Floats, cruise2: Floats, moves: _Moves) -> Floats:
    """Speed up, cruise if there is room, slow down."""
    accel, length = moves.accel, moves.length
    peak2 = np.minimum(cruise2, 0.5 * (start2 + end2) + accel * length)
    peak2 = np.maximum(peak2, np.maximum(start2, end2))
    start, end, peak = np.sqrt(start2), np.sqrt(end2), np.sqrt(peak2)
    ramps = (2.0 * peak2 - start2 - end2) / (2.0 * accel)
    rest = np.maximum(length - ramps, 0.0)
    return np.asarray((2.0 * peak - start - end) / accel + rest / peak)
