"""Steps of polylines that are too short, joined with their neighbours within a strict bound.

Douglas-Peucker (`kernels.polyline.thinned`) keeps the vertices farthest from a chord, and often two
of them side by side: the short step between them stays. Here every step that is too short is taken
away by the cheapest of three ways: without its first vertex, without its last one, or with both
of them put together in its middle, as long as the line stays near enough.

How near: each step knows by how much it may be away from the line as it was at first. Leaving
out the vertex A between P and B moves the line by the distance of A to the segment P-B (it is the
Frechet distance of P-A-B to P-B), and that adds up with the larger of what the two steps had
before. So the bound holds against the first line, however often vertices were left out.

Each round takes the cheapest of every few neighbouring steps, those that come first among equals;
rounds go on until none is left that can be taken. float64 with + - * / sqrt only.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.named_tuple import NamedTuple

_REACH: Final = 3
"""Steps that are taken in one round are further apart than this: each needs the step before it and
the one after it as they are."""


class Joined(NamedTuple):
    """kept : (p,) bool. xy : (p, 2) float64, where the vertices that are kept are now. away : (p,)
    float64, how far the step that ends at each kept vertex may be from the line as it was."""

    kept: NDArray[np.bool_]
    xy: NDArray[np.float64]
    away: NDArray[np.float64]


def joined(
    xy: NDArray[np.float64],
    is_fixed: NDArray[np.bool_],
    away: NDArray[np.float64],
    bound: NDArray[np.float64],
    shortest: NDArray[np.float64],
) -> Joined:
    """Steps under `shortest` joined with their neighbours where the line stays within `bound`.

    xy : (p, 2) whole numbers, any number of lines one after another, so that middles are rounded to
    whole numbers. is_fixed : (p,) bool, vertices that stay where they are, the first and the last
    of each line among them (what lies between a last and a first one is no step). away : (p,) how
    far the step that ends at each vertex is from where it belongs already. bound : (p,) how far
    it may be at most, and shortest : (p,), one value each for each line.
    """
    kept = np.ones(len(xy), bool)
    out, off = xy.copy(), away.copy()
    row = np.arange(len(xy))
    while True:
        at, way = _chosen(out.take(row, axis=0), is_fixed[row], off[row], bound[row], shortest[row])
        if not len(at):
            return Joined(kept, out, off)
        # The step from a to b; the ones beside it begin at p and end at n. Where a or b is the
        # end of a line there is no p or n, and the ways that need it were not taken.
        a, b = row[at], row[at + 1]
        n = row[np.minimum(at + 2, len(row) - 1)]
        no_a, no_b, middle = way == _NO_FIRST, way == _NO_LAST, way == _MIDDLE
        p = row[np.maximum(at - 1, 0)]
        before, own, after = off[a], off[b], off[n]
        mean = np.rint((out[a] + out[b]) * 0.5)
        off[b[no_a]] = (np.maximum(before, own) + _distance(out[a], out[p], out[b]))[no_a]
        off[n[no_b]] = (np.maximum(own, after) + _distance(out[b], out[a], out[n]))[no_b]
        first = np.maximum(before, own) + _distance(out[a], out[p], mean) + _ROUNDED
        last = np.maximum(own, after) + _distance(out[b], mean, out[n]) + _ROUNDED
        off[b[middle]], off[n[middle]] = first[middle], last[middle]
        out[b[middle]] = mean[middle]
        kept[a[no_a | middle]] = False
        kept[b[no_b]] = False
        row = row[kept[row]]


_NO_FIRST, _NO_LAST, _MIDDLE = range(3)
_ROUNDED: Final = 0.71
"""A middle in whole numbers is so far from the middle."""


def _chosen(
    xy: NDArray[np.float64],
    is_fixed: NDArray[np.bool_],
    off: NDArray[np.float64],
    bound: NDArray[np.float64],
    shortest: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first vertices of the steps to take in this round, and which way each goes."""
    d = xy[1:] - xy[:-1]
    is_step = ~(is_fixed[1:] & is_fixed[:-1])
    least = shortest[:-1]
    short = is_step & (d[:, 0] * d[:, 0] + d[:, 1] * d[:, 1] < least * least)
    at = np.flatnonzero(short)
    if not len(at):
        return at, at
    a, b = xy[at], xy.take(at + 1, axis=0)
    p, n = xy[np.maximum(at - 1, 0)], xy[np.minimum(at + 2, len(xy) - 1)]
    before, own = off[at], off[at + 1]
    after = off[np.minimum(at + 2, len(xy) - 1)]
    mean = np.rint((a + b) * 0.5)
    free_a, free_b = ~is_fixed[at], ~is_fixed[at + 1]
    cost = np.full((3, len(at)), np.inf)
    cost[_NO_FIRST] = np.where(free_a, _distance(a, p, b) + np.maximum(before, own), np.inf)
    cost[_NO_LAST] = np.where(free_b, _distance(b, a, n) + np.maximum(own, after), np.inf)
    moved = np.maximum(
        _distance(a, p, mean) + np.maximum(before, own),
        _distance(b, mean, n) + np.maximum(own, after),
    )
    cost[_MIDDLE] = np.where(free_a & free_b, moved + _ROUNDED, np.inf)
    # Vertices stay where they were as long as that is near enough.
    way = np.where(cost[_NO_LAST] < cost[_NO_FIRST], _NO_LAST, _NO_FIRST)
    least = np.minimum(cost[_NO_FIRST], cost[_NO_LAST])
    limit = bound[at]
    way = np.where((least > limit) & (cost[_MIDDLE] <= limit), _MIDDLE, way)
    least = np.where(way == _MIDDLE, cost[_MIDDLE], least)
    price = np.full(len(xy) + 2 * _REACH, np.inf)
    price[at + _REACH] = np.where(least <= limit, least, np.inf)
    mine = price[at + _REACH]
    take = np.isfinite(mine)
    for k in range(1, _REACH + 1):
        take &= (mine < price[at + _REACH - k]) & (mine <= price[at + _REACH + k])
    return at[take], way[take]


def _distance(
    place: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) from places to segments a-b."""
    u, v = b - a, place - a
    length2 = u[:, 0] * u[:, 0] + u[:, 1] * u[:, 1]
    along = (u[:, 0] * v[:, 0] + u[:, 1] * v[:, 1]) / np.where(length2 > 0, length2, 1.0)
    d = v - u * np.minimum(np.maximum(along, 0.0), 1.0)[:, None]
    return np.sqrt(d[:, 0] * d[:, 0] + d[:, 1] * d[:, 1])
