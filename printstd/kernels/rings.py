"""Sets of polygon rings as two flat arrays: the form in which areas travel between kernels.

A ring is a run of vertices whose last joins its first (the first is not repeated). Outer
rings run counter-clockwise, holes clockwise, so signed areas add up to the area. In
*canonical* form each ring starts at its smallest vertex (x, then y), rings are sorted by
that vertex and then by signed area, and no ring has fewer than three vertices: two equal
areas made in different ways then have equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.distinct import distinct
from printstd.named_tuple import NamedTuple


class Rings(NamedTuple):
    """xy_nm : (p, 2) int64, nm. offsets : (r + 1,) int64, borders of the rings in xy_nm."""

    xy_nm: NDArray[np.int64]
    offsets: NDArray[np.int64]

    @property
    def n_rings(self) -> int:
        return len(self.offsets) - 1

    @property
    def is_empty(self) -> bool:
        return len(self.offsets) < 2

    def ring(self, index: int) -> NDArray[np.int64]:
        """(n, 2) int64, nm: one ring's vertices."""
        return self.xy_nm[self.offsets[index] : self.offsets[index + 1]]

    def ring_ids(self) -> NDArray[np.int64]:
        """(p,) int64: the ring that each vertex belongs to."""
        return np.repeat(np.arange(self.n_rings), np.diff(self.offsets))


EMPTY = Rings(np.empty((0, 2), np.int64), np.zeros(1, np.int64))


def from_list(rings: Sequence[NDArray[np.int64]]) -> Rings:
    """One `Rings` of separate (n, 2) int64 arrays, in their order."""
    if not rings:
        return EMPTY
    offsets = np.zeros(len(rings) + 1, np.int64)
    np.cumsum([len(ring) for ring in rings], out=offsets[1:])
    return Rings(np.ascontiguousarray(np.concatenate(rings), np.int64), offsets)


def concat(parts: Iterable[Rings]) -> Rings:
    """All rings of all parts, in order; nothing is united."""
    kept = [part for part in parts if not part.is_empty]
    if len(kept) < 2:
        return kept[0] if kept else EMPTY
    shifts = np.cumsum([0, *(len(part.xy_nm) for part in kept[:-1])])
    offsets = np.concatenate(
        [np.zeros(1, np.int64), *(p.offsets[1:] + s for p, s in zip(kept, shifts, strict=True))]
    )
    return Rings(np.concatenate([part.xy_nm for part in kept]), offsets)


def take(rings: Rings, keep: NDArray[np.bool_] | NDArray[np.int64]) -> Rings:
    """The rings chosen by a mask (r,) or by indices, in that order."""
    ids = np.flatnonzero(keep) if keep.dtype == np.bool_ else keep
    if len(ids) == rings.n_rings and keep.dtype == np.bool_:
        return rings
    if len(ids) == 0:
        return EMPTY
    counts = np.diff(rings.offsets)[ids]
    offsets = np.zeros(len(ids) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    index = np.arange(offsets[-1]) + np.repeat(rings.offsets[ids] - offsets[:-1], counts)
    return Rings(rings.xy_nm.take(index, axis=0), offsets)


def next_index(rings: Rings) -> NDArray[np.int64]:
    """(p,) int64: for each vertex, the index of the one after it on its ring."""
    following = np.arange(1, len(rings.xy_nm) + 1)
    starts, ends = rings.offsets[:-1], rings.offsets[1:]
    filled = ends > starts
    if not filled.all():
        starts, ends = starts[filled], ends[filled]
    following[ends - 1] = starts
    return following


def signed_area2(rings: Rings) -> NDArray[np.int64]:
    """(r,) int64, nm2: twice the signed area of each ring, exact; 0 for a ring of no vertices.

    Products and sums wrap modulo 2^64, and the result fits: a ring is smaller than 2 m, so twice
    its area is under 2^63.
    """
    return _signed_area2(rings, next_index(rings))


def _signed_area2(rings: Rings, following: NDArray[np.int64]) -> NDArray[np.int64]:
    x, y = rings.xy_nm[:, 0], rings.xy_nm[:, 1]
    total = np.zeros(len(x) + 1, np.int64)
    then = rings.xy_nm.take(following, axis=0)
    np.cumsum(x * then[:, 1] - y * then[:, 0], out=total[1:])
    at = total[rings.offsets]
    return at[1:] - at[:-1]


def area_mm2(rings: Rings) -> float:
    """Area of the whole set, mm2."""
    return float(signed_area2(rings).sum()) * 0.5e-12


def lengths_nm(rings: Rings) -> NDArray[np.float64]:
    """(r,) float64, nm: perimeter of each ring; 0 for a ring of no vertices."""
    out = np.zeros(rings.n_rings)
    filled = rings.offsets[1:] > rings.offsets[:-1]
    if filled.any():
        step = (rings.xy_nm[next_index(rings)] - rings.xy_nm).astype(np.float64)
        length = np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1])
        out[filled] = np.add.reduceat(length, rings.offsets[:-1][filled])
    return out


def _key(xy_nm: NDArray[np.int64]) -> NDArray[np.int64]:
    """One integer that orders (x, y), for coordinates within +-2^31 nm, 2.1 m."""
    return (xy_nm[:, 0] << 32) + (xy_nm[:, 1] + (1 << 31))


def canonical(rings: Rings) -> Rings:
    """The same rings in canonical form (see the module's docstring)."""
    return canonical_by_group(rings, np.zeros(rings.n_rings, np.int64))[0]


def canonical_by_group(rings: Rings, group: NDArray[np.int64]) -> tuple[Rings, NDArray[np.int64]]:
    """Rings in canonical form within each group (their layer, say), groups ascending.

    group : (r,) int64. Returns the rings and the group of each.
    """
    real = np.diff(rings.offsets) >= 3
    if not real.all():
        rings, group = take(rings, real), group[real]
    if rings.is_empty:
        return EMPTY, np.empty(0, np.int64)
    following = next_index(rings)
    return _arranged(rings, group, _key(rings.xy_nm), following, _signed_area2(rings, following))


def settled(rings: Rings, group: NDArray[np.int64]) -> tuple[Rings, NDArray[np.int64]]:
    """What a polygon library returned, rounded: without repeated vertices and rings of no area,
    in canonical form within each group. Returns the rings and the group of each."""
    if rings.is_empty:
        return EMPTY, np.empty(0, np.int64)
    following = next_index(rings)
    key = _key(rings.xy_nm)
    area2 = _signed_area2(rings, following)
    if bool((key[following] == key).any()) or not area2.all():
        rings = without_repeats(rings)
        real = (signed_area2(rings) != 0) & (np.diff(rings.offsets) >= 3)
        return canonical_by_group(take(rings, real), group[real])
    return _arranged(rings, group, key, following, area2)


def _arranged(
    rings: Rings,
    group: NDArray[np.int64],
    key: NDArray[np.int64],
    following: NDArray[np.int64],
    area2: NDArray[np.int64],
) -> tuple[Rings, NDArray[np.int64]]:
    starts, counts = rings.offsets[:-1], np.diff(rings.offsets)
    n_rings = len(counts)
    lowest = np.minimum.reduceat(key, starts)
    first = np.flatnonzero(key == np.repeat(lowest, counts))
    if len(first) > n_rings:
        # A ring that touches itself at its smallest vertex passes it more than once: it starts
        # where the smaller neighbour follows, whatever order it came in.
        owner = np.searchsorted(rings.offsets, first, side="right") - 1
        order = np.lexsort((key[following[first]], owner))
        first = first[order][np.searchsorted(owner, np.arange(n_rings))]
    if n_rings == 1:
        turn = int(first[0])
        xy = np.concatenate([rings.xy_nm[turn:], rings.xy_nm[:turn]]) if turn else rings.xy_nm
        return Rings(xy, rings.offsets), group
    order = np.lexsort((area2, lowest, group))
    counts = counts[order]
    offsets = np.zeros(n_rings + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    # From each ring's first vertex on, and back by a ring's length where that passes its end.
    index = np.arange(len(key)) + np.repeat(first[order] - offsets[:-1], counts)
    index -= np.repeat(counts, counts) * (index >= np.repeat(rings.offsets[1:][order], counts))
    return Rings(rings.xy_nm.take(index, axis=0), offsets), group[order]


def differ(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) bool: are two places (n, 2) not the same? Column by column: rows of two numbers are gone
    through two at a time."""
    return np.asarray((a[:, 0] != b[:, 0]) | (a[:, 1] != b[:, 1]))


def without_repeats(rings: Rings) -> Rings:
    """The same rings without vertices equal to the one before them; a ring of one single place
    keeps no vertex."""
    if not len(rings.xy_nm):
        return rings
    keep = np.ones(len(rings.xy_nm), bool)
    following = next_index(rings)
    keep[following] = differ(rings.xy_nm.take(following, axis=0), rings.xy_nm)
    if keep.all():
        return rings
    offsets = np.zeros(len(rings.offsets), np.int64)
    np.cumsum(np.bincount(rings.ring_ids()[keep], minlength=rings.n_rings), out=offsets[1:])
    return Rings(rings.xy_nm.compress(keep, axis=0), offsets)


def contains(rings: Rings, points_nm: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) bool: is each point inside the set (even-odd; a point on an edge may go either way).

    Cost: n points x p edges in blocks, so meant for few points or few edges.
    """
    inside = np.zeros(len(points_nm), bool)
    if rings.is_empty or not len(points_nm):
        return inside
    a = rings.xy_nm.astype(np.float64)
    b = a.take(next_index(rings), axis=0)
    step = np.maximum(1, 2_000_000 // max(1, len(a)))
    for begin in range(0, len(points_nm), int(step)):
        p = points_nm[begin : begin + step].astype(np.float64)[:, None, :]
        crossed = _crossed(p[..., 0], p[..., 1], *a.T, *b.T)
        inside[begin : begin + step] = crossed.sum(axis=1) % 2 == 1
    return inside


def _crossed(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    ax: NDArray[np.float64],
    ay: NDArray[np.float64],
    bx: NDArray[np.float64],
    by: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Whether the way from (x, y) to the right crosses the edge a-b; all of one shape, or that can
    be brought to one."""
    above = (ay > y) != (by > y)
    rise = np.where(by == ay, 1.0, by - ay)
    return np.asarray(above & (x < ax + (y - ay) * (bx - ax) / rise))


def island_of(rings: Rings, points_nm: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) int64: for each point the number of the island (outer ring, in ring order) that
    holds it innermost; -1 for points in none."""
    area2 = signed_area2(rings)
    outers = np.flatnonzero(area2 > 0)
    found = np.full(len(points_nm), -1, np.int64)
    if not len(outers) or not len(points_nm):
        return found
    first = rings.offsets[:-1]
    low = np.minimum.reduceat(rings.xy_nm, first)[outers][:, None]
    high = np.maximum.reduceat(rings.xy_nm, first)[outers][:, None]
    is_near = np.asarray(((points_nm >= low) & (points_nm <= high)).all(axis=2))
    # Largest first: an island inside another's hole is smaller and overwrites.
    for number in np.argsort(-area2[outers], kind="stable").tolist():
        near = np.flatnonzero(is_near[number])
        if len(near):
            begin, end = rings.offsets[outers[number] : outers[number] + 2].tolist()
            ring = Rings(rings.xy_nm[begin:end], np.array([0, end - begin], np.int64))
            found[near[contains(ring, points_nm.take(near, axis=0))]] = number
    return found


_FEW = 20_000
"""Edges times points of a ring that are worth no call of their own."""
_PAIRS = 1 << 18
"""Points beside rings that are held in memory at once."""


def islands_of(
    layers: Sequence[Rings], points_nm: Sequence[NDArray[np.int64]]
) -> list[NDArray[np.int64]]:
    """`island_of` for the points of each of several sets, small ones together."""
    pairs = [own.n_rings * len(points) for own, points in zip(layers, points_nm, strict=True)]
    found: list[NDArray[np.int64]] = []
    begin = 0
    while begin < len(layers):
        end, held = begin + 1, pairs[begin]
        while end < len(layers) and held + pairs[end] <= _PAIRS:
            held += pairs[end]
            end += 1
        if end - begin > 1:
            found += _islands_together(layers[begin:end], points_nm[begin:end])
        else:
            found.append(island_of(layers[begin], points_nm[begin]))
        begin = end
    return found


def _islands_together(
    layers: Sequence[Rings], points_nm: Sequence[NDArray[np.int64]]
) -> list[NDArray[np.int64]]:
    whole, places = concat(layers), np.concatenate(points_nm)
    n_points = [len(points) for points in points_nm]
    found = np.full(len(places), -1, np.int64)
    area2 = signed_area2(whole)
    outers = np.flatnonzero(area2 > 0)
    layer = np.repeat(np.arange(len(layers)), [rings.n_rings for rings in layers])[outers]
    n_outers = np.bincount(layer, minlength=len(layers))
    if len(outers) and len(places):
        first = whole.offsets[:-1]
        low = np.minimum.reduceat(whole.xy_nm, first)[outers]
        high = np.maximum.reduceat(whole.xy_nm, first)[outers]
        # Every point beside every outer ring of its layer, those whose box it is not in left out.
        beside = np.repeat(n_outers, n_points)
        point = np.repeat(np.arange(len(places)), beside)
        begins = np.repeat(np.cumsum(n_outers) - n_outers, n_points)
        outer = np.arange(len(point)) + np.repeat(begins - np.cumsum(beside) + beside, beside)
        is_near = ((places[point] >= low[outer]) & (places[point] <= high[outer])).all(axis=1)
        point, outer = point[is_near], outer[is_near]
        is_held = _are_held(whole, outers[outer], places[point])
        # The smallest wins: an island inside another's hole is smaller.
        rank = np.empty(len(outers), np.int64)
        rank[np.argsort(-area2[outers], kind="stable")] = np.arange(len(outers))
        order = np.argsort(rank[outer[is_held]], kind="stable")
        numbers = np.arange(len(outers)) - (np.cumsum(n_outers) - n_outers)[layer]
        found[point[is_held][order]] = numbers[outer[is_held][order]]
    borders = np.cumsum([0, *n_points]).tolist()
    return [found[a:b] for a, b in pairwise(borders)]


def _are_held(
    rings: Rings, ring: NDArray[np.int64], points_nm: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(n,) bool: is each point inside its own ring, as `contains` has it."""
    held = np.zeros(len(ring), bool)
    n_edges = np.diff(rings.offsets)
    is_few = (np.bincount(ring, minlength=rings.n_rings) * n_edges)[ring] <= _FEW
    for number in distinct(ring[~is_few]).tolist():
        mine = np.flatnonzero(ring == number)
        alone = Rings(rings.ring(number), np.array([0, n_edges[number]], np.int64))
        held[mine] = contains(alone, points_nm[mine])
    few = np.flatnonzero(is_few)
    if not len(few):
        return held
    a = rings.xy_nm.astype(np.float64)
    b = a[next_index(rings)]
    ends = np.cumsum(n_edges[ring[few]])
    blocks = np.searchsorted(ends, np.arange(2_000_000, ends[-1], 2_000_000))
    for mine in np.split(few, blocks):
        count = n_edges[ring[mine]]
        last = np.cumsum(count)
        edge = np.arange(int(count.sum())) + np.repeat(
            rings.offsets[ring[mine]] - last + count, count
        )
        x, y = np.repeat(points_nm[mine].astype(np.float64), count, axis=0).T
        crossed = _crossed(x, y, *a.take(edge, axis=0).T, *b.take(edge, axis=0).T)
        total = np.zeros(len(edge) + 1, np.int64)
        np.cumsum(crossed, out=total[1:])
        held[mine] = (total[last] - total[last - count]) % 2 == 1
    return held


def translated(rings: Rings, shift_nm: tuple[int, int]) -> Rings:
    return Rings(rings.xy_nm + np.asarray(shift_nm, np.int64), rings.offsets)


def same(a: Rings, b: Rings) -> bool:
    """Are they equal to the byte?"""
    return a is b or (np.array_equal(a.offsets, b.offsets) and np.array_equal(a.xy_nm, b.xy_nm))
