"""Sums, extremes and small least-squares problems of many groups of rows at once.

Rows come with the number of their group; nothing here loops over groups.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def sums(group: Ints, values: Floats, count: int) -> Floats:
    """(count, ...) float64: the values (n, ...) of each group added up."""
    if values.ndim == 1:
        return np.asarray(np.bincount(group, weights=values, minlength=count), np.float64)
    flat: Floats = values.reshape(len(values), int(np.prod(values.shape[1:])))
    columns = [np.bincount(group, flat[:, k], count) for k in range(flat.shape[1])]
    return np.asarray(np.stack(columns, axis=1).reshape(count, *values.shape[1:]), np.float64)


def maxima(group: Ints, values: Floats, count: int, least: float = 0.0) -> Floats:
    """(count,) float64: largest of each group, `least` where it is empty."""
    found = np.full(count, least)
    np.maximum.at(found, group, values)
    return found


def medians(group: Ints, values: Floats, count: int) -> Floats:
    """(count,) float64: the lower median of each group, 0 where it is empty."""
    order = np.lexsort((values, group))
    borders = np.searchsorted(group[order], np.arange(count + 1))
    middle = (borders[:-1] + borders[1:] - 1) // 2
    found = np.zeros(count)
    filled = borders[1:] > borders[:-1]
    found[filled] = values[order][middle[filled]]
    return found


def distinct_pairs(group: Ints, value: Ints) -> tuple[Ints, Ints]:
    """(group, value) of every pair that occurs, each once, ascending; none is negative and their
    product stays below 2^63."""
    if not len(group):
        return group, value
    width = int(value.max()) + 1
    key = group * width
    key += value
    key.sort()
    key = key[np.append(True, key[1:] != key[:-1])]
    return np.asarray(key // width), np.asarray(key % width)


def order_within(group: Ints, flag: NDArray[np.bool_], size: Floats) -> Ints:
    """(n,) int64: the order by group, then flag, then size (> 0, to 1 in 2^24), then row. One sort
    of one packed key takes a quarter of the time of `lexsort`."""
    with np.errstate(divide="ignore"):
        level = np.log2(np.clip(size, 2.0**-40, 2.0**40)) + 40
    key = (level * 2.0**24).astype(np.int64)
    key += group << 32
    key += flag.astype(np.int64) << 31
    return np.argsort(key, kind="stable")


def levels(values: Floats, step: float) -> Ints:
    """(n,) int64: number of the run of values, each no more than `step` above the one below: what
    differs by rounding is on one level."""
    order = np.argsort(values, kind="stable")
    level = np.empty(len(values), np.int64)
    level[order] = np.cumsum(np.append(False, np.diff(values[order]) > step)[: len(values)])
    return level


def scatter(group: Ints, vectors: Floats, weight: Floats, count: int) -> Floats:
    """(count, 3, 3): sum of weight * v v^T."""
    return sums(group, vectors[:, :, None] * vectors[:, None, :] * weight[:, None, None], count)


def solved(system: Floats, right: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """(solutions (g, n), is_solvable (g,)) of g symmetric systems (g, n, n) of normal equations,
    each scaled to unit diagonal first."""
    n = system.shape[-1]
    diagonal = np.sqrt(np.maximum(system[:, range(n), range(n)], 0.0))
    is_solvable = (diagonal > 0).all(axis=1)
    scale = np.where(diagonal > 0, diagonal, 1.0)
    scaled = system / (scale[:, :, None] * scale[:, None, :])
    is_solvable &= np.abs(np.linalg.det(scaled)) > 1e-30
    scaled[~is_solvable] = np.eye(n)
    found = np.linalg.solve(scaled, (right / scale)[:, :, None])[:, :, 0] / scale
    return found, is_solvable
