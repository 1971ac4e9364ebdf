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
from printstd.certify.demands import check_demands
from printstd.certify.dsse import read_bundle, signed_by
from printstd.certify.fields import (
    check_critical,
    digest_of,
    is_of_kind,
    list_of,
    object_of,
    read_subjects,
    read_time,
    sha256_of,
    statement_of,
    text_of,
)
from printstd.certify.policy import LEVELS, TrustPolicy
from printstd.certify.predicates import PART
from printstd.certify.reading import ProfileRow, RecordRow, profiles_of, records_of
from printstd.certify.strict_json import StrictJsonError
from printstd.errors import VerificationError
from printstd.profiles.decision import Outcome
from printstd.words import said

_CRITICAL: Final = ["model", "part", "verdict"]


@dataclass(frozen=True, slots=True)
class StatedPart:
    """What a statement says. key_id : of the trusted key that signed it; None where it was read
    without one. rows : (rule, result, message); the message is empty for
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
    profiles: tuple[ProfileRow, ...]
    tool_version: str
    claimed_key_id: str
    key_id: str | None
    payload: bytes

    @property
    def label(self) -> str:
        return self.part.label


def is_part(data: bytes) -> bool:
    """Does the bundle in these bytes hold a statement about one part? Nothing is verified."""
    return is_of_kind(data, PART)


def read_part(
    data: bytes, name: str, policy: TrustPolicy | None, now: str, *, is_alone: bool = True
) -> StatedPart:
    """What a bundle says of one part; with a policy it must hold. VerificationError if not.

    is_alone : the plate's own statements are not there; else what the policy demands of a program
    was held against those.

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
        check_demands(stated, policy, now)
        if is_alone:
            _check_alone(policy)
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


def read_part_payload(payload: bytes) -> StatedPart:
    """What a statement says that nobody has signed yet. StrictJsonError where it is none."""
    return _read(payload, "", None)


def _other(what: str, name: str, got: str, wanted: str) -> VerificationError:
    hint = said("keep the files of one plate together as they were made")
    return VerificationError(what, where=name, got=got, wanted=wanted, hint=hint)


def _check_alone(policy: TrustPolicy) -> None:
    """What nobody can tell from one part's statement is no reason to let it pass."""
    if LEVELS.index(policy.minimum_level) > LEVELS.index("C2"):
        what: str = said(
            "the policy demands level {minimum_level}", minimum_level=policy.minimum_level
        )
    elif policy.revocations is not None:
        what = said("the policy demands that revocations are looked for")
    elif policy.co_signers:
        what = said("the policy demands a co-signature")
    else:
        return
    raise VerificationError(
        what,
        where=policy.name,
        got=said("a statement about one part, which reaches level C2"),
        wanted=said("the statements of the whole plate"),
        hint=said("ask for the plate's verification, or for another policy"),
    )


def _read(payload: bytes, claimed: str, key_id: str | None) -> StatedPart:
    statement = statement_of(payload, PART)
    predicate = object_of(statement, "predicate")
    check_critical(predicate, _CRITICAL)
    subject = read_subjects(statement)
    if len(subject) != 2:
        raise StrictJsonError("subject: the program and the part's model are wanted")
    program, model = (digest_of(one) for one in subject)
    part = from_plain(PartDemand, predicate.get("part"), "part")
    named = object_of(predicate, "model")
    if not part.model_sha256 == model == digest_of(named):
        raise StrictJsonError("the part's model is not the statement's subject")
    verdict = predicate.get("verdict")
    if verdict != Outcome.PASSED.value:
        raise StrictJsonError(f"verdict {str(verdict)[:40]!r}: only PASSED is said of a part")
    standard = object_of(predicate, "standard")
    expires = predicate.get("expiresAt")
    return StatedPart(
        part=part,
        model_name=text_of(named, "name"),
        model_sha256=model,
        program_sha256=program,
        plate_sha256=sha256_of(object_of(predicate, "plate"), "sha256"),
        verdict=Outcome.PASSED,
        rows=tuple(_row(row) for row in list_of(predicate, "rules")),
        measured=_pairs(object_of(predicate, "measured")),
        issued_at=read_time(predicate, "issuedAt"),
        expires_at=None if expires is None else read_time(predicate, "expiresAt"),
        pack=text_of(standard, "pack"),
        indication=text_of(standard, "indication"),
        tolerance_class=text_of(standard, "toleranceClass"),
        records=records_of(predicate),
        profiles=profiles_of(predicate),
        tool_version=text_of(object_of(predicate, "verifier"), "version"),
        claimed_key_id=claimed,
        key_id=key_id,
        payload=payload,
    )


def _row(row: Any) -> tuple[str, Status, str]:
    if not isinstance(row, dict) or row.get("result") not in {status.value for status in Status}:
        raise StrictJsonError("rules: a list of findings is wanted")
    return text_of(row, "id"), Status(row["result"]), text_of(row, "message")


def _pairs(table: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((key, _shown(value)) for key, value in table.items())


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return "-" if value is None else str(value)
