"""Our own programs pass every rule, with or without the comments by which operators find their
way."""

from __future__ import annotations

import pytest

from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from tests.mutation.own_programs import own_case


@pytest.mark.parametrize(
    ("printer", "material"),
    [
        ("ender3-v2", "pla"),
        ("mk4s", "petg"),
        ("voron-2.4-350", "abs"),
        ("railcore-ii-300zl", "pla"),
    ],
)
def test_what_we_make_passes_every_rule(printer: str, material: str) -> None:
    """As it is written, and with its comments replaced by tags: the same to the last number."""
    case = own_case(printer, material)
    whole = audit_program(case.program, case.model, case.demand)
    assert whole.verdict is Status.PASS, [f for f in whole.findings if f.status != "PASS"]
    tags = case.audit(case.lines)
    assert (tags.measured, tags.per_layer) == (whole.measured, whole.per_layer)
    assert [(f.rule_id, f.status, f.measured) for f in tags.findings] == [
        (f.rule_id, f.status, f.measured) for f in whole.findings
    ]
