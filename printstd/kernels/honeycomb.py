"""The honeycomb as waves: each zigzags between its neighbours and shares a side with either.

With sides of length a, a wave runs a along its upper neighbour, goes down over a/2, runs a along
the lower one, and goes up again: 4 a of line on 3 a of way. Waves lie p = a sqrt(3)/2 + s apart,
where s is left between the two lines of a shared side.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from printstd.kernels.turns import HALF_TURN, Direction
from printstd.kernels.waves import Waves

_SQRT_3: Final = 1.7320508075688772
_SIDE: Final = np.array([1.0, 1.0, 1.0, -1.0, -1.0, -1.0])
"""Above or below the wave's middle, every half side."""


def comb(pitch_nm: float, shared_nm: float, along: Direction) -> Waves:
    """Waves that weigh as much as straight lines at `pitch_nm`.

    shared_nm : from line to line on a shared side; under the pitch.
    """
    apart = 4.0 / 3.0 * pitch_nm
    rise = apart - shared_nm
    half_side = rise / _SQRT_3
    unit = apart / HALF_TURN
    swing = _SIDE * (rise / 2.0 / unit)
    per_turn = 2.0 * HALF_TURN * unit / half_side
    return Waves(along, unit, swing, np.zeros(6), per_turn)
