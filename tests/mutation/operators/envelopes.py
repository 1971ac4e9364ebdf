"""Faults of bundle, envelope and signature (facts of certification 1 and 8.2)."""

from __future__ import annotations

import base64
import json
import random
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from printstd.certify.dsse import MAX_BUNDLE_BYTES, MAX_PAYLOAD_BYTES, PAYLOAD_TYPE, pae
from printstd.certify.keys import load_public_key
from printstd.certify.policy import trusting
from tests.mutation.operators.certified import (
    Certified,
    ContainerOperator,
    honest,
    payload_of,
    resigned,
)
from tests.unit.certify.signing import signer

FAMILY: Final = "envelope"
UNREADABLE: Final = "the certificate cannot be read"
UNTRUSTED: Final = "does not verify under any trusted key"
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256's group."""


def _field(name: str, value: Any):  # type: ignore[no-untyped-def]
    return lambda c, rng: c.with_json(lambda bundle, envelope: envelope.update({name: value}))


def _bytes(change):  # type: ignore[no-untyped-def]
    return lambda c, rng: c.with_recheck(change)


def _json(change):  # type: ignore[no-untyped-def]
    return lambda c, rng: c.with_json(change)


def _flipped(where: str):  # type: ignore[no-untyped-def]
    """One bit of the payload or of the signature, and base64 again."""

    def edit(c: Certified, rng: random.Random) -> Certified:
        def change(bundle: dict[str, Any], envelope: dict[str, Any]) -> None:
            holder = envelope if where == "payload" else envelope["signatures"][0]
            data = bytearray(base64.b64decode(holder[where]))
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            holder[where] = base64.b64encode(bytes(data)).decode()

        return c.with_json(change)

    return edit


def _own_key(c: Certified, rng: random.Random) -> Certified:
    """Signed by a key of the attacker's under the key id of the trusted one."""
    other = signer("ed25519")
    return c.with_recheck(
        lambda bundle: resigned(bundle, lambda s: None, other).replace(
            other.key_id.encode(), c.signer.key_id.encode()
        )
    )


def _high_s(c: Certified, rng: random.Random) -> Certified:
    def change(bundle: dict[str, Any], envelope: dict[str, Any]) -> None:
        only = envelope["signatures"][0]
        r, s = utils.decode_dss_signature(base64.b64decode(only["sig"]))
        only["sig"] = base64.b64encode(utils.encode_dss_signature(r, _ORDER - s)).decode()

    return c.with_json(change)


def _url_safe(bundle: dict[str, Any], envelope: dict[str, Any]) -> None:
    data = base64.b64decode(envelope["payload"])
    envelope["payload"] = base64.urlsafe_b64encode(data).decode()


def _mixed(bundle: dict[str, Any], envelope: dict[str, Any]) -> None:
    """Both alphabets in one text."""
    only = envelope["signatures"][0]
    only["sig"] = "+_" + only["sig"][2:]


def _small_order(c: Certified, rng: random.Random) -> Certified:
    """Trust in a key for which anybody can sign."""
    der = bytes.fromhex("302a300506032b6570032100") + b"\x01" + bytes(31)
    pem = b"-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % base64.b64encode(der)
    return _replace_policy(c, pem)


def _rsa_1024(c: Certified, rng: random.Random) -> Certified:
    key = rsa.generate_private_key(65537, 1024).public_key()
    pem = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return _replace_policy(c, pem)


def _curve(c: Certified, rng: random.Random) -> Certified:
    key = ec.generate_private_key(ec.SECP384R1()).public_key()
    pem = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return _replace_policy(c, pem)


def _replace_policy(c: Certified, pem: bytes) -> Certified:
    from dataclasses import replace

    return replace(c, policy=lambda: trusting((load_public_key(pem, "k.pub"),), "--trust"))


def _pkcs1_garbage(c: Certified, rng: random.Random) -> Certified:
    """Bleichenbacher's forgery needs a verifier that does not look behind the digest: an RSA
    signature over other bytes, whose number is then padded."""
    own = honest("rsa")
    assert own.recheck is not None
    bundle = json.loads(own.recheck)
    payload = payload_of(own.recheck)
    key = own.signer.private
    assert isinstance(key, rsa.RSAPrivateKey)
    wrong = key.sign(pae(PAYLOAD_TYPE, payload)[:-1], padding.PKCS1v15(), hashes.SHA256())
    bundle["dsseEnvelope"]["signatures"][0]["sig"] = base64.b64encode(wrong).decode()
    from dataclasses import replace

    return replace(own, recheck=json.dumps(bundle).encode())


def _pss(c: Certified, rng: random.Random) -> Certified:
    """A good RSA signature in another scheme than the key's."""
    own = honest("rsa")
    assert own.recheck is not None
    bundle, payload = json.loads(own.recheck), payload_of(own.recheck)
    key = own.signer.private
    assert isinstance(key, rsa.RSAPrivateKey)
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    good = key.sign(pae(PAYLOAD_TYPE, payload), scheme, hashes.SHA256())
    bundle["dsseEnvelope"]["signatures"][0]["sig"] = base64.b64encode(good).decode()
    from dataclasses import replace

    return replace(own, recheck=json.dumps(bundle).encode())


def _without_pae(c: Certified, rng: random.Random) -> Certified:
    """A signature over the payload alone, as other tools make."""

    def change(bundle: dict[str, Any], envelope: dict[str, Any]) -> None:
        signature = c.signer.sign(base64.b64decode(envelope["payload"]))
        envelope["signatures"][0]["sig"] = base64.b64encode(signature).decode()

    return c.with_json(change)


def _op(id: str, expected: str, edit: Any, about: str, because: str = "") -> ContainerOperator:
    return ContainerOperator(id, FAMILY, expected, edit, about, because)


OPERATORS: Final = (
    _op("D01", UNREADABLE, _bytes(lambda b: b + b"x"), "bytes behind the end"),
    _op("D02", UNREADABLE, _bytes(lambda b: b"\xef\xbb\xbf" + b), "a byte-order mark"),
    _op(
        "D03",
        UNREADABLE,
        _bytes(lambda b: b.replace(b'"payload":', b'"payload": "", "payload":')),
        "a key twice",
    ),
    _op(
        "D04",
        UNREADABLE,
        _bytes(lambda b: b.replace(b'"tlogEntries": []', b'"tlogEntries": NaN')),
        "NaN",
    ),
    _op("D05", UNREADABLE, _bytes(lambda b: b" " * (MAX_BUNDLE_BYTES + 1)), "a file too long"),
    _op(
        "D06",
        UNREADABLE,
        _field("payload", base64.b64encode(bytes(MAX_PAYLOAD_BYTES + 1)).decode()),
        "a payload too long",
    ),
    _op("D07", UNREADABLE, _bytes(lambda b: b"[" * 100_000), "brackets without an end"),
    _op(
        "D08",
        UNREADABLE,
        _json(lambda b, e: e["signatures"].append(dict(e["signatures"][0]))),
        "two signatures",
    ),
    _op("D09", UNREADABLE, _field("signatures", []), "no signature"),
    _op("D10", UNREADABLE, _field("payloadType", "application/json"), "another payload type"),
    _op(
        "D11",
        UNREADABLE,
        _json(lambda b, e: b.update(mediaType="application/vnd.dev.sigstore.bundle+json;v=0.1")),
        "an older kind of bundle",
    ),
    _op(
        "D12",
        UNREADABLE,
        _json(lambda b, e: e["signatures"][0].update(keyid="0" * 64)),
        "key hint and key id that differ",
    ),
    _op("D13", UNTRUSTED, _own_key, "the key id of a trusted key over another's signature"),
    _op("D14", UNTRUSTED, _flipped("payload"), "a bit of the payload"),
    _op("D15", UNTRUSTED, _flipped("sig"), "a bit of the signature"),
    _op(
        "D16",
        "",
        _json(_url_safe),
        "the URL-safe alphabet",
        "DSSE demands that both alphabets are read; the signed bytes are the same",
    ),
    _op("D17", UNREADABLE, _json(_mixed), "both alphabets of base64 in one text"),
    _op(
        "D18",
        "",
        _high_s,
        "the other of the two signatures that ECDSA has (high S)",
        "both verify everywhere; no decision rests on a signature's own bytes",
    ),
    _op("D19", "small order", _small_order, "an Ed25519 key of small order"),
    _op("D20", "too short", _rsa_1024, "an RSA key of 1024 bits"),
    _op("D21", "curve is not accepted", _curve, "another elliptic curve"),
    _op("D22", UNTRUSTED, _pkcs1_garbage, "an RSA signature over other bytes"),
    _op("D23", UNTRUSTED, _pss, "an RSA signature of another scheme"),
    _op("D24", UNTRUSTED, _without_pae, "a signature over the payload without its type"),
    _op("D25", UNREADABLE, _bytes(lambda b: b[: len(b) // 2]), "half of the file"),
    _op("D26", UNREADABLE, _bytes(lambda b: b"null"), "JSON that is no bundle"),
)
