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
from typing import Any, NamedTuple

from printstd.certify.c14n import commands_sha256
from printstd.certify.fields import digest_of, object_of, statement_of
from printstd.certify.part_statement import own_profiles
from printstd.certify.parts import StatedPart, read_part_payload
from printstd.certify.predicates import GENERATION, PART, ToolFacts
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


class Made(NamedTuple):
    """Digests of a program as it lies here: of its bytes, its commands, and the file that it
    travels in, where that says more than the program does."""

    sha256: str
    commands_sha256: str
    container_sha256: str | None


def made_of(program: bytes, container_sha256: str | None) -> Made:
    digest = hashlib.sha256(program).hexdigest()
    return Made(digest, commands_sha256(program), container_sha256)


def check_statements(payloads: Sequence[bytes], made: Made | None, asked: Asked) -> None:
    """OutsideError where one of them is not what may be signed. made : None where no program
    was."""
    try:
        parts = [own for own in payloads if _is_of_part(own)]
        whole = [own for own in payloads if own not in parts]
        told = [read_statement(payload) for payload in whole]
    except (StrictJsonError, ValueError) as error:
        raise _foreign(str(error), said("statements that can be read")) from error
    kinds = [own.kind for own in told]
    if len(set(kinds)) != len(kinds) or len(kinds) > 2 or not kinds:
        raise _foreign(", ".join(kinds), said("one statement of each kind"))
    for own in told:
        _check(own, made, asked)
    if made is None:
        # A no, about a model of which no program goes out: it stands for itself.
        if len(told) != 1 or parts or told[0].generation_sha256 is not None:
            raise _foreign(", ".join(kinds), said("one re-check, of no certificate"))
        return
    if len(told) != 2:
        raise _foreign(", ".join(kinds), said("a certificate and its re-check"))
    payload_of = dict(zip(kinds, whole, strict=True))
    recheck, generation = sorted(told, key=lambda own: own.kind == GENERATION)
    certified = hashlib.sha256(payload_of[GENERATION]).hexdigest()
    _same(said("certificate that the re-check names"), recheck.generation_sha256 or "-", certified)
    if recheck.demand is None or generation.demand is None:
        raise _foreign(said("no demand"), said("a demand in both statements"))
    _same(said("demand"), repr(recheck.demand), repr(generation.demand))
    _check_parts(parts, payload_of[recheck.kind], recheck, asked)


def _is_of_part(payload: bytes) -> bool:
    try:
        statement_of(payload, PART)
    except StrictJsonError:
        return False
    return True


def _check_parts(
    payloads: Sequence[bytes], plate_payload: bytes, recheck: Said, asked: Asked
) -> None:
    """Each about another part of the plate, with what its re-check has."""
    if recheck.demand is None:
        raise AssertionError("looked at before")
    labels: list[str] = []
    for payload in payloads:
        try:
            part = read_part_payload(payload)
            tool = object_of(object_of(statement_of(payload, PART), "predicate"), "verifier")
            modules = digest_of(tool)
        except (StrictJsonError, ValueError) as error:
            raise _foreign(str(error), said("statements that can be read")) from error
        _same(said("program"), part.program_sha256, recheck.subject_sha256)
        _same(said("plate"), part.plate_sha256, hashlib.sha256(plate_payload).hexdigest())
        _same(said("modules"), modules, asked.tool.sha256)
        _same(said("version"), part.tool_version, asked.tool.version)
        _same(said("time"), part.issued_at, asked.now)
        _check_grounds(part, recheck, asked)
        labels.append(part.label)
    if len(set(labels)) != len(labels):
        raise _foreign(", ".join(labels), said("one statement of each part"))


def _check_grounds(part: StatedPart, recheck: Said, asked: Asked) -> None:
    demand = recheck.demand
    if demand is None or part.part not in demand.parts:
        raise _foreign(part.label, said("a part that the plate's demand names"))
    _same(said("pack"), part.pack, asked.resolved.pack.id)
    _same(said("class"), part.indication, asked.resolved.indication)
    _same(said("tolerance class"), part.tolerance_class, demand.tolerance_class)
    wanted = [(r["role"], r["id"], r["digest"]["sha256"]) for r in own_profiles(asked.resolved)]
    found = [(row.role, row.id, row.sha256) for row in part.profiles]
    _same(said("profiles"), repr(sorted(found)), repr(sorted(wanted)))
    records = {row.kind: row.sha256 for row in recheck.records}
    for row in part.records:
        _same(said("records"), row.sha256, records.get(row.kind, "-"))


def _check(own: Said, made: Made | None, asked: Asked) -> None:
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
    if own.kind == GENERATION and made is None:
        raise _foreign(said("a certificate and no program"), said("a program with it"))
    if own.kind != GENERATION:
        may = {Outcome.PASSED, Outcome.FAILED} if asked.with_failure else {Outcome.PASSED}
        for rule in sorted({*own.allowed_undecided} - {*asked.allowed_undecided}):
            raise _foreign(said("undecided by leave: {rule}", rule=rule), said("no such leave"))
        if own.verdict not in may:
            raise _foreign(str(own.verdict), said("a verdict that may be signed"))
    if made is not None:
        _same(said("program"), own.subject_sha256, made.sha256)
        _same(said("commands"), own.commands_sha256 or "-", made.commands_sha256)
        _same(said("file"), own.container_sha256 or "-", made.container_sha256 or "-")
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
