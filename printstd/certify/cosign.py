"""Co-signatures: a CMS signature of any national authority over a statement's exact bytes.

The certificate's own signature stays ours; a person's or an organisation's is an extra, made with
whatever their authority's software is, over the exported statement. Those of RSA, ECDSA and
Ed25519 are checked here; of a family that `cryptography` does not know one is told as present and
not checked, unless a plugin answers for it. A plugin is told what the policy demands and says whose
the signature is and under which root; what it says is held against the policy here, and what it
leaves out stays not checked. Source: facts of certification 2.6.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from printstd.certify.chains import (
    ChainError,
    check_person,
    check_span,
    load_certificate,
    parts_of,
    told,
)
from printstd.certify.cms import (
    CmsError,
    ForeignAlgorithm,
    SignedData,
    SignerInfo,
    check_signature,
    names_certificate,
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


@dataclass(frozen=True, slots=True, eq=False)
class Roots:
    """Authorities whose certificates of persons and organisations count. subject : parts that the
    signer's name must hold, as a policy writes them."""

    roots: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()
    subject: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What a plugin is asked about one signer of a file.

    signer : its place among the file's SignerInfos, from 0. certificate : its own (DER), None where
    the file has it not. roots, intermediates : the policy's (DER); without roots only the signature
    is asked about. subject : parts that the policy demands of the signer's name
    (``OU=BIN123456789012``); who vouches need not look at them, they are held against the
    certificate here.
    """

    signer: int
    certificate: bytes | None
    roots: tuple[bytes, ...]
    intermediates: tuple[bytes, ...]
    subject: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vouched:
    """A plugin's yes: this signer's signature holds over the very bytes. certificate : the
    signer's own (DER), under whose key it holds. root_sha256 : of the DER bytes of the one of the
    asked roots that it leads to at the time that was given; None where it leads to none, for the
    `reason`."""

    certificate: bytes
    root_sha256: str | None
    reason: str | None = None


class Plugin(Protocol):
    """Checks signatures of a national family. Entry points of the group ``printstd.co_signatures``
    are such callables."""

    def __call__(
        self, payload: bytes, blob: bytes, now: str, asked: Question
    ) -> Vouched | NotChecked | Invalid:
        """`payload` : the statement as signed; `blob` : the .p7s file; `now` : UTC, as we write it;
        `asked` : which of its signers, and under which roots. NotChecked where the signature is of
        no family that it knows. Any other answer counts as NotChecked, and so does an error
        (`printstd.adapters.plugins`)."""
        ...


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
    answers = []
    for number, signer in enumerate(signed.signers):
        answer = _answer(signed, signer, payload, now, trusted)
        if isinstance(answer, NotChecked):
            answer = _asked_of(plugins, number, signer, answer, (payload, blob, now), trusted)
        answers.append(answer)
    return tuple(answers)


def _asked_of(
    plugins: Sequence[Plugin],
    number: int,
    signer: SignerInfo,
    unknown: NotChecked,
    given: tuple[bytes, bytes, str],
    trusted: Roots,
) -> Answer:
    """What the first plugin says that knows the signature; `unknown` where none does."""
    asked = Question(
        number,
        signer.certificate.public_bytes(Encoding.DER) if signer.certificate is not None else None,
        tuple(one.public_bytes(Encoding.DER) for one in trusted.roots),
        tuple(one.public_bytes(Encoding.DER) for one in trusted.intermediates),
        trusted.subject,
    )
    for plugin in plugins:
        answer: object = plugin(*given, asked)
        if isinstance(answer, Vouched):
            held = _held(answer, signer, unknown, trusted, given[2])
        elif isinstance(answer, NotChecked):
            held = NotChecked(answer.reason, answer.claims or unknown.claims)
        elif isinstance(answer, Invalid):
            held = answer
        else:
            reason = said("the plugin answered in a form that is not known here")
            held = NotChecked(reason, unknown.claims)
        if not isinstance(held, NotChecked):
            return held
        unknown = held
    return unknown


def _held(
    vouched: Vouched, signer: SignerInfo, unknown: NotChecked, trusted: Roots, now: str
) -> Answer:
    """A plugin's yes against what can be seen without its algorithms: that the certificate is the
    signer's, its name, its time, and that the root is one of the policy's."""
    try:
        leaf = load_certificate(vouched.certificate)
    except (ChainError, TypeError) as error:
        return NotChecked(
            said("the plugin did not say whose signature it is: {error}", error=str(error)),
            unknown.claims,
        )
    if not names_certificate(signer, leaf):
        return NotChecked(
            said(
                "the plugin vouched for {subject}, whose signature it is not",
                subject=told(leaf.subject),
            ),
            unknown.claims,
        )
    subject, issuer, serial = told(leaf.subject), told(leaf.issuer), f"{leaf.serial_number:x}"
    parts = parts_of(leaf.subject)
    reason = _why_not(vouched, leaf, trusted, now)
    return Identity(subject, issuer, serial, reason is None, reason, parts)


def _why_not(vouched: Vouched, leaf: x509.Certificate, trusted: Roots, now: str) -> str | None:
    """Why the certificate does not lead to a root of the policy."""
    if not trusted.roots:
        return _NO_ROOT
    if not isinstance(vouched.root_sha256, str):
        return vouched.reason or said("the plugin did not say under which root")
    by_digest = {
        hashlib.sha256(one.public_bytes(Encoding.DER)).hexdigest(): one for one in trusted.roots
    }
    root = by_digest.get(vouched.root_sha256)
    if root is None:
        return said(
            "it leads to a root with sha256 {sha256}, which is none of the policy's",
            sha256=vouched.root_sha256[:64],
        )
    try:
        check_span(leaf, now)
        check_span(root, now)
    except ChainError as error:
        return str(error)
    return None


_NO_ROOT: Final = said("the policy names no root for co-signatures")


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
        return Identity(subject, issuer, serial, False, _NO_ROOT, parts)
    others = [one for one in signed.certificates if one != leaf]
    try:
        check_person(leaf, [*others, *trusted.intermediates], trusted.roots, now)
    except ChainError as error:
        return Identity(subject, issuer, serial, False, str(error), parts)
    return Identity(subject, issuer, serial, True, None, parts)
