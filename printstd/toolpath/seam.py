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

from printstd.kernels.rings import Rings, next_index, take
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
_STAYS_NM: Final = 150_000.0
"""Best corners of two layers no further apart than this are one."""
_CORNERS: Final = 4
"""So many corners of a loop are asked how far up they lead."""
_OUTWARDS: Final = tuple(
    (u * a, v * b) for a in (1.0, -1.0) for b in (1.0, -1.0) for u, v in ((0.9, 0.4), (0.4, 0.9))
)
"""Eight ways outwards, none of which sides often lie across."""

_NOTHING_NM: Final = 50_000.0
"""A step of a seam aside that nobody sees."""
_NEARLY_NM: Final = 40_000.0
"""Of lines that stray by no more than this a layer more than the best does, the rearmost is taken:
seams that lie together cost the fewest ways."""
_JUMP_NM: Final = 3_000_000.0
"""What a seam that cannot be followed counts for, as a way."""
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
        return Seams(next_index(loops)[at], loops.xy_nm[at])
    return _aligned(loops, score, layer_offsets)


def _aligned(loops: Rings, score: NDArray[np.float64], layer_offsets: NDArray[np.int64]) -> Seams:
    x, y = loops.xy_nm[:, 0].astype(np.float64), loops.xy_nm[:, 1].astype(np.float64)
    fresh = _best_corners(y, score, loops.offsets)
    lasts = _lasting(loops.xy_nm[fresh].astype(np.float64), layer_offsets)
    then = next_index(loops)
    begins = _leads(_corners(loops, score, fresh, then), layer_offsets)
    following, xy = begins.following.copy(), begins.xy_nm.copy()
    pull = score * _PULL_NM
    before = under = np.empty((0, 2), np.int64)
    below, low = slice(0, 0), 0
    for first, last in zip(layer_offsets[:-1].tolist(), layer_offsets[1:].tolist(), strict=True):
        a, b = int(loops.offsets[first]), int(loops.offsets[last])
        whole = loops.xy_nm[a:b]
        if (
            last > first
            and last - first == len(before)
            and np.array_equal(whole, under)
            and np.array_equal(loops.offsets[first:last] - a, loops.offsets[below] - low)
        ):
            following[first:last], xy[first:last] = following[below] + (a - low), before
        elif len(before) and last > first:
            dx, dy = x[a:b] - before[:, 0, None], y[a:b] - before[:, 1, None]
            away2 = dx * dx + dy * dy
            away = np.sqrt(away2.min(axis=0))
            borders = loops.offsets[first : last + 1] - a
            near = np.minimum.reduceat(away, borders[:-1]) <= _FOLLOW_NM
            lead = away - pull[a:b]
            follow = _first_least(lead, borders)
            new = fresh[first:last]
            leave = lasts[first:last] & (score[new] > score[follow + a] + _BETTER)
            keeps = near & ~leave
            goes_on = keeps | leave
            at = np.where(keeps, follow + a, new)[goes_on]
            rows = np.flatnonzero(goes_on) + first
            following[rows], xy[rows] = then[at], loops.xy_nm[at]
            # Straight up a side is better than along with a corner that moves away.
            strays = np.flatnonzero(keeps & (lead[follow] > _NOTHING_NM))
            if len(strays):
                rows, nearest = strays + first, away2[:, follow[strays]].argmin(axis=0)
                beside = seams_beside(take(loops, rows), before[nearest])
                off = (beside.xy_nm - before[nearest]).astype(np.float64)
                ups = np.flatnonzero(np.sqrt((off * off).sum(axis=1)) < lead[follow[strays]])
                begin = np.cumsum(np.diff(loops.offsets)[rows]) - np.diff(loops.offsets)[rows]
                following[rows[ups]] = (beside.following - begin + loops.offsets[rows])[ups]
                xy[rows[ups]] = beside.xy_nm[ups]
        before, under, below, low = xy[first:last], whole, slice(first, last), a
    return Seams(following, xy)


class _Places(NamedTuple):
    """Where a seam may begin, in the order of their loops, one at least of each loop. following,
    xy_nm : (c,), (c, 2) as in `Seams`. score : (c,) of `hiding`. offsets : (r + 1,) int64 of the
    loops."""

    following: NDArray[np.int64]
    xy_nm: NDArray[np.int64]
    score: NDArray[np.float64]
    offsets: NDArray[np.int64]


def _corners(
    loops: Rings,
    score: NDArray[np.float64],
    best: NDArray[np.int64],
    following: NDArray[np.int64],
) -> _Places:
    """The best few of each loop's corners, `best` (r,) among them, its vertices furthest out, and
    the middle of its longest side."""
    ring = loops.ring_ids()
    is_corner = np.zeros(len(score), bool)
    # The best vertex of each rounding; of equals the last.
    is_corner[following] = (score[following] >= score) & (score[following] > 0.0)
    is_corner &= score > score[following]
    is_corner[best] = True
    x, y = loops.xy_nm[:, 0].astype(np.float64), loops.xy_nm[:, 1].astype(np.float64)
    vertex = np.flatnonzero(is_corner)
    of = ring[vertex]
    order = np.lexsort((-score[vertex], of))
    rank = np.empty(len(vertex), np.int64)
    rank[order] = np.arange(len(vertex)) - np.searchsorted(of, np.arange(loops.n_rings))[of[order]]
    is_corner[vertex[rank >= _CORNERS]] = False
    is_corner[best] = True
    for u, v in _OUTWARDS:
        is_corner[_first_least(-(u * x + v * y), loops.offsets)] = True
    vertex = np.flatnonzero(is_corner)
    dx, dy = x[following] - x, y[following] - y
    side = _first_least(-(dx * dx + dy * dy), loops.offsets)
    middle = (loops.xy_nm[side] + loops.xy_nm[following[side]]) // 2
    found = np.concatenate([vertex, side])
    order = np.argsort(found, kind="stable")
    return _Places(
        following[found][order],
        np.concatenate([loops.xy_nm[vertex], middle])[order],
        np.concatenate([score[vertex], np.zeros(len(side))])[order],
        np.searchsorted(ring[found[order]], np.arange(loops.n_rings + 1)),
    )


def _leads(places: _Places, layer_offsets: NDArray[np.int64]) -> Seams:
    """Of each loop the place from which a seam can be followed up the part for the least: what it
    strays from layer to layer, less what hides it.

    From the top down, by the places of the layer above that each can be followed to, or by any of
    the same loops for the price of a jump. Among those nearly as good the rearmost.
    """
    offsets = places.offsets
    xy = places.xy_nm.astype(np.float64)
    least = -_PULL_NM * places.score
    layers = np.ones(len(offsets) - 1)
    seen = (np.empty((0, 2)), np.empty((0, 2)))
    pairs = list(pairwise(layer_offsets.tolist()))
    for (first, last), (_, end) in reversed(list(pairwise(pairs))):
        if last == first or end == last:
            continue
        a, b, c = (int(offsets[i]) for i in (first, last, end))
        here, then = offsets[first:last] - a, offsets[last:end] - b
        below, above = xy[a:b], xy[b:c]
        if not (np.array_equal(below, seen[0]) and np.array_equal(above, seen[1])):
            dx = below[:, 0, None] - above[:, 0]
            dy = below[:, 1, None] - above[:, 1]
            away = np.sqrt(dx * dx + dy * dy)
            away[away > _FOLLOW_NM] = np.inf
            beside = np.minimum.reduceat(np.minimum.reduceat(away, then, axis=1), here, axis=0)
            is_beside = np.isfinite(beside)
            jump_nm = np.where(is_beside, _JUMP_NM, np.inf)
            sizes = offsets[first + 1 : last + 1] - offsets[first:last]
        seen = below, above
        found = (away + least[b:c]).min(axis=1)
        # The best of the loops that this one goes on in.
        jump = (jump_nm + np.minimum.reduceat(least[b:c], then)).min(axis=1).repeat(sizes)
        goes_on = np.isfinite(jump)
        least[a:b][goes_on] += np.minimum(found, jump)[goes_on]
        layers[first:last] += (is_beside * layers[last:end]).max(axis=1)
    floor = np.minimum.reduceat(least, offsets[:-1]) if len(xy) else least
    good = least <= np.repeat(floor + _NEARLY_NM * layers, np.diff(offsets))
    row = _first_least(np.where(good, -xy[:, 1], np.inf), offsets)
    return Seams(places.following[row], places.xy_nm[row])


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
