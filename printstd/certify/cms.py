"""CMS SignedData (RFC 5652): the form that national signatures and time stamps come in.

Read by strict DER and checked with `cryptography`'s primitives: RSA (PKCS#1 v1.5 and PSS), ECDSA
and Ed25519 with SHA-2. What is signed by an algorithm of another family, as the GOST ones of
national authorities, is read and told apart from what does not verify. Sources: RFC 5652 sections
5.1 to 5.6 and 11; facts of certification 2.6.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from printstd.certify import der
from printstd.certify.chains import load_certificate
from printstd.certify.der import DerError, Value, context, find
from printstd.words import said

SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
DATA: Final = "1.2.840.113549.1.7.1"
MAX_CMS_BYTES: Final = 1 << 20
MAX_SIGNERS: Final = 16
MAX_CERTIFICATES: Final = 32

_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_DIGESTS: Final = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_WEAK: Final = {"1.3.14.3.2.26": "SHA-1", "1.2.840.113549.2.5": "MD5"}
_HASHES: Final[dict[str, Callable[[], hashes.HashAlgorithm]]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_RSA: Final = "1.2.840.113549.1.1.1"
_RSA_PSS: Final = "1.2.840.113549.1.1.10"
_ED25519: Final = "1.3.101.112"
# Signature algorithms that name their digest, which must be the signer's own.
_RSA_WITH: Final = {
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}
_ECDSA_WITH: Final = {
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
FAMILIES: Final = {
    "1.2.398.3.10.1": "GOST (Kazakhstan)",
    "1.2.643.7.1.1": "GOST R 34.10-2012 (Russia)",
    "1.2.643.2.2": "GOST R 34.10-2001 (Russia)",
    "1.2.156.10197.1": "SM2 (China)",
    "1.2.804.2.1.1.1.1": "DSTU 4145 (Ukraine)",
}
"""Families that `cryptography` does not know, by the start of their identifiers."""


class CmsError(ValueError):
    """The bytes are no CMS signature, or the signature does not hold."""


class ForeignAlgorithm(CmsError):
    """The signature is of a family that is not checked here."""


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """One signer's part, as read. identifier : of its certificate, by issuer and number or by key.
    attributes : type -> values, of the signed ones."""

    identifier: Value
    certificate: x509.Certificate | None
    """None where the certificate that it names is not there."""
    digest_oid: str
    algorithm: Value
    signed_attributes: Value | None
    attributes: dict[str, tuple[Value, ...]]
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedData:
    """content : None where it is detached."""

    content_type: str
    content: bytes | None
    certificates: tuple[x509.Certificate, ...]
    signers: tuple[SignerInfo, ...]


def read_signed_data(data: bytes) -> SignedData:
    """What a DER file (or its PEM form) holds; CmsError where it is no SignedData."""
    if len(data) > MAX_CMS_BYTES:
        raise CmsError(
            said("{bytes} bytes, at most {most} are read", bytes=len(data), most=1 << 20)
        )
    try:
        return _read(der.read(_unarmoured(data)))
    except (ValueError, IndexError) as error:  # DerError, ChainError, and too few elements
        raise CmsError(said("no CMS signature in DER: {error}", error=str(error))) from error


def _unarmoured(data: bytes) -> bytes:
    """The DER inside PEM lines, where there are some."""
    import base64
    import binascii

    text = data.strip()
    if not text.startswith(b"-----BEGIN"):
        return data
    lines = text.splitlines()
    if not lines[-1].startswith(b"-----END"):
        raise DerError("PEM without an end")
    try:
        return base64.b64decode(b"".join(line.strip() for line in lines[1:-1]), validate=True)
    except binascii.Error as error:
        raise DerError(f"PEM that is no base64: {error}") from error


def _read(outer: Value) -> SignedData:
    kind, wrapped = _exactly(outer.want(der.SEQUENCE), 2)
    if kind.oid() != SIGNED_DATA:
        raise DerError(f"content of type {kind.oid()}")
    version, digests, inside, *others = (
        wrapped.want(context(0)).only().want(der.SEQUENCE).children()
    )
    version.integer()
    digests.want(der.SET)
    content_kind, *held = inside.want(der.SEQUENCE).children()
    content = held[0].want(context(0)).only().want(der.OCTET_STRING).body if held else None
    chain = find(others, context(0))
    certificates = [
        load_certificate(one.raw)
        for one in (chain.children() if chain else ())
        if one.tag == der.SEQUENCE  # the other choices are attribute certificates
    ]
    signers = others[-1].want(der.SET).children() if others else []
    if not 1 <= len(signers) <= MAX_SIGNERS or len(certificates) > MAX_CERTIFICATES:
        raise DerError(f"{len(signers)} signers, {len(certificates)} certificates")
    return SignedData(
        content_kind.oid(),
        content,
        tuple(certificates),
        tuple(_signer(one, certificates) for one in signers),
    )


def _exactly(value: Value, count: int) -> list[Value]:
    found = value.children()
    if len(found) != count:
        raise DerError(f"{len(found)} elements where {count} are wanted")
    return found


def _signer(value: Value, certificates: list[x509.Certificate]) -> SignerInfo:
    version, own, digest, *rest = value.want(der.SEQUENCE).children()
    version.integer()
    signed = rest.pop(0) if rest and rest[0].tag == context(0) else None
    algorithm, signature, *_unsigned = rest
    return SignerInfo(
        own,
        _named(own, certificates),
        digest.want(der.SEQUENCE).children()[0].oid(),
        algorithm.want(der.SEQUENCE),
        signed,
        _attributes(signed) if signed is not None else {},
        signature.want(der.OCTET_STRING).body,
    )


def _attributes(signed: Value) -> dict[str, tuple[Value, ...]]:
    found: dict[str, tuple[Value, ...]] = {}
    for one in signed.children():
        kind, values = _exactly(one.want(der.SEQUENCE), 2)
        if kind.oid() in found:
            raise DerError(f"attribute {kind.oid()} stands twice")
        found[kind.oid()] = tuple(values.want(der.SET).children())
    return found


def _named(own: Value, certificates: list[x509.Certificate]) -> x509.Certificate | None:
    """The certificate that a signer names, by issuer and number or by its key's identifier."""
    if own.tag == der.SEQUENCE:
        issuer, number = _exactly(own, 2)
        for one in certificates:
            if one.issuer.public_bytes() == issuer.raw and one.serial_number == number.integer():
                return one
        return None
    identifier = own.want(context(0, constructed=False)).body
    for one in certificates:
        try:
            found = one.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        except (x509.ExtensionNotFound, ValueError):
            continue
        if found.value.digest == identifier:
            return one
    return None


def names_certificate(signer: SignerInfo, certificate: x509.Certificate) -> bool:
    """Is this the certificate that a signer names? Where the file has one that it names, that very
    one."""
    if signer.certificate is not None:
        return signer.certificate == certificate
    try:
        return _named(signer.identifier, [certificate]) is not None
    except DerError:
        return False


def family_of(oid: str) -> str | None:
    """The name of the family that an algorithm of the table above is of."""
    return next((name for start, name in FAMILIES.items() if oid.startswith(start + ".")), None)


def check_signature(signer: SignerInfo, content: bytes, content_type: str) -> x509.Certificate:
    """The certificate under which the signer's signature over the content holds. Raises CmsError
    where it does not, ForeignAlgorithm where it cannot be told here."""
    digest = _DIGESTS.get(signer.digest_oid)
    if digest is None:
        if signer.digest_oid in _WEAK:
            raise CmsError(said("it rests on {digest}", digest=_WEAK[signer.digest_oid]))
        raise ForeignAlgorithm(_unknown(signer.digest_oid))
    if signer.certificate is None:
        raise ForeignAlgorithm(said("the signer's certificate is not in it"))
    if signer.signed_attributes is None:
        if content_type != DATA:
            raise CmsError(said("its signed attributes are missing"))
        message = content
    else:
        _check_attributes(signer, hashlib.new(digest, content).digest(), content_type)
        # RFC 5652 5.4: what is signed is the SET, not the [0] that it is written under.
        message = bytes((der.SET,)) + signer.signed_attributes.raw[1:]
    _verify(signer.certificate, signer, digest, message)
    return signer.certificate


def _check_attributes(signer: SignerInfo, digest: bytes, content_type: str) -> None:
    kinds = signer.attributes.get(_CONTENT_TYPE, ())
    digests = signer.attributes.get(_MESSAGE_DIGEST, ())
    try:
        if len(kinds) != 1 or kinds[0].oid() != content_type:
            raise CmsError(said("it is about content of another type"))
        if len(digests) != 1 or digests[0].want(der.OCTET_STRING).body != digest:
            raise CmsError(said("it is over other bytes"))
    except DerError as error:
        raise CmsError(str(error)) from error


def _unknown(oid: str) -> str:
    family = family_of(oid)
    if family is None:
        return said("algorithm {oid}", oid=oid)
    return said("algorithm {oid}, {family}", oid=oid, family=family)


def _verify(certificate: x509.Certificate, signer: SignerInfo, digest: str, message: bytes) -> None:
    try:
        oid = signer.algorithm.children()[0].oid()
    except (DerError, IndexError) as error:
        raise CmsError(str(error)) from error
    named = _RSA_WITH.get(oid) or _ECDSA_WITH.get(oid)
    if named is None and oid not in (_RSA, _RSA_PSS, _ED25519):
        raise ForeignAlgorithm(_unknown(oid))
    if named is not None and named != digest:
        raise CmsError(said("its two digest algorithms differ"))
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError) as error:
        raise ForeignAlgorithm(
            _unknown(certificate.public_key_algorithm_oid.dotted_string)
        ) from error
    hash_ = _HASHES[digest]()
    try:
        if isinstance(key, rsa.RSAPublicKey) and (oid in _RSA_WITH or oid in (_RSA, _RSA_PSS)):
            if key.key_size < 2048:
                raise CmsError(said("an RSA key of {bits} bits", bits=key.key_size))
            pad = _pss(signer.algorithm, digest) if oid == _RSA_PSS else padding.PKCS1v15()
            key.verify(signer.signature, message, pad, hash_)
        elif isinstance(key, ec.EllipticCurvePublicKey) and oid in _ECDSA_WITH:
            key.verify(signer.signature, message, ec.ECDSA(hash_))
        elif isinstance(key, ed25519.Ed25519PublicKey) and oid == _ED25519:
            key.verify(signer.signature, message)
        else:
            raise CmsError(said("the certified key is of another algorithm than the signature"))
    except InvalidSignature as error:
        raise CmsError(said("the signature does not hold under the certified key")) from error


def _pss(algorithm: Value, digest: str) -> padding.PSS:
    """RFC 4055 3.1: digest, mask and salt length; all are written, and both digests are one."""
    try:
        parameters = {one.tag: one.only() for one in algorithm.children()[1].children()}
        own = parameters[context(0)].children()[0].oid()
        mask = parameters[context(1)].children()[1].children()[0].oid()
        salt = parameters[context(2)].integer()
    except (DerError, IndexError, KeyError) as error:
        raise CmsError(said("its RSASSA-PSS parameters cannot be read")) from error
    if _DIGESTS.get(own) != digest or _DIGESTS.get(mask) != digest or not 0 <= salt <= 512:
        raise CmsError(said("its two digest algorithms differ"))
    return padding.PSS(padding.MGF1(_HASHES[digest]()), salt)
