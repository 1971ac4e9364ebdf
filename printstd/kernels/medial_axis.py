"""Centre lines of narrow areas with the width at every vertex: the chordal axis.

L. Prasad, "Morphological analysis of shapes", CNLS Newsletter 139 (1997): in a constrained
Delaunay triangulation of an area each inner edge is a chord from one side of it to the other, and
the chords' middles, joined across the triangles, run along the medial axis. Here each middle
is then moved along its chord until it is as far from the outline to its left as to its right, so
that on straight walls, parallel or not, vertices and widths are those of the medial axis itself.

The outline needs few extra vertices: some near corners, where ends are, and the feet of vertices
that face a long edge. All areas of a layer go through at once. float64 with + - * / sqrt only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import polyline
from printstd.kernels.rings import Rings, concat, next_index, without_repeats
from printstd.kernels.triangulate import Triangles, own_origins, triangulated

_LADDER: Final = (1.0, 2.5, 6.0)
"""Distances of the extra vertices of an edge from both its ends, in steps."""
_LEAST_GAP_NM: Final = 20_000
"""Extra vertices are no closer together."""
_SHARP_TURN: Final = 0.35
"""Sine of the turn (20 deg) from which a vertex that juts into the area faces a whole sector."""
_LOOK_PAST_RATIO: Final = 0.5
"""Of the distance to the outline: an error in place that is still nothing in width."""
_NEWTON_STEPS: Final = 4
_EQUAL_NM: Final = 200.0
_MAX_PASSES: Final = 4
_LEAST_TURN: Final = -0.2
"""A node whose directions to both sides have a larger cosine (are under 101 deg apart) lies on
a branch into a corner, not between two walls."""
_MAX_TIP: Final = 64
"""An end is closed by no more vertices than this."""
_THIN_NM: Final = 2_000
"""Vertices that change neither place nor width by more than this are left out."""


class Axis(NamedTuple):
    """xy_nm : (p, 2) int64. offsets : (k + 1,) int64. width_nm : (p,) int64, twice the distance
    to the outline. is_closed : (k,) bool, the last vertex joins the first. drawing : (k,) int64,
    the area that the line is in, never falling."""

    xy_nm: NDArray[np.int64]
    offsets: NDArray[np.int64]
    width_nm: NDArray[np.int64]
    is_closed: NDArray[np.bool_]
    drawing: NDArray[np.int64]

    @property
    def n_lines(self) -> int:
        return len(self.offsets) - 1


NO_AXIS: Final = Axis(
    np.empty((0, 2), np.int64),
    np.zeros(1, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.bool_),
    np.empty(0, np.int64),
)


def medial_axis(
    drawings: Sequence[Rings],
    *,
    min_width_nm: int,
    max_width_nm: int,
    min_length_nm: int,
    tolerance_nm: int = 5_000,
    step_nm: int = 100_000,
    end_gap_ratio: float = 0.0,
) -> Axis:
    """Centre lines of areas where they are between `min_width_nm` and `max_width_nm` wide.

    drawings : canonical rings, of as many layers as one likes, each by itself: what is done per
    drawing is little, so many at once are much faster than one by one.

    At a junction the two straightest branches are one line and the others end where they meet
    its side. Vertices are put into the outline until no radius is known to be wrong by more than
    `tolerance_nm`. Free ends stop `end_gap_ratio` half widths before the outline: 0 on the
    outline, 1 where a round end touches it. Lines with a free end are dropped if shorter than
    `min_length_nm`. Lines start at their smaller end (closed ones at their smallest
    vertex, counter-clockwise) and are sorted by it within their drawing.
    """
    clean = [without_repeats(drawing) for drawing in drawings]
    group_offsets = np.zeros(len(clean) + 1, np.int64)
    np.cumsum([part.n_rings for part in clean], out=group_offsets[1:])
    outline = _outline(concat(clean), group_offsets, step_nm)
    if outline is None:
        return NO_AXIS
    for _ in range(_MAX_PASSES):
        graph = _graph(outline, tolerance_nm)
        extra = _missing_feet(outline, graph, max_width_nm)
        if extra is None:
            break
        outline = extra
    alive = (2.0 * graph.radius >= min_width_nm) & (2.0 * graph.radius <= max_width_nm)
    alive = _without_spurs(graph, alive)
    return _finished(_lines(outline, graph, alive, end_gap_ratio), outline.origin, min_length_nm)


# --------------------------------------------------------------------------------- outline


class _Edges(NamedTuple):
    """The outline's own edges, by columns: start, way, its square's inverse, length, and whether
    the outline turns outwards sharply at the start, so that it faces a whole sector."""

    ax: NDArray[np.float64]
    ay: NDArray[np.float64]
    ux: NDArray[np.float64]
    uy: NDArray[np.float64]
    per_length2: NDArray[np.float64]
    length: NDArray[np.float64]
    faces_out: NDArray[np.bool_]


class _Outline(NamedTuple):
    """Rings with extra vertices.

    rings : the rings, each drawing from its own origin. corners : the same without the extra
    vertices. origin : (g, 2) int64 of each drawing (0 where it is empty).
    edge, along : (p,) the edge of `corners` that each vertex lies on and how far, 0 <= along < 1;
    0 is its first vertex. other : (p,) the edge that ends there; for extra vertices the same.
    following, previous : (e,) neighbours of each edge on its ring. group_offsets : drawings.
    """

    rings: Rings
    corners: Rings
    origin: NDArray[np.int64]
    edges: _Edges
    edge: NDArray[np.int64]
    along: NDArray[np.float64]
    other: NDArray[np.int64]
    following: NDArray[np.int64]
    previous: NDArray[np.int64]
    group_offsets: NDArray[np.int64]


def _outline(area: Rings, group_offsets: NDArray[np.int64], step_nm: int) -> _Outline | None:
    if not len(area.xy_nm):
        return None
    shift = own_origins(area, group_offsets)
    borders = area.offsets[group_offsets]
    filled = borders[1:] > borders[:-1]
    origin = np.zeros((len(filled), 2), np.int64)
    origin[filled] = shift[borders[:-1][filled]]
    corners = Rings(area.xy_nm - shift, area.offsets)
    following = next_index(corners)
    a = corners.xy_nm.astype(np.float64)
    ux, uy = (a[following] - a).T.copy()
    length2 = ux * ux + uy * uy
    length = np.sqrt(length2)
    previous = np.empty(len(a), np.int64)
    previous[following] = np.arange(len(a))
    turn = ux[previous] * uy - uy[previous] * ux
    edges = _Edges(
        a[:, 0].copy(),
        a[:, 1].copy(),
        ux,
        uy,
        1.0 / length2,
        length,
        turn < -_SHARP_TURN * (length * length[previous]),
    )
    ids, along = [np.arange(len(a))], [np.zeros(len(a))]
    for rung in _LADDER:
        far = np.flatnonzero(length * 0.4 > rung * step_nm)
        t = rung * step_nm / length[far]
        ids += [far, far]
        along += [t, 1.0 - t]
    bare = _Outline(
        corners,
        corners,
        origin,
        edges,
        ids[0],
        along[0],
        previous,
        following,
        previous,
        group_offsets,
    )
    return _with_vertices(bare, np.concatenate(ids), np.concatenate(along))


def _with_vertices(
    outline: _Outline, edge: NDArray[np.int64], along: NDArray[np.float64]
) -> _Outline:
    """The same outline with a vertex at each of these places."""
    edges, corners = outline.edges, outline.corners
    order = np.lexsort((along, edge))
    edge, along = edge[order], along[order]
    xy = np.empty((len(edge), 2), np.int64)
    xy[:, 0] = np.rint(edges.ax[edge] + edges.ux[edge] * along)
    xy[:, 1] = np.rint(edges.ay[edge] + edges.uy[edge] * along)
    before = np.zeros(len(edges.ax) + 1, np.int64)
    np.cumsum(np.bincount(edge, minlength=len(edges.ax)), out=before[1:])
    other = np.where(along == 0.0, outline.previous[edge], edge)
    rings = Rings(xy, before[corners.offsets])
    return outline._replace(rings=rings, edge=edge, along=along, other=other)


def _missing_feet(outline: _Outline, graph: _Graph, max_width_nm: int) -> _Outline | None:
    """The outline with the feet of chords that are too few for their place; None where there
    are none."""
    chord = np.flatnonzero(graph.is_coarse & (graph.radius <= max_width_nm))
    if not len(chord):
        return None
    tail, head = graph.tail[chord], graph.head[chord]
    xy = outline.rings.xy_nm.astype(np.float64)
    ids, alongs = [outline.edge], [outline.along]
    for here, there in ((tail, head), (head, tail)):
        for edge in (outline.edge[here], outline.other[here]):
            for point in (xy[there], graph.xy[chord]):
                ids.append(edge)
                alongs.append(_foot(outline.edges, edge, point))
    edge, along = np.concatenate(ids), np.concatenate(alongs)
    is_old = np.arange(len(edge)) < len(outline.edge)
    margin = _LEAST_GAP_NM / outline.edges.length[edge]
    inside = is_old | ((along > margin) & (along < 1.0 - margin))
    edge, along, is_old, margin = edge[inside], along[inside], is_old[inside], margin[inside]
    order = np.lexsort((~is_old, along, edge))
    edge, along, is_old, margin = edge[order], along[order], is_old[order], margin[order]
    # In buckets of the margin, one vertex each: old ones stay.
    bucket = np.floor(along / margin)
    keep = np.ones(len(edge), bool)
    keep[1:] = (edge[1:] != edge[:-1]) | (bucket[1:] != bucket[:-1])
    keep |= is_old
    if int(keep.sum()) == len(outline.edge):
        return None
    return _with_vertices(outline, edge[keep], along[keep])


def _foot(
    edges: _Edges, edge: NDArray[np.int64], point: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) where along the edge's line the point is nearest to it; 0 and 1 are its ends."""
    vx, vy = point[:, 0] - edges.ax[edge], point[:, 1] - edges.ay[edge]
    return (edges.ux[edge] * vx + edges.uy[edge] * vy) * edges.per_length2[edge]


# ----------------------------------------------------------------------------------- graph


class _Graph(NamedTuple):
    """One node per inner edge (chord) of the triangulation.

    tail, head : (m,) outline vertices of the chord. sides : (m, 2) the triangle to the left of
    tail -> head, and the other. xy, radius : the node. tail_foot, head_foot : (m, 2) nearest
    points of the outline on either side. is_coarse : (m,) more vertices are needed here.
    nodes_of : (t, 3) nodes of each triangle, -1 where it has none.
    """

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    sides: NDArray[np.int64]
    xy: NDArray[np.float64]
    radius: NDArray[np.float64]
    tail_foot: NDArray[np.float64]
    head_foot: NDArray[np.float64]
    is_coarse: NDArray[np.bool_]
    nodes_of: NDArray[np.int64]


def _graph(outline: _Outline, tolerance_nm: int) -> _Graph:
    found: Triangles = triangulated(outline.rings, outline.group_offsets)
    half = np.arange(len(found.twin))
    inner = np.flatnonzero(found.twin > half)
    twin = found.twin[inner]
    corner = found.corners.reshape(-1)
    nodes_of = np.full(len(found.twin), -1, np.int64)
    nodes_of[inner] = nodes_of[twin] = np.arange(len(inner))
    tail, head = corner[inner], corner[twin]
    place = outline.rings.xy_nm.astype(np.float64)
    start = place[tail]
    chord = place[head] - start
    t = np.full(len(inner), 0.5)
    xy = start + chord * 0.5
    near, far = _nearest(outline, tail, xy, tolerance_nm), _nearest(outline, head, xy, tolerance_nm)
    for _ in range(_NEWTON_STEPS):
        off = np.flatnonzero(np.abs(near.distance - far.distance) > _EQUAL_NM)
        if not len(off):
            break
        # Newton: along the chord the distance to one side grows as that to the other falls.
        slope = _slope(near, off, xy, chord) - _slope(far, off, xy, chord)
        step = (near.distance - far.distance)[off] / np.where(np.abs(slope) > 1e-3, slope, np.inf)
        t[off] = np.minimum(np.maximum(t[off] - step, 0.05), 0.95)
        xy[off] = start[off] + chord[off] * t[off, None]
        for nearest, vertex in ((near, tail), (far, head)):
            for column, values in zip(
                nearest, _nearest(outline, vertex[off], xy[off], tolerance_nm), strict=True
            ):
                column[off] = values
    is_coarse = near.looks_past | far.looks_past
    is_coarse |= near.faces_out & _is_far(far, place[head]) | far.faces_out & _is_far(
        near, place[tail]
    )
    return _Graph(
        tail,
        head,
        np.stack([inner // 3, twin // 3], axis=1),
        xy,
        np.minimum(near.distance, far.distance),
        near.xy,
        far.xy,
        is_coarse,
        nodes_of.reshape(-1, 3),
    )


class _Nearest(NamedTuple):
    """The nearest points of the one or two edges that meet at one end of chords.

    looks_past : beyond the other end of the edge the outline may be nearer. faces_out : it is
    the vertex itself, where the outline turns outwards sharply.
    """

    xy: NDArray[np.float64]
    distance: NDArray[np.float64]
    looks_past: NDArray[np.bool_]
    faces_out: NDArray[np.bool_]


def _nearest(
    outline: _Outline, vertex: NDArray[np.int64], xy: NDArray[np.float64], tolerance_nm: int
) -> _Nearest:
    edge, other = outline.edge[vertex], outline.other[vertex]
    edges = outline.edges
    foot, distance, t = _on_edge(edges, edge, xy)
    is_corner = outline.along[vertex] == 0.0
    at_corner = is_corner & (t <= 0.0)
    nearest_edge = edge
    two = np.flatnonzero(is_corner)
    if len(two):
        foot_2, distance_2, t_2 = _on_edge(edges, other[two], xy[two])
        closer = distance_2 < distance[two]
        better = two[closer]
        foot[better], distance[better], t[better] = foot_2[closer], distance_2[closer], t_2[closer]
        at_corner[better] = t_2[closer] >= 1.0
        nearest_edge = edge.copy()
        nearest_edge[better] = other[better]
    looks_past = np.zeros(len(vertex), bool)
    past = np.flatnonzero(((t < 0.0) | (t > 1.0)) & ~at_corner)
    if len(past):
        beyond = nearest_edge[past]
        beyond = np.where(t[past] > 1.0, outline.following[beyond], outline.previous[beyond])
        distance_3 = _on_edge(edges, beyond, xy[past])[1]
        looks_past[past] = distance[past] - distance_3 > tolerance_nm
    return _Nearest(foot, distance, looks_past, at_corner & edges.faces_out[edge])


def _on_edge(
    edges: _Edges, edge: NDArray[np.int64], xy: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Nearest point of each edge, its distance, and where along the edge's line it would be."""
    t = _foot(edges, edge, xy)
    clamped = np.minimum(np.maximum(t, 0.0), 1.0)
    foot = np.empty((len(edge), 2))
    foot[:, 0] = edges.ax[edge] + edges.ux[edge] * clamped
    foot[:, 1] = edges.ay[edge] + edges.uy[edge] * clamped
    return foot, _length(xy - foot), t


def _is_far(nearest: _Nearest, vertex_xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    return _length(nearest.xy - vertex_xy) > _LOOK_PAST_RATIO * nearest.distance


def _length(v: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sqrt(v[:, 0] * v[:, 0] + v[:, 1] * v[:, 1])


def _slope(
    nearest: _Nearest,
    some: NDArray[np.int64],
    xy: NDArray[np.float64],
    chord: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(n,) nm per whole chord: how the distance of some nodes changes along their chords."""
    d = xy[some] - nearest.xy[some]
    along = d[:, 0] * chord[some, 0] + d[:, 1] * chord[some, 1]
    return np.asarray(along / np.maximum(nearest.distance[some], 1.0), np.float64)


# --------------------------------------------------------------------------------- pruning


def _alive_in(graph: _Graph, alive: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(t,) how many nodes of each triangle are left."""
    there = alive[np.maximum(graph.nodes_of, 0)] & (graph.nodes_of >= 0)
    return np.asarray(there.sum(axis=1), np.int64)


def _without_spurs(graph: _Graph, alive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without the branches that only run into corners."""
    to_tail, to_head = graph.tail_foot - graph.xy, graph.head_foot - graph.xy
    dot = to_tail[:, 0] * to_head[:, 0] + to_tail[:, 1] * to_head[:, 1]
    size = np.sqrt((to_tail * to_tail).sum(axis=1)) * np.sqrt((to_head * to_head).sum(axis=1))
    between_walls = dot <= _LEAST_TURN * size
    alive = alive.copy()
    while True:
        left = _alive_in(graph, alive)
        is_end = (left[graph.sides] == 1).any(axis=1)
        drop = alive & is_end & ~between_walls
        if not drop.any():
            break
        alive[drop] = False
    for _ in range(2):
        short = _short_branches(graph, alive)
        if not short.any():
            break
        alive &= ~short
    return alive


def _short_branches(graph: _Graph, alive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(m,) nodes on branches between a junction and a free end no longer than the branch is
    wide at its mouth."""
    left = _alive_in(graph, alive)
    out = np.zeros(len(alive), bool)
    if not (left == 3).any():
        return out
    found = _chains(graph, alive, _sleeves(graph, alive, left))
    first, last = found.nodes[found.offsets[:-1]], found.nodes[found.offsets[1:] - 1]
    xy = graph.xy[found.nodes]
    arc = polyline.arc_lengths(xy, found.offsets)[found.offsets[1:] - 1]

    def touches(node: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
        return np.asarray((left[graph.sides[node]] == count).any(axis=1))

    for mouth, end in ((first, last), (last, first)):
        is_branch = touches(mouth, 3) & touches(end, 1) & ~found.is_closed
        is_short = arc + graph.radius[end] < 2.0 * graph.radius[mouth]
        which = np.repeat(is_branch & is_short, np.diff(found.offsets))
        out[found.nodes[which]] = True
    return out


def _sleeves(graph: _Graph, alive: NDArray[np.bool_], left: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n, 2) the two nodes of every triangle that has just two."""
    nodes = graph.nodes_of[left == 2]
    nodes = np.where(alive[np.maximum(nodes, 0)] & (nodes >= 0), nodes, -1)
    return np.sort(nodes, axis=1)[:, 1:]


def _through(graph: _Graph, left: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n, 2) at every junction the two nodes that join most nearly in a straight line."""
    nodes = graph.nodes_of[left == 3]
    if not len(nodes):
        return np.empty((0, 2), np.int64)
    across = graph.head_foot - graph.tail_foot
    size = np.maximum(np.sqrt((across * across).sum(axis=1)), 1.0)
    score = np.empty((len(nodes), 3))
    for k in range(3):
        one, two = nodes[:, k], nodes[:, (k + 1) % 3]
        v = graph.xy[two] - graph.xy[one]
        length = np.maximum(np.sqrt((v * v).sum(axis=1)), 1.0)
        total = np.zeros(len(nodes))
        for node in (one, two):
            w = across[node]
            total += np.abs(w[:, 0] * v[:, 1] - w[:, 1] * v[:, 0]) / (size[node] * length)
        score[:, k] = total
    best = np.argmax(score, axis=1)
    row = np.arange(len(nodes))
    return np.stack([nodes[row, best], nodes[row, (best + 1) % 3]], axis=1)


def _chains(graph: _Graph, alive: NDArray[np.bool_], links: NDArray[np.int64]) -> polyline.Chains:
    """Chains of linked nodes; nodes without a link are chains of themselves."""
    found = polyline.chains(len(alive), links)
    lone = alive.copy()
    lone[found.nodes] = False
    alone = np.flatnonzero(lone)
    if not len(alone):
        return found
    return polyline.Chains(
        np.concatenate([found.nodes, alone]),
        np.concatenate([found.offsets, found.offsets[-1] + np.arange(1, len(alone) + 1)]),
        np.concatenate([found.is_closed, np.zeros(len(alone), bool)]),
    )


# ----------------------------------------------------------------------------------- lines


class _Lines(NamedTuple):
    """xy : (p, 2), width : (p,) float64, nm, local. has_free_end : (k,) bool. drawing : (k,)."""

    xy: NDArray[np.float64]
    offsets: NDArray[np.int64]
    width: NDArray[np.float64]
    is_closed: NDArray[np.bool_]
    has_free_end: NDArray[np.bool_]
    drawing: NDArray[np.int64]


def _lines(
    outline: _Outline, graph: _Graph, alive: NDArray[np.bool_], end_gap_ratio: float
) -> _Lines:
    left = _alive_in(graph, alive)
    links = np.concatenate([_sleeves(graph, alive, left), _through(graph, left)])
    found = _chains(graph, alive, links)
    counts = np.diff(found.offsets)
    # A lone node is a line of two equal vertices, one for each of its ends.
    index = np.repeat(np.arange(len(found.nodes)), np.where(np.repeat(counts, counts) == 1, 2, 1))
    nodes = found.nodes[index]
    counts = np.maximum(counts, 2)
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    xy, width = graph.xy[nodes].copy(), 2.0 * graph.radius[nodes]
    open_ = np.flatnonzero(~found.is_closed)
    first, last = offsets[:-1][open_], offsets[1:][open_] - 1
    is_lone = nodes[first] == nodes[last]
    free_0 = left[graph.sides[nodes[first]]] == 1
    free_1 = left[graph.sides[nodes[last]]] == 1
    # A lone node's ends are its two sides in turn; others have one free side at most.
    side_0 = np.where(free_0[:, 0], 0, 1)
    side_1 = np.where(is_lone, 1, np.where(free_1[:, 0], 0, 1))
    end_0 = np.where(is_lone, free_0[:, 0], free_0.any(axis=1))
    end_1 = np.where(is_lone, free_1[:, 1], free_1.any(axis=1))
    side_0 = np.where(is_lone, 0, side_0)
    shift_0 = np.zeros(len(offsets) - 1)
    shift_1 = np.zeros(len(offsets) - 1)
    direction_0 = np.zeros((len(offsets) - 1, 2))
    direction_1 = np.zeros((len(offsets) - 1, 2))
    for end, vertex, side, shift, direction in (
        (end_0, first, side_0, shift_0, direction_0),
        (end_1, last, side_1, shift_1, direction_1),
    ):
        which = open_[end]
        node = nodes[vertex[end]]
        way, reach = _to_end(outline, graph, node, side[end])
        shift[which] = reach - graph.radius[node] * end_gap_ratio
        direction[which] = way
    free = np.zeros(len(offsets) - 1, bool)
    free[open_] = end_0 | end_1
    moved = polyline.moved_ends(xy, offsets, width, shift_0, direction_0, shift_1, direction_1)
    ring = np.searchsorted(outline.rings.offsets, graph.tail[nodes[offsets[:-1]]], side="right") - 1
    drawing = np.searchsorted(outline.group_offsets, ring, side="right") - 1
    return _Lines(moved.xy, moved.offsets, moved.width, found.is_closed, free, drawing)


def _to_end(
    outline: _Outline, graph: _Graph, node: NDArray[np.int64], side: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n, 2) the way on from each node towards its free side, and (n,) how far the outline is
    that way."""
    forward = side == 0
    foot_a = np.where(forward[:, None], graph.tail_foot[node], graph.head_foot[node])
    foot_b = np.where(forward[:, None], graph.head_foot[node], graph.tail_foot[node])
    across = foot_b - foot_a
    size = np.maximum(np.sqrt((across * across).sum(axis=1)), 1.0)
    way = np.stack([-across[:, 1], across[:, 0]], axis=1) / size[:, None]
    radius = graph.radius[node]
    # The tip is what the chord cuts off: the outline from the chord's head on to its tail.
    tail = np.where(forward, graph.tail[node], graph.head[node])
    head = np.where(forward, graph.head[node], graph.tail[node])
    rings = outline.rings
    ring = np.searchsorted(rings.offsets, tail, side="right") - 1
    start, size_of = rings.offsets[ring], np.diff(rings.offsets)[ring]
    same = (head >= start) & (head < start + size_of)
    count = np.where(same, (tail - head) % size_of, 0)
    count = np.where(count > _MAX_TIP, 0, count)
    of = np.repeat(np.arange(len(node)), count)
    number = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    one = start[of] + (head[of] - start[of] + number) % size_of[of]
    two = start[of] + (head[of] - start[of] + number + 1) % size_of[of]
    p, q = rings.xy_nm[one].astype(np.float64), rings.xy_nm[two].astype(np.float64)
    at = _ray(graph.xy[node][of], way[of], p, q)
    reach = np.full(len(node), np.inf)
    np.minimum.at(reach, of, at)
    # Into a tip that runs out to nothing no further than the line is wide.
    return way, np.minimum(np.where(np.isfinite(reach), reach, radius), 2.0 * radius)


def _ray(
    origin: NDArray[np.float64],
    way: NDArray[np.float64],
    p: NDArray[np.float64],
    q: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(n,) how far along the unit vector `way` the segment p-q is met; inf where it is not."""
    u, v = q - p, p - origin
    turn = way[:, 0] * u[:, 1] - way[:, 1] * u[:, 0]
    safe = np.where(turn != 0, turn, 1.0)
    reach = (v[:, 0] * u[:, 1] - v[:, 1] * u[:, 0]) / safe
    along = (v[:, 0] * way[:, 1] - v[:, 1] * way[:, 0]) / safe
    hit = (turn != 0) & (reach > 0) & (along >= -1e-9) & (along <= 1.0 + 1e-9)
    return np.where(hit, reach, np.inf)


def _finished(lines: _Lines, origin: NDArray[np.int64], min_length_nm: int) -> Axis:
    if len(lines.offsets) < 2:
        return NO_AXIS
    length = polyline.arc_lengths(lines.xy, lines.offsets)[lines.offsets[1:] - 1]
    long_enough = (length >= min_length_nm) | (~lines.has_free_end & (length > 0))
    columns = np.column_stack([lines.xy, lines.width])
    keep = polyline.thinned(columns, lines.offsets, float(_THIN_NM))
    keep &= np.repeat(long_enough, np.diff(lines.offsets))
    line = np.repeat(np.arange(len(lines.offsets) - 1), np.diff(lines.offsets))[keep]
    counts = np.bincount(line, minlength=len(lines.offsets) - 1)[long_enough]
    if not len(counts):
        return NO_AXIS
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    xy = np.rint(lines.xy[keep]).astype(np.int64)
    width = np.rint(lines.width[keep]).astype(np.int64)
    is_closed, drawing = lines.is_closed[long_enough], lines.drawing[long_enough]
    arranged = _arranged(Axis(xy, offsets, width, is_closed, drawing))
    shift = np.repeat(origin[arranged.drawing], np.diff(arranged.offsets), axis=0)
    return arranged._replace(xy_nm=arranged.xy_nm + shift)


def _arranged(axis: Axis) -> Axis:
    """Lines the same way round and in the same order whatever numbered them."""
    x, y = axis.xy_nm[:, 0], axis.xy_nm[:, 1]
    starts, ends = axis.offsets[:-1], axis.offsets[1:] - 1
    counts = np.diff(axis.offsets)
    key = (x << 32) + y
    following = np.arange(1, len(x) + 1)
    following[ends] = starts
    area2 = np.add.reduceat(x * y[following] - y * x[following], starts)
    is_back = np.where(axis.is_closed, area2 < 0, key[ends] < key[starts])
    at_lowest = np.flatnonzero(key == np.repeat(np.minimum.reduceat(key, starts), counts))
    of_line = np.searchsorted(axis.offsets, at_lowest, side="right") - 1
    lowest = np.empty(len(counts), np.int64)
    lowest[of_line[::-1]] = at_lowest[::-1]
    first = np.where(axis.is_closed, lowest, np.where(is_back, ends, starts)) - starts
    way = np.where(is_back, -1, 1)
    second = starts + (first + way) % counts
    order = np.lexsort((key[second], key[starts + first], axis.drawing))
    starts, counts, first, way = starts[order], counts[order], first[order], way[order]
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    number = np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts)
    index = np.repeat(starts, counts) + (
        np.repeat(first, counts) + number * np.repeat(way, counts)
    ) % np.repeat(counts, counts)
    return Axis(
        axis.xy_nm[index],
        offsets,
        axis.width_nm[index],
        axis.is_closed[order],
        axis.drawing[order],
    )
