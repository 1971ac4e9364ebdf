"""Proofs for one entry (C2SP tlog-proof): all that an offline verifier needs of a log."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final

from printstd.certify.log.merkle import HASH_BYTES
from printstd.certify.log.notes import Note, NoteError, base64_bytes, read_note

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PROOF_BYTES: Final = 128 << 10
MAX_STEPS: Final = 63
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,17})\Z")


@dataclass(frozen=True, slots=True)
class LogProof:
    """index : of the entry. path : from the leaf up. extra : opaque here: of our proofs, the entry
    itself, so that a verifier sees what was logged beside the digest it knows."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes | None = None

    def __str__(self) -> str:
        rows = [HEADER]
        if self.extra is not None:
            rows.append(f"extra {base64.b64encode(self.extra).decode('ascii')}")
        rows.append(f"index {self.index}")
        rows += [base64.b64encode(step).decode("ascii") for step in self.path]
        return "\n".join([*rows, "", str(self.checkpoint)])


def read_proof(data: bytes) -> LogProof:
    """By its grammar; nothing is verified."""
    if len(data) > MAX_PROOF_BYTES:
        raise NoteError(f"a proof of {len(data)} bytes, at most {MAX_PROOF_BYTES} are read")
    try:
        head, parted, note = data.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError as error:
        raise NoteError("not UTF-8") from error
    rows = head.split("\n")
    if not parted or rows[0] != HEADER:
        raise NoteError(f"the first line is not {HEADER}")
    del rows[0]
    extra = None
    if rows and rows[0].startswith("extra "):
        extra = base64_bytes(rows.pop(0).removeprefix("extra "), "extra")
    index = _INDEX.match(rows.pop(0)) if rows else None
    if index is None:
        raise NoteError("no line 'index N'")
    path = tuple(base64_bytes(row, "a step") for row in rows)
    if len(path) > MAX_STEPS or any(len(step) != HASH_BYTES for step in path):
        raise NoteError(f"a path is at most {MAX_STEPS} hashes of {HASH_BYTES} bytes")
    return LogProof(int(index[1]), path, read_note(note), extra)
