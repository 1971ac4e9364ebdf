"""Whole-mesh sums over triangles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def signed_volume_mm3(vertices_mm: NDArray[np.float64], faces: NDArray[np.int32]) -> float:
    """Volume that the facets enclose, mm3; negative where they are inside out.

    vertices_mm : (v, 3) float64. faces : (f, 3) int32. Taken from the box centre, so that a
    part far from the origin loses no digits (facts of validation, GEO-08).
    """
    if not len(faces):
        return 0.0
    corners = vertices_mm[faces]
    corners = corners - (corners.min(axis=(0, 1)) + corners.max(axis=(0, 1))) / 2
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    cross_x = b[:, 1] * c[:, 2] - b[:, 2] * c[:, 1]
    cross_y = b[:, 2] * c[:, 0] - b[:, 0] * c[:, 2]
    cross_z = b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0]
    return float((a[:, 0] * cross_x + a[:, 1] * cross_y + a[:, 2] * cross_z).sum()) / 6
