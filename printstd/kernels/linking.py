"""Pieces of line of any directions linked along the border of their area into few long paths.

Lines of one family never meet the same stretch of border twice, so `kernels.chaining` joins them
line by line. Where several families share one border, or pieces end inside the area as well, their
ends are taken as they follow one another along the border: neighbours are joined, every end once,
so no stretch of border is laid twice. Ends that meet inside the area are joined too. What would
close is cut open; ends that stay free may hook on to the border for a while.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.chaining import Border
from printstd.kernels.crossings import Crossings, edge_lengths_nm
from printstd.kernels.rings import Rings, next_index
from printstd.kernels.zigzag import Paths, Run, interleaved, nth_of, point_at, walk, without_repeats

NO_CROSSING = -1
"""In place of a crossing: this end lies inside the area, on no border."""


class Strokes(NamedTuple):
    """n pieces with 2 n ends: end 2 i is the start of piece i, end 2 i + 1 its end.

    xy_nm : (2 n, 2) int64, nm. edge : (2 n,) int64, vertex of the rings at which the border's edge
    under the end starts, or NO_CROSSING. run_nm : (2 n,) int64, nm from there. region : (2 n,)
    int64, of each end: pieces of different regions have nothing to do with each other.
    """

    xy_nm: NDArray[np.int64]
    edge: NDArray[np.int64]
    run_nm: NDArray[np.int64]
    region: NDArray[np.int64]


class Reach(NamedTuple):
    """How far paths follow each of r rings, nm: (r,) int64 each. longest : joins. hook : free ends.
    clearance : what hooks leave to the next bead."""

    longest_nm: NDArray[np.int64]
    hook_nm: NDArray[np.int64]
    clearance_nm: NDArray[np.int64]


class _Joints(NamedTuple):
    """match : (2 n,) int64, the end that each end is joined to, or -1. with_ring : (2 n,) bool,
    does the way out from an end, to its match or along its hook, run with the ring. hook_nm :
    (2 n,) int64, nm, 0 for joined ends."""

    match: NDArray[np.int64]
    with_ring: NDArray[np.bool_]
    hook_nm: NDArray[np.int64]


def linked(rings: Rings, strokes: Strokes, reach: Reach) -> Paths:
    """All pieces as paths, by their first pieces' ends; `Paths.piece` is the first piece."""
    at = _border(rings, strokes)
    joints = _cut_open(_joints(at, strokes, reach))
    enter, starts = _walked(joints.match)
    leave = enter ^ 1
    goes_on = joints.match[leave] >= 0
    xy, places = interleaved(
        [
            _hooks(at, joints, enter, starts, outwards=False),
            _points(strokes, enter),
            _points(strokes, leave),
            _joined(at, strokes, joints, leave, goes_on),
            _hooks(at, joints, leave, ~goes_on, outwards=True),
        ]
    )
    offsets = places[np.append(np.flatnonzero(starts), len(enter))]
    return without_repeats(xy, offsets, enter[starts] >> 1)


def _border(rings: Rings, strokes: Strokes) -> Border:
    """The rings as ways to walk, its crossings being the strokes' ends."""
    lengths = edge_lengths_nm(rings, next_index(rings))
    total = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=total[1:])
    place = total[:-1] - np.repeat(total[rings.offsets[:-1]], np.diff(rings.offsets))
    around = total[rings.offsets[1:]] - total[rings.offsets[:-1]]
    none = np.empty(0, np.int64)
    ends = Crossings(strokes.edge, strokes.xy_nm, strokes.run_nm, none, none.astype(bool), none)
    ring = np.searchsorted(rings.offsets, strokes.edge, side="right") - 1
    return Border(rings, ends, place, around, ring, none, none)


def _joints(at: Border, strokes: Strokes, reach: Reach) -> _Joints:
    """Ends joined with their neighbours on the border, in pairs from wherever a join is too
    long; and with those they meet inside the area."""
    n_ends = len(strokes.edge)
    match = _met(strokes)
    with_ring = np.zeros(n_ends, bool)
    hook = np.zeros(n_ends, np.int64)
    held = np.flatnonzero(strokes.edge >= 0)
    if not len(held):
        return _Joints(match, with_ring, hook)
    place = at.place_nm[strokes.edge[held]] + strokes.run_nm[held]
    order = np.lexsort((held, place, at.ring[held]))
    end, place = held[order], place[order]
    ring = at.ring[end]
    first = np.searchsorted(ring, ring)
    size = np.searchsorted(ring, ring, side="right") - first
    nth = np.arange(len(end)) - first
    following = first + (nth + 1) % size
    preceding = first + (nth - 1) % size
    gap = place[following] - place
    gap = np.where(nth == size - 1, gap + at.round_nm[ring], gap)
    allowed = (gap <= reach.longest_nm[ring]) & (end[following] >> 1 != end >> 1) & (size > 1)
    taken = _in_pairs(allowed, gap, first, size, preceding)
    left, right = end[taken], end[following[taken]]
    match[left], match[right] = right, left
    with_ring[left] = True
    # Free ends hook into the wider of the gaps beside them.
    is_free = match[end] < 0
    before = gap[preceding]
    forwards = gap >= before
    with_ring[end[is_free]] = forwards[is_free]
    met = np.where(forwards, following, preceding)
    room = np.maximum(gap, before) - reach.clearance_nm[ring]
    shared = is_free[met] & (forwards[met] != forwards)
    room = np.where(shared, room // 2, room)
    length = np.maximum(np.minimum(room, reach.hook_nm[ring]), 0)
    hook[end] = np.where(is_free, length, 0)
    return _Joints(match, with_ring, hook)


def _met(strokes: Strokes) -> NDArray[np.int64]:
    """(2 n,) int64, matches of ends inside the area that lie in one place, two by two."""
    match = np.full(len(strokes.edge), -1, np.int64)
    free = np.flatnonzero(strokes.edge < 0)
    x, y = strokes.xy_nm[free].T
    order = free[np.lexsort((free, y, x, strokes.region[free]))]
    at = np.column_stack([strokes.region[order], strokes.xy_nm[order]])
    place = np.arange(len(order))
    is_first = np.ones(len(order), bool)
    is_first[1:] = (at[1:] != at[:-1]).any(axis=1)
    rank = place - np.maximum.accumulate(np.where(is_first, place, 0)) if len(place) else place
    first = np.flatnonzero((rank[:-1] % 2 == 0) & ~is_first[1:])
    match[order[first]], match[order[first + 1]] = order[first + 1], order[first]
    return match


def _in_pairs(
    allowed: NDArray[np.bool_],
    gap: NDArray[np.int64],
    first: NDArray[np.int64],
    size: NDArray[np.int64],
    preceding: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Every other gap of each run of gaps that may be closed; around a ring without any other gap
    those that are shorter together."""
    place = np.arange(len(gap))
    starts = allowed & ~allowed[preceding]
    latest = np.maximum.accumulate(np.where(starts, place, -1))
    # A run that passes the ring's own beginning began at the ring's last start.
    last = np.maximum.reduceat(np.where(starts, place, -1), first[first == place])
    of_ring = np.cumsum(first == place) - 1
    begun = np.where(latest >= first, latest, last[of_ring])
    is_whole = begun < first
    rank = np.where(is_whole, place - first, (place - begun) % size)
    even = np.bincount(of_ring, np.where(rank % 2 == 0, gap, 0))
    odd = np.bincount(of_ring, np.where(rank % 2 == 1, gap, 0))
    chosen = np.where(is_whole & (odd < even)[of_ring] & (size % 2 == 0), 1, 0)
    fits = (rank % 2 == chosen) & ~(is_whole & (size % 2 == 1) & (rank == size - 1))
    return np.flatnonzero(allowed & fits)


def _cut_open(joints: _Joints) -> _Joints:
    """Rounds that close are cut at their smallest end."""
    state = np.arange(len(joints.match))
    following = joints.match[state ^ 1]
    ahead = np.where(following >= 0, following, state)
    least = state.copy()
    for _ in range(max(1, len(state).bit_length())):
        least = np.minimum(least, least[ahead])
        ahead = ahead[ahead]
    # Where a walk of so many steps still goes on, it goes round.
    is_round = following[ahead] >= 0
    least = np.minimum(least, least[state ^ 1])
    cut = np.flatnonzero(is_round & (least == state))
    match = joints.match.copy()
    match[match[cut]] = -1
    match[cut] = -1
    return joints._replace(match=match)


def _walked(match: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(n,) the ends at which paths enter pieces, path by path, and which of them begin a path."""
    state = np.arange(len(match))
    came = np.where(match >= 0, match ^ 1, state)
    steps = (match >= 0).astype(np.int64)
    for _ in range(max(1, len(state).bit_length())):
        steps = steps + steps[came]
        came = came[came]
    # Each path can be walked from both its ends: from the smaller one it is.
    chosen = np.flatnonzero(came < came[state ^ 1])
    order = chosen[np.lexsort((steps[chosen], came[chosen]))]
    starts = steps[order] == 0
    return order, starts


def _points(strokes: Strokes, end: NDArray[np.int64]) -> Run:
    return Run(np.ones(len(end), np.int64), strokes.xy_nm[end])


def _joined(
    at: Border,
    strokes: Strokes,
    joints: _Joints,
    leave: NDArray[np.int64],
    goes_on: NDArray[np.bool_],
) -> Run:
    place = np.flatnonzero(goes_on & (strokes.edge[leave] >= 0))
    out = leave[place]
    into = joints.match[out]
    edge = strokes.edge
    # The shorter way is taken, so no way leads from an edge all around back to it.
    found = walk(at.rings, at.ring[out], edge[out], edge[into], joints.with_ring[out])
    counts = np.zeros(len(leave), np.int64)
    counts[place] = found.counts
    return Run(counts, found.xy_nm)


def _hooks(
    at: Border,
    joints: _Joints,
    ends: NDArray[np.int64],
    is_free: NDArray[np.bool_],
    *,
    outwards: bool,
) -> Run:
    """From each free end along the border."""
    length = joints.hook_nm[ends]
    place = np.flatnonzero(is_free & (length > 0))
    counts = np.zeros(len(ends), np.int64)
    if not len(place):
        return Run(counts, np.empty((0, 2), np.int64))
    end, length = ends[place], length[place]
    ring, edge_0 = at.ring[end], at.crossings.edge[end]
    forwards = joints.with_ring[end]
    begin = at.place_nm[edge_0] + at.crossings.run_nm[end]
    edge, tip = point_at(at, ring, begin + np.where(forwards, length, -length))
    passed = walk(at.rings, ring, edge_0, edge, forwards)
    counts[place] = passed.counts + 1
    nth, owner = nth_of(passed.counts + 1)
    first = np.cumsum(passed.counts) - passed.counts
    # Outwards: the vertices passed, then the tip. Inwards: the same, backwards.
    step = nth if outwards else passed.counts[owner] - nth
    is_tip = step == passed.counts[owner]
    xy = np.empty((len(owner), 2), np.int64)
    xy[is_tip] = tip
    xy[~is_tip] = passed.xy_nm[(first[owner] + step)[~is_tip]]
    return Run(counts, xy)
