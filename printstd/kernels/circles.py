"""Circles among the rings of a section, and the polygons that stand for them.

A hole of a mesh is a polygon whose corners lie on the circle that was meant, so what is free in
it is smaller than the circle by the sagitta r (1 - cos(pi / n)), and simplifying takes as much
again. Here such a ring is recognised and laid anew, circumscribed for a hole and with its corners
on the circle for a pin, with as many corners as the chord error asks for.

Only +, -, *, / and square roots: the same bits on every machine. Directions come from a table
made with integers.
"""

from __future__ import annotations

from functools import cache
from math import isqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings, canonical, from_list, next_index, signed_area2, take
from printstd.kernels.simplify import without_straight
from printstd.named_tuple import NamedTuple

FEWEST_CORNERS: Final = 9
OFF_CIRCLE_NM: Final = 3_000
"""How far a corner may lie off the circle: of 536 cylinders of production parts 99 % have all
their corners within 1.2 um (facts of validation 3.2)."""
_STRAIGHT_NM: Final = 500
LONGEST_CHORD: Final = 0.535
"""Of the radius: 31 degrees. An octagon (45) or a dodecagon's neighbour is a shape of its own."""
MOST_SAGITTA_NM: Final = 101_300
"""Of a chord: what is coarser than this may be meant as it is."""

_TURN: Final = 768
"""Directions in the table; polygons have a number of corners that divides half of it."""
_CORNERS: Final = (12, 16, 24, 32, 48, 64, 96, 128, 192, 384)
_UNIT: Final = 1 << 30


class Circles(NamedTuple):
    """ring : (k,) int64, rows of the rings. centre_nm : (k, 2) int64. radius_nm : (k,) int64, of
    the circle through the corners. is_hole : (k,) bool."""

    ring: NDArray[np.int64]
    centre_nm: NDArray[np.int64]
    radius_nm: NDArray[np.int64]
    is_hole: NDArray[np.bool_]


def circles_among(rings: Rings) -> Circles:
    """The rings whose corners all lie on a circle, close enough to one another.

    The centre is the mean of those of the circles through each corner and the two a third of
    the way round from it; the radius that of the corners' distances from it. Vertices that lie on
    the line through their neighbours are none of its corners: facets' edges leave them.
    """
    rings = without_straight(rings, _STRAIGHT_NM)
    counts = np.diff(rings.offsets)
    candidate = np.flatnonzero(counts >= FEWEST_CORNERS)
    if not len(candidate):
        return _NONE
    n = counts[candidate]
    ring = np.repeat(np.arange(len(candidate)), n)
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(n)])
    place = np.arange(first[-1]) - first[ring]
    base = rings.offsets[candidate][ring]
    xy = rings.xy_nm[base + place]
    origin = rings.xy_nm[rings.offsets[candidate]]
    third, size = (n // 3)[ring], n[ring]
    b = rings.xy_nm[base + (place + third) % size] - xy
    c = rings.xy_nm[base + (place + 2 * third) % size] - xy
    centre = _mean(_centres(b, c) + (xy - origin[ring]), first) + origin
    away = (xy - centre[ring]).astype(np.float64)
    distance = np.sqrt(away[:, 0] * away[:, 0] + away[:, 1] * away[:, 1])
    radius = _mean(np.rint(distance).astype(np.int64)[:, None], first)[:, 0]
    off = np.maximum.reduceat(np.abs(distance - radius[ring]), first[:-1])
    following = next_index(rings)
    step = (rings.xy_nm[following[base + place]] - xy).astype(np.float64)
    longest = np.maximum.reduceat(
        np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1]), first[:-1]
    )
    # The sagitta c^2 / 8 r of a short chord, and a little more of a long one.
    is_circle = (
        (off <= OFF_CIRCLE_NM)
        & (longest <= LONGEST_CHORD * radius)
        & (longest * longest <= 8.0 * MOST_SAGITTA_NM * radius)
    )
    kept = np.flatnonzero(is_circle)
    found = candidate[kept]
    return Circles(found, centre[kept], radius[kept], signed_area2(rings)[found] < 0)


_NONE: Final = Circles(
    np.empty(0, np.int64), np.empty((0, 2), np.int64), np.empty(0, np.int64), np.empty(0, np.bool_)
)


def _centres(b: NDArray[np.int64], c: NDArray[np.int64]) -> NDArray[np.int64]:
    """(p, 2) int64, nm: centres of the circles through (0, 0), b and c; (0, 0) where they lie on
    a line or the centre is further than any part is wide."""
    bx, by = b.astype(np.float64).T
    cx, cy = c.astype(np.float64).T
    twice = 2.0 * (bx * cy - by * cx)
    b2, c2 = bx * bx + by * by, cx * cx + cy * cy
    is_line = twice == 0.0
    twice = np.where(is_line, 1.0, twice)
    found = np.stack([(cy * b2 - by * c2) / twice, (bx * c2 - cx * b2) / twice], axis=1)
    is_far = is_line | (np.abs(found).max(axis=1, initial=0.0) > 1e10)
    return np.rint(np.where(is_far[:, None], 0.0, found)).astype(np.int64)


def _mean(values: NDArray[np.int64], first: NDArray[np.int64]) -> NDArray[np.int64]:
    """(k, ...) int64: whole means of runs of values; sums of integers do not depend on order."""
    total = np.add.reduceat(values, first[:-1], axis=0)
    n = np.diff(first)[:, None]
    return np.asarray((2 * total + n) // (2 * n), np.int64)


def chosen(circles: Circles, keep: NDArray[np.bool_]) -> Circles:
    """Those of the mask (k,)."""
    return Circles(
        circles.ring[keep], circles.centre_nm[keep], circles.radius_nm[keep], circles.is_hole[keep]
    )


def apart(rings: Rings, circles: Circles, gap_nm: int) -> NDArray[np.bool_]:
    """(k,) bool: circles with no other ring nearer than `gap_nm` to their line."""
    alone = np.ones(len(circles.ring), np.bool_)
    if rings.n_rings < 2:
        return alone
    is_circle = np.zeros(rings.n_rings, np.bool_)
    is_circle[circles.ring] = True
    others = take(rings, ~is_circle)
    following = next_index(others)
    start = others.xy_nm.astype(np.float64)
    step = start[following] - start
    long2 = np.maximum(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1], 1.0)
    for number, (centre, radius) in enumerate(
        zip(circles.centre_nm.astype(np.float64), circles.radius_nm.tolist(), strict=True)
    ):
        between = np.sqrt(((circles.centre_nm - centre) ** 2).sum(axis=1))
        outside = between - (circles.radius_nm + radius)
        inside = np.abs(circles.radius_nm - radius) - between
        room = np.maximum(outside, inside)
        room[number] = np.inf
        alone[number] = room.min() >= gap_nm
        if not alone[number] or not len(start):
            continue
        to = centre - start
        share = np.clip((to[:, 0] * step[:, 0] + to[:, 1] * step[:, 1]) / long2, 0.0, 1.0)
        dx, dy = to[:, 0] - share * step[:, 0], to[:, 1] - share * step[:, 1]
        nearest = np.sqrt(dx * dx + dy * dy)
        ends = np.sqrt(to[:, 0] * to[:, 0] + to[:, 1] * to[:, 1])
        farthest = np.maximum(ends, ends[following])
        alone[number] = bool(((nearest >= radius + gap_nm) | (farthest <= radius - gap_nm)).all())
    return alone


def laid_anew(rings: Rings, circles: Circles, chord_nm: int, bead_nm: int) -> Rings:
    """The rings with each circle's polygon in place of theirs, canonical.

    chord_nm : how far the polygon may stray from its circle. bead_nm : width of the bead that
    follows the ring. A hole's polygon is circumscribed: laid half a width outside it, the bead
    leaves the circle free, touching it with every side. A pin's is such that the corners of the
    bead's middle, half a width inside it, lie half a width within the circle: what is laid
    reaches the circle and not beyond.
    """
    laid = [rings.ring(row) for row in range(rings.n_rings)]
    for row, centre, radius, is_hole in zip(
        circles.ring.tolist(),
        circles.centre_nm,
        circles.radius_nm.tolist(),
        circles.is_hole.tolist(),
        strict=True,
    ):
        n = _corners(radius, chord_nm)
        half_angle = int(_directions()[_TURN // (2 * n), 0])
        if is_hole:
            reach = radius * _UNIT // half_angle
        else:
            inner = radius - bead_nm // 2
            reach = inner + (bead_nm // 2) * _UNIT // half_angle
        towards = _directions()[:: _TURN // n]
        corners = (towards * reach + _UNIT // 2) // _UNIT + centre
        laid[row] = corners[::-1] if is_hole else corners
    return canonical(from_list(laid))


def _corners(radius_nm: int, chord_nm: int) -> int:
    """The fewest corners of which the chord error r (1 / cos(pi / n) - 1) is small enough."""
    for n in _CORNERS:
        cosine = int(_directions()[_TURN // (2 * n), 0])
        if radius_nm * (_UNIT - cosine) <= chord_nm * cosine:
            return n
    return _CORNERS[-1]


@cache
def _directions() -> NDArray[np.int64]:
    """(768, 2) int64: cosine and sine of 360 k / 768 degrees, in 2^-30.

    60 degrees halved seven times by the half-angle formulas, then added up, in whole 1e-30.
    """
    unit = 10**30
    cosine, sine = unit // 2, isqrt(3 * unit * unit) // 2
    for _ in range(7):
        cosine, sine = isqrt((unit + cosine) * unit // 2), isqrt((unit - cosine) * unit // 2)
    eighth = [(unit, 0)]
    for _ in range(_TURN // 8):
        x, y = eighth[-1]
        eighth.append(((x * cosine - y * sine) // unit, (x * sine + y * cosine) // unit))
    small = [tuple((2 * v * _UNIT + unit) // (2 * unit) for v in point) for point in eighth]
    quarter = small + [(y, x) for x, y in small[-2::-1]]
    turn = []
    for _ in range(4):
        turn += quarter[:-1]
        quarter = [(-y, x) for x, y in quarter]
    table = np.array(turn, np.int64)
    table.flags.writeable = False
    return table
