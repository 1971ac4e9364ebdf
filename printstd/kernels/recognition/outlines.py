"""The borders of flat regions as rings in the plane, so that areas can be laid over each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings

_NM_PER_MM = 1e6


def frame_across(axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 2, 3): two unit vectors normal to `axis` (..., 3) and to each other, right-handed:
    seen from where the axis points, the first turns anticlockwise to the second."""
    seed = np.zeros_like(axis)
    np.put_along_axis(seed, np.abs(axis).argmin(axis=-1)[..., None], 1.0, axis=-1)
    u = np.cross(axis, seed)
    u /= np.sqrt((u * u).sum(axis=-1))[..., None]
    return np.stack([u, np.cross(axis, u)], axis=-2)


def borders(
    faces: NDArray[np.integer[Any]], group: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """(vertices (b,), offsets (r + 1,), group (r,)), all int64: the border rings of every group of
    facets, the rings of one group together, groups ascending. `group` (f,) is -1 for facets that
    are of no interest.

    An edge is on the border where its group uses it more often one way than the other. Where
    several rings pass one vertex they may change over there: the area within them is the same.
    """
    kept = np.flatnonzero(group >= 0)
    start = faces[kept].astype(np.int64)
    end = start[:, [1, 2, 0]].reshape(-1)
    start = start.reshape(-1)
    own = np.repeat(group[kept], 3)
    start, end, own = _unpaired(start, end, own)
    order = np.lexsort((start, own))
    start, end, own = start[order], end[order], own[order]
    # The nth use that ends at a vertex goes on with the nth that starts there.
    arriving = np.lexsort((end, own))
    following = np.empty(len(start), np.int64)
    following[arriving] = np.arange(len(start))
    ring, place = _places_in_cycles(following)
    order = np.lexsort((place, ring, own))
    ring = ring[order]
    is_first = np.append(True, ring[1:] != ring[:-1]) if len(ring) else np.empty(0, bool)
    starts = np.flatnonzero(is_first)
    return start[order], np.append(starts, len(ring)), own[order][starts]


def _unpaired(
    start: NDArray[np.int64], end: NDArray[np.int64], own: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    low, high = np.minimum(start, end), np.maximum(start, end)
    order = np.lexsort((start > end, high, low, own))
    low, high, own = low[order], high[order], own[order]
    forward = (start <= end)[order]
    new = np.ones(len(low), bool)
    new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1]) | (own[1:] != own[:-1])
    starts = np.flatnonzero(new)
    if not len(starts):
        return start, end, own
    balance = np.add.reduceat(np.where(forward, 1, -1), starts)
    count = np.abs(balance)
    row = np.repeat(starts, count)
    up = np.repeat(balance > 0, count)
    return np.where(up, low[row], high[row]), np.where(up, high[row], low[row]), own[row]


def _places_in_cycles(
    following: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(smallest member of each one's cycle, steps from each to it round the cycle, negative so that
    ascending is the way round): pointer doubling, log2 of the longest cycle in rounds."""
    n = len(following)
    head, jump = np.arange(n), following.copy()
    while True:
        better = np.minimum(head, head[jump])
        jump = jump[jump]
        if np.array_equal(better, head):
            break
        head = better
    # Cut every cycle before its head, then count the steps to the cut.
    target = np.where(following == head, np.arange(n), following)
    steps = (target != np.arange(n)).astype(np.int64)
    while True:
        further = target[target]
        if np.array_equal(further, target):
            break
        steps = steps + steps[target]
        target = further
    return head, -steps


def rings_in_plane(
    points_mm: NDArray[np.float64],
    offsets: NDArray[np.int64],
    *,
    is_seen_from_behind: bool,
) -> Rings:
    """Border points (p, 2), mm in a plane's frame, as rings of whole nm. A region that faces
    away from the frame's axis comes out clockwise and is turned round."""
    xy = np.rint(points_mm * _NM_PER_MM).astype(np.int64)
    if is_seen_from_behind:
        counts = np.diff(offsets)
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts)
        xy = xy[np.repeat(offsets[1:], counts) - 1 - within]
    return Rings(xy, offsets)
