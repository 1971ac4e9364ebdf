"""Solids of the test parts: unions of upright prisms and of profiles drawn out along Y, in mm.

The union is manifold3d's; coordinates in and out are whole micrometres, so that the last bits of a
library's arithmetic cannot reach the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import acos, ceil, pi
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from manifold3d import Manifold

CHORD_MM: Final = 0.001
"""Most that the facets of a circle stray from it."""
Points = Sequence[tuple[float, float]]


def sides_of(radius_mm: float) -> int:
    """Facets of a circle with a sagitta r (1 - cos(pi / n)) of at most `CHORD_MM`; whole fours, so
    that its box is its diameter."""
    return 4 * ceil(pi / acos(1 - CHORD_MM / radius_mm) / 4)


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> Manifold:
    from manifold3d import Manifold

    size = tuple(b - a for a, b in zip(low, high, strict=True))
    return Manifold.cube(size).translate(low)


def cylinder(x: float, y: float, diameter: float, low_z: float, high_z: float) -> Manifold:
    """Upright, its corners on the circle."""
    from manifold3d import Manifold

    radius = diameter / 2
    round_ = Manifold.cylinder(high_z - low_z, radius, radius, circular_segments=sides_of(radius))
    return round_.translate((x, y, low_z))


def drawn_out(profile: Points, low_y: float, high_y: float) -> Manifold:
    """A profile in X and Z, anticlockwise seen against Y, between two Y."""
    from manifold3d import CrossSection, Manifold

    # Extruded along its own Z, then laid over: (x, z, y) to (x, y, z) with Y turned round.
    upright = Manifold.extrude(CrossSection([list(profile)]), high_y - low_y)
    return upright.rotate((90, 0, 0)).translate((0, high_y, 0))


def united(solids: Iterable[Manifold]) -> Manifold:
    from manifold3d import Manifold, OpType

    return Manifold.batch_boolean(list(solids), OpType.Add)


def triangles(solid: Manifold) -> NDArray[np.float64]:
    """(f, 3, 3) float64, mm, anticlockwise seen from outside; on whole nanometres, the lowest
    corner at the origin, in an order that depends on the shape alone."""
    mesh = solid.to_mesh64()
    vertices_nm = np.rint(np.asarray(mesh.vert_properties, np.float64)[:, :3] * 1e6)
    vertices_nm -= vertices_nm.min(axis=0)
    corners = vertices_nm[np.asarray(mesh.tri_verts, np.int64)] + 0.0
    # Each facet begins at its lowest corner; facets rise.
    order = np.lexsort((corners[..., 2], corners[..., 1], corners[..., 0]), axis=1)
    turned = (order[:, :1] + np.arange(3)) % 3
    corners = np.take_along_axis(corners, turned[..., None], axis=1)
    keys = corners.reshape(-1, 9)
    return np.ascontiguousarray(corners[np.lexsort(keys.T[::-1])] / 1e6)
