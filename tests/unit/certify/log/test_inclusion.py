"""What an offline verifier believes of a log: a proof, a policy, and nothing that nobody signed."""

from __future__ import annotations

import pytest

from printstd.certify.log import store as kept
from printstd.certify.log.checkpoint import cosign
from printstd.certify.log.entry import entry_of
from printstd.certify.log.inclusion import included
from printstd.certify.log.notes import NoteError, read_note, with_lines
from printstd.certify.log.quorum import read_policy
from tests.unit.certify.log.logs import bundle, key, new, witness_key

BUNDLES = [bundle(f"2026-{n}") for n in range(9)]


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    """(log's key, proof of the fourth as bytes, witnesses and their signers)."""
    store, public, own = new(tmp_path_factory.mktemp("log") / "l.sqlite")
    entries = [entry_of(one, "one") for one in BUNDLES]
    with store.writing() as rows:
        kept.append(rows, entries, own)
    witnesses = {name: witness_key(f"{name}.example") for name in ("a", "b", "c")}
    with store.writing() as rows:
        note = read_note(rows.checkpoint()[1])
        lines = [cosign(note, witnesses[n][0], witnesses[n][1], 1_750_000_000) for n in "ab"]
        assert (
            kept.add_cosignatures(rows, with_lines(note, lines), [witnesses[n][0] for n in "ab"])
            == 2
        )
    with store.reading() as rows:
        proof = kept.prove(rows, entries[3])
    return public, str(proof).encode(), {n: pair[0] for n, pair in witnesses.items()}


def policy(public, witnesses, *rows):
    head = [f"log {public.vkey} https://log.example/"]
    head += [f"witness {name} {one.vkey}" for name, one in witnesses.items()]
    return read_policy("\n".join([*head, *rows]).encode())


def test_a_logged_certificate_is_found(logged):
    public, proof, witnesses = logged
    found = included(BUNDLES[3], proof, policy(public, witnesses, "quorum none"), "x")
    assert (found.origin, found.index, found.size) == (public.name, 3, 9)
    assert dict(found.seen) == {"a": 1_750_000_000, "b": 1_750_000_000}
    assert not found.is_witnessed


@pytest.mark.parametrize("other", [n for n in range(9) if n != 3])
def test_the_proof_is_of_no_other_certificate(logged, other):
    public, proof, witnesses = logged
    with pytest.raises(NoteError, match="the proof is of payload"):
        included(BUNDLES[other], proof, policy(public, witnesses, "quorum none"), "x")
    rows = [row for row in proof.split(b"\n") if not row.startswith(b"extra")]
    with pytest.raises(NoteError, match="does not lead"):
        included(BUNDLES[other], b"\n".join(rows), policy(public, witnesses, "quorum none"), "x")


@pytest.mark.parametrize(
    ("rows", "is_met"),
    [
        (["quorum a"], True),
        (["quorum c"], False),
        (["group all3 all a b c", "quorum all3"], False),
        (["group two 2 a b c", "quorum two"], True),
        (["group one any c", "quorum one"], False),
        (["group in any a c", "group out all in b", "quorum out"], True),
        (["group in all a c", "group out 2 in b", "quorum out"], False),
    ],
)
def test_the_quorum_decides(logged, rows, is_met):
    public, proof, witnesses = logged
    asked = policy(public, witnesses, *rows)
    if is_met:
        assert included(BUNDLES[3], proof, asked, "x").is_witnessed
    else:
        with pytest.raises(NoteError, match="quorum"):
            included(BUNDLES[3], proof, asked, "x")


def test_another_log_of_that_name_is_not_trusted(logged):
    public, proof, witnesses = logged
    stranger, _ = key(public.name)
    with pytest.raises(NoteError, match="signatures"):
        included(BUNDLES[3], proof, policy(stranger, witnesses, "quorum none"), "x")


def test_a_checkpoint_signed_by_a_witness_alone_is_no_checkpoint(logged):
    public, proof, witnesses = logged
    rows = proof.split(b"\n")
    forged = b"\n".join(
        row for row in rows if not row.startswith("— ".encode() + public.name.encode())
    )
    with pytest.raises(NoteError, match="0 signatures"):
        included(BUNDLES[3], forged, policy(public, witnesses, "quorum none"), "x")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum none",
        "log {log}",
        "log {log}\nquorum x",
        "log {log}\nquorum none\nquorum none",
        "log {witness}\nquorum none",
        "log {log}\nwitness a {log}\nquorum none",
        "log {log}\nwitness a {witness}\nwitness a {witness}\nquorum a",
        "log {log}\nwitness a {witness}\ngroup g 2 a\nquorum g",
        "log {log}\nwitness a {witness}\ngroup g 0 a\nquorum g",
        "log {log}\nwitness a {witness}\ngroup g any a a\nquorum g",
        "log {log}\ngroup g any later\nwitness later {witness}\nquorum g",
        "log {log}\nwitness none {witness}\nquorum none",
        "log {log}\ntrust everybody\nquorum none",
    ],
)
def test_a_policy_that_could_be_misread_is_refused(text):
    public, _ = key()
    witness, _ = witness_key("w.example")
    with pytest.raises(NoteError):
        read_policy(text.format(log=public.vkey, witness=witness.vkey).encode())
