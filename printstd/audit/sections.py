"""The auditor's own sections of the model: all planes at once, linked by edge.

A plane takes a vertex that lies in it as being above. So every triangle is cut in one segment or
none, and the pieces of neighbours meet on the same edge even where the plane runs through
vertices or along flat facets.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

JOIN_UM: Final = 20.0
"""Ends of open chains this near to each other are one place that the weld left apart. More are
joined only where the demand lets gaps of the surface be healed."""


OPEN_UM: Final = 100.0
"""More than this of all sections together without a loop, and the model is not closed."""


@dataclass(frozen=True, slots=True, eq=False)
class Sections:
    """Closed rings of every plane, the solid on their left.

    xy_um : (p, 2) float64; a ring's last vertex joins its first. ring_offsets : (r + 1,) int64 into
    xy_um. layer_offsets : (l + 1,) int64 into rings. open_length_um : (l,) float64, length of
    the chains that could not be closed.
    """

    xy_um: NDArray[np.float64]
    ring_offsets: NDArray[np.int64]
    layer_offsets: NDArray[np.int64]
    open_length_um: NDArray[np.float64]
    longest_join_um: float = 0.0
    """Of all ends that were joined to close chains."""

    def rings_of(self, layer: int) -> list[NDArray[np.float64]]:
        first, last = self.layer_offsets[layer : layer + 2].tolist()
        borders = self.ring_offsets[first : last + 1].tolist()
        return [self.xy_um[a:b] for a, b in pairwise(borders)]

    def only(self, layer: int) -> Sections:
        """One layer's rings as sections of a single plane."""
        first, last = self.layer_offsets[layer : layer + 2].tolist()
        start, stop = self.ring_offsets[[first, last]].tolist()
        return Sections(
            self.xy_um[start:stop],
            self.ring_offsets[first : last + 1] - start,
            np.array([0, last - first], np.int64),
            self.open_length_um[layer : layer + 1],
        )

    def moved(self, by_um: NDArray[np.float64]) -> Sections:
        return Sections(
            self.xy_um + by_um, self.ring_offsets, self.layer_offsets, self.open_length_um
        )


def with_layers(sections: Sections, others: dict[int, Sections]) -> Sections:
    """The sections, some layers' replaced by the sections of a single plane each."""
    if not others:
        return sections
    parts = [
        others.get(layer) or sections.only(layer) for layer in range(len(sections.open_length_um))
    ]
    n_rings = np.cumsum([0, *(len(part.ring_offsets) - 1 for part in parts)])
    n_points = np.cumsum([0, *(len(part.xy_um) for part in parts)])
    return Sections(
        np.concatenate([part.xy_um for part in parts]),
        np.concatenate(
            [[0], *(part.ring_offsets[1:] + n_points[i] for i, part in enumerate(parts))]
        ).astype(np.int64),
        n_rings.astype(np.int64),
        np.concatenate([part.open_length_um for part in parts]),
    )


def cut(
    vertices_um: NDArray[np.float64],
    faces: NDArray[np.int64],
    z_um: NDArray[np.float64],
    join_um: float = JOIN_UM,
) -> Sections:
    """Sections at the heights `z_um`, which rise. Orientation follows the faces'. Ends of open
    chains no further apart than `join_um` are joined, nearest first."""
    start_key, end_key, start_xy, end_xy, plane = _segments(vertices_um, faces, z_um)
    successor = _linked(start_key, end_key)
    return _rings(start_xy, end_xy, plane, successor, len(z_um), join_um)


def n_wound_against(faces: NDArray[np.int64]) -> int:
    """Edges of two facets that both run the same way: the facets face against each other."""
    start, end = faces, np.roll(faces, -1, axis=1)
    edges = np.stack([np.minimum(start, end), np.maximum(start, end)], axis=2).reshape(-1, 2)
    _, number, count = np.unique(edges, axis=0, return_inverse=True, return_counts=True)
    forward = np.bincount(number.reshape(-1), (start < end).reshape(-1), len(count))
    return int(((count == 2) & (forward != 1)).sum())


_Segments = tuple[
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.int64],
]


def _segments(
    vertices: NDArray[np.float64], faces: NDArray[np.int64], planes: NDArray[np.float64]
) -> _Segments:
    z = vertices[:, 2].take(faces)
    first = np.searchsorted(planes, z.min(axis=1), side="right")
    count = np.searchsorted(planes, z.max(axis=1), side="right") - first
    face = np.repeat(np.arange(len(faces)), count)
    within = np.arange(len(face)) - np.repeat(np.cumsum(count) - count, count)
    plane = first[face] + within
    order = np.argsort(plane, kind="stable")
    face, plane = face[order], plane[order]
    height = planes[plane]
    corner = faces.take(face, axis=0)
    is_above = vertices[:, 2].take(corner) >= height[:, None]
    n_above = is_above.sum(axis=1)
    is_lone_above = n_above == 1
    lone = np.where(is_lone_above, is_above.argmax(axis=1), (~is_above).argmax(axis=1))
    rows = np.arange(len(face))
    a = corner[rows, lone]
    b = corner[rows, (lone + 1) % 3]
    c = corner[rows, (lone + 2) % 3]
    ab_xy, ab_key = _crossing(vertices, a, b, height)
    ca_xy, ca_key = _crossing(vertices, c, a, height)
    # Walking from edge ab to edge ca keeps the solid on the left where a is the one above.
    flip = is_lone_above[:, None]
    keys = np.stack([ab_key, ca_key])
    _, edge = np.unique(keys, return_inverse=True)
    edge = edge.reshape(2, -1)
    ab_id, ca_id = (plane * (int(edge.max(initial=0)) + 1) + e for e in edge)
    return (
        np.where(is_lone_above, ab_id, ca_id),
        np.where(is_lone_above, ca_id, ab_id),
        np.where(flip, ab_xy, ca_xy),
        np.where(flip, ca_xy, ab_xy),
        plane,
    )


def _crossing(
    vertices: NDArray[np.float64],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    height: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Where edges meet their planes; the same numbers whichever way round the edge is given."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    p, q = vertices[low], vertices[high]
    share = (height - p[:, 2]) / (q[:, 2] - p[:, 2])
    return p[:, :2] + (q - p)[:, :2] * share[:, None], low * len(vertices) + high


def _linked(start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) int64: the segment that starts where each ends, -1 where none does.

    Where an edge joins more than two facets, ends and starts are paired in order.
    """
    by_start = np.argsort(start, kind="stable")
    by_end = np.argsort(end, kind="stable")
    starts, ends = start[by_start], end[by_end]
    rank = np.arange(len(ends)) - np.searchsorted(ends, ends)
    place = np.searchsorted(starts, ends) + rank
    fits = place < np.searchsorted(starts, ends, side="right")
    successor = np.full(len(start), -1, np.int64)
    successor[by_end[fits]] = by_start[place[fits]]
    return successor


def _rings(
    start_xy: NDArray[np.float64],
    end_xy: NDArray[np.float64],
    plane: NDArray[np.int64],
    successor: NDArray[np.int64],
    n_planes: int,
    join_um: float,
) -> Sections:
    is_first = np.ones(len(successor), bool)
    is_first[successor[successor >= 0]] = False
    heads = np.flatnonzero(is_first).tolist()
    if not heads:
        order, sizes = _cycles(successor, np.arange(len(successor)))
        ring_offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        # Segments come by plane, and so do the first ones of rings.
        layers = plane[order[ring_offsets[:-1]]]
        return Sections(
            start_xy[order],
            ring_offsets,
            np.searchsorted(layers, np.arange(n_planes + 1)).astype(np.int64),
            np.zeros(n_planes),
        )
    follow = successor.tolist()
    seen = bytearray(len(follow))
    open_length = np.zeros(n_planes)
    closed: list[tuple[int, NDArray[np.float64]]] = []
    loose: dict[int, list[NDArray[np.float64]]] = {}
    longest = 0.0
    for head in heads:
        chain = _walk(head, follow, seen)
        line = np.concatenate([start_xy[chain], end_xy[chain[-1:]]])
        loose.setdefault(int(plane[chain[0]]), []).append(line)
    for layer in sorted(loose):
        rings, rest_um, join = _closed_by_joining(loose[layer], join_um)
        longest = max(longest, join)
        closed += [(layer, ring) for ring in rings]
        open_length[layer] = rest_um
    order, sizes = _cycles(successor, np.flatnonzero(~np.frombuffer(seen, bool)))
    for ring_rows in np.split(order, np.cumsum(sizes)[:-1]) if len(sizes) else ():
        closed.append((int(plane[ring_rows[0]]), start_xy[ring_rows]))
    closed.sort(key=lambda ring: ring[0])
    layers = np.array([layer for layer, _ in closed], np.int64)
    sizes = np.array([len(ring) for _, ring in closed], np.int64)
    return Sections(
        np.concatenate([ring for _, ring in closed]) if closed else np.zeros((0, 2)),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.searchsorted(layers, np.arange(n_planes + 1)).astype(np.int64),
        open_length,
        longest,
    )


def _cycles(
    successor: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rows ring by ring, length of each ring) of rows that all lie on rings: each from its lowest
    row on, the rings by those. By pointer jumping: every round looks twice as far."""
    n = len(rows)
    place = np.full(len(successor), -1, np.int64)
    place[rows] = np.arange(n)
    following = place[successor[rows]]
    lowest, jump = np.arange(n), following
    while (lowest != lowest[following]).any():
        lowest = np.minimum(lowest, lowest[jump])
        jump = jump[jump]
    # Cut before its lowest row, each ring is a line; how far is it to the end?
    is_last = lowest[following] == following
    jump = np.where(is_last, np.arange(n), following)
    to_end = np.where(is_last, 0, 1)
    while not is_last[jump].all():
        to_end += to_end[jump]
        jump = jump[jump]
    heads, sizes = np.unique(lowest, return_counts=True)
    first = np.cumsum(sizes) - sizes
    at = np.searchsorted(heads, lowest)
    order = np.empty(n, np.int64)
    order[first[at] + sizes[at] - 1 - to_end] = rows
    return order, sizes


def _walk(head: int, follow: list[int], seen: bytearray) -> list[int]:
    chain = []
    at = head
    while at >= 0 and not seen[at]:
        seen[at] = 1
        chain.append(at)
        at = follow[at]
    return chain


def _closed_by_joining(
    lines: list[NDArray[np.float64]], join_um: float
) -> tuple[list[NDArray[np.float64]], float, float]:
    """(rings, length of what stays open, longest join): ends within `join_um` of starts are joined,
    nearest first."""
    starts = np.array([line[0] for line in lines])
    ends = np.array([line[-1] for line in lines])
    gap = np.hypot(*(ends[:, None] - starts[None]).transpose(2, 0, 1))
    n = len(lines)
    successor = [-1] * n
    taken = [False] * n
    longest = 0.0
    for flat in np.argsort(gap, axis=None, kind="stable").tolist():
        a, b = divmod(flat, n)
        if gap[a, b] > join_um:
            break
        if successor[a] < 0 and not taken[b]:
            successor[a], taken[b] = b, True
            longest = float(gap[a, b])
    rings, rest_um = [], 0.0
    seen = bytearray(n)
    for head in [i for i in range(n) if not taken[i]]:
        for index in _walk(head, successor, seen):
            rest_um += float(np.hypot(*np.diff(lines[index], axis=0).T).sum())
    for head in range(n):
        if not seen[head]:
            chain = _walk(head, successor, seen)
            # What a gap is bridged by is an edge: both its ends stay.
            parts = [lines[i] if join_um > JOIN_UM else lines[i][:-1] for i in chain]
            rings.append(np.concatenate(parts))
    return rings, rest_um, longest
