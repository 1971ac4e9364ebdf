"""Is this program for this printer, its nozzle, and what is loaded in it?

Held against what was signed: the profiles of a statement and its `AuditDemand`; never against what
the program's comments say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from printstd.gate.settings import ThisPrinter
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.certify.reading import Said
    from printstd.errors import VerificationError


_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def check_binding(statements: Sequence[Said], printer: ThisPrinter, now: str) -> None:
    """VerificationError with the first thing that is another's. Each statement must be of this
    printer: two that are linked share models and demand, and tell their profiles each by itself.

    now : UTC time ``YYYY-MM-DDTHH:MM:SSZ``."""
    _check_windows(printer, now)
    for stated in statements:
        _check_profile(stated, printer)
        _check_nozzle(stated, printer)
        _check_materials(stated, printer)
        _check_individual(stated, printer, now)


def _fail(what: str, printer: ThisPrinter, got: str, wanted: str, hint: str) -> VerificationError:
    from printstd.errors import VerificationError

    return VerificationError(what, where=printer.id, got=got, wanted=wanted, hint=hint)


def _check_windows(printer: ThisPrinter, now: str) -> None:
    """What is the machine's alone, whatever it is to print."""
    until = printer.capability_until
    if until is not None and now[:10] > until:
        raise _fail(
            said("the printer's capability has expired"),
            printer,
            said("until {until}", until=until),
            said("a capability that holds on {day}", day=now[:10]),
            said("`printstd qualify` makes a new record from a new test part"),
        )
    hours, most = printer.nozzle_hours, printer.nozzle_hours_max
    if hours is not None and most is not None and hours > most:
        raise _fail(
            said("the nozzle has run longer than it may"),
            printer,
            said("{hours:g} h", hours=hours),
            said("at most {most:g} h", most=most),
            said("change the nozzle, and set nozzle_hours to 0"),
        )


def _check_profile(stated: Said, printer: ThisPrinter) -> None:
    row = next((row for row in stated.profiles if row.role == "printer"), None)
    if row is None or row.id != printer.profile:
        raise _fail(
            said("the program was certified for another printer"),
            printer,
            (row.id if row is not None else None) or said("no printer"),
            printer.profile,
            said("certify it for this printer, or send it to one that it is for"),
        )
    if printer.profile_sha256 and row.sha256 not in printer.profile_sha256:
        raise _fail(
            said("the printer's profile is not the version that this printer accepts"),
            printer,
            said("sha256 {sha256}", sha256=row.sha256),
            said("sha256 {digests}", digests=", ".join(printer.profile_sha256)),
            said("certify it with the profile that the farm uses"),
        )


def _check_nozzle(stated: Said, printer: ThisPrinter) -> None:
    demand = stated.demand
    if demand is None or demand.machine.nozzle_um != printer.nozzle_um:
        raise _fail(
            said("the program was certified for another nozzle"),
            printer,
            said("{nozzle_mm:g} mm", nozzle_mm=demand.machine.nozzle_um / 1000)
            if demand is not None
            else said("no program"),
            said("{nozzle_mm:g} mm", nozzle_mm=printer.nozzle_um / 1000),
            said("change the nozzle and say so in gate.toml, or certify it for this one"),
        )


def _check_materials(stated: Said, printer: ThisPrinter) -> None:
    rows = {row.role: row.id for row in stated.profiles}
    tools = [tool.number for tool in stated.demand.tools] if stated.demand is not None else []
    for tool in tools or [0]:
        # Where every tool has the same material it is named once.
        named = rows.get(f"material_{tool + 1}") if tool else rows.get("material")
        if tool and named is None and "material_2" not in rows:
            named = rows.get("material")
        loaded = printer.materials[tool] if tool < len(printer.materials) else None
        if named is None or named != loaded:
            raise _fail(
                said("the program was certified for another material")
                if not tool
                else said(
                    "the program was certified for another material in tool {tool}", tool=tool
                ),
                printer,
                named or said("no material"),
                loaded or said("nothing loaded"),
                said("load that material and say so in gate.toml, or certify it for this one"),
            )


def _check_individual(stated: Said, printer: ThisPrinter, now: str) -> None:
    """What rests on the capability of one machine is for it, or for an equal one whose own
    capability holds: that one's end is in gate.toml."""
    for record in stated.records:
        if record.kind != "capability":
            continue
        told = dict(record.says)
        until, serial = told.get("validUntil", ""), told.get("serial", "")
        if not _DAY.fullmatch(until) or not serial:
            raise _fail(
                said("the capability that the program was certified under does not say of what"),
                printer,
                listed([f"{key} {text}" for key, text in record.says]) or said("nothing"),
                said("a serial number, and a day until which it holds"),
                said("certify the program again under a record that holds"),
            )
        if now[:10] > until:
            raise _fail(
                said("the capability that the program was certified under has expired"),
                printer,
                said("until {until}", until=until),
                said("a capability that holds on {day}", day=now[:10]),
                said("certify the program again under a record that holds"),
            )
        if serial != printer.serial and printer.capability_until is None:
            raise _fail(
                said("the program was certified under the capability of another machine"),
                printer,
                said("serial {serial}", serial=serial),
                said("serial {serial}", serial=printer.serial or "-"),
                said("send it to that machine, or give this one a capability of its own"),
            )
