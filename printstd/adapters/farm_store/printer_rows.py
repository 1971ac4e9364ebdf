"""Printers, who looks after them (leases), spools."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from printstd.adapters.farm_store.calibration_rows import CalibrationRows
from printstd.adapters.farm_store.records import record_of, text_of
from printstd.adapters.farm_store.tables import (
    INSTANCE,
    IS_ON_PRINTER,
    PRINTER,
    RESERVATION,
    SPOOL,
)
from printstd.artifacts.farm import FarmPrinter, Reservation, Seen, Spool
from printstd.errors import InputError, UsageError
from printstd.farm.matching import Offer
from printstd.farm.spools import free_mg
from printstd.words import said

# Said once: building a statement takes longer than SQLite takes to answer it.
_OWN: Final[sa.BindParameter[Any]] = sa.bindparam("own")
_PRINTER: Final = sa.select(PRINTER).where(PRINTER.c.name == _OWN)
_LEASE: Final = sa.select(PRINTER.c.lease_owner, PRINTER.c.lease_until_ms).where(
    PRINTER.c.name == _OWN
)
_SET_PRINTER: Final = sa.update(PRINTER).where(PRINTER.c.name == _OWN)
_SET_SPOOL: Final = sa.update(SPOOL).where(SPOOL.c.id == _OWN)


class PrinterRows(CalibrationRows):
    """All that a farm has."""

    def add_printer(self, printer: FarmPrinter, at_utc_ms: int) -> None:
        if self._printer_row(printer.name) is not None:
            raise UsageError(
                said("there is a printer of this name"),
                where=printer.name,
                wanted=said("a new name"),
                hint=said("`printstd farm list` names all of them"),
            )
        self.do.execute(sa.insert(PRINTER), {"name": printer.name, "record": text_of(printer)})
        self.tell(
            "printer added",
            at_utc_ms,
            printer=printer.name,
            profile=printer.profile,
            host=printer.host.kind,
            serial=printer.serial,
        )

    def set_printer(self, printer: FarmPrinter) -> None:
        """Keep another record of a known printer. What happened is told by whoever calls."""
        self.do.execute(_SET_PRINTER, {"own": printer.name, "record": text_of(printer)})

    def _printer_row(self, name: str) -> Any:
        return self.do.execute(_PRINTER, {"own": name}).one_or_none()

    def printer(self, name: str) -> FarmPrinter:
        """InputError where there is none of that name."""
        row = self._printer_row(name)
        if row is None:
            known = self.do.execute(sa.select(PRINTER.c.name).order_by(PRINTER.c.name)).scalars()
            raise InputError(
                said("there is no printer of this name"),
                got=name,
                wanted=", ".join(known) or said("a printer; the farm has none yet"),
                hint=said("`printstd farm add` adds one"),
            )
        return record_of(FarmPrinter, row.record)

    def printers(self) -> list[FarmPrinter]:
        query = sa.select(PRINTER.c.record).order_by(PRINTER.c.name)
        return [record_of(FarmPrinter, text) for text in self.do.execute(query).scalars()]

    def printer_records(self, names: Collection[str] | None = None) -> dict[str, str]:
        """Name -> record as it is kept, so that whoever keeps it knows whether it changed."""
        query = sa.select(PRINTER.c.name, PRINTER.c.record).order_by(PRINTER.c.name)
        if names is not None:
            query = query.where(PRINTER.c.name.in_(sorted(names)))
        return {row.name: row.record for row in self.do.execute(query)}

    def set_seen(self, seen: Sequence[Seen]) -> None:
        if seen:
            self.do.execute(
                sa.update(PRINTER)
                .where(PRINTER.c.name == sa.bindparam("own"))
                .values(seen=sa.bindparam("told")),
                [{"own": one.printer, "told": text_of(one)} for one in seen],
            )

    def seen(self) -> dict[str, Seen]:
        query = sa.select(PRINTER.c.seen).where(PRINTER.c.seen.is_not(None))
        found = [record_of(Seen, text) for text in self.do.execute(query).scalars()]
        return {one.printer: one for one in found}

    # Leases

    def claim(self, owner: str, now_utc_ms: int, until_utc_ms: int, most: int) -> list[str]:
        """Take printers that nobody looks after, and keep those that are ours. Several
        coordinators ask at once: each gets others (rows that are locked are left out)."""
        free = (PRINTER.c.lease_owner == owner) | (PRINTER.c.lease_until_ms <= now_utc_ms)
        query = (
            sa.select(PRINTER.c.name)
            .where(free)
            .order_by((PRINTER.c.lease_owner != owner), PRINTER.c.name)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        names = list(self.do.execute(query).scalars())
        if names:
            self.do.execute(
                sa.update(PRINTER)
                .where(PRINTER.c.name.in_(names))
                .values(lease_owner=owner, lease_until_ms=until_utc_ms)
            )
        return sorted(names)

    def held(self, owner: str, now_utc_ms: int) -> dict[str, int]:
        """Printers that are this owner's -> until when."""
        query = sa.select(PRINTER.c.name, PRINTER.c.lease_until_ms).where(
            PRINTER.c.lease_owner == owner, PRINTER.c.lease_until_ms > now_utc_ms
        )
        return {row.name: row.lease_until_ms for row in self.do.execute(query)}

    def has_free(self, now_utc_ms: int) -> bool:
        """Is there a printer that nobody looks after?"""
        query = sa.select(PRINTER.c.name).where(PRINTER.c.lease_until_ms <= now_utc_ms).limit(1)
        return self.do.execute(query).first() is not None

    def let_go(self, owner: str) -> None:
        self.do.execute(
            sa.update(PRINTER)
            .where(PRINTER.c.lease_owner == owner)
            .values(lease_owner="", lease_until_ms=0)
        )

    def holds(self, owner: str, printer: str, now_utc_ms: int) -> bool:
        row = self.do.execute(_LEASE, {"own": printer}).one_or_none()
        return row is not None and row.lease_owner == owner and row.lease_until_ms > now_utc_ms

    # Spools

    def add_spool(self, spool: Spool, at_utc_ms: int) -> None:
        known = sa.select(SPOOL.c.id).where(SPOOL.c.id == spool.id)
        if self.do.execute(known).one_or_none() is not None:
            raise UsageError(
                said("there is a spool of this name"),
                where=spool.id,
                wanted=said("a new name"),
                hint=said("`printstd farm spools` names all of them"),
            )
        self.do.execute(sa.insert(SPOOL), {"id": spool.id, "record": text_of(spool)})
        self.tell(
            "spool added",
            at_utc_ms,
            spool=spool.id,
            material=spool.material,
            left_mg=spool.left_mg,
            lot=spool.lot,
        )

    def set_spool(self, spool: Spool) -> None:
        self.do.execute(_SET_SPOOL, {"own": spool.id, "record": text_of(spool)})

    def spools(self, names: Collection[str] | None = None) -> dict[str, Spool]:
        query = sa.select(SPOOL.c.record).order_by(SPOOL.c.id)
        if names is not None:
            query = query.where(SPOOL.c.id.in_(sorted(names)))
        found = [record_of(Spool, text) for text in self.do.execute(query).scalars()]
        return {one.id: one for one in found}

    def spool(self, name: str) -> Spool:
        found = self.spools([name])
        if not found:
            known = self.spools()
            raise InputError(
                said("there is no spool of this name"),
                got=name,
                wanted=", ".join(known) or said("a spool; the farm has none yet"),
                hint=said("`printstd farm spools --add` adds one"),
            )
        return found[name]

    def reservations(self, instance: int | None = None) -> list[Reservation]:
        query = sa.select(RESERVATION).order_by(RESERVATION.c.instance, RESERVATION.c.tool)
        if instance is not None:
            query = query.where(RESERVATION.c.instance == instance)
        return [
            Reservation(row.instance, row.tool, row.spool, row.mg) for row in self.do.execute(query)
        ]

    def promised(self, names: Collection[str]) -> dict[str, int]:
        """Spool -> mg that prints on their way will take from it."""
        query = (
            sa.select(RESERVATION.c.spool, sa.func.sum(RESERVATION.c.mg))
            .where(RESERVATION.c.spool.in_(sorted(names)))
            .group_by(RESERVATION.c.spool)
        )
        return {name: int(mg) for name, mg in self.do.execute(query)}

    # What could begin something

    def busy(self) -> dict[str, int]:
        """Printer -> the instance on it."""
        query = sa.select(INSTANCE.c.printer, INSTANCE.c.number).where(IS_ON_PRINTER)
        return {row.printer: row.number for row in self.do.execute(query)}

    def offers(
        self,
        printers: Sequence[FarmPrinter],
        states: Mapping[str, str],
        busy: Mapping[str, int] | None = None,
        asked: tuple[str, ...] = (),
    ) -> list[Offer]:
        """These printers with what is loaded on them. states : as their hosts last told; one that
        is not there is silent. asked : kinds of calibrations that the farm wants for all."""
        calibrations = self.calibrations([printer.name for printer in printers])
        names = {one.spool for printer in printers for one in printer.loaded}
        spools, promised = self.spools(names), self.promised(names)
        free = {name: free_mg(spool, promised.get(name, 0)) for name, spool in spools.items()}
        working = self.busy() if busy is None else busy
        return [
            Offer(
                printer,
                {
                    one.tool: (spools[one.spool], free[one.spool])
                    for one in printer.loaded
                    if one.spool in spools
                },
                states.get(printer.name, "silent"),
                working.get(printer.name, 0),
                calibrations=calibrations.get(printer.name, ()),
                asked=asked,
            )
            for printer in printers
        ]
