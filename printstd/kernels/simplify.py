"""Fewer vertices for the same outline, within a strict bound: Douglas-Peucker on all rings at
once.

D. Douglas, T. Peucker, "Algorithms for the reduction of the number of points required to
represent a digitized line or its caricature", Cartographica 10 (1973). Distances are to the
chord as a segment, not to its line, so the simplified ring and the original lie within the
tolerance of each other everywhere. (Removing vertices one by one against their neighbours, as
polygon libraries do, lets the error add up.)

Every round works on all open chords of all rings, so the number of NumPy calls grows with the
depth of the subdivision, not with the number of rings. Only + - * / and comparisons in float64:
same bits on every CPU.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings, take


def simplified(rings: Rings, tolerance_nm: int) -> Rings:
    """`rings` with vertices dropped that lie within `tolerance_nm` of the chords that remain.

    Anchors are each ring's first vertex and the one farthest from it. Rings that lie within
    the tolerance of a chord altogether vanish. The rings may cross themselves afterwards where
    they come closer to themselves than twice the tolerance: unite them next.
    """
    counts = np.diff(rings.offsets)
    if (counts < 3).any():
        rings = take(rings, counts >= 3)
        counts = np.diff(rings.offsets)
    if rings.is_empty or tolerance_nm <= 0:
        return rings
    xy = rings.xy_nm.astype(np.float64)
    starts, ends = rings.offsets[:-1], rings.offsets[1:]
    keep = np.zeros(len(xy), bool)
    keep[starts] = True

    from_start = xy - np.repeat(xy[starts], counts, axis=0)
    far = _first_largest((from_start**2).sum(axis=1), starts)
    keep[far] = True
    # Chords as (first anchor, last anchor, interior [low, high)); the second half of a ring
    # ends on its first vertex.
    a, b = np.concatenate([starts, far]), np.concatenate([far, starts])
    low, high = a + 1, np.concatenate([far, ends])
    limit = float(tolerance_nm) ** 2
    while True:
        open_ = high > low
        a, b, low, high = a[open_], b[open_], low[open_], high[open_]
        if not len(a):
            break
        count = high - low
        borders = np.cumsum(count) - count
        chord = np.repeat(np.arange(len(a)), count)
        vertex = np.arange(len(chord)) - (borders - low)[chord]
        distance2 = _distance2(xy[vertex], xy[a][chord], xy[b][chord])
        worst = _first_largest(distance2, borders)
        split = distance2[worst] > limit
        middle = vertex[worst][split]
        keep[middle] = True
        a, b = np.concatenate([a[split], middle]), np.concatenate([middle, b[split]])
        low, high = (
            np.concatenate([low[split], middle + 1]),
            np.concatenate([middle, high[split]]),
        )

    owner = rings.ring_ids()
    kept = np.bincount(owner[keep], minlength=rings.n_rings)
    offsets = np.zeros(rings.n_rings + 1, np.int64)
    np.cumsum(kept, out=offsets[1:])
    return Rings(rings.xy_nm[keep], offsets)


def _first_largest(values: NDArray[np.float64], borders: NDArray[np.int64]) -> NDArray[np.int64]:
    """(r,) int64: index of the first largest value of each run that starts at a border."""
    largest = np.maximum.reduceat(values, borders)
    counts = np.diff(np.append(borders, len(values)))
    at_largest = np.flatnonzero(values == np.repeat(largest, counts))
    owner = np.searchsorted(borders, at_largest, side="right") - 1
    return at_largest[np.searchsorted(owner, np.arange(len(borders)))]


def _distance2(
    p: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) squared distance of points p to the segments a-b."""
    ux, uy = b[:, 0] - a[:, 0], b[:, 1] - a[:, 1]
    vx, vy = p[:, 0] - a[:, 0], p[:, 1] - a[:, 1]
    length2 = ux * ux + uy * uy
    along = ux * vx + uy * vy
    cross = ux * vy - uy * vx
    safe = np.where(length2 > 0, length2, 1.0)
    wx, wy = p[:, 0] - b[:, 0], p[:, 1] - b[:, 1]
    to_a, to_b = vx * vx + vy * vy, wx * wx + wy * wy
    beside = (along > 0) & (along < length2)
    return np.where(beside, cross * (cross / safe), np.where(along > 0, to_b, to_a))
