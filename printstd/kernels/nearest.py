"""Points and what is nearest to them: a border, one another."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings, next_index

_BLOCK: Final = 2_000_000
"""Distances that are held at a time."""


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
    block = max(1, _BLOCK // n)
    for begin in range(0, n, block):
        p = xy[begin : begin + block]
        dx, dy = p[:, None, 0] - xy[:, 0], p[:, None, 1] - xy[:, 1]
        squared = dx * dx + dy * dy
        row = np.arange(len(p))
        squared[row, row + begin] = np.inf
        nearest[begin : begin + block] = squared.argmin(axis=1)
        away[begin : begin + block] = np.sqrt(squared.min(axis=1))
    return nearest, away
