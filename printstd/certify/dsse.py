"""DSSE v1 envelopes in Sigstore bundles v0.3: signing, and reading by strict rules.

Source: facts of certification 0, 1 and 2.1. The signature covers PAE(type, payload); the
payload's bytes are kept as they were signed and never written again from a parsed value.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, replace
from typing import Any

from printstd.certify.keys import PublicKey
from printstd.certify.strict_json import StrictJsonError, parse
from printstd.errors import InternalError, VerificationError
from printstd.ports import Signer
from printstd.words import said

PAYLOAD_TYPE = "application/vnd.in-toto+json"
BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
MAX_BUNDLE_BYTES = 1 << 20
MAX_PAYLOAD_BYTES = 512 << 10
MAX_STAMPS = 16
_MATERIAL = ("publicKey", "certificate", "x509CertificateChain")


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE pre-authentication encoding: what is really signed."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A bundle's parts, read but not yet verified. key_id : the file's own claim, a hint.
    certificate : the signer's, DER, where the bundle has one instead of a bare key's name.
    stamps : RFC 3161 replies over the signature, DER."""

    payload: bytes
    payload_type: str
    signature: bytes
    key_id: str
    certificate: bytes | None = None
    stamps: tuple[bytes, ...] = ()


def sign_bundle(payload: bytes, signer: Signer) -> bytes:
    """The bundle file: `payload` signed, wrapped, as JSON with a final newline."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise InternalError(
            "the statement is too long to be signed",
            got=f"{len(payload)} bytes",
            wanted=f"at most {MAX_PAYLOAD_BYTES}, which is what verifiers read",
        )
    signature = signer.sign(pae(PAYLOAD_TYPE, payload))
    return write_bundle(
        Envelope(payload, PAYLOAD_TYPE, signature, signer.key_id, signer.certificate)
    )


def write_bundle(envelope: Envelope) -> bytes:
    """An envelope as a bundle file: its payload and signature are the bytes that they were."""
    material: dict[str, Any] = {"publicKey": {"hint": envelope.key_id}}
    if envelope.certificate is not None:
        # The signer's own alone: a bundle v0.3 carries no chain, verifiers bring it.
        material = {"certificate": {"rawBytes": _text(envelope.certificate)}}
    material["tlogEntries"] = []
    if envelope.stamps:
        material["timestampVerificationData"] = {
            "rfc3161Timestamps": [{"signedTimestamp": _text(one)} for one in envelope.stamps]
        }
    bundle = {
        "mediaType": BUNDLE_TYPE,
        "verificationMaterial": material,
        "dsseEnvelope": {
            "payload": _text(envelope.payload),
            "payloadType": envelope.payload_type,
            "signatures": [{"sig": _text(envelope.signature), "keyid": envelope.key_id}],
        },
    }
    return json.dumps(bundle, indent=1, ensure_ascii=False).encode("utf-8") + b"\n"


def with_stamp(bundle: bytes, name: str, reply: bytes) -> bytes:
    """The bundle with one more time stamp over its signature; the same one twice is one."""
    envelope = read_bundle(bundle, name)
    if reply in envelope.stamps:
        return bundle
    return write_bundle(replace(envelope, stamps=(*envelope.stamps, reply)))


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def read_bundle(data: bytes, name: str) -> Envelope:
    """The envelope in a bundle file; VerificationError where any rule of reading is broken."""
    try:
        bundle = parse(data, max_bytes=MAX_BUNDLE_BYTES, what="the bundle")
        if not isinstance(bundle, dict) or bundle.get("mediaType") != BUNDLE_TYPE:
            raise StrictJsonError(f"not a Sigstore bundle of type {BUNDLE_TYPE}")
        material = _object(bundle, "verificationMaterial")
        envelope = _object(bundle, "dsseEnvelope")
        if envelope.get("payloadType") != PAYLOAD_TYPE:
            raise StrictJsonError(f"payloadType {envelope.get('payloadType')!r}")
        signatures = envelope.get("signatures")
        if not isinstance(signatures, list) or len(signatures) != 1:
            raise StrictJsonError("a bundle holds exactly one signature")
        only = signatures[0]
        if not isinstance(only, dict):
            raise StrictJsonError("signatures: each is an object")
        key_id, certificate = _signer(material, only)
        stamps = _stamps(material)
        payload = _base64(envelope.get("payload"), "payload")
        signature = _base64(only.get("sig"), "sig")
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise StrictJsonError(f"payload of {len(payload)} bytes")
    except StrictJsonError as error:
        raise VerificationError(
            said("the certificate cannot be read"),
            where=name,
            got=str(error),
            wanted=said("a Sigstore bundle v0.3 with one DSSE signature"),
            hint=said("ask for the certificate again; this one was damaged or is not ours"),
        ) from error
    return Envelope(payload, PAYLOAD_TYPE, signature, key_id, certificate, stamps)


def _signer(material: dict[str, Any], signature: dict[str, Any]) -> tuple[str, bytes | None]:
    """The key's name and the signer's certificate: a bundle has a key's hint, which its signature
    repeats, or one certificate; never both, and no chain (Sigstore bundle v0.3)."""
    kinds = [key for key in _MATERIAL if key in material]
    if len(kinds) != 1 or kinds[0] == "x509CertificateChain":
        raise StrictJsonError(f"verificationMaterial: {', '.join(kinds) or 'no key'}")
    key_id = signature.get("keyid", "")
    if not isinstance(key_id, str):
        raise StrictJsonError("keyid: a text is wanted")
    if kinds[0] == "certificate":
        return key_id, _base64(_object(material, "certificate").get("rawBytes"), "certificate")
    if _object(material, "publicKey").get("hint") != key_id:
        raise StrictJsonError("the key hint and the signature's keyid differ")
    return key_id, None


def _stamps(material: dict[str, Any]) -> tuple[bytes, ...]:
    if "timestampVerificationData" not in material:
        return ()
    data = _object(material, "timestampVerificationData")
    rows = data.get("rfc3161Timestamps", [])
    if not isinstance(rows, list) or len(rows) > MAX_STAMPS:
        raise StrictJsonError(f"rfc3161Timestamps: a list of at most {MAX_STAMPS} is wanted")
    if not all(isinstance(row, dict) for row in rows):
        raise StrictJsonError("rfc3161Timestamps: each is an object")
    return tuple(_base64(row.get("signedTimestamp"), "signedTimestamp") for row in rows)


def _object(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    if not isinstance(value, dict):
        raise StrictJsonError(f"{key}: missing")
    return value


def _base64(text: Any, what: str) -> bytes:
    """Standard and URL-safe alphabets are both accepted, as DSSE demands; nothing else is.

    One text for one value: the unused bits before the padding must be zero and the alphabets
    are not mixed, so that no character of it can change unseen.
    """
    if not isinstance(text, str):
        raise StrictJsonError(f"{what}: missing")
    try:
        value = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise StrictJsonError(f"{what}: not base64 ({error})") from error
    if text.encode() not in (base64.b64encode(value), base64.urlsafe_b64encode(value)):
        raise StrictJsonError(f"{what}: not base64 as it is written")
    return value


def signed_by(envelope: Envelope, trusted: tuple[PublicKey, ...]) -> PublicKey | None:
    """The trusted key whose signature it carries. `key_id` only narrows the candidates; none, which
    DSSE allows, narrows nothing."""
    message = pae(envelope.payload_type, envelope.payload)
    for key in trusted:
        if envelope.key_id in ("", key.key_id) and key.verifies(message, envelope.signature):
            return key
    return None
