"""A statement's bytes -> what they say, each field of the type that its form demands.

Called on bytes whose signature was verified (and by `inspect`, which trusts nothing). Unknown
fields are ignored, unknown *critical* ones are errors. Source: facts of certification 1, 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from printstd.artifacts.codec import from_plain
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Status
from printstd.certify.fields import (
    MAX_SUBJECTS,
    digest_of,
    member_of,
    object_of,
    read_subjects,
    read_time,
    sha256_of,
    statement_of,
    text_of,
    texts_of,
)
from printstd.certify.predicates import GENERATION, RECHECK, UNDERSTOOD_CRITICAL
from printstd.certify.strict_json import StrictJsonError
from printstd.profiles.decision import Outcome


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One finding as it was signed."""

    rule_id: str
    result: Status
    message: str


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record that was given with the model. kind : ``order``, ``feedstock``. says : what
    identifies it, as (key, text)."""

    kind: str
    name: str
    sha256: str
    says: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TessellationRow:
    """A CAD file that a model is the mesh of. name, sha256 : the CAD file's. model_sha256 : the
    mesh's. chord_nm : how far it strays, of chord_limit_nm."""

    model_sha256: str
    name: str
    sha256: str
    deflection_nm: int
    chord_nm: int
    chord_limit_nm: int
    tessellator: str


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A profile that took part: role (``standard``, ``material``), id and digest of its values."""

    role: str
    id: str | None
    sha256: str


@dataclass(frozen=True, slots=True)
class ToolRow:
    """The interpreter, the machine and the wheels that ran, as (distribution, version)."""

    python: str
    platform: str
    dependencies: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What a statement says."""

    kind: str
    """`GENERATION` or `RECHECK`."""
    subject_name: str
    """For display alone: a subject is matched by digest."""
    subject_sha256: str
    commands_sha256: str | None
    """Digest of the canonical command stream (c14n-v1), where it is given."""
    container_sha256: str | None
    """Of the file that the program came in, where that says more than the program does."""
    issued_at: str
    expires_at: str | None
    pack: str
    indication: str
    models: tuple[tuple[str, str], ...]
    """(name, sha256) of every model, each once."""
    demand: AuditDemand | None
    """None only where no program was made: a statement about the model, verdict FAILED."""
    rows: tuple[RuleRow, ...]
    """A re-check's audit findings, a generation's checks."""
    checks: tuple[RuleRow, ...]
    """Of a re-check whose verdict rests on the model's checks."""
    verdict: Outcome | None
    """None in a generation statement: it says what was made, and judges nothing."""
    allowed_undecided: tuple[str, ...]
    generation_sha256: str | None
    """Of the generation statement's payload that a re-check is about."""
    tool_version: str
    tool_sha256: str
    request: tuple[str, ...]
    """Of a generation: the profiles and settings that were asked for, as command-line options."""
    records: tuple[RecordRow, ...]
    """Of order and feedstock; empty where none was given, as in the statements of older tools."""
    profiles: tuple[ProfileRow, ...]
    """Every profile that took part."""
    platform: ToolRow
    """What ran, as far as its bytes depend on it."""
    tessellations: tuple[TessellationRow, ...] = ()
    """Of the models that are meshes of CAD files."""

    @property
    def digests(self) -> tuple[str, ...]:
        """Of the models, rising."""
        return tuple(sorted(sha256 for _, sha256 in self.models))


def read_statement(payload: bytes) -> Said:
    """What the statement in `payload` says; StrictJsonError where its form is not ours."""
    statement = statement_of(payload, GENERATION, RECHECK)
    kind = statement["predicateType"]
    predicate = object_of(statement, "predicate")
    _check_critical(predicate)
    subject = read_subjects(statement)
    is_recheck = kind == RECHECK
    models = _models(predicate, "models" if is_recheck else "inputs", is_recheck)
    standard = object_of(predicate, "standard")
    tool = object_of(predicate, "verifier" if is_recheck else "tool")
    verdict = member_of(Outcome, predicate, "verdict") if is_recheck else None
    named = tuple((text_of(model, "name"), digest_of(model)) for model in models)
    return Said(
        kind=kind,
        subject_name=text_of(subject[0], "name"),
        subject_sha256=digest_of(subject[0]),
        commands_sha256=digest_of(subject[1]) if len(subject) > 1 else None,
        container_sha256=digest_of(subject[2]) if len(subject) > 2 else None,
        issued_at=read_time(predicate, "issuedAt"),
        expires_at=None
        if predicate.get("expiresAt") is None
        else read_time(predicate, "expiresAt"),
        pack=text_of(standard, "pack"),
        indication=text_of(standard, "indication"),
        models=named,
        demand=_demand(predicate, verdict, named),
        rows=_rows(predicate, "rules" if is_recheck else "checks"),
        checks=_rows(predicate, "checks") if is_recheck and "checks" in predicate else (),
        verdict=verdict,
        allowed_undecided=texts_of(predicate, "allowed_undecided") if is_recheck else (),
        generation_sha256=_link(predicate) if is_recheck else None,
        tool_version=text_of(tool, "version"),
        tool_sha256=digest_of(tool),
        request=() if is_recheck else _request(object_of(predicate, "recipe")),
        records=records_of(predicate),
        profiles=profiles_of(predicate),
        platform=_platform(tool),
        tessellations=_tessellations(models),
    )


def _tessellations(models: Sequence[dict[str, Any]]) -> tuple[TessellationRow, ...]:
    rows = []
    for model in models:
        if "tessellatedFrom" not in model:
            continue
        row = object_of(model, "tessellatedFrom")
        rows.append(
            TessellationRow(
                model_sha256=digest_of(model),
                name=text_of(row, "name"),
                sha256=digest_of(row),
                deflection_nm=_count(row, "deflection_nm"),
                chord_nm=_count(row, "chord_nm"),
                chord_limit_nm=_count(row, "chord_limit_nm"),
                tessellator=text_of(row, "tessellator"),
            )
        )
    return tuple(rows)


def _count(parent: dict[str, Any], key: str) -> int:
    value = parent.get(key)
    if type(value) is not int or value < 0:
        raise StrictJsonError(f"{key}: a whole number is wanted")
    return value


def profiles_of(predicate: dict[str, Any]) -> tuple[ProfileRow, ...]:
    rows = predicate.get("profiles")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise StrictJsonError("profiles: a list is wanted")
    return tuple(
        ProfileRow(
            text_of(row, "role"),
            None if row.get("id") is None else text_of(row, "id"),
            digest_of(row),
        )
        for row in rows
    )


def _platform(tool: dict[str, Any]) -> ToolRow:
    rows = tool.get("dependencies")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise StrictJsonError("dependencies: a list is wanted")
    wheels = tuple((text_of(row, "name"), text_of(row, "version")) for row in rows)
    return ToolRow(text_of(tool, "python"), text_of(tool, "platform"), wheels)


def records_of(predicate: dict[str, Any]) -> tuple[RecordRow, ...]:
    if "records" not in predicate:
        return ()
    records = object_of(predicate, "records")
    rows = []
    for kind in sorted(records):
        row = object_of(records, kind)
        says = object_of(row, "says")
        told = tuple((key, text_of(says, key)) for key in says)
        rows.append(RecordRow(kind, text_of(row, "name"), digest_of(row), told))
    return tuple(rows)


def _check_critical(predicate: dict[str, Any]) -> None:
    critical = predicate.get("critical")
    if not isinstance(critical, list):
        raise StrictJsonError("critical: missing")
    for field in critical:
        if not isinstance(field, str) or field not in UNDERSTOOD_CRITICAL:
            raise StrictJsonError(f"critical field {field!r} is not understood")
        if field not in predicate:
            raise StrictJsonError(f"critical field {field!r} is missing")


def _models(predicate: dict[str, Any], key: str, is_recheck: bool) -> list[dict[str, Any]]:
    """A re-check speaks of one `model` or of several `models`, never of both."""
    if is_recheck and "models" not in predicate:
        return [object_of(predicate, "model")]
    rows = predicate.get(key)
    least = 2 if is_recheck else 1
    if "model" in predicate or not isinstance(rows, list) or not least <= len(rows) <= MAX_SUBJECTS:
        raise StrictJsonError(f"{key}: a list of {least} to {MAX_SUBJECTS} models is wanted")
    if not all(isinstance(row, dict) for row in rows):
        raise StrictJsonError(f"{key}: each is an object")
    if len({digest_of(row) for row in rows}) != len(rows):
        raise StrictJsonError(f"{key}: a model is named twice")
    return rows


def _demand(
    predicate: dict[str, Any], verdict: Outcome | None, models: Sequence[tuple[str, str]]
) -> AuditDemand | None:
    if predicate.get("demand") is None:
        if verdict is Outcome.FAILED:
            return None
        raise StrictJsonError("demand: missing")
    try:
        demand = from_plain(AuditDemand, predicate["demand"], "demand")
    except ValueError as error:
        raise StrictJsonError(str(error)) from error
    digests = {sha256 for _, sha256 in models}
    if {part.model_sha256 for part in demand.parts} != (digests if demand.parts else set()):
        raise StrictJsonError("demand: its parts are of other models than the statement's")
    if len(digests) > 1 and not demand.parts:
        raise StrictJsonError("demand: several models, and no parts")
    return demand


def _request(recipe: dict[str, Any]) -> tuple[str, ...]:
    named = ("pack", "class", "material", "process", "printer")
    overrides = recipe.get("overrides")
    if not isinstance(overrides, list) or not all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)
        for pair in overrides
    ):
        raise StrictJsonError("overrides: pairs of texts are wanted")
    return (
        *(f"--{key} {text_of(recipe, key)}" for key in named),
        *(f"--set {key}={value}" for key, value in overrides),
        *(["--heal"] if recipe.get("heal") is True else []),
        *([f"--epoch {_epoch(recipe)}"] if "epoch" in recipe else []),
    )


def _epoch(recipe: dict[str, Any]) -> int:
    """Of the statements of tools that know of none it is not there."""
    number = recipe["epoch"]
    if type(number) is not int or number < 1:
        raise StrictJsonError("epoch: a number from 1 is wanted")
    return number


def _link(predicate: dict[str, Any]) -> str | None:
    """Of a re-check: it names a generation statement, or says by null that there is none."""
    if "certificate" not in predicate:
        raise StrictJsonError("certificate: missing")
    link = predicate["certificate"]
    return None if link is None else sha256_of(link, "sha256")


def _rows(predicate: dict[str, Any], key: str) -> tuple[RuleRow, ...]:
    rows = predicate.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise StrictJsonError(f"{key}: a list of findings is wanted")
    return tuple(
        RuleRow(text_of(row, "id"), member_of(Status, row, "result"), text_of(row, "message"))
        for row in rows
    )
