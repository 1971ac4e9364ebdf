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

from printstd.kernels.rings import Rings, next_index, take


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
    x, y = rings.xy_nm[:, 0].astype(np.float64), rings.xy_nm[:, 1].astype(np.float64)
    starts, ends = rings.offsets[:-1], rings.offsets[1:]
    keep = np.zeros(len(x), bool)
    keep[starts] = True

    from_x, from_y = x - np.repeat(x[starts], counts), y - np.repeat(y[starts], counts)
    far = _first_largest(from_x * from_x + from_y * from_y, starts, counts)
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
        vertex = np.arange(borders[-1] + count[-1]) + np.repeat(low - borders, count)
        distance2 = _distance2(x[vertex], y[vertex], x, y, a, b, count)
        worst = _first_largest(distance2, borders, count)
        split = distance2[worst] > limit
        middle = vertex[worst[split]]
        keep[middle] = True
        a, b = np.concatenate([a[split], middle]), np.concatenate([middle, b[split]])
        low, high = (
            np.concatenate([low[split], middle + 1]),
            np.concatenate([middle, high[split]]),
        )

    offsets = np.zeros(rings.n_rings + 1, np.int64)
    np.cumsum(np.add.reduceat(keep, starts, dtype=np.int64), out=offsets[1:])
    return Rings(rings.xy_nm.compress(keep, axis=0), offsets)


def without_straight(rings: Rings, tolerance_nm: int) -> Rings:
    """`rings` without the runs of vertices that lie within `tolerance_nm` of the chord from the
    vertex before the run to the one after it: what edges inside flat faces leave in a section.

    One pass, so less than `simplified` finds, but what it leaves out does not depend on where a
    ring starts: sections of the same walls keep the same vertices.
    """
    if rings.is_empty:
        return rings
    x, y = rings.xy_nm[:, 0].astype(np.float64), rings.xy_nm[:, 1].astype(np.float64)
    following = next_index(rings)
    previous = np.empty_like(following)
    previous[following] = np.arange(len(x))
    limit = float(tolerance_nm) ** 2
    is_straight = _distance2(x, y, x, y, previous, following, None) <= limit
    # Rings of nothing but such vertices have no chord to measure by: they stay as they are.
    counts = np.diff(rings.offsets)
    anchors = np.add.reduceat(~is_straight, rings.offsets[:-1])
    is_straight &= np.repeat(anchors >= 2, counts)
    middle = np.flatnonzero(is_straight)
    if not len(middle):
        return rings
    a, b = _around(middle, np.flatnonzero(~is_straight), rings.offsets)
    is_off = _distance2(x[middle], y[middle], x, y, a, b, None) > limit
    # A run goes as a whole or stays as a whole; its first anchor names it.
    bad = np.zeros(len(x), bool)
    bad[a[is_off]] = True
    keep = np.ones(len(x), bool)
    keep[middle] = bad[a]
    kept = np.add.reduceat(keep, rings.offsets[:-1])
    keep |= np.repeat(kept < 3, counts)
    offsets = np.zeros(rings.n_rings + 1, np.int64)
    np.cumsum(np.add.reduceat(keep, rings.offsets[:-1]), out=offsets[1:])
    return Rings(rings.xy_nm.compress(keep, axis=0), offsets)


def _around(
    middle: NDArray[np.int64], anchors: NDArray[np.int64], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n,) each, the last anchor before each vertex of `middle` on its ring, the first one after
    it. anchors : ascending, none of them in `middle`, at least one on each ring."""
    ring = np.searchsorted(offsets, middle, side="right") - 1
    # Of each ring, the first of its anchors among all, and of the next ring.
    low = np.searchsorted(anchors, offsets)
    low, high = low[ring], low[ring + 1]
    nth = np.searchsorted(anchors, middle)
    before = np.where(nth > low, nth, high) - 1
    return anchors[before], anchors[np.where(nth < high, nth, low)]


def _first_largest(
    values: NDArray[np.float64],
    borders: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> NDArray[np.int64]:
    """(r,) int64: index of the first largest value of each run that starts at a border."""
    largest = np.maximum.reduceat(values, borders)
    at_largest = np.flatnonzero(values == np.repeat(largest, counts))
    if len(at_largest) == len(borders):
        return at_largest
    return at_largest[np.searchsorted(at_largest, borders)]


def _distance2(
    vertex_x: NDArray[np.float64],
    vertex_y: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    count: NDArray[np.int64] | None,
) -> NDArray[np.float64]:
    """(n,) squared distance of each vertex to its chord a-b as a segment. x, y : what a and b are
    indices of. count : how many vertices each chord has, one after another; None: one each."""
    ax, ay = x[a], y[a]
    uxc, uyc = x[b] - ax, y[b] - ay
    length2c = uxc * uxc + uyc * uyc
    if count is not None:
        ax, ay, uxc, uyc, length2c = (np.repeat(own, count) for own in (ax, ay, uxc, uyc, length2c))
    vx, vy = vertex_x - ax, vertex_y - ay
    cross = uxc * vy - uyc * vx
    along = uxc * vx + uyc * vy
    distance2 = cross * (cross / np.where(length2c > 0, length2c, 1.0))
    before = np.flatnonzero(along <= 0)
    distance2[before] = vx[before] * vx[before] + vy[before] * vy[before]
    past = np.flatnonzero((along >= length2c) & (along > 0))
    wx, wy = vx[past] - uxc[past], vy[past] - uyc[past]
    distance2[past] = wx * wx + wy * wy
    return distance2
