"""Two motion planners as the firmwares run them: one move after another, looking back and forth.

Plain Python over lists of moves; nothing is shared with `kernels.motion_time`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt

Four = tuple[float, float, float, float]


@dataclass
class Step:
    """One move, mm and mm/s. `unit`: share of each axis in the way that is measured."""

    length: float
    unit: Four
    speed: float
    accel: float
    accel_set: float
    is_still: bool


@dataclass
class Limits:
    speed: Four
    accel: Four
    jerk: Four = (0.0, 0.0, 0.0, 0.0)
    square_corner: float = 0.0
    cruise_ratio: float = 0.0


def steps_of(
    moves: list[tuple[int, int, int, int]], feeds: list[int], accels: list[float], limits: Limits
) -> list[Step]:
    """moves : X, Y, Z in um and E in 1e-5 mm, none of them all zero."""
    steps = []
    for (x, y, z, e), feed, accel in zip(moves, feeds, accels, strict=True):
        way = (x / 1000, y / 1000, z / 1000, e / 100_000)
        length = sqrt(way[0] ** 2 + way[1] ** 2 + way[2] ** 2)
        is_still = length == 0
        length = abs(way[3]) if is_still else length
        unit = tuple(part / length for part in way)
        speed, most = feed / 60, accel
        for axis in range(4):
            if unit[axis]:
                speed = min(speed, limits.speed[axis] / abs(unit[axis]))
                most = min(most, limits.accel[axis] / abs(unit[axis]))
        steps.append(Step(length, unit, speed, most, accel, is_still))  # type: ignore[arg-type]
    return steps


def trapezoid_time(length: float, accel: float, start: float, end: float, top: float) -> float:
    """Speed up to at most `top`, cruise, slow down."""
    up = (top**2 - start**2) / (2 * accel)
    down = (top**2 - end**2) / (2 * accel)
    if up + down > length:
        # They meet before the top is reached.
        top = max(sqrt(accel * length + (start**2 + end**2) / 2), start, end)
        return (top - start) / accel + (top - end) / accel
    return (top - start) / accel + (top - end) / accel + (length - up - down) / top


# ------------------------------------------------------------------------------ classic jerk


def jerk_times(steps: list[Step], limits: Limits) -> list[float]:
    """Marlin's classic jerk: corner speeds one by one, then a pass back and a pass forth."""
    safe = [_start_speed(step, limits) for step in steps]
    entry = [safe[0]]
    entry += [
        _corner_speed(steps[i - 1], steps[i], safe[i - 1], safe[i], limits)
        for i in range(1, len(steps))
    ]
    entry.append(safe[-1])
    for i in range(len(steps) - 1, -1, -1):
        entry[i] = min(entry[i], sqrt(entry[i + 1] ** 2 + 2 * steps[i].accel * steps[i].length))
    for i, step in enumerate(steps):
        entry[i + 1] = min(entry[i + 1], sqrt(entry[i] ** 2 + 2 * step.accel * step.length))
    return [
        trapezoid_time(step.length, step.accel, entry[i], entry[i + 1], step.speed)
        for i, step in enumerate(steps)
    ]


def _start_speed(step: Step, limits: Limits) -> float:
    """From rest at once."""
    speed = step.speed
    for axis in range(4):
        wanted = abs(step.unit[axis]) * speed
        if wanted > limits.jerk[axis]:
            speed *= limits.jerk[axis] / wanted
    return speed


def _corner_speed(
    before: Step, after: Step, safe_before: float, safe_after: float, limits: Limits
) -> float:
    speed, factor = min(before.speed, after.speed), 1.0
    for axis in range(4):
        leaving = before.unit[axis] * speed * factor
        coming = after.unit[axis] * after.speed * factor
        if leaving * coming > 0:
            jump = abs(leaving - coming)
        else:
            jump = max(abs(leaving), abs(coming))
        if jump > limits.jerk[axis]:
            factor *= limits.jerk[axis] / jump
    corner = speed * factor
    if safe_before > 0.99 * corner and safe_after > 0.99 * corner:
        return min(safe_after, speed)
    return corner


# --------------------------------------------------------------------- square corner velocity


@dataclass
class Planned:
    """Squares of speed of one move."""

    step: Step
    top: float
    gain: float
    soft_gain: float
    start_max: float = 0.0
    soft_start_max: float = 0.0
    ends: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0))


def corner_times(steps: list[Step], limits: Limits) -> list[float]:
    """Klipper: corners limited when a move is queued, peaks found from the last move back."""
    queue: list[Planned] = []
    for step in steps:
        gain = 2 * step.accel * step.length
        move = Planned(step, step.speed**2, gain, gain * (1 - limits.cruise_ratio))
        if queue and not step.is_still and not queue[-1].step.is_still:
            _limit_corner(queue[-1], move, limits)
        queue.append(move)
    _look_back(queue)
    times = []
    for move in queue:
        start, top, end = (sqrt(value) for value in move.ends)
        times.append(trapezoid_time(move.step.length, move.step.accel, start, end, top))
    return times


def _limit_corner(before: Planned, after: Planned, limits: Limits) -> None:
    a, b = before.step, after.step
    most = min(before.top, after.top, before.start_max + before.gain)
    jump = abs(b.unit[3] - a.unit[3])
    if jump:
        most = min(most, (1.0 / jump) ** 2)
    cosine = -(a.unit[0] * b.unit[0] + a.unit[1] * b.unit[1] + a.unit[2] * b.unit[2])
    sin_half = sqrt(max((1 - cosine) / 2, 0))
    cos_half = sqrt(max((1 + cosine) / 2, 0))
    if sin_half < 1 and cos_half > 0:
        ratio = sin_half / (1 - sin_half)
        for move in (before, after):
            deviation = limits.square_corner**2 * (sqrt(2) - 1) / move.step.accel_set
            most = min(most, ratio * deviation * move.step.accel)
            most = min(most, move.gain * sin_half / (4 * cos_half))
    after.start_max = most
    after.soft_start_max = min(most, before.soft_start_max + before.soft_gain)


def _look_back(queue: list[Planned]) -> None:
    """Last move first. A move that only slows down, softly seen, waits for the peak before it."""
    end = soft_end = peak = 0.0
    waiting: list[tuple[Planned, float, float]] = []
    for move in reversed(queue):
        reach, soft_reach = end + move.gain, soft_end + move.soft_gain
        start = min(move.start_max, reach)
        soft_start = min(move.soft_start_max, soft_reach)
        if soft_start < soft_reach:
            if soft_start + move.soft_gain > soft_end or waiting:
                peak = min(move.top, (soft_start + soft_reach) / 2)
                least = peak
                for later, later_start, later_end in reversed(waiting):
                    least = min(least, later_start)
                    later.ends = (min(later_start, least), least, min(later_end, least))
                waiting.clear()
            top = min((start + reach) / 2, move.top, peak)
            move.ends = (min(start, top), top, min(end, top))
        else:
            waiting.append((move, start, end))
        end, soft_end = start, soft_start
    # The first move starts from rest, so nothing waits in front of it.
    assert not waiting
