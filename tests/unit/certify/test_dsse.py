"""Bundles: what is signed is what is read, and no other reading passes."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from printstd.certify.dsse import PAYLOAD_TYPE, pae, read_bundle, sign_bundle, signed_by
from printstd.certify.keys import load_public_key, public_key_of, public_pem
from printstd.errors import InputError, InternalError, VerificationError
from tests.unit.certify.signing import signer

PAYLOAD = '{"name":"Кронштейн №4"}'.encode()


def test_pae_is_the_published_example():
    # The example of the DSSE specification's protocol.md.
    assert (
        pae("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


@pytest.mark.parametrize("kind", ["p256", "ed25519", "rsa"])
def test_a_signed_bundle_reads_back_its_very_bytes_under_its_key_alone(kind):
    maker, other = signer(kind), signer(kind)
    envelope = read_bundle(sign_bundle(PAYLOAD, maker), "x")
    assert envelope.payload == PAYLOAD
    assert signed_by(envelope, (other.public, maker.public)) is maker.public
    assert signed_by(envelope, (other.public,)) is None
    assert signed_by(envelope, ()) is None


@pytest.mark.parametrize("kind", ["p256", "ed25519", "rsa"])
def test_every_changed_byte_of_payload_or_signature_is_refused(kind):
    maker = signer(kind)
    bundle = json.loads(sign_bundle(PAYLOAD, maker))
    envelope = bundle["dsseEnvelope"]
    for holder, field in ((envelope, "payload"), (envelope["signatures"][0], "sig")):
        good = base64.b64decode(holder[field])
        for at in range(0, len(good), 1 if field == "payload" else 7):
            bad = bytearray(good)
            bad[at] ^= 1
            holder[field] = base64.b64encode(bad).decode()
            read = read_bundle(json.dumps(bundle).encode(), "x")
            assert signed_by(read, (maker.public,)) is None, (field, at)
        holder[field] = base64.b64encode(good).decode()


def _changed(**change):
    bundle = json.loads(sign_bundle(PAYLOAD, signer()))
    envelope = bundle["dsseEnvelope"]
    for key, value in change.items():
        target = {"media": bundle, "sig": envelope["signatures"][0]}.get(key, envelope)
        if callable(value):
            value(bundle, envelope)
        elif key == "media":
            target["mediaType"] = value
        elif key == "sig":
            target["sig"] = value
        else:
            target[key] = value
    return json.dumps(bundle).encode()


@pytest.mark.parametrize(
    "data",
    [
        _changed(payloadType="application/json"),
        _changed(media="application/vnd.dev.sigstore.bundle.v0.1+json"),
        _changed(signatures=[]),
        _changed(f=lambda b, e: e["signatures"].append(e["signatures"][0])),
        _changed(f=lambda b, e: e["signatures"][0].update(keyid="0" * 64)),
        _changed(f=lambda b, e: b["verificationMaterial"]["publicKey"].pop("hint")),
        _changed(f=lambda b, e: e.pop("payload")),
        _changed(payload="not base64!"),
        _changed(sig="@@@@"),
        sign_bundle(PAYLOAD, signer()) + b"x",
        b"\xef\xbb\xbf" + sign_bundle(PAYLOAD, signer()),
        sign_bundle(PAYLOAD, signer()).replace(b'"payload":', b'"payload": "", "payload":'),
        b"{}",
        b"[]",
        b"",
        b"null",
        b" " * ((1 << 20) + 1),
    ],
)
def test_a_bundle_that_breaks_a_reading_rule_is_refused(data):
    with pytest.raises(VerificationError):
        read_bundle(data, "x")


def test_url_safe_base64_is_accepted_as_dsse_demands():
    maker = signer("ed25519")
    payload = b'{"x":"' + bytes(range(0x3A, 0x5B)) + b'???>>>~~~"}'
    bundle = json.loads(sign_bundle(payload, maker))
    envelope = bundle["dsseEnvelope"]
    safe = base64.urlsafe_b64encode(payload).decode()
    assert safe != envelope["payload"]
    envelope["payload"] = safe
    read = read_bundle(json.dumps(bundle).encode(), "x")
    assert signed_by(read, (maker.public,)) is maker.public


def test_a_trusted_key_id_does_not_help_another_key_s_signature():
    trusted, attacker = signer("ed25519"), signer("ed25519")
    bundle = json.loads(sign_bundle(PAYLOAD, attacker))
    bundle["verificationMaterial"]["publicKey"]["hint"] = trusted.key_id
    bundle["dsseEnvelope"]["signatures"][0]["keyid"] = trusted.key_id
    read = read_bundle(json.dumps(bundle).encode(), "x")
    assert signed_by(read, (trusted.public,)) is None


def test_the_algorithm_comes_from_the_key_not_from_the_file():
    p256, edwards = signer(), signer("ed25519")
    message = pae(PAYLOAD_TYPE, PAYLOAD)
    assert not edwards.public.verifies(message, p256.sign(message))
    assert not p256.public.verifies(message, edwards.sign(message))


@pytest.mark.parametrize("kind", ["p256", "ed25519", "rsa"])
def test_a_public_key_survives_its_pem(kind):
    key = signer(kind).public
    again = load_public_key(public_pem(key), "x")
    assert (again.key_id, again.algorithm) == (key.key_id, key.algorithm)


def _pem(private):
    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_weak_foreign_and_private_keys_are_no_trust_anchors():
    weak = _pem(rsa.generate_private_key(65537, 1024))
    curve = _pem(ec.generate_private_key(ec.SECP384R1()))
    secret = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for pem in (weak, curve, secret, b"", b"hello"):
        with pytest.raises(InputError):
            load_public_key(pem, "x")
    # y = 1: the neutral element, under which anybody's signature of zeros verifies.
    neutral = ed25519.Ed25519PublicKey.from_public_bytes(bytes([1]) + bytes(31))
    with pytest.raises(InputError, match="small order"):
        public_key_of(neutral, "x")


def test_base64_has_one_spelling_and_alphabets_are_not_mixed():
    maker = signer("ed25519")
    payload = bytes([0xFB, 0xEF, 0xBE, 0xFF, 0xFF, 0xFF, 0x00])  # "++++////AA=="
    bundle = json.loads(sign_bundle(payload, maker))
    for spelling in ("++++////AA==", "----____AA=="):
        bundle["dsseEnvelope"]["payload"] = spelling
        assert read_bundle(json.dumps(bundle).encode(), "x").payload == payload
    for spelling in (
        "++++____AA==",
        "----////AA==",
        "++++////AB==",
        "++++////AA",
        "++++////AA=",
        "++++////AA===",
        "++++ ////AA==",
        "++++////AA==\n",
        "++++////AA==AAAA",
        "=++++////AA=",
        "++++////\u0410A==",
    ):
        bundle["dsseEnvelope"]["payload"] = spelling
        with pytest.raises(VerificationError, match="cannot be read"):
            read_bundle(json.dumps(bundle).encode(), "x")


def test_a_payload_over_the_limit_is_neither_signed_nor_read():
    maker = signer("ed25519")
    limit = 512 << 10
    assert read_bundle(sign_bundle(b"x" * limit, maker), "x").payload == b"x" * limit
    with pytest.raises(InternalError, match="too long"):
        sign_bundle(b"x" * (limit + 1), maker)
    bundle = json.loads(sign_bundle(b"x" * limit, maker))
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(b"x" * (limit + 1)).decode()
    with pytest.raises(VerificationError, match="cannot be read"):
        read_bundle(json.dumps(bundle).encode(), "x")
