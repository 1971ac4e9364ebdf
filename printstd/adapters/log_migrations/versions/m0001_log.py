"""The first form of the log's tables, as the versions made them that knew no migrations."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NEVER_SQLITE = (
    "CREATE TRIGGER {table}_{what} BEFORE {what} ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'a log is only ever added to'); END"
)
_NEVER_POSTGRESQL = (
    (
        "CREATE OR REPLACE FUNCTION printstd_log_never() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a log is only ever added to'; END $$"
    ),
    (
        "CREATE TRIGGER {table}_never BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION printstd_log_never()"
    ),
)


def upgrade() -> None:
    if sa.inspect(op.get_bind()).has_table("printstd_log"):
        return  # A log of such a version: these are its tables.
    op.create_table(
        "printstd_log",
        sa.Column("one", sa.Integer(), sa.CheckConstraint("one = 1"), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("vkey", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "printstd_log_leaf",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
        sa.UniqueConstraint("payload"),
    )
    op.create_table(
        "printstd_log_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "place"),
    )
    op.create_table(
        "printstd_log_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )
    for table in ("printstd_log_leaf", "printstd_log_node"):
        if op.get_bind().dialect.name == "sqlite":
            for what in ("UPDATE", "DELETE"):
                op.execute(_NEVER_SQLITE.format(table=table, what=what))
        else:
            for statement in _NEVER_POSTGRESQL:
                op.execute(statement.format(table=table))
