"""Where loops start and end.

A seam shows least in a concave corner, then on a sharp convex edge, and it shows less as a line up
the part than as scattered dots. `aligned` looks for the best corner where a feature begins and
then follows it up the layers, until a much better one comes that stays; `rear` takes the place with
the largest Y; `nearest` the one that is reached soonest (chosen while ordering). Inner walls start
next to the seam of the external wall that they lie along, so that hardly any travel is left between
them. No loop starts in a corner itself, but just before it: so the corner is laid in one stroke.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings, next_index
from printstd.named_tuple import NamedTuple
from printstd.profiles.models import SeamPosition

_ARM_NM: Final = 500_000.0
"""A corner is what the outline does within this distance of a vertex: roundings of a few
facets count as one corner."""
_CONVEX_RATIO: Final = 0.6
"""A seam on an outer edge shows more than one in an inner corner."""
_FLAT: Final = 0.03
"""Turns of less (20 deg) hide nothing."""
_AS_GOOD: Final = 0.05
_FOLLOW_NM: Final = 2_000_000.0
"""A seam of the layer below is followed if it is no further away than this."""
_PULL_NM: Final = 400_000.0
"""How far aside a seam goes for the sake of the best corner there can be."""
_BETTER: Final = 0.15
"""A corner that hides so much more than the seam's is worth leaving it for, ..."""
_LASTING: Final = 10
"""... if it goes on for so many layers, or to the top."""
_STAYS_NM: Final = 500_000.0
"""Best corners of two layers no further apart than this are one."""
_BEND_COS: Final = 0.94
"""The cosine of a bend (20 deg) from which a seam keeps clear of it."""


class Seams(NamedTuple):
    """Where each loop starts.

    following : (n,) int64, index of the vertex after the seam. xy_nm : (n, 2) int64, the seam,
    on the segment that ends there (often the vertex before).
    """

    following: NDArray[np.int64]
    xy_nm: NDArray[np.int64]


def hiding(loops: Rings, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(p,) float64, 0 to 1: how well a seam hides at each vertex of the chosen loops.

    chosen : (r,) bool. Material lies to the left of the loops. 90 degrees of a concave corner
    are 0.5.
    """
    score = np.zeros(len(loops.xy_nm))
    ids = np.flatnonzero(chosen & (np.diff(loops.offsets) > 2))
    if not len(ids):
        return score
    counts = np.diff(loops.offsets)[ids]
    borders = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    index = np.arange(borders[-1]) + np.repeat(loops.offsets[ids] - borders[:-1], counts)
    mine = Rings(loops.xy_nm.take(index, axis=0), borders)
    ahead, behind = _arms(mine)
    cross = behind[:, 0] * ahead[:, 1] - behind[:, 1] * ahead[:, 0]
    dot = behind[:, 0] * ahead[:, 0] + behind[:, 1] * ahead[:, 1]
    behind2 = behind[:, 0] * behind[:, 0] + behind[:, 1] * behind[:, 1]
    size = np.sqrt(behind2 * (ahead[:, 0] * ahead[:, 0] + ahead[:, 1] * ahead[:, 1]))
    turn = 0.5 - 0.5 * dot / np.where(size > 0, size, 1.0)
    turn = np.where((size > 0) & (turn > _FLAT), turn, 0.0)
    score[index] = np.where(cross < 0, turn, turn * _CONVEX_RATIO)
    return score


def _arms(loops: Rings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ways from each vertex to the place one arm further on, and from the place one arm back
    to the vertex; (p, 2) float64, nm."""
    xy = loops.xy_nm.astype(np.float64)
    way = xy.take(next_index(loops), axis=0) - xy
    length = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
    at = np.concatenate([np.zeros(1), np.cumsum(length)])
    ring = loops.ring_ids()
    base, end = at[loops.offsets[:-1]][ring], at[loops.offsets[1:]][ring]
    whole = end - base
    arm = np.minimum(_ARM_NM, whole / 8.0)

    def place(where: NDArray[np.float64]) -> NDArray[np.float64]:
        row = np.searchsorted(at, where, side="right") - 1
        row = np.clip(row, loops.offsets[:-1][ring], loops.offsets[1:][ring] - 1)
        share = (where - at[row]) / np.where(length[row] > 0, length[row], 1.0)
        return np.asarray(
            xy.take(row, axis=0) + way.take(row, axis=0) * np.clip(share, 0.0, 1.0)[:, None]
        )

    on, back = at[:-1] + arm, at[:-1] - arm
    ahead = place(np.where(on >= end, on - whole, on)) - xy
    behind = xy - place(np.where(back < base, back + whole, back))
    return ahead, behind


def place_seams(
    loops: Rings,
    score: NDArray[np.float64],
    layer_offsets: NDArray[np.int64],
    position: SeamPosition,
) -> Seams:
    """Seams of the external loops of a whole print.

    loops : external loops, layer by layer, each with at least one vertex. score : (p,) of
    `hiding`. layer_offsets : (l + 1,) int64 into the loops. `nearest` is chosen while ordering:
    here it gives what `aligned` does.
    """
    if position is SeamPosition.REAR:
        at = _first_least(-loops.xy_nm[:, 1].astype(np.float64), loops.offsets)
    else:
        at = _aligned(loops, score, layer_offsets)
    return Seams(next_index(loops)[at], loops.xy_nm[at])


def _aligned(
    loops: Rings, score: NDArray[np.float64], layer_offsets: NDArray[np.int64]
) -> NDArray[np.int64]:
    x, y = loops.xy_nm[:, 0].astype(np.float64), loops.xy_nm[:, 1].astype(np.float64)
    fresh = _best_corners(y, score, loops.offsets)
    lasts = _lasting(loops.xy_nm[fresh].astype(np.float64), layer_offsets)
    chosen = fresh.copy()
    pull = score * _PULL_NM
    before = np.empty(0, np.int64)
    for first, last in zip(layer_offsets[:-1].tolist(), layer_offsets[1:].tolist(), strict=True):
        a, b = int(loops.offsets[first]), int(loops.offsets[last])
        if len(before) and last > first:
            dx, dy = x[a:b] - x[before, None], y[a:b] - y[before, None]
            away = np.sqrt((dx * dx + dy * dy).min(axis=0))
            borders = loops.offsets[first : last + 1] - a
            near = np.minimum.reduceat(away, borders[:-1]) <= _FOLLOW_NM
            follow = _first_least(away - pull[a:b], borders) + a
            new = fresh[first:last]
            leave = lasts[first:last] & (score[new] > score[follow] + _BETTER)
            chosen[first:last] = np.where(near & ~leave, follow, new)
        before = chosen[first:last]
    return chosen


def _lasting(best: NDArray[np.float64], layer_offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(r,) bool: does each loop's best corner (r, 2), nm, stay where it is for the next layers?"""
    left = np.full(len(best), _LASTING)
    layers = list(pairwise(layer_offsets.tolist()))
    for (first, last), (then, end) in reversed(list(pairwise(layers))):
        if last == first or end == then:
            left[first:last] = 1
            continue
        off = best[first:last, None, :] - best[None, then:end, :]
        away2 = off[..., 0] * off[..., 0] + off[..., 1] * off[..., 1]
        nearest = away2.argmin(axis=1)
        stays = away2[np.arange(last - first), nearest] <= _STAYS_NM * _STAYS_NM
        left[first:last] = np.where(stays, left[then:end][nearest] + 1, 1)
    return left >= _LASTING


def _best_corners(
    y: NDArray[np.float64], score: NDArray[np.float64], offsets: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The rearmost of each loop's best corners, as vertex indices."""
    if len(offsets) < 2:
        return np.empty(0, np.int64)
    best = np.maximum.reduceat(score, offsets[:-1])
    good = score >= np.repeat(best, np.diff(offsets)) - _AS_GOOD
    return _first_least(np.where(good, -y, np.inf), offsets)


def _first_least(values: NDArray[np.float64], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """(r,) index of the least value of each run; the first of equals."""
    if len(offsets) < 2:
        return np.empty(0, np.int64)
    least = np.minimum.reduceat(values, offsets[:-1])
    hits = np.flatnonzero(values == np.repeat(least, np.diff(offsets)))
    return hits[np.searchsorted(hits, offsets[:-1])]


def seams_beside(loops: Rings, toward_nm: NDArray[np.int64]) -> Seams:
    """The places on loops nearest to one point each.

    toward_nm : (r, 2) int64. A place is a whole number of nm on (or next to) a segment.
    """
    a = loops.xy_nm.astype(np.float64)
    way = a.take(next_index(loops), axis=0) - a
    to = np.repeat(toward_nm, np.diff(loops.offsets), axis=0).astype(np.float64) - a
    size = way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1]
    along = (to[:, 0] * way[:, 0] + to[:, 1] * way[:, 1]) / np.where(size > 0, size, 1.0)
    along = np.clip(along, 0.0, 1.0)
    place = way * along[:, None]
    off = to - place
    row = _first_least(off[:, 0] * off[:, 0] + off[:, 1] * off[:, 1], loops.offsets)
    xy = loops.xy_nm[row] + np.rint(place[row]).astype(np.int64)
    return Seams(next_index(loops)[row], xy)


def clear_of_corners(
    paths: Rings, loop: NDArray[np.int64], seams: Seams, distance_nm: NDArray[np.int64]
) -> Seams:
    """The seams of some loops, those in a corner moved back along the side that leads there.

    A bead begins and ends square: with its seam in a corner, neither end fills the corner's outer
    side. paths : all of them. loop : (n,) int64, rows of `paths`, that the seams are of, one row
    per path. distance_nm : (n,) int64, how far, but no further than half of the side.
    """
    first, last = paths.offsets[loop], paths.offsets[loop + 1] - 1
    then = seams.following[loop]
    at = np.where(then == first, last, then - 1)
    come = np.where(at == first, last, at - 1)
    here = paths.xy_nm[at].astype(np.float64)
    into, out = here - paths.xy_nm[come], paths.xy_nm[then] - here
    length = np.sqrt((into * into).sum(axis=1))
    size = length * np.sqrt((out * out).sum(axis=1))
    is_bent = (into * out).sum(axis=1) < _BEND_COS * size
    moved = np.flatnonzero(is_bent & (paths.xy_nm[at] == seams.xy_nm[loop]).all(axis=1))
    share = np.minimum(distance_nm[moved] / length[moved], 0.5)
    following, xy = seams.following.copy(), seams.xy_nm.copy()
    following[loop[moved]] = at[moved]
    xy[loop[moved]] = paths.xy_nm[at[moved]] - np.rint(into[moved] * share[:, None]).astype(
        np.int64
    )
    return Seams(following, xy)
