"""Notes, keys, checkpoints and proofs: each is read back as it was written, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.certify.log.checkpoint import (
    Checkpoint,
    cosign,
    read_checkpoint,
    sign_checkpoint,
    verified_checkpoint,
)
from printstd.certify.log.notes import (
    Note,
    NoteError,
    SignatureLine,
    cosigned_at,
    read_note,
    read_vkey,
    with_lines,
)
from printstd.certify.log.proof import LogProof, read_proof
from tests.unit.certify.log.logs import ORIGIN, key, witness_key

PUBLIC, OWN = key()
WITNESS, ITS = witness_key("witness.example")
SEEN = 1_750_000_000
CHECKPOINT = Checkpoint(ORIGIN, 7, bytes(range(32)))
NOTE = sign_checkpoint(CHECKPOINT, PUBLIC, OWN)
COSIGNED = with_lines(NOTE, [cosign(NOTE, WITNESS, ITS, SEEN)])


def test_a_key_is_read_back():
    for one in (PUBLIC, WITNESS):
        assert read_vkey(one.vkey) == one


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("bureau", "burea"),
        lambda t: t[:-4] + "AAA=",
        lambda t: t.replace("+", "+0", 1),
        lambda t: "no name+" + t.split("+", 1)[1],
        lambda t: t.split("+")[0],
    ],
)
def test_another_key_is_no_key(change):
    with pytest.raises(NoteError):
        read_vkey(change(PUBLIC.vkey))


def test_a_checkpoint_is_read_back_and_verifies_under_its_key_alone():
    text = str(COSIGNED)
    assert read_note(text) == COSIGNED
    assert verified_checkpoint(text, PUBLIC) == CHECKPOINT
    assert cosigned_at(COSIGNED, WITNESS) == SEEN
    stranger, _ = key()
    with pytest.raises(NoteError, match="0 signatures"):
        verified_checkpoint(text, stranger)
    assert cosigned_at(NOTE, WITNESS) is None


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(str(COSIGNED).encode()) - 1), st.integers(0, 7))
def test_no_bit_of_a_cosigned_checkpoint_can_change_unseen(at, bit):
    """Either it cannot be read, or the log's signature fails, or the witness's does."""
    data = bytearray(str(COSIGNED).encode())
    data[at] ^= 1 << bit
    try:
        note = read_note(bytes(data))
        found = verified_checkpoint(note, PUBLIC)
    except NoteError:
        return
    assert found == CHECKPOINT
    assert cosigned_at(note, WITNESS) != SEEN


def test_a_cosignature_holds_for_its_time_alone():
    (line,) = COSIGNED.of(WITNESS)
    later = (SEEN + 1).to_bytes(8, "big") + line.signature[8:]
    moved = Note(NOTE.text, (SignatureLine(line.name, line.key_hash, later),))
    assert cosigned_at(moved, WITNESS) is None


@pytest.mark.parametrize("size", ["-1", "+7", "07", "7 ", "0x7", "", "1" * 19, "٧"])
def test_a_size_is_a_plain_number(size):
    with pytest.raises(NoteError):
        read_checkpoint(CHECKPOINT.text.replace("\n7\n", f"\n{size}\n"))


def test_unknown_signatures_are_passed_over():
    other = SignatureLine("quantum.example", b"\x01\x02\x03\x04", bytes(2420))
    note = read_note(str(with_lines(COSIGNED, [other])))
    assert verified_checkpoint(note, PUBLIC) == CHECKPOINT


@pytest.mark.parametrize("extra", [None, b"", b"told"])
@pytest.mark.parametrize("steps", [0, 1, 20])
def test_a_proof_is_read_back(extra, steps):
    proof = LogProof(5, tuple(bytes([n]) * 32 for n in range(steps)), COSIGNED, extra)
    assert read_proof(str(proof).encode()) == proof


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("@v1", "@v2"),
        lambda t: t.replace("index 5", "index 05"),
        lambda t: t.replace("index 5\n", ""),
        lambda t: t.replace("index 5\n", "index 5\nAAAA\n"),
        lambda t: t.replace("\n\n", "\n", 1),
        lambda t: t.replace("index 5", "index 5\r"),
    ],
)
def test_what_is_no_proof_is_not_read(change):
    text = str(LogProof(5, (bytes(32),), COSIGNED))
    with pytest.raises(NoteError):
        read_proof(change(text).encode())
