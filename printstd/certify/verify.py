"""Verifying: bundles and a program in, a `CertifiedProgram` out, or the reason why not.

The order matters: signature first, then the signed bytes are parsed, then what they say is
held against the file. Nothing is read from the envelope after that. Source: facts of
certification 1 (parser rules), 3, 4.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from printstd.artifacts.certificate import Certificate, CertifiedProgram
from printstd.artifacts.codec import from_plain
from printstd.artifacts.demand import AuditDemand
from printstd.certify.c14n import commands_sha256
from printstd.certify.dsse import MAX_PAYLOAD_BYTES, read_bundle, signed_by
from printstd.certify.keys import PublicKey
from printstd.certify.policy import LEVELS, TrustPolicy
from printstd.certify.predicates import (
    GENERATION,
    RECHECK,
    STATEMENT_TYPE,
    UNDERSTOOD_CRITICAL,
)
from printstd.certify.strict_json import StrictJsonError, parse
from printstd.errors import VerificationError
from printstd.profiles.decision import Outcome

MAX_SUBJECTS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A verified statement: the signature held, the form is right, the file is the one meant."""

    certificate: Certificate
    predicate: dict[str, Any]
    issued_at: str
    model_sha256: str
    demand: AuditDemand


@dataclass(frozen=True, slots=True, eq=False)
class Verified:
    """Everything that verified. `program` is None where the signed verdict is not PASSED."""

    outcome: Outcome
    level: str
    program: CertifiedProgram | None
    generation: Statement | None
    recheck: Statement | None


def _fail(what: str, name: str, got: str, wanted: str, hint: str) -> VerificationError:
    return VerificationError(what, where=name, got=got, wanted=wanted, hint=hint)


def open_statement(
    bundle: bytes, name: str, *, kind: str, program: bytes, trusted: tuple[PublicKey, ...]
) -> Statement:
    """One bundle, verified against the file and the trusted keys; VerificationError if not."""
    envelope = read_bundle(bundle, name)
    key = signed_by(envelope, trusted)
    if key is None:
        raise _fail(
            "the signature does not verify under any trusted key",
            name,
            f"signed by key {envelope.key_id[:16]}… (its own claim)",
            "a signature by " + (", ".join(f"{k.key_id[:16]}…" for k in trusted) or "nobody"),
            "the certificate was changed, or its signer is not one you trust",
        )
    try:
        statement = parse(envelope.payload, max_bytes=MAX_PAYLOAD_BYTES, what="the statement")
        predicate = _check_form(statement, kind)
    except StrictJsonError as error:
        raise _fail(
            "the signed statement is not one that this version understands",
            name,
            str(error),
            f"an in-toto statement of type {kind}",
            "verify with the version of printstd that signed it, or a newer one",
        ) from error
    _check_subject(statement["subject"], program, name)
    model = predicate["inputs"][0] if kind == GENERATION else predicate["model"]
    certificate = Certificate(bundle, envelope.payload, kind, key.key_id)
    return Statement(
        certificate,
        predicate,
        predicate["issuedAt"],
        model["digest"]["sha256"],
        from_plain(AuditDemand, predicate["demand"]),
    )


def _check_form(statement: Any, kind: str) -> dict[str, Any]:
    """The predicate of a statement whose form is right; StrictJsonError otherwise."""
    if not isinstance(statement, dict) or statement.get("_type") != STATEMENT_TYPE:
        raise StrictJsonError(f"_type is not {STATEMENT_TYPE}")
    if statement.get("predicateType") != kind:
        raise StrictJsonError(f"predicateType {statement.get('predicateType')!r}")
    subject, predicate = statement.get("subject"), statement.get("predicate")
    if not isinstance(subject, list) or not 1 <= len(subject) <= MAX_SUBJECTS:
        raise StrictJsonError("subject: a list of 1 to 64 is wanted")
    if not isinstance(predicate, dict):
        raise StrictJsonError("predicate: missing")
    critical = predicate.get("critical")
    if not isinstance(critical, list):
        raise StrictJsonError("critical: missing")
    for field in critical:
        if field not in UNDERSTOOD_CRITICAL or field not in predicate:
            raise StrictJsonError(f"critical field {field!r} is not understood")
    try:
        model = predicate["inputs"][0] if kind == GENERATION else predicate["model"]
        if not isinstance(model["digest"]["sha256"], str):
            raise StrictJsonError("the model's digest is missing")
        if not isinstance(predicate["issuedAt"], str):
            raise StrictJsonError("issuedAt is missing")
        from_plain(AuditDemand, predicate["demand"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise StrictJsonError(f"predicate: {error}") from error
    return predicate


def _check_subject(subject: list[Any], program: bytes, name: str) -> None:
    """The first subject is the file, by digest alone; names are for display."""
    digest = _digest_of(subject[0])
    actual = hashlib.sha256(program).hexdigest()
    if digest == actual:
        return
    same_commands = len(subject) > 1 and _digest_of(subject[1]) == commands_sha256(program)
    raise _fail(
        "the program is not the file that was signed"
        + (": same commands, different file" if same_commands else ""),
        name,
        f"sha256 {actual}",
        f"sha256 {digest}",
        "get the program again from its maker; do not print this one",
    )


def _digest_of(subject: Any) -> str | None:
    digest = subject.get("digest") if isinstance(subject, dict) else None
    value = digest.get("sha256") if isinstance(digest, dict) else None
    return value if isinstance(value, str) else None


def verify_program(
    program: bytes,
    *,
    generation: tuple[str, bytes] | None,
    recheck: tuple[str, bytes] | None,
    policy: TrustPolicy,
    today: str,
) -> Verified:
    """Hold a program against its certificates under a policy.

    generation, recheck : (display name, bundle bytes) where such a file was found.
    today : UTC time ``YYYY-MM-DDTHH:MM:SSZ``.

    Raises VerificationError where a digest, signature or the policy does not hold. A signed
    verdict that is not PASSED is no error: it comes back as the outcome.
    """
    made = checked = None
    if generation is not None:
        made = open_statement(
            generation[1],
            generation[0],
            kind=GENERATION,
            program=program,
            trusted=policy.generator_keys,
        )
    if recheck is not None:
        checked = open_statement(
            recheck[1], recheck[0], kind=RECHECK, program=program, trusted=policy.recheck_keys
        )
        _check_link(checked, made, recheck[0])
    level = "C2" if checked else "C1" if made else "C0"
    if LEVELS.index(level) < LEVELS.index(policy.minimum_level):
        raise _fail(
            f"the policy demands level {policy.minimum_level}",
            policy.name,
            f"level {level}",
            "a re-check certificate beside the program (OUT.gcode.recheck.json)",
            "`printstd certify OUT.gcode --model MODEL` makes one",
        )
    for statement in (made, checked):
        if statement is not None:
            _check_policy(statement, policy, today)
    outcome = Outcome(checked.predicate["verdict"]) if checked else Outcome.UNDECIDED
    certified = None
    if checked is not None and outcome is Outcome.PASSED:
        certified = CertifiedProgram(
            data=program,
            generation=made.certificate if made else None,
            recheck=checked.certificate,
            level=level,
        )
    return Verified(outcome, level, certified, made, checked)


def _check_link(checked: Statement, made: Statement | None, name: str) -> None:
    """A re-check belongs to the generation certificate that it names, or to none."""
    claimed = checked.predicate.get("certificate")
    if checked.predicate.get("verdict") not in set(Outcome):
        raise _fail(
            "the signed verdict is none",
            name,
            repr(checked.predicate.get("verdict")),
            "PASSED, FAILED or UNDECIDED",
            "verify with the version of printstd that signed it",
        )
    actual = (
        {"sha256": hashlib.sha256(made.certificate.payload).hexdigest()}
        if made is not None
        else None
    )
    if claimed != actual:
        raise _fail(
            "the re-check was made for another generation certificate",
            name,
            str(actual["sha256"] if actual else "no generation certificate beside the program"),
            str(claimed["sha256"] if isinstance(claimed, dict) else "none"),
            "keep OUT.gcode.cert.json and OUT.gcode.recheck.json together as they were made",
        )
    if made is not None and (
        made.demand != checked.demand or made.model_sha256 != checked.model_sha256
    ):
        raise _fail(
            "generation and re-check speak of different models or demands",
            name,
            f"model {made.model_sha256[:16]}…",
            f"model {checked.model_sha256[:16]}…",
            "certify the program again",
        )


def _check_policy(statement: Statement, policy: TrustPolicy, today: str) -> None:
    name = policy.name
    if policy.packs:
        standard = statement.predicate.get("standard")
        pack = standard.get("pack") if isinstance(standard, dict) else None
        if pack not in policy.packs:
            raise _fail(
                "the policy does not accept this pack",
                name,
                str(pack),
                ", ".join(policy.packs),
                "certify under an accepted pack",
            )
    if policy.max_age_days is not None:
        age = days_between(statement.issued_at, today)
        if age is None or not 0 <= age <= policy.max_age_days:
            raise _fail(
                "the certificate is older than the policy allows, or not yet valid",
                name,
                f"issued {statement.issued_at}",
                f"at most {policy.max_age_days} days before {today}",
                "certify the program again",
            )


def days_between(earlier: str, later: str) -> int | None:
    """Whole days from one UTC time to another, None where either is none of ours."""
    first, second = _day_number(earlier), _day_number(later)
    return None if first is None or second is None else second - first


def _day_number(text: str) -> int | None:
    """Days since a fixed day, by the proleptic Gregorian rule; no clock is asked."""
    parts = text[:10].split("-")
    if len(text) != 20 or text[10] != "T" or text[-1] != "Z" or len(parts) != 3:
        return None
    if not all(part.isdigit() for part in parts):
        return None
    year, month, day = (int(part) for part in parts)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    shifted = year - (month <= 2)
    month_from_march = (month + 9) % 12
    return (
        365 * shifted
        + shifted // 4
        - shifted // 100
        + shifted // 400
        + (153 * month_from_march + 2) // 5
        + day
    )
