"""Groups of points that lie near each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.components import component_labels

_HALF_NEIGHBOURS = [
    (x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if (x, y, z) > (0, 0, 0)
]


def cluster_points(points: NDArray[np.float64], cell: float) -> tuple[NDArray[np.int64], int]:
    """(labels (n,) int64, number of groups) of points (n, 3) whose cubes of side `cell` touch,
    directly or through others: points within `cell` are always together, points further apart
    than 3.5 cells never without others between. Numbered by the first member. The cubes lie
    evenly about the middle of the points, so that quarter turns and moves change nothing."""
    if not len(points):
        return np.empty(0, np.int64), 0
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    index = np.floor((points - centre) / cell).astype(np.int64)
    index += 1 - index.min(axis=0)
    width = index.max(axis=0) + 2
    key = (index[:, 0] * width[1] + index[:, 1]) * width[2] + index[:, 2]
    cells, owner = np.unique(key, return_inverse=True)
    first, second = [], []
    for x, y, z in _HALF_NEIGHBOURS:
        other = cells + (x * width[1] + y) * width[2] + z
        place = np.minimum(np.searchsorted(cells, other), len(cells) - 1)
        found = np.flatnonzero(cells[place] == other)
        first.append(found)
        second.append(place[found])
    label, count = component_labels(len(cells), np.concatenate(first), np.concatenate(second))
    groups = label[owner]
    _, appearance = np.unique(groups, return_index=True)
    rank = np.empty(count, np.int64)
    rank[np.argsort(appearance, kind="stable")] = np.arange(count)
    return rank[groups], count
