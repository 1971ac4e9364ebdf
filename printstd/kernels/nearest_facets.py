"""The facet of a mesh that is nearest to each of many points, exactly, all NumPy.

Each query first goes down the tree of boxes on a few ways, the most promising of each level: the
distance to a facet found so is nearly always close to the least. Then all queries walk the tree
level by level and leave out boxes that are farther away than that (Roussopoulos et al. 1995,
without a queue). A query of a point near the surface meets a few leaves, whatever the size of the
mesh.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.box_tree import BoxTree, box_tree

_WAYS: Final = 12
"""Boxes of a level that the first way down goes through."""
_TIE: Final = 0.05
"""What the middle of a box counts beside its nearest point."""

_AT_ONCE: Final = 1 << 13
"""Queries walked at once, so that memory stays bounded."""

Vectors = NDArray[np.float64]


class FacetTree(NamedTuple):
    """corners : (f, 3, 3) float64, f >= 1. tree : over their boxes."""

    corners: Vectors
    tree: BoxTree


class Nearest(NamedTuple):
    """facet : (p,) int64. distance : (p,) float64, to it."""

    facet: NDArray[np.int64]
    distance: Vectors


def facet_tree(corners: Vectors) -> FacetTree:
    return FacetTree(corners, box_tree(corners.min(axis=1), corners.max(axis=1)))


def nearest_facets(points: Vectors, facets: FacetTree) -> Nearest:
    """For each of `points` (p, 3) the nearest facet, the lowest-numbered of equally near ones, and
    the distance to it. O(log f) a point near the surface."""
    found = [
        _nearest(points[start : start + _AT_ONCE], facets)
        for start in range(0, len(points), _AT_ONCE)
    ]
    if not found:
        return Nearest(np.empty(0, np.int64), np.empty(0))
    return Nearest(
        np.concatenate([one.facet for one in found]),
        np.concatenate([one.distance for one in found]),
    )


def _nearest(points: Vectors, facets: FacetTree) -> Nearest:
    levels, order = facets.tree.levels, facets.tree.order
    every = np.arange(len(points))
    reached, best = _reached(points, facets)
    query, node = every, np.zeros(len(points), np.int64)
    for level in levels[1:]:
        query = np.concatenate([query, query])
        node = np.concatenate([2 * node, 2 * node + 1])
        # Distances are rounded: boxes that are as far away as the best are looked into.
        near = _box_distance2(level, node, points[query]) <= (best[query] * (1 + 1e-12)) ** 2
        query, node = query[near], node[near]
    if len(levels) == 1:
        return Nearest(reached, best)
    facet = order[node]
    distance = distances(points[query], facets.corners[facet])
    rank = np.lexsort((facet, distance, query))
    first = np.searchsorted(query[rank], every)
    chosen = rank[np.minimum(first, max(len(rank) - 1, 0))]
    return Nearest(facet[chosen], distance[chosen])


def _reached(points: Vectors, facets: FacetTree) -> tuple[NDArray[np.int64], Vectors]:
    """(facet (p,), its distance (p,)): one that is near, found by going down the tree with the most
    promising boxes only: nearest first, and of those that hold the point the one about whose middle
    it lies."""
    levels, order = facets.tree.levels, facets.tree.order
    node = np.zeros((len(points), 1), np.int64)
    for level in levels[1:]:
        node = np.concatenate([2 * node, 2 * node + 1], axis=1)
        if node.shape[1] > _WAYS:
            promise = _promise(level, node, points)
            kept = np.argpartition(promise, _WAYS - 1, axis=1)[:, :_WAYS]
            node = np.take_along_axis(node, kept, axis=1)
    # Leaves past the last facet are empty boxes.
    facet = order[np.minimum(node, len(order) - 1)]
    ways = facet.shape[1]
    distance = distances(
        np.repeat(points, ways, axis=0), facets.corners[facet.reshape(-1)]
    ).reshape(-1, ways)
    rows, best = np.arange(len(points)), distance.argmin(axis=1)
    return facet[rows, best], distance[rows, best]


def _promise(level: NDArray[np.floating[Any]], node: NDArray[np.int64], points: Vectors) -> Vectors:
    """(p, w) float64, the lower the likelier does a box hold something near."""
    off, middle = np.zeros(node.shape), np.zeros(node.shape)
    with np.errstate(invalid="ignore"):
        for axis in range(3):
            low, high, x = level[axis, node], level[axis + 3, node], points[:, axis, None]
            away = np.maximum(np.maximum(low - x, x - high), 0.0)
            off += away * away
            middle += ((low + high) / 2 - x) ** 2
    return np.where(np.isnan(middle), np.inf, off + _TIE * middle)


def _box_distance2(
    level: NDArray[np.floating[Any]], node: NDArray[np.int64], points: Vectors
) -> Vectors:
    """(n,) float64: squared distance of each point from its box; infinite from an empty one."""
    total = np.zeros(len(points))
    for axis in range(3):
        x = points[:, axis]
        off = np.maximum(np.maximum(level[axis, node] - x, x - level[axis + 3, node]), 0.0)
        total += off * off
    return total


def distances(points: Vectors, corners: Vectors) -> Vectors:
    """(n,) float64: distance of each point (n, 3) from its triangle (n, 3, 3), one without area
    included. The foot of the perpendicular where it lies within, else the nearest edge's."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    u, v, w = b - a, c - a, points - a
    normal = np.cross(u, v)
    n2 = _dot(normal, normal)
    with np.errstate(divide="ignore", invalid="ignore"):
        beta = _dot(np.cross(w, v), normal) / n2
        gamma = _dot(np.cross(u, w), normal) / n2
        above = np.abs(_dot(w, normal)) / np.sqrt(n2)
    is_over = (n2 > 0) & (beta >= 0) & (gamma >= 0) & (beta + gamma <= 1)
    edge = np.minimum(
        np.minimum(_edge_distance(points, a, b), _edge_distance(points, b, c)),
        _edge_distance(points, c, a),
    )
    # Never above the edge's: of a needle the perpendicular is the less certain of the two.
    return np.asarray(np.where(is_over, np.fmin(above, edge), edge), np.float64)


def _edge_distance(points: Vectors, start: Vectors, end: Vectors) -> Vectors:
    along = end - start
    length2 = _dot(along, along)
    at = np.clip(_dot(points - start, along) / np.where(length2 > 0, length2, 1.0), 0.0, 1.0)
    off = points - (start + at[:, None] * along)
    return np.asarray(np.sqrt(_dot(off, off)), np.float64)


def _dot(a: Vectors, b: Vectors) -> Vectors:
    return np.asarray((a * b).sum(axis=1), np.float64)
