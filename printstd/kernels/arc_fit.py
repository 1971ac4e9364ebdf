"""Arcs along polylines: as few as possible, each within a stated deviation of what it replaces.

Only where a line bends one way all along can it be an arc. From the first vertex of such a run on,
the longest stretch is sought that fits (doubling its length, then halving the interval), then from
its end on, and so for all runs of all lines at once.

The circle goes through both ends of the stretch, with its centre where the squared distances of the
other vertices from it come nearest to its own (one unknown, so in closed form), rounded to the um
that programs state it in. It is taken if, measured from the rounded centre, every vertex and every
point of every segment lies within the deviation of the circle, the vertices go round it one way and
by less than half a turn, and the arc is not much longer than the line.

Only + - * / and sqrt in float64, sums in order: same bits on every CPU. Sources: ArcWelder's limits
(facts of slicers H15).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_LEAST_SEGMENTS: Final = 3
"""Two segments and an arc take about the same room in a program."""
_END_ERROR_UM: Final = 2.0
"""The two ends may lie this differently far from the rounded centre."""
_MAX_RADIUS_UM: Final = 600_000.0
_MIN_RADIUS_UM: Final = 200.0
_LONGER: Final = 1.05
_TAN_MOST: Final = 1.7320508075688772
"""A bend of more than 60 degrees is a corner."""


class Arcs(NamedTuple):
    """a arcs, ascending. first, last : (a,) int64, vertices; one may begin where another ends.
    centre_um : (a, 2) int64. is_ccw : (a,) bool."""

    first: Ints
    last: Ints
    centre_um: Ints
    is_ccw: Bools


def fitted_arcs(xy_um: Ints, offsets: Ints, deviation_um: float) -> Arcs:
    """Arcs along polylines xy_um (p, 2) int64, um, with borders offsets (n + 1,); none is empty."""
    start, end, sign = _runs(xy_um, offsets)
    found: list[tuple[Ints, ...]] = []
    none = start + _LEAST_SEGMENTS - 1
    best, ceiling = none.copy(), end + 1
    centre = np.zeros((len(start), 2), np.int64)
    while len(start):
        probe = np.where(
            ceiling > end,
            np.minimum(np.maximum(2 * best - start, start + _LEAST_SEGMENTS), end),
            (best + ceiling) // 2,
        )
        fits, at = _fits(xy_um, start, probe, sign, deviation_um)
        best = np.where(fits, probe, best)
        centre[fits] = at[fits]
        ceiling = np.where(fits, ceiling, probe)
        is_done = (best == end) | (ceiling - best <= 1)
        has_arc = is_done & (best >= start + _LEAST_SEGMENTS)
        rows = np.flatnonzero(has_arc)
        found.append((start[rows], best[rows], centre[rows], sign[rows]))
        start = np.where(has_arc, best, start + is_done)
        best = np.where(is_done, start + _LEAST_SEGMENTS - 1, best)
        ceiling = np.where(is_done, end + 1, ceiling)
        left = end - start >= _LEAST_SEGMENTS
        start, end, sign, best, ceiling = (c[left] for c in (start, end, sign, best, ceiling))
        centre = centre[left]
    if not found:
        none = np.empty(0, np.int64)
        return Arcs(none, none, np.empty((0, 2), np.int64), np.empty(0, bool))
    first, last, centres, signs = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(first, kind="stable")
    return Arcs(first[order], last[order], centres[order], signs[order] > 0)


def _runs(xy_um: Ints, offsets: Ints) -> tuple[Ints, Ints, Ints]:
    """First and last vertex of each stretch that bends one way, and which (1 to the left, -1)."""
    p = len(xy_um)
    if not p:
        return offsets[:0], offsets[:0], offsets[:0]
    bend = np.zeros(p, np.int64)
    way = xy_um[1:] - xy_um[:-1]
    cross = way[:-1, 0] * way[1:, 1] - way[:-1, 1] * way[1:, 0]
    dot = way[:-1, 0] * way[1:, 0] + way[:-1, 1] * way[1:, 1]
    bend[1:-1] = np.where(np.abs(cross) <= _TAN_MOST * dot, np.sign(cross), 0)
    # At ends of lines nothing bends.
    bend[offsets[:-1]] = bend[offsets[1:] - 1] = 0
    same = np.append(False, bend[1:] == bend[:-1])
    begins = np.flatnonzero(~same & (bend != 0))
    ends = np.flatnonzero(np.append(~same[1:], True) & (bend != 0))
    # Where one bend follows the other the segment between them belongs to the first.
    start, end = np.where(bend[begins - 1] != 0, begins, begins - 1), ends + 1
    long = end - start >= _LEAST_SEGMENTS
    return start[long], end[long], bend[begins][long]


def _fits(
    xy_um: Ints, start: Ints, end: Ints, sign: Ints, deviation_um: float
) -> tuple[Bools, Ints]:
    """Is the stretch from each start to its end an arc, and around which centre?"""
    count = end - start + 1
    borders = np.cumsum(count) - count
    stretch = np.repeat(np.arange(len(start)), count)
    vertex = np.arange(len(stretch)) + np.repeat(start - borders, count)
    # Twice the place from the middle of the chord: whole numbers.
    twice = 2 * xy_um[vertex] - (xy_um[start] + xy_um[end])[stretch]
    qx, qy = twice[:, 0].astype(np.float64), twice[:, 1].astype(np.float64)
    chord = (xy_um[end] - xy_um[start]).astype(np.float64)
    chord2 = chord[:, 0] * chord[:, 0] + chord[:, 1] * chord[:, 1]
    # To the left of the chord.
    nx, ny = -chord[:, 1], chord[:, 0]
    height = qx * nx[stretch] + qy * ny[stretch]
    excess = qx * qx + qy * qy - chord2[stretch]
    above = np.add.reduceat(excess * height, borders)
    below = np.add.reduceat(height * height, borders)
    share = above / np.where(below > 0, 4.0 * below, np.inf)
    middle = (xy_um[start] + xy_um[end]) * 0.5
    aim = middle + np.stack([nx, ny], axis=1) * share[:, None]
    is_sound = (below > 0) & (np.abs(aim - middle).max(axis=1) <= 2 * _MAX_RADIUS_UM)
    centre = np.rint(np.where(is_sound[:, None], aim, middle)).astype(np.int64)
    arm = xy_um[vertex] - centre[stretch]
    x, y = arm[:, 0].astype(np.float64), arm[:, 1].astype(np.float64)
    away = np.sqrt(x * x + y * y)
    first, last = away[borders], away[borders + count - 1]
    inner, outer = np.minimum(first, last), np.maximum(first, last)
    fits = is_sound & (outer - inner <= _END_ERROR_UM)
    fits &= (inner >= _MIN_RADIUS_UM) & (outer <= _MAX_RADIUS_UM)
    fits &= np.minimum.reduceat(away, borders) >= outer - deviation_um
    fits &= np.maximum.reduceat(away, borders) <= inner + deviation_um
    # Segments: from each vertex but the last to the next.
    step_x, step_y = np.diff(x, append=x[-1]), np.diff(y, append=y[-1])
    is_last = np.zeros(len(x), bool)
    is_last[borders + count - 1] = True
    length = np.sqrt(step_x * step_x + step_y * step_y)
    turn = (x * step_y - y * step_x) * sign[stretch]
    nearest = np.where(is_last, np.inf, turn / np.where(length > 0, length, 1.0))
    fits &= np.minimum.reduceat(nearest, borders) >= outer - deviation_um
    from_first = (x[borders][stretch] * y - y[borders][stretch] * x) * sign[stretch]
    from_first[borders] = 1.0
    fits &= np.minimum.reduceat(from_first, borders) > 0
    # asin(c / 2r) by its series; chords span no more than 60 degrees.
    half = length / (2.0 * np.where(inner > 0, inner, 1.0))[stretch]
    square = half * half
    series = 1.0 + square * (1.0 / 6.0 + square * (3.0 / 40.0 + square * (15.0 / 336.0)))
    length[is_last] = 0.0
    line = np.add.reduceat(length, borders)
    fits &= np.add.reduceat(length * series, borders) <= _LONGER * line
    return fits, centre
