"""Which triangles have a point in a box: separating axes, all triangles at once.

Source: Akenine-Moller, "Fast 3D triangle-box overlap testing" (2001): a triangle and a box are
apart if and only if they are on one of 13 axes: the box's three, the triangle's normal, and the
nine products of their edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]


def triangles_in_box(corners: Vectors, low: Vectors, high: Vectors) -> NDArray[np.bool_]:
    """(f,) bool of (f, 3, 3) corners and a box from (3,) low to (3,) high, all in one unit. What
    only touches the box is in it."""
    near = ((corners.min(axis=1) <= high) & (corners.max(axis=1) >= low)).all(axis=1)
    found: NDArray[np.bool_] = near.copy()
    chosen = np.flatnonzero(near)
    if not len(chosen):
        return found
    middle, half = (low + high) / 2, (high - low) / 2
    moved = corners[chosen] - middle
    edges = np.roll(moved, -1, axis=1) - moved
    is_apart = np.zeros(len(chosen), bool)
    axes = [_cross(edges[:, 0], edges[:, 1])]
    for edge in range(3):
        for unit in np.eye(3):
            axes.append(_cross(np.broadcast_to(unit, edges[:, edge].shape), edges[:, edge]))
    for axis in axes:
        along = (moved * axis[:, None]).sum(axis=2)
        reach = (np.abs(axis) * half).sum(axis=1)
        # An axis of no length (a needle, an edge along it) separates nothing: both sides are 0.
        is_apart |= (along.min(axis=1) > reach) | (along.max(axis=1) < -reach)
    found[chosen] = ~is_apart
    return found


def _cross(a: Vectors, b: Vectors) -> Vectors:
    return np.stack(
        [
            a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1],
            a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2],
            a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0],
        ],
        axis=1,
    )
