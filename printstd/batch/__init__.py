"""Thousands of files in one run: which are left to do, by whom they are done, what is kept and what
is signed of it (docs/batch.md)."""
