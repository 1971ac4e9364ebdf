"""RFC 3161 time stamps: when a signature was there already, by an authority's word.

What is stamped is the signature's bytes, as Sigstore bundles want it. A stamp is verified at the
time that it tells: the authority's certificate must have been valid then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from printstd.certify import der
from printstd.certify.chains import ChainError, check_stamper, told
from printstd.certify.cms import (
    CmsError,
    SignedData,
    check_signature,
    read_signed_data,
)
from printstd.certify.der import DerError, Value
from printstd.words import said

TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
MAX_STAMPS: Final = 16
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_DIGESTS: Final = {
    _SHA256: "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_GRANTED: Final = (0, 1)
_SIGNING_CERTIFICATE: Final = "1.2.840.113549.1.9.16.2.12"
_SIGNING_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"


class StampError(ValueError):
    """Why a stamp does not hold."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A stamp as read. time : what it tells. by : its authority's name, by its own claim."""

    time: str
    imprint: tuple[str, bytes]
    token: SignedData
    content: bytes

    @property
    def by(self) -> str:
        certificate = self.token.signers[0].certificate
        return told(certificate.subject) if certificate is not None else "?"


def stamp_request(signature: bytes) -> bytes:
    """A TimeStampReq over the signature that asks for the authority's certificate in the reply."""
    imprint = der.write(
        der.SEQUENCE,
        der.write(der.SEQUENCE, der.write_oid(_SHA256), der.write(der.NULL)),
        der.write(der.OCTET_STRING, hashlib.sha256(signature).digest()),
    )
    version = der.write(der.INTEGER, b"\x01")
    return der.write(der.SEQUENCE, version, imprint, der.write(der.BOOLEAN, b"\xff"))


def read_stamp(reply: bytes) -> Stamp:
    """A TimeStampResp; StampError where it is none, or the authority granted nothing."""
    try:
        status, *rest = der.read(reply).want(der.SEQUENCE).children()
        code = status.want(der.SEQUENCE).children()[0].integer()
        if code not in _GRANTED or len(rest) != 1:
            raise StampError(said("the authority refused it, status {code}", code=code))
        token = read_signed_data(rest[0].raw)
        if token.content_type != TST_INFO or token.content is None or len(token.signers) != 1:
            raise StampError(said("no time stamp is in it"))
        time, imprint = _info(der.read(token.content))
    except StampError:
        raise
    except (ValueError, IndexError) as error:
        raise StampError(said("no RFC 3161 reply: {error}", error=str(error))) from error
    return Stamp(time, imprint, token, token.content)


def _info(info: Value) -> tuple[str, tuple[str, bytes]]:
    version, _policy, imprint, _number, time, *_rest = info.want(der.SEQUENCE).children()
    if version.integer() != 1:
        raise DerError("a TSTInfo of another version")
    algorithm, digest = imprint.want(der.SEQUENCE).children()
    oid = algorithm.want(der.SEQUENCE).children()[0].oid()
    return time.time(), (oid, digest.want(der.OCTET_STRING).body)


def check_imprint(stamp: Stamp, signature: bytes) -> None:
    """StampError unless it is of this very signature."""
    oid, digest = stamp.imprint
    name = _DIGESTS.get(oid)
    if name is None:
        raise StampError(said("it rests on digest {oid}", oid=oid))
    if hashlib.new(name, signature).digest() != digest:
        raise StampError(said("it is of another signature"))


def check_stamp(
    stamp: Stamp,
    signature: bytes,
    roots: Sequence[x509.Certificate],
    intermediates: Sequence[x509.Certificate],
) -> str:
    """The name of the trusted authority whose stamp it is; StampError where it is nobody's."""
    check_imprint(stamp, signature)
    signer = stamp.token.signers[0]
    if signer.certificate is None:
        # certReq was not set: the authority's certificate is looked for among the trusted ones.
        raise StampError(said("the authority's certificate is not in it"))
    try:
        leaf = check_signature(signer, stamp.content, TST_INFO)
        _check_bound(stamp, leaf)
        others = [one for one in stamp.token.certificates if one != leaf]
        check_stamper(leaf, [*others, *intermediates], roots, stamp.time)
    except (CmsError, ChainError) as error:
        raise StampError(str(error)) from error
    return told(leaf.subject)


def _check_bound(stamp: Stamp, leaf: x509.Certificate) -> None:
    """RFC 3161 2.4.2, RFC 5816: the stamp itself names its signer's certificate by a digest."""
    attributes = stamp.token.signers[0].attributes
    own = leaf.public_bytes(Encoding.DER)
    try:
        for kind, default in ((_SIGNING_CERTIFICATE_V2, "sha256"), (_SIGNING_CERTIFICATE, "sha1")):
            for value in attributes.get(kind, ()):
                first = value.want(der.SEQUENCE).children()[0].children()[0]
                parts = first.want(der.SEQUENCE).children()
                name: str | None = default
                if kind == _SIGNING_CERTIFICATE_V2 and parts[0].tag == der.SEQUENCE:
                    name = _DIGESTS.get(parts.pop(0).children()[0].oid())
                if name is None:
                    raise StampError(said("it names its certificate by an unknown digest"))
                if parts[0].want(der.OCTET_STRING).body != hashlib.new(name, own).digest():
                    raise StampError(said("it names another certificate than the one in it"))
                return
    except (DerError, IndexError) as error:
        raise StampError(str(error)) from error
    raise StampError(said("it does not name its authority's certificate"))
