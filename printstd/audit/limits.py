"""What each layer is held to: the demand's limits, those of its range of heights, and shells of a
least thickness as numbers of layers."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from printstd.artifacts.demand import IntegrityLimits
from printstd.audit.beads import Heights

SHELL_UM: Final = 0.5
"""Tops are whole micrometres: a shell that reaches its least thickness exactly is thick enough."""


def limits_of_layers(limits: IntegrityLimits, heights: Heights) -> tuple[IntegrityLimits, ...]:
    """One per layer, shared by layers that are held to the same."""
    top, bottom = heights.top_um, heights.top_um - heights.height_um
    middle = heights.middle_um
    shared: dict[IntegrityLimits, IntegrityLimits] = {}
    found = []
    for layer in range(len(heights)):
        here = limits
        for one in limits.ranges:
            if one.from_um <= middle[layer] < one.to_um:
                here = replace(
                    limits,
                    infill_permille=one.infill_permille,
                    min_wall_count=one.min_wall_count,
                    solid_layers=one.solid_layers,
                    solid_um=one.solid_um,
                    infill_shows=one.infill_shows,
                )
        down_um, up_um = here.solid_um
        if down_um or up_um:
            # A surface's shell goes on until what lies between it and the layer is thick enough.
            below = int((bottom[: layer + 1] > bottom[layer] - down_um + SHELL_UM).sum())
            above = int((top[layer:] < top[layer] + up_um - SHELL_UM).sum())
            counts = (
                max(here.solid_layers[0], below) if here.solid_layers[0] else 0,
                max(here.solid_layers[1], above) if here.solid_layers[1] else 0,
            )
            here = replace(here, solid_layers=counts)
        found.append(shared.setdefault(here, here))
    return tuple(found)
