"""The first form of the farm's tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ON_PRINTER = (
    "state IN ('awaiting_clear', 'finishing', 'lost', 'matched', 'paused', 'printing', "
    "'starting', 'uploading', 'verifying')"
)
_ONLY_ADDED_TO_SQLITE = (
    "CREATE TRIGGER {table}_{what} BEFORE {what} ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'the history is only ever added to'); END"
)
_ONLY_ADDED_TO_POSTGRESQL = (
    (
        "CREATE OR REPLACE FUNCTION printstd_farm_never() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the history is only ever added to'; END $$"
    ),
    (
        "CREATE TRIGGER {table}_never BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION printstd_farm_never()"
    ),
)


def upgrade() -> None:
    op.create_table(
        "farm",
        sa.Column("one", sa.Integer(), sa.CheckConstraint("one = 1"), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("last_event", sa.BigInteger(), nullable=False),
        sa.Column("last_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "farm_class",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "farm_event",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("previous_sha256", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "farm_event_about",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("event", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("what", "event"),
    )
    op.create_table(
        "farm_instance",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("job", sa.BigInteger(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_s", sa.BigInteger(), nullable=False),
        sa.Column("mg", sa.BigInteger(), nullable=False),
        sa.Column("printer", sa.Text(), server_default="", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("file", sa.Text(), server_default="", nullable=False),
        sa.Column("run_id", sa.Text(), server_default="", nullable=False),
        sa.Column("did_begin", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("progress", sa.Integer(), server_default="0", nullable=False),
        sa.Column("layer", sa.Integer(), nullable=True),
        sa.Column("wish", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("began_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index(
        "farm_instance_file",
        "farm_instance",
        ["file"],
        unique=True,
        sqlite_where=sa.text("file != ''"),
        postgresql_where=sa.text("file != ''"),
    )
    op.create_index("farm_instance_job", "farm_instance", ["job", "copy"], unique=False)
    op.create_index(
        "farm_instance_one_at_a_time",
        "farm_instance",
        ["printer"],
        unique=True,
        sqlite_where=sa.text(_ON_PRINTER),
        postgresql_where=sa.text(_ON_PRINTER),
    )
    op.create_index(
        "farm_instance_queue",
        "farm_instance",
        ["class", sa.literal_column("priority DESC"), "due_s", "number"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_table(
        "farm_job",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_s", sa.BigInteger(), nullable=True),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("submitted_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "farm_printer",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=True),
        sa.Column("lease_owner", sa.Text(), server_default="", nullable=False),
        sa.Column("lease_until_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "farm_program",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "farm_program_file",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "name"),
    )
    op.create_table(
        "farm_reservation",
        sa.Column("instance", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tool", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("spool", sa.Text(), nullable=False),
        sa.Column("mg", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("instance", "tool"),
    )
    op.create_table(
        "farm_spool",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )

    for table in ("farm_event", "farm_event_about"):
        if op.get_bind().dialect.name == "sqlite":
            for what in ("UPDATE", "DELETE"):
                op.execute(_ONLY_ADDED_TO_SQLITE.format(table=table, what=what))
        else:
            for statement in _ONLY_ADDED_TO_POSTGRESQL:
                op.execute(statement.format(table=table))
