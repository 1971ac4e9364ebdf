"""Which facets meet at each edge of an indexed triangle mesh.

One sort of packed edge keys serves boundary edges, edges with more than two facets, winding,
shells and dihedral neighbours (facts of validation, 8.3).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from printstd.named_tuple import NamedTuple


class EdgeTable(NamedTuple):
    """Edges in the order of (lower vertex, higher vertex).

    vertices : (e, 2) int64, the two vertices, lower first.
    offsets : (e + 1,) int64, borders of each edge's uses.
    facets : (h,) int64, facets that use the edge, ascending within one edge.
    corners : (h,) int64, 0, 1 or 2: the use runs from this corner of the facet to the next.
    forward : (e,) int64, number of uses that run from the lower vertex to the higher.
    """

    vertices: NDArray[np.int64]
    offsets: NDArray[np.int64]
    facets: NDArray[np.int64]
    corners: NDArray[np.int64]
    forward: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """(e,) int64: facets at each edge."""
        return np.diff(self.offsets)

    @property
    def is_balanced(self) -> NDArray[np.bool_]:
        """(e,) bool: as many uses run one way as the other. A mesh whose edges are all
        balanced has a whole winding number everywhere (Zhou et al. 2016)."""
        return np.asarray(2 * self.forward == self.counts, np.bool_)

    def uses_of(self, edges: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """(u,) int64: positions in `facets` of every use of `edges`, in their order."""
        starts, counts = self.offsets[edges], self.counts[edges]
        ends = np.cumsum(counts)
        steps = np.arange(ends[-1] if len(ends) else 0, dtype=np.int64)
        return np.asarray(steps + np.repeat(starts - ends + counts, counts), np.int64)

    def two_facet_edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """(edge (k,), facet (k,), other facet (k,)) of every edge with exactly two uses."""
        edge = np.flatnonzero(self.counts == 2)
        start = self.offsets[edge]
        return edge, self.facets[start], self.facets[start + 1]


def edge_table(faces: NDArray[np.integer[Any]]) -> EdgeTable:
    """The edges of `faces` (f, 3), leaving out facets that name one vertex twice.

    Such a facet has no inside; once it is out, its neighbours meet in the edge it had.
    """
    faces = np.asarray(faces, np.int64)
    kept = np.flatnonzero(has_three_vertices(faces))
    start = faces[kept]
    end = start[:, [1, 2, 0]]
    is_forward = (start < end).reshape(-1)
    lower, higher = np.minimum(start, end).reshape(-1), np.maximum(start, end).reshape(-1)
    key = lower << 32 | higher
    order = np.argsort(key, kind="stable")
    key = key[order]
    is_first = np.ones(len(key), bool)
    is_first[1:] = key[1:] != key[:-1]
    borders = np.flatnonzero(is_first)
    offsets = np.append(borders, len(key)).astype(np.int64)
    running = np.concatenate([[0], np.cumsum(is_forward[order])])
    return EdgeTable(
        vertices=np.stack([key[borders] >> 32, key[borders] & 0xFFFFFFFF], axis=1),
        offsets=offsets,
        facets=kept[order // 3],
        corners=order % 3,
        forward=np.diff(running[offsets]),
    )


def is_paired(faces: NDArray[np.integer[Any]]) -> bool:
    """True where every edge is used just twice, once each way: the ordinary closed surface. It is
    told without the table, in a fifth of its time and memory."""
    key = np.empty((len(faces), 3), np.int64)
    for corner in range(3):
        start = faces[:, corner].astype(np.int64)
        end = faces[:, (corner + 1) % 3].astype(np.int64)
        if bool((start == end).any()):
            return False
        key[:, corner] = np.minimum(start, end) << 32 | np.maximum(start, end) << 1 | (start > end)
    ordered = key.reshape(-1)
    if len(ordered) % 2:
        return False
    ordered.sort()
    forward, backward = ordered[0::2], ordered[1::2]
    return bool(((forward & 1) == 0).all() and (backward == forward + 1).all())


def has_three_vertices(faces: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """(f,) bool: the facet names three different vertices."""
    a, b, c = faces.T
    return np.asarray((a != b) & (b != c) & (c != a))
