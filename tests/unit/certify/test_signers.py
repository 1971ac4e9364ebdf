"""Who signed: a key or an identity under a root, now or at a trusted stamp's time."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from printstd.adapters.keys import FileSigner
from printstd.certify.dsse import read_bundle, sign_bundle, with_stamp
from printstd.certify.keys import public_key_of
from printstd.certify.signers import (
    NobodyTrusted,
    Role,
    StampRoots,
    TrustedIdentity,
    signatory,
    stamps_of,
)
from printstd.errors import VerificationError
from tests.unit.certify.authority import (
    AFTER_LEAF,
    NOW,
    URI,
    Authority,
    p256,
    stamp,
    stamp_certificate,
)

ROOT = Authority("root")
MIDDLE = Authority("middle", ROOT)
KEY, STAMP_KEY = p256(), p256()
STAMPER = stamp_certificate(ROOT, STAMP_KEY)
STAMPS = StampRoots((ROOT.certificate,))
IDENTITY = TrustedIdentity(URI, (ROOT.certificate,), (MIDDLE.certificate,))
ROLE = Role((), (IDENTITY,))


def signer(certificate=None, key=KEY) -> FileSigner:
    der = None if certificate is None else certificate.public_bytes(Encoding.DER)
    return FileSigner(key, public_key_of(key.public_key(), "x"), der)


def bundle(certificate=None, key=KEY) -> bytes:
    return sign_bundle(b'{"a":1}', signer(certificate, key))


def who(data: bytes, *, role: Role = ROLE, now: str = NOW, stamps: StampRoots = STAMPS):
    envelope = read_bundle(data, "x")
    return signatory(envelope, role, stamps_of(envelope, stamps), now)


def stamped(data: bytes, time: str, *, authority=STAMPER, key=STAMP_KEY) -> bytes:
    signature = read_bundle(data, "x").signature
    return with_stamp(data, "x", stamp(signature, authority, key, time))


def test_the_holder_of_a_certificate_for_the_uri_is_known():
    found = who(bundle(ROOT.issue(KEY)))
    assert (found.identity, found.stamped_at) == (URI, None)
    assert found.key_id == signer().key_id
    assert who(bundle(MIDDLE.issue(KEY))).identity == URI


@pytest.mark.parametrize(
    "data",
    [
        bundle(ROOT.issue(KEY, uri="https://bureau.example/press/line-2")),
        bundle(Authority("root").issue(KEY)),
        bundle(ROOT.issue(KEY, purposes=None)),
        bundle(ROOT.issue(p256())),
        bundle(),
    ],
    ids=["another uri", "another root", "no purpose", "another key", "no certificate"],
)
def test_nobody_else_is(data):
    with pytest.raises(NobodyTrusted):
        who(data)


def test_a_trusted_key_counts_whatever_certificate_stands_beside_it():
    role = Role((signer().public,))
    assert who(bundle(Authority("x").issue(KEY)), role=role).identity is None
    with pytest.raises(NobodyTrusted):
        who(bundle(ROOT.issue(KEY)), role=Role((signer(key=p256()).public,)))


def test_an_expired_certificate_counts_with_a_trusted_stamp_inside_its_validity_alone():
    data = bundle(ROOT.issue(KEY))
    with pytest.raises(NobodyTrusted, match="not at"):
        who(data, now=AFTER_LEAF)
    early = stamped(data, "20260301120000Z")
    assert who(early, now=AFTER_LEAF).stamped_at == "2026-03-01T12:00:00Z"
    late = stamped(data, "20270301120000Z")
    with pytest.raises(NobodyTrusted):
        who(late, now=AFTER_LEAF)
    assert who(stamped(late, "20260301120000Z"), now=AFTER_LEAF).stamped_at
    other_root = Authority("x")
    key = p256()
    foreign = stamped(
        data, "20260301120000Z", authority=stamp_certificate(other_root, key), key=key
    )
    for stamps in (STAMPS, StampRoots()):
        with pytest.raises(NobodyTrusted):
            who(foreign, now=AFTER_LEAF, stamps=stamps)


def test_a_stamp_of_another_signature_makes_the_whole_bundle_suspect():
    data = bundle(ROOT.issue(KEY))
    other = read_bundle(bundle(ROOT.issue(KEY)), "x").signature
    moved = with_stamp(data, "x", stamp(other, STAMPER, STAMP_KEY))
    with pytest.raises(NobodyTrusted, match="another signature"):
        who(moved)


def test_stamps_that_are_not_trusted_are_told_of_as_such():
    data = stamped(bundle(ROOT.issue(KEY)), "20260301120000Z")
    (seen,) = stamps_of(read_bundle(data, "x"), StampRoots())
    assert (seen.time, seen.by) == ("2026-03-01T12:00:00Z", None)
    assert "no root" in (seen.reason or "")
    (seen,) = stamps_of(read_bundle(data, "x"), STAMPS)
    assert seen.by == "CN=time stamps,C=KZ"


def test_stamping_twice_with_one_reply_is_once_and_the_signed_bytes_stay():
    data = bundle(ROOT.issue(KEY))
    once = stamped(data, "20260301120000Z")
    reply = read_bundle(once, "x").stamps[0]
    assert with_stamp(once, "x", reply) == once
    before, after = json.loads(data), json.loads(once)
    assert before["dsseEnvelope"] == after["dsseEnvelope"]


def _changed(change) -> bytes:
    data = json.loads(stamped(bundle(ROOT.issue(KEY)), "20260301120000Z"))
    change(data["verificationMaterial"])
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(publicKey={"hint": "x"}),
        lambda m: m.update(x509CertificateChain={"certificates": [m.pop("certificate")]}),
        lambda m: m.pop("certificate"),
        lambda m: m["certificate"].update(rawBytes="@"),
        lambda m: m.update(certificate="x"),
        lambda m: m.update(timestampVerificationData=[]),
        lambda m: m["timestampVerificationData"].update(rfc3161Timestamps={}),
        lambda m: m["timestampVerificationData"].update(rfc3161Timestamps=["x"]),
        lambda m: m["timestampVerificationData"]["rfc3161Timestamps"].extend(
            m["timestampVerificationData"]["rfc3161Timestamps"] * 16
        ),
        lambda m: m["timestampVerificationData"]["rfc3161Timestamps"][0].pop("signedTimestamp"),
    ],
)
def test_material_of_another_form_is_refused(change):
    with pytest.raises(VerificationError, match="cannot be read"):
        read_bundle(_changed(change), "x")


def test_without_a_key_id_which_dsse_allows_the_trusted_keys_are_tried():
    data = json.loads(bundle(ROOT.issue(KEY)))
    data["dsseEnvelope"]["signatures"][0].pop("keyid")
    bare = json.dumps(data).encode()
    assert who(bare).identity == URI
    assert who(bare, role=Role((signer(key=p256()).public, signer().public))).identity is None
