"""Records that are owed: of prints that ended before their end, until they are made."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from printstd.adapters.farm_store.printer_rows import PrinterRows
from printstd.adapters.farm_store.records import instance_of
from printstd.adapters.farm_store.tables import INSTANCE, OWED
from printstd.artifacts.job import Instance

_AT_ONCE: Final = 500


class OwedRows(PrinterRows):
    """What a coordinator still has to do for prints that are over."""

    def owe(self, instance: int, printer: str) -> None:
        self.do.execute(sa.insert(OWED), {"instance": instance, "printer": printer})

    def owed(self, printers: Collection[str]) -> dict[str, list[Instance]]:
        """Printer -> its prints whose record is owed, the oldest first."""
        # Few are ever owed: all of them are read, however many printers are asked for.
        owed = {row.instance: row.printer for row in self.do.execute(sa.select(OWED))}
        wanted, found = set(printers), dict[str, list[Instance]]()
        numbers = sorted(number for number, printer in owed.items() if printer in wanted)
        for some in (numbers[i : i + _AT_ONCE] for i in range(0, len(numbers), _AT_ONCE)):
            query = (
                sa.select(INSTANCE).where(INSTANCE.c.number.in_(some)).order_by(INSTANCE.c.number)
            )
            for row in self.do.execute(query):
                found.setdefault(owed[row.number], []).append(instance_of(row))
        return found

    def settle(self, instance: int) -> None:
        """It is made, or can never be: nothing is owed any more."""
        self.do.execute(sa.delete(OWED).where(OWED.c.instance == instance))
