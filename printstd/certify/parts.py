"""Reading and verifying what was signed about one part of a plate.

Needs neither the program nor the plate's own statements; given those, it is held against them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Final

from printstd.artifacts.codec import from_plain
from printstd.artifacts.demand import AuditDemand, PartDemand
from printstd.artifacts.finding import Status
from printstd.certify.alone import Held, Told, hold
from printstd.certify.beside import Beside
from printstd.certify.demands import check_demands
from printstd.certify.dsse import read_bundle
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
from printstd.certify.opening import not_understood, open_envelope
from printstd.certify.policy import TrustPolicy
from printstd.certify.predicates import PART
from printstd.certify.reading import ProfileRow, RecordRow, profiles_of, records_of
from printstd.certify.signers import Signatory, StampSeen
from printstd.certify.strict_json import StrictJsonError
from printstd.errors import VerificationError
from printstd.profiles.decision import Outcome
from printstd.words import said

_CRITICAL: Final = ["model", "part", "verdict"]


@dataclass(frozen=True, slots=True)
class StatedPart:
    """What a statement says. by : who of the policy's signed it; None where it was read without
    one. held : what was found with it, where it came alone. generation_sha256 : of the plate's
    generation statement, None where there is none; is_traced : False in the statements of older
    tools, which do not say. rows : (rule, result, message); the message is empty for
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
    by: Signatory | None
    payload: bytes
    generation_sha256: str | None
    is_traced: bool
    stamps: tuple[StampSeen, ...] = ()
    held: Held | None = None

    @property
    def key_id(self) -> str | None:
        return self.by.key_id if self.by is not None else None

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Digests of the payloads that it names."""
        made = self.generation_sha256
        return (self.plate_sha256, *((made,) if made is not None else ()))

    @property
    def label(self) -> str:
        return self.part.label


def is_part(data: bytes) -> bool:
    """Does the bundle in these bytes hold a statement about one part? Nothing is verified."""
    return is_of_kind(data, PART)


def read_part(
    data: bytes,
    name: str,
    policy: TrustPolicy | None,
    now: str,
    *,
    beside: Beside | None = None,
    is_alone: bool = True,
) -> StatedPart:
    """What a bundle says of one part; with a policy it must hold. VerificationError if not.

    beside : what lies with it. is_alone : the plate's own statements are not there; else what the
    policy demands of a program was held against those.

    A verdict other than PASSED is refused: of a plate that did not pass nothing is said by parts.
    """
    by: Signatory | None = None
    stamps: tuple[StampSeen, ...] = ()
    if policy is None:
        envelope = read_bundle(data, name)
    else:
        envelope, by, stamps = open_envelope(data, name, policy.recheck, now, policy.stamps)
    try:
        stated = replace(_read(envelope.payload, envelope.key_id), by=by, stamps=stamps)
    except (StrictJsonError, ValueError) as error:
        raise not_understood(name, str(error), PART) from error
    if policy is None:
        return stated
    if not is_alone:
        check_demands(stated, policy, now)
        return stated
    told = Told(
        PART,
        hashlib.sha256(envelope.payload).hexdigest(),
        stated.issued_at,
        stated.pack,
        profiles=stated.profiles,
        has_all_profiles=True,
        expires_at=stated.expires_at,
        rests_on=stated.rests_on,
        is_traced=stated.is_traced,
    )
    held = hold(told, envelope.payload, data, beside, policy, now)
    return replace(stated, held=held)


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
    return _read(payload, "")


def _other(what: str, name: str, got: str, wanted: str) -> VerificationError:
    hint = said("keep the files of one plate together as they were made")
    return VerificationError(what, where=name, got=got, wanted=wanted, hint=hint)


def _read(payload: bytes, claimed: str) -> StatedPart:
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
    made = predicate.get("certificate")
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
        by=None,
        payload=payload,
        generation_sha256=None if made is None else sha256_of(made, "sha256"),
        is_traced="certificate" in predicate,
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
