"""Alembic scripts of the log's tables. One that was released is never changed."""
