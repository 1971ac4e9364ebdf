"""How far an area reaches away from another one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings, next_index

_BLOCK = 1_000_000
"""Pairs of point and edge that are looked at in one go."""


def farthest_nm(area: Rings, other: Rings) -> float:
    """The largest distance of a vertex, or an edge's middle, of `area` from the border of `other`,
    which lies beside it; inf where there is none."""
    if other.is_empty or area.is_empty:
        return float("inf")
    start = other.xy_nm.astype(np.float64)
    step = start[next_index(other)] - start
    length2 = np.maximum((step * step).sum(axis=1), 1.0)
    corners = area.xy_nm.astype(np.float64)
    points = np.concatenate([corners, (corners + corners[next_index(area)]) / 2])
    return float(
        np.sqrt(max(_block_max(part, start, step, length2) for part in _parts(points, len(start))))
    )


def _parts(points: NDArray[np.float64], n_edges: int) -> list[NDArray[np.float64]]:
    count = max(1, -(-len(points) * n_edges // _BLOCK))
    return [part for part in np.array_split(points, count) if len(part)]


def _block_max(
    points: NDArray[np.float64],
    start: NDArray[np.float64],
    step: NDArray[np.float64],
    length2: NDArray[np.float64],
) -> float:
    away = points[:, None, :] - start[None]
    along = np.clip((away * step).sum(axis=2) / length2, 0.0, 1.0)
    rest = away - along[..., None] * step
    return float((rest * rest).sum(axis=2).min(axis=1).max())
