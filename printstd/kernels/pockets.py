"""Which empty spaces inside the outlines of layers lead to the outside, and which way.

Each ring of a hole is a node. It is joined to the holes of the next layer that it lies over, and it
is open upwards or downwards where it lies over, or under, what is outside of that layer. Holes that
are there unchanged, which is most of them, are joined by their bytes; of the others, points just
inside the rim are looked up in the neighbouring layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.components import component_labels
from printstd.kernels.ring_sums import ring_sums
from printstd.kernels.rings import Rings, next_index

_SAMPLES: Final = 8
"""Points of each rim that are looked up, spread over its edges."""

_INSIDE_NM: Final = 2_000
"""How far inside of the rim they lie."""


class Pockets(NamedTuple):
    """Empty spaces in order of their lowest layer.

    volume_mm3 : (p,) float64. first, last : (p,) int64, layers. is_open_up, is_open_down : (p,)
    bool; what ends on the bed is open downwards, in the top layer upwards. low_nm, high_nm : (p, 2)
    int64, box.
    """

    volume_mm3: NDArray[np.float64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    is_open_up: NDArray[np.bool_]
    is_open_down: NDArray[np.bool_]
    low_nm: NDArray[np.int64]
    high_nm: NDArray[np.int64]


class _Links:
    def __init__(self, n: int) -> None:
        self.first: list[int] = []
        self.second: list[int] = []
        self.is_open_up = np.zeros(n, bool)
        self.is_open_down = np.zeros(n, bool)


class _Layer(NamedTuple):
    rings: Rings
    is_hole: NDArray[np.bool_]
    number: NDArray[np.int64]
    """(r,) of each hole among all holes, -1 for outlines."""
    size_mm2: NDArray[np.float64]


def pockets(sections: Sequence[Rings], heights_mm: NDArray[np.float64]) -> Pockets:
    """Of the clean sections of consecutive layers, from the bed up."""
    layers: list[_Layer] = []
    volumes: list[NDArray[np.float64]] = []
    n = 0
    for section, height in zip(sections, heights_mm.tolist(), strict=True):
        if section.is_empty:
            none = np.empty(0)
            layers.append(_Layer(section, none.astype(bool), none.astype(np.int64), none))
            continue
        area, _ = ring_sums(section)
        is_hole = area < 0
        number = np.where(is_hole, np.cumsum(is_hole) - 1 + n, -1)
        n += int(is_hole.sum())
        layers.append(_Layer(section, is_hole, number, np.abs(area)))
        volumes.append(_empty_areas(section, area, is_hole) * height)
    if not n:
        nothing = np.empty(0, np.int64)
        flags = np.empty(0, bool)
        box = np.empty((0, 2), np.int64)
        return Pockets(np.empty(0), nothing, nothing, flags, flags, box, box)
    links = _linked(layers, n)
    label, count = component_labels(n, np.array(links.first, int), np.array(links.second, int))
    layer_of = np.concatenate([np.full(int(one.is_hole.sum()), k) for k, one in enumerate(layers)])
    first, last = np.full(count, len(layers)), np.full(count, -1)
    np.minimum.at(first, label, layer_of)
    np.maximum.at(last, label, layer_of)
    boxes = [_boxes(one.rings)[one.is_hole] for one in layers if one.is_hole.any()]
    box = np.concatenate(boxes)
    low, high = np.full((count, 2), 2**62), np.full((count, 2), -(2**62))
    np.minimum.at(low, label, box[:, :2])
    np.maximum.at(high, label, box[:, 2:])
    return Pockets(
        np.asarray(
            np.bincount(label, weights=np.concatenate(volumes), minlength=count), np.float64
        ),
        first,
        last,
        np.bincount(label, weights=links.is_open_up, minlength=count) > 0,
        np.bincount(label, weights=links.is_open_down, minlength=count) > 0,
        low,
        high,
    )


def _empty_areas(
    rings: Rings, area: NDArray[np.float64], is_hole: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """(h,) mm2: of each hole, without the outlines that stand in it."""
    empty = np.abs(area[is_hole])
    outers, holes = np.flatnonzero(~is_hole), np.flatnonzero(is_hole)
    if not len(holes) or len(outers) < 2:
        return empty
    box = _boxes(rings)
    around = (box[holes, None, :2] < box[None, outers, :2]).all(axis=2)
    around &= (box[holes, None, 2:] > box[None, outers, 2:]).all(axis=2)
    within = np.flatnonzero(around.any(axis=0))
    if not len(within):
        return empty
    points = rings.xy_nm[rings.offsets[outers[within]]]
    inside = _within(rings, points)[:, holes]
    innermost = np.where(inside, np.abs(area[holes]), np.inf).argmin(axis=1)
    kept = inside.any(axis=1)
    np.subtract.at(empty, innermost[kept], area[outers[within[kept]]])
    return empty


def _boxes(rings: Rings) -> NDArray[np.int64]:
    """(r, 4) int64: xmin, ymin, xmax, ymax."""
    starts = rings.offsets[:-1]
    low = np.minimum.reduceat(rings.xy_nm, starts)
    return np.concatenate([low, np.maximum.reduceat(rings.xy_nm, starts)], axis=1)


def _linked(layers: Sequence[_Layer], n: int) -> _Links:
    links = _Links(n)
    links.is_open_down[layers[0].number[layers[0].is_hole]] = True
    filled = [k for k, one in enumerate(layers) if not one.rings.is_empty]
    links.is_open_up[layers[filled[-1]].number[layers[filled[-1]].is_hole]] = True
    for below, above in pairwise(layers):
        if not below.is_hole.any() and not above.is_hole.any():
            continue
        if below.rings.is_empty or above.rings.is_empty:
            links.is_open_up[below.number[below.is_hole]] = True
            links.is_open_down[above.number[above.is_hole]] = True
            continue
        keys = {ring: k for k, ring in enumerate(_bytes(below))}
        new = []
        for k, ring in enumerate(_bytes(above)):
            other = keys.pop(ring, None)
            if other is None:
                new.append(k)
            elif above.is_hole[k]:
                links.first.append(int(above.number[k]))
                links.second.append(int(below.number[other]))
        gone = list(keys.values())
        _look_up(above, new, below, links, links.is_open_down, links.is_open_up)
        _look_up(below, gone, above, links, links.is_open_up, links.is_open_down)
    return links


def _bytes(layer: _Layer) -> list[bytes]:
    xy = layer.rings.xy_nm
    cuts = layer.rings.offsets.tolist()
    return [xy[a:b].tobytes() for a, b in pairwise(cuts)]


def _look_up(
    own: _Layer,
    rings: list[int],
    other: _Layer,
    links: _Links,
    own_is_open: NDArray[np.bool_],
    other_is_open: NDArray[np.bool_],
) -> None:
    """Joins `rings` of one layer with what lies beyond their rims in the other. A hole that lies
    over the outside is open that way; the outside that lies over a hole opens the hole."""
    if not other.is_hole.any():
        # No hole to lie over: a rim is over solid or over the outside.
        rings = [k for k in rings if own.is_hole[k]]
    if not rings:
        return
    points, ring = _rim_points(own.rings, np.array(rings))
    mine = own.number[ring]
    within = _within(other.rings, points)
    is_empty = within.sum(axis=1) % 2 == 0
    is_around = within.any(axis=1)
    # Of rings that lie in each other, the innermost is the smallest.
    size = np.where(within, other.size_mm2, np.inf)
    hole = other.number[size.argmin(axis=1)]
    joined = is_empty & is_around & (mine >= 0)
    pairs = np.unique(np.stack([mine[joined], hole[joined]]), axis=1)
    links.first += pairs[0].tolist()
    links.second += pairs[1].tolist()
    own_is_open[mine[is_empty & ~is_around & (mine >= 0)]] = True
    beside = np.flatnonzero(is_empty & is_around & (mine < 0))
    if len(beside):
        outside = ~_within(own.rings, points[beside]).any(axis=1)
        other_is_open[hole[beside[outside]]] = True


def _rim_points(
    rings: Rings, chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(points (p, 2) nm on the empty side of the rims, ring of each (p,)): solid lies to the left
    of every edge."""
    counts = np.diff(rings.offsets)[chosen]
    taken = np.minimum(counts, _SAMPLES)
    ring = np.repeat(chosen, taken)
    step = np.arange(int(taken.sum())) - np.repeat(np.cumsum(taken) - taken, taken)
    edge = rings.offsets[ring] + step * np.repeat(counts, taken) // np.repeat(taken, taken)
    a = rings.xy_nm[edge].astype(np.float64)
    b = rings.xy_nm[next_index(rings)[edge]].astype(np.float64)
    along = b - a
    length = np.sqrt((along * along).sum(axis=1))[:, None]
    away = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.where(length > 0, length, 1.0)
    return np.rint((a + b) / 2 + _INSIDE_NM * away).astype(np.int64), ring


def _within(rings: Rings, points_nm: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(p, r) bool: each point lies within each ring."""
    found = np.zeros((len(points_nm), rings.n_rings), bool)
    a = rings.xy_nm.astype(np.float64)
    b = a[next_index(rings)]
    starts = rings.offsets[:-1]
    block = max(1, 1_000_000 // max(1, len(a)))
    for begin in range(0, len(points_nm), block):
        p = points_nm[begin : begin + block].astype(np.float64)[:, None, :]
        is_met = (a[:, 1] > p[..., 1]) != (b[:, 1] > p[..., 1])
        rise = np.where(b[:, 1] == a[:, 1], 1.0, b[:, 1] - a[:, 1])
        is_met &= p[..., 0] < a[:, 0] + (p[..., 1] - a[:, 1]) * (b[:, 0] - a[:, 0]) / rise
        found[begin : begin + block] = np.bitwise_xor.reduceat(is_met, starts, axis=1)
    return found
