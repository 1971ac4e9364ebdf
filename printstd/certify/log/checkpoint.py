"""Checkpoints (C2SP tlog-checkpoint): which log, how many entries, and the root over them."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final

from printstd.certify.log.merkle import HASH_BYTES
from printstd.certify.log.notes import (
    COSIGNATURE,
    ED25519,
    Note,
    NoteError,
    SignatureLine,
    Verifier,
    base64_bytes,
    cosignature_message,
    read_note,
    signed_text,
)
from printstd.ports import Signer

_SIZE: Final = re.compile(r"(0|[1-9][0-9]{0,17})\Z")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """origin : the log's name, which is that of its key. root : of the first `size` entries."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """Of a note's text. Further lines are opaque, and told from the first three."""
    rows = text.split("\n")
    if len(rows) < 4 or not rows[0] or rows[-1] != "":
        raise NoteError("a checkpoint is an origin, a size and a root, a line each")
    if not _SIZE.match(rows[1]):
        raise NoteError("a checkpoint's size is a decimal number")
    root = base64_bytes(rows[2], "the root")
    if len(root) != HASH_BYTES:
        raise NoteError("a root is 32 bytes")
    return Checkpoint(rows[0], int(rows[1]), root)


def sign_checkpoint(checkpoint: Checkpoint, key: Verifier, signer: Signer) -> Note:
    """signer : holds the private half of `key`."""
    if key.kind != ED25519 or key.name != checkpoint.origin:
        raise NoteError("a log signs its checkpoints by the Ed25519 key of its own name")
    signature = signer.sign(checkpoint.text.encode("utf-8"))
    return Note(checkpoint.text, (SignatureLine(key.name, key.key_hash, signature),))


def verified_checkpoint(data: bytes | str | Note, key: Verifier) -> Checkpoint:
    """What the log's key signed; NoteError where it did not, or of another log."""
    note = data if isinstance(data, Note) else read_note(data)
    checkpoint = read_checkpoint(signed_text(note, key))
    if checkpoint.origin != key.name:
        raise NoteError(f"a checkpoint of {checkpoint.origin}, not of {key.name}")
    return checkpoint


def cosign(note: Note, key: Verifier, signer: Signer, seconds: int) -> SignatureLine:
    """A witness's line under a checkpoint, at a time in Unix seconds."""
    if key.kind != COSIGNATURE:
        raise NoteError("a witness signs by a key of kind 4")
    signature = signer.sign(cosignature_message(note.text, seconds))
    return SignatureLine(key.name, key.key_hash, seconds.to_bytes(8, "big") + signature)
