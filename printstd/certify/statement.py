"""The two statements: what was made from what, and what the finished program really does.

In-toto Statement v1 with our own predicate types (facts of certification 3.1, 3.2). No
floats: lengths in integer um or nm, measured values as decimal strings, times in UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from printstd.artifacts.audit import Audit, LayerMeasured
from printstd.artifacts.cad import CadSource
from printstd.artifacts.codec import to_plain
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Finding, Report
from printstd.artifacts.mesh import Placement, SourceRef
from printstd.artifacts.program import Totals
from printstd.certify.c14n import commands_sha256
from printstd.certify.predicates import GENERATION, RECHECK, STATEMENT_TYPE, ToolFacts
from printstd.certify.recipe import OrderRow, order_row
from printstd.certify.strict_json import canonical
from printstd.profiles.decision import Decision
from printstd.profiles.models import Printer
from printstd.profiles.proof import proof_of
from printstd.profiles.resolved import Resolved


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The model as it was understood."""

    source: SourceRef
    triangles: int
    box_um: tuple[int, int, int]
    volume_um3: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a program. model : which of the statement's models it is. items : of a project
    the build items that it is, empty: all. settings : (key of the process, value) that the project
    gives it for its own. regions : (build item, volume, settings) of the volumes inside which
    others hold."""

    label: str
    model: int
    placement: Placement
    items: tuple[int, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    regions: tuple[tuple[int, int, tuple[tuple[str, str], ...]], ...] = ()


def generation_statement(
    *,
    name: str,
    program: bytes,
    totals: Totals,
    models: Sequence[ModelFacts],
    machine_name: str,
    parts: Sequence[Part],
    resolved: Resolved,
    demand: AuditDemand,
    report: Report,
    tool: ToolFacts,
    issued_at: str,
    orders: Sequence[OrderRow] = (),
    container_sha256: str | None = None,
) -> bytes:
    """The payload of ``gcode-certificate/v1``: what was made from what, with which settings.

    models : each once. parts : every copy of every model, one where the program is of one part.
    orders : what was asked of each model; with them the program can be made again.
    container_sha256 : of the file that the program travels in, see `subjects`.
    machine_name : ASCII name of the file on the machine.
    """
    request = resolved.request
    is_plate = len(parts) > 1
    predicate = {
        "critical": ["demand", "recipe", *(["parts"] if is_plate else [])],
        "issuedAt": issued_at,
        "expiresAt": None,
        "inputs": [model_row(model) for model in models],
        "standard": standard_row(resolved),
        "profiles": profile_rows(resolved),
        **records_rows(resolved),
        "machineName": machine_name,
        **(
            {"parts": [_part_row(part, models) for part in parts]}
            if is_plate
            else {"partLabel": parts[0].label}
        ),
        "recipe": {
            "pack": request.pack,
            "class": resolved.tolerance_class,
            "material": request.material,
            **({"moreMaterials": list(request.more_materials)} if request.more_materials else {}),
            "process": request.process,
            "printer": request.printer,
            "overrides": [list(pair) for pair in request.overrides],
            "epoch": resolved.epoch.number,
            **({} if is_plate else {"placement": to_plain(parts[0].placement)}),
            "heal": demand.heal_um > 0,
            **({"orders": [order_row(row) for row in orders]} if orders else {}),
            **({} if is_plate else _own_row(parts[0])),
        },
        "demand": to_plain(demand),
        "checks": [finding_row(f) for f in report.findings],
        "totals": to_plain(totals),
        "tool": {"name": "printstd", **tool_row(tool)},
        "reproducible": {
            "claim": "same input, same bytes, on the tested platforms",
            "env": [f"{name}=={version}" for name, version in tool.dependencies],
        },
    }
    about = subjects(name, program, container_sha256)
    serial = _serial(_statement(about, GENERATION, predicate), issued_at)
    return _statement(about, GENERATION, {**predicate, "serial": serial})


def recheck_statement(
    *,
    name: str,
    program: bytes,
    models: Sequence[ModelFacts],
    resolved: Resolved,
    demand: AuditDemand,
    audit: Audit,
    decision: Decision,
    generation_payload: bytes | None,
    tool: ToolFacts,
    issued_at: str,
    container_sha256: str | None = None,
) -> bytes:
    """The payload of ``gcode-recheck/v1``: what the finished bytes were found to do."""
    heard = {finding.rule_id for finding in audit.findings}
    z_um = [layer.z_um for layer in audit.per_layer]
    rows = [["-" if cell is None else cell for cell in layer] for layer in audit.per_layer]
    columns = "".join(" ".join(map(str, row)) + "\n" for row in rows)
    plain_demand = to_plain(demand)
    predicate = {
        **_recheck_head(models, resolved, decision, tool, issued_at),
        "level": "C2",
        "certificate": (
            {"sha256": hashlib.sha256(generation_payload).hexdigest()}
            if generation_payload is not None
            else None
        ),
        "policy": {"digest": {"sha256": hashlib.sha256(canonical(plain_demand)).hexdigest()}},
        "demand": plain_demand,
        "rules": [finding_row(f, z_um) for f in audit.findings],
        "measured": to_plain(audit.measured),
        **({"measuredParts": to_plain(audit.parts)} if audit.parts else {}),
        "perLayer": {
            "count": len(audit.per_layer),
            "columns": " ".join(LayerMeasured._fields),
            "rows": to_plain(audit.per_layer),
            "digest": {"sha256": hashlib.sha256(columns.encode("ascii")).hexdigest()},
        },
        "skipped": sorted(set(audit.rules_run) - heard),
    }
    return _statement(subjects(name, program, container_sha256), RECHECK, predicate)


def refusal_statement(
    *,
    models: Sequence[ModelFacts],
    resolved: Resolved,
    report: Report,
    decision: Decision,
    tool: ToolFacts,
    issued_at: str,
) -> bytes:
    """The payload of a ``gcode-recheck/v1`` that says no to the model itself: no program was
    made, so the subject is the model and there is no demand to hold a program against."""
    predicate = {
        **_recheck_head(models, resolved, decision, tool, issued_at),
        "critical": [_models_key(models), "verdict"],
        "certificate": None,
        "demand": None,
        "rules": [],
        "checks": [finding_row(f) for f in report.findings],
        "skipped": list(report.missing_rules()),
    }
    subject = [
        {"name": model_name(model.source), "digest": {"sha256": model.source.sha256}}
        for model in models
    ]
    return _statement(subject, RECHECK, predicate)


def subjects(
    name: str, program: bytes, container_sha256: str | None = None
) -> list[dict[str, Any]]:
    """The program's own bytes first, then its canonical command stream, then what else of the file
    around it is signed (`carriers.bgcode`)."""
    found = [
        {"name": name, "digest": {"sha256": hashlib.sha256(program).hexdigest()}},
        {"name": f"{name}#c14n-v1", "digest": {"sha256": commands_sha256(program)}},
    ]
    if container_sha256 is not None:
        found.append({"name": f"{name}#bgcode-v1", "digest": {"sha256": container_sha256}})
    return found


def _statement(subject: Sequence[Mapping[str, Any]], kind: str, predicate: Any) -> bytes:
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": list(subject),
            "predicateType": kind,
            "predicate": predicate,
        }
    )


def _models_key(models: Sequence[ModelFacts]) -> str:
    """A reader that knows of one model alone must not read half of several."""
    return "model" if len(models) == 1 else "models"


def _recheck_head(
    models: Sequence[ModelFacts],
    resolved: Resolved,
    decision: Decision,
    tool: ToolFacts,
    issued_at: str,
) -> dict[str, Any]:
    return {
        "critical": ["demand", _models_key(models), "verdict"],
        "issuedAt": issued_at,
        "expiresAt": None,
        "verifier": {"id": "printstd.audit", **tool_row(tool)},
        "verdict": decision.outcome.value,
        "allowed_undecided": list(decision.allowed_undecided),
        _models_key(models): (
            model_row(models[0]) if len(models) == 1 else [model_row(m) for m in models]
        ),
        "standard": standard_row(resolved),
        "profiles": profile_rows(resolved),
        **records_rows(resolved),
    }


def records_rows(resolved: Resolved) -> dict[str, Any]:
    """Of the order and the feedstock, where their records were given: what identifies them, and the
    digest of the record. Not there means that none was given; readers who know nothing of records
    lose nothing that the verdict rests on, so they are not critical."""
    order, spool = resolved.records.order, resolved.records.feedstock
    found: dict[str, Any] = {}
    if order is not None:
        says = order.says
        told = {
            "id": says.order.id,
            "part": says.order.part_name,
            "drawing": says.part.drawing.number,
            "changeIndex": says.part.drawing.index,
        }
        found["order"] = _record_row(order.name, order.sha256, told)
    if spool is not None:
        own = spool.says.filament
        told = {"manufacturer": own.manufacturer, "polymer": own.polymer, "lot": own.lot}
        found["feedstock"] = _record_row(spool.name, spool.sha256, told)
    capability = resolved.records.capability
    if capability is not None:
        machine = capability.says.machine
        told = {
            "printer": machine.printer,
            "serial": machine.serial,
            "validUntil": capability.says.valid_until,
            "key": capability.key_id,
        }
        found["capability"] = _record_row(capability.name, capability.sha256, told)
    return {"records": found} if found else {}


def _record_row(name: str, sha256: str, told: Mapping[str, str | None]) -> dict[str, Any]:
    said = {key: text for key, text in told.items() if text is not None}
    return {"name": name, "digest": {"sha256": sha256}, "says": said}


def _part_row(part: Part, models: Sequence[ModelFacts]) -> dict[str, Any]:
    return {
        "label": part.label,
        "model": {"sha256": models[part.model].source.sha256},
        "placement": to_plain(part.placement),
        **_own_row(part),
    }


def _own_row(part: Part) -> dict[str, Any]:
    """Where it is not a whole model made as the recipe says."""
    return {
        **({"items": list(part.items)} if part.items else {}),
        **({"ownSettings": [list(pair) for pair in part.settings]} if part.settings else {}),
        **({"regions": [_region_row(*region) for region in part.regions]} if part.regions else {}),
    }


def _region_row(item: int, volume: int, settings: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    return {"item": item, "volume": volume, "ownSettings": [list(pair) for pair in settings]}


def _serial(rest: bytes, issued_at: str) -> str:
    """A name to quote on paper: the day, and 48 bits of all else that the statement says. So two
    certificates have one number only where they are one: the same model made in the same second
    under two names is two. rest : the statement without it."""
    return f"{issued_at[:10].replace('-', '')}-{hashlib.sha256(rest).hexdigest()[:12]}"


def _decimal(value: float | None) -> str | None:
    """A measured number as text of nine significant digits."""
    return None if value is None else f"{value:.9g}"


def finding_row(finding: Finding, z_um: Sequence[int] = ()) -> dict[str, Any]:
    layer = next((w.layer for w in finding.where if w.layer is not None), None)
    return {
        "id": finding.rule_id,
        "result": finding.status.value,
        "measured": _decimal(finding.measured),
        "limit": _decimal(finding.limit),
        "unit": finding.unit,
        "source": finding.source,
        "message": finding.message,
        "layer": layer,
        "line": next((w.line for w in finding.where if w.line is not None), None),
        "z_um": z_um[layer] if layer is not None and 0 <= layer < len(z_um) else None,
    }


def model_row(model: ModelFacts) -> dict[str, Any]:
    """Of a CAD file the model is its mesh, which is what was made, audited and measured; the row
    says of which file, and how far the mesh strays from it."""
    cad = model.source.cad
    return {
        "role": "model",
        "name": model_name(model.source),
        "digest": {"sha256": model.source.sha256},
        "format": model.source.format if cad is None else "stl-binary",
        "unit": model.source.unit.value,
        "unit_stated": model.source.is_unit_stated,
        "plate": model.source.plate,
        "size_bytes": model.source.size_bytes,
        "triangles": model.triangles,
        "bbox_um": list(model.box_um),
        "volume_um3": str(model.volume_um3),
        **({} if cad is None else {"tessellatedFrom": _cad_row(model.source.name, cad)}),
    }


def model_name(source: SourceRef) -> str:
    """``part.stl``; of the mesh of a CAD file ``part.step#mesh``: it is not the file's digest that
    stands beside it."""
    return source.name if source.cad is None else f"{source.name}#mesh"


def _cad_row(name: str, cad: CadSource) -> dict[str, Any]:
    return {
        "name": name,
        "digest": {"sha256": cad.sha256},
        "size_bytes": cad.size_bytes,
        "unit": cad.unit.value,
        "deflection_nm": cad.deflection_nm,
        "chord_nm": cad.chord_nm,
        "chord_limit_nm": cad.chord_limit_nm,
        "chord_limit_from": str(cad.limit_from),
        "faces": cad.faces,
        "free_faces": cad.free_faces,
        "tessellator": cad.tessellator,
    }


def standard_row(resolved: Resolved) -> dict[str, Any]:
    designation = resolved.designation
    return {
        "pack": resolved.pack.id,
        "indication": resolved.indication,
        "designation": designation.designation,
        "edition": designation.edition,
        "degree": designation.degree,
        "status": designation.status.value,
        "status_note": designation.status_note,
        "status_checked_on": designation.status_checked_on.isoformat(),
        "document_title": dict(sorted(resolved.pack.document_title.items())),
        **_proof_row(resolved.printer),
    }


def _proof_row(printer: Printer | None) -> dict[str, Any]:
    """How far the printer's profile is proven, and by what."""
    if printer is None:
        return {"printer_proven": None}
    proof = proof_of(printer)
    if proof.how == "parsed":
        return {"printer_proven": proof.how}
    return {
        "printer_proven": proof.how,
        "printer_proof": {
            "by": proof.by,
            "on": proof.on.isoformat() if proof.on else None,
            "digest": {"sha256": proof.of},
            **({"not_run": list(proof.not_run)} if proof.not_run else {}),
        },
    }


def profile_rows(resolved: Resolved) -> list[dict[str, Any]]:
    """Every profile that took part, with the digest of its resolved values."""
    request, printer, table = resolved.request, resolved.printer, resolved.pack.geometrical
    ids = {
        "pack": request.pack,
        "standard": f"{resolved.table.id}:{resolved.tolerance_class}",
        "grades": resolved.grades.id if resolved.grades else None,
        "geometrical": f"{table.table}:{resolved.geometrical_class}" if table else None,
        "material": request.material,
        "printer": request.printer,
        "process": request.process,
        "dialect": printer.firmware.value if printer else None,
        "allowlist": printer.allowlist if printer else None,
        **{f"material_{n}": name for n, name in enumerate(request.more_materials, start=2)},
        "properties": request.material,
        **{f"properties_{n}": name for n, name in enumerate(request.more_materials, start=2)},
    }
    return [
        {"role": role, "id": ids.get(role), "digest": {"sha256": digest}}
        for role, digest in sorted(resolved.digests.items())
    ]


def tool_row(tool: ToolFacts) -> dict[str, Any]:
    return {
        "version": tool.version,
        "digest": {"sha256": tool.sha256},
        "python": tool.python,
        "platform": tool.platform,
        "dependencies": [{"name": name, "version": version} for name, version in tool.dependencies],
    }
