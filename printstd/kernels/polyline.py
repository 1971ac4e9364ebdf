"""Open and closed lines as flat arrays: traced out of graphs, thinned, cut where their width
changes, and outlined.

Lines are (p, 2) vertices and (k + 1,) offsets, as rings are; a closed line does not repeat its
first vertex.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from printstd.named_tuple import NamedTuple


class Chains(NamedTuple):
    """nodes : (p,) int64, node ids along every chain. offsets : (k + 1,) int64 into nodes.
    is_closed : (k,) bool, the last node joins the first (which is not repeated)."""

    nodes: NDArray[np.int64]
    offsets: NDArray[np.int64]
    is_closed: NDArray[np.bool_]


def chains(n_nodes: int, edges: NDArray[np.int64]) -> Chains:
    """The graph's edges as maximal chains: every node inside a chain has exactly two edges.

    edges : (m, 2) int64, no loops and no doubles. Each edge is in one chain. Chains run from the
    end whose first edge has the smaller number; closed ones start at their first edge. Found by
    pointer doubling: O(log m) NumPy calls, however long the chains.
    """
    m = len(edges)
    if not m:
        return Chains(np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0, np.bool_))
    tail = np.concatenate([edges[:, 0], edges[:, 1]])
    head = np.concatenate([edges[:, 1], edges[:, 0]])
    half = np.arange(2 * m)
    twin = np.where(half < m, half + m, half - m)
    degree = np.bincount(tail, minlength=n_nodes)
    # The two half-edges that leave a node of degree 2 add up to this, so one gives the other.
    leaving = np.zeros(n_nodes, np.int64)
    np.add.at(leaving, tail, half)
    goes_on = degree[head] == 2
    following = np.where(goes_on, leaving[head] - twin, half)
    last, rank, lowest = _run_out(following)
    endless = goes_on[last]
    if endless.any():
        # Rings of degree 2 throughout: stop them before their first half-edge.
        stop = endless & (following == lowest)
        following = np.where(stop, half, following)
        last, rank, _ = _run_out(following)
    is_start = np.where(endless, half == lowest, degree[tail] != 2)
    back = np.where(endless, lowest[twin], twin[last])
    start = np.flatnonzero(is_start & (half < back))
    chain_of_last = np.full(2 * m, -1, np.int64)
    chain_of_last[last[start]] = np.arange(len(start))
    chain = chain_of_last[last]
    # Two directions may end in the same half-edge only if they are the same chain.
    mine = np.flatnonzero(chain >= 0)
    order = mine[np.lexsort((-rank[mine], chain[mine]))]
    is_closed = endless[start]
    counts = rank[start] + 1 + ~is_closed
    offsets = np.zeros(len(start) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    nodes = np.empty(offsets[-1], np.int64)
    is_edge = np.ones(len(nodes), bool)
    is_edge[offsets[1:][~is_closed] - 1] = False
    nodes[is_edge] = tail[order]
    nodes[~is_edge] = head[last[start[~is_closed]]]
    return Chains(nodes, offsets, is_closed)


def _run_out(
    following: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """For each half-edge: the last one of its chain, how many steps away it is, and the lowest
    of all that follow it (itself too). An element that follows itself is a last one."""
    last = following.copy()
    lowest = np.minimum(np.arange(len(following)), following)
    rank = (following != np.arange(len(following))).astype(np.int64)
    for _ in range(len(following).bit_length() + 1):
        lowest = np.minimum(lowest, lowest[last])
        rank = rank + rank[last]
        further = last[last]
        if (further == last).all():
            break
        last = further
    return last, rank, lowest


def arc_lengths(xy: NDArray[np.float64], offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """(p,) way along the line from its first vertex to each vertex."""
    step = np.zeros(len(xy))
    d = xy[1:] - xy[:-1]
    step[1:] = np.sqrt(d[:, 0] * d[:, 0] + d[:, 1] * d[:, 1])
    filled = offsets[:-1][np.diff(offsets) > 0]
    step[filled] = 0.0
    total = np.cumsum(step)
    return total - np.repeat(total[filled], np.diff(offsets)[np.diff(offsets) > 0])


def thinned(
    columns: NDArray[np.float64], offsets: NDArray[np.int64], tolerance: float
) -> NDArray[np.bool_]:
    """(p,) bool: the vertices to keep so that the line stays within `tolerance` of the chords.

    columns : (p, c), position and whatever else must be kept (a width, in the same unit).
    Douglas-Peucker, as in `kernels.simplify`, on lines whose ends stay.
    """
    keep = np.zeros(len(columns), bool)
    places = [np.ascontiguousarray(columns[:, c]) for c in range(columns.shape[1])]
    a, b = offsets[:-1], offsets[1:] - 1
    real = b >= a
    a, b = a[real], b[real]
    keep[a] = keep[b] = True
    while True:
        open_ = b - a > 1
        a, b = a[open_], b[open_]
        if not len(a):
            return keep
        count = b - a - 1
        borders = np.cumsum(count) - count
        vertex = np.arange(borders[-1] + count[-1]) + np.repeat(a + 1 - borders, count)
        distance2 = _distance2(places, vertex, a, b, count)
        largest = np.maximum.reduceat(distance2, borders)
        split = largest > tolerance * tolerance
        if not split.any():
            return keep
        # Of those that are as far the first.
        at = np.flatnonzero(distance2 == np.repeat(np.where(split, largest, -1.0), count))
        a, b, borders = a[split], b[split], borders[split]
        middle = vertex[at if len(at) == len(a) else at[np.searchsorted(at, borders)]]
        keep[middle] = True
        a, b = np.concatenate([a, middle]), np.concatenate([middle, b])


def without_spare(
    columns: NDArray[np.float64],
    offsets: NDArray[np.int64],
    keep: NDArray[np.bool_],
    tolerance: float,
) -> NDArray[np.bool_]:
    """(p,) bool: of the vertices that `thinned` kept, those that are needed.

    Where a line bends evenly, halving it at the farthest vertex keeps up to twice as many as there
    must be: a vertex is left out if all that lies between its neighbours stays within the tolerance
    of the chord between them. Of neighbours every second one is asked at a time, until none goes.
    """
    places = [np.ascontiguousarray(columns[:, c]) for c in range(columns.shape[1])]
    keep = keep.copy()
    is_end = np.zeros(len(keep), bool)
    real = np.diff(offsets) > 0
    is_end[offsets[:-1][real]] = is_end[offsets[1:][real] - 1] = True
    asked = keep & ~is_end
    while asked.any():
        kept = np.flatnonzero(keep)
        # Neighbours are never asked together: one of each pair that is next in turn.
        turn = asked[kept]
        place = np.arange(len(kept)) - np.maximum.accumulate(
            np.where(turn, 0, np.arange(len(kept)))
        )
        mine = np.flatnonzero(turn & (place % 2 == 1))
        a, b = kept[mine - 1], kept[mine + 1]
        count = b - a - 1
        borders = np.cumsum(count) - count
        vertex = np.arange(count.sum()) + np.repeat(a + 1 - borders, count)
        distance2 = _distance2(places, vertex, a, b, count)
        goes = np.maximum.reduceat(distance2, borders) <= tolerance * tolerance
        asked[kept[mine]] = False
        keep[kept[mine[goes]]] = False
        asked[a[goes]] = asked[b[goes]] = True
        asked &= keep & ~is_end
    return keep


def _distance2(
    places: Sequence[NDArray[np.float64]],
    vertex: NDArray[np.int64],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    count: NDArray[np.int64],
) -> NDArray[np.float64]:
    """(n,) squared distance of vertices to segments a-b, over all columns. count : how many
    vertices belong to each segment, one after another."""
    ways, starts, since = [], [], []
    length2, along = np.zeros(len(a)), np.zeros(len(vertex))
    for place in places:
        start = place[a]
        way = place[b] - start
        length2 += way * way
        starts.append(np.repeat(start, count))
        ways.append(np.repeat(way, count))
        since.append(place[vertex])
        along += ways[-1] * (since[-1] - starts[-1])
    t = along / np.repeat(np.where(length2 > 0, length2, 1.0), count)
    np.minimum(np.maximum(t, 0.0, out=t), 1.0, out=t)
    out = np.zeros(len(vertex))
    for way, start, place in zip(ways, starts, since, strict=True):
        way *= t
        way += start
        d = np.subtract(place, way, out=way)
        d *= d
        out += d
    return out


class Parts(NamedTuple):
    """begin, end : (n, 2) float64. width_0, width_1 : (n,) float64, there. line : (n,) int64, the
    line that each is a part of; a part starts where the one before it on its line ends."""

    begin: NDArray[np.float64]
    end: NDArray[np.float64]
    width_0: NDArray[np.float64]
    width_1: NDArray[np.float64]
    line: NDArray[np.int64]


class Cuts(NamedTuple):
    """How segments on which a width changes are cut into equal parts: so that it changes by no
    more than `fine` on each, if these are no shorter than `short`; then by no more than `coarse`,
    if they are no shorter than `shortest`."""

    fine: float
    short: float = 0.0
    coarse: float = np.inf
    shortest: float = 0.0

    def parts(self, change: NDArray[np.float64], length: NDArray[np.float64]) -> NDArray[np.int64]:
        """(n,) of segments so long on which the width changes by so much."""
        parts = np.maximum(np.ceil(change / self.fine), 1.0)
        if self.short:
            parts = np.minimum(parts, np.floor(length / self.short))
            finest = np.floor(length / self.shortest) if self.shortest else parts
            parts = np.maximum(parts, np.minimum(np.ceil(change / self.coarse), finest))
        return np.maximum(parts, 1.0).astype(np.int64)


def even_parts(
    xy: NDArray[np.float64], offsets: NDArray[np.int64], width: NDArray[np.float64], cuts: Cuts
) -> Parts:
    """The segments of open lines, cut where the width changes along them."""
    first = np.ones(len(xy), bool)
    first[offsets[1:] - 1] = False
    a = np.flatnonzero(first)
    u = xy[a + 1] - xy[a]
    parts = cuts.parts(np.abs(width[a + 1] - width[a]), np.sqrt((u * u).sum(axis=1)))
    of = np.repeat(np.arange(len(a)), parts)
    number = np.arange(len(of)) - np.repeat(np.cumsum(parts) - parts, parts)
    t0, t1 = number / parts[of], (number + 1) / parts[of]
    begin = xy[a][of] + u[of] * t0[:, None]
    end = np.where(
        (number + 1 == parts[of])[:, None], xy[a + 1][of], xy[a][of] + u[of] * t1[:, None]
    )
    grow = (width[a + 1] - width[a])[of]
    line = (np.searchsorted(offsets, a, side="right") - 1)[of]
    return Parts(begin, end, width[a][of] + grow * t0, width[a][of] + grow * t1, line)


class Runs(NamedTuple):
    """xy : (q, 2) float64. offsets : (r + 1,). width, widest : (r,) float64, the mean over the run
    and the largest there is. line : (r,) int64, the line that each run is a part of; a run starts
    where the one before it on its line ends."""

    xy: NDArray[np.float64]
    offsets: NDArray[np.int64]
    width: NDArray[np.float64]
    widest: NDArray[np.float64]
    line: NDArray[np.int64]


def constant_width_runs(
    xy: NDArray[np.float64],
    offsets: NDArray[np.int64],
    width: NDArray[np.float64],
    cuts: Cuts,
) -> Runs:
    """Open lines of varying width as runs of one width each, off by at most about half of
    `cuts.fine` where there is room for that.

    width : (p,), at the vertices; between them it changes evenly. Segments are cut into equal
    parts; then a run goes on until a part is more than `cuts.fine` away from the range that it has
    covered. A run's width is the mean over its length, so what is laid down stays the same.
    """
    begin, end, one, two, line = even_parts(xy, offsets, width, cuts)
    middle, larger = (one + two) * 0.5, np.maximum(one, two)
    length = np.sqrt(((end - begin) * (end - begin)).sum(axis=1))
    starts = _run_starts(middle, line, cuts.fine)
    borders = np.append(starts, len(line))
    weight = np.maximum(length, 1e-9)
    mean = np.add.reduceat(middle * weight, starts) / np.add.reduceat(weight, starts)
    counts = np.diff(borders) + 1
    run_offsets = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(counts, out=run_offsets[1:])
    out = np.empty((run_offsets[-1], 2))
    is_end = np.zeros(len(out), bool)
    is_end[run_offsets[1:] - 1] = True
    out[~is_end] = begin
    out[is_end] = end[borders[1:] - 1]
    return Runs(out, run_offsets, mean, np.maximum.reduceat(larger, starts), line[starts])


def _run_starts(
    middle: NDArray[np.float64], line: NDArray[np.int64], tolerance: float
) -> NDArray[np.int64]:
    """Indices at which a new run starts: every line's first part, and where the widths of a run
    would span more than the tolerance."""
    begins = np.ones(len(line), bool)
    begins[1:] = line[1:] != line[:-1]
    starts = np.flatnonzero(begins)
    spread = np.maximum.reduceat(middle, starts) - np.minimum.reduceat(middle, starts)
    wide = np.flatnonzero(spread > tolerance)
    ends = np.append(starts[1:], len(line))
    more: list[int] = []
    # Each run depends on where the one before it ended: in order, over the few lines that vary.
    for low, high in zip(starts[wide].tolist(), ends[wide].tolist(), strict=True):
        least = most = middle[low]
        for index, value in enumerate(middle[low + 1 : high].tolist(), low + 1):
            least, most = min(least, value), max(most, value)
            if most - least > tolerance:
                more.append(index)
                least = most = value
    return np.sort(np.concatenate([starts, np.asarray(more, np.int64)]), kind="stable")


class Wide(NamedTuple):
    """xy, offsets, width, is_closed : lines as they are given. line : (k,) int64, the line that
    each is a part of."""

    xy: NDArray[np.float64]
    offsets: NDArray[np.int64]
    width: NDArray[np.float64]
    is_closed: NDArray[np.bool_]
    line: NDArray[np.int64]

    @property
    def n_lines(self) -> int:
        return len(self.offsets) - 1


def at_least_wide(
    xy: NDArray[np.float64],
    offsets: NDArray[np.int64],
    width: NDArray[np.float64],
    is_closed: NDArray[np.bool_],
    least: float,
) -> Wide:
    """The parts of lines on which they are no narrower than `least`, in order.

    width : (p,), at the vertices; between them it changes evenly. A closed line that is cut is
    cut at its narrowest vertex first, so that no part ends but where it is too narrow.
    """
    counts = np.diff(offsets)
    line = np.repeat(np.arange(len(counts)), counts)
    narrowest = np.minimum.reduceat(width, offsets[:-1]) if len(counts) else np.empty(0)
    is_cut = narrowest < least
    opened = is_closed & is_cut
    at = np.flatnonzero(width == narrowest[line])
    begin = np.zeros(len(counts), np.int64)
    begin[line[at[::-1]]] = (at - offsets[line[at]])[::-1]
    begin[~opened] = 0
    longer = counts + opened
    borders = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(longer, out=borders[1:])
    number = np.arange(borders[-1]) - np.repeat(borders[:-1], longer)
    turn = (number + np.repeat(begin, longer)) % np.repeat(counts, longer)
    index = np.repeat(offsets[:-1], longer) + turn
    xy, width, line = xy[index], width[index], np.repeat(np.arange(len(counts)), longer)
    # Where the width passes the least between two vertices there is a new one.
    a = np.flatnonzero((line[1:] == line[:-1]) & ((width[1:] < least) != (width[:-1] < least)))
    share = (least - width[a]) / (width[a + 1] - width[a])
    new = xy[a] + (xy[a + 1] - xy[a]) * share[:, None]
    order = np.argsort(np.concatenate([np.arange(len(xy)) * 2, a * 2 + 1]), kind="stable")
    xy = np.concatenate([xy, new])[order]
    width = np.concatenate([width, np.full(len(a), least)])[order]
    line = np.concatenate([line, line[a]])[order]
    keep = width >= least
    part = np.cumsum(~keep)
    xy, width, line, part = xy[keep], width[keep], line[keep], part[keep]
    starts = np.flatnonzero((np.diff(line, prepend=-1) != 0) | (np.diff(part, prepend=-1) != 0))
    borders = np.append(starts, len(line))
    return Wide(xy, borders, width, (is_closed & ~is_cut)[line[starts]], line[starts])


class Lines(NamedTuple):
    """xy : (p, 2) float64. offsets : (k + 1,). width : (p,) float64."""

    xy: NDArray[np.float64]
    offsets: NDArray[np.int64]
    width: NDArray[np.float64]


def moved_ends(
    xy: NDArray[np.float64],
    offsets: NDArray[np.int64],
    width: NDArray[np.float64],
    shift_0: NDArray[np.float64],
    way_0: NDArray[np.float64],
    shift_1: NDArray[np.float64],
    way_1: NDArray[np.float64],
) -> Lines:
    """Lines of two vertices or more, made longer or shorter at their ends.

    shift_0, shift_1 : (k,) how far the first and last vertex move: > 0 on along the unit vectors
    way_0, way_1 (k, 2), < 0 back along the line. A line cut back by more than it is long is
    left with two equal vertices.
    """
    arc = arc_lengths(xy, offsets)
    counts = np.diff(offsets)
    length = arc[offsets[1:] - 1]
    low = np.maximum(-shift_0, 0.0)
    high = length - np.maximum(-shift_1, 0.0)
    middle = np.minimum(np.maximum((low + high) * 0.5, 0.0), length)
    low, high = np.where(low > high, middle, low), np.where(low > high, middle, high)
    inner = (arc > np.repeat(low, counts)) & (arc < np.repeat(high, counts))
    ends = []
    for at, shift, way in ((low, shift_0, way_0), (high, shift_1, way_1)):
        place, wide = _at_arc(xy, width, arc, offsets, at)
        ends.append((place + way * np.maximum(shift, 0.0)[:, None], wide))
    line = np.repeat(np.arange(len(counts)), counts)[inner]
    kept = np.bincount(line, minlength=len(counts)) + 2
    new = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(kept, out=new[1:])
    out = np.empty((new[-1], 2))
    out_width = np.empty(new[-1])
    is_end = np.zeros(new[-1], bool)
    is_end[new[:-1]] = is_end[new[1:] - 1] = True
    out[~is_end], out_width[~is_end] = xy.compress(inner, axis=0), width[inner]
    for (place, wide), index in zip(ends, (new[:-1], new[1:] - 1), strict=True):
        out[index], out_width[index] = place, wide
    return Lines(out, new, out_width)


def _at_arc(
    xy: NDArray[np.float64],
    width: NDArray[np.float64],
    arc: NDArray[np.float64],
    offsets: NDArray[np.int64],
    at: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(k, 2) the place and (k,) the width of each line `at` so far along it."""
    counts = np.diff(offsets)
    not_past = (arc <= np.repeat(at, counts)).astype(np.int64)
    a = offsets[:-1] + np.minimum(np.add.reduceat(not_past, offsets[:-1]) - 1, counts - 2)
    a = np.maximum(a, offsets[:-1])
    span = arc[a + 1] - arc[a]
    t = (at - arc[a]) / np.where(span > 0, span, 1.0)
    place = xy[a] + (xy[a + 1] - xy[a]) * t[:, None]
    return place, width[a] + (width[a + 1] - width[a]) * t
