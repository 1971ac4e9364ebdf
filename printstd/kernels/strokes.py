"""Round-ended strokes painted into a grid of samples, by integers alone: the same on any machine.

A stroke is everything within its radius of a straight line: two discs and a rectangle, convex, so
each row of samples has one interval of it. A sample is painted where its middle lies in the
interval, half open, so strokes side by side neither share a sample nor leave one out.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

SUB: Final = 256
"""Steps of a sample's width in which strokes are placed."""
FURTHEST: Final = 1 << 29
"""Products of two differences of such numbers still fit."""
_BATCH_ROWS: Final = 500_000
_BATCH_SAMPLES: Final = 2_000_000
_FAR: Final = 1 << 40

_Ints = NDArray[np.int64]


def paint(grid: NDArray[np.int64], start: _Ints, end: _Ints, radius: _Ints, label: _Ints) -> None:
    """Raise each sample of `grid` to the greatest label of the strokes that cover it.

    grid : (h, w) int64, row 0 at the bottom; sample (row, column) has its middle at
    (column + 1/2, row + 1/2) * SUB. start, end : (n, 2) int64, radius : (n,) int64, in 1/SUB of a
    sample, none beyond `FURTHEST`. label : (n,) int64.
    """
    height = grid.shape[0]
    low = np.minimum(start[:, 1], end[:, 1]) - radius
    high = np.maximum(start[:, 1], end[:, 1]) + radius
    first = np.clip(_ceil_sample(low), 0, height)
    count = np.maximum(np.clip(_ceil_sample(high), 0, height) - first, 0)
    for begin, stop in _batches(count, _BATCH_ROWS):
        run = count[begin:stop]
        stroke = np.repeat(np.arange(begin, stop), run)
        row = np.arange(len(stroke)) - np.repeat(np.cumsum(run) - run - first[begin:stop], run)
        left, right = _interval(start[stroke], end[stroke], radius[stroke], row * SUB + SUB // 2)
        _fill(grid, row, left, right, label[stroke])


def _ceil_sample(position: _Ints) -> _Ints:
    """The first sample whose middle is at or after a position."""
    return -((SUB // 2 - position) // SUB)


def _batches(count: _Ints, most: int) -> list[tuple[int, int]]:
    """Runs of items whose counts add up to about `most`."""
    total = np.cumsum(count)
    if not len(total) or not total[-1]:
        return []
    cuts = np.searchsorted(total, np.arange(most, int(total[-1]), most), side="right").tolist()
    borders = sorted({0, *cuts, len(count)})
    return list(pairwise(borders))


def _interval(a: _Ints, b: _Ints, radius: _Ints, y: _Ints) -> tuple[_Ints, _Ints]:
    """(low, high) of what the line of height y has of each stroke; low > high for nothing."""
    low, high = np.full(len(y), _FAR), np.full(len(y), -_FAR)
    for middle in (a, b):
        off = y - middle[:, 1]
        square = radius * radius - off * off
        half = _root(np.maximum(square, 0))
        hit = square >= 0
        low = np.where(hit, np.minimum(low, middle[:, 0] - half), low)
        high = np.where(hit, np.maximum(high, middle[:, 0] + half), high)
    way = b - a
    length = np.maximum(_root((way * way).sum(axis=1)), 1)
    side = np.stack([-way[:, 1] * radius // length, way[:, 0] * radius // length], axis=1)
    corners = (a + side, b + side, b - side, a - side)
    for p, q in zip(corners, (*corners[1:], corners[0]), strict=True):
        rise = q[:, 1] - p[:, 1]
        hit = (np.minimum(p[:, 1], q[:, 1]) <= y) & (y < np.maximum(p[:, 1], q[:, 1]))
        x = p[:, 0] + (y - p[:, 1]) * (q[:, 0] - p[:, 0]) // np.where(hit, rise, 1)
        low = np.where(hit, np.minimum(low, x), low)
        high = np.where(hit, np.maximum(high, x), high)
    return low, high


def _root(square: _Ints) -> _Ints:
    """Whole part of the square root; of numbers below 2^52 the correctly rounded one is exact."""
    return np.sqrt(square.astype(np.float64)).astype(np.int64)


def _fill(grid: NDArray[np.int64], row: _Ints, left: _Ints, right: _Ints, label: _Ints) -> None:
    width = grid.shape[1]
    first = np.clip(_ceil_sample(left), 0, width)
    count = np.maximum(np.clip(_ceil_sample(right), 0, width) - first, 0)
    base = row * width + first
    flat = grid.reshape(-1)
    for begin, stop in _batches(count, _BATCH_SAMPLES):
        run = count[begin:stop]
        place = np.arange(int(run.sum())) - np.repeat(np.cumsum(run) - run, run)
        place += np.repeat(base[begin:stop], run)
        np.maximum.at(flat, place, np.repeat(label[begin:stop], run))
