"""One bundle, opened: its signature first, then the signed bytes, then the file they are about.

Nothing is read from the envelope after its signature held. Source: facts of certification 1.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from printstd.artifacts.certificate import Certificate
from printstd.certify.c14n import commands_sha256, second_reading
from printstd.certify.dsse import Envelope, read_bundle
from printstd.certify.keys import PublicKey
from printstd.certify.reading import Said, read_statement
from printstd.certify.signers import (
    NobodyTrusted,
    Role,
    Signatory,
    StampRoots,
    StampSeen,
    signatory,
    stamps_of,
)
from printstd.certify.strict_json import StrictJsonError
from printstd.errors import VerificationError
from printstd.words import said


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A verified statement: the signature held, the form is right, the file is the one meant.

    is_same_file : False where the program has the same commands in another file, and the policy
    accepts that.
    """

    certificate: Certificate
    said: Said
    by: Signatory
    stamps: tuple[StampSeen, ...] = ()
    is_same_file: bool = True


def open_statement(
    bundle: bytes,
    name: str,
    *,
    kind: str,
    program: bytes | None,
    trusted: tuple[PublicKey, ...] | Role,
    now: str = "",
    stamps: StampRoots | None = None,
    same_program: bool = False,
    container_sha256: str | None = None,
) -> Statement:
    """One bundle, verified against the trusted role and the file; VerificationError if not.

    container_sha256 : of the file that the program came in, where that says more than it.

    program : None where there is no such file; a verdict of FAILED stands without it.
    now : UTC time, for certificates; needless where only keys are trusted.
    """
    role = trusted if isinstance(trusted, Role) else Role(trusted)
    envelope, by, seen = open_envelope(bundle, name, role, now, stamps or StampRoots())
    try:
        stated = read_statement(envelope.payload)
        if stated.kind != kind:
            raise StrictJsonError(f"predicateType {stated.kind}")
    except StrictJsonError as error:
        raise not_understood(name, str(error), kind) from error
    is_same_file = True
    if program is not None:
        is_same_file = _check_subject(stated, program, name, same_program)
        if is_same_file:
            _check_container(stated, container_sha256, name)
    certificate = Certificate(bundle, envelope.payload, kind, by.key_id)
    return Statement(certificate, stated, by, seen, is_same_file)


def not_understood(name: str, got: str, kind: str) -> VerificationError:
    return VerificationError(
        said("the signed statement is not one that this version understands"),
        where=name,
        got=got,
        wanted=said("an in-toto statement of type {kind}", kind=kind),
        hint=said("verify with the version of printstd that signed it, or a newer one"),
    )


def open_envelope(
    bundle: bytes, name: str, role: Role, now: str, stamps: StampRoots
) -> tuple[Envelope, Signatory, tuple[StampSeen, ...]]:
    """The envelope, who of the role signed it, and what stamps it bears; VerificationError where
    nobody of the role did. Nothing of the payload is read."""
    envelope = read_bundle(bundle, name)
    try:
        seen = stamps_of(envelope, stamps)
        by = signatory(envelope, role, seen, now)
    except NobodyTrusted as error:
        raise VerificationError(
            said("the signature does not verify under any trusted key"),
            where=name,
            got=str(error),
            wanted=said("a signature by {keys}", keys=role.names())
            if role.keys or role.identities
            else said("a signature by nobody"),
            hint=said("the certificate was changed, or its signer is not one you trust"),
        ) from error
    return envelope, by, seen


def _check_subject(stated: Said, program: bytes, name: str, same_program: bool) -> bool:
    """Is the file the first subject, by digest alone (names are for display), or False where it has
    its commands and that is enough; VerificationError where it is neither."""
    actual = hashlib.sha256(program).hexdigest()
    if stated.subject_sha256 == actual:
        return True
    same_commands = stated.commands_sha256 == commands_sha256(program)
    odd = second_reading(program) if same_commands and same_program else None
    if same_commands and same_program and odd is None:
        return False
    raise VerificationError(
        said("the program is not the file that was signed: same commands, different file")
        if same_commands
        else said("the program is not the file that was signed"),
        where=name,
        got=odd or said("sha256 {actual}", actual=actual),
        wanted=said("sha256 {subject_sha256}", subject_sha256=stated.subject_sha256),
        hint=said("get the program again from its maker; do not print this one"),
    )


def _check_container(stated: Said, container_sha256: str | None, name: str) -> None:
    """What came in a file whose own data count must have been signed with them. A program that was
    taken out of such a file is signed as it is."""
    if container_sha256 is None or stated.container_sha256 == container_sha256:
        return
    raise VerificationError(
        said("the program was signed, the file around it was not: its metadata or pictures differ"),
        where=name,
        got=said("sha256 {actual} (bgcode-v1)", actual=container_sha256),
        wanted=said("sha256 {signed} (bgcode-v1)", signed=stated.container_sha256)
        if stated.container_sha256
        else said("a statement about this file, not about its program alone"),
        hint=said("get the file again from its maker; do not print this one"),
    )
