"""How far the corners of the layers' stairs are off the model's facets."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.beads import Heights

EDGE_UM: Final = 1.0
"""A facet that reaches no further into a layer only touches it; one no higher lies flat."""


def stairs_um(
    vertices_um: NDArray[np.float64], faces: NDArray[np.int64], heights: Heights, lift_um: float
) -> NDArray[np.float64]:
    """(l,) for each layer the greatest of h/2 |n_z| over the facets that it meets: the distance
    from the plane of a facet to the corners of an upright wall that crosses it halfway up the
    layer (Dolenc and Makela, the cusp, halved).

    vertices_um : (v, 3), `lift_um` under the bed frame."""
    corners = vertices_um[faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.sqrt((normal**2).sum(axis=1))
    low, high = corners[..., 2].min(axis=1) + lift_um, corners[..., 2].max(axis=1) + lift_um
    kept = (size > 0) & (high - low > EDGE_UM)
    upright = np.abs(normal[kept, 2]) / size[kept]
    bottoms = heights.top_um - heights.height_um
    first = np.searchsorted(heights.top_um, low[kept] + EDGE_UM, side="right")
    stop = np.searchsorted(bottoms, high[kept] - EDGE_UM, side="left")
    count = np.maximum(stop - first, 0)
    layer = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count - first, count)
    steepest = np.zeros(len(heights))
    np.maximum.at(steepest, layer, np.repeat(upright, count))
    return steepest * heights.height_um / 2
