"""The farm's tables as this version reads and writes them; `migrations` makes them."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from printstd.artifacts.job import JobState
from printstd.farm.states import ON_PRINTER

META = sa.MetaData()

FARM = sa.Table(
    "farm",
    META,
    sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1"), primary_key=True),
    sa.Column("tag", sa.Text, nullable=False),
    sa.Column("last_event", sa.BigInteger, nullable=False),
    sa.Column("last_sha256", sa.Text, nullable=False),
)
"""tag : a few letters that the names of this farm's files have, so that two farms that know one
host can never take the other's files for theirs. last_event, last_sha256 : end of the chain."""

PROGRAM = sa.Table(
    "farm_program",
    META,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("facts", sa.Text, nullable=False),
)
PROGRAM_FILE = sa.Table(
    "farm_program_file",
    META,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
"""The program as it came and what lay beside it: verified again before every start. place : 0 is
the program itself."""

CLASS = sa.Table(
    "farm_class",
    META,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("needs", sa.Text, nullable=False),
    sa.Column("waiting", sa.BigInteger, nullable=False),
)
"""Jobs that ask for the same. waiting : instances of it in the queue, so that dispatch looks at
heads of classes and never at the whole queue."""

JOB = sa.Table(
    "farm_job",
    META,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("program", sa.Text, nullable=False),
    sa.Column("copies", sa.Integer, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("due_s", sa.BigInteger),
    sa.Column("class", sa.Text, nullable=False),
    sa.Column("submitted_ms", sa.BigInteger, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
)

INSTANCE = sa.Table(
    "farm_instance",
    META,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("job", sa.BigInteger, nullable=False),
    sa.Column("copy", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("since_ms", sa.BigInteger, nullable=False),
    sa.Column("class", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("due_s", sa.BigInteger, nullable=False),
    sa.Column("mg", sa.BigInteger, nullable=False),
    sa.Column("printer", sa.Text, nullable=False, server_default=""),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("file", sa.Text, nullable=False, server_default=""),
    sa.Column("run_id", sa.Text, nullable=False, server_default=""),
    sa.Column("did_begin", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("progress", sa.Integer, nullable=False, server_default="0"),
    sa.Column("layer", sa.Integer),
    sa.Column("wish", sa.Text, nullable=False, server_default=""),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("began_ms", sa.BigInteger),
    sa.Column("ended_ms", sa.BigInteger),
    sa.Column("reason_said", sa.Text, nullable=False, server_default=""),
)
"""due_s : NEVER_DUE where there is no date. mg : of all tools together, 0 where unknown.
reason_said : what the reason was made of, for other languages (`words.kept`)."""

PRINTER = sa.Table(
    "farm_printer",
    META,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("record", sa.Text, nullable=False),
    sa.Column("seen", sa.Text),
    sa.Column("lease_owner", sa.Text, nullable=False, server_default=""),
    sa.Column("lease_until_ms", sa.BigInteger, nullable=False, server_default="0"),
)
SPOOL = sa.Table(
    "farm_spool",
    META,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("record", sa.Text, nullable=False),
)
RESERVATION = sa.Table(
    "farm_reservation",
    META,
    sa.Column("instance", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("tool", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("spool", sa.Text, nullable=False),
    sa.Column("mg", sa.BigInteger, nullable=False),
)
CALIBRATION = sa.Table(
    "farm_calibration",
    META,
    sa.Column("printer", sa.Text, primary_key=True),
    sa.Column("serial", sa.Text, primary_key=True),
    sa.Column("nozzle", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("spool", sa.Text, primary_key=True),
    sa.Column("material", sa.Text, nullable=False),
    sa.Column("value_e6", sa.BigInteger, nullable=False),
    sa.Column("u_e6", sa.BigInteger, nullable=False),
    sa.Column("on", sa.Text, nullable=False),
    sa.Column("until_s", sa.BigInteger, nullable=False),
    sa.Column("is_applied", sa.Boolean, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
)
"""The last of each kind, by the individuals that it was measured with: a nozzle or a spool that
comes back finds its own again. Those before it are in the history."""
OWED = sa.Table(
    "farm_record_owed",
    META,
    sa.Column("instance", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("printer", sa.Text, nullable=False),
)
"""Prints that ended before their end, and whose signed record is still to be made: put there in the
step that ended them, so that a coordinator that is killed before it has made the record leaves it
to the next."""
EVENT = sa.Table(
    "farm_event",
    META,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("previous_sha256", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
)
EVENT_ABOUT = sa.Table(
    "farm_event_about",
    META,
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("event", sa.BigInteger, primary_key=True, autoincrement=False),
)
"""Which lines speak of a job, an instance or a printer: ``job 3``, ``printer mk4-1``."""

NEVER_DUE: Final = 1 << 62


def _literal(state: JobState) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{state.value}'", sa.Text)


IS_QUEUED = INSTANCE.c.state == _literal(JobState.QUEUED)
IS_ON_PRINTER = INSTANCE.c.state.in_([_literal(state) for state in sorted(ON_PRINTER)])
"""Never with parameters: a query uses a partial index where its condition is the index's own, and
looks at every row of the table where it is not."""

QUEUE_INDEX = sa.Index(
    "farm_instance_queue",
    INSTANCE.c["class"],
    INSTANCE.c.priority.desc(),
    INSTANCE.c.due_s,
    INSTANCE.c.number,
    sqlite_where=IS_QUEUED,
    postgresql_where=IS_QUEUED,
)
ONE_AT_A_TIME = sa.Index(
    "farm_instance_one_at_a_time",
    INSTANCE.c.printer,
    unique=True,
    sqlite_where=IS_ON_PRINTER,
    postgresql_where=IS_ON_PRINTER,
)
"""The database itself refuses a second instance on a printer."""
OF_JOB = sa.Index("farm_instance_job", INSTANCE.c.job, INSTANCE.c.copy)
ONE_NAME = sa.Index(
    "farm_instance_file",
    INSTANCE.c.file,
    unique=True,
    sqlite_where=INSTANCE.c.file != "",
    postgresql_where=INSTANCE.c.file != "",
)

NOT_OVER: Final = "state NOT IN ('cancelled', 'done', 'failed')"
ACTIVE_INDEX = sa.Index(
    "farm_instance_active",
    INSTANCE.c.priority.desc(),
    INSTANCE.c.due_s,
    INSTANCE.c.number,
    sqlite_where=sa.text(NOT_OVER),
    postgresql_where=sa.text(NOT_OVER),
)
"""All that is not over, in the order in which it is shown."""
