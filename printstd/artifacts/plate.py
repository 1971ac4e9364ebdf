"""Stand, TowerStand: plating -> slicing, toolpath, audit. What stands where on the bed. Position:
the same for people, in the terms of ISO 17295."""

from __future__ import annotations

from printstd.artifacts.mesh import Placement
from printstd.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Stand:
    """One copy of one model. model : index into the plate's models. label : ASCII, how machine and
    statements call it."""

    model: int
    label: str
    placement: Placement


Box = tuple[float, float, float, float, float, float]
"""mm: xmin, ymin, zmin, xmax, ymax, zmax."""


@dataclass(frozen=True, slots=True)
class Position:
    """How a part is laid (as much larger as it shrinks afterwards).

    letters : orthogonal orientation notation of its machine bounding box; empty of nothing. ties :
    pairs of its letters along which the part is equally long. rotation_e9 : from the file's axes to
    the machine's. smallest_mm : sides of the arbitrarily oriented bounding box as filed, longest
    first. machine_mm : the box along the machine's axes, from the machine's own origin.
    """

    letters: str
    ties: tuple[str, ...]
    rotation_e9: tuple[int, int, int, int, int, int, int, int, int]
    smallest_mm: tuple[float, float, float]
    machine_mm: Box


@dataclass(frozen=True, slots=True)
class TowerStand:
    """The prime tower. box_um : x, y of its low and of its high corner, bed frame, brim apart.
    brim_um : how far its brim reaches beyond."""

    box_um: tuple[int, int, int, int]
    brim_um: int

    @property
    def outer_um(self) -> tuple[int, int, int, int]:
        """The box with its brim."""
        x0, y0, x1, y1 = self.box_um
        brim = self.brim_um
        return (x0 - brim, y0 - brim, x1 + brim, y1 + brim)
