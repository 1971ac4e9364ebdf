"""Co-signatures: a CMS signature of any national authority over a statement's exact bytes.

The certificate's own signature stays ours; a person's or an organisation's is an extra, made with
whatever their authority's software is, over the exported statement. Those of RSA, ECDSA and
Ed25519 are checked here; of a family that `cryptography` does not know one is told as present and
not checked, unless a plugin answers for it. Source: facts of certification 2.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography import x509

from printstd.certify.chains import ChainError, check_person, parts_of, told
from printstd.certify.cms import (
    CmsError,
    ForeignAlgorithm,
    SignedData,
    SignerInfo,
    check_signature,
    read_signed_data,
)
from printstd.words import said


@dataclass(frozen=True, slots=True)
class Identity:
    """The signature holds over the very bytes. subject, issuer : RFC 4514 names of the certificate;
    parts : of the subject, as ``OU=BIN123456789012``. vouched_for : it leads to a root of the
    policy. reason : why it does not, where it does not."""

    subject: str
    issuer: str
    serial: str
    vouched_for: bool
    reason: str | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A signature is there and nobody here can tell whether it holds. claims : whose it says."""

    reason: str
    claims: str


@dataclass(frozen=True, slots=True)
class Invalid:
    """It does not hold, or is over other bytes."""

    reason: str


Answer = Identity | NotChecked | Invalid


class Plugin(Protocol):
    """Checks signatures of a national family. Entry points of the group ``printstd.co_signatures``
    are such callables."""

    def __call__(self, payload: bytes, blob: bytes, now: str) -> Answer:
        """`payload` : the statement as signed; `blob` : the .p7s file; `now` : UTC, as we write it.
        NotChecked where the signature is of no family that it knows."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Roots:
    """Authorities whose certificates of persons and organisations count."""

    roots: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()


def check_co_signature(
    payload: bytes,
    blob: bytes,
    *,
    now: str,
    trusted: Roots,
    plugins: Sequence[Plugin] = (),
) -> tuple[Answer, ...]:
    """An answer for each signer of a CMS file over `payload`."""
    try:
        signed = read_signed_data(blob)
    except CmsError as error:
        return (Invalid(str(error)),)
    if signed.content is not None and signed.content != payload:
        return (Invalid(said("it holds other bytes than the statement")),)
    answers = [_answer(signed, signer, payload, now, trusted) for signer in signed.signers]
    if any(isinstance(one, NotChecked) for one in answers):
        for plugin in plugins:
            answer = plugin(payload, blob, now)
            if not isinstance(answer, NotChecked):
                return tuple(answer if isinstance(one, NotChecked) else one for one in answers)
    return tuple(answers)


def _answer(
    signed: SignedData, signer: SignerInfo, payload: bytes, now: str, trusted: Roots
) -> Answer:
    try:
        leaf = check_signature(signer, payload, signed.content_type)
    except ForeignAlgorithm as error:
        named = signer.certificate
        claims = told(named.subject) if named is not None else said("nobody by name")
        return NotChecked(str(error), claims)
    except CmsError as error:
        return Invalid(str(error))
    subject, issuer = told(leaf.subject), told(leaf.issuer)
    serial = f"{leaf.serial_number:x}"
    parts = parts_of(leaf.subject)
    if not trusted.roots:
        reason = said("the policy names no root for co-signatures")
        return Identity(subject, issuer, serial, False, reason, parts)
    others = [one for one in signed.certificates if one != leaf]
    try:
        check_person(leaf, [*others, *trusted.intermediates], trusted.roots, now)
    except ChainError as error:
        return Identity(subject, issuer, serial, False, str(error), parts)
    return Identity(subject, issuer, serial, True, None, parts)
