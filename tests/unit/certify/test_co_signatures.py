"""National co-signatures: over the very bytes or not at all, and what cannot be checked says so."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from printstd.adapters.plugins import co_signature_plugins, guarded
from printstd.certify import der
from printstd.certify.cms import CmsError, read_signed_data
from printstd.certify.cosign import (
    Identity,
    Invalid,
    NotChecked,
    Question,
    Roots,
    Vouched,
    check_co_signature,
)
from printstd.errors import OutsideError
from tests.unit.certify.authority import (
    AFTER_LEAF,
    NOW,
    Authority,
    co_signature,
    gost_certificate,
    gost_co_signature,
    named,
    p256,
    rsa_key,
    signed_data,
)

PAYLOAD = '{"subject":"Кронштейн"}'.encode()
ROOT = Authority("NCA")
KEY = p256()
HOLDER = named("Иванов Иван", OU="BIN123456789012")
TRUSTED = Roots((ROOT.certificate,))


def person(key, **changes):
    return ROOT.issue(key, subject=HOLDER, **({"uri": None, "purposes": None} | changes))


def answers(blob: bytes, *, payload: bytes = PAYLOAD, trusted: Roots = TRUSTED, now=NOW, **more):
    return check_co_signature(payload, blob, now=now, trusted=trusted, **more)


@pytest.mark.parametrize("attached", [False, True])
@pytest.mark.parametrize("kind", ["ecdsa", "rsa", "rsa-pss"])
def test_a_signature_over_the_bytes_is_checked_and_its_owner_named(kind, attached):
    key = KEY if kind == "ecdsa" else rsa_key()
    blob = co_signature(PAYLOAD, person(key), key, attached=attached, pss=kind == "rsa-pss")
    (answer,) = answers(blob)
    assert isinstance(answer, Identity)
    assert answer.vouched_for
    assert "OU=BIN123456789012" in answer.parts
    assert "Иванов Иван" in answer.subject
    (other,) = answers(blob, payload=PAYLOAD + b" ")
    assert isinstance(other, Invalid)


def test_pem_is_read_as_der_is():
    signer = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(PAYLOAD)
        .add_signer(person(KEY), KEY, hashes.SHA256())
        .sign(Encoding.PEM, [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.DetachedSignature])
    )
    assert isinstance(answers(signer)[0], Identity)
    with pytest.raises(CmsError):
        read_signed_data(signer[:-20])


def test_the_owner_is_vouched_for_by_a_trusted_root_within_validity_alone():
    blob = co_signature(PAYLOAD, person(KEY), KEY)
    for trusted, now in ((Roots(), NOW), (Roots((Authority("x").certificate,)), NOW)):
        (answer,) = answers(blob, trusted=trusted, now=now)
        assert isinstance(answer, Identity)
        assert not answer.vouched_for
        assert answer.reason
    (late,) = answers(blob, now=AFTER_LEAF)
    assert isinstance(late, Identity)
    assert not late.vouched_for


def test_every_changed_byte_of_a_co_signature_is_noticed_or_changes_nothing():
    blob = co_signature(PAYLOAD, person(KEY), KEY)
    good = answers(blob)
    for at in range(len(blob)):
        bad = bytearray(blob)
        bad[at] ^= 1 << at % 8
        found = answers(bytes(bad))
        is_vouched = any(isinstance(a, Identity) and a.vouched_for for a in found)
        assert not is_vouched or found == good, at


def test_several_signers_are_several_answers():
    other = rsa_key()
    blob = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(PAYLOAD)
        .add_signer(person(KEY), KEY, hashes.SHA256())
        .add_signer(person(other), other, hashes.SHA384())
        .sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.DetachedSignature])
    )
    found = answers(blob)
    assert [type(one) for one in found] == [Identity, Identity]


def test_gost_is_present_and_not_checked():
    (answer,) = answers(gost_co_signature())
    assert isinstance(answer, NotChecked)
    assert "GOST (Kazakhstan)" in answer.reason
    assert "BIN123456789012" in answer.claims
    (attached,) = answers(gost_co_signature(PAYLOAD))
    assert isinstance(attached, NotChecked)
    # What it is over can be told where it holds the bytes, whatever its algorithm.
    (wrong,) = answers(gost_co_signature(b"other"))
    assert isinstance(wrong, Invalid)


GOST_ROOT = Roots((ROOT.certificate,), (), ("OU=BIN123456789012",))
DER_ROOT = ROOT.certificate.public_bytes(Encoding.DER)
DER_GOST = gost_certificate().public_bytes(Encoding.DER)
GOOD = Vouched(DER_GOST, hashlib.sha256(DER_ROOT).hexdigest())


def test_a_plugin_is_asked_of_what_is_not_known_here_and_told_what_the_policy_demands():
    asked = []

    def plugin(*given):
        asked.append(given)
        return GOOD

    blob = gost_co_signature()
    (answer,) = answers(blob, trusted=GOST_ROOT, plugins=(plugin,))
    assert isinstance(answer, Identity)
    assert answer.vouched_for
    # Whose it is comes from the certificate, not from the plugin's words.
    assert "OU=BIN123456789012" in answer.parts
    assert "Иванов Иван" in answer.subject
    question = Question(0, DER_GOST, (DER_ROOT,), (), ("OU=BIN123456789012",))
    assert asked == [(PAYLOAD, blob, NOW, question)]
    answers(co_signature(PAYLOAD, person(KEY), KEY), plugins=(plugin,))
    assert len(asked) == 1
    (still,) = answers(blob, plugins=(lambda *_: NotChecked("no driver", "?"),))
    assert isinstance(still, NotChecked)
    (refused,) = answers(blob, plugins=(lambda *_: Invalid("forged"),))
    assert refused == Invalid("forged")
    # One that does not know it leaves it to the next.
    several = (lambda *_: NotChecked("no driver", ""), guarded("x", lambda *_: 1 / 0), plugin)
    (answer,) = answers(blob, trusted=GOST_ROOT, plugins=several)
    assert isinstance(answer, Identity)


@pytest.mark.parametrize(
    ("said", "trusted", "now"),
    [
        (Vouched(DER_GOST, None), GOST_ROOT, NOW),
        (Vouched(DER_GOST, None, "it leads nowhere"), GOST_ROOT, NOW),
        (Vouched(DER_GOST, "00" * 32), GOST_ROOT, NOW),
        (Vouched(DER_GOST, [GOOD.root_sha256]), GOST_ROOT, NOW),
        (GOOD, Roots((Authority("x").certificate,)), NOW),
        (GOOD, Roots(), NOW),
        (GOOD, GOST_ROOT, "2028-06-01T00:00:00Z"),
        (GOOD, GOST_ROOT, "2025-12-31T00:00:00Z"),
        (Vouched(person(KEY).public_bytes(Encoding.DER), GOOD.root_sha256), GOST_ROOT, NOW),
        (Vouched(b"", GOOD.root_sha256), GOST_ROOT, NOW),
        (Vouched(None, GOOD.root_sha256), GOST_ROOT, NOW),
        (Identity("CN=x", "CN=NCA", "5", True, None, ("OU=BIN123456789012",)), GOST_ROOT, NOW),
        (True, GOST_ROOT, NOW),
        (None, GOST_ROOT, NOW),
    ],
    ids=[
        "no root", "no root, with a reason", "another root", "a list", "a root of another policy",
        "a policy without roots", "too late", "too early", "another's certificate",
        "no certificate", "None", "an identity as it was once", "a bare yes", "nothing",
    ],
)  # fmt: skip
def test_what_a_plugin_does_not_say_is_never_a_yes(said, trusted, now):
    (answer,) = answers(gost_co_signature(), trusted=trusted, now=now, plugins=(lambda *_: said,))
    assert isinstance(answer, (NotChecked, Identity))
    assert not (isinstance(answer, Identity) and answer.vouched_for)
    assert answer.reason


def test_each_signer_is_asked_about_by_itself():
    """One that a plugin vouches for says nothing of another one in the same file."""
    blob = gost_co_signature(signers=2)
    asked = []

    def plugin(payload: bytes, blob: bytes, now: str, question: Question):
        asked.append(question.signer)
        return GOOD if question.signer == 1 else NotChecked("of another family", "?")

    first, second = answers(blob, trusted=GOST_ROOT, plugins=(plugin,))
    assert asked == [0, 1]
    assert isinstance(first, NotChecked)
    assert isinstance(second, Identity)


def test_a_signer_whose_certificate_is_not_in_the_file_may_be_brought_by_the_plugin():
    blob = gost_co_signature(with_certificate=False)
    (alone,) = answers(blob, trusted=GOST_ROOT)
    assert isinstance(alone, NotChecked)
    (answer,) = answers(blob, trusted=GOST_ROOT, plugins=(lambda *_: GOOD,))
    assert isinstance(answer, Identity)
    other = Vouched(person(KEY).public_bytes(Encoding.DER), GOOD.root_sha256)
    (answer,) = answers(blob, trusted=GOST_ROOT, plugins=(lambda *_: other,))
    assert isinstance(answer, NotChecked)


class _Point:
    name, value = "kz", "kz.gost:verify"

    def __init__(self, plugin) -> None:
        self.load = lambda: plugin


def test_a_plugin_that_is_not_told_the_policy_is_not_loaded(monkeypatch):
    def old(payload: bytes, blob: bytes, now: str):
        raise AssertionError("not asked")

    def new(payload: bytes, blob: bytes, now: str, asked: Question):
        raise AssertionError("not asked")

    for plugin in (old, lambda: None, "no callable"):
        points = [_Point(plugin)]
        monkeypatch.setattr("importlib.metadata.entry_points", lambda points=points, **_: points)
        with pytest.raises(OutsideError, match="cannot be loaded"):
            co_signature_plugins()
    # An error of it is an answer: nothing was checked.
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: [_Point(new)])
    (loaded,) = co_signature_plugins()
    (answer,) = answers(gost_co_signature(), trusted=GOST_ROOT, plugins=(loaded,))
    assert isinstance(answer, NotChecked)
    assert "AssertionError('not asked')" in answer.reason
    assert "BIN123456789012" in answer.claims


def _by_hand(digest: str, algorithm: str, attributes: bytes | None = None) -> bytes:
    kinds = (
        ("1.2.840.113549.1.9.3", der.write_oid("1.2.840.113549.1.7.1")),
        ("1.2.840.113549.1.9.4", der.write(der.OCTET_STRING, bytes(32))),
    )
    rows = attributes or b"".join(
        der.write(der.SEQUENCE, der.write_oid(kind), der.write(der.SET, value))
        for kind, value in kinds
    )
    return signed_data(
        "1.2.840.113549.1.7.1",
        None,
        person(KEY),
        rows,
        der.write(der.SEQUENCE, der.write_oid(algorithm)),
        KEY.sign(der.write(der.SET, rows), ec.ECDSA(hashes.SHA256())),
        digest=digest,
    )


SHA256, ECDSA256 = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2"


@pytest.mark.parametrize(
    ("blob", "complaint"),
    [
        (b"", "no CMS"),
        (b"\x30\x80\x00\x00", "BER"),
        (_by_hand("1.3.14.3.2.26", ECDSA256), "SHA-1"),
        (_by_hand(SHA256, "1.2.840.10045.4.3.3"), "over other bytes"),
        (_by_hand(SHA256, ECDSA256), "over other bytes"),
    ],
    ids=["empty", "ber", "sha1", "mixed digests", "another digest"],
)
def test_what_does_not_hold_says_why(blob, complaint):
    (answer,) = answers(blob)
    assert isinstance(answer, Invalid)
    assert complaint in answer.reason


def test_an_attribute_that_stands_twice_is_refused():
    row = der.write(
        der.SEQUENCE,
        der.write_oid("1.2.840.113549.1.9.4"),
        der.write(der.SET, der.write(der.OCTET_STRING, bytes(32))),
    )
    (answer,) = answers(_by_hand(SHA256, ECDSA256, row * 2))
    assert isinstance(answer, Invalid)
    assert "twice" in answer.reason


def test_a_certificate_of_gost_reads_as_a_whole():
    assert gost_certificate().signature_algorithm_oid.dotted_string.startswith("1.2.398.3.10")
