"""What a log is kept in, and what is written there when something is logged.

The database is the writer's truth. Everything that one append changes (entries, nodes, the right
edge, the signed checkpoint) stands in one transaction: killed at any moment, a log is as it was
before or as it is after, and no checkpoint was ever given away that it does not keep to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from printstd.certify.log.checkpoint import Checkpoint, sign_checkpoint, verified_checkpoint
from printstd.certify.log.entry import Entry
from printstd.certify.log.merkle import Frontier, consistency_proof, inclusion_proof, leaf_hash
from printstd.certify.log.notes import (
    Note,
    NoteError,
    SignatureLine,
    Verifier,
    cosigned_at,
    read_note,
    with_lines,
)
from printstd.certify.log.proof import LogProof
from printstd.certify.log.tiles import LEVELS, WIDTH, Tile, entries_bytes
from printstd.ports import Signer


class LogRows(Protocol):
    """A log's rows inside one transaction."""

    def identity(self) -> Verifier: ...

    def frontier(self) -> Frontier: ...

    def set_frontier(self, frontier: Frontier) -> None: ...

    def add_entry(self, index: int, entry: bytes, payload: str) -> None: ...

    def add_nodes(self, nodes: Iterable[tuple[int, int, bytes]]) -> None: ...

    def node_at(self, level: int, index: int) -> bytes: ...

    def nodes(self, level: int, start: int, count: int) -> list[bytes]: ...

    def index_of(self, payload: str) -> int | None: ...

    def entries(self, start: int = 0, count: int | None = None) -> Iterator[bytes]: ...

    def add_checkpoint(self, size: int, note: str) -> None: ...

    def set_checkpoint(self, size: int, note: str) -> None: ...

    def checkpoint(self) -> tuple[int, str]:
        """The newest: (size, note)."""
        ...

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        """All, rising."""
        ...


class LogStore(Protocol):
    """A database with one log in it."""

    def reading(self) -> AbstractContextManager[LogRows]: ...

    def writing(self) -> AbstractContextManager[LogRows]:
        """One writer at a time; kept, durably, when the block ends without an error."""
        ...


@dataclass(frozen=True, slots=True)
class Logged:
    """index : where each entry stands, in the order in which they were given. added : how many
    were not there before."""

    indices: tuple[int, ...]
    added: int
    size: int


def begin(rows: LogRows, key: Verifier, signer: Signer) -> None:
    """The empty log's checkpoint, so that witnesses can follow it from the first entry on."""
    empty = Frontier()
    rows.set_frontier(empty)
    note = sign_checkpoint(Checkpoint(key.name, 0, empty.root()), key, signer)
    rows.add_checkpoint(0, str(note))


def append(rows: LogRows, entries: Sequence[Entry], signer: Signer) -> Logged:
    """Log these; what is logged already stays where it is, so that a call may be repeated.

    NoteError where the signer's key is not the log's, or a payload is there under another entry
    (the same statement signed again).
    """
    key, frontier = rows.identity(), rows.frontier()
    before, indices = frontier.size, []
    for entry in entries:
        known = rows.index_of(entry.payload)
        if known is not None:
            (data,) = rows.entries(known, 1)
            if data != entry.data:
                raise NoteError(
                    f"payload {entry.payload[:16]} is logged already, at {known}, by another bundle"
                )
            indices.append(known)
            continue
        indices.append(frontier.size)
        rows.add_entry(frontier.size, entry.data, entry.payload)
        frontier, complete = frontier.added(leaf_hash(entry.data))
        rows.add_nodes(complete)
    if frontier.size > before:
        rows.set_frontier(frontier)
        note = sign_checkpoint(Checkpoint(key.name, frontier.size, frontier.root()), key, signer)
        verified_checkpoint(note, key)  # Another key would make a log that nobody can follow.
        rows.add_checkpoint(frontier.size, str(note))
    return Logged(tuple(indices), frontier.size - before, frontier.size)


def prove(rows: LogRows, entry: Entry) -> LogProof:
    """For the newest checkpoint; NoteError where the entry is not logged."""
    index = rows.index_of(entry.payload)
    if index is None:
        raise NoteError(f"payload {entry.payload[:16]} is not logged")
    (data,) = rows.entries(index, 1)
    if data != entry.data:
        raise NoteError(f"payload {entry.payload[:16]} is logged by another bundle")
    size, text = rows.checkpoint()
    path = tuple(inclusion_proof(rows.node_at, index, size))
    return LogProof(index, path, read_note(text), data)


def prove_growth(rows: LogRows, old: int) -> tuple[list[bytes], Note]:
    """(consistency proof from `old` entries, the newest checkpoint)."""
    size, text = rows.checkpoint()
    return consistency_proof(rows.node_at, old, size), read_note(text)


def add_cosignatures(rows: LogRows, note: Note, witnesses: Sequence[Verifier]) -> int:
    """Keep what witnesses signed under the newest checkpoint; how many lines are new.

    NoteError where the note is of another checkpoint, or a line of these does not verify."""
    size, text = rows.checkpoint()
    kept = read_note(text)
    if note.text != kept.text:
        raise NoteError(f"it is not the newest checkpoint, which is of {size} entries")
    lines: list[SignatureLine] = []
    for witness in witnesses:
        own = note.of(witness)
        if own and cosigned_at(note, witness) is None:
            raise NoteError(f"the cosignature of {witness.name} does not verify")
        lines += own
    grown = with_lines(kept, lines)
    rows.set_checkpoint(size, str(grown))
    return len(grown.lines) - len(kept.lines)


def tile_bytes(rows: LogRows, tile: Tile) -> bytes:
    if tile.level < 0:
        return entries_bytes(list(rows.entries(tile.number * WIDTH, tile.width)))
    return b"".join(rows.nodes(tile.level * LEVELS, tile.number * WIDTH, tile.width))
