"""A tree of boxes over many boxes: which overlap each other, and which a query meets.

The boxes are put in Morton order of their middles and the tree is the complete binary tree
over that order, so that it needs no pointers: node i of level k has the children 2 i and
2 i + 1 of level k + 1. Queries walk all branches of one level at once (facts of validation 2.4:
vectorised Morton tree with a dual frontier).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]

FRONTIER_LIMIT = 1 << 18
"""Pairs of nodes walked at once; more are split, so memory stays bounded (some tens of MB)."""


class BoxTree(NamedTuple):
    """order : (n,) int64, box at each leaf. levels : one (6, 2^k) array per level, root first, of
    the kind of float that the boxes came in: three rows of lower and three of upper borders. Leaves
    past n are empty boxes."""

    order: NDArray[np.int64]
    levels: tuple[NDArray[np.floating[Any]], ...]


def box_tree(low: NDArray[np.floating[Any]], high: NDArray[np.floating[Any]]) -> BoxTree:
    """The tree over n >= 1 boxes with corners `low` and `high`, both (n, 3)."""
    order = morton_order(low + high)
    n_leaves = 1 << (len(low) - 1).bit_length()
    leaves = np.empty((6, n_leaves), low.dtype)
    leaves[:3], leaves[3:] = np.inf, -np.inf
    leaves[:3, : len(low)] = low[order].T
    leaves[3:, : len(low)] = high[order].T
    levels = [leaves]
    while levels[-1].shape[1] > 1:
        below = levels[-1]
        above = np.empty((6, below.shape[1] // 2), low.dtype)
        np.minimum(below[:3, ::2], below[:3, 1::2], out=above[:3])
        np.maximum(below[3:, ::2], below[3:, 1::2], out=above[3:])
        levels.append(above)
    return BoxTree(order, tuple(reversed(levels)))


def morton_order(points: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """(n,) int64: the points (n, 3) along a curve on which neighbours are neighbours in space."""
    return np.argsort(_morton(points), kind="stable").astype(np.int64)


def overlapping_pairs(tree: BoxTree) -> Iterator[Pairs]:
    """Every pair of boxes that overlap or touch, in portions of (first, second), each pair once,
    numbers of the boxes as they were given; no order is promised."""
    start = np.zeros(1, np.int64)
    for level, a, b in _walk(tree, 0, start, start):
        yield _leaf_pairs(tree, level, a, b)


def _walk(
    tree: BoxTree, level: int, a: NDArray[np.int64], b: NDArray[np.int64]
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
    while level < len(tree.levels) - 1:
        if len(a) > FRONTIER_LIMIT:
            middle = len(a) // 2
            yield from _walk(tree, level, a[:middle], b[:middle])
            yield from _walk(tree, level, a[middle:], b[middle:])
            return
        level += 1
        a, b = _children(a, b)
        a, b = _meeting(tree.levels[level], a, tree.levels[level], b)
    yield level, a, b


def _children(a: NDArray[np.int64], b: NDArray[np.int64]) -> Pairs:
    """All pairs of children, with a <= b kept true."""
    other = a != b
    left, right = 2 * a, 2 * b
    return (
        np.concatenate([left, left, left[other] + 1, left + 1]),
        np.concatenate([right, right + 1, right[other], right + 1]),
    )


def _leaf_pairs(tree: BoxTree, level: int, a: NDArray[np.int64], b: NDArray[np.int64]) -> Pairs:
    distinct = a != b
    return tree.order[a[distinct]], tree.order[b[distinct]]


def _meeting(
    boxes_a: NDArray[np.floating[Any]],
    a: NDArray[np.int64],
    boxes_b: NDArray[np.floating[Any]],
    b: NDArray[np.int64],
) -> Pairs:
    """Those of the pairs (a, b) whose boxes overlap or touch; one axis after the other, since
    most pairs are ruled out by the first."""
    for axis in range(3):
        meets = (boxes_a[axis, a] <= boxes_b[axis + 3, b]) & (
            boxes_b[axis, b] <= boxes_a[axis + 3, a]
        )
        a, b = a[meets], b[meets]
    return a, b


def boxes_met(
    tree: BoxTree, low: NDArray[np.float64], high: NDArray[np.float64]
) -> Iterator[Pairs]:
    """Every (query, box) whose boxes overlap or touch, in portions; queries (q, 3) corners."""
    queries = np.concatenate([low.T, high.T])
    every = np.arange(len(low))
    a, b = _meeting(queries, every, tree.levels[0], np.zeros(len(low), np.int64))
    yield from _descend(tree, queries, 0, a, b)


def _descend(
    tree: BoxTree,
    queries: NDArray[np.float64],
    level: int,
    query: NDArray[np.int64],
    node: NDArray[np.int64],
) -> Iterator[Pairs]:
    while level < len(tree.levels) - 1:
        if len(query) > FRONTIER_LIMIT:
            middle = len(query) // 2
            yield from _descend(tree, queries, level, query[:middle], node[:middle])
            yield from _descend(tree, queries, level, query[middle:], node[middle:])
            return
        level += 1
        query = np.concatenate([query, query])
        node = np.concatenate([2 * node, 2 * node + 1])
        query, node = _meeting(queries, query, tree.levels[level], node)
    yield query, tree.order[node]


def _morton(points: NDArray[np.floating[Any]]) -> NDArray[np.uint64]:
    """(n,) uint64: 21 bits of each axis, interleaved."""
    low = points.min(axis=0)
    size = float((points.max(axis=0) - low).max())
    cell = (points - low) * ((2**21 - 1) / size if size > 0 else 0.0)
    bits = cell.astype(np.uint64)
    code = np.zeros(len(points), np.uint64)
    for axis in range(3):
        code |= _spread(bits[:, axis]) << np.uint64(axis)
    return code


def _spread(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Bit i of the 21 lowest goes to bit 3 i."""
    for shift, mask in (
        (32, 0x001F00000000FFFF),
        (16, 0x001F0000FF0000FF),
        (8, 0x100F00F00F00F00F),
        (4, 0x10C30C30C30C30C3),
        (2, 0x1249249249249249),
    ):
        bits = (bits | bits << np.uint64(shift)) & np.uint64(mask)
    return bits
