"""`printstd farm calibrate`: what a machine was measured to need, taken by the farm."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printstd.cli import options
from printstd.cli.farm_place import HERE, Farm, FarmAt, at_farm, now_ms, who
from printstd.cli.speech import Language, in_words
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.artifacts.calibration import CalibrationRecord
    from printstd.artifacts.farm import Calibration, FarmPrinter


def calibrate(
    name: Annotated[
        str, typer.Argument(metavar="PRINTER", help="Its name in the farm.", show_default=False)
    ],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="RECORD.json...",
            help="What `printstd calibrate take` wrote of prints on this machine.",
            show_default=False,
        ),
    ],
    days: Annotated[
        int | None,
        typer.Option(
            "--days",
            metavar="N",
            min=1,
            max=3660,
            help="For how long it counts, from the day it was measured.",
            show_default="valid_days of farm.toml",
        ),
    ] = None,
    is_applied: Annotated[
        bool,
        typer.Option(
            "--applied", help="Of a first layer: the machine's own Z was set to it since."
        ),
    ] = False,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Take records of calibrations. They hold for the machine, the nozzle and the spool that they
    were measured with: what was certified for other values is not begun there, and `farm explain`
    says so. A new record of the same replaces the one before."""
    import hashlib

    from printstd.adapters.files import read_file
    from printstd.artifacts.farm import Calibration
    from printstd.farm.calibrated import KIND_NAMES, day_of
    from printstd.profiles.read_records import read_calibration_record

    taken = []
    with at_farm(farm) as place:
        valid_days = days or place.folder.settings.calibration.valid_days
        with place.store.writing(who()) as rows:
            own = rows.printer(name)
            for file in files:
                data = read_file(file, max_bytes=1 << 20)
                record = read_calibration_record(data, str(file))
                _check(place, own, record, str(file), is_applied=is_applied)
                one = Calibration(
                    printer=name,
                    serial=record.printer_serial,
                    nozzle=record.nozzle_id,
                    kind=record.kind,
                    spool=record.spool,
                    material=record.material,
                    value_e6=record.value_e6,
                    u_e6=record.u_e6,
                    on=record.on,
                    until_utc_s=_until(record.on, valid_days, str(file)),
                    is_applied=is_applied,
                    by=record.by,
                    sha256=hashlib.sha256(data).hexdigest(),
                )
                known = rows.spools([one.spool]).get(one.spool)
                if one.kind != "first_layer" and (known is None or known.material != one.material):
                    raise _not_its(
                        str(file),
                        said(
                            "spool {spool} with {material}", spool=one.spool, material=one.material
                        ),
                        said("a spool of this farm and its material"),
                        said("`printstd farm spools` names them; --add adds one"),
                    )
                rows.set_calibration(one, now_ms())
                taken.append(one)
    for one in taken:
        told = said(
            "{name}: {what} with {spool} is {value}, until {day}",
            name=name,
            what=KIND_NAMES[one.kind],
            spool=one.spool,
            value=_value(one),
            day=day_of(one.until_utc_s),
        )
        typer.echo(in_words(told))
    return 0


def _check(
    place: Farm, own: FarmPrinter, record: CalibrationRecord, file: str, *, is_applied: bool
) -> None:
    """UsageError, InputError where it is no record of this individual."""
    from printstd.errors import UsageError

    if is_applied and record.kind != "first_layer":
        raise UsageError(
            said("only a first layer's offset is set in the machine"),
            where=file,
            got=record.kind,
            wanted="first_layer",
            hint=said("leave --applied out: programs carry flow, advance and temperature"),
        )
    if not own.serial:
        raise UsageError(
            said("the farm does not know which machine this is"),
            where=own.name,
            got=said("no serial number"),
            wanted=record.printer_serial,
            hint=said("`printstd farm set {name} --serial NUMBER`", name=own.name),
        )
    hint = said("take it for the printer that it was measured on")
    for got, wanted in (
        (record.printer, own.profile),
        (record.printer_serial, own.serial),
        (record.nozzle_id, own.nozzle.id),
        (f"{record.nozzle_mm:g} mm", f"{own.nozzle.diameter_um / 1e3:g} mm"),
    ):
        if got != wanted:
            raise _not_its(file, got, wanted or said("a nozzle with a name"), hint)


def _until(on: str, days: int, file: str) -> int:
    """The end of its last day. InputError where that is over, or its first has not come."""
    from datetime import UTC, datetime, timedelta

    from printstd.errors import InputError

    measured = datetime.fromisoformat(on).replace(tzinfo=UTC)
    until = int((measured + timedelta(days=days + 1)).timestamp()) - 1
    now_s = now_ms() // 1000
    # Somewhere on earth it is tomorrow already.
    if until < now_s or measured.timestamp() > now_s + 86_400:
        raise InputError(
            said("this calibration does not count now"),
            where=file,
            got=said("measured on {day}, for {days} days", day=on, days=days),
            wanted=said("a day that has come, and not so long ago"),
            hint=said("calibrate again, or say with --days for how long it counts"),
        )
    return until


def _not_its(file: str, got: str, wanted: str, hint: str) -> Exception:
    from printstd.errors import InputError

    return InputError(
        said("this calibration is of another machine, nozzle or spool"),
        where=file,
        got=got,
        wanted=wanted,
        hint=hint,
    )


def _value(one: Calibration) -> str:
    from printstd.artifacts.calibration import UNITS

    unit = "" if UNITS[one.kind] == "1" else f" {UNITS[one.kind]}"
    return f"{one.value_e6 / 1e6:.6g}{unit}"


def calibration_rows(known: Iterable[Calibration], now_utc_s: int) -> list[dict[str, Any]]:
    """As lists show them."""
    from printstd.artifacts.calibration import UNITS
    from printstd.farm.calibrated import day_of

    return [
        {
            "kind": one.kind,
            "printer": one.printer,
            "serial": one.serial,
            "nozzle": one.nozzle,
            "spool": one.spool,
            "material": one.material,
            "value": one.value_e6 / 1e6,
            "u": one.u_e6 / 1e6,
            "unit": UNITS[one.kind],
            "on": one.on,
            "until": day_of(one.until_utc_s),
            "expired": one.until_utc_s < now_utc_s,
            "applied": one.is_applied,
            "by": one.by,
            "record_sha256": one.sha256,
        }
        for one in known
    ]


def in_short(rows: Iterable[dict[str, Any]], *, of: str) -> str:
    """In a cell of a list. of : the key that tells them apart, ``spool`` or ``printer``."""
    from printstd.farm.calibrated import KIND_NAMES

    told = []
    for row in rows:
        names = {"what": KIND_NAMES[row["kind"]], "of": row[of], "day": row["until"]}
        if row["expired"]:
            told.append(said("{what} {of} expired {day}", **names))
        else:
            told.append(said("{what} {of} until {day}", **names))
    return listed(told)
