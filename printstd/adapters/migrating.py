"""Tables brought to the form that this version knows, by Alembic; scripts come with the package.

Opening what is in form already costs one query and no import of Alembic.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from printstd.errors import OutsideError, UsageError
from printstd.words import said

_LOCK: Final = 0x7072696E74
"""Of PostgreSQL's advisory locks: two programs must not change the tables at once."""


def form_of(connection: sa.Connection, version_table: str) -> str | None:
    """Which migration was the last to run here; None where none ever did."""
    if not sa.inspect(connection).has_table(version_table):
        return None
    query = sa.select(sa.column("version_num", sa.Text)).select_from(sa.table(version_table))
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


@dataclass(frozen=True, slots=True)
class Migrations:
    """A store's. scripts : folder with ``env.py`` and ``versions/``. newest : the last of them."""

    scripts: Path
    version_table: str
    newest: str


def bring_up(engine: sa.Engine, migrations: Migrations, where: str) -> None:
    """Run the migrations that have not run here, all of them or none; see `bring_up_in`."""
    with engine.connect() as connection:
        reading = connection.execution_options(is_reading=True)
        if form_of(reading, migrations.version_table) == migrations.newest:
            return
    with engine.begin() as connection:
        bring_up_in(connection, migrations, where)


def bring_up_in(connection: sa.Connection, migrations: Migrations, where: str) -> None:
    """The same inside a transaction of the caller's, one writer after the other.

    UsageError where Alembic is not installed; OutsideError where a newer version of this program
    was here: it knows what we do not.
    """
    try:
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError
    except ImportError as error:
        raise UsageError(
            said("the tables cannot be made"),
            where=where,
            got=str(error),
            wanted="alembic",
            hint=said("install printstd with all that it needs: `pip install printstd`"),
        ) from error
    config = Config()
    config.set_main_option("script_location", str(migrations.scripts).replace("%", "%%"))
    config.attributes["version_table"] = migrations.version_table
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise unknown_form(where, str(error), migrations.newest) from error


def unknown_form(where: str, got: str, newest: str) -> OutsideError:
    """A newer version of this program was here."""
    return OutsideError(
        said("the tables are of a form that this version does not know"),
        where=where,
        got=got,
        wanted=said("migration {newest} or an older one", newest=newest),
        hint=said("use the newest version of printstd that ever opened it"),
    )
