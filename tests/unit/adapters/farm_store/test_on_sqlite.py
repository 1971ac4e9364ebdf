"""The contract on SQLite, and what is SQLite's alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from printstd.adapters.farm_store.store import NEWEST, new_store, open_store
from printstd.adapters.farm_store.tables import META
from printstd.errors import InputError, OutsideError
from tests.contract.farm_store_contract import StoreContract


class TestSqlite(StoreContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> str:
        return str(tmp_path / "f.sqlite")


def test_where_there_is_no_farm_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no farm"):
        open_store(str(tmp_path / "none.sqlite"))
    assert list(tmp_path.iterdir()) == []


def test_every_commit_is_synced_and_logged_ahead(tmp_path: Path) -> None:
    store = new_store(str(tmp_path / "f.sqlite"))
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    store.close()


def test_the_migrations_make_what_the_tables_say(tmp_path: Path) -> None:
    """Columns, keys and indexes, each of them: the code reads and writes by `tables` alone."""
    made, said = new_store(str(tmp_path / "f.sqlite")), sa.create_engine("sqlite://")
    META.create_all(said)

    def form(engine: sa.Engine) -> dict[str, object]:
        looked = sa.inspect(engine)
        return {
            table: (
                [
                    (c["name"], str(c["type"]), c["nullable"], c["default"])
                    for c in looked.get_columns(table)
                ],
                looked.get_pk_constraint(table)["constrained_columns"],
                sorted(
                    (str(i["name"]), i["column_names"], i["unique"])
                    for i in looked.get_indexes(table)
                ),
            )
            for table in looked.get_table_names()
            if table != "farm_version"
        }

    assert form(made.engine) == form(said)
    made.close()
    said.dispose()


def test_a_newer_farm_is_refused(tmp_path: Path) -> None:
    place = str(tmp_path / "f.sqlite")
    store = new_store(place)
    with store.engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT * FROM farm_version").scalar() == NEWEST
        connection.exec_driver_sql("UPDATE farm_version SET version_num = '9999'")
    store.close()
    with pytest.raises(OutsideError, match="form that this version does not know"):
        open_store(place)


def test_what_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    place = tmp_path / "f.sqlite"
    place.write_bytes(b"this is a text, and long enough to be read as a header\n" * 50)
    with pytest.raises(OutsideError, match="cannot be opened"):
        open_store(str(place))
