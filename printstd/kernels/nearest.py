"""Points and what is nearest to them: a border, one another."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings, next_index

_BLOCK: Final = 2_000_000
"""Distances that are held at a time."""
_FEW: Final = 100
"""So many points are compared each with each."""
_CROWD: Final = 60
"""Points in a cell and those around it, on average, from which on cells are of no use."""


def on_border(
    rings: Rings, points_nm: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(n, 2) int64, nm: the place of the rings' edges nearest to each point, the first of several;
    and (n,) float64, nm: how far it is. At least one edge is needed."""
    a = rings.xy_nm.astype(np.float64)
    step = a[next_index(rings)] - a
    long2 = np.maximum(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1], 1.0)
    found = np.empty((len(points_nm), 2), np.int64)
    away = np.empty(len(points_nm))
    block = max(1, _BLOCK // len(a))
    for begin in range(0, len(points_nm), block):
        p = points_nm[begin : begin + block].astype(np.float64)
        dx, dy = p[:, None, 0] - a[:, 0], p[:, None, 1] - a[:, 1]
        share = np.clip((dx * step[:, 0] + dy * step[:, 1]) / long2, 0.0, 1.0)
        ex, ey = dx - share * step[:, 0], dy - share * step[:, 1]
        squared = ex * ex + ey * ey
        row, edge = np.arange(len(p)), squared.argmin(axis=1)
        at = share[row, edge][:, None] * step[edge] + a[edge]
        found[begin : begin + block] = np.rint(at).astype(np.int64)
        away[begin : begin + block] = np.sqrt(squared[row, edge])
    return found, away


def of_each_other(
    points_nm: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(n,) int64: the nearest other point of each, the first of several; (n,) float64, nm: how far
    it is. -1 and infinity where there is no other."""
    n = len(points_nm)
    nearest = np.full(n, -1, np.int64)
    away = np.full(n, np.inf)
    if n < 2:
        return nearest, away
    xy = points_nm.astype(np.float64)
    left = np.arange(n)
    if n > _FEW:
        within = _in_cells(points_nm, nearest, away)
        left = np.flatnonzero(away > within)
    block = max(1, _BLOCK // n)
    for begin in range(0, len(left), block):
        rows = left[begin : begin + block]
        dx, dy = xy[rows, None, 0] - xy[:, 0], xy[rows, None, 1] - xy[:, 1]
        squared = dx * dx + dy * dy
        squared[np.arange(len(rows)), rows] = np.inf
        nearest[rows] = squared.argmin(axis=1)
        away[rows] = np.sqrt(squared.min(axis=1))
    return nearest, away


def _in_cells(
    points_nm: NDArray[np.int64], nearest: NDArray[np.int64], away: NDArray[np.float64]
) -> float:
    """Fills in the nearest of each among those in its own square cell and the eight around it.
    Returns within what distance, nm, that is the nearest of all; 0 where points are crowded."""
    low = points_nm.min(axis=0)
    width, height = (float(side) for side in points_nm.max(axis=0) - low)
    cell = int(max(np.sqrt(width * height / len(points_nm)), (width + height) / len(points_nm), 1))
    column, row = ((points_nm - low) // cell).T
    # A row of empty cells above and below each column of cells.
    n_rows = int(row.max()) + 3
    key = column * n_rows + row + 1
    order = np.argsort(key, kind="stable")
    in_order = key[order]
    ranges = [
        (
            np.searchsorted(in_order, key + aside * n_rows - 1, side="left"),
            np.searchsorted(in_order, key + aside * n_rows + 1, side="right"),
        )
        for aside in (-1, 0, 1)
    ]
    if sum(int((last - first).sum()) for first, last in ranges) > _CROWD * len(key):
        return 0.0
    ones, others = [], []
    for first, last in ranges:
        counts = last - first
        one = np.repeat(np.arange(len(key)), counts)
        nth = np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)
        ones.append(one)
        others.append(order[first[one] + nth])
    one, other = np.concatenate(ones), np.concatenate(others)
    one, other = one[one != other], other[one != other]
    step = (points_nm[one] - points_nm[other]).astype(np.float64)
    squared = step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1]
    by_distance = np.lexsort((other, squared, one))
    at, begin = np.unique(one[by_distance], return_index=True)
    best = by_distance[begin]
    nearest[at], away[at] = other[best], np.sqrt(squared[best])
    return float(cell)
