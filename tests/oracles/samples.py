"""Areas as fine grids of samples: what no polygon library needs to be trusted for.

Borders that run together within a nanometre, as those of surfaces cut from each other do, make
polygon libraries raise or err; a sample lies on one side or the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from printstd.kernels.rings import Rings

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Samples:
    """Squares of `step_nm`, judged by their middles."""

    low_nm: tuple[int, int]
    step_nm: int
    shape: tuple[int, int]

    @classmethod
    def over(cls, rings: Rings, step_nm: int = 50_000, margin_nm: int = 1_000_000) -> Samples:
        low = rings.xy_nm.min(axis=0) - margin_nm
        high = rings.xy_nm.max(axis=0) + margin_nm
        columns, rows = (-(-(high - low) // step_nm)).tolist()
        # A few odd nm aside, so that no middle lies on a round coordinate.
        return cls((int(low[0]) + 137, int(low[1]) + 311), step_nm, (rows, columns))

    def mask(self, rings: Rings) -> Mask:
        """(rows, columns): which middles lie inside, even-odd."""
        toggles = np.zeros((self.shape[0], self.shape[1] + 1), np.int64)
        for i in range(rings.n_rings):
            a = rings.ring(i) - np.array(self.low_nm) - self.step_nm / 2
            b = np.roll(a, -1, axis=0)
            low, high = np.minimum(a[:, 1], b[:, 1]), np.maximum(a[:, 1], b[:, 1])
            first = np.ceil(low / self.step_nm).astype(int)
            count = np.ceil(high / self.step_nm).astype(int) - first
            edge = np.repeat(np.arange(len(a)), count)
            row = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
            rise = (b[:, 1] - a[:, 1])[edge]
            share = (row * self.step_nm - a[edge, 1]) / rise
            x = a[edge, 0] + share * (b[:, 0] - a[:, 0])[edge]
            np.add.at(toggles, (row, np.ceil(x / self.step_nm).astype(int)), 1)
        return np.cumsum(toggles, axis=1)[:, :-1] % 2 == 1

    def grown(self, mask: Mask, by_nm: float) -> Mask:
        """All samples whose middle is no further than that from one of the mask."""
        if not mask.any():
            return mask
        (bottom, top), (left, right) = (
            (int(where[0]), int(where[-1]) + 1)
            for where in (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
        )
        reach = int(by_nm / self.step_nm) + 1
        near = (
            slice(max(0, bottom - reach), top + reach),
            slice(max(0, left - reach), right + reach),
        )
        found = np.zeros_like(mask)
        found[near] = ndimage.distance_transform_edt(~mask[near]) * self.step_nm <= by_nm
        return found

    def shrunk(self, mask: Mask, by_nm: float) -> Mask:
        """The area's samples that are further than that from any outside."""
        if not mask.any():
            return mask
        return ndimage.distance_transform_edt(mask) * self.step_nm > by_nm

    def opened(self, mask: Mask, half_nm: float) -> Mask:
        """Without what is narrower than twice `half_nm`."""
        return self.grown(self.shrunk(mask, half_nm), half_nm) & mask
