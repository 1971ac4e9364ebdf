"""C2SP signed notes: a text, and lines of signatures under it; and the keys that verify them.

Source: C2SP signed-note and tlog-cosignature (facts of certification 5.1). Kinds of key: 0x01
Ed25519 over the text, 0x04 timestamped Ed25519 cosignature. Signatures of other kinds and unknown
keys are passed over, as the format demands, so that there is room for those to come.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519: Final = 1
COSIGNATURE: Final = 4
MAX_NOTE_BYTES: Final = 64 << 10
MAX_SIGNATURES: Final = 64
_NAME: Final = re.compile(r"[^\s+]+\Z")


class NoteError(ValueError):
    """The text is not what it should be, or its signatures do not hold."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A named key, as its *vkey* ``NAME+HASH+BASE64`` says it. kind : `ED25519` or `COSIGNATURE`.
    public : 32 bytes."""

    name: str
    kind: int
    public: bytes

    @property
    def key_hash(self) -> bytes:
        """Four bytes that narrow down whose signature a line is."""
        said = self.name.encode("utf-8") + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(said).digest()[:4]

    @property
    def vkey(self) -> str:
        kept = base64.b64encode(bytes([self.kind]) + self.public).decode("ascii")
        return f"{self.name}+{self.key_hash.hex()}+{kept}"

    def verifies(self, message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """``— NAME BASE64``: four bytes of key hash, then what that kind of key makes."""

    name: str
    key_hash: bytes
    signature: bytes

    def __str__(self) -> str:
        kept = base64.b64encode(self.key_hash + self.signature).decode("ascii")
        return f"— {self.name} {kept}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """text : ends with a line feed, and is what was signed."""

    text: str
    lines: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.lines))

    def of(self, key: Verifier) -> tuple[SignatureLine, ...]:
        """The lines that say they are by this key."""
        return tuple(
            line for line in self.lines if (line.name, line.key_hash) == (key.name, key.key_hash)
        )


def read_vkey(text: str) -> Verifier:
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not _NAME.match(parts[0]):
        raise NoteError("a key is written NAME+HASH+BASE64")
    kept = base64_bytes(parts[2], "the key")
    if len(kept) != 33 or kept[0] not in (ED25519, COSIGNATURE):
        raise NoteError("only Ed25519 keys (kinds 1 and 4) are read")
    key = Verifier(parts[0], kept[0], kept[1:])
    if key.key_hash.hex() != parts[1]:
        raise NoteError("the key's hash is not that of its name and bytes")
    return key


def read_note(data: bytes | str) -> Note:
    """A note's text and lines, by its grammar; nothing is verified."""
    if len(data) > MAX_NOTE_BYTES:
        raise NoteError(f"a note of {len(data)} bytes, at most {MAX_NOTE_BYTES} are read")
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        raise NoteError("not UTF-8") from error
    if any(ord(c) < 0x20 and c != "\n" for c in text):
        raise NoteError("control characters")
    end = text.rfind("\n\n")
    if end < 0 or not text.endswith("\n"):
        raise NoteError("no empty line between the text and its signatures")
    signed, rest = text[: end + 1], text[end + 2 :]
    rows = rest.split("\n")[:-1]
    if not 0 < len(rows) <= MAX_SIGNATURES:
        raise NoteError(f"{len(rows)} signatures, 1 to {MAX_SIGNATURES} are read")
    return Note(signed, tuple(map(_line, rows)))


def _line(row: str) -> SignatureLine:
    dash, _, told = row.partition(" ")
    name, _, kept = told.partition(" ")
    if dash != "—" or not _NAME.match(name):
        raise NoteError("a signature is written '— NAME BASE64'")
    value = base64_bytes(kept, "a signature")
    if len(value) < 5:
        raise NoteError("a signature is cut short")
    return SignatureLine(name, value[:4], value[4:])


def signed_text(note: Note, key: Verifier) -> str:
    """The note's text, if `key` (`ED25519`) signed it."""
    lines = note.of(key)
    if len(lines) != 1:
        raise NoteError(f"{len(lines)} signatures by {key.name}, one is wanted")
    if not key.verifies(note.text.encode("utf-8"), lines[0].signature):
        raise NoteError(f"the signature of {key.name} does not verify")
    return note.text


def cosignature_message(text: str, seconds: int) -> bytes:
    """What a witness signs at a time (Unix seconds, UTC)."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosigned_at(note: Note, key: Verifier) -> int | None:
    """When the witness `key` (`COSIGNATURE`) saw this checkpoint, in Unix seconds; None where it
    did not. Of several by one key, the earliest that verifies."""
    times = []
    for line in note.of(key):
        if len(line.signature) != 8 + 64:
            continue
        seconds = int.from_bytes(line.signature[:8], "big")
        if key.verifies(cosignature_message(note.text, seconds), line.signature[8:]):
            times.append(seconds)
    return min(times, default=None)


def with_lines(note: Note, lines: Sequence[SignatureLine]) -> Note:
    """The note with further lines, each once; those that stand already stay in their order."""
    return Note(note.text, tuple(dict.fromkeys((*note.lines, *lines))))


def base64_bytes(text: str, what: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"{what}: not base64") from error
    if base64.b64encode(value).decode("ascii") != text:
        raise NoteError(f"{what}: not base64 as it is written")
    return value
