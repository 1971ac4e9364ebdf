"""Verifying: nothing but the signed bytes over the very file passes, and the policy is kept."""

from __future__ import annotations

import base64
import functools
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.certify.dsse import sign_bundle
from printstd.certify.policy import TrustPolicy, trusting
from printstd.certify.strict_json import canonical
from printstd.certify.verify import Verified, verify_program
from printstd.errors import VerificationError
from printstd.profiles.decision import Outcome
from tests import small_part
from tests.unit.certify.signing import signer

LATER = "2026-10-01T00:00:00Z"


@functools.cache
def key():
    return signer()


@functools.cache
def pair() -> small_part.Pair:
    return small_part.pair(key())


def policy(*keys) -> TrustPolicy:
    return trusting(keys or (key().public,), "--trust k.pub")


def verify(
    program: bytes | None = None,
    generation: bytes | None = None,
    recheck: bytes | None = None,
    *,
    rules: TrustPolicy | None = None,
    now: str = LATER,
) -> Verified:
    return verify_program(
        program,
        generation=("p.gcode.cert.json", generation) if generation is not None else None,
        recheck=("p.gcode.recheck.json", recheck) if recheck is not None else None,
        policy=rules or policy(),
        now=now,
    )


def whole() -> tuple[bytes, bytes, bytes]:
    return pair().program, pair().generation, pair().recheck


def resigned(bundle: bytes, change, by=None) -> bytes:
    """The bundle's statement changed and signed again: what a dishonest signer could make."""
    envelope = json.loads(bundle)["dsseEnvelope"]
    statement = json.loads(base64.b64decode(envelope["payload"]))
    change(statement)
    return sign_bundle(canonical(statement), by or key())


def test_what_was_certified_verifies_and_gives_the_very_bytes():
    verified = verify(*whole())
    assert (verified.outcome, verified.level) == (Outcome.PASSED, "C2")
    assert verified.program is not None
    assert verified.program.data == pair().program
    assert verified.program.recheck.bundle == pair().recheck
    assert verified.program.generation is not None
    assert verified.program.generation.bundle == pair().generation


def test_signed_bytes_are_kept_as_they_were_signed():
    # Blanks and another key order: no serialiser of ours would write this again.
    statement = json.loads(small_part.statements(small_part.program())[1])
    statement["predicate"]["certificate"] = None
    odd = json.dumps(dict(reversed(statement.items())), indent=3, ensure_ascii=True).encode()
    verified = verify(pair().program, None, sign_bundle(odd, key()))
    assert verified.recheck is not None
    assert verified.recheck.certificate.payload == odd


def test_the_re_check_alone_is_enough_for_a_program_that_anybody_made():
    alone = resigned(pair().recheck, lambda s: s["predicate"].update(certificate=None))
    assert verify(pair().program, None, alone).level == "C2"


def test_half_of_a_pair_or_parts_of_two_do_not_verify():
    program, generation, recheck = whole()
    later = resigned(generation, lambda s: s["predicate"].update(issuedAt="2026-09-22T00:00:00Z"))
    for made, checked in (
        (None, recheck),
        (generation, None),
        (None, None),
        (later, recheck),
        (recheck, generation),
        (generation, generation),
        (recheck, recheck),
    ):
        with pytest.raises(VerificationError):
            verify(program, made, checked)


def test_two_statements_of_different_demands_do_not_verify_together():
    program, generation, recheck = whole()

    def lax(statement):
        statement["predicate"]["demand"]["integrity"]["outward_um"] = 3000

    with pytest.raises(VerificationError, match="different models or demands"):
        verify(program, generation, resigned(recheck, lax))


def test_only_trusted_keys_count_each_in_its_role():
    program, generation, recheck = whole()
    other = signer("ed25519")
    with pytest.raises(VerificationError, match="any trusted key"):
        verify(program, generation, recheck, rules=policy(other.public))
    split = TrustPolicy("p", "C2", (key().public,), (other.public,))
    with pytest.raises(VerificationError, match="any trusted key"):
        verify(program, generation, recheck, rules=split)
    ours = resigned(recheck, lambda s: None, by=other)
    assert verify(program, generation, ours, rules=split).level == "C2"
    swapped = TrustPolicy("p", "C2", (other.public,), (key().public,))
    with pytest.raises(VerificationError, match="any trusted key"):
        verify(program, generation, ours, rules=swapped)


def test_the_same_commands_in_another_file_are_named_and_refused():
    program, generation, recheck = whole()
    stripped = b"\n".join(line for line in program.split(b"\n") if line[:1] != b";")
    with pytest.raises(VerificationError, match="same commands, different file"):
        verify(stripped, generation, recheck)
    # The canonical stream's own digest stands in the statement, and is no pass for it.
    from printstd.certify.c14n import canonical_commands

    with pytest.raises(VerificationError, match="same commands, different file"):
        verify(canonical_commands(program), generation, recheck)


@pytest.mark.parametrize("verdict", ["FAILED", "UNDECIDED"])
def test_a_signed_no_is_no_error_and_gives_no_certified_program(verdict):
    program, generation, recheck = whole()
    said = resigned(recheck, lambda s: s["predicate"].update(verdict=verdict))
    verified = verify(program, generation, said)
    assert verified.outcome == Outcome(verdict)
    assert verified.program is None


def test_a_signed_no_stands_without_its_program_and_a_yes_gives_nothing():
    failed = resigned(pair().recheck, lambda s: s["predicate"].update(verdict="FAILED"))
    assert verify(None, pair().generation, failed).outcome is Outcome.FAILED
    assert verify(None, pair().generation, pair().recheck).program is None


def test_a_policy_of_c1_is_content_with_provenance_but_certifies_nothing():
    rules = replace(policy(), minimum_level="C1")
    verified = verify(pair().program, pair().generation, None, rules=rules)
    assert (verified.outcome, verified.level, verified.program) == (Outcome.PASSED, "C1", None)
    with pytest.raises(VerificationError, match="level C1"):
        verify(pair().program, None, None, rules=rules)


def test_packs_ages_and_expiry_are_kept():
    program, generation, recheck = whole()
    assert verify(*whole(), rules=replace(policy(), packs=("kz", "int")))
    with pytest.raises(VerificationError, match="pack"):
        verify(*whole(), rules=replace(policy(), packs=("kz",)))
    aged = replace(policy(), max_age_days=10)
    assert verify(*whole(), rules=aged, now="2026-10-01T23:59:59Z")
    for now in ("2026-10-02T00:00:00Z", "2026-09-20T23:59:59Z"):
        with pytest.raises(VerificationError, match="older"):
            verify(*whole(), rules=aged, now=now)

    def ends(statement):
        statement["predicate"]["expiresAt"] = "2026-12-31T23:59:59Z"

    ending = resigned(generation, ends)
    linked = resigned(recheck, lambda s: s["predicate"].update(certificate={"sha256": _of(ending)}))
    assert verify(program, ending, linked, now="2026-12-31T23:59:59Z")
    with pytest.raises(VerificationError, match="expired"):
        verify(program, ending, linked, now="2027-01-01T00:00:00Z")


def _of(bundle: bytes) -> str:
    import hashlib

    payload = base64.b64decode(json.loads(bundle)["dsseEnvelope"]["payload"])
    return hashlib.sha256(payload).hexdigest()


def flipped(data: bytes, bit: int) -> bytes:
    bit %= len(data) * 8
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def fingerprint(verified: Verified) -> tuple[object, ...]:
    """Every signed byte and every decision."""
    statements = (verified.generation, verified.recheck)
    return (
        verified.outcome,
        verified.level,
        verified.program is not None,
        *(s.certificate.payload for s in statements if s is not None),
        *(s.certificate.key_id for s in statements if s is not None),
    )


@given(st.integers(0, 1 << 24))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_any_changed_bit_of_the_program_is_refused(bit):
    with pytest.raises(VerificationError, match="not the file that was signed"):
        verify(flipped(pair().program, bit), pair().generation, pair().recheck)


@given(st.sampled_from(["generation", "recheck"]), st.integers(0, 1 << 24))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_any_changed_bit_of_a_bundle_is_refused_or_changes_nothing(which, bit):
    bundles = {"generation": pair().generation, "recheck": pair().recheck}
    bundles[which] = flipped(bundles[which], bit)
    try:
        verified = verify(pair().program, **bundles)
    except VerificationError:
        return
    assert fingerprint(verified) == fingerprint(verify(*whole()))


def test_every_byte_of_a_bundle_outside_payload_and_signature_is_refused_or_changes_nothing():
    """The skeleton, byte by byte: names, hints, blanks."""
    data = pair().recheck
    start = data.index(b'"payload":') + 12
    payload = range(start, data.index(b'"', start))
    expected = fingerprint(verify(*whole()))
    for at in range(len(data)):
        if at in payload:
            continue
        try:
            verified = verify(pair().program, pair().generation, flipped(data, at * 8 + at % 7))
        except VerificationError:
            continue
        assert fingerprint(verified) == expected, at


@given(st.sampled_from(["generation", "recheck"]), st.integers(0, 1 << 24))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_any_changed_bit_of_the_signed_bytes_is_refused(which, bit):
    """The payload itself, base64 made anew: statement, demand, verdict, all of it."""
    bundles = {"generation": pair().generation, "recheck": pair().recheck}
    bundle = json.loads(bundles[which])
    payload = base64.b64decode(bundle["dsseEnvelope"]["payload"])
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(flipped(payload, bit)).decode()
    bundles[which] = json.dumps(bundle).encode()
    with pytest.raises(VerificationError, match="any trusted key"):
        verify(pair().program, **bundles)


def test_the_unused_bits_of_base64_must_be_zero():
    """Text that decodes to the same bytes in another spelling is not what was written."""
    bundle = json.loads(pair().recheck)
    envelope = bundle["dsseEnvelope"]
    payload = base64.b64decode(envelope["payload"])
    trimmed = next(
        resigned(pair().recheck, lambda s, n=n: s["predicate"].update(pad="x" * n))
        for n in range(3)
        if (len(payload) + len(f',"pad":"{"x" * n}"')) % 3
    )
    bundle = json.loads(trimmed)
    text = bundle["dsseEnvelope"]["payload"]
    assert text.endswith("=")
    at = len(text.rstrip("=")) - 1
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = text[:at] + alphabet[alphabet.index(text[at]) ^ 1] + text[at + 1 :]
    assert base64.b64decode(other) == base64.b64decode(text)
    for spelling in (other, text.rstrip("="), text + "=", text[:8] + "\n" + text[8:]):
        bundle["dsseEnvelope"]["payload"] = spelling
        with pytest.raises(VerificationError, match="cannot be read"):
            verify(pair().program, pair().generation, json.dumps(bundle).encode())
