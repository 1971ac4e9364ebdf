"""Where the sides of the beads cross straight lines: how far the commanded part reaches there.

A bead is all places within its half width of its middle line. On any straight line that is one
stretch, in closed form, so nothing is sampled or made a polygon: a surface is found as exactly as
the program's numbers say it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

TOUCH_UM: Final = 30.0
"""Beads this near to each other on a line make one piece of material: the round sides of two walls
leave as much between them where they meet at a bend."""

Floats = NDArray[np.float64]


def stretches(
    at: Floats, way: Floats, start: Floats, end: Floats, half: Floats
) -> tuple[Floats, Floats]:
    """(low, high), each (p,): where line at + x way (unit) lies in a bead, one to one; low > high
    where it misses it. at, way, start, end : (p, 2) um; half : (p,) um."""
    along = end - start
    length = np.hypot(along[:, 0], along[:, 1])
    along = along / np.maximum(length, 1e-9)[:, None]
    low_a, high_a = _in_disc(at - start, way, half)
    low_b, high_b = _in_disc(at - end, way, half)
    off = at - start
    low_c, high_c = _between(_cross(along, off), _cross(along, way), -half, half)
    low_d, high_d = _between(_dot(along, off), _dot(along, way), 0 * length, length)
    low_r, high_r = np.maximum(low_c, low_d), np.minimum(high_c, high_d)
    # Of a bead that is a point nothing lies between its ends.
    is_empty = (low_r > high_r) | (length < 1e-6)
    low_r, high_r = np.where(is_empty, np.inf, low_r), np.where(is_empty, -np.inf, high_r)
    return (
        np.minimum(np.minimum(low_a, low_b), low_r),
        np.maximum(np.maximum(high_a, high_b), high_r),
    )


def _in_disc(off: Floats, way: Floats, radius: Floats) -> tuple[Floats, Floats]:
    half_b = _dot(off, way)
    root = half_b * half_b - (_dot(off, off) - radius * radius)
    reach = np.sqrt(np.maximum(root, 0.0))
    return (
        np.where(root >= 0, -half_b - reach, np.inf),
        np.where(root >= 0, -half_b + reach, -np.inf),
    )


def _between(value: Floats, slope: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """x for which value + x slope lies between two bounds."""
    is_level = np.abs(slope) < 1e-12
    inside = (value >= low) & (value <= high)
    safe = np.where(is_level, 1.0, slope)
    one, other = (low - value) / safe, (high - value) / safe
    least = np.where(is_level, np.where(inside, -np.inf, np.inf), np.minimum(one, other))
    most = np.where(is_level, np.where(inside, np.inf, -np.inf), np.maximum(one, other))
    return least, most


def free_side(
    line: NDArray[np.int64], low: Floats, high: Floats, n_lines: int, room_um: Floats
) -> Floats:
    """(n_lines,) where the material ends on each line, seen from the inside out, at the place
    nearest to 0; NaN where it ends nowhere within its room of it.

    line : (p,) of each stretch. room_um : (n_lines,).
    """
    found = np.full(n_lines, np.nan)
    real = low <= high
    line, low, high = line[real], low[real], high[real]
    if not len(line):
        return found
    order = np.lexsort((low, line))
    line, low, high = line[order], low[order], high[order]
    # The furthest reach so far on the same line: lines are kept apart by an offset between them.
    span = float(np.abs(high).max() + np.abs(low).max()) * 2 + 1e3
    reach = np.maximum.accumulate(high + line * span) - line * span
    is_last = np.ones(len(line), bool)
    is_last[:-1] = (line[1:] != line[:-1]) | (low[1:] > reach[:-1] + TOUCH_UM)
    ends, of = reach[is_last], line[is_last]
    near = np.abs(ends) <= room_um[of]
    ends, of = ends[near], of[near]
    order = np.lexsort((np.abs(ends), of))
    of, first = np.unique(of[order], return_index=True)
    found[of] = ends[order][first]
    return found


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1])


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
