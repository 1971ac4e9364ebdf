"""RFC 3161 stamps: of this very signature, by a trusted authority, at the time that they tell."""

from __future__ import annotations

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from printstd.certify.stamps import StampError, check_stamp, read_stamp, stamp_request
from tests.unit.certify.authority import Authority, p256, stamp, stamp_certificate

SIGNATURE = b"the bytes of a signature"
ROOT = Authority("root")
KEY = p256()
OWN = stamp_certificate(ROOT, KEY)


def by(reply: bytes, *, signature: bytes = SIGNATURE, root: Authority = ROOT) -> str:
    return check_stamp(read_stamp(reply), signature, [root.certificate], [])


def test_a_stamp_tells_its_time_and_its_authority():
    reply = stamp(SIGNATURE, OWN, KEY)
    assert read_stamp(reply).time == "2026-03-01T12:00:00Z"
    assert by(reply) == "CN=time stamps,C=KZ"


def test_a_stamp_of_another_signature_or_authority_is_refused():
    reply = stamp(SIGNATURE, OWN, KEY)
    with pytest.raises(StampError, match="another signature"):
        by(reply, signature=SIGNATURE + b"!")
    with pytest.raises(StampError):
        by(reply, root=Authority("root"))
    with pytest.raises(StampError, match="not hold"):
        by(stamp(SIGNATURE, OWN, p256()))


def test_the_authority_s_certificate_must_have_been_valid_then_and_be_for_stamps():
    with pytest.raises(StampError, match="not at 2025"):
        by(stamp(SIGNATURE, OWN, KEY, "20251231235959Z"))
    wrong = stamp_certificate(ROOT, KEY, purposes=(ExtendedKeyUsageOID.CODE_SIGNING,))
    with pytest.raises(StampError):
        by(stamp(SIGNATURE, wrong, KEY))


def test_the_certificate_that_the_stamp_names_must_be_the_one_in_it():
    other = stamp_certificate(ROOT, p256())
    with pytest.raises(StampError, match="another certificate"):
        by(stamp(SIGNATURE, OWN, KEY, names=other))
    with pytest.raises(StampError, match="certificate is not in it"):
        by(stamp(SIGNATURE, OWN, KEY, with_certificate=False))


def test_what_is_no_granted_reply_is_refused():
    reply = stamp(SIGNATURE, OWN, KEY)
    for bad in (b"", reply[:-1], reply + b"\x00", stamp(SIGNATURE, OWN, KEY, status=2)):
        with pytest.raises(StampError):
            read_stamp(bad)


def test_every_changed_byte_of_a_stamp_is_refused_or_changes_nothing():
    reply = stamp(SIGNATURE, OWN, KEY)
    good = (read_stamp(reply).time, by(reply))
    survived = 0
    for at in range(len(reply)):
        bad = bytearray(reply)
        bad[at] ^= 1 << at % 8
        try:
            found = (read_stamp(bytes(bad)).time, by(bytes(bad)))
        except StampError:
            continue
        survived += 1
        assert found == good, at
    assert survived < 20  # version numbers and a granted status of another kind


def test_a_request_is_over_the_signature_and_wants_the_certificate():
    import hashlib

    request = stamp_request(SIGNATURE)
    assert hashlib.sha256(SIGNATURE).digest() in request
    assert request.endswith(b"\x01\x01\xff")
