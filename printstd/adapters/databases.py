"""A database for what must survive: SQLite in one file, or PostgreSQL; one layer for both.

SQLite runs with a write-ahead log that is synced at every commit, and every transaction of it
begins as a writer: two that began by reading could not both go on to write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from printstd.errors import OutsideError, UsageError
from printstd.words import said

BUSY_MS = 30_000
"""How long a writer waits for another."""
_POSTGRESQL: Final = ("postgresql://", "postgres://")


def is_postgresql(place: str) -> bool:
    return place.startswith(_POSTGRESQL)


def engine_of(place: str, *, keeps_open: bool = True) -> tuple[sa.Engine, str]:
    """An engine for a file or for ``postgresql://USER@HOST/DATABASE``; and what to call it in
    messages, without a password. keeps_open : connections to a file outlive their transaction."""
    if is_postgresql(place):
        return _postgresql(place)
    url = sa.URL.create("sqlite", database=str(Path(place)))
    engine = (
        sa.create_engine(url, poolclass=sa.pool.QueuePool, pool_size=4, max_overflow=-1)
        if keeps_open
        else sa.create_engine(url, poolclass=sa.pool.NullPool)
    )
    sa.event.listen(engine, "connect", _sqlite_connected)
    sa.event.listen(engine, "begin", _sqlite_begun)
    return engine, place


def _postgresql(place: str) -> tuple[sa.Engine, str]:
    try:
        url = sa.make_url(place).set(drivername="postgresql+pg8000")
        engine = sa.create_engine(url, isolation_level="READ COMMITTED", poolclass=sa.pool.NullPool)
        sa.event.listen(engine, "begin", _postgresql_begun)
    except (sa.exc.ArgumentError, ImportError) as error:
        raise UsageError(
            said("the database cannot be used"),
            got=str(error),
            wanted="postgresql://USER@HOST/DATABASE",
            hint=said("`pip install printstd[postgres]` brings its driver"),
        ) from error
    return engine, url.render_as_string(hide_password=True)


def _postgresql_begun(connection: sa.Connection) -> None:
    connection.exec_driver_sql("SET LOCAL synchronous_commit = on")  # Whatever the server's habit.


def _sqlite_connected(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # Transactions are begun here, not by the driver's guess.
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _sqlite_begun(connection: sa.Connection) -> None:
    is_reading = connection.get_execution_options().get("is_reading", False)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")


def _words_of(error: sa.exc.SQLAlchemyError) -> str:
    """What the database said. PostgreSQL's driver hands over all fields of the server's message; M
    is the one for people."""
    cause = getattr(error, "orig", None) or error
    fields = cause.args[0] if cause.args else None
    told = fields.get("M") if isinstance(fields, dict) else None
    return str(told or cause).partition("\n")[0] or type(cause).__name__


@contextmanager
def outside(where: str, what: str, hint: str) -> Iterator[None]:
    """What a database refuses, as the contract tells it."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise OutsideError(
            what,
            where=where,
            got=_words_of(error),
            wanted=said("a database that can be read and written"),
            hint=hint,
        ) from error
