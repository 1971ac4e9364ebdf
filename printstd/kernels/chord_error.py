"""How far flat triangles stray from the surfaces that they stand for.

Over a triangle the distance from an axis or a point is convex, so it is greatest at a corner and
least where the triangle comes nearest: on cylinders and spheres both are found exactly. On cones
and tori the inside is looked at on a fine grid; between its points a smooth surface stays within a
1/n^2 part of what is found, which is added. Of a surface that is not known, only its normals at the
corners are: they say how steeply it leaves each edge. A cubic that leaves an edge of length L with
slopes a and b bulges by L (|a| + |b|) / 8 where it is an arc, by less where it is an S; the middle
of a triangle lies 4/3 as far off (equilateral on a sphere).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_GRID: Final = 8
_BETWEEN: Final = 1 + 1 / _GRID**2
_FREE: Final = 4 / 3
_STEEPEST: Final = 0.999
_ROWS: Final = 1 << 14


def plane_error(triangles: Floats, point: Floats, axis: Floats) -> Floats:
    """(f,) of triangles (f, 3, 3) on planes through `point` (f, 3) with normals `axis` (f, 3)."""
    away = triangles - point[:, None]
    return np.asarray(np.abs((away * axis[:, None]).sum(axis=2)).max(axis=1), np.float64)


def cylinder_error(triangles: Floats, point: Floats, axis: Floats, radius: Floats) -> Floats:
    """(f,) of triangles on cylinders of `radius` (f,) about lines through `point` along `axis`."""
    away = triangles - point[:, None]
    flat = away - (away * axis[:, None]).sum(axis=2)[..., None] * axis[:, None]
    return _round_error(flat, radius)


def sphere_error(triangles: Floats, centre: Floats, radius: Floats) -> Floats:
    """(f,) of triangles on spheres of `radius` (f,) about `centre` (f, 3)."""
    return _round_error(triangles - centre[:, None], radius)


def cone_error(triangles: Floats, apex: Floats, axis: Floats, angle: Floats) -> Floats:
    """(f,) of triangles on cones with `axis` from the apex into the cone, `angle` (f,) rad."""

    def outside(points: Floats, rows: slice) -> Floats:
        z = (points * axis[rows, None]).sum(axis=2)
        across = points - z[..., None] * axis[rows, None]
        rho = np.sqrt((across * across).sum(axis=2))
        off = rho * np.cos(angle[rows, None]) - z * np.sin(angle[rows, None])
        return np.asarray(off, np.float64)

    return _sampled(triangles - apex[:, None], outside)


def torus_error(
    triangles: Floats, centre: Floats, axis: Floats, around: Floats, radius: Floats
) -> Floats:
    """(f,) of triangles on tori: circles of `radius` (f,) swept at `around` (f,)."""

    def off(points: Floats, rows: slice) -> Floats:
        z = (points * axis[rows, None]).sum(axis=2)
        across = points - z[..., None] * axis[rows, None]
        rho = np.sqrt((across * across).sum(axis=2)) - around[rows, None]
        return np.asarray(np.sqrt(rho * rho + z * z) - radius[rows, None], np.float64)

    return _sampled(triangles - centre[:, None], off)


def free_error(triangles: Floats, normals: Floats) -> Floats:
    """(f,), an estimate: normals (f, 3, 3) of the true surface at the corners, of any length."""
    size = np.sqrt((normals * normals).sum(axis=2))
    unit = normals / np.maximum(size, 1e-30)[..., None]
    worst: Floats = np.zeros(len(triangles))
    for a, b in ((0, 1), (1, 2), (2, 0)):
        edge = triangles[:, b] - triangles[:, a]
        length = np.sqrt((edge * edge).sum(axis=1))
        way = edge / np.maximum(length, 1e-30)[:, None]
        rise = np.zeros(len(triangles))
        for end in (a, b):
            sine = np.minimum(np.abs((unit[:, end] * way).sum(axis=1)), _STEEPEST)
            rise += sine / np.sqrt(1 - sine * sine)
        worst = np.maximum(worst, length / 8 * rise)
    return np.asarray(_FREE * worst, np.float64)


def _round_error(triangles: Floats, radius: Floats) -> Floats:
    far = np.sqrt((triangles * triangles).sum(axis=2)).max(axis=1)
    near = _nearest_origin(triangles)
    return np.asarray(np.maximum(np.abs(far - radius), np.abs(near - radius)), np.float64)


def _nearest_origin(triangles: Floats) -> Floats:
    """(f,): distance of the origin from each triangle, flat ones and needles too."""
    nearest = np.full(len(triangles), np.inf)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        begin, edge = triangles[:, a], triangles[:, b] - triangles[:, a]
        squared = np.maximum((edge * edge).sum(axis=1), 1e-300)
        at = np.clip(-(begin * edge).sum(axis=1) / squared, 0.0, 1.0)
        foot = begin + at[:, None] * edge
        nearest = np.minimum(nearest, np.sqrt((foot * foot).sum(axis=1)))
    first = triangles[:, 1] - triangles[:, 0]
    second = triangles[:, 2] - triangles[:, 0]
    normal = np.cross(first, second)
    squared = (normal * normal).sum(axis=1)
    longest = np.maximum((first * first).sum(axis=1), (second * second).sum(axis=1))
    has_area = squared > 1e-24 * longest * longest
    safe = np.where(has_area, squared, 1.0)
    height = (normal * triangles[:, 0]).sum(axis=1) / safe
    foot = height[:, None] * normal - triangles[:, 0]
    u = (np.cross(foot, second) * normal).sum(axis=1) / safe
    v = (np.cross(first, foot) * normal).sum(axis=1) / safe
    inside = has_area & (u >= 0) & (v >= 0) & (u + v <= 1)
    return np.where(inside, np.minimum(nearest, np.abs(height) * np.sqrt(safe)), nearest)


def _sampled(triangles: Floats, off: Callable[[Floats, slice], Floats]) -> Floats:
    """Largest |off(points (r, k, 3), rows)| on a grid over each triangle."""
    i, j = np.meshgrid(np.arange(_GRID + 1), np.arange(_GRID + 1), indexing="ij")
    kept = i + j <= _GRID
    weight = np.stack([_GRID - i[kept] - j[kept], i[kept], j[kept]], axis=1) / _GRID
    found = np.empty(len(triangles))
    for begin in range(0, len(triangles), _ROWS):
        rows = slice(begin, begin + _ROWS)
        own = triangles[rows]
        a, b, c = (weight[None, :, k, None] * own[:, None, k] for k in range(3))
        found[rows] = np.abs(off(a + b + c, rows)).max(axis=1)
    return _BETWEEN * found
