"""What holds in which range of heights: a process with the settings of its ranges laid over it."""

from __future__ import annotations

from pydantic import BaseModel

from printstd.profiles.models import Process, Range
from printstd.units import um


def range_at(process: Process, middle_nm: int) -> Range | None:
    """The range that a layer belongs to whose middle lies so high above the bed."""
    for one in process.ranges:
        if um(one.from_mm) * 1000 <= middle_nm < um(one.to_mm) * 1000:
            return one
    return None


def _laid_over(process: Process, one: Range) -> Process:
    changed: dict[str, object] = {}
    if one.layer_height_mm is not None:
        changed["layer_height_mm"] = one.layer_height_mm
    for name in ("walls", "shells", "infill", "speeds"):
        given: BaseModel = getattr(one, name)
        values = {key: value for key, value in given if value is not None}
        if values:
            changed[name] = getattr(process, name).model_copy(update=values)
    return process.model_copy(update=changed)


def has_varied_layers(process: Process) -> bool:
    """Whether layers above the first may be of different heights, or made by different settings;
    shells are then as many layers as their least thickness takes."""
    layers = process.layers
    return bool(process.ranges or layers.max_surface_error_um or layers.exact_top)


def within(process: Process, one: Range | None) -> Process:
    """The process as it holds inside a range; itself outside of all."""
    return process if one is None else _laid_over(process, one)
