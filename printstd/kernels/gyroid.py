"""The gyroid, sin x cos y + sin y cos z + sin z cos x = 0, cut at one height and laid as waves.

At a fixed z the equation reads sin(y + phi) = -sin z cos x / r with r^2 = cos^2 z + sin^2 x and
phi = atan2(sin x, cos z). Where |sin z| <= |cos z| the right side never exceeds 1, so wave m is
the curve

    y = (-1)^m a(x) + m pi - phi(x),    a = asin(-sin z cos x / r)

and every y lies between two waves. Elsewhere x and y change places (sin z stands for cos z and
the like), the waves run along y. Source: Schoen, Infinite periodic minimal surfaces without
self-intersections, NASA TN D-5541 (1970).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.turns import HALF_TURN, Direction, arcsin, arctan, cos_sin, turned_quarter
from printstd.kernels.waves import Waves

DENSITY_FACTOR: Final = 2.56
"""Infill lines of distance s at density 1 weigh as much as waves of scale s / (2.56 density): per
unit area and over all heights, waves of scale 1 are 0.3906 long in 20 columns and 0.3914 in very
many. (The 2.44 of facts of slicers 2.4 leaves infill 5 % under its density.)"""
_COLUMNS: Final = 20
_MAX_COLUMN_NM: Final = 500_000.0


def waves_at(z_nm: int, unit_nm: float, along: Direction) -> Waves:
    """The waves at height z; `along` is the pattern's own x axis."""
    period = 2.0 * HALF_TURN * unit_nm
    columns = max(_COLUMNS, -(-int(period / _MAX_COLUMN_NM + 1.0) // 4) * 4)
    cos_t, sin_t = cos_sin(np.arange(columns) / columns)
    cos_z, sin_z = (float(v[0]) for v in cos_sin(np.array([z_nm / period])))
    if abs(sin_z) <= abs(cos_z):
        r = np.sqrt(cos_z * cos_z + sin_t * sin_t)
        swing = arcsin(_within_one(-sin_z * cos_t / r))
        shift = arctan(sin_t / cos_z) + (HALF_TURN if cos_z < 0 else 0.0)
        return Waves(along, unit_nm, swing, shift, float(columns))
    r = np.sqrt(sin_z * sin_z + cos_t * cos_t)
    swing = arcsin(_within_one(-cos_z * sin_t / r))
    quarter = HALF_TURN / 2.0 if sin_z > 0 else -HALF_TURN / 2.0
    shift = quarter - arctan(cos_t / sin_z)
    # x is minus the distance across y: both parts change sign.
    return Waves(turned_quarter(along), unit_nm, -swing, -shift, float(columns))


def _within_one(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(x, -1.0, 1.0)
