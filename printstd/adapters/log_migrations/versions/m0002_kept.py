"""The database itself refuses more: to take a checkpoint away, to write over a row by REPLACE (of
which SQLite tells no trigger on DELETE), to empty a table by TRUNCATE (no trigger on rows)."""

from alembic import op

revision = "0002"
down_revision = "0001"

_KEYS = {
    "printstd_log_leaf": "place = NEW.place OR payload = NEW.payload",
    "printstd_log_node": "level = NEW.level AND place = NEW.place",
    "printstd_log_checkpoint": "size = NEW.size",
    "printstd_log": "one = NEW.one",
}
_ABORT = "BEGIN SELECT RAISE(ABORT, 'a log is only ever added to'); END"
_TRIGGERS_SQLITE = (
    *(
        f"CREATE TRIGGER {table}_REPLACE BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key}) {_ABORT}"
        for table, key in _KEYS.items()
    ),
    *(
        f"CREATE TRIGGER {table}_DELETE BEFORE DELETE ON {table} {_ABORT}"
        for table in ("printstd_log_checkpoint", "printstd_log")
    ),
    # Cosignatures come under its note; what it is of stays.
    (
        "CREATE TRIGGER printstd_log_checkpoint_UPDATE BEFORE UPDATE OF size "
        f"ON printstd_log_checkpoint {_ABORT}"
    ),
)
_TRIGGERS_POSTGRESQL = (
    *(
        f"CREATE TRIGGER {table}_emptied BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION printstd_log_never()"
        for table in _KEYS
    ),
    *(
        f"CREATE TRIGGER {table}_never BEFORE DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION printstd_log_never()"
        for table in ("printstd_log_checkpoint", "printstd_log")
    ),
    (
        "CREATE TRIGGER printstd_log_checkpoint_moved BEFORE UPDATE OF size "
        "ON printstd_log_checkpoint FOR EACH ROW EXECUTE FUNCTION printstd_log_never()"
    ),
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _TRIGGERS_SQLITE if is_sqlite else _TRIGGERS_POSTGRESQL:
        op.execute(statement)
