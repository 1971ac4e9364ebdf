"""Which straight ways cross the border of an area."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings, next_index

_BLOCK: Final = 1_000_000


def crosses_border(
    start_nm: NDArray[np.int64], end_nm: NDArray[np.int64], area: Rings
) -> NDArray[np.bool_]:
    """(n,) bool: does the segment from start to end (both (n, 2) int64, nm) cross a ring.

    A segment that only touches a ring may go either way.
    """
    found = np.zeros(len(start_nm), bool)
    if area.is_empty or not len(start_nm):
        return found
    following = next_index(area)
    filled = np.diff(area.offsets) > 0
    starts, ends = area.offsets[:-1][filled], area.offsets[1:][filled] - 1
    x, y = area.xy_nm[:, 0].astype(np.float64), area.xy_nm[:, 1].astype(np.float64)
    step = max(1, _BLOCK // len(x))
    for begin in range(0, len(start_nm), step):
        a = start_nm[begin : begin + step].astype(np.float64)
        way = end_nm[begin : begin + step].astype(np.float64) - a
        # On which side of each segment every vertex lies; an edge whose ends lie on different
        # sides crosses the segment's line, and the segment if it parts its ends likewise.
        is_left = way[:, :1] * (y - a[:, 1:]) > way[:, 1:] * (x - a[:, :1])
        # Of each vertex the one after it: the next column, but for the last ones of rings.
        parts = is_left[:, 1:] != is_left[:, :-1]
        parts[:, ends[:-1]] = False
        row, edge = np.divmod(np.flatnonzero(parts), max(1, len(x) - 1))
        lasts, ring = np.nonzero(is_left[:, ends] != is_left[:, starts])
        row, edge = np.append(row, lasts), np.append(edge, ends[ring])
        then = following[edge]
        ex, ey = x[then] - x[edge], y[then] - y[edge]
        from_x, from_y = a[row, 0] - x[edge], a[row, 1] - y[edge]
        side = ex * from_y - ey * from_x
        other = ex * (from_y + way[row, 1]) - ey * (from_x + way[row, 0])
        found[begin + row[(side > 0) != (other > 0)]] = True
    return found
