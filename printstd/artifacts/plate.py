"""Stand: plating -> slicing, toolpath, audit. One copy of one model on the bed."""

from __future__ import annotations

from dataclasses import dataclass

from printstd.artifacts.mesh import Placement


@dataclass(frozen=True, slots=True)
class Stand:
    """model : index into the plate's models. label : ASCII, how machine and statements call it."""

    model: int
    label: str
    placement: Placement
