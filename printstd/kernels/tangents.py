"""Where the border of an area runs beside a scan line without crossing the next one: at the tips of
the area, and past holes that it goes around between two lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.chaining import Border, Ends
from printstd.kernels.crossings import Crossings, Pieces
from printstd.kernels.zigzag import walk


def without_tips(
    crossings: Crossings, pieces: Pieces, upper: Ends, lower: Ends, longest_nm: NDArray[np.int64]
) -> tuple[Crossings, Pieces]:
    """Without pieces no longer than `longest_nm` (n,) beyond which the border comes straight back:
    the tips of an area, which the line before them covers better by following the border around."""
    along = crossings.along_nm
    is_tip = (
        (along[pieces.end] - along[pieces.start] <= longest_nm)
        # Either way out leads to the piece's own other end.
        & ((upper.met == lower.crossing) | (lower.met == upper.crossing))
        # But an area of one line has no line before.
        & ~((upper.met == lower.crossing) & (lower.met == upper.crossing))
    )
    if not is_tip.any():
        return crossings, pieces
    kept = np.ones(len(crossings.edge), bool)
    kept[pieces.start[is_tip]] = kept[pieces.end[is_tip]] = False
    number = np.cumsum(kept) - 1
    left = ~is_tip
    return (
        Crossings._make(column.compress(kept, axis=0) for column in crossings),
        Pieces(number[pieces.start[left]], number[pieces.end[left]]),
    )


def bare_nm(
    at: Border,
    pieces: Pieces,
    ends: Ends,
    *,
    among: NDArray[np.bool_],
    spacing_nm: NDArray[np.int64],
) -> NDArray[np.float64]:
    """(n,) float64, nm: how wide a strip stays bare beside the border on the way out from each end,
    where that leads back to the end's own line; 0 where the next line it meets is another.

    Beyond a tip the border strays from the line and comes back further behind: all between them is
    bare. Past a hole the line is interrupted and goes on where the border meets it: bare is what
    the border leaves of the way to the next line.

    among : (n,) bool, the ends asked about; their lines are straight. spacing_nm : (n,) int64.
    """
    found = np.zeros(len(ends.crossing))
    crossings = at.crossings
    rows = np.flatnonzero(among & (crossings.line[ends.met] == crossings.line[ends.crossing]))
    leave, meet = ends.crossing[rows], ends.met[rows]
    # Back over the line itself, or on beyond what interrupts it?
    along_nm = crossings.along_nm
    back = np.where(leave == pieces.end[rows], -1, 1)
    is_tip = (along_nm[meet] - along_nm[leave]) * back > 0
    found[rows] = np.where(is_tip, 0.0, spacing_nm[rows])
    edge = crossings.edge
    passed = walk(at.rings, at.ring[leave], edge[leave], edge[meet], ends.with_ring[rows])
    some = np.flatnonzero(passed.counts > 0)
    if not len(some):
        return found
    owner = np.repeat(some, passed.counts[some])
    start = crossings.xy_nm[leave]
    along = (crossings.xy_nm[meet] - start).astype(np.float64)
    size = np.sqrt(along[:, 0] * along[:, 0] + along[:, 1] * along[:, 1])
    size = np.where(size > 0, size, 1.0)
    off = (passed.xy_nm - start[owner]).astype(np.float64)
    away = np.abs(along[owner, 0] * off[:, 1] - along[owner, 1] * off[:, 0]) / size[owner]
    borders = np.concatenate([np.zeros(1, np.int64), np.cumsum(passed.counts[some])[:-1]])
    stray = np.maximum.reduceat(away, borders)
    rows, is_tip = rows[some], is_tip[some]
    found[rows] = np.where(is_tip, stray, np.maximum(spacing_nm[rows] - stray, 0.0))
    return found
