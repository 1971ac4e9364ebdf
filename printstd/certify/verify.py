"""Verifying: bundles and a program in, a `CertifiedProgram` out, or the reason why not.

The order matters: signature first, then the signed bytes are parsed, then what they say is
held against the file. Nothing is read from the envelope after that. Source: facts of
certification 1 (parser rules), 3, 4.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from printstd.artifacts.certificate import Certificate, CertifiedProgram
from printstd.certify.c14n import commands_sha256
from printstd.certify.dates import days_between
from printstd.certify.dsse import read_bundle, signed_by
from printstd.certify.keys import PublicKey
from printstd.certify.policy import LEVELS, TrustPolicy
from printstd.certify.predicates import GENERATION, RECHECK
from printstd.certify.reading import Said, read_statement
from printstd.certify.strict_json import StrictJsonError
from printstd.errors import VerificationError
from printstd.profiles.decision import Outcome
from printstd.words import said


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A verified statement: the signature held, the form is right, the file is the one meant."""

    certificate: Certificate
    said: Said


@dataclass(frozen=True, slots=True, eq=False)
class Verified:
    """Everything that verified. `program` is None where the signed verdict is not PASSED, and
    where the policy is content without a re-check."""

    outcome: Outcome
    level: str
    program: CertifiedProgram | None
    generation: Statement | None
    recheck: Statement | None


def _fail(what: str, name: str, got: str, wanted: str, hint: str) -> VerificationError:
    return VerificationError(what, where=name, got=got, wanted=wanted, hint=hint)


def open_statement(
    bundle: bytes,
    name: str,
    *,
    kind: str,
    program: bytes | None,
    trusted: tuple[PublicKey, ...],
    container_sha256: str | None = None,
) -> Statement:
    """One bundle, verified against the trusted keys and the file; VerificationError if not.

    program : None where there is no such file; a verdict of FAILED stands without it.
    container_sha256 : of the file that it came in, where that says more than the program.
    """
    envelope = read_bundle(bundle, name)
    key = signed_by(envelope, trusted)
    if key is None:
        raise _fail(
            said("the signature does not verify under any trusted key"),
            name,
            said("signed by key {key_id}… (its own claim)", key_id=envelope.key_id[:16]),
            said("a signature by {keys}", keys=", ".join(f"{k.key_id[:16]}…" for k in trusted))
            if trusted
            else said("a signature by nobody"),
            said("the certificate was changed, or its signer is not one you trust"),
        )
    try:
        stated = read_statement(envelope.payload)
        if stated.kind != kind:
            raise StrictJsonError(f"predicateType {stated.kind}")
    except StrictJsonError as error:
        raise _fail(
            said("the signed statement is not one that this version understands"),
            name,
            str(error),
            said("an in-toto statement of type {kind}", kind=kind),
            said("verify with the version of printstd that signed it, or a newer one"),
        ) from error
    if program is not None:
        _check_subject(stated, program, name)
        _check_container(stated, container_sha256, name)
    return Statement(Certificate(bundle, envelope.payload, kind, key.key_id), stated)


def _check_subject(stated: Said, program: bytes, name: str) -> None:
    """The first subject is the file, by digest alone; names are for display."""
    actual = hashlib.sha256(program).hexdigest()
    if stated.subject_sha256 == actual:
        return
    same_commands = stated.commands_sha256 == commands_sha256(program)
    raise _fail(
        said("the program is not the file that was signed: same commands, different file")
        if same_commands
        else said("the program is not the file that was signed"),
        name,
        said("sha256 {actual}", actual=actual),
        said("sha256 {subject_sha256}", subject_sha256=stated.subject_sha256),
        said("get the program again from its maker; do not print this one"),
    )


def _check_container(stated: Said, container_sha256: str | None, name: str) -> None:
    """What came in a file whose own data count must have been signed with them. A program that was
    taken out of such a file is signed as it is."""
    if container_sha256 is None or stated.container_sha256 == container_sha256:
        return
    raise _fail(
        said("the program was signed, the file around it was not: its metadata or pictures differ"),
        name,
        said("sha256 {actual} (bgcode-v1)", actual=container_sha256),
        said("sha256 {signed} (bgcode-v1)", signed=stated.container_sha256)
        if stated.container_sha256
        else said("a statement about this file, not about its program alone"),
        said("get the file again from its maker; do not print this one"),
    )


def verify_program(
    program: bytes | None,
    *,
    generation: tuple[str, bytes] | None,
    recheck: tuple[str, bytes] | None,
    policy: TrustPolicy,
    now: str,
    container_sha256: str | None = None,
) -> Verified:
    """Hold a program against its certificates under a policy.

    program : None where the file is not there: then only a verdict of FAILED can be had.
    container_sha256 : see `open_statement`.
    generation, recheck : (display name, bundle bytes) where such a file was found.
    now : UTC time ``YYYY-MM-DDTHH:MM:SSZ``.

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
            container_sha256=container_sha256,
        )
    if recheck is not None:
        checked = open_statement(
            recheck[1],
            recheck[0],
            kind=RECHECK,
            program=program,
            trusted=policy.recheck_keys,
            container_sha256=container_sha256,
        )
        _check_link(checked, made, recheck[0])
    level = "C2" if checked else "C1" if made else "C0"
    if LEVELS.index(level) < LEVELS.index(policy.minimum_level):
        raise _fail(
            said("the policy demands level {minimum_level}", minimum_level=policy.minimum_level),
            policy.name,
            said("level {level}: no re-check", level=level)
            if made
            else said("level {level}: no certificate at all", level=level),
            said("OUT.gcode.recheck.json beside the program"),
            said("`printstd certify OUT.gcode --model MODEL` makes one"),
        )
    for statement in (made, checked):
        if statement is not None:
            _check_policy(statement.said, policy, now)
    outcome = (checked.said.verdict if checked else None) or Outcome.PASSED
    certified = None
    if program is not None and checked is not None and outcome is Outcome.PASSED:
        certified = CertifiedProgram(
            data=program,
            generation=made.certificate if made else None,
            recheck=checked.certificate,
            level=level,
        )
    return Verified(outcome, level, certified, made, checked)


def _check_link(checked: Statement, made: Statement | None, name: str) -> None:
    """A re-check belongs to the generation certificate that it names, or to none."""
    claimed = checked.said.generation_sha256
    actual = hashlib.sha256(made.certificate.payload).hexdigest() if made is not None else None
    if claimed != actual:
        raise _fail(
            said("the re-check was made for another generation certificate"),
            name,
            said("statement sha256 {actual}", actual=actual)
            if actual
            else said("no OUT.gcode.cert.json"),
            said("statement sha256 {claimed}", claimed=claimed)
            if claimed
            else said("none: it was made without one"),
            said("keep OUT.gcode.cert.json and OUT.gcode.recheck.json together as they were made"),
        )
    if made is not None and (
        made.said.demand != checked.said.demand or made.said.digests != checked.said.digests
    ):
        raise _fail(
            said("generation and re-check speak of different models or demands"),
            name,
            said("model sha256 {digests}", digests=", ".join(checked.said.digests)),
            said(
                "model sha256 {digests}, under the same demand",
                digests=", ".join(made.said.digests),
            ),
            said("certify the program again"),
        )


def _check_policy(stated: Said, policy: TrustPolicy, now: str) -> None:
    if policy.packs and stated.pack not in policy.packs:
        raise _fail(
            said("the policy does not accept this pack"),
            policy.name,
            stated.pack,
            ", ".join(policy.packs),
            said("certify under an accepted pack"),
        )
    if (
        stated.expires_at is not None and stated.expires_at < now
    ):  # one form, so text order is time's
        raise _fail(
            said("the certificate has expired"),
            policy.name,
            said("expired {expires_at}", expires_at=stated.expires_at),
            said("valid at {now}", now=now),
            said("certify the program again"),
        )
    if policy.max_age_days is not None:
        age = days_between(stated.issued_at, now)
        if age is None or not 0 <= age <= policy.max_age_days:
            raise _fail(
                said("the certificate is older than the policy allows, or not yet valid"),
                policy.name,
                said("issued {issued_at}", issued_at=stated.issued_at),
                said(
                    "at most {max_age_days} days before {now}",
                    max_age_days=policy.max_age_days,
                    now=now,
                ),
                said("certify the program again"),
            )
