"""Levels, revocations, co-signers, other files: what a policy can want beyond two signatures."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from printstd.adapters.plugins import guarded
from printstd.certify.beside import Beside
from printstd.certify.cosign import Identity, Question, Vouched
from printstd.certify.cosign_trust import CoSigner
from printstd.certify.dsse import read_bundle, sign_bundle
from printstd.certify.inclusion import Inclusion, LogAnswer, LogTrust
from printstd.certify.levels import Rebuilt, Sameness
from printstd.certify.policy import RevocationDemand, TrustPolicy
from printstd.certify.predicates import GENERATION, RECHECK
from printstd.certify.reading import read_statement
from printstd.certify.revocation import list_statement, read_revocation, revocation_statement
from printstd.certify.strict_json import StrictJsonError, canonical
from printstd.certify.svr import read_svr, svr_statement
from printstd.certify.verify import Verified, verify_program
from printstd.errors import VerificationError
from tests import small_part
from tests.unit.certify.authority import (
    Authority,
    co_signature,
    gost_co_signature,
    named,
    rsa_key,
)
from tests.unit.certify.signing import signer

LATER = "2026-10-01T00:00:00Z"
LOG = LogTrust("log.policy", b"")
INCLUDED = LogAnswer(Inclusion.INCLUDED, "entry 7", "example.org/log")
WITNESSED = replace(INCLUDED, witnesses=("w1",), is_witnessed=True)
IDENTICAL = Rebuilt(Sameness.IDENTICAL, "all bytes")


@functools.cache
def maker():
    return signer()


@functools.cache
def lab():
    return signer("ed25519")


@functools.cache
def bundles() -> tuple[bytes, bytes]:
    """The maker's generation, and the re-check of another laboratory."""
    generation, recheck = small_part.statements(small_part.program())
    return sign_bundle(generation, maker()), sign_bundle(recheck, lab())


def payload(bundle: bytes) -> bytes:
    return read_bundle(bundle, "x").payload


def policy(**changes) -> TrustPolicy:
    keys = {"generator_keys": (maker().public,), "recheck_keys": (lab().public,)}
    asked = {"name": "p.toml", "minimum_level": "C2", "log": LOG, **keys, **changes}
    return TrustPolicy(**asked)


def verify(
    rules: TrustPolicy | None = None,
    *,
    beside: Beside | None = None,
    program: bytes | None = None,
    made: bytes | None = None,
    checked: bytes | None = None,
    rebuild: Rebuilt | None = None,
    now: str = LATER,
) -> Verified:
    return verify_program(
        program or small_part.program(),
        generation=("p.cert.json", made or bundles()[0]),
        recheck=("p.recheck.json", checked or bundles()[1]),
        policy=rules or policy(),
        now=now,
        beside=beside,
        rebuild=(lambda _: rebuild) if rebuild is not None else None,
    )


def logged(answer: LogAnswer) -> Beside:
    return Beside(proofs={RECHECK: b"proof"}, check_inclusion=lambda *_: answer)


def test_two_keys_without_a_log_reach_c2_and_say_what_c3_takes():
    found = verify()
    assert found.level == "C2"
    assert found.missing == ("the log: no proof of inclusion in a log is beside it",)
    assert found.program is not None
    assert found.program.level == "C2"
    one = verify(
        policy(generator_keys=(lab().public,)),
        made=sign_bundle(payload(bundles()[0]), lab()),
        beside=logged(INCLUDED),
    )
    assert one.level == "C2"
    assert one.missing == ("one key signed both the generation and the re-check",)


def test_a_proof_that_nobody_can_check_is_not_evaluated_and_reaches_nothing():
    found = verify(beside=Beside(proofs={RECHECK: b"proof"}))
    assert found.level == "C2"
    assert found.logged[RECHECK].inclusion is Inclusion.NOT_EVALUATED
    assert verify(policy(log=None), beside=logged(WITNESSED)).level == "C2"


def test_inclusion_of_the_re_check_reaches_c3_and_a_witnessed_rebuild_c4():
    assert verify(beside=logged(INCLUDED)).level == "C3"
    assert verify(beside=logged(INCLUDED), rebuild=IDENTICAL).level == "C3"
    assert verify(beside=logged(WITNESSED)).level == "C3"
    whole = verify(beside=logged(WITNESSED), rebuild=IDENTICAL)
    assert (whole.level, whole.missing) == ("C4", ())
    elsewhere = Rebuilt(Sameness.NOT_EVALUATED, "another platform")
    found = verify(beside=logged(WITNESSED), rebuild=elsewhere)
    assert (found.level, found.missing) == ("C3", ("made again: another platform",))
    # Inclusion of the generation alone is no inclusion of what was found.
    of_other = Beside(proofs={GENERATION: b"proof"}, check_inclusion=lambda *_: WITNESSED)
    assert verify(beside=of_other, rebuild=IDENTICAL).level == "C2"


def test_what_is_given_to_the_log_is_the_signed_payload_its_bundle_and_the_proof():
    asked = []

    def check(*given):
        asked.append(given)
        return INCLUDED

    verify(beside=Beside(proofs={RECHECK: b"proof"}, check_inclusion=check))
    assert asked == [(payload(bundles()[1]), bundles()[1], b"proof", LOG)]


def test_a_false_proof_or_a_differing_rebuild_is_refused_whatever_level_is_wanted():
    lie = LogAnswer(Inclusion.REFUSED, "the root does not match")
    with pytest.raises(VerificationError, match="proof does not hold"):
        verify(policy(minimum_level="C1"), beside=logged(lie))
    with pytest.raises(VerificationError, match="made again is not") as caught:
        verify(rebuild=Rebuilt(Sameness.DIFFERENT, "line 7 is another"))
    assert "line 7" in str(caught.value)


@pytest.mark.parametrize(
    ("level", "beside", "rebuild", "is_enough"),
    [
        ("C3", None, None, False),
        ("C3", logged(INCLUDED), None, True),
        ("C4", logged(INCLUDED), IDENTICAL, False),
        ("C4", logged(WITNESSED), None, False),
        ("C4", logged(WITNESSED), IDENTICAL, True),
    ],
)
def test_the_minimum_level_is_kept(level, beside, rebuild, is_enough):
    rules = policy(minimum_level=level)
    if is_enough:
        assert verify(rules, beside=beside, rebuild=rebuild).level == level
        return
    with pytest.raises(VerificationError, match=f"demands level {level}"):
        verify(rules, beside=beside, rebuild=rebuild)


def test_accepted_standards_and_profiles_are_kept_by_id_and_by_digest():
    rows = {row.role: row for row in read_statement(payload(bundles()[1])).profiles}
    table, material = rows["standard"], rows["material"]
    assert verify(policy(standards=(table.id, "other:f")))
    assert verify(policy(profiles={"material": ("00" * 32, material.sha256)}))
    with pytest.raises(VerificationError, match="this standard"):
        verify(policy(standards=("other:f",)))
    with pytest.raises(VerificationError, match="this material profile"):
        verify(policy(profiles={"material": ("00" * 32,)}))
    with pytest.raises(VerificationError, match="this blood profile"):
        verify(policy(profiles={"blood": (material.sha256,)}))


def revoked(*of: bytes, by=None, instead: bytes | None = None) -> bytes:
    made = revocation_statement(
        [("x", payload(one)) for one in of],
        reason="wrong material",
        superseded_by=instead,
        issued_at="2026-09-25T00:00:00Z",
    )
    return sign_bundle(made, by or lab())


def listed(*revocations: bytes, by=None, at: str = "2026-09-30T00:00:00Z") -> bytes:
    made = list_statement([payload(one) for one in revocations], issued_at=at)
    return sign_bundle(made, by or lab())


def with_revocations(*files: bytes) -> Beside:
    return Beside(tuple((f"{n}.json", data) for n, data in enumerate(files)))


def test_a_revoked_statement_is_refused_with_its_reason_whichever_of_the_two_it_is():
    for which in (0, 1):
        gone = revoked(bundles()[which], instead=b"new")
        with pytest.raises(VerificationError, match="was revoked") as caught:
            verify(beside=with_revocations(gone))
        assert "wrong material" in str(caught.value)
        assert hashlib.sha256(b"new").hexdigest() in str(caught.value)
    other = sign_bundle(b"{}", lab())
    assert verify(beside=with_revocations(revoked(other))).revocations_at is None
    both = revoked(other, bundles()[1])
    with pytest.raises(VerificationError, match="was revoked"):
        verify(beside=with_revocations(both))


def test_only_those_who_may_revoke_are_heard_and_anybody_else_is_an_error():
    stranger = signer("ed25519")
    with pytest.raises(VerificationError, match="any trusted key"):
        verify(beside=with_revocations(revoked(bundles()[1], by=stranger)))
    rules = policy(revoke_keys=(stranger.public,))
    with pytest.raises(VerificationError, match="was revoked"):
        verify(rules, beside=with_revocations(revoked(bundles()[1], by=stranger)))
    with pytest.raises(VerificationError, match="any trusted key"):
        verify(rules, beside=with_revocations(revoked(bundles()[1])))


def test_a_statement_of_another_kind_is_no_revocation():
    with pytest.raises(VerificationError, match="not one that this version understands"):
        verify(beside=with_revocations(bundles()[1]))


def test_a_revocation_that_the_list_names_must_be_there():
    other = revoked(sign_bundle(b"{}", lab()))
    assert verify(beside=with_revocations(other, listed(other))).revocations_at
    with pytest.raises(VerificationError, match="not here"):
        verify(beside=with_revocations(listed(other)))


def test_the_newest_list_must_be_as_fresh_as_the_policy_wants():
    rules = policy(revocations=RevocationDemand("r", 7))
    old, new = listed(at="2026-09-20T00:00:00Z"), listed()
    assert verify(rules, beside=with_revocations(old, new)).revocations_at == "2026-09-30T00:00:00Z"
    for files in ((), (old,), (listed(at="2026-10-02T00:00:00Z"),)):
        with pytest.raises(VerificationError, match="list of revocations"):
            verify(rules, beside=with_revocations(*files))
    asked = policy(revocations=RevocationDemand("r"))
    assert verify(asked, beside=Beside())
    # Where nobody looked, nothing is known.
    with pytest.raises(VerificationError, match="are looked for"):
        verify(asked)


def _changed(bundle: bytes, change) -> bytes:
    made = json.loads(payload(bundle))
    change(made)
    return canonical(made)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(_type="x"),
        lambda s: s.update(predicateType=RECHECK),
        lambda s: s.update(subject=[]),
        lambda s: s["predicate"].update(critical=["reason", "mood"]),
        lambda s: s["predicate"].pop("critical"),
        lambda s: s["predicate"].pop("supersededBy"),
        lambda s: s["predicate"].update(supersededBy="x"),
        lambda s: s["predicate"].update(issuedAt="yesterday"),
        lambda s: s["predicate"].update(reason=7),
    ],
)
def test_a_revocation_of_another_form_is_refused(change):
    with pytest.raises(StrictJsonError):
        read_revocation(_changed(revoked(bundles()[0]), change))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["predicate"].update(revocations=["ab" * 32]),
        lambda s: s["subject"][0]["digest"].update(sha256="ab" * 32),
        lambda s: s["predicate"].update(revocations={}),
        lambda s: s["predicate"].update(critical=["reason"]),
    ],
)
def test_a_list_of_another_form_is_refused(change):
    with pytest.raises(StrictJsonError):
        read_revocation(_changed(listed(), change))


NCA = Authority("NCA")
HOLDER = named("Иванов", OU="BIN123456789012")


@functools.cache
def person():
    return NCA.issue(rsa_key(), subject=HOLDER, uri=None, purposes=None, days=3000)


def co_signed(*blobs: bytes, kind: str = RECHECK) -> Beside:
    return Beside(co_signatures={kind: tuple((f"p.{n}.p7s", blob) for n, blob in enumerate(blobs))})


def wanted(*subject: str, root: Authority = NCA, statement: str = "recheck") -> TrustPolicy:
    return policy(co_signers=(CoSigner(statement, (root.certificate,), (), subject),))


def test_a_demanded_co_signature_must_be_there_checked_and_of_the_right_holder():
    blob = co_signature(payload(bundles()[1]), person(), rsa_key())
    found = verify(wanted("OU=BIN123456789012"), beside=co_signed(blob))
    (seen,) = found.co_signatures
    assert seen.answer.vouched_for
    for rules, beside in (
        (wanted(), None),
        (wanted("OU=BIN000000000000"), co_signed(blob)),
        (wanted(root=Authority("NCA")), co_signed(blob)),
        (wanted(statement="generation"), co_signed(blob)),
        (wanted(), co_signed(gost_co_signature())),
    ):
        with pytest.raises(VerificationError, match="demands a co-signature"):
            verify(rules, beside=beside)


def test_a_co_signature_that_does_not_hold_is_refused_even_where_none_is_demanded():
    of_other = co_signature(payload(bundles()[0]), person(), rsa_key())
    with pytest.raises(VerificationError, match="does not hold"):
        verify(beside=co_signed(of_other))


def test_a_co_signature_that_cannot_be_checked_is_told_of_and_changes_nothing():
    found = verify(beside=co_signed(gost_co_signature()))
    (seen,) = found.co_signatures
    assert "GOST (Kazakhstan)" in seen.answer.reason
    assert found.level == verify().level


def test_a_plugin_satisfies_a_demand_under_that_demands_root_and_for_its_holder_alone():
    """Whatever a plugin says of itself, the policy's roots and subjects are held here."""
    asked = []

    def plugin(payload: bytes, blob: bytes, now: str, question: Question):
        asked.append(question)
        own = NCA.certificate.public_bytes(Encoding.DER)
        return Vouched(question.certificate, hashlib.sha256(own).hexdigest())

    def beside(plugin) -> Beside:
        files = {RECHECK: (("p.p7s", gost_co_signature()),)}
        return Beside(co_signatures=files, plugins=(plugin,))

    found = verify(wanted("OU=BIN123456789012"), beside=beside(plugin))
    assert found.co_signatures[0].answer.vouched_for
    assert ("OU=BIN123456789012",) in {one.subject for one in asked}
    assert {len(one.roots) for one in asked} == {1}
    # A yes without a word on whose it is, as plugins once gave: the policy's demand is not met.
    bare = Identity("CN=x", "CN=NCA", "5", True, None, ("OU=BIN123456789012",))
    for rules, own in (
        (wanted("OU=BIN000000000000"), plugin),
        (wanted(root=Authority("another")), plugin),
        (wanted(), lambda *_: bare),
        (wanted(), guarded("x", lambda *_: 1 / 0)),
    ):
        with pytest.raises(VerificationError, match="demands a co-signature"):
            verify(rules, beside=beside(own))


def result_of(bundle: bytes, by=None) -> bytes:
    own = payload(bundle)
    made = svr_statement(read_statement(own), own)
    assert made is not None
    return sign_bundle(made, by or lab())


def test_a_verification_result_says_what_the_re_check_says_and_no_more():
    found = verify(beside=Beside(svr=("p.svr.json", result_of(bundles()[1]))))
    assert {"PRINTSTD_C2", "PRINTSTD_GEOMETRY_OK", "PRINTSTD_MACHINE_OK"} <= set(found.properties)
    own = json.loads(payload(bundles()[1]))
    own["predicate"]["allowed_undecided"] = ["G-06"]
    waived = canonical(own)
    made = svr_statement(read_statement(waived), waived)
    assert made is not None
    assert "PRINTSTD_GEOMETRY_OK" not in read_svr(made).properties
    own["predicate"]["verdict"] = "FAILED"
    no = canonical(own)
    assert svr_statement(read_statement(no), no) is None


def test_a_result_of_another_key_program_or_verdict_is_refused():
    good = result_of(bundles()[1])
    with pytest.raises(VerificationError, match="any trusted key"):
        verify(beside=Beside(svr=("p.svr.json", result_of(bundles()[1], by=maker()))))
    moved = _changed(good, lambda s: s["subject"][0]["digest"].update(sha256="ab" * 32))
    with pytest.raises(VerificationError, match="not of this program"):
        verify(beside=Beside(svr=("p.svr.json", sign_bundle(moved, lab()))))
    no = _changed(bundles()[1], lambda s: s["predicate"].update(verdict="FAILED"))
    with pytest.raises(VerificationError, match="not of this program"):
        verify(checked=sign_bundle(no, lab()), beside=Beside(svr=("p.svr.json", good)))


def test_the_same_program_in_another_file_is_accepted_only_where_the_policy_says_so():
    program = small_part.program()
    stripped = b"\n".join(line for line in program.split(b"\n") if line[:1] != b";")
    crlf = program.replace(b"\n", b"\r\n")
    rules = policy(same_program=True)
    for other in (stripped, crlf):
        with pytest.raises(VerificationError, match="same commands, different file"):
            verify(program=other)
        found = verify(rules, program=other)
        assert not found.is_same_file
        assert found.program is not None
        assert found.program.data == other
    assert verify(rules).is_same_file
    with pytest.raises(VerificationError, match="not the file"):
        verify(rules, program=program.replace(b"E0.0", b"E0.1", 1))


@pytest.mark.parametrize(
    "hidden",
    [b"; \rG1 X999\n", b'M117 "a;b\n', b"; \x00\n", b"; \xff\n", b"; \x1b[2J\n"],
    ids=["lone cr", "quotes", "nul", "no utf-8", "escape"],
)
def test_a_comment_that_a_machine_might_read_as_a_command_is_no_same_program(hidden):
    program = small_part.program()
    if b"M117" in hidden:  # a command: the signed file has it too, up to the semicolon
        first = program + b'M117 "a\n'
    else:
        first = program
    from printstd.certify.c14n import commands_sha256, second_reading

    other = program + hidden
    assert commands_sha256(other) == commands_sha256(first)
    assert second_reading(other) is not None
    assert second_reading(program) is None
    if first == program:
        with pytest.raises(VerificationError, match="same commands"):
            verify(policy(same_program=True), program=other)
