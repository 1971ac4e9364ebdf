"""LayerSpec: the resolved settings of one layer, as the integers that the passes use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from printstd.artifacts.layers import LayerStack
from printstd.dataclass import dataclass
from printstd.kernels import bead
from printstd.named_tuple import NamedTuple
from printstd.profiles.infill_models import InfillAnchoring, InfillPattern, IronedSurfaces, Ironing
from printstd.profiles.models import Process, Range, WallGenerator, Walls
from printstd.profiles.ranges import has_varied_layers, range_at, within
from printstd.profiles.resolved import Resolved
from printstd.units import NM_PER_UM, nm, um


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
class Beading:
    """Limits of walls of variable width, nm: widths of beads, and the length over which a wall
    goes from one width to another where the number of beads changes."""

    min_width_nm: int
    max_width_nm: int
    transition_nm: int


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
    support: Bead
    wall_count: int
    precise_outer: bool
    one_wall_on_top: bool
    extra_overhang_walls: bool
    is_spiral: bool
    """Of the layer nothing is laid but one wall, a turn of the spiral (`toolpath.spiral`)."""
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
    circle_chord_nm: int
    beading: Beading | None = None
    """None: walls of one width each."""
    anchors_fill: bool = False
    """What lies over the hollow inside is held there by the lines below (`infill.hollow`)."""


class Shell(NamedTuple):
    """How many layers under a surface that faces up, over one that faces down, are solid."""

    top_layers: int
    bottom_layers: int


def layer_spec(
    resolved: Resolved,
    *,
    is_first: bool,
    height_nm: int,
    is_last: bool = False,
    within_range: Range | None = None,
    shell: Shell | None = None,
) -> LayerSpec:
    """The spec of a layer `height_nm` thick.

    within_range : the range of heights that it belongs to. shell : None where all layers are as
    thick as the process says.
    """
    process = within(resolved.process, within_range)
    widths = process.widths
    first = widths.first_layer_mm if is_first else None
    nominal = nm(resolved.process.layer_height_mm)
    shell = shell or Shell(
        _layers(process.shells.top_layers, process.shells.top_min_thickness_mm, nominal),
        _layers(process.shells.bottom_layers, process.shells.bottom_min_thickness_mm, nominal),
    )
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
        support=size(widths.support_mm),
        wall_count=1 if is_first and process.walls.one_on_first_layer else process.walls.count,
        precise_outer=process.walls.precise_outer,
        one_wall_on_top=process.walls.one_on_top,
        extra_overhang_walls=process.overhangs.extra_walls,
        is_spiral=False,
        thin_walls=process.walls.thin_walls,
        gap_fill=process.walls.gap_fill,
        top_layers=shell.top_layers,
        bottom_layers=shell.bottom_layers,
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
        circle_chord_nm=nm(process.compensation.circle_chord_mm),
        beading=_beading(process.walls, resolved.nozzle_mm),
        anchors_fill=_anchors_fill(process),
    )


def _anchors_fill(process: Process) -> bool:
    match process.infill.anchoring:
        case InfillAnchoring.NEVER:
            return False
        case InfillAnchoring.WITH_SUPPORTS:
            return process.supports.enabled
        case InfillAnchoring.ALWAYS:
            return True


def _beading(walls: Walls, nozzle_mm: float) -> Beading | None:
    if walls.generator is WallGenerator.CLASSIC:
        return None
    return Beading(
        nm(walls.min_bead_width_ratio * nozzle_mm),
        nm(walls.max_bead_width_ratio * nozzle_mm),
        nm(walls.transition_length_ratio * nozzle_mm),
    )


def layer_specs(stack: LayerStack, resolved: Resolved) -> list[LayerSpec]:
    """One per layer, bottom up; layers that are alike share the object. On a raft no layer is the
    first one."""
    ranges = [range_at(resolved.process, middle) for middle in stack.slice_z_nm.tolist()]
    shells = _shells(stack, resolved, ranges)
    shared: dict[object, LayerSpec] = {}
    found = []
    heights = (stack.height_um * NM_PER_UM).tolist()
    is_topmost = resolved.process.ironing.surfaces is IronedSurfaces.TOPMOST
    for layer, (height, one, shell) in enumerate(zip(heights, ranges, shells, strict=True)):
        is_last = is_topmost and layer == stack.n_layers - 1
        is_first = layer == 0 and not resolved.process.raft.layers
        key = (is_first, is_last, height, one and one.from_mm, shell)
        if key not in shared:
            shared[key] = layer_spec(
                resolved,
                is_first=is_first,
                is_last=is_last,
                height_nm=height,
                within_range=one,
                shell=shell,
            )
        found.append(shared[key])
    return _wound(found) if resolved.process.spiral_vase.is_on else found


def _wound(specs: list[LayerSpec]) -> list[LayerSpec]:
    """Those of a spiral vase: the first layer is always flat, because it has to stick."""
    rising = max(1, specs[0].bottom_layers)
    turns = {id(spec): replace(spec, is_spiral=True) for spec in specs[rising:]}
    return [*specs[:rising], *(turns[id(spec)] for spec in specs[rising:])]


def _shells(
    stack: LayerStack, resolved: Resolved, ranges: list[Range | None]
) -> list[Shell | None]:
    """How many layers are solid at each one. Where layers are of different heights a shell is as
    many layers as its thickness needs just there: layers under a surface belong to it as long as
    what lies above them is thinner than the least thickness. None: by the nominal height."""
    if not has_varied_layers(resolved.process):
        return [None] * stack.n_layers
    top, bottom = stack.top_um, stack.top_um - stack.height_um
    found: list[Shell | None] = []
    for layer, one in enumerate(ranges):
        shells = within(resolved.process, one).shells
        highest = int(top[layer]) + um(shells.top_min_thickness_mm)
        lowest = int(bottom[layer]) - um(shells.bottom_min_thickness_mm)
        above = int(np.searchsorted(top, highest)) - layer
        below = layer + 1 - int(np.searchsorted(bottom, lowest, side="right"))
        found.append(
            Shell(
                max(shells.top_layers, above) if shells.top_layers else 0,
                max(shells.bottom_layers, below) if shells.bottom_layers else 0,
            )
        )
    return found


def _layers(count: int, min_thickness_mm: float, nominal_nm: int) -> int:
    """Solid layers on one side: the count, or more where they would be too thin; 0 stays 0."""
    return max(count, -(-nm(min_thickness_mm) // nominal_nm)) if count else 0


def _ironing(ironing: Ironing, height_nm: int) -> IroningBead:
    return IroningBead(nm(ironing.spacing_mm), round(height_nm * ironing.flow_ratio))
