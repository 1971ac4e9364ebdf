"""The bead: a rectangle with round ends, as every peer of the PrusaSlicer family lays it.

Source: facts of slicers 2.1 (Flow::rounded_rectangle_extrusion_spacing). Widths, heights and
spacings in int64 nm, areas in nm2; E follows from area and filament diameter.
"""

from __future__ import annotations

from typing import Final

import numpy as np

ROUND_LOSS: Final = 0.2146018366025517
"""k = 1 - pi/4: what round ends lack of a rectangle, over h^2."""
QUARTER_PI: Final = 0.7853981633974483


def spacing_nm(width_nm: int, height_nm: int) -> int:
    """Distance between neighbouring centrelines: s = w - h k.

    Raises ValueError where the bead is narrower than it is high: that is no bead.
    """
    if width_nm < height_nm:
        raise ValueError(f"a bead {width_nm} nm wide cannot be {height_nm} nm high")
    return round(width_nm - height_nm * ROUND_LOSS)


def width_nm(spacing: int, height_nm: int) -> int:
    """Width of the bead whose neighbours lie `spacing` nm apart: w = s + h k."""
    return round(spacing + height_nm * ROUND_LOSS)


def area_nm2(width: int, height_nm: int) -> int:
    """Cross-section A = h (w - h k), nm2."""
    return round(height_nm * (width - height_nm * ROUND_LOSS))


def thread_diameter_nm(nozzle_nm: int, flow_ratio: float) -> int:
    """Diameter of a thick bridge's round thread: nozzle * sqrt(flow ratio)."""
    return round(nozzle_nm * float(np.sqrt(flow_ratio)))


def thread_area_nm2(diameter_nm: int) -> int:
    """Cross-section of a round thread, nm2."""
    return round(QUARTER_PI * diameter_nm * diameter_nm)
