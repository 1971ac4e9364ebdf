"""Records that are owed: of prints that ended before their end, until they are made."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from printstd.adapters.farm_store.printer_rows import PrinterRows
from printstd.adapters.farm_store.records import instance_of
from printstd.adapters.farm_store.tables import INSTANCE, OWED
from printstd.artifacts.job import Instance


class OwedRows(PrinterRows):
    """What a coordinator still has to do for prints that are over."""

    def owe(self, instance: int, printer: str) -> None:
        self.do.execute(sa.insert(OWED), {"instance": instance, "printer": printer})

    def owed(self, printers: Collection[str]) -> dict[str, list[Instance]]:
        """Printer -> its prints whose record is owed, the oldest first."""
        query = (
            sa.select(INSTANCE, OWED.c.printer.label("owed_by"))
            .join(OWED, OWED.c.instance == INSTANCE.c.number)
            .order_by(INSTANCE.c.number)
        )
        wanted, found = set(printers), dict[str, list[Instance]]()
        # Few are ever owed: all of them are read, however many printers are asked for.
        for row in self.do.execute(query):
            if row.owed_by in wanted:
                found.setdefault(row.owed_by, []).append(instance_of(row))
        return found

    def settle(self, instance: int) -> None:
        """It is made, or can never be: nothing is owed any more."""
        self.do.execute(sa.delete(OWED).where(OWED.c.instance == instance))
