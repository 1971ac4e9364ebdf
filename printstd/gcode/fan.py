"""The part fan as a machine is told of it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.gcode.dialects import Phrases

FAN_STEPS: Final = 255


def fan_step(ratio_e3: int) -> int:
    """The nearest of the fan's steps. Step 1 is not used: RepRapFirmware takes S1 for all of it."""
    step = (ratio_e3 * FAN_STEPS + 500) // 1000
    return 2 if step == 1 else step


def fan_lines(ratio_e3: NDArray[np.int16], phrases: Phrases) -> list[str]:
    """What is said before each run of moves; empty where the step is that of the run before."""
    ratios = ratio_e3.tolist()
    words = {ratio: phrases.fan(fan_step(ratio)) for ratio in sorted(set(ratios))}
    said = [words[ratio] for ratio in ratios]
    return ["" if line == before else line for before, line in zip(["", *said], said, strict=False)]
