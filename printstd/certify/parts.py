"""Reading and verifying what was signed about one part of a plate.

Needs neither the program nor the plate's own statements; given those, it is held against them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from printstd.artifacts.codec import from_plain
from printstd.artifacts.demand import AuditDemand, PartDemand
from printstd.artifacts.finding import Status
from printstd.certify.dates import days_between
from printstd.certify.dsse import MAX_PAYLOAD_BYTES, read_bundle, signed_by
from printstd.certify.policy import LEVELS, TrustPolicy
from printstd.certify.predicates import PART, STATEMENT_TYPE
from printstd.certify.reading import RecordRow, read_time
from printstd.certify.strict_json import StrictJsonError, parse
from printstd.errors import VerificationError
from printstd.profiles.decision import Outcome
from printstd.words import said

_CRITICAL: Final = ["model", "part", "verdict"]
_HEX: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class StatedPart:
    """What a statement says. profiles : (role, id). key_id : of the trusted key that signed it;
    None where it was read without one. rows : (rule, result, message); the message is empty for
    rules about the whole program. measured : (name, value as text)."""

    part: PartDemand
    model_name: str
    model_sha256: str
    program_sha256: str
    plate_sha256: str
    verdict: Outcome
    rows: tuple[tuple[str, Status, str], ...]
    measured: tuple[tuple[str, str], ...]
    issued_at: str
    expires_at: str | None
    pack: str
    indication: str
    tolerance_class: str
    records: tuple[RecordRow, ...]
    profiles: tuple[tuple[str, str], ...]
    tool_version: str
    claimed_key_id: str
    key_id: str | None
    payload: bytes

    @property
    def label(self) -> str:
        return self.part.label


def is_part(data: bytes) -> bool:
    """Does the bundle in these bytes hold a statement about one part? Nothing is verified."""
    try:
        payload = read_bundle(data, "").payload
        statement = parse(payload, max_bytes=MAX_PAYLOAD_BYTES, what="the statement")
    except (VerificationError, StrictJsonError):
        return False
    return isinstance(statement, dict) and statement.get("predicateType") == PART


def read_part(data: bytes, name: str, policy: TrustPolicy | None, now: str) -> StatedPart:
    """What a bundle says of one part; with a policy it must hold. VerificationError if not.

    A verdict other than PASSED is refused: of a plate that did not pass nothing is said by parts.
    """
    envelope = read_bundle(data, name)
    key = signed_by(envelope, policy.recheck_keys) if policy is not None else None
    if policy is not None and key is None:
        raise VerificationError(
            said("the signature does not verify under any trusted key"),
            where=name,
            got=said("signed by key {key_id}… (its own claim)", key_id=envelope.key_id[:16]),
            wanted=said(
                "a signature by {keys}",
                keys=", ".join(f"{own.key_id[:16]}…" for own in policy.recheck_keys),
            ),
            hint=said("the certificate was changed, or its signer is not one you trust"),
        )
    try:
        stated = _read(envelope.payload, envelope.key_id, key.key_id if key is not None else None)
    except (StrictJsonError, ValueError) as error:
        raise VerificationError(
            said("the signed statement is not one that this version understands"),
            where=name,
            got=str(error),
            wanted=said("an in-toto statement of type {kind}", kind=PART),
            hint=said("verify with the version of printstd that signed it, or a newer one"),
        ) from error
    if policy is not None:
        _check_policy(stated, policy, now)
    return stated


def check_against(
    stated: StatedPart, name: str, program: bytes, recheck_payload: bytes, demand: AuditDemand
) -> None:
    """VerificationError unless it is about this program, made with this statement of the plate, and
    about a part that the plate's demand names with the same numbers."""
    digest = hashlib.sha256(program).hexdigest()
    if stated.program_sha256 != digest:
        raise _other(
            said("the statement about this part is of another program"),
            name,
            said("sha256 {sha256}", sha256=stated.program_sha256),
            said("sha256 {sha256}", sha256=digest),
        )
    plate = hashlib.sha256(recheck_payload).hexdigest()
    if stated.plate_sha256 != plate or stated.part not in demand.parts:
        raise _other(
            said("the statement about this part does not belong to the plate's own"),
            name,
            said(
                "part {label}, statement of the plate sha256 {sha256}",
                label=stated.label,
                sha256=stated.plate_sha256,
            ),
            said("statement of the plate sha256 {sha256}", sha256=plate),
        )


def _other(what: str, name: str, got: str, wanted: str) -> VerificationError:
    hint = said("keep the files of one plate together as they were made")
    return VerificationError(what, where=name, got=got, wanted=wanted, hint=hint)


def _check_policy(stated: StatedPart, policy: TrustPolicy, now: str) -> None:
    def fail(what: str, got: str, wanted: str, hint: str) -> VerificationError:
        return VerificationError(what, where=policy.name, got=got, wanted=wanted, hint=hint)

    again = said("certify the program again")
    if LEVELS.index(policy.minimum_level) > LEVELS.index("C2"):
        raise fail(
            said("the policy demands level {minimum_level}", minimum_level=policy.minimum_level),
            said("a statement about one part, which reaches level C2"),
            said("the statements of the whole plate"),
            said("ask for the plate's verification, or for another policy"),
        )
    if policy.packs and stated.pack not in policy.packs:
        raise fail(
            said("the policy does not accept this pack"),
            stated.pack,
            ", ".join(policy.packs),
            said("certify under an accepted pack"),
        )
    if stated.expires_at is not None and stated.expires_at < now:
        raise fail(
            said("the certificate has expired"),
            said("expired {expires_at}", expires_at=stated.expires_at),
            said("valid at {now}", now=now),
            again,
        )
    if policy.max_age_days is not None:
        age = days_between(stated.issued_at, now)
        if age is None or not 0 <= age <= policy.max_age_days:
            raise fail(
                said("the certificate is older than the policy allows, or not yet valid"),
                said("issued {issued_at}", issued_at=stated.issued_at),
                said(
                    "at most {max_age_days} days before {now}",
                    max_age_days=policy.max_age_days,
                    now=now,
                ),
                again,
            )


def _read(payload: bytes, claimed: str, key_id: str | None) -> StatedPart:
    statement = parse(payload, max_bytes=MAX_PAYLOAD_BYTES, what="the statement")
    if not isinstance(statement, dict) or statement.get("_type") != STATEMENT_TYPE:
        raise StrictJsonError(f"_type is not {STATEMENT_TYPE}")
    if statement.get("predicateType") != PART:
        raise StrictJsonError(f"predicateType {statement.get('predicateType')!r}")
    predicate = _object(statement, "predicate")
    if predicate.get("critical") != _CRITICAL:
        raise StrictJsonError("critical: fields that this version does not know")
    subject = statement.get("subject")
    if not isinstance(subject, list) or len(subject) != 2:
        raise StrictJsonError("subject: the program and the part's model are wanted")
    program, model = (_digest(one) for one in subject)
    part = from_plain(PartDemand, predicate.get("part"), "part")
    named = _object(predicate, "model")
    if not part.model_sha256 == model == _digest(named):
        raise StrictJsonError("the part's model is not the statement's subject")
    verdict = predicate.get("verdict")
    if verdict != Outcome.PASSED.value:
        raise StrictJsonError(f"verdict {str(verdict)[:40]!r}: only PASSED is said of a part")
    standard = _object(predicate, "standard")
    expires = predicate.get("expiresAt")
    return StatedPart(
        part=part,
        model_name=_text(named, "name"),
        model_sha256=model,
        program_sha256=program,
        plate_sha256=_sha256(_object(predicate, "plate").get("sha256"), "plate"),
        verdict=Outcome.PASSED,
        rows=tuple(_row(row) for row in _list(predicate, "rules")),
        measured=_pairs(_object(predicate, "measured")),
        issued_at=read_time(predicate, "issuedAt"),
        expires_at=None if expires is None else read_time(predicate, "expiresAt"),
        pack=_text(standard, "pack"),
        indication=_text(standard, "indication"),
        tolerance_class=_text(standard, "toleranceClass"),
        records=_records(predicate),
        profiles=tuple(
            (_text(row, "role"), _text(row, "id"))
            for row in _list(predicate, "profiles")
            if isinstance(row, dict) and row.get("id") is not None
        ),
        tool_version=_text(_object(predicate, "verifier"), "version"),
        claimed_key_id=claimed,
        key_id=key_id,
        payload=payload,
    )


def _row(row: Any) -> tuple[str, Status, str]:
    if not isinstance(row, dict) or row.get("result") not in {status.value for status in Status}:
        raise StrictJsonError("rules: a list of findings is wanted")
    return _text(row, "id"), Status(row["result"]), _text(row, "message")


def _records(predicate: dict[str, Any]) -> tuple[RecordRow, ...]:
    if "records" not in predicate:
        return ()
    records = _object(predicate, "records")
    rows = []
    for kind in sorted(records):
        row = _object(records, kind)
        says = _object(row, "says")
        told = tuple((key, _text(says, key)) for key in says)
        rows.append(RecordRow(kind, _text(row, "name"), _digest(row), told))
    return tuple(rows)


def _pairs(table: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((key, _shown(value)) for key, value in table.items())


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return "-" if value is None else str(value)


def _object(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    if not isinstance(value, dict):
        raise StrictJsonError(f"{key}: missing")
    return value


def _list(parent: dict[str, Any], key: str) -> list[Any]:
    value = parent.get(key)
    if not isinstance(value, list):
        raise StrictJsonError(f"{key}: a list is wanted")
    return value


def _text(parent: dict[str, Any], key: str) -> str:
    value = parent.get(key)
    if not isinstance(value, str):
        raise StrictJsonError(f"{key}: a text is wanted")
    return value


def _digest(one: Any) -> str:
    if not isinstance(one, dict):
        raise StrictJsonError("subject: each is an object")
    return _sha256(_object(one, "digest").get("sha256"), "digest")


def _sha256(value: Any, key: str) -> str:
    if not isinstance(value, str) or len(value) != 64 or set(value) - _HEX:
        raise StrictJsonError(f"{key}: 64 hexadecimal digits are wanted")
    return value
