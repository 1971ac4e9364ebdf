"""Areas of a layer measured along parallel lines: what beads cover, what a region takes.

All lines are laid end to end on one tape, where a region or a set of beads is a set of intervals:
each capsule and each edge is cut in closed form, and sorting does the rest. By Cavalieri, length
on the tape times the distance of the lines is area. Where lengths count, the lines run at an angle
of (5, 12, 13), so that nothing a slicer lays at 0, 45 or 90 degrees lies along them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.regions import Region

OBLIQUE: Final = (12 / 13, 5 / 13)
"""(cosine, sine) of the lines' direction."""
GAP_UM: Final = 1000.0
"""Between two lines on the tape, um: intervals of different lines never touch."""

Intervals = tuple[NDArray[np.float64], NDArray[np.float64]]
"""(low, high), one entry each; they may overlap unless it is said."""


@dataclass(frozen=True, slots=True)
class Tape:
    """Lines `pitch_um` apart over a box (um), laid end to end.

    x0, y0 : where the first begins, in a frame whose X is their `direction`. length_um : of each.
    """

    pitch_um: float
    x0: float
    y0: float
    length_um: float
    n_lines: int
    direction: tuple[float, float] = OBLIQUE

    @property
    def stride(self) -> float:
        return self.length_um + GAP_UM

    def of_beads(
        self, start: NDArray[np.float64], end: NDArray[np.float64], radius: NDArray[np.float64]
    ) -> Intervals:
        """What each line has of each bead: a capsule is convex, so it is one interval."""
        a, b = turned(start, self.direction), turned(end, self.direction)
        low = np.minimum(a[:, 1], b[:, 1]) - radius
        high = np.maximum(a[:, 1], b[:, 1]) + radius
        bead, line = lines_between(low, high, self.y0, self.pitch_um, self.n_lines)
        y = np.asarray(self.y0 + line * self.pitch_um, np.float64)
        first, last = chords((a[bead, 0], a[bead, 1]), (b[bead, 0], b[bead, 1]), radius[bead], y)
        # Beyond the box the tape belongs to the next line.
        first = np.maximum(first, self.x0)
        last = np.minimum(last, self.x0 + self.length_um)
        hit = last > first
        base = line[hit] * self.stride - self.x0
        return first[hit] + base, last[hit] + base

    def places(self, along: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) the points at so many um along the tape."""
        line = np.floor(along / self.stride)
        x, y = along - line * self.stride + self.x0, self.y0 + line * self.pitch_um
        c, s = self.direction
        return np.stack([c * x - s * y, s * x + c * y], axis=1)

    def of_region(self, region: Region) -> Intervals:
        """What each line has of a region: disjoint intervals, rising."""
        import shapely

        rings = shapely.get_rings(shapely.get_parts(region))
        points, ring = shapely.get_coordinates(rings, return_index=True)
        points = turned(points, self.direction)
        is_edge = ring[1:] == ring[:-1]
        a, b = points[:-1][is_edge], points[1:][is_edge]
        # A line takes a vertex that lies on it as being above, so every ring is cut evenly often.
        edge, line = lines_between(
            np.minimum(a[:, 1], b[:, 1]),
            np.maximum(a[:, 1], b[:, 1]),
            self.y0,
            self.pitch_um,
            self.n_lines,
            half_open=True,
        )
        a, b = a.take(edge, axis=0), b.take(edge, axis=0)
        share = (self.y0 + line * self.pitch_um - a[:, 1]) / (b[:, 1] - a[:, 1])
        cuts = np.sort(a[:, 0] + (b[:, 0] - a[:, 0]) * share - self.x0 + line * self.stride)
        return cuts[0::2], cuts[1::2]


def lines_between(
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    y0: NDArray[np.float64] | float,
    pitch_um: NDArray[np.float64] | float,
    n_lines: NDArray[np.int64] | int,
    *,
    half_open: bool = False,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(item, line) for every line that each item reaches over, [low, high] or (low, high]; lines
    lie `pitch_um` apart from `y0` on."""
    first = np.ceil((low - y0) / pitch_um)
    last = np.floor((high - y0) / pitch_um)
    if half_open:
        first = np.floor((low - y0) / pitch_um) + 1
    first = np.maximum(first, 0).astype(np.int64)
    last = np.minimum(last, n_lines - 1).astype(np.int64)
    count = np.maximum(last - first + 1, 0)
    item = np.repeat(np.arange(len(low)), count)
    place = np.arange(len(item)) - np.repeat(np.cumsum(count) - count, count)
    return item, first[item] + place


def tape_over(bounds: tuple[float, float, float, float], pitch_um: float) -> Tape:
    """Lines over a box xmin, ymin, xmax, ymax."""
    x0, y0, x1, y1 = bounds
    corners = turned(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]), OBLIQUE)
    low, high = corners.min(axis=0), corners.max(axis=0)
    n_lines = int((high[1] - low[1]) / pitch_um) + 1
    return Tape(
        pitch_um,
        float(low[0]),
        # Off the border by half a pitch: no line runs along an edge of the box.
        float(low[1]) + ((high[1] - low[1]) - (n_lines - 1) * pitch_um) / 2,
        float(high[0] - low[0]),
        n_lines,
    )


_Point = tuple[NDArray[np.float64], NDArray[np.float64]]


def chords(
    a: _Point, b: _Point, radius: NDArray[np.float64], y: NDArray[np.float64] | float
) -> Intervals:
    """(n,) what the line of height y has of each bead from a to b (x, y each); NaN where they do
    not meet."""
    way_x, way_y = b[0] - a[0], b[1] - a[1]
    length = np.maximum(np.sqrt(way_x * way_x + way_y * way_y), 1e-9)
    ux, uy = way_x / length, way_y / length
    up_a, up_b = y - a[1], y - b[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        # The two round ends; NaN where the line passes them by.
        half_a, half_b = (np.sqrt(radius * radius - up * up) for up in (up_a, up_b))
        # The straight sides lie radius / |uy| along the line from the middle line, and end
        # where the foot on the middle line is one of its ends.
        on_line = a[0] + up_a * ux / uy
        side = radius / np.abs(uy)
        left, right = on_line - side, on_line + side
        foot_a = a[0] - up_a * uy / ux
        foot_b = b[0] - up_b * uy / ux
    # A bead along the line has it between its sides everywhere or nowhere.
    along = uy == 0.0
    reach = np.where(np.abs(up_a) <= radius, np.inf, -np.inf)
    left, right = np.where(along, -reach, left), np.where(along, reach, right)
    near = np.fmax(left, np.fmin(foot_a, foot_b))
    far = np.fmin(right, np.fmax(foot_a, foot_b))
    none = ~(far > near) | (length <= 1e-6)
    near[none], far[none] = np.nan, np.nan
    first = np.fmin(np.fmin(a[0] - half_a, b[0] - half_b), near)
    last = np.fmax(np.fmax(a[0] + half_a, b[0] + half_b), far)
    return first, last


def united(intervals: Intervals) -> Intervals:
    """The same places as disjoint intervals, rising."""
    low, high = intervals
    # Which of those that begin in one place is first changes nothing of the union.
    order = np.argsort(low)
    low, reach = low[order], np.maximum.accumulate(high[order])
    if not len(low):
        return low, reach
    is_new = np.append(True, low[1:] > reach[:-1])
    is_last = np.append(is_new[1:], True)
    return low[is_new], reach[is_last]


def stretches_outside(inside: Intervals, covered: Intervals) -> Intervals:
    """The stretches of some intervals that others do not cover; both disjoint and rising."""
    low, high = inside
    if not len(low) or not len(covered[0]):
        return low, high
    # What is not covered, from before the first to after the last.
    free_low = np.append(-np.inf, covered[1])
    free_high = np.append(covered[0], np.inf)
    first = np.searchsorted(free_high, low, side="right")
    last = np.searchsorted(free_low, high, side="left")
    count = np.maximum(last - first, 0)
    item = np.repeat(np.arange(len(low)), count)
    free = np.arange(len(item)) - np.repeat(np.cumsum(count) - count, count) + first[item]
    return np.maximum(free_low[free], low[item]), np.minimum(free_high[free], high[item])


def turned(points: NDArray[np.float64], direction: tuple[float, float]) -> NDArray[np.float64]:
    (c, s), x, y = direction, points[:, 0], points[:, 1]
    return np.stack([c * x + s * y, c * y - s * x], axis=1)
