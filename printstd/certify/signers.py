"""Who signed an envelope: a trusted key, or the holder of a certificate that a policy accepts.

The algorithm follows from the trusted key or from the certified one, never from the envelope; the
`keyid` there only narrows the candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from printstd.certify.dsse import Envelope, pae, signed_by
from printstd.certify.keys import PublicKey
from printstd.words import said

if TYPE_CHECKING:
    from cryptography import x509


@dataclass(frozen=True, slots=True, eq=False)
class TrustedIdentity:
    """Whoever holds a certificate for this URI under one of these roots."""

    uri: str
    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class StampRoots:
    """Time stamping authorities whose word counts."""

    roots: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Role:
    """Whose signatures count for one kind of statement."""

    keys: tuple[PublicKey, ...] = ()
    identities: tuple[TrustedIdentity, ...] = ()

    def names(self) -> str:
        """All of them, for messages."""
        return ", ".join(
            [*(f"{k.key_id[:16]}…" for k in self.keys), *(i.uri for i in self.identities)]
        )


@dataclass(frozen=True, slots=True)
class StampSeen:
    """A stamp in a bundle. by : the trusted authority; None where it is not known to be one's, and
    `reason` says why."""

    time: str | None
    by: str | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signed. identity : the URI of the certificate, where one was relied on. stamped_at : when
    the certificate was relied on for, where that is not now."""

    key_id: str
    identity: str | None = None
    stamped_at: str | None = None


class NobodyTrusted(ValueError):
    """The signature is of nobody whom the role trusts; says why."""


def signatory(envelope: Envelope, role: Role, stamps: Sequence[StampSeen], now: str) -> Signatory:
    """Who of the role signed the envelope; NobodyTrusted where none of them did.

    stamps : what was found of the envelope's own. A certificate counts if its chain holds now, or
    at the time that a trusted stamp gives (facts of certification 2.5).
    """
    key = signed_by(envelope, role.keys)
    if key is not None:
        return Signatory(key.key_id)
    if envelope.certificate is None or not role.identities:
        raise NobodyTrusted(
            said("signed by key {key_id}… (its own claim)", key_id=envelope.key_id[:16])
        )
    from printstd.certify.chains import (
        ChainError,
        check_signer,
        identities,
        load_certificate,
        public_key,
        told,
    )

    try:
        leaf = load_certificate(envelope.certificate)
        certified = public_key(leaf)
    except ChainError as error:
        raise NobodyTrusted(said("its certificate: {error}", error=str(error))) from error
    if not certified.verifies(pae(envelope.payload_type, envelope.payload), envelope.signature):
        raise NobodyTrusted(said("the signature is not of the key of its certificate"))
    own = identities(leaf)
    wanted = [one for one in role.identities if one.uri in own]
    if not wanted:
        raise NobodyTrusted(
            said(
                "a certificate of {subject} for {uris}",
                subject=told(leaf.subject),
                uris=", ".join(own) or said("nothing by URI"),
            )
        )
    reasons = []
    stamped = [one.time for one in stamps if one.by is not None and one.time is not None]
    for one in wanted:
        for at in (now, *stamped):
            try:
                check_signer(leaf, one.intermediates, one.roots, at)
            except ChainError as error:
                reasons.append(str(error))
            else:
                return Signatory(certified.key_id, one.uri, at if at != now else None)
    raise NobodyTrusted(
        said("a certificate for {uri}: {reason}", uri=wanted[0].uri, reason=reasons[0])
    )


def stamps_of(envelope: Envelope, trusted: StampRoots) -> tuple[StampSeen, ...]:
    """What is to be said of each stamp in the envelope. Raises NobodyTrusted where one is of
    another signature: such a bundle was put together by somebody."""
    if not envelope.stamps:
        return ()
    from printstd.certify.stamps import StampError, check_imprint, check_stamp, read_stamp

    seen = []
    for reply in envelope.stamps:
        try:
            stamp = read_stamp(reply)
            check_imprint(stamp, envelope.signature)
        except StampError as error:
            raise NobodyTrusted(said("its time stamp: {error}", error=str(error))) from error
        if not trusted.roots:
            seen.append(
                StampSeen(stamp.time, None, said("the policy names no root for time stamps"))
            )
            continue
        try:
            by = check_stamp(stamp, envelope.signature, trusted.roots, trusted.intermediates)
        except StampError as error:
            seen.append(StampSeen(stamp.time, None, str(error)))
        else:
            seen.append(StampSeen(stamp.time, by))
    return tuple(seen)
