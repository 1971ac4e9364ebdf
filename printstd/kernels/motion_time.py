"""How long a machine takes for a run of moves: trapezoids of speed with look-ahead.

Each move speeds up, cruises and slows down under its own acceleration; feed and acceleration are
first lowered until no axis exceeds its limit. What two firmware families do between moves:

*Classic jerk* (Marlin, Prusa; taken for RepRapFirmware too): a speed may jump by each axis's jerk.
As the planner has it, the speed before a corner is held to the slower of the two moves and the
one after it is not, so a corner into a faster move is taken slowly; but never slower than both
moves could start from rest.

*Square corner velocity* (Klipper): corners are rounded by a deviation that gives the stated speed
at 90 degrees, filament may change its speed at once by 1 mm/s, the machine rests before and after
moves of filament alone, and `minimum_cruise_ratio` damps short zig-zags.

Not counted: heating, homing, dwells, what the firmware does in its own code, and the planner's
finite look-ahead (here it sees the whole run).

Sources: facts of slicers 2.12; Marlin planner, Klipper toolhead and extruder (behaviour).

Squared speeds turn the look-ahead into sums: going back, s[i] = min(c[i], s[i+1] + 2 a L). With
the sums of 2 a L taken out this is a running minimum, so no loop is needed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.named_tuple import NamedTuple

Floats = NDArray[np.float64]
Whole = NDArray[np.signedinteger]
PerAxis = tuple[float, float, float, float]

_SQRT2: Final = 1.4142135623730951
_CLOSE: Final = 0.99
"""Corners this near to the speeds that both moves start with from rest count as such starts."""
_INSTANT_CORNER_MM_S: Final = 1.0
"""Klipper's instantaneous_corner_velocity of the extruder, as it comes."""
_ROWS_AT_ONCE: Final = 8192
"""Moves worked out together: their columns stay in the processor's cache."""


class MotionModel(NamedTuple):
    """max_speed_mm_s, max_accel_mm_s2, jerk_mm_s : X, Y, Z, E. Either jerk_mm_s or
    square_corner_velocity_mm_s is None; minimum_cruise_ratio goes with the latter."""

    max_speed_mm_s: PerAxis
    max_accel_mm_s2: PerAxis
    jerk_mm_s: PerAxis | None
    square_corner_velocity_mm_s: float | None
    minimum_cruise_ratio: float = 0.0


class _Moves(NamedTuple):
    """length : (m,) mm, of XYZ or else of E. unit : four (m,), each axis's share of it. speed :
    (m,) mm/s wished for. accel : (m,) mm/s2. damping : (m,), of the commanded acceleration, what
    the axes leave. is_still : (m,), E alone moves."""

    length: Floats
    unit: tuple[Floats, Floats, Floats, Floats]
    speed: Floats
    accel: Floats
    damping: Floats
    is_still: NDArray[np.bool_]


class _Run(NamedTuple):
    """All moves together. length, accel as in `_Moves`. speed2 : (m,) square of speed. gain : (m,)
    2 a L. corner2 : (m + 1,) squared speeds allowed before, between and after the moves."""

    length: Floats
    accel: Floats
    speed2: Floats
    gain: Floats
    corner2: Floats


def move_times(
    way_um: NDArray[np.int64],
    e_e5: Whole,
    feed_mm_min: Whole,
    accel_mm_s2: NDArray[np.float64],
    model: MotionModel,
) -> Floats:
    """(m,) float64, s: the time of each of m moves made one after another, from rest to rest.

    way_um : (m, 3) int64, X Y Z of each move. e_e5 : (m,), 1e-5 mm of filament. feed_mm_min,
    accel_mm_s2 : (m,) positive, as commanded; the model's limits come on top.
    """
    is_real = (way_um[:, 0] != 0) | (way_um[:, 1] != 0) | (way_um[:, 2] != 0) | (e_e5 != 0)
    time = np.zeros(len(way_um))
    if not is_real.any():
        return time
    columns = (way_um, e_e5, feed_mm_min, accel_mm_s2)
    if is_real.all():
        return _times(*columns, model)
    real = np.flatnonzero(is_real)
    time[real] = _times(way_um[real], e_e5[real], feed_mm_min[real], accel_mm_s2[real], model)
    return time


def _times(
    way_um: NDArray[np.int64],
    e_e5: Whole,
    feed_mm_min: Whole,
    accel_mm_s2: NDArray[np.float64],
    model: MotionModel,
) -> Floats:
    """`move_times` of moves that all move."""
    m = len(way_um)
    run = _Run(np.empty(m), np.empty(m), np.empty(m), np.empty(m), np.empty(m + 1))
    for begin in range(0, m, _ROWS_AT_ONCE):
        # One move more on the left: a corner lies between two.
        rows = slice(max(begin - 1, 0), min(begin + _ROWS_AT_ONCE, m))
        moves = _moves(way_um[rows], e_e5[rows], feed_mm_min[rows], accel_mm_s2[rows], model)
        run.length[rows], run.accel[rows] = moves.length, moves.accel
        run.speed2[rows] = moves.speed * moves.speed
        run.gain[rows] = 2.0 * moves.accel * moves.length
        if model.jerk_mm_s is not None:
            corner2 = _jerk_corners(moves, model.jerk_mm_s)
        else:
            corner2 = _round_corners(moves, run.gain[rows], model.square_corner_velocity_mm_s or 0)
        skipped = 1 if begin else 0
        run.corner2[rows.start + skipped : rows.stop + 1] = corner2[skipped:]
    if model.jerk_mm_s is not None:
        reached2 = _reachable(run.corner2, run.gain)
        start2, end2, cruise2 = reached2[:-1], reached2[1:], run.speed2
    else:
        start2, end2, cruise2 = _smoothed(run, model.minimum_cruise_ratio)
    return _trapezoids(start2, end2, cruise2, run.accel, run.length)


def _moves(
    way_um: NDArray[np.int64],
    e_e5: Whole,
    feed_mm_min: Whole,
    accel_mm_s2: NDArray[np.float64],
    model: MotionModel,
) -> _Moves:
    x, y, z = (way_um[:, axis] * 1e-3 for axis in range(3))
    e = e_e5 * 1e-5
    length = np.sqrt(x * x + y * y + z * z)
    is_still = length == 0.0
    still = np.flatnonzero(is_still)
    length[still] = np.abs(e[still])
    per_mm = 1.0 / length
    unit = (x * per_mm, y * per_mm, z * per_mm, e * per_mm)
    speed = feed_mm_min / 60.0
    accel = accel_mm_s2.astype(np.float64)
    for share, fastest, strongest in zip(
        unit, model.max_speed_mm_s, model.max_accel_mm_s2, strict=True
    ):
        most = np.abs(share)
        for wanted, limit in ((speed, fastest), (accel, strongest)):
            over = np.flatnonzero(wanted * most > limit)
            wanted[over] = limit / most[over]
    return _Moves(length, unit, speed, accel, accel / accel_mm_s2, is_still)


def _reachable(corner2: Floats, gain: Floats) -> Floats:
    """(m + 1,) squared corner speeds lowered so far that each is reached from its neighbours.

    corner2 : (m + 1,). gain : (m,) how much the square of speed can change over each move.
    """
    total = np.empty(len(gain) + 1)
    total[0] = 0.0
    np.cumsum(gain, out=total[1:])
    back = np.minimum.accumulate((corner2 + total)[::-1])[::-1]
    back -= total
    back -= total
    found = np.minimum.accumulate(back)
    found += total
    # What the sums round off must not leave the bounds.
    np.maximum(found, 0.0, out=found)
    return np.minimum(found, corner2, out=found)


def _jerk_corners(moves: _Moves, jerk: PerAxis) -> Floats:
    """(m + 1,) squared speeds allowed at corners by each axis's jerk, at the ends by starting from
    rest. Where an axis turns back it passes through rest, and each half may be as large as the
    jerk."""
    slower = np.minimum(moves.speed[:-1], moves.speed[1:])
    most = np.ones(len(slower))
    safe = moves.speed.copy()
    for share, limit in zip(moves.unit, jerk, strict=True):
        wanted = share * moves.speed
        size = np.abs(wanted)
        over = np.flatnonzero(safe * size > limit * moves.speed)
        safe[over] = limit * moves.speed[over] / size[over]
        before, after = share[:-1] * slower, wanted[1:]
        jump = np.maximum(np.abs(before), size[1:])
        same_way = np.flatnonzero(before * after > 0.0)
        jump[same_way] = np.abs(before[same_way] - after[same_way])
        # jump over jerk, the largest of all axes
        np.maximum(most, jump * (1.0 / limit), out=most)
    corner = slower / most
    starts = (safe[:-1] > _CLOSE * corner) & (safe[1:] > _CLOSE * corner)
    corner = np.where(starts, np.minimum(safe[1:], slower), corner)
    corner2 = np.empty(len(moves.length) + 1)
    corner2[1:-1] = corner * corner
    corner2[0], corner2[-1] = safe[0] * safe[0], safe[-1] * safe[-1]
    return corner2


def _smoothed(run: _Run, minimum_cruise_ratio: float) -> tuple[Floats, Floats, Floats]:
    """Squared start, end and cruise speeds of each move.

    A second, softer acceleration finds the peaks: no run of moves that only speed up and slow down
    again goes faster than half way between what the softer one reaches from either side.
    """
    allowed = _reachable(run.corner2, run.gain)
    soft_gain = run.gain * (1.0 - minimum_cruise_ratio)
    soft = _reachable(run.corner2, soft_gain)
    reach = soft[1:] + soft_gain
    # Sums over the whole run round off what is compared here.
    slack = 1e-9 * (1.0 + reach) + 1e-15 * float(run.gain.sum())
    only_falls = soft[:-1] >= reach - slack
    only_rises = (soft[1:] >= soft[:-1] + soft_gain - slack) & ~only_falls
    # Where a rise meets a fall there is a peak, too.
    is_peak = ~only_falls & ~only_rises
    is_peak[:-1] |= only_rises[:-1] & only_falls[1:]
    peak = np.minimum(run.speed2, 0.5 * (soft[:-1] + reach))
    nth = np.arange(len(peak))
    before = np.maximum.accumulate(np.where(is_peak, nth, -1))
    after = np.minimum.accumulate(np.where(is_peak, nth, len(peak))[::-1])[::-1]
    # Before the first peak and after the last one there is none that holds anything back.
    bound = np.append(peak, np.inf)
    cruise2 = np.where(only_falls, np.minimum(bound[before], allowed[:-1]), bound[after])
    _keep_falling(cruise2, only_falls)
    cruise2 = np.minimum(cruise2, run.speed2)
    return np.minimum(allowed[:-1], cruise2), np.minimum(allowed[1:], cruise2), cruise2


def _keep_falling(cruise2: Floats, falls: NDArray[np.bool_]) -> None:
    """A move that only falls is no faster than one just before it that does."""
    rows = np.flatnonzero(falls[1:] & falls[:-1]) + 1
    while len(rows):
        rows = rows[cruise2[rows] > cruise2[rows - 1]]
        cruise2[rows] = cruise2[rows - 1]
        following = rows + 1
        following = following[following < len(falls)]
        rows = following[falls[following]]


def _round_corners(moves: _Moves, gain: Floats, square_corner: float) -> Floats:
    """(m + 1,) squared speeds at corners rounded by Klipper's junction deviation; at rest before
    and after moves of filament alone, and at the ends."""
    (ax, ay, az, ae), (bx, by, bz, be) = ([u[:-1] for u in moves.unit], [u[1:] for u in moves.unit])
    cosine = -(ax * bx + ay * by + az * bz)
    sin_half = np.sqrt(np.maximum(0.5 * (1.0 - cosine), 0.0))
    cos_half = np.sqrt(np.maximum(0.5 * (1.0 + cosine), 0.0))
    is_bend = (sin_half < 1.0) & (cos_half > 0.0)
    ratio = np.where(is_bend, sin_half / np.where(is_bend, 1.0 - sin_half, 1.0), np.inf)
    deviation = square_corner * square_corner * (_SQRT2 - 1.0)
    quarter_tan = np.where(is_bend, 0.25 * sin_half / np.where(is_bend, cos_half, 1.0), np.inf)
    slower = np.minimum(moves.speed[:-1], moves.speed[1:])
    inner = slower * slower
    damping = np.minimum(moves.damping[:-1], moves.damping[1:])
    inner = np.minimum(inner, ratio * (deviation * damping))
    inner = np.minimum(inner, np.minimum(gain[:-1], gain[1:]) * quarter_tan)
    jump = np.abs(be - ae)
    jumps = np.flatnonzero(jump * jump * inner > _INSTANT_CORNER_MM_S * _INSTANT_CORNER_MM_S)
    inner[jumps] = (_INSTANT_CORNER_MM_S / jump[jumps]) ** 2
    inner[moves.is_still[:-1] | moves.is_still[1:]] = 0.0
    corner2 = np.zeros(len(gain) + 1)
    corner2[1:-1] = inner
    return corner2


def _trapezoids(
    start2: Floats, end2: Floats, cruise2: Floats, accel: Floats, length: Floats
) -> Floats:
    """Speed up, cruise if there is room, slow down."""
    peak2 = np.minimum(cruise2, 0.5 * (start2 + end2) + accel * length)
    peak2 = np.maximum(peak2, np.maximum(start2, end2))
    start, end, peak = np.sqrt(start2), np.sqrt(end2), np.sqrt(peak2)
    ramps = (2.0 * peak2 - start2 - end2) / (2.0 * accel)
    rest = np.maximum(length - ramps, 0.0)
    return np.asarray((2.0 * peak - start - end) / accel + rest / peak)
