"""The two statements: what was made from what, and what the finished program really does.

In-toto Statement v1 with our own predicate types (facts of certification 3.1, 3.2). No
floats: lengths in integer um or nm, measured values as decimal strings, times in UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from printstd.artifacts.audit import Audit
from printstd.artifacts.codec import to_plain
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Finding, Report
from printstd.artifacts.mesh import Placement, SourceRef
from printstd.artifacts.program import Totals
from printstd.certify.c14n import commands_sha256
from printstd.certify.predicates import GENERATION, RECHECK, STATEMENT_TYPE, ToolFacts
from printstd.certify.strict_json import canonical
from printstd.profiles.decision import Decision
from printstd.profiles.resolved import Resolved


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The model as it was understood."""

    source: SourceRef
    triangles: int
    box_um: tuple[int, int, int]
    volume_um3: int


def _decimal(value: float | None) -> str | None:
    """A measured number as text: nine significant digits, never exponent-only surprises."""
    return None if value is None else f"{value:.9g}"


def _finding_row(finding: Finding) -> dict[str, Any]:
    layers = [w.layer for w in finding.where if w.layer is not None]
    lines = [w.line for w in finding.where if w.line is not None]
    return {
        "id": finding.rule_id,
        "result": finding.status.value,
        "measured": _decimal(finding.measured),
        "limit": _decimal(finding.limit),
        "unit": finding.unit,
        "source": finding.source,
        "message": finding.message,
        "layer": layers[0] if layers else None,
        "line": lines[0] if lines else None,
    }


def _model_row(model: ModelFacts) -> dict[str, Any]:
    return {
        "role": "model",
        "name": model.source.name,
        "digest": {"sha256": model.source.sha256},
        "format": model.source.format,
        "unit": model.source.unit.value,
        "unit_stated": model.source.is_unit_stated,
        "plate": model.source.plate,
        "size_bytes": model.source.size_bytes,
        "triangles": model.triangles,
        "box_um": list(model.box_um),
        "volume_um3": str(model.volume_um3),
    }


def _standard_row(resolved: Resolved) -> dict[str, Any]:
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
        "digests": dict(sorted(resolved.digests.items())),
        "printer_proven": resolved.printer.proven if resolved.printer else None,
    }


def _statement(subject: Sequence[Mapping[str, Any]], kind: str, predicate: Any) -> bytes:
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": list(subject),
            "predicateType": kind,
            "predicate": predicate,
        }
    )


def subjects(name: str, program: bytes) -> list[dict[str, Any]]:
    """The file's own bytes first, then its canonical command stream."""
    return [
        {"name": name, "digest": {"sha256": hashlib.sha256(program).hexdigest()}},
        {"name": f"{name}#c14n-v1", "digest": {"sha256": commands_sha256(program)}},
    ]


def generation_statement(
    *,
    name: str,
    program: bytes,
    totals: Totals,
    model: ModelFacts,
    resolved: Resolved,
    placement: Placement,
    demand: AuditDemand,
    report: Report,
    tool: ToolFacts,
    issued_at: str,
) -> bytes:
    """The payload of ``gcode-certificate/v1``: what was made from what, with which settings."""
    request = resolved.request
    predicate = {
        "critical": ["demand", "recipe"],
        "issuedAt": issued_at,
        "inputs": [_model_row(model)],
        "standard": _standard_row(resolved),
        "recipe": {
            "pack": request.pack,
            "class": resolved.tolerance_class,
            "material": request.material,
            "process": request.process,
            "printer": request.printer,
            "overrides": [list(pair) for pair in request.overrides],
            "placement": to_plain(placement),
        },
        "demand": to_plain(demand),
        "checks": [_finding_row(f) for f in report.findings],
        "totals": to_plain(totals),
        "tool": {"name": "printstd", **to_plain(tool)},
        "reproducible": {
            "claim": "same input, same bytes, on the tested platforms",
            "env": [f"{name}=={version}" for name, version in tool.dependencies],
        },
    }
    return _statement(subjects(name, program), GENERATION, predicate)


def recheck_statement(
    *,
    name: str,
    program: bytes,
    model: ModelFacts,
    resolved: Resolved,
    demand: AuditDemand,
    audit: Audit,
    decision: Decision,
    generation_payload: bytes | None,
    tool: ToolFacts,
    issued_at: str,
) -> bytes:
    """The payload of ``gcode-recheck/v1``: what the finished bytes were found to do."""
    heard = {finding.rule_id for finding in audit.findings}
    layers = "".join(f"{z} {area} {fed} {dev}\n" for z, area, fed, dev in audit.per_layer)
    predicate = {
        "critical": ["demand", "model", "verdict"],
        "issuedAt": issued_at,
        "verifier": {"id": "printstd.audit", **to_plain(tool)},
        "certificate": (
            {"sha256": hashlib.sha256(generation_payload).hexdigest()}
            if generation_payload is not None
            else None
        ),
        "verdict": decision.outcome.value,
        "allowed_undecided": list(decision.allowed_undecided),
        "model": _model_row(model),
        "standard": _standard_row(resolved),
        "demand": to_plain(demand),
        "rules": [_finding_row(f) for f in audit.findings],
        "measured": to_plain(audit.measured),
        "perLayer": {
            "count": len(audit.per_layer),
            "columns": "z_um area_um2 deposited_mm3_e3 worst_deviation_nm",
            "digest": {"sha256": hashlib.sha256(layers.encode("ascii")).hexdigest()},
        },
        "skipped": sorted(set(audit.rules_run) - heard),
    }
    return _statement(subjects(name, program), RECHECK, predicate)
