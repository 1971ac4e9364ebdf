"""What the sample parts are put together from: solids, and their triangles in a fixed order."""

from __future__ import annotations

import math

import numpy as np
from manifold3d import CrossSection, Manifold
from numpy.typing import NDArray

Triangles = tuple[NDArray[np.float64], NDArray[np.int32]]

_GRID_PER_MM = 10_000


def circle(diameter: float, n_sides: int, x: float, y: float) -> CrossSection:
    """A regular polygon with its corners on the circle."""
    turns = [2 * math.pi * i / n_sides for i in range(n_sides)]
    radius = diameter / 2
    return CrossSection(
        [[(x + round(radius * math.cos(t), 6), y + round(radius * math.sin(t), 6)) for t in turns]]
    )


def slot(length: float, width: float, n_sides: int, x: float, y: float) -> CrossSection:
    """Two half circles joined, along x; `length` over all."""
    reach = (length - width) / 2
    ends = [circle(width, n_sides, x + side * reach, y) for side in (-1, 1)]
    return CrossSection.batch_hull(ends)


def rounded(
    x0: float, y0: float, x1: float, y1: float, radius: float, n_sides: int
) -> CrossSection:
    return CrossSection.batch_hull(
        [
            circle(2 * radius, n_sides, x, y)
            for x in (x0 + radius, x1 - radius)
            for y in (y0 + radius, y1 - radius)
        ]
    )


def prism(area: CrossSection, z0: float, z1: float) -> Manifold:
    return Manifold.extrude(area, z1 - z0).translate((0, 0, z0))


def block(x0: float, y0: float, z0: float, x1: float, y1: float, z1: float) -> Manifold:
    return Manifold.cube((x1 - x0, y1 - y0, z1 - z0)).translate((x0, y0, z0))


def triangles(solid: Manifold) -> Triangles:
    """Corners on the 1e-4 mm grid, facets without area left out, triangles in a fixed order."""
    mesh = solid.to_mesh64()
    corners = np.rint(np.asarray(mesh.vert_properties)[:, :3] * _GRID_PER_MM).astype(np.int64)
    faces = np.asarray(mesh.tri_verts, np.int64)
    order = np.lexsort((corners[:, 2], corners[:, 1], corners[:, 0]))
    sorted_corners = corners[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = (sorted_corners[1:] != sorted_corners[:-1]).any(axis=1)
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(is_new) - 1
    faces = number[faces]
    turn = np.argmin(faces, axis=1)
    faces = np.take_along_axis(faces, (turn[:, None] + np.arange(3)) % 3, axis=1)
    a, b, c = faces.T
    faces = faces[(a != b) & (b != c) & (c != a)]
    faces = faces[np.lexsort((faces[:, 2], faces[:, 1], faces[:, 0]))]
    return sorted_corners[is_new] / _GRID_PER_MM, faces.astype(np.int32)
