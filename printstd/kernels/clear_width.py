"""How far the sides of an area are apart, seen from its outline.

Where a disc that touches two sides of an area rolls along between them, each touching point knows
the disc's diameter. The discs' middles are the nodes of the medial axis (`kernels.chords`), their
touching points the feet of its chords; between the feet of two nodes that follow one another
the clear width changes evenly, exactly so between straight walls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.chords import ChordGraph, Outline, drawing_of, outline_of, refined
from printstd.kernels.distinct import distinct
from printstd.kernels.medial_axis import without_spurs
from printstd.kernels.ring_arcs import Arcs
from printstd.kernels.rings import Rings, next_index, without_repeats

_ON_RING_NM: Final = 1_000.0
"""A piece of outline further than this from the ring is a cut through the area."""
_LONGEST_RATIO: Final = 3.0
"""Two feet may be so much further apart along the ring than straight: more is another side."""
_AROUND_RATIO: Final = 3.0
"""The way around the end of a place, over its clear width there: 2 at a square end, and two steps
more, for the last node may lie so far from the end."""


_TABLE: Final = 1 << 20
"""Pairs looked at together."""


class Stretches(NamedTuple):
    """Parts of rings that have an opposite side, and the ways around where two opposite sides end.

    ring : (n,) int64. begin_nm, end_nm : (n,) int64, way along the ring from its first vertex,
    0 <= begin < ring length, begin < end (which may pass the ring's end). clear_0, clear_1 : (n,)
    float64, nm, distance to the opposite side at both ends.
    """

    ring: NDArray[np.int64]
    begin_nm: NDArray[np.int64]
    end_nm: NDArray[np.int64]
    clear_0: NDArray[np.float64]
    clear_1: NDArray[np.float64]


_NOWHERE = np.empty(0, np.int64)
NO_STRETCHES: Final = Stretches(_NOWHERE, _NOWHERE, _NOWHERE, np.empty(0), np.empty(0))


def clear_widths(
    rings: Rings,
    drawings: NDArray[np.int64],
    places: Sequence[Rings],
    *,
    max_width_nm: int,
    tolerance_nm: int,
    step_nm: int,
    least_turn: float,
) -> Stretches:
    """Where the sides of areas are at most `max_width_nm` apart, and how far.

    rings : of all areas. drawings : (g + 1,) int64 into them, one area each (a layer's, say).
    places : for each area the part of it to look at, with a margin of `max_width_nm` and more
    around what matters; its border is the area's or a cut through it. Radii are off by at
    most `tolerance_nm`; extra vertices are `step_nm` from corners. Sides are opposite where the
    ways to them have a cosine of at most `least_turn`.
    """
    islands = clip.inset_islands([without_repeats(place) for place in places], None)
    borders = np.searchsorted(islands.island, np.arange(len(islands.part) + 1))
    outline = outline_of(islands.rings, borders, step_nm)
    if outline is None:
        return NO_STRETCHES
    arcs = Arcs.of(rings)
    island = np.repeat(islands.island, np.diff(islands.rings.offsets))
    start = _edge_starts(islands.rings, islands.part[island], rings, drawings, arcs)
    found = []
    for outline, graph, settled in refined(outline, max_width_nm, tolerance_nm):  # noqa: B020
        alive = (2.0 * graph.radius <= max_width_nm) & settled[drawing_of(outline, graph.tail)]
        alive = without_spurs(graph, alive, least_turn)
        found.append(_stretches(outline, graph, alive, start, arcs, step_nm))
    return Stretches(*(np.concatenate(column) for column in zip(*found, strict=True)))


class _Starts(NamedTuple):
    """ring : (e,) int64, -1 for a cut. arc : (e,) float64, nm, where on it an edge starts."""

    ring: NDArray[np.int64]
    arc: NDArray[np.float64]


def _edge_starts(
    parts: Rings,
    drawing: NDArray[np.int64],
    rings: Rings,
    drawings: NDArray[np.int64],
    arcs: Arcs,
) -> _Starts:
    """For every edge of `parts` (its vertices' `drawing` given) the place on `rings` where it
    starts, if it runs along them."""
    following = next_index(parts)
    a, b = parts.xy_nm, parts.xy_nm[following]
    way = (b - a).astype(np.float64)
    length = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
    same = _same_vertex(a, drawing, rings, drawings)
    at_a, at_b = same, same[following]
    known = np.maximum(at_a, 0)
    ring = np.where(at_a >= 0, arcs.ring[known], arcs.ring[np.maximum(at_b, 0)])
    arc = np.where(at_a >= 0, arcs.at[known], arcs.at[np.maximum(at_b, 0)] - length)
    there = (at_a >= 0) | (at_b >= 0)
    for share in (0.0, 0.5, 1.0):
        off = arcs.place(rings, ring, arc + length * share) - (a + way * share)
        there &= off[:, 0] * off[:, 0] + off[:, 1] * off[:, 1] <= _ON_RING_NM * _ON_RING_NM
    lost = np.flatnonzero(~there)
    ring = np.where(there, ring, -1)
    if len(lost):
        edge, row = _along_edges(a[lost], b[lost], drawing[lost], rings, drawings)
        to = (a[lost[row]] - rings.xy_nm[edge]).astype(np.float64)
        ring[lost[row]] = arcs.ring[edge]
        arc[lost[row]] = arcs.at[edge] + np.sqrt(to[:, 0] * to[:, 0] + to[:, 1] * to[:, 1])
    return _Starts(ring, arc)


def _same_vertex(
    xy: NDArray[np.int64],
    drawing: NDArray[np.int64],
    rings: Rings,
    drawings: NDArray[np.int64],
) -> NDArray[np.int64]:
    """(n,) the vertex of `rings` at each place of its drawing, -1 where there is none."""
    n = len(rings.xy_nm)
    owner = np.repeat(np.arange(len(drawings) - 1), np.diff(rings.offsets[drawings]))
    both = np.concatenate([rings.xy_nm, xy])
    of = np.concatenate([owner, drawing])
    order = np.lexsort((both[:, 1], both[:, 0], of))
    both, of = both[order], of[order]
    begins = np.ones(len(order), bool)
    begins[1:] = (of[1:] != of[:-1]) | (both[1:] != both[:-1]).any(axis=1)
    first = order[np.flatnonzero(begins)][np.cumsum(begins) - 1]
    out = np.empty(len(order), np.int64)
    out[order] = np.where(first < n, first, -1)
    return out[n:]


def _along_edges(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    drawing: NDArray[np.int64],
    rings: Rings,
    drawings: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (edge of `rings`, number of a segment a-b that runs along it, the same way)."""
    then = next_index(rings)
    row, edge = _boxed(a, b, drawing, rings.xy_nm, rings.xy_nm[then], rings.offsets[drawings])
    p = rings.xy_nm[edge].astype(np.float64)
    u = rings.xy_nm[then[edge]] - p
    size = np.sqrt(np.maximum(u[:, 0] * u[:, 0] + u[:, 1] * u[:, 1], 1.0))
    hit = np.ones(len(row), bool)
    ways = []
    for point in (a, b):
        v = point[row] - p
        hit &= np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]) <= _ON_RING_NM * size
        way = (u[:, 0] * v[:, 0] + u[:, 1] * v[:, 1]) / size
        hit &= (way >= -_ON_RING_NM) & (way <= size + _ON_RING_NM)
        ways.append(way)
    found = np.flatnonzero(hit & (ways[1] > ways[0]))
    found = found[np.diff(row[found], prepend=-1) != 0]
    return edge[found], row[found]


def _boxed(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    drawing: NDArray[np.int64],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    borders: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (number of a segment a-b, edge of its drawing) of which the edge's box, with a margin,
    holds both ends: tables of one drawing each take less time than lists of all pairs.

    drawing : of each segment, rising. borders : of the drawings in the edges.
    """
    margin = 2 * int(_ON_RING_NM)
    low, high = np.minimum(start, end) - margin, np.maximum(start, end) + margin
    least, most = np.minimum(a, b), np.maximum(a, b)
    rows, edges = [_NOWHERE], [_NOWHERE]
    for number in distinct(drawing).tolist():
        first, last = np.searchsorted(drawing, [number, number + 1]).tolist()
        mine = slice(borders[number], borders[number + 1])
        at_once = max(1, _TABLE // max(1, mine.stop - mine.start))
        for begin in range(first, last, at_once):
            some = slice(begin, min(begin + at_once, last))
            is_in = low[mine, 0] <= least[some, 0, None]
            is_in &= low[mine, 1] <= least[some, 1, None]
            for axis in (0, 1):
                is_in &= high[mine, axis] >= most[some, axis, None]
            row, edge = np.nonzero(is_in)
            rows.append(row + begin)
            edges.append(edge + mine.start)
    return np.concatenate(rows), np.concatenate(edges)


def _stretches(
    outline: Outline,
    graph: ChordGraph,
    alive: NDArray[np.bool_],
    start: _Starts,
    arcs: Arcs,
    step_nm: int,
) -> Stretches:
    nodes = graph.nodes_of
    there = nodes >= 0
    there[there] = alive[nodes[there]]
    pairs = np.concatenate(
        [
            np.stack([nodes[:, k], nodes[:, (k + 1) % 3]], axis=1)[
                there[:, k] & there[:, (k + 1) % 3]
            ]
            for k in range(3)
        ]
    )
    one, two = pairs.T
    # Two chords of one triangle share a vertex, on one side; their other ends face it.
    by_tail = (graph.tail[one] == graph.tail[two]) | (graph.tail[one] == graph.head[two])
    shared = np.where(by_tail, graph.tail[one], graph.head[one])
    columns = []
    for at_shared in (True, False):
        ends = [_foot(outline, graph, node, shared, at_shared, start) for node in (one, two)]
        columns.append(
            _between(ends[0], ends[1], 2.0 * graph.radius[one], 2.0 * graph.radius[two], arcs)
        )
    columns.append(_around_ends(outline, graph, alive, there.sum(axis=1), start, arcs, step_nm))
    return Stretches(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def _around_ends(
    outline: Outline,
    graph: ChordGraph,
    alive: NDArray[np.bool_],
    left: NDArray[np.int64],
    start: _Starts,
    arcs: Arcs,
    step_nm: int,
) -> Stretches:
    """The ways around the ends of places: from one foot of a last node to its other foot.

    left : (t,) how many nodes of each triangle are left.
    """
    node, side = np.nonzero(alive[:, None] & (left[graph.sides] == 1))
    # To the left of a chord lies what the outline encloses from its head on to its tail.
    first = np.where(side == 0, graph.head[node], graph.tail[node])
    one = _foot(outline, graph, node, first, True, start)
    two = _foot(outline, graph, node, first, False, start)
    ok = (one.ring >= 0) & (one.ring == two.ring)
    ring = one.ring[ok]
    size = arcs.length[ring]
    begin = np.rint(one.arc[ok]).astype(np.int64) % size
    way = (np.rint(two.arc[ok]).astype(np.int64) - begin) % size
    clear = 2.0 * graph.radius[node[ok]]
    keep = (way > 0) & (way <= _AROUND_RATIO * clear + 2.0 * step_nm)
    ring, begin, way, clear = ring[keep], begin[keep], way[keep], clear[keep]
    return Stretches(ring, begin, begin + way, clear, clear)


class _Foot(NamedTuple):
    """xy : (n, 2) float64, nm, from the drawing's origin. ring, arc : as in `_Starts`."""

    xy: NDArray[np.float64]
    ring: NDArray[np.int64]
    arc: NDArray[np.float64]


def _foot(
    outline: Outline,
    graph: ChordGraph,
    node: NDArray[np.int64],
    shared: NDArray[np.int64],
    at_shared: bool,
    start: _Starts,
) -> _Foot:
    """The foot of each node on the side of its chord's end at the vertex `shared`, or opposite."""
    is_tail = (graph.tail[node] == shared) == at_shared
    xy = np.where(is_tail[:, None], graph.tail_foot[node], graph.head_foot[node])
    vertex = np.where(is_tail, graph.tail[node], graph.head[node])
    edges = outline.edges
    off, along = [], []
    for edge in (outline.edge[vertex], outline.other[vertex]):
        vx, vy = xy[:, 0] - edges.ax[edge], xy[:, 1] - edges.ay[edge]
        ux, uy = edges.ux[edge] / edges.length[edge], edges.uy[edge] / edges.length[edge]
        way = ux * vx + uy * vy
        beyond = np.maximum(np.maximum(-way, way - edges.length[edge]), 0.0)
        off.append(np.abs(ux * vy - uy * vx) + beyond)
        along.append(way)
    is_other = off[1] < off[0]
    edge = np.where(is_other, outline.other[vertex], outline.edge[vertex])
    arc = start.arc[edge] + np.where(is_other, along[1], along[0])
    return _Foot(xy, start.ring[edge], arc)


def _between(
    one: _Foot, two: _Foot, clear_1: NDArray[np.float64], clear_2: NDArray[np.float64], arcs: Arcs
) -> Stretches:
    """The shorter ways along the rings from foot to foot."""
    ok = (one.ring >= 0) & (one.ring == two.ring)
    ring = one.ring[ok]
    size = arcs.length[ring].astype(np.float64)
    way = two.arc[ok] - one.arc[ok]
    way -= size * np.rint(way / size)
    straight = two.xy[ok] - one.xy[ok]
    apart = np.sqrt(straight[:, 0] * straight[:, 0] + straight[:, 1] * straight[:, 1])
    begin = np.where(way < 0, two.arc[ok], one.arc[ok])
    begin -= size * np.floor(begin / size)
    begin_nm = np.rint(begin).astype(np.int64)
    end_nm = np.rint(begin + np.abs(way)).astype(np.int64)
    round_ = begin_nm >= arcs.length[ring]
    begin_nm -= round_ * arcs.length[ring]
    end_nm -= round_ * arcs.length[ring]
    keep = (np.abs(way) <= _LONGEST_RATIO * apart + _ON_RING_NM) & (end_nm > begin_nm)
    back = way < 0
    a, b = clear_1[ok], clear_2[ok]
    return Stretches(
        ring[keep],
        begin_nm[keep],
        end_nm[keep],
        np.where(back, b, a)[keep],
        np.where(back, a, b)[keep],
    )
