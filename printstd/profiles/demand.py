"""From resolved profiles to the auditor's demand: a conversion to integers and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from fractions import Fraction
from math import ceil, floor
from typing import Final

from printstd.artifacts.demand import (
    AuditDemand,
    ClearanceDemand,
    CommandRule,
    Compensations,
    IntegrityLimits,
    LayerPlan,
    MachineLimits,
    MaterialWindow,
    PartDemand,
    PlacementDemand,
    ToleranceRow,
)
from printstd.artifacts.mesh import Placement, SourceRef
from printstd.errors import UsageError
from printstd.profiles.models import Allowlist, Fan, Material, Printer, Process
from printstd.profiles.resolved import Resolved
from printstd.units import NM_PER_UNIT, nm, um

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
) -> AuditDemand:
    """What a program for this request must satisfy, whoever makes it: the compensations that the
    request declares are meant for every program, and a model is compared with like by like.

    parts : all parts of the plate; one says nothing that the other arguments do not.

    Raises ValueError where the request names no printer.
    """
    printer, allowlist = resolved.printer, resolved.allowlist
    if printer is None or allowlist is None:
        raise ValueError("a program is audited for a printer, and none was named")
    return AuditDemand(
        dialect=printer.firmware.value,
        machine=_machine(printer, resolved.material),
        material=_material(resolved.material),
        commands=command_rules(printer, allowlist),
        layers=layers,
        compensations=_compensations(resolved),
        placement=None if placement is None else _placement(placement),
        model_unit_nm=model_unit_nm,
        model_plate=model_plate,
        integrity=_integrity(resolved.process, supports_allowed),
        tolerance_class=f"{resolved.designation.designation} - {resolved.tolerance_class}",
        tolerance_rows=tuple(
            ToleranceRow(um(band.over_mm), um(band.up_to_mm), um(band.deviation_mm))
            for band in resolved.bands
        ),
        mandatory_rules=resolved.pack.mandatory_audit_rules,
        parts=tuple(parts) if len(parts) > 1 else (),
        clearance=_clearance(printer) if _is_by_object(resolved, len(parts)) else None,
    )


def _is_by_object(resolved: Resolved, n_parts: int) -> bool:
    return resolved.process.plate.by_object and n_parts > 1


def _clearance(printer: Printer) -> ClearanceDemand:
    return ClearanceDemand(um(printer.clearance.radius_mm), um(printer.clearance.gantry_mm))


def part_demand(
    label: str, source: SourceRef, placement: Placement | None, layer_count: int | None
) -> PartDemand:
    """One part of a plate. placement, layer_count : None where nobody declared them."""
    return PartDemand(
        label=label,
        model_sha256=source.sha256,
        model_unit_nm=NM_PER_UNIT[source.unit],
        model_plate=source.plate,
        placement=None if placement is None else _placement(placement),
        layer_count=layer_count,
    )


def foreign_demand(
    resolved: Resolved,
    source: SourceRef,
    *,
    placement: Placement | None,
    supports_allowed: bool,
    parts: Sequence[PartDemand] = (),
) -> AuditDemand:
    """Of a program that anybody made: the request's limits, no declared layer count.

    placement : None where the audit is to search for the part's place. parts : of a plate.
    """
    return audit_demand(
        resolved,
        placement=placement,
        layers=LayerPlan(
            first_um=um(resolved.process.first_layer_height_mm),
            height_um=um(resolved.process.layer_height_mm),
            count=None,
        ),
        model_unit_nm=NM_PER_UNIT[source.unit],
        model_plate=source.plate,
        supports_allowed=supports_allowed,
        parts=parts,
    )


def declared_demand(
    resolved: Resolved, sources: Sequence[SourceRef], declared: AuditDemand
) -> AuditDemand:
    """Of a program whose maker declared its parts' places and its layers: those are taken over
    (the audit measures both), every limit is this request's own.

    sources : the models, each once. Raises UsageError where the maker was held to other limits than
    this request holds it to, or made it of other models.
    """
    place = declared.placement
    by_digest = {source.sha256: source for source in sources}
    wanted = {part.model_sha256 for part in declared.parts}
    if (wanted and wanted != set(by_digest)) or (not wanted and len(by_digest) != 1):
        raise UsageError(
            "the program was certified for other models than these",
            where=sources[0].name,
            got=f"{len(by_digest)} models",
            wanted="every model that its certificate names, and no other",
            hint="`printstd inspect OUT.gcode.cert.json` shows them",
        )
    first = by_digest[declared.parts[0].model_sha256] if declared.parts else sources[0]
    own = audit_demand(
        resolved,
        placement=_declared(place),
        layers=declared.layers,
        model_unit_nm=NM_PER_UNIT[first.unit],
        model_plate=first.plate,
        supports_allowed=False,
        parts=[
            part_demand(
                part.label,
                by_digest[part.model_sha256],
                _declared(part.placement),
                part.layer_count,
            )
            for part in declared.parts
        ],
    )
    differing = [
        field.name
        for field in fields(own)
        if getattr(own, field.name) != getattr(declared, field.name)
    ]
    if differing:
        raise UsageError(
            "the program was certified under another request than this one",
            where=first.name,
            got=f"other {', '.join(differing)}",
            wanted="the pack, class, material, process, printer and settings that its "
            "certificate names",
            hint="`printstd inspect OUT.gcode.cert.json` shows them",
        )
    return own


def _declared(place: PlacementDemand | None) -> Placement | None:
    if place is None:
        return None
    return Placement(place.rotation_e9, place.translation_um, place.scale_e6)


def command_rules(printer: Printer, allowlist: Allowlist) -> tuple[CommandRule, ...]:
    """The allow-list's commands and the printer's declared macros."""
    commands = tuple(
        CommandRule(rule.command, rule.letters, rule.meaning, rule.max_count, rule.where)
        for rule in allowlist.commands
    )
    macros = tuple(
        CommandRule(macro.name, " ".join(macro.parameters), "macro", expansion=macro.expansion)
        for macro in printer.macros
    )
    return commands + macros


def _placement(placement: Placement) -> PlacementDemand:
    return PlacementDemand(placement.rotation_e9, placement.translation_um, placement.scale_e6)


def _machine(printer: Printer, material: Material) -> MachineLimits:
    volume, motion = printer.volume, printer.motion
    speed, accel = motion.max_speed_mm_s, motion.max_accel_mm_s2
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
    steps = floor(_exact(fan.min_ratio) * FAN_STEPS)
    return steps * 1000 // FAN_STEPS


def _compensations(resolved: Resolved) -> Compensations:
    own, material = resolved.process.compensation, resolved.material
    return Compensations(
        xy_um=um(own.xy_mm),
        hole_um=um(own.hole_mm),
        elephant_foot_um=um(own.elephant_foot_mm),
        scale_xy_e6=_scale_e6(material.shrinkage_xy_ratio),
        scale_z_e6=_scale_e6(material.shrinkage_z_ratio),
    )


def _scale_e6(shrinkage_ratio: float) -> int:
    """Printed over nominal: what is left after shrinking is nominal."""
    return round(1e6 / (1.0 - shrinkage_ratio))


def _integrity(process: Process, supports_allowed: bool) -> IntegrityLimits:
    limits, shells = process.integrity, process.shells
    height_nm = nm(process.layer_height_mm)
    return IntegrityLimits(
        outward_um=um(limits.outward_mm),
        inward_um=um(limits.inward_mm),
        contiguous_um=um(limits.contiguous_mm),
        solid_fill_permille=_window(limits.solid_fill_ratio),
        infill_permille=_infill_window(process),
        min_wall_count=process.walls.count,
        solid_layers=(
            _solid_layers(shells.bottom_layers, shells.bottom_min_thickness_mm, height_nm),
            _solid_layers(shells.top_layers, shells.top_min_thickness_mm, height_nm),
        ),
        volume_permille=_window(limits.volume_ratio),
        air_um=um(limits.max_air_mm),
        supports_allowed=supports_allowed,
        adhesion_allowed=process.adhesion.skirt_loops > 0 or process.adhesion.brim_width_mm > 0,
    )


def _infill_window(process: Process) -> tuple[int, int] | None:
    """Declared density times the window; a hollow part declares none."""
    density = _exact(process.infill.density_ratio)
    if density == 0:
        return None
    low, high = process.integrity.infill_window_ratio
    return (floor(density * _exact(low) * 1000), ceil(density * _exact(high) * 1000))


def _solid_layers(count: int, min_thickness_mm: float, height_nm: int) -> int:
    """Solid layers on one side: the count, or more where they would be too thin; 0 stays 0."""
    return max(count, -(-nm(min_thickness_mm) // height_nm)) if count else 0


def _window(ratios: tuple[float, float]) -> tuple[int, int]:
    return (floor(_exact(ratios[0]) * 1000), ceil(_exact(ratios[1]) * 1000))


def _exact(value: float) -> Fraction:
    """The number that the profile's author wrote, not the float nearest to it."""
    return Fraction(repr(value))
