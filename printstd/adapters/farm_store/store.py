"""Opening a farm's database, and its transactions."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from printstd.adapters.databases import engine_of, is_postgresql, outside
from printstd.adapters.farm_store.queue_rows import QueueRows
from printstd.adapters.farm_store.tables import FARM
from printstd.adapters.migrating import Migrations, bring_up
from printstd.errors import InputError
from printstd.farm.chain import GENESIS
from printstd.words import said

NEWEST: Final = "0005"
_MIGRATIONS: Final = Migrations(Path(__file__).with_name("migrations"), "farm_version", NEWEST)
_LETTERS: Final = "bcdfghjkmnpqrstvwxz"


class Rows(QueueRows):
    """One transaction over all of the farm."""


@dataclass(frozen=True, slots=True, eq=False)
class FarmStore:
    """where : for messages, without a password."""

    engine: sa.Engine
    where: str

    def reading(self) -> AbstractContextManager[Rows]:
        return self._rows("", commits=False, tells=False)

    def leasing(self) -> AbstractContextManager[Rows]:
        """Writes of which the history does not tell: leases, how far prints are. They wait for no
        other writer on PostgreSQL."""
        return self._rows("", commits=True, tells=False)

    def writing(self, by: str) -> AbstractContextManager[Rows]:
        """by : who does it, for the history. What the block did is kept when it ends well: whole,
        and synced to the disk; nothing of it otherwise."""
        return self._rows(by, commits=True, tells=True)

    @contextmanager
    def _rows(self, by: str, *, commits: bool, tells: bool) -> Iterator[Rows]:
        with (
            outside(
                self.where,
                said("the farm's database refused"),
                said("nothing was changed; check the server or the disk"),
            ),
            self.engine.connect() as connection,
        ):
            doing = connection.execution_options(is_reading=not commits)
            rows = Rows(doing, is_writing=tells, by=by)
            yield rows
            if commits:
                rows.write_history()
                doing.commit()

    def close(self) -> None:
        self.engine.dispose()


def new_store(place: str) -> FarmStore:
    """A farm's database that is empty; InputError where there is one already. place : a file, or
    ``postgresql://...``."""
    store = _opened(place)
    with (
        outside(store.where, said("the farm's database refused"), said("check its place")),
        store.engine.begin() as connection,
    ):
        if connection.execute(sa.select(FARM)).one_or_none() is not None:
            raise InputError(
                said("a farm is never begun anew"),
                where=store.where,
                got=said("a farm is there already"),
                wanted=said("a new place"),
                hint=said("remove it yourself if nothing of it is needed"),
            )
        tag = "".join(secrets.choice(_LETTERS) for _ in range(4))
        values = {"one": 1, "tag": tag, "last_event": 0, "last_sha256": GENESIS}
        connection.execute(sa.insert(FARM), values)
    return store


def open_store(place: str) -> FarmStore:
    """The farm's database at a place, its tables brought up to this version."""
    if not is_postgresql(place) and not Path(place).is_file():
        raise InputError(
            said("there is no farm here"),
            where=place,
            wanted=said("a farm's database"),
            hint=said("`printstd farm init FOLDER` begins a farm"),
        )
    return _opened(place)


def _opened(place: str) -> FarmStore:
    engine, where = engine_of(place)
    store = FarmStore(engine, where)
    with outside(where, said("the farm's database cannot be opened"), said("check its place")):
        bring_up(engine, _MIGRATIONS, where)
    return store
