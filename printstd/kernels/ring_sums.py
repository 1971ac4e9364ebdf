"""Areas and first moments of the rings of many layers at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings, next_index
from printstd.named_tuple import NamedTuple


class LayerSums(NamedTuple):
    """area_mm2 : (l,) float64. moment_mm3 : (l, 2) float64, the area times its centroid's X and
    Y."""

    area_mm2: NDArray[np.float64]
    moment_mm3: NDArray[np.float64]


def layer_sums(rings: Rings, n_rings: Sequence[int]) -> LayerSums:
    """Of layers that have so many of `rings` each, holes wound against outlines (Green)."""
    n = len(n_rings)
    if rings.is_empty:
        return LayerSums(np.zeros(n), np.zeros((n, 2)))
    area, moment = ring_sums(rings)
    layer = np.repeat(np.arange(n), n_rings)
    return LayerSums(
        np.asarray(np.bincount(layer, weights=area, minlength=n), np.float64),
        np.stack(
            [np.bincount(layer, weights=moment[:, axis], minlength=n) for axis in range(2)], axis=1
        ),
    )


def ring_sums(rings: Rings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(area (r,) mm2 signed, area times centroid (r, 2) mm3) of each ring."""
    # About a corner of each ring: products of coordinates far away would lose what is near.
    counts = np.diff(rings.offsets)
    origin = rings.xy_nm[rings.offsets[:-1]]
    own = (rings.xy_nm - np.repeat(origin, counts, axis=0)) / 1e6
    a, b = own, own[next_index(rings)]
    cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    starts = rings.offsets[:-1]
    area = np.add.reduceat(cross, starts) / 2
    moment = np.stack(
        [np.add.reduceat((a[:, k] + b[:, k]) * cross, starts) / 6 for k in range(2)], axis=1
    )
    return area, moment + area[:, None] * (origin / 1e6)
