"""The chords of areas: the inner edges of their triangulation, each with the place along it that
is as far from the outline at its one end as at its other.

What `kernels.medial_axis` joins to lines. The outline needs few vertices besides its own: some
near corners, where ends are, and the feet of chords that are too coarse for their place.
float64 with + - * / sqrt only.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.distinct import distinct
from printstd.kernels.rings import Rings, next_index
from printstd.kernels.triangulate import Triangles, own_origins, triangulated
from printstd.named_tuple import NamedTuple

_LADDER: Final = (1.0, 2.5, 6.0, 15.0, 40.0)
_STRIDE: Final = 50.0
"""Distances of the extra vertices of an edge from both its ends, in steps; beyond the ladder
they are a stride apart."""
_LEAST_GAP_NM: Final = 20_000
"""Extra vertices are no closer together."""
_SHARP_TURN: Final = 0.35
"""Sine of the turn (20 deg) from which a vertex that juts into the area faces a whole sector."""
_LOOK_PAST_RATIO: Final = 0.5
"""Of the distance to the outline: an error in place that is still nothing in width."""
_NEWTON_STEPS: Final = 4
_MAX_PASSES: Final = 4
_EQUAL_NM: Final = 200.0


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


class Outline(NamedTuple):
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


def drawing_of(outline: Outline, vertex: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) the drawing of each vertex of the outline's rings."""
    ring = np.searchsorted(outline.rings.offsets, vertex, side="right") - 1
    return np.asarray(np.searchsorted(outline.group_offsets, ring, side="right") - 1)


def outline_of(area: Rings, group_offsets: NDArray[np.int64], step_nm: int) -> Outline | None:
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
    for rung in chain(_LADDER, count(_LADDER[-1] + _STRIDE, _STRIDE)):
        far = np.flatnonzero(length * 0.45 > rung * step_nm)
        if not len(far):
            break
        t = rung * step_nm / length[far]
        ids += [far, far]
        along += [t, 1.0 - t]
    bare = Outline(
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
    outline: Outline, edge: NDArray[np.int64], along: NDArray[np.float64]
) -> Outline:
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


def with_missing_feet(
    outline: Outline, graph: ChordGraph, max_width_nm: int
) -> tuple[Outline, NDArray[np.int64]]:
    """The outline with the feet of chords that are too few for their place, and the drawings that
    got any."""
    settled = outline, np.empty(0, np.int64)
    chord = np.flatnonzero(graph.is_coarse & (graph.radius <= max_width_nm))
    if not len(chord):
        return settled
    tail, head = graph.tail[chord], graph.head[chord]
    xy = outline.rings.xy_nm.astype(np.float64)
    ids, alongs = [outline.edge], [outline.along]
    node = graph.xy[chord]
    looks = [(tail, node), (head, node), (tail, xy[head]), (head, xy[tail])]
    looks += [(graph.beside[chord, side], node) for side in (0, 1)]
    for vertex, point in looks:
        for edge in (outline.edge[vertex], outline.other[vertex]):
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
        return settled
    extra = _with_vertices(outline, edge[keep], along[keep])
    ring = np.flatnonzero(np.diff(extra.rings.offsets) > np.diff(outline.rings.offsets))
    drawing = np.searchsorted(outline.group_offsets, ring, side="right") - 1
    return extra, distinct(drawing)


def _foot(
    edges: _Edges, edge: NDArray[np.int64], point: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) where along the edge's line the point is nearest to it; 0 and 1 are its ends."""
    vx, vy = point[:, 0] - edges.ax[edge], point[:, 1] - edges.ay[edge]
    return (edges.ux[edge] * vx + edges.uy[edge] * vy) * edges.per_length2[edge]


class ChordGraph(NamedTuple):
    """One node per inner edge (chord) of the triangulation.

    tail, head : (m,) outline vertices of the chord. beside : (m, 2) the third corners of the
    triangles at its sides. sides : (m, 2) the triangle to the left of
    tail -> head, and the other. xy, radius : the node. tail_foot, head_foot : (m, 2) nearest
    points of the outline on either side. is_coarse : (m,) more vertices are needed here.
    is_crowded : (m,) the two are not equally near, or some other part of the outline is nearer.
    nodes_of : (t, 3) nodes of each triangle, -1 where it has none.
    """

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    beside: NDArray[np.int64]
    sides: NDArray[np.int64]
    xy: NDArray[np.float64]
    radius: NDArray[np.float64]
    tail_foot: NDArray[np.float64]
    head_foot: NDArray[np.float64]
    is_coarse: NDArray[np.bool_]
    is_crowded: NDArray[np.bool_]
    nodes_of: NDArray[np.int64]


def chord_graph(
    outline: Outline, tolerance_nm: int, drawings: NDArray[np.int64] | None = None
) -> ChordGraph:
    """drawings : those wanted, None for all."""
    found: Triangles = triangulated(outline.rings, outline.group_offsets, drawings)
    half = np.arange(len(found.twin))
    inner = np.flatnonzero(found.twin > half)
    twin = found.twin[inner]
    corner = found.corners.reshape(-1)
    nodes_of = np.full(len(found.twin), -1, np.int64)
    nodes_of[inner] = nodes_of[twin] = np.arange(len(inner))
    tail, head = corner[inner], corner[twin]
    place = outline.rings.xy_nm.astype(np.float64)
    start = place.take(tail, axis=0)
    chord = place.take(head, axis=0) - start
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
        xy[off] = start.take(off, axis=0) + chord.take(off, axis=0) * t[off, None]
        for nearest, vertex in ((near, tail), (far, head)):
            for column, values in zip(
                nearest,
                _nearest(outline, vertex[off], xy.take(off, axis=0), tolerance_nm),
                strict=True,
            ):
                column[off] = values
    radius = np.minimum(near.distance, far.distance)
    beside = np.stack([_facing(found, inner), _facing(found, twin)], axis=1)
    is_coarse = near.looks_past | far.looks_past
    is_crowded = np.abs(near.distance - far.distance) > tolerance_nm
    for side in (beside[:, 0], beside[:, 1]):
        distance = _nearest(outline, side, xy, tolerance_nm).distance
        is_crowded |= radius - distance > tolerance_nm
        radius = np.minimum(radius, distance)
    is_coarse |= is_crowded
    is_coarse |= near.faces_out & _is_far(far, place.take(head, axis=0)) | far.faces_out & _is_far(
        near, place.take(tail, axis=0)
    )
    return ChordGraph(
        tail,
        head,
        beside,
        np.stack([inner // 3, twin // 3], axis=1),
        xy,
        radius,
        near.xy,
        far.xy,
        is_coarse,
        is_crowded,
        nodes_of.reshape(-1, 3),
    )


def refined(
    outline: Outline, max_width_nm: int, tolerance_nm: int
) -> Iterator[tuple[Outline, ChordGraph, NDArray[np.bool_]]]:
    """Chords of the outline's drawings, with vertices added until no radius up to the width is
    known to be wrong by more than `tolerance_nm`. Each time (g,) bool tells the drawings whose
    chords are as they stay; each drawing's turn comes once."""
    n_drawings = len(outline.group_offsets) - 1
    asked = np.arange(n_drawings)
    for turn in range(_MAX_PASSES):
        graph = chord_graph(outline, tolerance_nm, asked)
        extra, coarse = outline, np.empty(0, np.int64)
        if turn + 1 < _MAX_PASSES:
            extra, coarse = with_missing_feet(outline, graph, max_width_nm)
        settled = np.ones(n_drawings, bool)
        settled[coarse] = False
        yield outline, graph, settled
        if not len(coarse):
            return
        outline, asked = extra, coarse


def _facing(found: Triangles, half_edge: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) the third corner of each half-edge's triangle."""
    return found.corners[half_edge // 3, (half_edge + 2) % 3]


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
    outline: Outline, vertex: NDArray[np.int64], xy: NDArray[np.float64], tolerance_nm: int
) -> _Nearest:
    edge, other = outline.edge[vertex], outline.other[vertex]
    edges = outline.edges
    foot, distance, t = _on_edge(edges, edge, xy)
    is_corner = outline.along[vertex] == 0.0
    at_corner = is_corner & (t <= 0.0)
    nearest_edge = edge
    two = np.flatnonzero(is_corner)
    if len(two):
        foot_2, distance_2, t_2 = _on_edge(edges, other[two], xy.take(two, axis=0))
        closer = distance_2 < distance[two]
        better = two[closer]
        foot[better], distance[better], t[better] = (
            foot_2.compress(closer, axis=0),
            distance_2[closer],
            t_2[closer],
        )
        at_corner[better] = t_2[closer] >= 1.0
        nearest_edge = edge.copy()
        nearest_edge[better] = other[better]
    looks_past = np.zeros(len(vertex), bool)
    past = np.flatnonzero(((t < 0.0) | (t > 1.0)) & ~at_corner)
    if len(past):
        beyond = nearest_edge[past]
        beyond = np.where(t[past] > 1.0, outline.following[beyond], outline.previous[beyond])
        distance_3 = _on_edge(edges, beyond, xy.take(past, axis=0))[1]
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
    d = xy.take(some, axis=0) - nearest.xy.take(some, axis=0)
    along = d[:, 0] * chord[some, 0] + d[:, 1] * chord[some, 1]
    return np.asarray(along / np.maximum(nearest.distance[some], 1.0), np.float64)
