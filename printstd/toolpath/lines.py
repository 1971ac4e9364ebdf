"""The ordered paths as polylines in whole micrometres: what the machine will be told to lay.

Coordinates are rounded here, before any length or filament is computed, so that both belong to
the moves that are written.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.toolpath.order import Visits
from printstd.toolpath.seam import Seams


class Lines(NamedTuple):
    """xy_um : (q, 2) int64, bed frame. offsets : (n + 1,) int64 into xy_um, at least two vertices
    a line. path : (n,) int64, which path each line is. is_loop : (n,) bool. overlap_e3 : (q,)
    int16, with the layer below, at each vertex. widening_nm : (q,) int64, by how much the bead is
    wider than its path's width on the step that ends at each vertex; 0 at the first of a line."""

    xy_um: NDArray[np.int64]
    offsets: NDArray[np.int64]
    path: NDArray[np.int64]
    is_loop: NDArray[np.bool_]
    overlap_e3: NDArray[np.int16]
    widening_nm: NDArray[np.int64]

    @property
    def first_um(self) -> NDArray[np.int64]:
        return self.xy_um[self.offsets[:-1]]

    @property
    def last_um(self) -> NDArray[np.int64]:
        return self.xy_um[self.offsets[1:] - 1]

    def steps_um(self) -> NDArray[np.float64]:
        """(q,) float64: length of the step that ends at each vertex; 0 at the first of a line."""
        step = np.zeros(len(self.xy_um))
        way = (self.xy_um[1:] - self.xy_um[:-1]).astype(np.float64)
        step[1:] = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
        step[self.offsets[:-1]] = 0.0
        return step

    def lengths_um(self) -> NDArray[np.float64]:
        """(n,) float64."""
        if not len(self.path):
            return np.zeros(0)
        return np.add.reduceat(self.steps_um(), self.offsets[:-1])


def lay_lines(
    xy_nm: NDArray[np.int64],
    offsets: NDArray[np.int64],
    is_loop: NDArray[np.bool_],
    visits: Visits,
    seams: Seams,
    gap_um: float,
    overlap_e3: NDArray[np.int16] | None = None,
    widening_nm: NDArray[np.int64] | None = None,
) -> Lines:
    """Paths in the order of `visits`.

    xy_nm, offsets, is_loop, overlap_e3 (at each vertex; None: all lies on what is below),
    widening_nm (None: of one width each) : the paths. seams : one row per path, read for loops
    alone. gap_um : a loop stops this much before its start. Vertices that fall together are one;
    a path of a single place is left out.
    """
    path = visits.path
    loop = is_loop[path]
    count = np.diff(offsets)[path]
    size = count + 2 * loop
    borders = np.concatenate([np.zeros(1, np.int64), np.cumsum(size)])
    nth = np.arange(borders[-1]) - np.repeat(borders[:-1], size)
    first = offsets[path]
    # Open: from one end to the other. Loop: seam, the vertices after it in turn, seam.
    begin = np.where(
        loop, seams.following[path] - 1, np.where(visits.is_reversed, count - 1 + first, first)
    )
    sign = np.where(visits.is_reversed & ~loop, -1, 1)
    index = np.repeat(begin, size) + np.repeat(sign, size) * nth
    last = np.repeat(first + count, size)
    index -= np.where(index >= last, np.repeat(count, size), 0)
    wider = np.zeros(len(index), np.int64)
    if widening_nm is not None and widening_nm.any():
        # A step's bead is that of the vertex at which it starts on the path.
        back = np.repeat(visits.is_reversed & ~loop, size)
        since = np.where(index < np.repeat(first, size), last - 1, index)
        wider[1:] = widening_nm[np.where(back[1:], since[1:], since[:-1])]
        wider[borders[:-1]] = 0
    ends = np.flatnonzero(loop)
    index[borders[ends]] = first[ends]
    index[borders[ends + 1] - 1] = first[ends]
    xy = xy_nm[index]
    xy[borders[ends]] = seams.xy_nm[path[ends]]
    xy[borders[ends + 1] - 1] = seams.xy_nm[path[ends]]
    overlap = np.full(len(index), 1000, np.int16) if overlap_e3 is None else overlap_e3[index]
    begins, stops = borders[ends], borders[ends + 1] - 1
    overlap[begins] = overlap[stops] = _between(xy, overlap, stops - 1, begins, begins + 1)
    lines = without_repeats(Lines((xy + 500) // 1000, borders, path, loop, overlap, wider))
    if gap_um > 0:
        lines = without_repeats(_clipped(lines, gap_um))
    return lines


def _between(
    xy: NDArray[np.int64],
    values: NDArray[np.int16],
    before: NDArray[np.int64],
    at: NDArray[np.int64],
    after: NDArray[np.int64],
) -> NDArray[np.int16]:
    """(n,) what `values` come to at places on the straight ways from `before` to `after`."""
    done, left = (xy[at] - xy[before]).astype(np.float64), (xy[after] - xy[at]).astype(np.float64)
    done_nm = np.sqrt(done[:, 0] * done[:, 0] + done[:, 1] * done[:, 1])
    left_nm = np.sqrt(left[:, 0] * left[:, 0] + left[:, 1] * left[:, 1])
    share = done_nm / np.maximum(done_nm + left_nm, 1.0)
    found = values[before] + share * (values[after].astype(np.float64) - values[before])
    return np.asarray(np.rint(found), np.int16)


def without_repeats(lines: Lines) -> Lines:
    """Vertices that fall together are one; lines of a single place are left out."""
    if not len(lines.path):
        return lines
    keep = np.ones(len(lines.xy_um), bool)
    x, y = lines.xy_um[:, 0], lines.xy_um[:, 1]
    keep[1:] = (x[1:] != x[:-1]) | (y[1:] != y[:-1])
    keep[lines.offsets[:-1]] = True
    count = _counts(keep, lines.offsets)
    real = count > 1
    if not real.all():
        keep &= np.repeat(real, np.diff(lines.offsets))
        lines = lines._replace(path=lines.path[real], is_loop=lines.is_loop[real])
        count = count[real]
    elif keep.all():
        return lines
    return _taken(lines, keep, count, lines.xy_um)


def kept_vertices(lines: Lines, keep: NDArray[np.bool_], xy_um: NDArray[np.int64]) -> Lines:
    """The vertices of the mask, at least two of every line, at these places."""
    if keep.all():
        return lines._replace(xy_um=xy_um)
    return _taken(lines, keep, _counts(keep, lines.offsets), xy_um)


def _counts(keep: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) how many of each line's vertices stay."""
    kept = np.flatnonzero(keep)
    return np.diff(np.searchsorted(kept, offsets))


def _taken(
    lines: Lines, keep: NDArray[np.bool_], count: NDArray[np.int64], xy_um: NDArray[np.int64]
) -> Lines:
    rows = np.flatnonzero(keep)
    return lines._replace(
        xy_um=xy_um.take(rows, axis=0),
        offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(count)]),
        overlap_e3=lines.overlap_e3.take(rows),
        widening_nm=lines.widening_nm.take(rows),
    )


def _clipped(lines: Lines, gap_um: float) -> Lines:
    """Loops without their last `gap_um`; those shorter than four gaps stay as they are."""
    step = lines.steps_um()
    reached = np.cumsum(step)
    start, end = lines.offsets[:-1], lines.offsets[1:] - 1
    length = reached[end] - reached[start]
    rows = np.flatnonzero(lines.is_loop & (length > 4.0 * gap_um))
    if not len(rows):
        return lines
    goal = reached[end[rows]] - gap_um
    # The vertex before the new end; the one after it takes its place.
    before = np.clip(np.searchsorted(reached, goal, side="right") - 1, start[rows], end[rows] - 1)
    after = before + 1
    share = (goal - reached[before]) / np.where(step[after] > 0, step[after], 1.0)
    way = (lines.xy_um[after] - lines.xy_um[before]).astype(np.float64)
    xy = lines.xy_um.copy()
    xy[after] = lines.xy_um[before] + np.rint(way * np.clip(share, 0.0, 1.0)[:, None]).astype(
        np.int64
    )
    cut = np.zeros(len(xy) + 1, np.int64)
    np.add.at(cut, after + 1, 1)
    np.add.at(cut, end[rows] + 1, -1)
    keep = np.cumsum(cut[:-1]) == 0
    return kept_vertices(lines, keep, xy)
