"""Constrained Delaunay triangulation of polygon rings.

manifold3d's ear clipping gives some triangulation of any rings, tidy or not; edges are then
flipped until every one is locally Delaunay (C. Lawson, 1977), all independent flips of a round at
once. Where no four corners lie on one circle the result depends on the rings alone, not on the
library that began it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import manifold3d
import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings
from printstd.named_tuple import NamedTuple

_TIE: Final = 1e-9
"""Relative: four corners nearer to one circle than this stay as they are."""
_MAX_ROUNDS: Final = 200


class Triangles(NamedTuple):
    """corners : (t, 3) int64 into the rings' vertices, counter-clockwise.
    twin : (3 t,) int64: half-edge 3 i + k runs from corner k to k + 1 of triangle i; its twin is
    the same edge of the neighbouring triangle, -1 on the boundary."""

    corners: NDArray[np.int64]
    twin: NDArray[np.int64]


def triangulated(
    rings: Rings,
    group_offsets: NDArray[np.int64] | None = None,
    groups: NDArray[np.int64] | None = None,
) -> Triangles:
    """The inside of canonical rings, in triangles whose corners are ring vertices.

    group_offsets : (g + 1,) into rings, where they are several drawings (layers, say) that may
    lie over one another: each is triangulated by itself. groups : the drawings asked for, None
    for all.
    """
    if rings.is_empty:
        return Triangles(np.empty((0, 3), np.int64), np.empty(0, np.int64))
    if group_offsets is None:
        group_offsets = np.array([0, rings.n_rings])
    local = rings.xy_nm - own_origins(rings, group_offsets)
    mm = local * 1e-6
    borders, drawings = rings.offsets.tolist(), group_offsets.tolist()
    found, base = [], []
    for number in range(len(drawings) - 1) if groups is None else groups.tolist():
        first, last = drawings[number], drawings[number + 1]
        if first < last:
            drawing = [mm[a:b] for a, b in pairwise(borders[first : last + 1])]
            found.append(manifold3d.triangulate(drawing))
            base.append(borders[first])
    corners = np.concatenate(found).astype(np.int64)
    corners += np.repeat(base, [len(part) for part in found])[:, None]
    return _delaunay(local, corners, _twins(corners, len(local)))


def own_origins(rings: Rings, group_offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """(p, 2) int64, nm: for each vertex the lowest x and y of its drawing. From there products
    are sharp, and the same whatever is computed beside it."""
    borders = rings.offsets[group_offsets]
    filled = borders[1:] > borders[:-1]
    low = np.minimum.reduceat(rings.xy_nm, borders[:-1][filled])
    return np.repeat(low, np.diff(borders)[filled], axis=0)


def _twins(corners: NDArray[np.int64], n_points: int) -> NDArray[np.int64]:
    tail = corners.reshape(-1)
    head = corners[:, [1, 2, 0]].reshape(-1)
    key = tail * n_points + head
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    wanted = head * n_points + tail
    place = np.minimum(np.searchsorted(ordered, wanted), max(len(ordered) - 1, 0))
    twin = np.where(ordered[place] == wanted, order[place], -1)
    # An edge that more than two triangles share (rings that touch themselves) has no one twin.
    lone = twin[np.maximum(twin, 0)] != np.arange(len(twin))
    return np.where(lone, -1, twin)


def _delaunay(
    xy: NDArray[np.int64], corners: NDArray[np.int64], twin: NDArray[np.int64]
) -> Triangles:
    corner = corners.reshape(-1).copy()
    n = len(corner)
    slot = np.arange(n)
    along = np.where(slot % 3 == 2, slot - 2, slot + 1)
    before = np.where(slot % 3 == 0, slot + 2, slot - 1)
    suspects = np.flatnonzero(twin > slot)
    for _ in range(_MAX_ROUNDS):
        flips = suspects[_is_flippable(xy, corner, twin, suspects, before)]
        if not len(flips):
            break
        # Of the wanted flips of one triangle the one of the lowest edge goes first.
        best = np.full(n // 3, n, np.int64)
        np.minimum.at(best, flips // 3, flips)
        np.minimum.at(best, twin[flips] // 3, flips)
        h = flips[(best[flips // 3] == flips) & (best[twin[flips] // 3] == flips)]
        g = twin[h]
        b_c, c_a, a_d, d_b = along[h], before[h], along[g], before[g]
        c, d, a, b = corner[c_a], corner[d_b], corner[h], corner[g]
        one, two = 3 * (h // 3), 3 * (g // 3)
        moved = slot.copy()
        moved[d_b], moved[b_c] = one + 1, one + 2
        moved[c_a], moved[a_d] = two + 1, two + 2
        moved[h], moved[g] = one, two
        new_twin = np.empty_like(twin)
        new_twin[moved] = np.where(twin >= 0, moved[np.maximum(twin, 0)], -1)
        twin = new_twin
        for k, value in enumerate((c, d, b)):
            corner[one + k] = value
        for k, value in enumerate((d, c, a)):
            corner[two + k] = value
        around = np.concatenate([one + k for k in range(3)] + [two + k for k in range(3)])
        waiting = np.concatenate([moved[flips], around, twin[around]])
        waiting = waiting[waiting >= 0]
        other = twin[waiting]
        waiting = np.minimum(waiting, other)[other >= 0]
        is_waiting = np.zeros(n, bool)
        is_waiting[waiting] = True
        suspects = np.flatnonzero(is_waiting)
    return Triangles(corner.reshape(-1, 3), twin)


def _is_flippable(
    xy: NDArray[np.int64],
    corner: NDArray[np.int64],
    twin: NDArray[np.int64],
    h: NDArray[np.int64],
    before: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Do the angles that face edge h add up to more than half a turn, and would both new
    triangles have an area?"""
    a, b = xy.take(corner[h], axis=0), xy.take(corner[twin[h]], axis=0)
    c, d = xy.take(corner[before[h]], axis=0), xy.take(corner[before[twin[h]]], axis=0)
    ca, cb, da, db = a - c, b - c, a - d, b - d
    sin_c, cos_c = _cross(ca, cb), _dot(ca, cb)
    sin_d, cos_d = _cross(db, da), _dot(db, da)
    one, two = sin_c.astype(np.float64) * cos_d, sin_d.astype(np.float64) * cos_c
    is_bad = one + two < -_TIE * (np.abs(one) + np.abs(two))
    return is_bad & (_cross(d - c, b - c) > 0) & (_cross(c - d, a - d) > 0)


def _cross(u: NDArray[np.int64], v: NDArray[np.int64]) -> NDArray[np.int64]:
    return u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]


def _dot(u: NDArray[np.int64], v: NDArray[np.int64]) -> NDArray[np.int64]:
    return u[:, 0] * v[:, 0] + u[:, 1] * v[:, 1]
