"""What a log's database must keep to when its tables change: each rule takes an empty place.

The first form is what versions made that knew no migrations; for SQLite there is a whole log of
one of them, written out (``log_of_the_first_form.sql``).
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ed25519

from printstd.adapters.databases import engine_of, is_postgresql
from printstd.adapters.keys import FileSigner
from printstd.adapters.log_store import NEWEST, new_log, open_log
from printstd.adapters.migrating import form_of
from printstd.certify.keys import public_key_of
from printstd.certify.log import store as kept
from printstd.certify.log.auditing import audit_rows
from printstd.certify.log.entry import Entry, entry_of
from printstd.errors import OutsideError
from tests.unit.certify.log.logs import bundle, key

VERSION_TABLE: Final = "printstd_log_version"
WRITTEN_OUT: Final = Path(__file__).with_name("log_of_the_first_form.sql")
ENTRIES: Final = 5
_SECRET: Final = hashlib.sha256(b"the log of the first form").digest()


def old_signer() -> FileSigner:
    """Whose key the log of the first form is of."""
    private = ed25519.Ed25519PrivateKey.from_private_bytes(_SECRET)
    return FileSigner(private, public_key_of(private.public_key(), "of a test"))


def old_entry(number: int) -> Entry:
    return Entry(
        hashlib.sha256(f"payload {number}".encode()).hexdigest(),
        hashlib.sha256(f"bundle {number}".encode()).hexdigest(),
        "https://printstd.example/gcode-certificate/v1",
        f"older-{number}",
    )


def write_first_form(place: str) -> None:
    """The statements of a log of the first form, as they are or as PostgreSQL words them."""
    engine, _ = engine_of(place, keeps_open=False)
    text = WRITTEN_OUT.read_text("utf-8")
    text = text.removeprefix("BEGIN TRANSACTION;\n").removesuffix("COMMIT;\n")
    if not is_postgresql(place):
        with engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            connection.rollback()
            raw.executescript(f"BEGIN IMMEDIATE;{text}COMMIT;")
        return
    tables, _ = text.split("CREATE TRIGGER", 1)
    with engine.begin() as connection:
        for statement in tables.replace("BLOB", "BYTEA").split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(_in_postgresql(statement))
        connection.exec_driver_sql(
            "CREATE FUNCTION printstd_log_never() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'a log is only ever added to'; END $$"
        )
        for table in ("printstd_log_leaf", "printstd_log_node"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_never BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION printstd_log_never()"
            )


def _in_postgresql(statement: str) -> str:
    """X'00' is a string of bits there."""
    import re

    return re.sub(r"X'([0-9A-F]*)'", r"'\\x\1'::bytea", statement)


def form(place: str) -> str | None:
    engine, _ = engine_of(place, keeps_open=False)
    with engine.connect() as connection:
        return form_of(connection, VERSION_TABLE)


def an_older_log_is_opened_and_brought_up(place: str) -> None:
    """Everything that it promised stands, and it goes on where it was."""
    write_first_form(place)
    assert form(place) is None
    entries = [old_entry(number) for number in range(ENTRIES)]
    with open_log(place).reading() as rows:
        assert [kept.prove(rows, entry).index for entry in entries] == list(range(ENTRIES))
        assert [size for size, _ in rows.checkpoints()] == [0, 2, ENTRIES]
        assert audit_rows(rows)[1] == []
        before = rows.frontier().root()
    assert form(place) == NEWEST
    with open_log(place).writing() as rows:
        assert kept.append(rows, entries, old_signer()).added == 0
        assert rows.frontier().root() == before
        assert kept.append(rows, [old_entry(ENTRIES)], old_signer()).indices == (ENTRIES,)
        assert audit_rows(rows)[1] == []


def a_newer_form_is_refused_and_left_alone(place: str) -> None:
    public, own = key()
    store = new_log(place, public, own)
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(OutsideError, match="form that this version does not know"):
        open_log(place)
    assert form(place) == "9999"


def a_form_that_changed_under_an_open_log_is_noticed(place: str) -> None:
    public, own = key()
    store = new_log(place, public, own)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE printstd_log SET schema_version = 2")
    with (
        pytest.raises(OutsideError, match="form that this version does not know"),
        store.writing() as rows,
    ):
        kept.append(rows, [entry_of(bundle("a"), "x")], own)


def openers_at_once_bring_it_up_once(place: str) -> None:
    write_first_form(place)
    errors: list[BaseException] = []

    def open_and_log(number: int) -> None:
        try:
            with open_log(place).writing() as rows:
                kept.append(rows, [old_entry(ENTRIES + number)], old_signer())
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=open_and_log, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with open_log(place).reading() as rows:
        counted, problems = audit_rows(rows)
    assert (counted.entries, problems) == (ENTRIES + 3, [])


NEVER: Final = {
    "an entry taken away": "DELETE FROM printstd_log_leaf WHERE place = 1",
    "an entry changed": "UPDATE printstd_log_leaf SET payload = 'x' WHERE place = 1",
    "a node changed": "UPDATE printstd_log_node SET level = 9",
    "a checkpoint taken away": "DELETE FROM printstd_log_checkpoint WHERE size = 2",
    "a checkpoint of another size": "UPDATE printstd_log_checkpoint SET size = 3 WHERE size = 2",
    "the log taken away": "DELETE FROM printstd_log",
}
_SQLITE: Final = {
    "an entry written over": "INSERT OR REPLACE INTO printstd_log_leaf "
    "SELECT 1, entry, 'x' FROM printstd_log_leaf WHERE place = 0",
    "a payload written over": "INSERT OR REPLACE INTO printstd_log_leaf "
    "SELECT 9, entry, payload FROM printstd_log_leaf WHERE place = 0",
    "a node written over": "INSERT OR REPLACE INTO printstd_log_node "
    "SELECT level, place, zeroblob(32) FROM printstd_log_node",
    "a checkpoint written over": "INSERT OR REPLACE INTO printstd_log_checkpoint VALUES (2, 'x')",
}
_POSTGRESQL: Final = {
    f"{table} emptied": f"TRUNCATE {table}"
    for table in (
        "printstd_log",
        "printstd_log_leaf",
        "printstd_log_node",
        "printstd_log_checkpoint",
    )
}


def the_database_itself_refuses(place: str) -> None:
    """In a log that was begun so as in one that was brought up."""
    write_first_form(place)
    engine = open_log(place).engine
    more = _POSTGRESQL if is_postgresql(place) else _SQLITE
    for what, statement in (NEVER | more).items():
        with engine.connect() as connection:
            try:
                connection.exec_driver_sql(statement)
                taken = "it was done"
            except sa.exc.DatabaseError as error:
                taken = str(error)
        assert "only ever added" in taken, what
    with open_log(place).reading() as rows:
        assert audit_rows(rows)[1] == []


RULES: Final[tuple[Callable[[str], None], ...]] = (
    an_older_log_is_opened_and_brought_up,
    a_newer_form_is_refused_and_left_alone,
    a_form_that_changed_under_an_open_log_is_noticed,
    openers_at_once_bring_it_up_once,
    the_database_itself_refuses,
)
