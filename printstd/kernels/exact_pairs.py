"""How two triangles meet, in whole numbers: for the few pairs that float64 cannot tell.

Every float64 is a whole number over a power of two, so the corners of two triangles and a tolerance
become integers by one common factor, and every question asked of them is a sign: is a determinant
beyond a length, D > t |n|, that is D > 0 and D^2 > t^2 |n|^2. Nothing is rounded. (Shewchuk 1997,
Adaptive precision floating-point arithmetic and fast robust geometric predicates, for the filter;
expansions are not needed where only a handful of pairs is left.)

One question has three square roots in it, how much of an edge lies further than the tolerance
inside a triangle: they are taken to 2^-256 of themselves, always of the same integers, so that the
answer depends on the shapes alone here too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

Whole = tuple[int, int, int]
Triangle = tuple[Whole, Whole, Whole]
Corners = Sequence[Sequence[float]]

_ROOT_BITS: Final = 256


class Cut(NamedTuple):
    """Both reach beyond each other's plane. length, depth : as in `Contacts`; is_touch : the
    stretches meet in a point, with `length` 0. middle : of the stretch."""

    is_touch: bool
    length: float
    depth: float
    middle: tuple[float, float, float]


class Graze(NamedTuple):
    """An edge in the plane of the other triangle, through its inside. plane : 0 or 1, whose plane;
    the edge is the other's, from `corner` to the next. apex : distance of its third corner."""

    plane: int
    corner: int
    apex: float
    length: float
    middle: tuple[float, float, float]


class Meeting(NamedTuple):
    cut: Cut | None
    is_lap: bool
    grazes: tuple[Graze, ...]


def meeting(first: Corners, second: Corners, tolerance: float) -> Meeting:
    """Of two triangles (3, 3) with finite corners. tolerance : >= 0, length that nothing below is
    seen of; with 0 every contact is."""
    scaled = _Scaled(first, second, tolerance)
    sides = [[scaled.side(p, plane) for p in scaled.both[1 - plane]] for plane in (0, 1)]
    is_lap = not (any(sides[0]) and any(sides[1])) and scaled.areas_overlap()
    cut = scaled.cut() if all({-1, 1} <= set(side) for side in sides) else None
    grazes = [g for plane in (0, 1) for g in scaled.grazes(plane, sides[plane])]
    return Meeting(cut, is_lap, tuple(grazes))


class _Scaled:
    """Two triangles and a tolerance as whole numbers, times `factor`, from the first corner."""

    def __init__(self, first: Corners, second: Corners, tolerance: float) -> None:
        values = [float(x) for corner in (*first, *second) for x in corner]
        ratios = [value.as_integer_ratio() for value in (*values, float(tolerance))]
        self.factor = max(below for _, below in ratios)
        whole = [above * (self.factor // below) for above, below in ratios]
        self.tolerance = whole[-1]
        points = [(whole[i], whole[i + 1], whole[i + 2]) for i in range(0, 18, 3)]
        self.origin = points[0]
        near = [_sub(point, self.origin) for point in points]
        self.both: tuple[Triangle, Triangle] = (
            (near[0], near[1], near[2]),
            (near[3], near[4], near[5]),
        )
        self.normals = tuple(_cross(_sub(b, a), _sub(c, a)) for a, b, c in self.both)

    def side(self, point: Whole, plane: int) -> int:
        """1 above the plane by more than the tolerance, -1 below, else 0."""
        height, normal = self._height(point, plane), self.normals[plane]
        return self._beyond(height, normal) - self._beyond(-height, normal)

    def _height(self, point: Whole, plane: int) -> int:
        """Above the plane, times the length of its normal."""
        return _dot(_sub(point, self.both[plane][0]), self.normals[plane])

    def _beyond(self, value: int | Fraction, along: Whole) -> bool:
        """Is value / |along| more than the tolerance?"""
        return value > 0 and value * value > self.tolerance * self.tolerance * _dot(along, along)

    def areas_overlap(self) -> bool:
        """Along all six edge normals by more than the tolerance (separating axes in the plane)."""
        for own in (0, 1):
            mine, other = self.both[own], self.both[1 - own]
            for k, inward in enumerate(self._inward(own)):
                height = _dot(_sub(mine[(k + 2) % 3], mine[k]), inward)
                reach = max(_dot(_sub(point, mine[k]), inward) for point in other)
                if not self._beyond(min(height, reach), inward):
                    return False
        return True

    def _inward(self, own: int) -> Iterator[Whole]:
        mine = self.both[own]
        for k in range(3):
            yield _cross(self.normals[own], _sub(mine[(k + 1) % 3], mine[k]))

    def cut(self) -> Cut | None:
        line = _cross(self.normals[0], self.normals[1])
        ends = [self._ends(own, line) for own in (0, 1)]
        low, high = max(pair[0] for pair in ends), min(pair[1] for pair in ends)
        run = high[0] - low[0]
        is_cut = self._beyond(run, line)
        if not is_cut and self._beyond(-run, line):
            return None
        heights = [[self._height(p, plane) for p in self.both[1 - plane]] for plane in (0, 1)]
        depth = min(
            self._length(min(max(own), -min(own)), self.normals[plane])
            for plane, own in enumerate(heights)
        )
        middle = [(one + two) / 2 for one, two in zip(low[1], high[1], strict=True)]
        length = self._length(run, line) if is_cut else 0.0
        return Cut(not is_cut, length, depth, self._point(middle))

    def _ends(self, own: int, line: Whole) -> list[tuple[Fraction, tuple[Fraction, ...]]]:
        """(place along the line, point), lower first, where the other's plane cuts triangle
        `own`."""
        mine = self.both[own]
        height = [self._height(point, 1 - own) for point in mine]
        points = [tuple(map(Fraction, p)) for p, h in zip(mine, height, strict=True) if h == 0]
        for i in range(3):
            j = (i + 1) % 3
            if height[i] * height[j] < 0:
                share = Fraction(height[i], height[i] - height[j])
                pairs = zip(mine[i], mine[j], strict=True)
                points.append(tuple(a + share * (b - a) for a, b in pairs))
        placed = [
            (sum((x * d for x, d in zip(p, line, strict=True)), Fraction(0)), p) for p in points
        ]
        return [min(placed), max(placed)]

    def grazes(self, plane: int, sides: list[int]) -> Iterator[Graze]:
        """The other triangle's edge whose ends, and no third corner, are in the plane."""
        if sides.count(0) != 2:
            return
        other = self.both[1 - plane]
        apex = next(k for k in range(3) if sides[k])
        corner = (apex + 1) % 3
        start, end = other[corner], other[(corner + 1) % 3]
        stretch = self._inside(plane, start, end)
        run = _sub(end, start)
        squared = _dot(run, run)
        if stretch is None:
            return
        share = stretch[1] - stretch[0]
        if share <= 0 or share * share * squared <= self.tolerance * self.tolerance:
            return
        at = (stretch[0] + stretch[1]) / 2
        middle = [s + at * d for s, d in zip(start, run, strict=True)]
        height = self._height(other[apex], plane)
        distance = math.copysign(self._length(abs(height), self.normals[plane]), height)
        length = math.sqrt(float(share * share * squared / self.factor**2))
        yield Graze(plane, corner, distance, length, self._point(middle))

    def _inside(self, plane: int, start: Whole, end: Whole) -> tuple[Fraction, Fraction] | None:
        """(low, high) of the part of a segment that lies further than the tolerance inside the
        triangle (Cyrus and Beck); None where none does."""
        low, high = Fraction(0), Fraction(1)
        for k, inward in enumerate(self._inward(plane)):
            border = self.both[plane][k]
            root = math.isqrt(_dot(inward, inward) << (2 * _ROOT_BITS))
            inset = self.tolerance * root
            at_start = (_dot(_sub(start, border), inward) << _ROOT_BITS) - inset
            at_end = (_dot(_sub(end, border), inward) << _ROOT_BITS) - inset
            slope = at_end - at_start
            if slope == 0:
                if at_start < 0:
                    return None
            elif slope > 0:
                low = max(low, Fraction(-at_start, slope))
            else:
                high = min(high, Fraction(-at_start, slope))
        return low, high

    def _length(self, value: int | Fraction, along: Whole) -> float:
        """value / |along|, unscaled."""
        squared = Fraction(value * value, 1) / (_dot(along, along) * self.factor**2)
        return math.sqrt(float(squared))

    def _point(self, near: Sequence[Fraction]) -> tuple[float, float, float]:
        x, y, z = (float((a + o) / self.factor) for a, o in zip(near, self.origin, strict=True))
        return x, y, z


def _sub(a: Whole, b: Whole) -> Whole:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def _dot(a: Whole, b: Whole) -> int:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a: Whole, b: Whole) -> Whole:
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )
