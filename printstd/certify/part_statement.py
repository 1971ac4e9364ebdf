"""The statement about one part of a plate, for a customer who is to learn nothing of the others.

It names the program by its digest, the part's own model, place, findings and measured figures.
Left out is whatever the other parts show through: the program's totals and layers, lines of the
file (they tell how long it is), what rules about the whole program measured, and sentences that
name another part. What remains of those rules is that each passed. Whoever already has every model
and setting can make the program again and compare digests; nobody else learns anything from one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from printstd.artifacts.audit import Audit, Measured
from printstd.artifacts.codec import to_plain
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Finding
from printstd.certify.predicates import PART, STATEMENT_TYPE, ToolFacts
from printstd.certify.statement import (
    ModelFacts,
    finding_row,
    model_row,
    profile_rows,
    records_rows,
    standard_row,
    tool_row,
)
from printstd.certify.strict_json import canonical
from printstd.profiles.decision import Decision
from printstd.profiles.resolved import Resolved

_OF_SURROUNDINGS: Final = ("G-11",)
"""Rules whose sentence measures what lies around a part, which a plate's parts share."""
_SHARED: Final = ("filament_um", "deposited_mm3_e3")
"""Figures that hold filament of the whole program, and of its skirt."""
PROGRAM_NAME: Final = "program"
"""What it is called is its maker's business: names of files may name customers."""


def part_statements(
    *,
    program: bytes,
    models: Sequence[ModelFacts],
    resolved: Resolved,
    demand: AuditDemand,
    audit: Audit,
    decision: Decision,
    plate_payload: bytes,
    tool: ToolFacts,
    issued_at: str,
) -> dict[str, bytes]:
    """Label -> payload of ``gcode-part/v1`` for each part of a plate that passed. plate_payload :
    of the plate's own re-check statement, which each of them names."""
    labels = [part.label for part in demand.parts]
    of_model = {model.source.sha256: model for model in models}
    several = len(of_model) > 1
    subject = {"name": PROGRAM_NAME, "digest": {"sha256": hashlib.sha256(program).hexdigest()}}
    statements = {}
    for part, found in zip(demand.parts, audit.parts, strict=True):
        model = of_model[part.model_sha256]
        prefix = f"{part.label}: "
        predicate = {
            "critical": ["model", "part", "verdict"],
            "issuedAt": issued_at,
            "expiresAt": None,
            "verifier": {"id": "printstd.audit", **tool_row(tool)},
            "verdict": decision.outcome.value,
            "allowed_undecided": list(decision.allowed_undecided),
            "level": "C2",
            "plate": {"sha256": hashlib.sha256(plate_payload).hexdigest()},
            # Named, so that a revocation of it is noticed by who holds this statement alone.
            "certificate": json.loads(plate_payload)["predicate"]["certificate"],
            "part": to_plain(part),
            "model": model_row(model),
            "standard": {**standard_row(resolved), "toleranceClass": demand.tolerance_class},
            "profiles": own_profiles(resolved),
            **_own_records(resolved, several=several),
            "rules": [
                row
                for finding in audit.findings
                if (row := _row(finding, part.label, labels)) is not None
            ],
            "measured": _measured(found.measured),
            "sizes": [
                to_plain(replace(size, number=size.number.removeprefix(prefix)))
                for size in audit.sizes
                if size.number.startswith(prefix)
            ],
        }
        statements[part.label] = canonical(
            {
                "_type": STATEMENT_TYPE,
                "subject": [
                    subject,
                    {"name": model.source.name, "digest": {"sha256": model.source.sha256}},
                ],
                "predicateType": PART,
                "predicate": predicate,
            }
        )
    return statements


def _row(finding: Finding, label: str, labels: Sequence[str]) -> dict[str, Any] | None:
    """A finding as this part's customer may read it; None for one about another part."""
    about = next((own for own in labels if finding.message.startswith(f"{own}: ")), None)
    if about is None:
        return {"id": finding.rule_id, "result": finding.status.value, "message": ""}
    if about != label:
        return None
    row = finding_row(finding)
    others = [own for own in labels if own != label and not label.startswith(own)]
    message = finding.message.removeprefix(f"{label}: ")
    is_shared = finding.rule_id in _OF_SURROUNDINGS
    # A layer is the part's own; a line tells how much of the program stands before it.
    return {
        **{key: value for key, value in row.items() if key not in ("line", "z_um")},
        "message": "" if is_shared or any(other in message for other in others) else message,
    }


def _measured(measured: Measured) -> dict[str, Any]:
    plain = to_plain(measured)
    return {key: value for key, value in plain.items() if key not in _SHARED}


def own_profiles(resolved: Resolved) -> list[dict[str, Any]]:
    """Without the materials where there are several: which of them is whose."""
    rows = profile_rows(resolved)
    if not resolved.request.more_materials:
        return rows
    return [row for row in rows if not row["role"].startswith(("material", "properties"))]


def _own_records(resolved: Resolved, *, several: bool) -> dict[str, Any]:
    """An order is of one model: with others on the plate it would be somebody's."""
    found = records_rows(resolved)
    records = {
        kind: row
        for kind, row in found.get("records", {}).items()
        if not (several and kind == "order")
    }
    return {"records": records} if records else {}
