"""What the auditor holds the inside of a part against: walls, skins, infill, by the process."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Final

from printstd.artifacts.demand import (
    IntegrityLimits,
    IroningDemand,
    RangeLimits,
)
from printstd.profiles.infill_models import InfillPattern, IronedSurfaces, Ironing
from printstd.profiles.models import Process, Range, Shells
from printstd.profiles.ranges import has_varied_layers, within
from printstd.units import nm, um

_INFILL_SHOWS: Final = {
    InfillPattern.CONCENTRIC: "whole",
    InfillPattern.ADAPTIVE_CUBIC: "near_surface",
    InfillPattern.LIGHTNING: "under_roofs",
}
"""What patterns that are not alike everywhere promise: `IntegrityLimits.infill_shows`."""


def range_limits(process: Process, one: Range) -> RangeLimits:
    here = within(process, one)
    return RangeLimits(
        from_um=um(one.from_mm),
        to_um=um(one.to_mm),
        infill_permille=_infill_window(here),
        min_wall_count=here.walls.count,
        solid_layers=(here.shells.bottom_layers, here.shells.top_layers),
        solid_um=_solid_um(here.shells),
        infill_shows=_INFILL_SHOWS.get(here.infill.pattern, "middle"),
    )


def _solid_um(shells: Shells) -> tuple[int, int]:
    """Bottom, top; none where no layer is asked for."""
    return (
        um(shells.bottom_min_thickness_mm) if shells.bottom_layers else 0,
        um(shells.top_min_thickness_mm) if shells.top_layers else 0,
    )


def integrity_limits(process: Process, nozzle_mm: float, supports_allowed: bool) -> IntegrityLimits:
    limits, shells = process.integrity, process.shells
    height_nm = nm(process.layer_height_mm)
    is_varied = has_varied_layers(process)
    n_solid = (
        (shells.bottom_layers, shells.top_layers)
        if is_varied
        else (
            solid_layers(shells.bottom_layers, shells.bottom_min_thickness_mm, height_nm),
            solid_layers(shells.top_layers, shells.top_min_thickness_mm, height_nm),
        )
    )
    return IntegrityLimits(
        outward_um=um(limits.outward_mm),
        inward_um=um(limits.inward_mm),
        contiguous_um=um(limits.contiguous_mm),
        solid_fill_permille=window(limits.solid_fill_ratio),
        infill_permille=_infill_window(process),
        infill_shows=_INFILL_SHOWS.get(process.infill.pattern, "middle"),
        infill_every_layers=_combined_layers(process, nozzle_mm),
        min_wall_count=process.walls.count,
        solid_layers=n_solid,
        volume_permille=window(limits.volume_ratio),
        air_um=um(limits.max_air_mm),
        supports_allowed=supports_allowed,
        adhesion_allowed=process.adhesion.skirt_loops > 0 or process.adhesion.brim_width_mm > 0,
        solid_um=_solid_um(shells) if is_varied else (0, 0),
        ranges=tuple(range_limits(process, one) for one in process.ranges),
        ironing=_ironing(process.ironing),
    )


def _ironing(ironing: Ironing) -> IroningDemand | None:
    if ironing.surfaces is IronedSurfaces.NONE:
        return None
    return IroningDemand(round(ironing.flow_ratio * 1000), um(ironing.spacing_mm))


def _infill_window(process: Process) -> tuple[int, int] | None:
    """Declared density times the window; a hollow part declares none."""
    density = exact(process.infill.density_ratio)
    if density == 0:
        return None
    low, high = process.integrity.infill_window_ratio
    return (floor(density * exact(low) * 1000), ceil(density * exact(high) * 1000))


def _combined_layers(process: Process, nozzle_mm: float) -> int:
    """As many as asked for, but no more than the nozzle can lay at once."""
    at_once = nm(nozzle_mm) // nm(process.layer_height_mm)
    return max(1, min(process.infill.combine_layers, at_once))


def solid_layers(count: int, min_thickness_mm: float, height_nm: int) -> int:
    """Solid layers on one side: the count, or more where they would be too thin; 0 stays 0."""
    return max(count, -(-nm(min_thickness_mm) // height_nm)) if count else 0


def window(ratios: tuple[float, float]) -> tuple[int, int]:
    return (floor(exact(ratios[0]) * 1000), ceil(exact(ratios[1]) * 1000))


def exact(value: float) -> Fraction:
    """The number that the profile's author wrote, not the float nearest to it."""
    return Fraction(repr(value))
