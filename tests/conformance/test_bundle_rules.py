"""The rules by which a verifier reads a bundle (facts of certification 1), one test for each, all
through `verify_program`: what breaks a rule is refused whoever signed it."""

from __future__ import annotations

import base64
import functools
import json

import pytest

from printstd.certify import opening
from printstd.certify.dsse import PAYLOAD_TYPE, pae, read_bundle, sign_bundle
from printstd.certify.keys import public_key_of
from printstd.certify.policy import TrustPolicy, trusting
from printstd.certify.strict_json import canonical
from printstd.certify.verify import Verified, verify_program
from printstd.errors import VerificationError
from tests import small_part
from tests.unit.certify.signing import signer


@functools.cache
def key():
    return signer("ed25519")


@functools.cache
def good() -> bytes:
    """A re-check that stands alone."""
    statement = json.loads(small_part.statements(small_part.program())[1])
    statement["predicate"]["certificate"] = None
    return canonical(statement)


def verify(bundle: bytes, policy: TrustPolicy | None = None) -> Verified:
    return verify_program(
        small_part.program(),
        generation=None,
        recheck=("p.recheck.json", bundle),
        policy=policy or trusting((key().public,), "k.pub"),
        now="2026-10-01T00:00:00Z",
    )


def refused(bundle: bytes, saying: str) -> None:
    with pytest.raises(VerificationError) as caught:
        verify(bundle)
    assert saying in str(caught.value), str(caught.value)


def outer(change) -> bytes:
    """The bundle's own JSON changed; what it holds is signed as before."""
    bundle = json.loads(sign_bundle(good(), key()))
    change(bundle, bundle["dsseEnvelope"])
    return json.dumps(bundle).encode()


def signed(text: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Any bytes at all, signed by the trusted key."""
    bundle = json.loads(sign_bundle(b"{}", key()))
    envelope = bundle["dsseEnvelope"]
    envelope["payload"] = base64.b64encode(text).decode()
    envelope["payloadType"] = payload_type
    signature = key().sign(pae(payload_type, text))
    envelope["signatures"][0]["sig"] = base64.b64encode(signature).decode()
    return json.dumps(bundle).encode()


def inner(change) -> bytes:
    statement = json.loads(good())
    change(statement)
    return signed(canonical(statement))


def test_the_unchanged_bundle_verifies():
    assert verify(sign_bundle(good(), key())).level == "C2"
    assert verify(signed(good())).level == "C2"


def test_a_bundle_over_one_mebibyte_is_not_parsed():
    padded = sign_bundle(good(), key())
    assert verify(padded + b" " * ((1 << 20) - len(padded))).level == "C2"
    refused(padded + b" " * ((1 << 20) - len(padded) + 1), "bytes, at most")


def test_a_payload_over_half_a_mebibyte_is_refused():
    room = (512 << 10) - len(inner_text(""))
    assert verify(signed(inner_text("x" * room))).level == "C2"
    refused(signed(inner_text("x" * (room + 1))), "payload of")


def inner_text(pad: str) -> bytes:
    statement = json.loads(good())
    statement["predicate"]["pad"] = pad
    return canonical(statement)


def test_a_bundle_holds_exactly_one_signature():
    refused(outer(lambda b, e: e["signatures"].clear()), "exactly one signature")
    refused(outer(lambda b, e: e["signatures"].append(e["signatures"][0])), "exactly one signature")
    refused(outer(lambda b, e: e.update(signatures=e["signatures"] * 17)), "exactly one signature")


def test_more_than_sixty_four_subjects_are_refused():
    def times(count):
        return inner(lambda s: s.update(subject=s["subject"][:1] * count))

    assert verify(times(64)).level == "C2"
    refused(times(65), "subject: a list of 1 to 64")


@pytest.mark.parametrize("where", ["bundle", "payload"])
def test_json_nested_deeper_than_thirty_two_is_refused(where):
    deep = b'{"a":' + b"[" * 32 + b"]" * 32 + b"}"
    if where == "payload":
        refused(signed(deep), "nested deeper than 32")
    else:
        refused(deep, "nested deeper than 32")


def test_both_alphabets_of_base64_are_accepted_each_alone_and_nothing_else():
    def spelled(change):
        def own(bundle, envelope):
            for holder, field in ((envelope, "payload"), (envelope["signatures"][0], "sig")):
                holder[field] = change(holder[field])

        return outer(own)

    assert verify(spelled(lambda text: text.translate(str.maketrans("+/", "-_")))).level == "C2"
    for change in (
        lambda text: text + "=",
        lambda text: text.rstrip("=") + "\n",
        lambda text: " " + text,
        lambda text: text[:-4] + "!!!!",
        lambda text: "+_" + text[2:],
    ):
        refused(spelled(change), "base64")


@pytest.mark.parametrize("where", ["bundle", "payload"])
def test_a_key_that_stands_twice_is_refused(where):
    if where == "payload":
        refused(signed(good().replace(b'"verdict":', b'"verdict":"PASSED","verdict":', 1)), "twice")
    else:
        text = sign_bundle(good(), key())
        refused(text.replace(b'"payload":', b'"payload": "", "payload":', 1), "twice")


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1.5", b"1e3", b"-0"])
def test_no_number_but_an_integer_is_read(number):
    refused(signed(good().replace(b'"critical":', b'"x":' + number + b',"critical":', 1)), ":")
    refused(b'{"x":' + number + b"}", ":")


@pytest.mark.parametrize("where", ["bundle", "payload"])
def test_lone_surrogates_are_refused(where):
    text = b'{"a":"\\ud800"}'
    refused(signed(text) if where == "payload" else text, "surrogates")


@pytest.mark.parametrize("where", ["bundle", "payload"])
@pytest.mark.parametrize("more", [b"x", b"{}", b"\x00"])
def test_data_after_the_value_is_refused(where, more):
    if where == "payload":
        refused(signed(good() + more), "Extra data")
    else:
        refused(sign_bundle(good(), key()) + more, "Extra data")


@pytest.mark.parametrize("where", ["bundle", "payload"])
def test_a_byte_order_mark_is_refused(where):
    mark = b"\xef\xbb\xbf"
    refused(
        signed(mark + good()) if where == "payload" else mark + sign_bundle(good(), key()),
        "byte-order mark",
    )


def test_the_signature_comes_first_and_what_it_is_over_is_what_is_parsed(monkeypatch):
    read: list[bytes] = []
    true_reader = opening.read_statement

    def reader(payload: bytes):
        read.append(payload)
        return true_reader(payload)

    monkeypatch.setattr(opening, "read_statement", reader)
    stranger = signer("ed25519")
    with pytest.raises(VerificationError, match="any trusted key"):
        verify(sign_bundle(b"this is no JSON", stranger))
    assert read == []
    odd = b" " + good() + b"\n"  # no serialiser of ours writes these blanks
    verified = verify(signed(odd))
    assert read == [odd]
    assert verified.recheck is not None
    assert verified.recheck.certificate.payload == odd


def test_another_payload_type_is_refused_even_where_it_is_signed_so():
    refused(signed(good(), "application/json"), "payloadType")
    refused(outer(lambda b, e: e.update(payloadType="application/json")), "payloadType")
    refused(outer(lambda b, e: e.pop("payloadType")), "payloadType")


def test_another_type_of_statement_is_refused():
    refused(inner(lambda s: s.update(_type="https://in-toto.io/Statement/v0.1")), "_type")
    refused(inner(lambda s: s.pop("_type")), "_type")


def test_the_predicate_type_is_the_one_that_the_role_is_trusted_for():
    generation = small_part.statements(small_part.program())[0]
    refused(signed(generation), "predicateType")
    refused(inner(lambda s: s.update(predicateType="https://slsa.dev/provenance/v1")), "predicate")


def test_unknown_fields_are_ignored_and_unknown_critical_ones_are_errors():
    assert verify(inner(lambda s: s["predicate"].update(weather=3))).level == "C2"
    assert verify(inner(lambda s: s.update(weather=3))).level == "C2"
    refused(
        inner(lambda s: s["predicate"].update(weather=3, critical=["verdict", "weather"])),
        "not understood",
    )


def test_the_algorithm_is_the_trusted_key_s_whatever_the_file_says():
    other = signer("p256")
    bundle = json.loads(sign_bundle(good(), other))
    bundle["dsseEnvelope"]["signatures"][0]["keyid"] = key().key_id
    bundle["verificationMaterial"]["publicKey"]["hint"] = key().key_id
    refused(json.dumps(bundle).encode(), "any trusted key")
    noted = outer(lambda b, e: e["signatures"][0].update(alg="none"))
    assert verify(noted).level == "C2"


def test_a_key_id_only_narrows_and_proves_nothing():
    stranger = signer("ed25519")
    bundle = json.loads(sign_bundle(good(), stranger))
    bundle["dsseEnvelope"]["signatures"][0]["keyid"] = key().key_id
    bundle["verificationMaterial"]["publicKey"]["hint"] = key().key_id
    refused(json.dumps(bundle).encode(), "any trusted key")

    def other_id(bundle, envelope):
        envelope["signatures"][0]["keyid"] = bundle["verificationMaterial"]["publicKey"]["hint"] = (
            "0" * 64
        )

    refused(outer(other_id), "any trusted key")


def test_the_hint_of_the_bundle_and_the_key_id_of_its_signature_are_one():
    refused(outer(lambda b, e: e["signatures"][0].update(keyid="0" * 64)), "differ")


def test_a_subject_is_matched_by_digest_and_its_name_is_for_display():
    renamed = inner(lambda s: s["subject"][0].update(name="another.gcode"))
    assert verify(renamed).level == "C2"
    refused(inner(lambda s: s["subject"][0]["digest"].update(sha256="0" * 64)), "not the file")
    # A second subject is no way in: the file's own bytes are the first.
    refused(inner(lambda s: s["subject"].reverse()), "not the file")


def test_another_kind_of_bundle_is_refused():
    for kind in ("application/vnd.dev.sigstore.bundle+json;version=0.2", "", None):
        refused(outer(lambda b, e, kind=kind: b.update(mediaType=kind)), "Sigstore bundle")


def test_a_trusted_key_of_small_order_cannot_be_made():
    from cryptography.hazmat.primitives.asymmetric import ed25519

    from printstd.errors import InputError

    with pytest.raises(InputError, match="small order"):
        public_key_of(ed25519.Ed25519PublicKey.from_public_bytes(bytes(32)), "x")


def test_what_was_read_is_never_read_again_from_the_file():
    """The payload of the certificate is the very object that the signature was checked over."""
    bundle = sign_bundle(good(), key())
    verified = verify(bundle)
    assert verified.recheck is not None
    assert verified.recheck.certificate.payload == read_bundle(bundle, "x").payload
    assert verified.recheck.certificate.bundle == bundle
