"""Tables of people's spreadsheets: CSV of any locale, read in the one way that it can be read."""

from printstd.intake.tables.reading import BadRowError, ReadTable, TableForm, read_table

__all__ = ["BadRowError", "ReadTable", "TableForm", "read_table"]
