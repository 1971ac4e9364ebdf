"""One honest part in the dialects of other slicers: its lists of commands and what is asked for."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from printstd.artifacts.audit import Audit
from printstd.artifacts.demand import AuditDemand, CommandRule
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from tests.mutation.demands import placed, plain_demand
from tests.mutation.tiny_slicer import Recipe, as_bytes, plate_with_pin, prism_stl, slice_prism

LISTS: Final = Path(__file__).parents[2] / "profiles" / "allowlists"
LAYERS: Final = 14
MODEL: Final = prism_stl(plate_with_pin(), LAYERS * 0.2)
HONEST: Final = slice_prism(plate_with_pin(), Recipe(layers=LAYERS))

Lines = Sequence[str]


def rules_of(name: str) -> tuple[CommandRule, ...]:
    rows = tomllib.loads((LISTS / f"{name}.toml").read_text("utf-8"))["commands"]
    return tuple(
        CommandRule(
            row["command"],
            row["letters"],
            row["meaning"],
            row.get("max_count", 0),
            row.get("where", "any"),
        )
        for row in rows
    )


def demand(dialect: str, allowlist: str, macros: Sequence[CommandRule] = ()) -> AuditDemand:
    base = placed(plain_demand(count=LAYERS), 125_000, 105_000)
    machine = replace(base.machine, max_accel_mm_s2=20_000)
    commands = (*rules_of(allowlist), *macros)
    return replace(base, dialect=dialect, commands=commands, machine=machine)


def body() -> list[str]:
    """The part alone: from the first layer's mark to the last bead."""
    return HONEST[HONEST.index(";LAYER:0") : HONEST.index("M104 S0")]


def found_in(lines: Lines, asked: AuditDemand) -> Audit:
    return audit_program(as_bytes(lines), MODEL, asked)


def rules_failed(audit: Audit) -> set[str]:
    return {finding.rule_id for finding in audit.findings if finding.status is Status.FAIL}
