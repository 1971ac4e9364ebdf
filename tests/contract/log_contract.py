"""What a log's database must keep to, whatever it is: each rule takes the place of an empty one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import pytest

from printstd.adapters.log_store import new_log, open_log
from printstd.certify.log import store as kept
from printstd.certify.log.auditing import audit_rows
from printstd.certify.log.entry import entry_of
from printstd.certify.log.merkle import includes, leaf_hash
from printstd.certify.log.notes import NoteError
from tests.unit.certify.log.logs import bundle, key, revocation


def logged_once_and_proved(place: str) -> None:
    """Every entry has one place, is proved there, and a call may be repeated."""
    public, own = key()
    store = new_log(place, public, own)
    entries = [entry_of(bundle(f"{n}"), "x") for n in range(13)]
    with store.writing() as rows:
        assert kept.append(rows, entries[:5], own).indices == (0, 1, 2, 3, 4)
    with store.writing() as rows:
        again = kept.append(rows, [entries[2], *entries[4:], entries[7]], own)
    assert (again.indices, again.added, again.size) == (
        (2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 7),
        8,
        13,
    )
    with open_log(place).reading() as rows:
        root = rows.frontier().root()
        for index, entry in enumerate(entries):
            proof = kept.prove(rows, entry)
            assert proof.index == index
            assert includes(root, 13, index, leaf_hash(entry.data), proof.path)
        assert [size for size, _ in rows.checkpoints()] == [0, 5, 13]
        assert audit_rows(rows)[1] == []


def nothing_of_a_broken_block_stays(place: str) -> None:
    public, own = key()
    store = new_log(place, public, own)

    def fails() -> None:
        with store.writing() as rows:
            kept.append(rows, [entry_of(bundle("a"), "x")], own)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with store.reading() as rows:
        assert rows.frontier().size == 0
        assert list(rows.checkpoints())[-1][0] == 0


def a_payload_signed_twice_is_refused(place: str) -> None:
    public, own = key()
    store = new_log(place, public, own)
    first, second = (entry_of(bundle("same"), "x") for _ in range(2))
    assert first.payload == second.payload
    assert first != second
    with store.writing() as rows:
        kept.append(rows, [first], own)
    with pytest.raises(NoteError, match="by another bundle"), store.writing() as rows:
        kept.append(rows, [second], own)


def revocations_are_counted(place: str) -> None:
    public, own = key()
    store = new_log(place, public, own)
    entry = entry_of(bundle("bad"), "x")
    with store.writing() as rows:
        kept.append(rows, [entry, entry_of(revocation(entry.payload), "x")], own)
    with store.reading() as rows:
        counted, problems = audit_rows(rows)
    assert (counted.revocations, problems) == (1, [])


def a_serial_given_twice_is_found(place: str) -> None:
    public, own = key()
    store = new_log(place, public, own)
    first = entry_of(bundle("s"), "x")
    other = type(first)("ab" * 32, "cd" * 32, first.predicate_type, first.serial)
    with store.writing() as rows:
        kept.append(rows, [first, other], own)
    with store.reading() as rows:
        assert any("is that of entry 0" in problem for problem in audit_rows(rows)[1])


def writers_at_once_make_one_log(place: str) -> None:
    """Two at once: every entry of both is there once, in one line of checkpoints."""
    public, own = key()
    new_log(place, public, own)
    errors: list[BaseException] = []

    def write(name: str) -> None:
        try:
            store = open_log(place)
            for n in range(8):
                with store.writing() as rows:
                    kept.append(rows, [entry_of(bundle(f"{name}{n}"), "x")], own)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with open_log(place).reading() as rows:
        counted, problems = audit_rows(rows)
    assert (counted.entries, counted.checkpoints, problems) == (24, 25, [])


RULES: Final[tuple[Callable[[str], None], ...]] = (
    logged_once_and_proved,
    nothing_of_a_broken_block_stays,
    a_payload_signed_twice_is_refused,
    revocations_are_counted,
    a_serial_given_twice_is_found,
    writers_at_once_make_one_log,
)
