"""A whole log re-made from its entries, and everything that it ever signed held against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from printstd.certify.log.checkpoint import verified_checkpoint
from printstd.certify.log.entry import read_entry
from printstd.certify.log.merkle import Frontier, leaf_hash
from printstd.certify.log.notes import NoteError, Verifier, read_note
from printstd.certify.log.store import LogRows
from printstd.certify.log.tiles import LEVELS, TileTree
from printstd.certify.strict_json import StrictJsonError
from printstd.words import said


@dataclass(frozen=True, slots=True)
class Counted:
    """What an audit saw."""

    entries: int
    checkpoints: int
    revocations: int


class _Tally:
    """Entries, one after the other: what may stand once, and what is taken back."""

    def __init__(self) -> None:
        self.payloads: dict[str, int] = {}
        self.serials: dict[str, int] = {}
        self.revoked: list[tuple[int, str]] = []

    def problems(self, index: int, data: bytes) -> Iterator[str]:
        try:
            entry = read_entry(data)
        except StrictJsonError as error:
            yield said("entry {index}: {error}", index=index, error=str(error))
            return
        for known, name in ((self.payloads, entry.payload), (self.serials, entry.serial)):
            if name and known.setdefault(name, index) != index:
                yield said(
                    "entry {index}: {name} is that of entry {first}, too",
                    index=index,
                    name=name,
                    first=known[name],
                )
        if entry.revoked:
            self.revoked.append((index, entry.revoked))


def audit_rows(rows: LogRows) -> tuple[Counted, list[str]]:
    """(what was seen, what is wrong): every entry is hashed again, every node that is kept and
    every checkpoint that was ever signed is held against the tree they make."""
    key, kept = rows.identity(), rows.frontier()
    problems: list[str] = []
    tally, frontier = _Tally(), Frontier()
    signed = rows.checkpoints()
    waiting = next(signed, None)
    count = 0

    def check_signed() -> Iterator[str]:
        """Checkpoints of the size reached."""
        nonlocal waiting, count
        while waiting is not None and waiting[0] == frontier.size:
            yield from _wrong(waiting, frontier, key)
            count, waiting = count + 1, next(signed, None)

    problems += check_signed()
    for index, data in enumerate(rows.entries()):
        problems += tally.problems(index, data)
        frontier, complete = frontier.added(leaf_hash(data))
        for level, place, found in complete:
            if rows.nodes(level, place, 1) != [found]:
                problems.append(
                    said("node {place} of level {level} differs", place=place, level=level)
                )
        problems += check_signed()
    if waiting is not None:
        problems.append(
            said(
                "a checkpoint of {size} entries was signed, and there are {entries}",
                size=waiting[0],
                entries=frontier.size,
            )
        )
    if kept != frontier:
        problems.append(
            said(
                "the log says it holds {kept} entries, and {entries} were found",
                kept=kept.size,
                entries=frontier.size,
            )
        )
    if count == 0 or rows.checkpoint()[0] != frontier.size:
        problems.append(said("the newest entries stand under no checkpoint"))
    return Counted(frontier.size, count, len(tally.revoked)), problems


def _wrong(signed: tuple[int, str], frontier: Frontier, key: Verifier) -> Iterator[str]:
    size, text = signed
    try:
        checkpoint = verified_checkpoint(text, key)
    except NoteError as error:
        yield said("the checkpoint of {size} entries: {error}", size=size, error=str(error))
        return
    if (checkpoint.size, checkpoint.root) != (frontier.size, frontier.root()):
        yield said("the checkpoint of {size} entries is of another tree", size=size)


def audit_tiles(tree: TileTree, note: bytes, key: Verifier) -> tuple[Counted, list[str]]:
    """Of a published log: its entries, its tiles and its checkpoint."""
    problems: list[str] = []
    tally, frontier = _Tally(), Frontier()
    try:
        checkpoint = verified_checkpoint(read_note(note), key)
        problems += _all_entries(tree, tally)
        for data in tree.entries():
            frontier, complete = frontier.added(leaf_hash(data))
            for level, place, found in complete:
                if level % LEVELS == 0 and tree.node_at(level, place) != found:
                    problems.append(
                        said("node {place} of level {level} differs", place=place, level=level)
                    )
        if (checkpoint.size, checkpoint.root) != (frontier.size, frontier.root()):
            problems.append(
                said("the checkpoint of {size} entries is of another tree", size=checkpoint.size)
            )
    except NoteError as error:
        problems.append(str(error))
    return Counted(frontier.size, 1, len(tally.revoked)), problems


def _all_entries(tree: TileTree, tally: _Tally) -> Iterable[str]:
    for index, data in enumerate(tree.entries()):
        yield from tally.problems(index, data)
