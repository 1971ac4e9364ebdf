"""What each layer is held to: the demand's limits, those of its range of heights, and shells of a
least thickness as numbers of layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from printstd.artifacts.demand import IntegrityLimits, RegionDemand
from printstd.audit.beads import Heights

SHELL_UM: Final = 0.5
"""Tops are whole micrometres: a shell that reaches its least thickness exactly is thick enough."""


def limits_of_layers(
    limits: IntegrityLimits, heights: Heights, regions: Sequence[RegionDemand] = ()
) -> tuple[IntegrityLimits, ...]:
    """One per layer, shared by layers that are held to the same. regions : inside which it is; what
    they demand holds in every range of heights, and what the last one does most of all."""
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
        for region in regions:
            here = _inside(here, region)
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


def _inside(limits: IntegrityLimits, region: RegionDemand) -> IntegrityLimits:
    """What a region demands, and the rest as around it."""
    bottom, top = (
        around if own is None else own
        for own, around in zip(
            (region.bottom_layers, region.top_layers), limits.solid_layers, strict=True
        )
    )
    window = limits.infill_permille
    if region.infill_permille is not None:
        window = region.infill_permille if any(region.infill_permille) else None
    return replace(
        limits,
        infill_permille=window,
        infill_shows=region.infill_shows or limits.infill_shows,
        min_wall_count=region.min_wall_count or limits.min_wall_count,
        solid_layers=(bottom, top),
    )
