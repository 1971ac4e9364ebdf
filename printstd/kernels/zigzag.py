"""Vertices of paths made of chained pieces, the border between them and hooks at their ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.chaining import Border, Chains, Ends, Joins
from printstd.kernels.rings import Rings, differ
from printstd.named_tuple import NamedTuple


class Paths(NamedTuple):
    """xy_nm : (p, 2) int64, nm. offsets : (k + 1,) int64 into xy_nm. piece : (k,) int64, the
    first piece of each path."""

    xy_nm: NDArray[np.int64]
    offsets: NDArray[np.int64]
    piece: NDArray[np.int64]


class Inside(NamedTuple):
    """Vertices of curved pieces between their ends: (q, 2) int64 nm from start to end of each
    piece, (n + 1,) int64 borders of the pieces in it, and (n,) bool, do paths run along the piece
    from start to end."""

    xy_nm: NDArray[np.int64]
    offsets: NDArray[np.int64]
    forwards: NDArray[np.bool_]


class Hooks(NamedTuple):
    """How free ends run on along the border. lower_nm, upper_nm : (n,) int64, nm, how far at each
    piece's ends (0: not at all); clearance_nm : (r,) int64, nm, what they leave to the next bead
    on each ring."""

    lower_nm: NDArray[np.int64]
    upper_nm: NDArray[np.int64]
    clearance_nm: NDArray[np.int64]


class Run(NamedTuple):
    """Vertices for n places of the path: counts (n,) and all of them, place by place."""

    counts: NDArray[np.int64]
    xy_nm: NDArray[np.int64]


def paths(
    at: Border,
    upper: Ends,
    lower: Ends,
    joins: Joins,
    chains: Chains,
    *,
    hooks: Hooks,
    inside: Inside | None = None,
) -> Paths:
    """The chains as polylines without repeated vertices."""
    order, goes_on = chains.order, chains.goes_on
    starts = np.ones(len(order), bool)
    starts[1:] = ~goes_on[:-1]
    with_ring = np.empty(len(at.ring), bool)
    with_ring[upper.crossing], with_ring[lower.crossing] = upper.with_ring, lower.with_ring
    runs = [
        _hooks(at, lower, order, starts, with_ring, hooks, outwards=False),
        _points(at, lower.crossing[order]),
        *([] if inside is None else [_curves(inside, order)]),
        _points(at, upper.crossing[order]),
        _joined(at, upper, lower, joins, chains),
        _hooks(at, upper, order, ~goes_on, with_ring, hooks, outwards=True),
    ]
    xy, places = interleaved(runs)
    offsets = places[np.append(np.flatnonzero(starts), len(order))]
    return without_repeats(xy, offsets, order[starts])


def interleaved(runs: list[Run]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All runs of place 0, then all of place 1 ...; and where each place begins."""
    counts = np.stack([run.counts for run in runs], axis=1)
    begin = np.zeros(counts.size + 1, np.int64)
    np.cumsum(counts.ravel(), out=begin[1:])
    xy = np.empty((begin[-1], 2), np.int64)
    first = begin[:-1].reshape(counts.shape)
    for column, run in enumerate(runs):
        nth, owner = nth_of(run.counts)
        xy[first[owner, column] + nth] = run.xy_nm
    return xy, begin[:: len(runs)]


def nth_of(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """0, 1, ... counts[i] - 1 for every i; and the i of each."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return np.arange(len(owner)) - (np.cumsum(counts) - counts)[owner], owner


def _points(at: Border, crossing: NDArray[np.int64]) -> Run:
    return Run(np.ones(len(crossing), np.int64), at.crossings.xy_nm.take(crossing, axis=0))


def _curves(inside: Inside, order: NDArray[np.int64]) -> Run:
    first, last = inside.offsets[order], inside.offsets[order + 1]
    nth, owner = nth_of(last - first)
    forwards = inside.forwards[order][owner]
    place = np.where(forwards, first[owner] + nth, last[owner] - 1 - nth)
    return Run(last - first, inside.xy_nm[place])


def walk(
    rings: Rings,
    ring: NDArray[np.int64],
    from_edge: NDArray[np.int64],
    to_edge: NDArray[np.int64],
    with_ring: NDArray[np.bool_],
) -> Run:
    """Vertices passed on the way from a point on one edge to a point on another."""
    begin = rings.offsets[ring]
    size = rings.offsets[ring + 1] - begin
    counts = np.where(with_ring, to_edge - from_edge, from_edge - to_edge) % size
    nth, owner = nth_of(counts)
    step = np.where(with_ring[owner], nth + 1, -nth)
    local = ((from_edge - begin)[owner] + step) % size[owner]
    return Run(counts, rings.xy_nm.take(begin[owner] + local, axis=0))


def _joined(at: Border, upper: Ends, lower: Ends, joins: Joins, chains: Chains) -> Run:
    place = np.flatnonzero(chains.goes_on)
    piece = chains.order[place]
    leave, enter = upper.crossing[piece], lower.crossing[joins.successor[piece]]
    edge = at.crossings.edge
    way = walk(at.rings, at.ring[leave], edge[leave], edge[enter], joins.with_ring[piece])
    counts = np.zeros(len(chains.order), np.int64)
    counts[place] = way.counts
    return Run(counts, way.xy_nm)


def _hooks(
    at: Border,
    ends: Ends,
    order: NDArray[np.int64],
    is_free: NDArray[np.bool_],
    with_ring: NDArray[np.bool_],
    hooks: Hooks,
    *,
    outwards: bool,
) -> Run:
    """From each free end along the border; `with_ring` (m,): which way every crossing's own end
    would walk, so that two that walk towards each other share the way."""
    crossing = ends.crossing[order]
    ring, met, way = at.ring[crossing], ends.met[order], ends.way_nm[order]
    room = way - hooks.clearance_nm[ring]
    room = np.where(with_ring[met] != with_ring[crossing], room // 2, room)
    length = np.minimum(room, (hooks.upper_nm if outwards else hooks.lower_nm)[order])
    place = np.flatnonzero(is_free & (length > 0))
    counts = np.zeros(len(order), np.int64)
    if not len(place):
        return Run(counts, np.empty((0, 2), np.int64))
    crossing, ring, length = crossing[place], ring[place], length[place]
    forwards = with_ring[crossing]
    edge, tip = point_at(at, ring, _place(at, crossing) + np.where(forwards, length, -length))
    passed = walk(at.rings, ring, at.crossings.edge[crossing], edge, forwards)
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


def _place(at: Border, crossing: NDArray[np.int64]) -> NDArray[np.int64]:
    place: NDArray[np.int64] = at.place_nm[at.crossings.edge[crossing]]
    return place + at.crossings.run_nm[crossing]


def point_at(
    at: Border, ring: NDArray[np.int64], place_nm: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(edge, point): the edge that holds each place along its ring, and the place itself."""
    before = np.cumsum(at.round_nm) - at.round_nm
    along = place_nm % at.round_nm[ring]
    all_places = at.place_nm + np.repeat(before, np.diff(at.rings.offsets))
    edge = np.searchsorted(all_places, along + before[ring], side="right") - 1
    begin = at.rings.offsets[ring]
    size = at.rings.offsets[ring + 1] - begin
    end = begin + (edge - begin + 1) % size
    step = (at.rings.xy_nm.take(end, axis=0) - at.rings.xy_nm.take(edge, axis=0)).astype(np.float64)
    length = np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1])
    part = np.minimum(1.0, (along - at.place_nm[edge]) / np.maximum(1.0, length))
    return edge, at.rings.xy_nm[edge] + np.rint(part[:, None] * step).astype(np.int64)


def without_repeats(
    xy: NDArray[np.int64], offsets: NDArray[np.int64], piece: NDArray[np.int64]
) -> Paths:
    """Paths without vertices equal to the one before."""
    keep = np.ones(len(xy), bool)
    keep[1:] = differ(xy[1:], xy[:-1])
    keep[offsets[:-1]] = True
    kept = np.zeros(len(xy) + 1, np.int64)
    np.cumsum(keep, out=kept[1:])
    return Paths(xy.compress(keep, axis=0), kept[offsets], piece)
