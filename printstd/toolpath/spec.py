"""LayerSpec: the resolved settings of one layer, as the integers that the passes use."""

from __future__ import annotations

from dataclasses import dataclass

from printstd.artifacts.layers import LayerStack
from printstd.kernels import bead
from printstd.profiles.models import InfillPattern, IronedSurfaces, Ironing
from printstd.profiles.resolved import Resolved
from printstd.units import NM_PER_UM, nm


@dataclass(frozen=True, slots=True)
class Bead:
    """One bead size: width, height, spacing in nm, cross-section in nm2."""

    width_nm: int
    height_nm: int
    spacing_nm: int
    area_nm2: int


def bead_of(width_mm: float, height_nm: int) -> Bead:
    width = nm(width_mm)
    return Bead(
        width, height_nm, bead.spacing_nm(width, height_nm), bead.area_nm2(width, height_nm)
    )


@dataclass(frozen=True, slots=True)
class IroningBead:
    """pitch_nm : from line to line. height_nm : of what is laid, were it spread evenly."""

    pitch_nm: int
    height_nm: int


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """What the passes need to know of one layer; equal for all layers of one height."""

    height_nm: int
    nozzle_nm: int
    external: Bead
    inner: Bead
    sparse: Bead
    """Infill lines; their spacing follows the nominal layer height (facts of slicers 2.4), so
    that lines of layers of other heights still stand on each other."""
    solid: Bead
    top: Bead
    wall_count: int
    thin_walls: bool
    gap_fill: bool
    top_layers: int
    bottom_layers: int
    ensure_vertical: bool
    solid_below_area_nm2: int
    density_ratio: float
    pattern: InfillPattern
    angle_deg: float
    overlap_ratio: float
    anchor_nm: int
    anchor_max_nm: int
    combine_layers: int
    """Layers whose sparse infill may be laid as one, at most."""
    ironing: IroningBead | None
    """None where nothing of this layer is ironed."""
    bridge_flow_ratio: float
    thick_external_bridges: bool
    thick_internal_bridges: bool
    xy_nm: int
    hole_nm: int
    elephant_foot_nm: int


def layer_spec(
    resolved: Resolved, *, is_first: bool, height_nm: int, is_last: bool = False
) -> LayerSpec:
    """The spec of a layer `height_nm` thick."""
    process, widths = resolved.process, resolved.process.widths
    first = widths.first_layer_mm if is_first else None
    nominal = nm(process.layer_height_mm)
    ironed = process.ironing.surfaces
    is_ironed = ironed is IronedSurfaces.TOP or (ironed is IronedSurfaces.TOPMOST and is_last)

    def size(width_mm: float) -> Bead:
        return bead_of(first or width_mm, height_nm)

    sparse = size(widths.infill_mm)
    return LayerSpec(
        height_nm=height_nm,
        nozzle_nm=nm(resolved.nozzle_mm),
        external=size(widths.external_perimeter_mm),
        inner=size(widths.perimeter_mm),
        sparse=Bead(
            sparse.width_nm,
            height_nm,
            bead.spacing_nm(nm(widths.infill_mm), nominal),
            sparse.area_nm2,
        ),
        solid=size(widths.solid_infill_mm),
        top=size(widths.top_infill_mm),
        wall_count=process.walls.count,
        thin_walls=process.walls.thin_walls,
        gap_fill=process.walls.gap_fill,
        top_layers=_layers(process.shells.top_layers, process.shells.top_min_thickness_mm, nominal),
        bottom_layers=_layers(
            process.shells.bottom_layers, process.shells.bottom_min_thickness_mm, nominal
        ),
        ensure_vertical=process.shells.ensure_vertical,
        solid_below_area_nm2=round(process.shells.solid_below_area_mm2 * 1e12),
        density_ratio=process.infill.density_ratio,
        pattern=process.infill.pattern,
        angle_deg=process.infill.angle_deg,
        overlap_ratio=process.infill.overlap_ratio,
        anchor_nm=nm(process.infill.anchor_mm),
        anchor_max_nm=nm(process.infill.anchor_max_mm),
        combine_layers=process.infill.combine_layers,
        ironing=_ironing(process.ironing, height_nm) if is_ironed else None,
        bridge_flow_ratio=process.bridges.flow_ratio,
        thick_external_bridges=process.bridges.thick_external,
        thick_internal_bridges=process.bridges.thick_internal,
        xy_nm=nm(process.compensation.xy_mm),
        hole_nm=nm(process.compensation.hole_mm),
        elephant_foot_nm=nm(process.compensation.elephant_foot_mm) if is_first else 0,
    )


def layer_specs(stack: LayerStack, resolved: Resolved) -> list[LayerSpec]:
    """One per layer, bottom up; layers of one height share the object."""
    first, *rest = (height * NM_PER_UM for height in stack.height_um.tolist())
    shared = {height: layer_spec(resolved, is_first=False, height_nm=height) for height in rest}
    specs = [
        layer_spec(resolved, is_first=True, height_nm=first, is_last=not rest),
        *(shared[height] for height in rest),
    ]
    if rest and resolved.process.ironing.surfaces is IronedSurfaces.TOPMOST:
        specs[-1] = layer_spec(resolved, is_first=False, height_nm=rest[-1], is_last=True)
    return specs


def _layers(count: int, min_thickness_mm: float, nominal_nm: int) -> int:
    """Solid layers on one side: the count, or more where they would be too thin; 0 stays 0."""
    return max(count, -(-nm(min_thickness_mm) // nominal_nm)) if count else 0


def _ironing(ironing: Ironing, height_nm: int) -> IroningBead:
    return IroningBead(nm(ironing.spacing_mm), round(height_nm * ironing.flow_ratio))
