"""Centre lines of narrow areas with the width at every vertex: the chordal axis.

L. Prasad, "Morphological analysis of shapes", CNLS Newsletter 139 (1997): in a constrained
Delaunay triangulation of an area each inner edge is a chord from one side of it to the other, and
the chords' middles, joined across the triangles, run along the medial axis. Here each middle
is then moved along its chord until it is as far from the outline to its left as to its right, so
that on straight walls, parallel or not, vertices and widths are those of the medial axis itself
(`kernels.chords`). float64 with + - * / sqrt only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip, polyline
from printstd.kernels.chords import (
    ChordGraph,
    Outline,
    drawing_of,
    outline_of,
    refined,
)
from printstd.kernels.distinct import distinct
from printstd.kernels.rings import Rings, next_index, without_repeats
from printstd.named_tuple import NamedTuple

LEAST_TURN: Final = -0.2
"""A node whose directions to both sides have a larger cosine (are under 101 deg apart) lies on
a branch into a corner, not between two walls."""
OPPOSITE: Final = -0.6
"""The cosine of the ways to two sides that beads lie between: wedges up to 53 deg."""
_MAX_TIP: Final = 64
"""An end is closed by no more vertices than this."""
_BLOCK: Final = 500_000


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
    keep_inside: bool = False,
    thin_nm: int = 2_000,
    least_turn: float = LEAST_TURN,
) -> Axis:
    """Centre lines of areas where they are between `min_width_nm` and `max_width_nm` wide.

    drawings : canonical rings, of as many layers as one likes, each by itself: what is done per
    drawing is little, so many at once are much faster than one by one.

    At a junction the two straightest branches are one line and the others end where they meet
    its side. Vertices are put into the outline until no radius is known to be wrong by more than
    `tolerance_nm`. Free ends stop `end_gap_ratio` half widths before the outline: 0 on the
    outline, 1 where a round end touches it. Lines with a free end are dropped if shorter than
    `min_length_nm`. With `keep_inside` no width is over twice the distance to the outline,
    whatever the chords say (it takes time with vertices times edges). Vertices that change neither
    place nor width by more than `thin_nm` are left out. Branches whose directions to both sides
    have a larger cosine than `least_turn` run into corners and are left out. Lines start at their
    smaller end (closed ones at their smallest vertex, counter-clockwise) and are sorted by it
    within their drawing.
    """
    islands = clip.inset_islands([without_repeats(drawing) for drawing in drawings], None)
    n_islands = len(islands.part)
    group_offsets = np.searchsorted(islands.island, np.arange(n_islands + 1))
    outline = outline_of(islands.rings, group_offsets, step_nm)
    if outline is None:
        return NO_AXIS
    found: list[_Lines] = []
    for outline, graph, settled in refined(outline, max_width_nm, tolerance_nm):  # noqa: B020
        alive = (2.0 * graph.radius >= min_width_nm) & (2.0 * graph.radius <= max_width_nm)
        alive &= settled[drawing_of(outline, graph.tail)]
        alive = without_spurs(graph, alive, least_turn)
        found.append(_lines(outline, graph, alive, end_gap_ratio))
    lines = _joined(found)
    if keep_inside:
        _keep_inside(lines, outline)
    return _finished(lines, outline.origin, islands.part, min_length_nm, thin_nm)


# --------------------------------------------------------------------------------- pruning


def _alive_in(graph: ChordGraph, alive: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(t,) how many nodes of each triangle are left."""
    # Where a triangle has no node, -1 stands for the one after the last.
    one, two, three = np.append(alive, False).take(graph.nodes_of.T)
    return np.asarray(one.astype(np.int64) + two + three)


def _square(way: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) of the length of each. Column by column: rows of two are summed two at a time."""
    return way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1]


def without_spurs(
    graph: ChordGraph, alive: NDArray[np.bool_], least_turn: float = LEAST_TURN
) -> NDArray[np.bool_]:
    """(m,) bool: `alive` nodes without the branches that only run into corners."""
    to_tail, to_head = graph.tail_foot - graph.xy, graph.head_foot - graph.xy
    dot = to_tail[:, 0] * to_head[:, 0] + to_tail[:, 1] * to_head[:, 1]
    size = np.sqrt(_square(to_tail)) * np.sqrt(_square(to_head))
    between_walls = (dot <= least_turn * size) & ~graph.is_crowded
    alive = alive.copy()
    while True:
        left = _alive_in(graph, alive)
        is_end = (left[graph.sides[:, 0]] == 1) | (left[graph.sides[:, 1]] == 1)
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


def _short_branches(graph: ChordGraph, alive: NDArray[np.bool_]) -> NDArray[np.bool_]:
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


def _sleeves(
    graph: ChordGraph, alive: NDArray[np.bool_], left: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(n, 2) the two nodes of every triangle that has just two."""
    nodes = graph.nodes_of[left == 2]
    there = nodes >= 0
    there[there] = alive[nodes[there]]
    return np.sort(np.where(there, nodes, -1), axis=1)[:, 1:]


def _through(graph: ChordGraph, left: NDArray[np.int64]) -> NDArray[np.int64]:
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


def _chains(
    graph: ChordGraph, alive: NDArray[np.bool_], links: NDArray[np.int64]
) -> polyline.Chains:
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
    """xy : (p, 2), width : (p,) float64, nm, local. has_free_end : (k,) bool. island : (k,)."""

    xy: NDArray[np.float64]
    offsets: NDArray[np.int64]
    width: NDArray[np.float64]
    is_closed: NDArray[np.bool_]
    has_free_end: NDArray[np.bool_]
    island: NDArray[np.int64]


def _joined(parts: list[_Lines]) -> _Lines:
    if len(parts) == 1:
        return parts[0]
    counts = np.concatenate([np.diff(part.offsets) for part in parts])
    return _Lines(
        np.concatenate([part.xy for part in parts]),
        np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
        *(np.concatenate(columns) for columns in zip(*(part[2:] for part in parts), strict=True)),
    )


def _lines(
    outline: Outline, graph: ChordGraph, alive: NDArray[np.bool_], end_gap_ratio: float
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
    xy, width = graph.xy.take(nodes, axis=0).copy(), 2.0 * graph.radius[nodes]
    open_ = np.flatnonzero(~found.is_closed)
    first, last = offsets[:-1][open_], offsets[1:][open_] - 1
    is_lone = nodes[first] == nodes[last]
    free_0 = left[graph.sides.take(nodes[first], axis=0)] == 1
    free_1 = left[graph.sides[nodes[last]]] == 1
    # A lone node's ends are its two sides in turn; others have one free side at most.
    side_0 = np.where(free_0[:, 0], 0, 1)
    side_1 = np.where(is_lone, 1, np.where(free_1[:, 0], 0, 1))
    end_0 = np.where(is_lone, free_0[:, 0], free_0.any(axis=1))
    end_1 = np.where(is_lone, free_1[:, 1], free_1.any(axis=1))
    side_0 = np.where(is_lone, 0, side_0)
    n_lines = len(counts)
    shifts, ways, ends_width = np.zeros((2, n_lines)), np.zeros((2, n_lines, 2)), []
    for k, (is_free, vertex, side) in enumerate(((end_0, first, side_0), (end_1, last, side_1))):
        which, node = open_[is_free], nodes[vertex[is_free]]
        shifts[k, which], ways[k, which], wide = _free_ends(
            outline, graph, node, side[is_free], end_gap_ratio
        )
        ends_width.append((which, wide))
    moved = polyline.moved_ends(xy, offsets, width, shifts[0], ways[0], shifts[1], ways[1])
    for (which, wide), vertex in zip(
        ends_width, (moved.offsets[:-1], moved.offsets[1:] - 1), strict=True
    ):
        moved.width[vertex[which]] = np.minimum(moved.width[vertex[which]], wide)
    free = np.zeros(n_lines, bool)
    free[open_] = end_0 | end_1
    island = drawing_of(outline, graph.tail[nodes[offsets[:-1]]])
    return _Lines(moved.xy, moved.offsets, moved.width, found.is_closed, free, island)


def _free_ends(
    outline: Outline,
    graph: ChordGraph,
    node: NDArray[np.int64],
    side: NDArray[np.int64],
    end_gap_ratio: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """How far lines go on from their last nodes towards their free sides, the way there, and how
    wide they may be where they end."""
    forward = (side == 0)[:, None]
    foot_a = np.where(forward, graph.tail_foot[node], graph.head_foot[node])
    foot_b = np.where(forward, graph.head_foot[node], graph.tail_foot[node])
    across = foot_b - foot_a
    size = np.maximum(np.sqrt((across * across).sum(axis=1)), 1.0)
    way = np.stack([-across[:, 1], across[:, 0]], axis=1) / size[:, None]
    radius, xy = graph.radius[node], graph.xy[node]
    tip = _tips(outline, graph, node, side)
    reach = np.full(len(node), np.inf)
    np.minimum.at(reach, tip.end, _ray(xy.take(tip.end, axis=0), way[tip.end], tip.p, tip.q))
    # Into a tip that runs out to nothing no further than the line is wide.
    reach = np.minimum(np.where(np.isfinite(reach), reach, radius), 2.0 * radius)
    shift = reach - radius * end_gap_ratio
    if not end_gap_ratio:
        return shift, way, np.full(len(node), np.inf)
    room = np.full(len(node), np.inf)
    place = xy + way * np.maximum(shift, 0.0)[:, None]
    np.minimum.at(room, tip.end, segment_distance(place[tip.end], tip.p, tip.q))
    return shift, way, 2.0 * np.where(np.isfinite(room), room, radius) / end_gap_ratio


class _Tips(NamedTuple):
    """The pieces p-q of outline that close each end; end : (n,) which end."""

    end: NDArray[np.int64]
    p: NDArray[np.float64]
    q: NDArray[np.float64]


def _tips(
    outline: Outline, graph: ChordGraph, node: NDArray[np.int64], side: NDArray[np.int64]
) -> _Tips:
    """What the chords cut off: the outline from the chord's head on to its tail."""
    tail = np.where(side == 0, graph.tail[node], graph.head[node])
    head = np.where(side == 0, graph.head[node], graph.tail[node])
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
    return _Tips(
        of, rings.xy_nm.take(one, axis=0).astype(np.float64), rings.xy_nm[two].astype(np.float64)
    )


def segment_distance(
    xy: NDArray[np.float64], p: NDArray[np.float64], q: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) distance of points to segments p-q, all (n, 2) float64."""
    u, v = q - p, xy - p
    length2 = u[:, 0] * u[:, 0] + u[:, 1] * u[:, 1]
    t = (u[:, 0] * v[:, 0] + u[:, 1] * v[:, 1]) / np.where(length2 > 0, length2, 1.0)
    d = v - u * np.minimum(np.maximum(t, 0.0), 1.0)[:, None]
    return np.sqrt(d[:, 0] * d[:, 0] + d[:, 1] * d[:, 1])


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


def _keep_inside(lines: _Lines, outline: Outline) -> None:
    """Take widths back, in place, to what the outline of the line's island leaves room for."""
    island = np.repeat(lines.island, np.diff(lines.offsets))
    corners, borders = outline.corners, outline.corners.offsets[outline.group_offsets]
    following = next_index(corners)
    for number in distinct(lines.island).tolist():
        mine = np.flatnonzero(island == number)
        edge = np.arange(borders[number], borders[number + 1])
        p = corners.xy_nm[edge].astype(np.float64)
        q = corners.xy_nm[following[edge]].astype(np.float64)
        block = max(1, _BLOCK // len(edge))
        for begin in range(0, len(mine), block):
            some = mine[begin : begin + block]
            point, which = np.repeat(some, len(edge)), np.tile(np.arange(len(edge)), len(some))
            distance = segment_distance(lines.xy.take(point, axis=0), p[which], q[which])
            room = distance.reshape(len(some), len(edge)).min(axis=1)
            lines.width[some] = np.minimum(lines.width[some], 2.0 * room)


def _finished(
    lines: _Lines,
    origin: NDArray[np.int64],
    drawing_of_island: NDArray[np.int64],
    min_length_nm: int,
    thin_nm: int,
) -> Axis:
    if len(lines.offsets) < 2:
        return NO_AXIS
    length = polyline.arc_lengths(lines.xy, lines.offsets)[lines.offsets[1:] - 1]
    long_enough = (length >= min_length_nm) | (~lines.has_free_end & (length > 0))
    columns = np.column_stack([lines.xy, lines.width])
    keep = polyline.thinned(columns, lines.offsets, float(thin_nm))
    keep &= np.repeat(long_enough, np.diff(lines.offsets))
    line = np.repeat(np.arange(len(lines.offsets) - 1), np.diff(lines.offsets))[keep]
    counts = np.bincount(line, minlength=len(lines.offsets) - 1)[long_enough]
    if not len(counts):
        return NO_AXIS
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    island = lines.island[long_enough]
    xy = np.rint(lines.xy.compress(keep, axis=0)).astype(np.int64) + np.repeat(
        origin[island], counts, axis=0
    )
    width = np.rint(lines.width[keep]).astype(np.int64)
    drawing = drawing_of_island[island]
    return _arranged(Axis(xy, offsets, width, lines.is_closed[long_enough], drawing))


def _arranged(axis: Axis) -> Axis:
    """Lines the same way round and in the same order whatever numbered them."""
    x, y = axis.xy_nm[:, 0], axis.xy_nm[:, 1]
    starts, ends = axis.offsets[:-1], axis.offsets[1:] - 1
    counts = np.diff(axis.offsets)
    key = (x << 32) + y
    following = np.arange(1, len(x) + 1)
    following[ends] = starts
    # Sums wrap modulo 2^64, and the result fits.
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
