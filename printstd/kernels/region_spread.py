"""How far flat regions reach across a line: by the mean square over their area, so that a strip
reaches as far as it is wide, however it is turned and into however many facets it was divided."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.distinct import distinct
from printstd.kernels.vectors import dots
from printstd.named_tuple import NamedTuple

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Spread(NamedTuple):
    """Of regions: row : (r,) int64, place of each in what follows, -1 for those not asked for.
    mean : (n, 3), middle of the area. square : (n, 3, 3), mean over the area of the product of two
    coordinates, from the middle."""

    row: Ints
    mean: Floats
    square: Floats

    def width(self, region: Ints, across: Floats) -> Floats:
        """(k,) of regions (k,) along unit vectors (k, 3): of a rectangle its side."""
        return np.sqrt(12.0 * self._within(region, across))

    def reach(self, region: Ints, point: Floats, across: Floats) -> Floats:
        """(k,) from points (k, 3) at their border: of a rectangle its side."""
        off = dots(self.mean[self.row[region]] - point, across)
        return np.sqrt(3.0 * (off * off + self._within(region, across)))

    def _within(self, region: Ints, across: Floats) -> Floats:
        own = self.square[self.row[region]]
        found: Floats = (across[:, :, None] * own * across[:, None, :]).sum(axis=(1, 2))
        return np.maximum(found, 0.0)


def spread(
    vertices: Floats, faces: NDArray[np.integer[Any]], area: Floats, label: Ints, asked: Ints
) -> Spread:
    """Of the regions `asked`. area, label : (f,), of the facets; label -1 for none."""
    asked = distinct(asked)
    row = np.full(int(label.max(initial=-1)) + 1, -1, np.int64)
    row[asked] = np.arange(len(asked))
    own = np.flatnonzero(label >= 0)
    own = own[row[label[own]] >= 0]
    region, weight, count = row[label[own]], area[own], len(asked)

    def mean_of(values: Floats) -> Floats:
        total = np.bincount(region, weight * values, minlength=count)
        return np.asarray(total / whole, np.float64)

    whole = np.maximum(np.bincount(region, weight, minlength=count), 1e-300)
    corners = vertices[faces[own]]
    middle = (corners[:, 0] + corners[:, 1] + corners[:, 2]) / 3
    mean = np.stack([mean_of(middle[:, k]) for k in range(3)], axis=1)
    away = middle - mean[region]
    corners = corners - middle[:, None]
    square = np.empty((count, 3, 3))
    for i in range(3):
        for j in range(i + 1):
            # Of a triangle about its middle: a twelfth of the sum over its corners.
            within = (corners[:, :, i] * corners[:, :, j]).sum(axis=1) / 12
            square[:, i, j] = square[:, j, i] = mean_of(away[:, i] * away[:, j] + within)
    return Spread(row, mean, square)
