"""Where branches begin: points all over an area that must be held, and along its border."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.clip import Area
from printstd.kernels.rings import Rings, contains, lengths_nm, next_index


def tips_of(area: Area, pitch_nm: int, radius_nm: int) -> NDArray[np.int64]:
    """(n, 2) int64, nm: points of the bed's own grid that lie inside, and points along a line
    half a tip's radius inside the border, both `pitch_nm` apart at most. An island too narrow for
    such a line has them on its border."""
    points: list[NDArray[np.int64]] = []
    for island in area.islands():
        edge = island.offset(-radius_nm // 2)
        line = (island if edge.is_empty else edge).rings()
        points += [
            _along(line, pitch_nm),
            _on_grid(island.offset(-pitch_nm // 2).rings(), pitch_nm),
        ]
    return np.concatenate([np.empty((0, 2), np.int64), *points])


def _on_grid(rings: Rings, pitch_nm: int) -> NDArray[np.int64]:
    if rings.is_empty:
        return np.empty((0, 2), np.int64)
    low = -(-rings.xy_nm.min(axis=0) // pitch_nm)
    high = rings.xy_nm.max(axis=0) // pitch_nm
    x, y = (np.arange(a, b + 1) * pitch_nm for a, b in zip(low, high, strict=True))
    grid = np.stack([np.repeat(x, len(y)), np.tile(y, len(x))], axis=1)
    return np.asarray(grid[contains(rings, grid)], np.int64)


def _along(rings: Rings, pitch_nm: int) -> NDArray[np.int64]:
    """Points evenly along each ring, the first at its first vertex."""
    if rings.is_empty:
        return np.empty((0, 2), np.int64)
    start = rings.xy_nm.astype(np.float64)
    step = start[next_index(rings)] - start
    length = np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1])
    before = np.cumsum(length) - length
    whole = lengths_nm(rings)
    counts = np.maximum(np.ceil(whole / pitch_nm).astype(np.int64), 1)
    ring = np.repeat(np.arange(rings.n_rings), counts)
    nth = np.arange(len(ring)) - np.repeat(np.cumsum(counts) - counts, counts)
    place = before[rings.offsets[:-1]][ring] + nth * (whole / counts)[ring]
    edge = np.searchsorted(before, place, side="right") - 1
    edge = np.clip(edge, rings.offsets[:-1][ring], rings.offsets[1:][ring] - 1)
    share = np.clip((place - before[edge]) / np.maximum(length[edge], 1.0), 0.0, 1.0)
    return np.asarray(np.rint(start[edge] + share[:, None] * step[edge]), np.int64)
