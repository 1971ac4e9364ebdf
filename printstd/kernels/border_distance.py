"""How far points lie from the border of an area, and on which side, within a short reach.

Points and edges meet in the cells of a grid as wide as the reach: each edge stands in the cells
that its surroundings touch, each point looks into its own cell alone. Sides are told by counting
the edges to the right of a point (even-odd) among those of its row of cells. Cost: points times
the edges nearby, not times all edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings, concat, next_index
from printstd.named_tuple import NamedTuple

_BLOCK: Final = 2_000_000
"""Pairs of point and edge that are looked at in one go."""
_ROW_NM: Final = 500_000
"""How high the rows are in which edges are looked up, where no reach is asked for."""


def signed_distances_nm(
    points_nm: NDArray[np.int64], area: Rings, reach_nm: int
) -> NDArray[np.float64]:
    """(n,) float64, nm: positive outside of `area`, negative inside, cut off at +-reach_nm.

    points_nm : (n, 2) int64. The border itself is at 0, so it does not matter on which side a
    point on an edge is counted.
    """
    n = len(points_nm)
    if area.is_empty or not n:
        return np.full(n, float(reach_nm))
    low = points_nm.min(axis=0) - 2 * reach_nm
    cell = 2 * reach_nm
    start, end = area.xy_nm, area.xy_nm[next_index(area)]
    away2 = np.full(n, float(reach_nm) ** 2)
    _nearest(points_nm, start, end, low, cell, away2)
    away = np.sqrt(away2)
    is_inside = _is_inside(points_nm, start, end, int(low[1]), cell)
    return np.asarray(np.where(is_inside, -away, away))


def inside_each(
    points_nm: NDArray[np.int64], owner: NDArray[np.int64], areas: Sequence[Rings]
) -> NDArray[np.bool_]:
    """(n,) bool: is each point inside the area of its own (even-odd; a point on an edge may go
    either way)? Exact.

    points_nm : (n, 2) int64. owner : (n,) int64, into areas. All are laid beside each other on one
    sheet, and asked in one go.
    """
    rings = concat(areas)
    if rings.is_empty or not len(points_nm):
        return np.zeros(len(points_nm), np.bool_)
    y = np.concatenate([points_nm[:, 1], rings.xy_nm[:, 1]])
    apart = int(y.max() - y.min()) + _ROW_NM
    counts = [len(area.xy_nm) for area in areas]
    up = np.repeat(np.arange(len(areas), dtype=np.int64), counts) * apart
    start = np.stack([rings.xy_nm[:, 0], rings.xy_nm[:, 1] + up], axis=1)
    points = np.stack([points_nm[:, 0], points_nm[:, 1] + owner * apart], axis=1)
    return _is_inside(points, start, start[next_index(rings)], int(points[:, 1].min()), _ROW_NM)


class _Table(NamedTuple):
    """keys : (m,) int64 ascending. items : (m,) int64, what stands under each."""

    keys: NDArray[np.int64]
    items: NDArray[np.int64]


def _listed(
    first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(item, value) of every whole number from first to last of each item, both included."""
    counts = last - first + 1
    item = np.repeat(np.arange(len(first)), counts)
    return item, np.arange(len(item)) + np.repeat(first - (np.cumsum(counts) - counts), counts)


def _table(keys: NDArray[np.int64], items: NDArray[np.int64]) -> _Table:
    order = np.argsort(keys, kind="stable")
    return _Table(keys[order], items[order])


def _pairs(
    table: _Table, wanted: NDArray[np.int64]
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Blocks of (row of `wanted`, item under its key), rows ascending."""
    first = np.searchsorted(table.keys, wanted, side="left")
    counts = np.searchsorted(table.keys, wanted, side="right") - first
    total = np.cumsum(counts)
    found, begin = [], 0
    while begin < len(wanted):
        done = int(total[begin - 1]) if begin else 0
        stop = max(begin + 1, int(np.searchsorted(total, done + _BLOCK, side="right")))
        some, size = np.arange(begin, stop), counts[begin:stop]
        row = np.repeat(some, size)
        at = np.arange(len(row)) + np.repeat(first[some] - (np.cumsum(size) - size), size)
        found.append((row, table.items[at]))
        begin = stop
    return found


def _nearest(
    points: NDArray[np.int64],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    low: NDArray[np.int64],
    cell: int,
    away2: NDArray[np.float64],
) -> None:
    """Lower `away2` to the squared distance from the nearest edge, in place."""
    high = points.max(axis=0) + cell
    a, b = np.minimum(start, end), np.maximum(start, end)
    near = np.flatnonzero(((b >= low) & (a <= high)).all(axis=1))
    if not len(near):
        return
    # Cell by cell of each row that the edge passes, so that long slanting edges stand in few.
    reach = cell // 2
    rows = np.maximum(a[near, 1] - reach, low[1]), np.minimum(b[near, 1] + reach, high[1])
    item, row = _listed((rows[0] - low[1]) // cell, (rows[1] - low[1]) // cell)
    edge = near[item]
    p, way = start[edge].astype(np.float64), (end[edge] - start[edge]).astype(np.float64)
    bottom = (row * cell + low[1]).astype(np.float64)
    rise = np.where(way[:, 1] != 0, way[:, 1], 1.0)
    # Of the edge, what comes within the reach of the row.
    t = np.stack([(bottom - reach - p[:, 1]) / rise, (bottom + cell + reach - p[:, 1]) / rise])
    flat = way[:, 1] == 0
    t0 = np.where(flat, 0.0, np.clip(t.min(axis=0), 0.0, 1.0))
    t1 = np.where(flat, 1.0, np.clip(t.max(axis=0), 0.0, 1.0))
    x0, x1 = p[:, 0] + way[:, 0] * t0, p[:, 0] + way[:, 0] * t1
    left = np.maximum(np.minimum(x0, x1) - reach, float(low[0]))
    right = np.minimum(np.maximum(x0, x1) + reach, float(high[0]))
    kept = np.flatnonzero(right >= left)
    first = ((left[kept] - low[0]) // cell).astype(np.int64)
    last = ((right[kept] - low[0]) // cell).astype(np.int64)
    which, column = _listed(first, last)
    table = _table((row[kept][which] << 32) + column, edge[kept][which])
    at = (points - low) // cell
    for which, item in _pairs(table, (at[:, 1] << 32) + at[:, 0]):
        if not len(which):
            continue
        off = (points[which] - start[item]).astype(np.float64)
        side = (end[item] - start[item]).astype(np.float64)
        size = side[:, 0] * side[:, 0] + side[:, 1] * side[:, 1]
        share = (off[:, 0] * side[:, 0] + off[:, 1] * side[:, 1]) / np.where(size > 0, size, 1.0)
        off -= side * np.clip(share, 0.0, 1.0)[:, None]
        begins = np.flatnonzero(np.append(True, which[1:] != which[:-1]))
        least = np.minimum.reduceat(off[:, 0] * off[:, 0] + off[:, 1] * off[:, 1], begins)
        away2[which[begins]] = np.minimum(away2[which[begins]], least)


def _is_inside(
    points: NDArray[np.int64],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    low: int,
    cell: int,
) -> NDArray[np.bool_]:
    """(n,) bool: an odd number of edges lies to the right of the point."""
    bottom, top = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    highest = int(points[:, 1].max())
    slanting = np.flatnonzero((bottom != top) & (top > low) & (bottom <= highest))
    item, row = _listed(
        (np.maximum(bottom[slanting], low) - low) // cell,
        (np.minimum(top[slanting], highest) - low) // cell,
    )
    table = _table(row, slanting[item])
    crossed = np.zeros(len(points), np.int64)
    for which, edge in _pairs(table, (points[:, 1] - low) // cell):
        p, a, b = points[which], start[edge], end[edge]
        spans = (a[:, 1] > p[:, 1]) != (b[:, 1] > p[:, 1])
        which, p, a, b = which[spans], p[spans], a[spans], b[spans]
        # Exact: products of coordinate differences under 2 m fit int64.
        turn = (b[:, 0] - a[:, 0]) * (p[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (p[:, 0] - a[:, 0])
        crossed += np.bincount(which[(turn > 0) == (b[:, 1] > a[:, 1])], minlength=len(points))
    return np.asarray(crossed % 2 == 1)
