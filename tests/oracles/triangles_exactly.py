"""How two triangles with whole-number corners meet, in fractions: nothing is rounded."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

Point = tuple[Fraction, Fraction, Fraction]
Triangle = tuple[Point, Point, Point]
Meeting = Literal["cut", "touch", "lap", "none"]


def meeting(a: Triangle, b: Triangle) -> Meeting:
    """cut: both have corners strictly on both sides of the other's plane, and the two stretches of
    the common line share a stretch; touch: they share one point; lap: coplanar, with a common
    area."""
    to_b, to_a = _distances(a, b), _distances(b, a)
    if not any(to_b):
        return "lap" if _common_area(a, b) > 0 else "none"
    if not (min(to_b) < 0 < max(to_b) and min(to_a) < 0 < max(to_a)):
        return "none"
    line = _cross(_normal(a), _normal(b))
    low_a, high_a = _stretch(a, to_b, line)
    low_b, high_b = _stretch(b, to_a, line)
    length = min(high_a, high_b) - max(low_a, low_b)
    return "cut" if length > 0 else "touch" if length == 0 else "none"


def _sub(p: Point, q: Point) -> Point:
    return p[0] - q[0], p[1] - q[1], p[2] - q[2]


def _dot(p: Point, q: Point) -> Fraction:
    return p[0] * q[0] + p[1] * q[1] + p[2] * q[2]


def _cross(p: Point, q: Point) -> Point:
    return (
        p[1] * q[2] - p[2] * q[1],
        p[2] * q[0] - p[0] * q[2],
        p[0] * q[1] - p[1] * q[0],
    )


def _normal(t: Triangle) -> Point:
    return _cross(_sub(t[1], t[0]), _sub(t[2], t[0]))


def _distances(t: Triangle, plane: Triangle) -> list[Fraction]:
    normal = _normal(plane)
    return [_dot(_sub(p, plane[0]), normal) for p in t]


def _stretch(t: Triangle, d: list[Fraction], line: Point) -> tuple[Fraction, Fraction]:
    """Where the plane at distances d = 0 cuts the triangle, as places along `line`."""
    places = [_dot(p, line) for p in t]
    ends = [place for place, distance in zip(places, d, strict=True) if distance == 0]
    for i in range(3):
        j = (i + 1) % 3
        if d[i] * d[j] < 0:
            ends.append(places[i] + (places[j] - places[i]) * d[i] / (d[i] - d[j]))
    return min(ends), max(ends)


def _common_area(a: Triangle, b: Triangle) -> Fraction:
    """Twice the area that two coplanar triangles share, drawn along their largest axis
    (Sutherland and Hodgman)."""
    normal = _normal(b)
    axis = max(range(3), key=lambda k: abs(normal[k]))
    u, v = [k for k in range(3) if k != axis]
    ring = [(p[u], p[v]) for p in a]
    clip = [(p[u], p[v]) for p in b]
    if _turn(*clip) < 0:
        clip.reverse()
    for i in range(3):
        start, end = clip[i], clip[(i + 1) % 3]
        kept = []
        for k, p in enumerate(ring):
            q = ring[k - 1]
            dp, dq = _turn(start, end, p), _turn(start, end, q)
            if dp * dq < 0:
                t = dq / (dq - dp)
                kept.append((q[0] + (p[0] - q[0]) * t, q[1] + (p[1] - q[1]) * t))
            if dp >= 0:
                kept.append(p)
        ring = kept
    total = sum(
        (
            p[0] * ring[(k + 1) % len(ring)][1] - p[1] * ring[(k + 1) % len(ring)][0]
            for k, p in enumerate(ring)
        ),
        Fraction(0),
    )
    return abs(total)


def _turn(
    a: tuple[Fraction, Fraction], b: tuple[Fraction, Fraction], c: tuple[Fraction, Fraction]
) -> Fraction:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
