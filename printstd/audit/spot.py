"""A place in a layer where something is amiss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Spot:
    """How far, over which length, where; `is_thin` where the part is too thin there for two beads
    side by side, so that what a slicer does is a choice among evils."""

    deviation_um: float
    length_um: float
    at_um: tuple[float, float]
    is_thin: bool = False


def first_point(geometry: Any) -> tuple[float, float]:
    """(x, y) um of the first vertex of a shapely geometry."""
    import shapely

    x, y = shapely.get_coordinates(geometry)[0].tolist()
    return x, y
