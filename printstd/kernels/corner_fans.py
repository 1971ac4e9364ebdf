"""How many fans of facets meet at each vertex: one, where the surface is a surface there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.components import component_labels
from printstd.kernels.edges import EdgeTable


def fans_per_vertex(
    n_vertices: int, faces: NDArray[np.integer[Any]], edges: EdgeTable
) -> NDArray[np.int64]:
    """(n_vertices,) int64: groups of facets at each vertex that hang together through edges of
    two facets; 0 for vertices that no facet of `edges` names."""
    vertex = np.asarray(faces, np.int64).reshape(-1)
    used = np.zeros(len(faces), bool)
    used[edges.facets] = True
    edge = np.flatnonzero(edges.counts == 2)
    start = edges.offsets[edge]
    first = 3 * edges.facets[start] + edges.corners[start]
    second = 3 * edges.facets[start + 1] + edges.corners[start + 1]
    is_even = bool((edges.counts == 2).all() and edges.is_balanced.all())
    if is_even:
        label = _cycle_minima(_around(len(vertex), first, second))
    else:
        label = _joined(vertex, first, second)
    is_one_of_each = (label == np.arange(len(vertex))) & np.repeat(used, 3)
    return np.bincount(vertex[is_one_of_each], minlength=n_vertices).astype(np.int64)


def _next(corner: NDArray[np.int64]) -> NDArray[np.int64]:
    """The corner after each in its own facet."""
    return np.where(corner % 3 == 2, corner - 2, corner + 1)


def _around(n: int, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) int64: from each corner to that of the neighbouring facet at the same vertex. first,
    second : corners from which the two uses of every edge run, against each other."""
    following = np.arange(n)
    following[first] = _next(second)
    following[second] = _next(first)
    return following


def _cycle_minima(following: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) int64: the least number on each number's cycle (pointer doubling)."""
    least, jump = np.arange(len(following)), following
    while True:
        further = np.minimum(least, least[jump])
        if np.array_equal(further, least):
            return least
        least, jump = further, jump[jump]


def _joined(
    vertex: NDArray[np.int64], first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(n,) int64: the least corner of each fan, of facets that may be wound either way."""
    n = len(vertex)
    ends = [(first, second), (first, _next(second)), (_next(first), second)]
    ends.append((_next(first), _next(second)))
    a = np.concatenate([one for one, _ in ends])
    b = np.concatenate([other for _, other in ends])
    is_same = vertex[a] == vertex[b]
    group, count = component_labels(n, a[is_same], b[is_same])
    least = np.full(count, n)
    np.minimum.at(least, group, np.arange(n))
    return least[group]
