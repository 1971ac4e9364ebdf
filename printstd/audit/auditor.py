"""The audit of one program: read it, follow it, lay its beads, compare them with the model."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from printstd.artifacts.audit import Audit, MeasuredPart, Motion
from printstd.artifacts.demand import AuditDemand, PartDemand, RegionDemand
from printstd.artifacts.finding import Finding
from printstd.audit.bead_models import BeadModel
from printstd.audit.claims import claimed_demand
from printstd.audit.gather import gather, read
from printstd.audit.model import read_solid
from printstd.audit.model_3mf import items_3mf
from printstd.audit.motion import motion_of
from printstd.audit.plate import gather_plate
from printstd.audit.registry import RULES
from printstd.audit.summary import measured_of, measured_of_plate, per_layer_of
from printstd.errors import InputError
from printstd.ports import Executor, Progress
from printstd.words import listed, said


def audit_program(
    gcode: bytes,
    model: bytes | Sequence[bytes],
    demand: AuditDemand,
    *,
    model_name: str = "",
    executor: Executor | None = None,
    progress: Progress | None = None,
    bead_model: BeadModel = BeadModel.STADIUM,
) -> Audit:
    """Judge the bytes of a program against the bytes of a model under one demand.

    model : of a plate, all models that its demand names, in any order. bead_model : what a bead is
    taken for where one model has to be; of one part, to show that no verdict turns over with it.

    The same answer for the same three, whoever made the program and however many workers help.
    Raises InputError where a model cannot be read, or one of a plate's is not there; whatever is
    wrong with the program is a finding.
    """
    models = [model] if isinstance(model, bytes) else list(model)
    if demand.parts:
        return _audit_plate(gcode, models, demand, executor, progress)
    if len(models) != 1:
        raise InputError(
            said("a demand for one part takes one model"),
            got=said("{count} models", count=len(models)),
        )
    solid = read_solid(models[0], plate=demand.model_plate, regions=_regions(demand.regions))
    evidence = gather(
        gcode, solid, demand, executor=executor, progress=progress, bead_model=bead_model
    )
    findings: list[Finding] = []
    for rule in RULES.values():
        findings += rule.findings(evidence)
    return Audit(
        program_sha256=hashlib.sha256(gcode).hexdigest(),
        model_sha256=hashlib.sha256(models[0]).hexdigest(),
        findings=tuple(findings),
        rules_run=tuple(RULES),
        measured=measured_of(evidence),
        per_layer=per_layer_of([evidence]),
        sizes=evidence.sizes_found,
    )


def _audit_plate(
    gcode: bytes,
    models: Sequence[bytes],
    demand: AuditDemand,
    executor: Executor | None,
    progress: Progress | None,
) -> Audit:
    """Rules about geometry ask every part, and say which; all others ask the program once."""
    by_digest = {hashlib.sha256(model).hexdigest(): model for model in models}
    wanted = {part.model_sha256 for part in demand.parts}
    if set(by_digest) != wanted:
        raise InputError(
            said("these are not the models of this plate"),
            got=", ".join(sorted(by_digest)),
            wanted=", ".join(sorted(wanted)),
            hint=said("give every model of the plate, the very files, each once"),
        )
    solids = {
        key: read_solid(
            by_digest[key.sha256],
            plate=key.plate,
            items=key.items,
            regions=key.regions,
            extruder=key.extruder,
        )
        for key in dict.fromkeys(map(_solid_key, demand.parts))
    }
    _check_all_judged(by_digest, demand)
    own = [solids[_solid_key(part)] for part in demand.parts]
    whole, evidence = gather_plate(gcode, own, demand, executor=executor, progress=progress)
    findings: list[Finding] = []
    for rule in RULES.values():
        if not rule.is_about_part:
            findings += rule.findings(whole)
            continue
        for part, of_part in zip(demand.parts, evidence, strict=True):
            findings += (
                replace(finding, message=listed((part.label, finding.message), ": "))
                for finding in rule.findings(of_part)
            )
    parts = tuple(
        MeasuredPart(part.label, part.model_sha256, measured_of(of_part))
        for part, of_part in zip(demand.parts, evidence, strict=True)
    )
    return Audit(
        program_sha256=hashlib.sha256(gcode).hexdigest(),
        model_sha256=demand.parts[0].model_sha256,
        findings=tuple(findings),
        rules_run=tuple(RULES),
        measured=measured_of_plate(whole, parts),
        per_layer=per_layer_of(evidence),
        parts=parts,
        sizes=tuple(
            replace(size, number=f"{part.label}: {size.number}")
            for part, of_part in zip(demand.parts, evidence, strict=True)
            for size in of_part.sizes_found
        ),
    )


class _SolidKey(NamedTuple):
    """What of which model file a part is. extruder : from 1; None: of all."""

    sha256: str
    plate: int | None
    items: tuple[int, ...]
    regions: tuple[tuple[int, int], ...]
    extruder: int | None


def _solid_key(part: PartDemand) -> _SolidKey:
    return _SolidKey(
        part.model_sha256,
        part.model_plate,
        part.model_items,
        _regions(part.regions),
        part.tool + 1 if part.is_of_tool else None,
    )


def _regions(demands: Sequence[RegionDemand]) -> tuple[tuple[int, int], ...]:
    return tuple((one.item, one.volume) for one in demands)


def _check_all_judged(models: Mapping[str, bytes], demand: AuditDemand) -> None:
    """A demand that names build items of a project names all that are printed: none goes
    unjudged."""
    keys = list(dict.fromkeys(map(_solid_key, demand.parts)))
    for sha256, plate, _, _, extruder in keys:
        of_file = [
            key.items
            for key in keys
            if (key.sha256, key.plate, key.extruder) == (sha256, plate, extruder)
        ]
        named = {item for items in of_file for item in items}
        if not named:
            continue
        printed = items_3mf(models[sha256], plate, extruder)
        if () in of_file or named != printed:
            raise InputError(
                said("the demand does not divide the project among its parts"),
                got=said("build items {named}", named=sorted(named)),
                wanted=said("build items {printed}", printed=sorted(printed)),
                code="AUD-MODEL",
            )


def read_motion(gcode: bytes, demand: AuditDemand | None = None) -> Motion:
    """Every move of a program as the auditor reads it, arcs cut to chords, for pictures.

    demand : who made it for which machine; None where nobody knows: then what it says of itself.
    """
    # Some slicers end their lines as Windows does; a picture need not mind.
    gcode = gcode.replace(b"\r\n", b"\n")
    known = demand or claimed_demand(gcode)
    return motion_of(read(gcode, known).track, gcode, known)
