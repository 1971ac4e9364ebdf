"""A log in a database: SQLite in one file, or PostgreSQL for several writers; one layer for both.

A writer takes the lock before it reads where the log ends, so two can never give one place to two
entries. SQLite runs with a write-ahead log that is synced at every commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from printstd.adapters.databases import engine_of, is_postgresql, outside
from printstd.adapters.migrating import Migrations, bring_up, bring_up_in, unknown_form
from printstd.certify.log.merkle import Frontier
from printstd.certify.log.notes import NoteError, Verifier, read_vkey
from printstd.certify.log.store import LogRows, begin
from printstd.errors import InputError, UsageError
from printstd.ports import Signer
from printstd.words import said

NEWEST: Final = "0002"
MIGRATIONS: Final = Migrations(
    Path(__file__).with_name("log_migrations"), "printstd_log_version", NEWEST
)
SCHEMA: Final = 1
"""Raised by a migration that no older version may write under: those that knew no migrations look
at this number alone."""
_AT_ONCE: Final = 1024

META = sa.MetaData()
_LOG = sa.Table(
    "printstd_log",
    META,
    sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1"), primary_key=True),
    sa.Column("schema_version", sa.Integer, nullable=False),
    sa.Column("vkey", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("frontier", sa.LargeBinary, nullable=False),
)
_LEAF = sa.Table(
    "printstd_log_leaf",
    META,
    sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entry", sa.LargeBinary, nullable=False),
    sa.Column("payload", sa.Text, nullable=False, unique=True),
)
_NODE = sa.Table(
    "printstd_log_node",
    META,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)
_CHECKPOINT = sa.Table(
    "printstd_log_checkpoint",
    META,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("note", sa.Text, nullable=False),
)


@dataclass(frozen=True, slots=True, eq=False)
class DatabaseLog:
    """A `LogStore`. where : for messages, without a password."""

    engine: sa.Engine
    where: str

    def reading(self) -> AbstractContextManager[LogRows]:
        return self._rows(is_writing=False)

    def writing(self) -> AbstractContextManager[LogRows]:
        return self._rows(is_writing=True)

    @contextmanager
    def _rows(self, *, is_writing: bool) -> Iterator[LogRows]:
        with _outside(self.where), self.engine.connect() as connection:
            doing = connection.execution_options(is_reading=not is_writing)
            yield _Rows(doing, self.where, is_writing=is_writing)
            if is_writing:
                doing.commit()


class _Rows:
    def __init__(self, connection: sa.Connection, where: str, *, is_writing: bool) -> None:
        self._do = connection
        query = sa.select(_LOG)
        if is_writing:
            query = query.with_for_update()
        row = connection.execute(query).one_or_none()
        if row is None:
            raise NoteError("the database holds tables of a log, and no log in them")
        if row.schema_version != SCHEMA:
            # Looked at in every transaction: another program may have changed the tables since.
            got = said("schema_version {version}", version=row.schema_version)
            raise unknown_form(where, got, NEWEST)
        self._vkey, self._size, self._frontier = row.vkey, row.size, _bytes(row.frontier)

    def identity(self) -> Verifier:
        return read_vkey(self._vkey)

    def frontier(self) -> Frontier:
        kept = self._frontier
        return Frontier(self._size, tuple(kept[at : at + 32] for at in range(0, len(kept), 32)))

    def set_frontier(self, frontier: Frontier) -> None:
        self._size, self._frontier = frontier.size, b"".join(frontier.hashes)
        values = {"size": self._size, "frontier": self._frontier}
        self._do.execute(sa.update(_LOG).values(values))

    def add_entry(self, index: int, entry: bytes, payload: str) -> None:
        row = {"place": index, "entry": entry, "payload": payload}
        self._do.execute(sa.insert(_LEAF), row)

    def add_nodes(self, nodes: Iterable[tuple[int, int, bytes]]) -> None:
        rows = [{"level": level, "place": place, "hash": found} for level, place, found in nodes]
        self._do.execute(sa.insert(_NODE), rows)

    def node_at(self, level: int, index: int) -> bytes:
        (found,) = self.nodes(level, index, 1)
        return found

    def nodes(self, level: int, start: int, count: int) -> list[bytes]:
        query = (
            sa.select(_NODE.c.hash)
            .where(_NODE.c.level == level, _NODE.c.place >= start, _NODE.c.place < start + count)
            .order_by(_NODE.c.place)
        )
        found = [_bytes(value) for value in self._do.execute(query).scalars()]
        if len(found) != count:
            raise NoteError(f"nodes {start} to {start + count} of level {level} are missing")
        return found

    def index_of(self, payload: str) -> int | None:
        query = sa.select(_LEAF.c.place).where(_LEAF.c.payload == payload)
        found: int | None = self._do.execute(query).scalar_one_or_none()
        return found

    def entries(self, start: int = 0, count: int | None = None) -> Iterator[bytes]:
        end = self._size if count is None else start + count
        for first in range(start, end, _AT_ONCE):
            last = min(first + _AT_ONCE, end)
            query = (
                sa.select(_LEAF.c.place, _LEAF.c.entry)
                .where(_LEAF.c.place >= first, _LEAF.c.place < last)
                .order_by(_LEAF.c.place)
            )
            rows = self._do.execute(query).all()
            if [row.place for row in rows] != list(range(first, last)):
                raise NoteError(f"entries between {first} and {last} are missing")
            for row in rows:
                yield _bytes(row.entry)

    def add_checkpoint(self, size: int, note: str) -> None:
        self._do.execute(sa.insert(_CHECKPOINT), {"size": size, "note": note})

    def set_checkpoint(self, size: int, note: str) -> None:
        query = sa.update(_CHECKPOINT).where(_CHECKPOINT.c.size == size).values(note=note)
        self._do.execute(query)

    def checkpoint(self) -> tuple[int, str]:
        newest = sa.select(_CHECKPOINT).order_by(_CHECKPOINT.c.size.desc()).limit(1)
        row = self._do.execute(newest).one_or_none()
        if row is None:
            raise NoteError("the log has no checkpoint")
        return row.size, row.note

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        at = -1
        while True:
            query = (
                sa.select(_CHECKPOINT)
                .where(_CHECKPOINT.c.size > at)
                .order_by(_CHECKPOINT.c.size)
                .limit(_AT_ONCE)
            )
            rows = self._do.execute(query).all()
            if not rows:
                return
            for row in rows:
                yield row.size, row.note
            at = rows[-1].size


def _bytes(value: Any) -> bytes:
    """SQLite keeps what it is given, whatever the column says."""
    if not isinstance(value, bytes | memoryview):
        raise NoteError("the database holds a text where bytes were written")
    return bytes(value)


def new_log(place: str, key: Verifier, signer: Signer) -> DatabaseLog:
    """An empty log and its checkpoint, both or neither. UsageError where there is one already."""
    store = _opened(place, is_new=True)
    with _outside(store.where), store.engine.begin() as connection:
        if sa.inspect(connection).has_table(_LOG.name):
            raise _there_already(store.where)
        bring_up_in(connection, MIGRATIONS, store.where)
        values = {"one": 1, "schema_version": SCHEMA, "vkey": key.vkey, "size": 0, "frontier": b""}
        connection.execute(sa.insert(_LOG), values)
        begin(_Rows(connection, store.where, is_writing=True), key, signer)
    return store


def open_log(place: str) -> DatabaseLog:
    """The log kept at a path, or at ``postgresql://...``, its tables brought up to this version.
    InputError where there is none."""
    store = _opened(place, is_new=False)
    with _outside(store.where):
        with store.engine.connect() as connection:
            reading = connection.execution_options(is_reading=True)
            if not sa.inspect(reading).has_table(_LOG.name):
                raise _no_log(store.where, said("a database without a log"))
        bring_up(store.engine, MIGRATIONS, store.where)
    return store


def _opened(place: str, *, is_new: bool) -> DatabaseLog:
    if not is_postgresql(place):
        path = Path(place)
        if path.is_dir():
            raise _no_log(place, said("a folder"))
        if not is_new and not path.is_file():
            raise _no_log(place, said("there is no such file"))
        if not path.parent.is_dir():
            raise _no_log(place, said("there is no such folder"))
    return DatabaseLog(*engine_of(place, keeps_open=False))


def _outside(where: str) -> AbstractContextManager[None]:
    return outside(
        where,
        said("the log's database refused"),
        said("nothing was logged; check the server or the file, and log it again"),
    )


def _there_already(where: str) -> UsageError:
    return UsageError(
        said("a log is never begun anew"),
        where=where,
        got=said("something is there already"),
        wanted=said("a new place"),
        hint=said("a log that is there is added to by `printstd log append`"),
    )


def _no_log(where: str, got: str) -> InputError:
    return InputError(
        said("there is no log here"),
        where=where,
        got=got,
        wanted=said("a log's database"),
        hint=said("`printstd log new` begins one"),
    )
