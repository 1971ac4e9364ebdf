"""Numbers that look random and are the same everywhere: whole numbers mixed, no generator's state.

The mixer is that of SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_GAMMA: Final = np.uint64(0x9E3779B97F4A7C15)
_FACTORS: Final = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_TO_UNIT: Final = 2.0**-53


def unit_from(*columns: NDArray[np.int64] | Sequence[int] | int) -> NDArray[np.float64]:
    """(n,) float64 in [0, 1): one number for each row of whole numbers, as if drawn evenly.

    columns : (n,) int64 each, or one number for all rows.
    """
    mixed: NDArray[np.uint64] = np.zeros(1, np.uint64)
    for column in columns:
        mixed = _mix(mixed + _GAMMA + np.atleast_1d(np.asarray(column, np.int64)).view(np.uint64))
    return np.asarray((mixed >> np.uint64(11)).astype(np.float64) * _TO_UNIT)


def _mix(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    value = (value ^ (value >> np.uint64(30))) * _FACTORS[0]
    value = (value ^ (value >> np.uint64(27))) * _FACTORS[1]
    return np.asarray(value ^ (value >> np.uint64(31)))
