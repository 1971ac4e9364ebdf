"""What slicers compute from beads: automatic widths, spacing, overlaps (facts of slicers 2.1)."""

from __future__ import annotations

from typing import Final

from printstd.importing.convert import Lost, rounded

AUTO: Final = 1.125
"""Times the nozzle: walls and infill."""
AUTO_TOP: Final = 1.0
"""Times the nozzle: top skin and supports."""
_CORNERS: Final = 0.2146018366
"""1 - pi/4: what the rounded ends of a bead leave out of its box."""


def spacing(width_mm: float, height_mm: float) -> float:
    """Of beads side by side, mm."""
    return width_mm - height_mm * _CORNERS


def overlap_ratio(
    text: str, value: float, wall_mm: float, solid_mm: float, height_mm: float
) -> float:
    """Overlap of infill and wall as a share of half a wall's and half a solid line's spacing.

    text : as written; a percentage is that share. value : the number, or the share of 1.
    """
    if text.endswith("%"):
        found = value
    else:
        found = value / (spacing(wall_mm, height_mm) / 2 + spacing(solid_mm, height_mm) / 2)
    found = rounded(found)
    if not 0 <= found <= 1:
        raise Lost("printstd's infill overlaps by 0 to 100 %", min(max(found, 0.0), 1.0))
    return found
