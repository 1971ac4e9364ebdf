"""Rings moved aside by a function along them.

What a bead must be wider by is half of it the way that its middle moves: the bead's outer side
stays where it is. The function is smoothed on the way, so steps become ramps.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.polyline import thinned
from printstd.kernels.ring_arcs import Arcs, Profile
from printstd.kernels.rings import Rings, next_index

_CLOSE_NM: Final = 20_000
"""Vertices are put no closer together: filament is counted in steps that must stay small against
what one move lays."""
_LEVEL_NM: Final = 1_000
_BEND_NM: Final = 2_000.0
"""Knots with less of a bend are left out: what is known of widths is no better."""
_QUANTUM_NM: Final = 1_000
"""Widths come in whole micrometres, so that segments as wide as each other have one width."""
_EVEN_SLOPE: Final = 0.005
"""Pieces that meet with less of a step and of a bend than this are one."""
_SHARPEST: Final = 0.35
"""At corners sharper than of this 1 + cos (turns over 130 deg) the mitre is cut."""


def shifted(
    rings: Rings, widening: Profile, *, spacing_nm: int, window_nm: int, step_nm: int
) -> tuple[Rings, NDArray[np.int64]]:
    """Rings whose vertices have moved to the left by half of the widening there, and (q,) int64,
    nm, by how much the bead from each vertex to the next is wider.

    spacing_nm : of the bead that is not widened. What runs aslant while it moves aside is longer,
    and as much narrower. window_nm : the widening is the mean over this way along the ring.
    step_nm : by how much it changes at most from one segment to the next, if they are not too
    short. Rings without a piece of the profile stay as they are.
    """
    arcs = Arcs.of(rings)
    touched = np.zeros(rings.n_rings, bool)
    touched[widening.ring] = True
    own = np.flatnonzero(touched[arcs.ring])
    vertices = _Places(arcs.ring[own], arcs.at[own], own)
    knots = _clear(vertices, _knots(arcs, widening, window_nm), rings, arcs)
    places, _ = _joined(vertices, knots)
    mean = widening.mean(places.ring, places.arc, window_nm)
    needed = _needed(places, mean, arcs)
    places, mean = places.at(needed), mean[needed]
    between = _between(places, mean, arcs, step_nm)
    more = widening.mean(between.ring, between.arc, window_nm)
    places, order = _joined(places, between)
    mean = np.concatenate([mean, more])[order]
    moved = _moved(rings, arcs, places, mean * 0.5)
    following = _following(places.ring)
    way = np.maximum(_ways(places, following, arcs), 1).astype(np.float64)
    aside = (mean[following] - mean) * 0.5
    aslant = way / np.sqrt(way * way + aside * aside)
    spaced = (spacing_nm + (mean + mean[following]) * 0.5) * aslant
    wider = np.rint((spaced - spacing_nm) / _QUANTUM_NM).astype(np.int64) * _QUANTUM_NM
    return _put(rings, touched, places, moved, wider)


class _Places:
    """Places on rings, sorted. ring, arc : (n,) int64. vertex : (n,) int64, that of the rings which
    is there, -1 for a place between two."""

    def __init__(
        self, ring: NDArray[np.int64], arc: NDArray[np.int64], vertex: NDArray[np.int64]
    ) -> None:
        self.ring, self.arc, self.vertex = ring, arc, vertex

    def at(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> _Places:
        return _Places(self.ring[rows], self.arc[rows], self.vertex[rows])


def _joined(one: _Places, two: _Places) -> tuple[_Places, NDArray[np.int64]]:
    """Both, and which of the one and then the other each of them is."""
    ring = np.concatenate([one.ring, two.ring])
    arc = np.concatenate([one.arc, two.arc])
    order = np.lexsort((arc, ring))
    return _Places(ring, arc, np.concatenate([one.vertex, two.vertex])).at(order), order


def _needed(places: _Places, mean: NDArray[np.float64], arcs: Arcs) -> NDArray[np.bool_]:
    """(n,) without the knots between two vertices without which the widening stays what it is."""
    is_vertex = places.vertex >= 0
    # Every ring begins with a vertex: from each to the next one, on the last way to the first.
    vertex = np.flatnonzero(is_vertex)
    after = vertex[_following(places.ring[vertex])]
    size = np.diff(vertex, append=len(mean)) + 1
    has_knots = size > 2
    vertex, after, size = vertex[has_knots], after[has_knots], size[has_knots]
    offsets = np.zeros(len(size) + 1, np.int64)
    np.cumsum(size, out=offsets[1:])
    rows = np.arange(offsets[-1]) + np.repeat(vertex - offsets[:-1], size)
    rows[offsets[1:] - 1] = after
    arc = places.arc[rows]
    arc[offsets[1:] - 1] += np.where(after <= vertex, arcs.length[places.ring[after]], 0)
    columns = np.stack([arc.astype(np.float64), mean[rows]], axis=1)
    needed = np.ones(len(mean), np.bool_)
    needed[rows] = thinned(columns, offsets, _BEND_NM)
    return needed | is_vertex


def _following(ring: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) the place after each on its ring."""
    following = np.arange(1, len(ring) + 1)
    if len(ring):
        starts = np.flatnonzero(np.diff(ring, prepend=-1))
        following[np.append(starts[1:], len(ring)) - 1] = starts
    return following


def _ways(places: _Places, following: NDArray[np.int64], arcs: Arcs) -> NDArray[np.int64]:
    """(n,) nm along the ring from each place to the next."""
    way = places.arc[following] - places.arc
    way += np.where(way < 0, arcs.length[places.ring], 0)
    return way


def _knots(
    arcs: Arcs, widening: Profile, window_nm: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rings and ways where the smoothed function bends."""
    n = len(widening.ring)
    slope = (widening.value_1 - widening.value_0) / (widening.end_nm - widening.begin_nm)
    smooth = np.zeros(n + 1, bool)
    smooth[1:n] = (widening.ring[1:] == widening.ring[:-1]) & (
        widening.begin_nm[1:] == widening.end_nm[:-1]
    )
    smooth[1:n] &= np.abs(widening.value_0[1:] - widening.value_1[:-1]) <= _LEVEL_NM
    smooth[1:n] &= np.abs(slope[1:] - slope[:-1]) <= _EVEN_SLOPE
    begins, ends = ~smooth[:-1], ~smooth[1:]
    ring = np.concatenate([widening.ring[begins], widening.ring[ends]])
    arc = np.concatenate([widening.begin_nm[begins], widening.end_nm[ends]])
    size = arcs.length[ring]
    half = np.minimum(window_nm, size // 2) // 2
    arc = np.concatenate([arc - half, arc, arc + half])
    return np.tile(ring, 3), arc % np.tile(size, 3)


def _clear(
    vertices: _Places,
    knots: tuple[NDArray[np.int64], NDArray[np.int64]],
    rings: Rings,
    arcs: Arcs,
) -> _Places:
    """Of the knots those that are close neither to a vertex nor to each other."""
    ring, arc = knots
    bucket = arc // (2 * _CLOSE_NM)
    order = np.lexsort((arc, ring))
    ring, arc, bucket = ring[order], arc[order], bucket[order]
    keep = np.ones(len(ring), bool)
    keep[1:] = (ring[1:] != ring[:-1]) | (bucket[1:] != bucket[:-1])
    ring, arc = ring[keep], arc[keep]
    keep = np.ones(len(ring), bool)
    keep[1:] = (ring[1:] != ring[:-1]) | (arc[1:] - arc[:-1] >= _CLOSE_NM)
    vertex = arcs.segment(rings, ring, arc)
    way = arc - arcs.at[vertex]
    keep &= (way >= _CLOSE_NM) & (arcs.step[vertex] - way >= _CLOSE_NM)
    return _Places(ring[keep], arc[keep], np.full(int(keep.sum()), -1))


def _between(places: _Places, mean: NDArray[np.float64], arcs: Arcs, step_nm: int) -> _Places:
    """Places in equal parts between those that are too different."""
    following = _following(places.ring)
    way = _ways(places, following, arcs)
    change = np.abs(mean[following] - mean)
    parts = np.ceil(change / step_nm).astype(np.int64)
    parts = np.maximum(np.minimum(parts, way // _CLOSE_NM), 1)
    of = np.repeat(np.arange(len(way)), parts - 1)
    number = np.arange(len(of)) - np.repeat(np.cumsum(parts - 1) - (parts - 1), parts - 1) + 1
    ring = places.ring[of]
    arc = (places.arc[of] + way[of] * number // parts[of]) % np.maximum(arcs.length[ring], 1)
    return _Places(ring, arc, np.full(len(of), -1))


def _moved(
    rings: Rings, arcs: Arcs, places: _Places, shift: NDArray[np.float64]
) -> NDArray[np.int64]:
    """(n, 2) int64, nm: the places, moved to the left of the rings there."""
    following = next_index(rings)
    previous = np.empty(len(following), np.int64)
    previous[following] = np.arange(len(following))
    is_vertex = places.vertex >= 0
    vertex = np.where(is_vertex, places.vertex, arcs.segment(rings, places.ring, places.arc))
    xy = arcs.place(rings, places.ring, places.arc.astype(np.float64))
    out = _left(rings, arcs, vertex, following)
    into = _left(rings, arcs, np.where(is_vertex, previous[vertex], vertex), following)
    facing = 1.0 + (into * out).sum(axis=1)
    way = (into + out) / np.maximum(facing, _SHARPEST)[:, None]
    return np.asarray(np.rint(xy + way * shift[:, None]).astype(np.int64))


def _left(
    rings: Rings, arcs: Arcs, vertex: NDArray[np.int64], following: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(n, 2) unit vectors to the left of the segments that start at vertices."""
    way = (rings.xy_nm[following[vertex]] - rings.xy_nm[vertex]).astype(np.float64)
    size = np.maximum(np.sqrt((way * way).sum(axis=1)), 1.0)
    return np.asarray(np.stack([-way[:, 1], way[:, 0]], axis=1) / size[:, None])


def _put(
    rings: Rings,
    touched: NDArray[np.bool_],
    places: _Places,
    moved: NDArray[np.int64],
    wider: NDArray[np.int64],
) -> tuple[Rings, NDArray[np.int64]]:
    """The rings with the touched ones replaced."""
    ids = rings.ring_ids()
    stays = ~touched[ids]
    ring = np.concatenate([ids[stays], places.ring])
    order = np.argsort(ring, kind="stable")
    xy = np.concatenate([rings.xy_nm[stays], moved])[order]
    widening = np.concatenate([np.zeros(int(stays.sum()), np.int64), wider])[order]
    offsets = np.zeros(rings.n_rings + 1, np.int64)
    np.cumsum(np.bincount(ring, minlength=rings.n_rings), out=offsets[1:])
    return Rings(xy, offsets), widening
