"""Calibrations of machines, the last of each kind with each nozzle and spool."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from printstd.adapters.farm_store.rows import RowsBase
from printstd.adapters.farm_store.tables import CALIBRATION
from printstd.artifacts.farm import Calibration
from printstd.errors import InputError
from printstd.words import said


class CalibrationRows(RowsBase):
    def set_calibration(self, one: Calibration, at_utc_ms: int) -> None:
        """In the place of the one before, which must not have been measured later."""
        key = (
            (CALIBRATION.c.printer == one.printer)
            & (CALIBRATION.c.serial == one.serial)
            & (CALIBRATION.c.nozzle == one.nozzle)
            & (CALIBRATION.c.kind == one.kind)
            & (CALIBRATION.c.spool == one.spool)
        )
        measured = self.do.execute(sa.select(CALIBRATION.c.on).where(key)).scalar_one_or_none()
        if measured is not None and measured > one.on:
            raise InputError(
                said("a later calibration is known"),
                where=one.printer,
                got=one.on,
                wanted=said("{day} or later", day=measured),
                hint=said("`printstd farm list` shows what is kept; nothing was changed"),
            )
        self.do.execute(sa.delete(CALIBRATION).where(key))
        self.do.execute(
            sa.insert(CALIBRATION),
            {
                "printer": one.printer,
                "serial": one.serial,
                "nozzle": one.nozzle,
                "kind": one.kind,
                "spool": one.spool,
                "material": one.material,
                "value_e6": one.value_e6,
                "u_e6": one.u_e6,
                "on": one.on,
                "until_s": one.until_utc_s,
                "is_applied": one.is_applied,
                "by": one.by,
                "sha256": one.sha256,
            },
        )
        self.tell(
            "calibrated",
            at_utc_ms,
            printer=one.printer,
            serial=one.serial,
            nozzle=one.nozzle,
            calibration=one.kind,
            spool=one.spool,
            value_e6=one.value_e6,
            u_e6=one.u_e6,
            measured_on=one.on,
            until_s=one.until_utc_s,
            applied="yes" if one.is_applied else "",
            record=one.sha256,
        )

    def calibrations(
        self, printers: Collection[str] | None = None
    ) -> dict[str, tuple[Calibration, ...]]:
        """Printer -> all that is kept of it, with other nozzles and spools too."""
        query = sa.select(CALIBRATION).order_by(*CALIBRATION.primary_key.columns)
        if printers is not None:
            query = query.where(CALIBRATION.c.printer.in_(sorted(printers)))
        found: dict[str, list[Calibration]] = {}
        for row in self.do.execute(query):
            found.setdefault(row.printer, []).append(Calibration(*row))
        return {printer: tuple(ones) for printer, ones in found.items()}
