"""Alembic scripts of the farm's tables. One that was released is never changed."""
