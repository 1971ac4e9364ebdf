"""Tables brought to the form that this version knows, by Alembic; scripts come with the package.

Opening what is in form already costs one query and no import of Alembic.
"""

from __future__ import annotations

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


def bring_up(
    engine: sa.Engine, *, scripts: Path, version_table: str, newest: str, where: str
) -> None:
    """Run the migrations in `scripts` that have not run here, all of them or none. newest : the
    last of them.

    UsageError where Alembic is not installed; OutsideError where a newer version of this program
    was here: it knows what we do not.
    """
    with engine.connect() as connection:
        if form_of(connection, version_table) == newest:
            return
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
            hint=said("`pip install printstd[farm]` brings it"),
        ) from error
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["version_table"] = version_table
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise OutsideError(
                said("the tables are of a form that this version does not know"),
                where=where,
                got=str(error),
                wanted=said("migration {newest} or an older one", newest=newest),
                hint=said("use the newest version of printstd that ever opened it"),
            ) from error
