"""Stand, TowerStand: plating -> slicing, toolpath, audit. What stands where on the bed."""

from __future__ import annotations

from dataclasses import dataclass

from printstd.artifacts.mesh import Placement


@dataclass(frozen=True, slots=True)
class Stand:
    """One copy of one model. model : index into the plate's models. label : ASCII, how machine and
    statements call it."""

    model: int
    label: str
    placement: Placement


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
