"""The part of a process that is about how walls are laid."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from printstd.profiles.kinds import Ratio, Strict


class WallOrder(StrEnum):
    """In which order the walls of an island are laid (facts of slicers C4)."""

    INNER_OUTER = "inner_outer"
    OUTER_INNER = "outer_inner"
    INNER_OUTER_INNER = "inner_outer_inner"
    """The third wall and all further in, then the outer one, the second last; two are laid inner
    first. (The first output epoch: the second, the outer, then the others inwards.)"""


class FuzzyWalls(StrEnum):
    """Which external walls are roughened: none, those around the part, those of holes too."""

    NONE = "none"
    OUTER = "outer"
    ALL = "all"


AtOverlaps = tuple[Ratio, Ratio, Ratio, Ratio]
"""Values at an overlap with the layer below of 0, 25, 50 and 75 % of a bead's width."""


class Overhangs(Strict):
    """Walls that reach out over the layer below (facts of slicers 2.7, C6, C7)."""

    is_dynamic: bool
    """Speed and fan follow the overlap; between its values, and up to a whole one, evenly."""
    speed_ratios: AtOverlaps
    """Of the external perimeter's speed; never above what the wall would have anyway."""
    fan_ratios: AtOverlaps
    """Of full speed; never below what the layer has anyway."""
    extra_walls: bool
    """What hangs under the infill is laid as walls, each held by the one before."""


class FuzzySkin(Strict):
    """A rough surface: external walls go in and out at random (facts of slicers C8)."""

    walls: FuzzyWalls
    thickness_mm: Annotated[float, Field(gt=0, le=1)]
    """How far at most, either way."""
    point_distance_mm: Annotated[float, Field(ge=0.1, le=10)]
    """Between two places where the wall turns, on the mean; a quarter more or less."""


class SpiralVase(Strict):
    """Above its solid bottom the part is one wall that rises all the way (facts of slicers H16)."""

    is_on: bool
    is_smooth: bool
    """Each turn comes evenly from the outline of the one below to its own."""
