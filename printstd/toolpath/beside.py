"""Which walls a filled gap lies beside: it is laid when they are, and may be laid at once then."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels.distinct import distinct
from printstd.kernels.rings import Rings, next_index
from printstd.toolpath.paths import PathSet

_SEGMENTS_AT_ONCE: Final = 1_000_000


def walls_beside_gaps(
    paths: PathSet, layer: NDArray[np.int64], island: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(wall, gap), rows of `paths`: all pairs of one island that touch, and perhaps some that lie
    close by. For the pieces of one gap, which are laid in one go, their first row stands.

    layer, island : (k,) of each path. Told by boxes, first of the paths, then of the wall's
    segments.
    """
    gap, wall = np.flatnonzero(paths.role == Role.GAP_FILL), np.flatnonzero(paths.depth >= 0)
    if not len(gap) or not len(wall):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    low, high = _boxes(paths)
    gap, low[gap], high[gap] = _as_one(gap, paths.group[gap], low[gap], high[gap])
    gap, wall = _of_one_island(distinct(gap), wall, layer * (int(island.max()) + 2) + island)
    near = np.ones(len(gap), bool)
    for axis in range(2):
        near &= (low[gap, axis] <= high[wall, axis]) & (low[wall, axis] <= high[gap, axis])
    gap, wall = gap[near], wall[near]
    touches = np.zeros(len(gap), bool)
    segments = np.diff(paths.offsets)[wall]
    part = np.cumsum(segments) // _SEGMENTS_AT_ONCE
    following = next_index(Rings(paths.xy_nm, paths.offsets))
    starts = [np.ascontiguousarray(paths.xy_nm[:, axis]) for axis in range(2)]
    ends = [column[following] for column in starts]
    lows = [np.ascontiguousarray(low[:, axis]) for axis in range(2)]
    highs = [np.ascontiguousarray(high[:, axis]) for axis in range(2)]
    for number in range(int(part.max(initial=-1)) + 1):
        rows = np.flatnonzero(part == number)
        count = segments[rows]
        pair = np.repeat(rows, count)
        nth = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
        at = paths.offsets[wall[pair]] + nth
        half = paths.width_nm[wall[pair]] // 2
        for axis in range(2):
            a, b = starts[axis][at], ends[axis][at]
            own = gap[pair]
            meets = np.minimum(a, b) - half <= highs[axis][own]
            meets &= np.maximum(a, b) + half >= lows[axis][own]
            at, half, pair = at[meets], half[meets], pair[meets]
        touches[pair] = True
    return wall[touches], gap[touches]


def _as_one(
    rows: NDArray[np.int64],
    group: NDArray[np.int32],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The first row of each row's group, and the box of all of it. Groups stand together."""
    is_first = np.ones(len(rows), bool)
    is_first[1:] = (group[1:] < 0) | (group[1:] != group[:-1])
    starts = np.flatnonzero(is_first)
    nth = np.cumsum(is_first) - 1
    return (
        rows[starts][nth],
        np.minimum.reduceat(low, starts)[nth],
        np.maximum.reduceat(high, starts)[nth],
    )


def _of_one_island(
    gap: NDArray[np.int64], wall: NDArray[np.int64], number: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every pair of one number."""
    wall = wall[np.argsort(number[wall], kind="stable")]
    first = np.searchsorted(number[wall], number[gap], side="left")
    count = np.searchsorted(number[wall], number[gap], side="right") - first
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(gap, count), wall[np.repeat(first, count) + nth]


def _boxes(paths: PathSet) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(k, 2) each, the lowest and the highest X and Y that each bead reaches."""
    starts, half = paths.offsets[:-1], (paths.width_nm // 2)[:, None]
    low = np.minimum.reduceat(paths.xy_nm, starts) - half
    return low, np.maximum.reduceat(paths.xy_nm, starts) + half
