"""From resolved profiles to the auditor's demand: a conversion to integers and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from math import floor
from typing import Final, NamedTuple

from printstd.artifacts.demand import (
    AuditDemand,
    ClearanceDemand,
    Compensations,
    DrawingDemand,
    MachineLimits,
    MaterialWindow,
    PartDemand,
    PlacementDemand,
    RegionDemand,
    ToleranceRow,
    ToolDemand,
)
from printstd.artifacts.layer_plan import LayerPlan
from printstd.artifacts.mesh import Placement, SourceRef
from printstd.artifacts.plate import TowerStand
from printstd.errors import UsageError
from printstd.profiles.command_rules import command_rules
from printstd.profiles.integrity_demand import (
    exact,
    integrity_limits,
    solid_layers,
)
from printstd.profiles.layer_plan import plan_asked
from printstd.profiles.models import Fan, Material, Printer, Process
from printstd.profiles.resolved import Resolved
from printstd.profiles.tower import tower_demand
from printstd.profiles.undeclared import left_open
from printstd.profiles.wall_models import FuzzyWalls
from printstd.units import NM_PER_UNIT, nm, um
from printstd.words import said

DRAWING_RULE: Final = "G-16"
FAN_STEPS: Final = 255
"""M106 S counts in these: a share of speed is rounded down to one of them."""


def audit_demand(
    resolved: Resolved,
    *,
    placement: Placement | None,
    layers: LayerPlan,
    model_unit_nm: int,
    model_plate: int | None,
    supports_allowed: bool,
    parts: Sequence[PartDemand] = (),
    is_healed: bool = False,
    tools: Sequence[int] = (),
    tower: TowerStand | None = None,
    drawing: DrawingDemand | None = None,
) -> AuditDemand:
    """What a program for this request must satisfy, whoever makes it: the compensations that the
    request declares are meant for every program, and a model is compared with like by like.

    parts : all of the plate. tools : that make them, from 0. tower : the prime tower's place.
    drawing : the sizes that the one part must have, where `parts` does not say it.
    Raises ValueError where the request names no printer.
    """
    printer, allowlist = resolved.printer, resolved.allowlist
    if printer is None or allowlist is None:
        raise ValueError("a program is audited for a printer, and none was named")
    resolved = resolved.of_tool(min(tools, default=resolved.tool))
    used = _tools(resolved, tools)
    if len(parts) == 1:
        drawing = parts[0].drawing
    has_drawing = drawing is not None or any(part.drawing is not None for part in parts)
    is_allowed = supports_allowed or _has_supports(resolved.process)
    is_allowed |= any(one.integrity and one.integrity.supports_allowed for one in parts)
    return AuditDemand(
        dialect=printer.firmware.value,
        machine=_machine(printer, resolved.material),
        material=_for_all(_material(resolved.material), used),
        commands=command_rules(printer, allowlist),
        layers=_layers(layers, resolved.process),
        compensations=_compensations(resolved),
        placement=None if placement is None else _placement(placement),
        model_unit_nm=model_unit_nm,
        model_plate=model_plate,
        integrity=integrity_limits(resolved.process, resolved.nozzle_mm, is_allowed),
        tolerance_class=f"{resolved.designation.designation} - {resolved.tolerance_class}",
        tolerance_rows=tuple(
            ToleranceRow(um(band.over_mm), um(band.up_to_mm), um(band.deviation_mm))
            for band in resolved.bands
        ),
        heal_um=um(resolved.process.heal_gap_mm) if is_healed else 0,
        mandatory_rules=_mandatory(resolved.pack.mandatory_audit_rules, has_drawing=has_drawing),
        parts=_parts(parts, supports_allowed=is_allowed) if len(parts) > 1 else (),
        regions=parts[0].regions if len(parts) == 1 else (),
        drawing=None if len(parts) > 1 else drawing,
        clearance=_clearance(printer) if _is_by_object(resolved, len(parts)) else None,
        tools=used,
        tower=tower_demand(resolved, [tool.number for tool in used], tower),
    )


def _mandatory(rules: tuple[str, ...], *, has_drawing: bool) -> tuple[str, ...]:
    """A drawing that was given must be decided on; an empty list means every rule anyway."""
    if rules and has_drawing and DRAWING_RULE not in rules:
        return (*rules, DRAWING_RULE)
    return rules


def _parts(parts: Sequence[PartDemand], *, supports_allowed: bool) -> tuple[PartDemand, ...]:
    """Supports of one part may lie beside any other."""
    return tuple(
        one
        if one.integrity is None
        else replace(one, integrity=replace(one.integrity, supports_allowed=supports_allowed))
        for one in parts
    )


def _tools(resolved: Resolved, tools: Sequence[int]) -> tuple[ToolDemand, ...]:
    printer = resolved.printer
    if printer is None or printer.tools is None:
        return ()
    found = []
    for number in tools or (resolved.tool,):
        material = resolved.material_of(number)
        found.append(
            ToolDemand(
                number=number,
                is_shared=printer.tools.shares_nozzle,
                material=_material(material),
                filament_um=um(material.filament_diameter_mm),
                scale_xy_e6=_scale_e6(material.shrinkage_xy_ratio),
                scale_z_e6=_scale_e6(material.shrinkage_z_ratio),
            )
        )
    return tuple(found)


def _for_all(material: MaterialWindow, tools: Sequence[ToolDemand]) -> MaterialWindow:
    """With a bed that suits the materials of all tools."""
    beds = [material.bed_mc, *(tool.material.bed_mc for tool in tools)]
    return replace(material, bed_mc=(max(low for low, _ in beds), min(high for _, high in beds)))


def _is_by_object(resolved: Resolved, n_parts: int) -> bool:
    return resolved.process.plate.by_object and n_parts > 1


def _clearance(printer: Printer) -> ClearanceDemand:
    return ClearanceDemand(um(printer.clearance.radius_mm), um(printer.clearance.gantry_mm))


class OwnDemand(NamedTuple):
    """What is a part's alone. resolved : None where it is made as the rest of the plate."""

    resolved: Resolved | None
    regions: tuple[RegionDemand, ...]


_AS_ALL: Final = OwnDemand(None, ())


def part_demand(
    label: str,
    source: SourceRef,
    placement: Placement | None,
    layer_count: int | None,
    tool: int = 0,
    *,
    items: tuple[int, ...] = (),
    own: OwnDemand = _AS_ALL,
    supports_allowed: bool = False,
    is_foreign: bool = False,
    drawing: DrawingDemand | None = None,
) -> PartDemand:
    """One part of a plate. placement, layer_count : None where nobody declared them. items : of
    a project's build, where it is not all of them. drawing : the sizes that it must have.
    supports_allowed, is_foreign : as in the demand
    for the plate."""
    limits, compensations = None, None
    if own.resolved is not None:
        process = own.resolved.process
        is_allowed = supports_allowed or _has_supports(process)
        limits = integrity_limits(process, own.resolved.nozzle_mm, is_allowed)
        compensations = _compensations(own.resolved)
        if is_foreign:
            compensations = replace(compensations, polygons=True)
    return PartDemand(
        label=label,
        model_sha256=source.sha256,
        model_unit_nm=NM_PER_UNIT[source.unit],
        model_plate=source.plate,
        placement=None if placement is None else _placement(placement),
        layer_count=layer_count,
        model_items=items,
        integrity=limits,
        compensations=compensations,
        regions=own.regions,
        tool=tool,
        is_of_tool=source.extruder is not None,
        drawing=drawing,
    )


def region_demand(
    item: int, volume: int, settings: Collection[str], within: Resolved
) -> RegionDemand:
    """Of a region inside a part. item, volume : as `RegionDemand` has them. settings : dotted keys
    that the region decides; within : what holds inside it."""
    limits = integrity_limits(within.process, within.nozzle_mm, supports_allowed=False)
    bottom, top = limits.solid_layers
    return RegionDemand(
        item=item,
        volume=volume,
        infill_permille=(limits.infill_permille or (0, 0))
        if "infill.density_ratio" in settings
        else None,
        infill_shows=limits.infill_shows if "infill.pattern" in settings else "",
        min_wall_count=limits.min_wall_count if "walls.count" in settings else 0,
        bottom_layers=bottom if "shells.bottom_layers" in settings else None,
        top_layers=top if "shells.top_layers" in settings else None,
    )


def _layers(plan: LayerPlan, process: Process) -> LayerPlan:
    """The plan with the spiral that the process makes of it."""
    if not process.spiral_vase.is_on:
        return plan
    shells = process.shells
    flat = solid_layers(
        shells.bottom_layers, shells.bottom_min_thickness_mm, nm(process.layer_height_mm)
    )
    return replace(plan, spiral_from=max(1, flat), is_smooth=process.spiral_vase.is_smooth)


def foreign_demand(
    resolved: Resolved,
    source: SourceRef,
    *,
    placement: Placement | None,
    supports_allowed: bool,
    parts: Sequence[PartDemand] = (),
    is_healed: bool = False,
    tools: Sequence[int] = (),
    undeclared: Collection[str] = (),
) -> AuditDemand:
    """Of a program that anybody made: the request's limits, no declared layer count, round holes as
    circles or as the model's polygons.

    placement : None where the audit is to search for the part's place. parts : of a plate.
    undeclared : of `UNDECLARED`, what the request does not say of this program.
    """
    if "supports" in undeclared:
        supports_allowed = True
        parts = [
            one
            if one.integrity is None
            else replace(one, integrity=replace(one.integrity, supports_allowed=True))
            for one in parts
        ]
    own = audit_demand(
        resolved,
        placement=placement,
        layers=plan_asked(resolved),
        model_unit_nm=NM_PER_UNIT[source.unit],
        model_plate=source.plate,
        supports_allowed=supports_allowed,
        parts=parts,
        is_healed=is_healed,
        tools=tools,
    )
    own = replace(own, compensations=replace(own.compensations, polygons=True))
    return left_open(own, undeclared, resolved)


def declared_demand(
    resolved: Resolved,
    sources: Sequence[SourceRef],
    declared: AuditDemand,
    *,
    is_healed: bool = False,
    settings_of: Mapping[tuple[str, int, tuple[int, ...]], OwnDemand] | None = None,
    drawing: DrawingDemand | None = None,
) -> AuditDemand:
    """Of a program whose maker declared its parts' places and its layers: those are taken over
    (the audit measures both), every limit is this request's own.

    sources : the models, each once. settings_of : parts that have settings of their own, by the
    model's digest, the tool and the build items. drawing : that the parts must conform
    to. Raises UsageError where the maker was held to
    other limits than this request holds it to, or made it of other models.
    """
    place, settings = declared.placement, settings_of or {}
    by_digest = {source.sha256: source for source in sources}
    wanted = {part.model_sha256 for part in declared.parts}
    if (wanted and wanted != set(by_digest)) or (not wanted and len(by_digest) != 1):
        raise UsageError(
            said("the program was certified for other models than these"),
            where=sources[0].name,
            got=said("{count} models", count=len(by_digest)),
            wanted=said("every model that its certificate names, and no other"),
            hint=said("`printstd inspect OUT.gcode.cert.json` shows them"),
        )
    first = by_digest[declared.parts[0].model_sha256] if declared.parts else sources[0]
    own = audit_demand(
        resolved,
        placement=placement_of(place),
        layers=_declared_plan(plan_asked(resolved), declared.layers),
        model_unit_nm=NM_PER_UNIT[first.unit],
        model_plate=first.plate,
        supports_allowed=False,
        is_healed=is_healed,
        parts=[
            part_demand(
                part.label,
                by_digest[part.model_sha256],
                placement_of(part.placement),
                part.layer_count,
                part.tool,
                items=part.model_items,
                own=settings.get((part.model_sha256, part.tool, part.model_items), _AS_ALL),
                drawing=drawing,
            )
            for part in declared.parts
        ],
        tools=[tool.number for tool in declared.tools],
        drawing=drawing,
    )
    if not declared.parts:
        own = replace(own, regions=settings.get((first.sha256, resolved.tool, ()), _AS_ALL).regions)
    if own.tower is not None and declared.tower is not None:
        own = replace(own, tower=replace(own.tower, box_um=declared.tower.box_um))
    differing = [
        field.name
        for field in fields(own)
        if getattr(own, field.name) != getattr(declared, field.name)
    ]
    if differing:
        raise UsageError(
            said("the program was certified under another request than this one"),
            where=first.name,
            got=said("other {differing}", differing=", ".join(differing)),
            wanted=said(
                "the pack, class, material, process, printer and settings that its "
                "certificate names"
            ),
            hint=said("`printstd inspect OUT.gcode.cert.json` shows them"),
        )
    return own


def placement_of(place: PlacementDemand | None) -> Placement | None:
    """The declared numbers as a placement."""
    if place is None:
        return None
    return Placement(place.rotation_e9, place.translation_um, place.scale_e6)


def _placement(placement: Placement) -> PlacementDemand:
    return PlacementDemand(placement.rotation_e9, placement.translation_um, placement.scale_e6)


def _machine(printer: Printer, material: Material) -> MachineLimits:
    volume, motion = printer.volume, printer.motion
    speed, accel = motion.max_speed_mm_s, motion.max_accel_mm_s2
    wipe = volume.wipe_mm
    return MachineLimits(
        name=f"{printer.vendor} {printer.model}",
        bed_um=(um(volume.x_min_mm), um(volume.y_min_mm), um(volume.x_max_mm), um(volume.y_max_mm)),
        travel_um=(
            um(volume.travel_x_min_mm),
            um(volume.travel_y_min_mm),
            0,
            um(volume.travel_x_max_mm),
            um(volume.travel_y_max_mm),
            um(volume.z_max_mm),
        ),
        max_feed_um_s=(um(speed.x), um(speed.y), um(speed.z), um(speed.e)),
        max_nozzle_mc=printer.max_nozzle_c * 1000,
        max_bed_mc=printer.max_bed_c * 1000,
        max_retract_um=um(printer.retraction.max_length_mm),
        nozzle_um=um(printer.nozzle_mm),
        filament_um=um(material.filament_diameter_mm),
        max_accel_mm_s2=floor(
            max(
                accel.x,
                accel.y,
                motion.print_accel_mm_s2,
                motion.travel_accel_mm_s2,
                motion.retract_accel_mm_s2,
            )
        ),
        wipe_um=tuple(um(value) for value in wipe) if wipe else (),
        keep_out_um=tuple(
            (um(x0), um(y0), um(x1), um(y1), um(top))
            for x0, y0, x1, y1, top in (zone.box_mm for zone in volume.keep_out)
        ),
    )


def _material(material: Material) -> MaterialWindow:
    nozzle, bed = material.nozzle_window_c, material.bed_window_c
    return MaterialWindow(
        name=material.name,
        nozzle_mc=(nozzle[0] * 1000, nozzle[1] * 1000),
        bed_mc=(bed[0] * 1000, bed[1] * 1000),
        max_flow_mm3_s_e3=round(material.max_flow_mm3_s * 1000),
        fan_off_layers=material.fan.off_layers,
        min_fan_permille=_least_fan_permille(material.fan),
        # A full layer that is not after the last one without fan means "from the next on".
        full_fan_layer=max(material.fan.full_layer, material.fan.off_layers + 1),
        flow_permille=round(material.flow_ratio * 1000),
    )


def _least_fan_permille(fan: Fan) -> int:
    """The least share, as the whole step of M106 that it is written as."""
    steps = floor(exact(fan.min_ratio) * FAN_STEPS)
    return steps * 1000 // FAN_STEPS


def _has_supports(process: Process) -> bool:
    """A raft is one, too."""
    return process.supports.enabled or process.raft.layers > 0


def _compensations(resolved: Resolved) -> Compensations:
    own, material = resolved.process.compensation, resolved.material
    fuzzy = resolved.process.fuzzy_skin
    is_fuzzy = fuzzy.walls is not FuzzyWalls.NONE
    on_raft = resolved.process.raft.layers > 0
    return Compensations(
        xy_um=um(own.xy_mm),
        hole_um=um(own.hole_mm),
        elephant_foot_um=0 if on_raft else um(own.elephant_foot_mm),
        circles=own.circle_chord_mm > 0,
        polygons=own.circle_chord_mm == 0,
        fuzzy_um=um(fuzzy.thickness_mm) if is_fuzzy else 0,
        fuzzy_holes=fuzzy.walls is FuzzyWalls.ALL,
        scale_xy_e6=_scale_e6(material.shrinkage_xy_ratio),
        scale_z_e6=_scale_e6(material.shrinkage_z_ratio),
    )


def _scale_e6(shrinkage_ratio: float) -> int:
    """Printed over nominal: what is left after shrinking is nominal."""
    return round(1e6 / (1.0 - shrinkage_ratio))


def _declared_plan(asked: LayerPlan, declared: LayerPlan) -> LayerPlan:
    """The heights that were declared, under the conditions that this request has for them."""
    if not asked.is_varied:
        return replace(
            declared,
            is_varied=False,
            window_um=(0, 0),
            max_error_um=0,
            is_top_exact=False,
            given_um=(),
        )
    return replace(asked, count=declared.count, top_um=declared.top_um)
