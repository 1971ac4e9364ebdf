"""What a coordinator looks at before it signs what a worker stated.

The key is here and the work was done elsewhere, so nothing is signed but statements about the very
file that was asked for: its digest, the profiles that were resolved here, this tool, the time that
was given, the program whose bytes lie here. What a worker measured is its word: workers are part of
who is trusted, and whoever does not trust them has the programs re-checked by another key (C3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from printstd.certify.c14n import commands_sha256
from printstd.certify.predicates import GENERATION, ToolFacts
from printstd.certify.reading import Said, read_statement
from printstd.certify.statement import profile_rows, records_rows
from printstd.certify.strict_json import StrictJsonError
from printstd.errors import OutsideError
from printstd.profiles.decision import Outcome
from printstd.profiles.resolved import Resolved
from printstd.words import said


@dataclass(frozen=True, slots=True)
class Asked:
    """What the statements must be about. input_sha256 : of the file that was given. with_failure :
    a no may be signed. allowed_undecided : rules that may stay undecided."""

    input_sha256: str
    resolved: Resolved
    tool: ToolFacts
    now: str
    with_failure: bool
    allowed_undecided: tuple[str, ...] = ()


def check_statements(payloads: Sequence[bytes], program: bytes | None, asked: Asked) -> None:
    """OutsideError where one of them is not what may be signed. program : its bytes as they lie
    here; None where none was made."""
    try:
        told = [read_statement(payload) for payload in payloads]
    except StrictJsonError as error:
        raise _foreign(str(error), said("statements that can be read")) from error
    kinds = [own.kind for own in told]
    if len(set(kinds)) != len(kinds) or len(kinds) > 2 or not kinds:
        raise _foreign(", ".join(kinds), said("one statement of each kind"))
    for own in told:
        _check(own, program, asked)
    if program is None:
        # A no, about a model of which no program goes out: it stands for itself.
        if len(told) != 1 or told[0].generation_sha256 is not None:
            raise _foreign(", ".join(kinds), said("one re-check, of no certificate"))
        return
    if len(told) != 2:
        raise _foreign(", ".join(kinds), said("a certificate and its re-check"))
    payload_of = dict(zip(kinds, payloads, strict=True))
    made = hashlib.sha256(payload_of[GENERATION]).hexdigest()
    recheck, generation = sorted(told, key=lambda own: own.kind == GENERATION)
    _same(said("certificate that the re-check names"), recheck.generation_sha256 or "-", made)
    if recheck.demand is None or generation.demand is None:
        raise _foreign(said("no demand"), said("a demand in both statements"))
    _same(said("demand"), repr(recheck.demand), repr(generation.demand))


def _check(own: Said, program: bytes | None, asked: Asked) -> None:
    meshes = {row.model_sha256: row.sha256 for row in own.tessellations}
    models = {meshes.get(sha256, sha256) for _, sha256 in own.models}
    _same(said("model"), ", ".join(sorted(models)), asked.input_sha256)
    _same(said("time"), own.issued_at, asked.now)
    _same(said("modules"), own.tool_sha256, asked.tool.sha256)
    _same(said("version"), own.tool_version, asked.tool.version)
    wheels = ", ".join(map("==".join, own.platform.dependencies))
    _same(said("wheels"), wheels, ", ".join(map("==".join, asked.tool.dependencies)))
    wanted = [(r["role"], r["id"], r["digest"]["sha256"]) for r in profile_rows(asked.resolved)]
    found = [(row.role, row.id, row.sha256) for row in own.profiles]
    _same(said("profiles"), repr(sorted(found)), repr(sorted(wanted)))
    records = {k: r["digest"]["sha256"] for k, r in _records(asked.resolved).items()}
    _same(said("records"), repr({r.kind: r.sha256 for r in own.records}), repr(records))
    _same(said("pack"), own.pack, asked.resolved.pack.id)
    _same(said("class"), own.indication, asked.resolved.indication)
    if own.kind == GENERATION and program is None:
        raise _foreign(said("a certificate and no program"), said("a program with it"))
    if own.kind != GENERATION:
        may = {Outcome.PASSED, Outcome.FAILED} if asked.with_failure else {Outcome.PASSED}
        for rule in sorted({*own.allowed_undecided} - {*asked.allowed_undecided}):
            raise _foreign(said("undecided by leave: {rule}", rule=rule), said("no such leave"))
        if own.verdict not in may:
            raise _foreign(str(own.verdict), said("a verdict that may be signed"))
    if program is not None:
        _same(said("program"), own.subject_sha256, hashlib.sha256(program).hexdigest())
        _same(said("commands"), own.commands_sha256 or "-", commands_sha256(program))
    elif own.verdict is not Outcome.FAILED:
        raise _foreign(said("a yes and no program"), said("a program with it"))


def _records(resolved: Resolved) -> dict[str, Any]:
    found: dict[str, Any] = records_rows(resolved).get("records", {})
    return dict(sorted(found.items()))


def _same(what: str, got: str, wanted: str) -> None:
    if got != wanted:
        raise _foreign(
            said("{what}: {value}", what=what, value=got[:200]),
            said("{what}: {value}", what=what, value=wanted[:200]),
        )


def _foreign(got: str, wanted: str) -> OutsideError:
    return OutsideError(
        said("a worker stated something that it was not asked for: nothing was signed"),
        got=got,
        wanted=wanted,
        hint=said("look at what runs on the workers before you go on"),
    )
