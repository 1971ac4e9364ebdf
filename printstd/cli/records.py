"""Records given with a call: what an order sets, and where it and the command line contradict."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from printstd.errors import UsageError
from printstd.named_tuple import NamedTuple
from printstd.words import said

if TYPE_CHECKING:
    from printstd.profiles.indications import Indicated
    from printstd.profiles.order_models import OrderRecord
    from printstd.profiles.records import Held, Records
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import Fact


class Asked(NamedTuple):
    """What a call asks for, together with its order. notation : of ISO 17295, that the part is to
    be turned to; `rotate` is then None."""

    pack: str | None
    tolerance_class: str | None
    units: str | None
    rotate: str | None
    notation: str | None
    records: Records


def asked_with(
    order: Path | None,
    feedstock: Path | None,
    *,
    models: Sequence[Path],
    pack: str | None,
    tolerance_class: str | None,
    material: Sequence[str] | None,
    units: str | None,
    rotate: str | None,
    orient: bool,
) -> Asked:
    """The call's options, and what the order says where they say nothing.

    Raises UsageError where the two contradict, naming both; RecordError where a record cannot be
    read, or names a class that no pack has.
    """
    from printstd.profiles.records import NONE_GIVEN, Records

    if order is None and feedstock is None:
        return Asked(pack, tolerance_class, units, rotate, None, NONE_GIVEN)
    from printstd.adapters.files import read_file
    from printstd.cli.running import shown
    from printstd.profiles.read_records import read_feedstock, read_order

    spool = None
    if feedstock is not None:
        if material is not None and len(material) > 1:
            raise UsageError(
                said("a record of the feedstock is of one material"),
                got=said("--feedstock and {count} materials", count=len(material)),
                wanted=said("one --material with --feedstock"),
                hint=said("print the part of one material, or leave the record out"),
            )
        spool = read_feedstock(read_file(feedstock), shown(feedstock.name))
    if order is None:
        return Asked(pack, tolerance_class, units, rotate, None, Records(spool, None))
    if len(models) != 1:
        raise UsageError(
            said("an order is of one part"),
            got=said("--order and {count} models", count=len(models)),
            wanted=said("one MODEL with --order; --copies makes it several times"),
            hint=said("call once for each order"),
        )
    held = read_order(read_file(order), shown(order.name))
    part = held.says.part
    named = _class_of(held, pack)
    if named is not None:
        full = named.letter + (named.geometrical or "")
        if tolerance_class != named.letter:
            _agree("--class", tolerance_class, full, held, "part.tolerances.general")
        tolerance_class = full
        if pack is None:
            pack = "int" if "int" in named.packs else named.packs[0]
        elif pack not in named.packs:
            _contradict(
                "--pack", pack, str(part.tolerances.general), held, "part.tolerances.general"
            )
    if part.geometry.units is not None:
        if units is not None and not _is_same_unit(units, part.geometry.units):
            _contradict("--units", units, part.geometry.units, held, "part.geometry.units")
        units = part.geometry.units
    notation = None
    ordered = part.orientation
    if ordered is not None and not ordered.delegated:
        key = "part.orientation"
        if orient:
            _contradict("--orient", "given", said("an orientation"), held, key)
        if ordered.rotate_deg is not None:
            text = ",".join(f"{angle:g}" for angle in ordered.rotate_deg)
            if rotate is not None and not _is_same_turn(rotate, ordered.rotate_deg):
                _contradict("--rotate", rotate, text, held, f"{key}.rotate_deg")
            rotate = ",".join(repr(angle) for angle in ordered.rotate_deg)
        elif rotate is not None:
            _contradict("--rotate", rotate, str(ordered.notation), held, f"{key}.notation")
        else:
            notation = ordered.notation
    records = Records(spool, held, named)
    return Asked(pack, tolerance_class, units, rotate, notation, records)


def _class_of(held: Held[OrderRecord], pack: str | None) -> Indicated | None:
    """The class that the order names; None where it names none."""
    text = held.says.part.tolerances.general
    if text is None:
        return None
    from printstd.cli.running import profile_source
    from printstd.errors import RecordError
    from printstd.profiles.indications import indicated, indications
    from printstd.profiles.limits_text import MOULDING_GROUP, plain_text

    source = profile_source()
    found = indicated(source, text)
    if found is None:
        names = ", ".join(indications(source))
        wanted = said("a class as a pack names it: {names}", names=names)
        if MOULDING_GROUP.fullmatch(plain_text(text)):
            wanted = said(
                "a class as a pack names it, as printed parts are compared with groups of plastic "
                "mouldings and never judged by them: {names}",
                names=names,
            )
        problem = held.raw.problem(("part", "tolerances", "general"), repr(text), wanted)
        raise RecordError(held.name, (problem,))
    return found


def _agree(option: str, given: str | None, wanted: str, held: Held[OrderRecord], key: str) -> None:
    if given is not None and given != wanted:
        _contradict(option, given, wanted, held, key)


def _contradict(option: str, given: str, wanted: str, held: Held[OrderRecord], key: str) -> None:
    line = held.line(key)
    raise UsageError(
        said("the order and the command line contradict each other"),
        where=said(
            "{option} and {place}",
            option=option,
            place=f"{held.name}:{line}" if line else held.name,
        ),
        got=f"{option} {given}" if given != "given" else option,
        wanted=said("{key} = {wanted}, as ordered", key=key, wanted=wanted),
        hint=said("leave {option} out, or have the order changed", option=option),
    )


def _is_same_unit(one: str, other: str) -> bool:
    from printstd.units import length_unit

    return length_unit(one.lower()) is length_unit(other)


def _is_same_turn(text: str, angles: tuple[float, float, float]) -> bool:
    try:
        return tuple(float(part) for part in text.split(",")) == angles
    except ValueError:
        return False


def record_rows(resolved: Resolved) -> tuple[Fact, ...]:
    """What reports cite of the records that were given."""
    from printstd.report.document import Fact

    rows = []
    order, spool = resolved.records.order, resolved.records.feedstock
    if order is not None:
        drawing = order.says.part.drawing
        told = (
            (said("order"), order.says.order.id),
            (said("drawing"), drawing.number),
            (said("change index"), drawing.index),
        )
        rows += [Fact(name, text) for name, text in told if text is not None]
        rows.append(
            Fact(
                said("order record"),
                said("{name}, sha256 {sha256}", name=order.name, sha256=order.sha256),
            )
        )
    if spool is not None:
        own = spool.says.filament
        told = (
            (said("feedstock"), own.polymer),
            (said("maker"), own.manufacturer),
            (said("lot"), own.lot),
        )
        rows += [Fact(name, text) for name, text in told if text is not None]
        rows.append(
            Fact(
                said("feedstock record"),
                said("{name}, sha256 {sha256}", name=spool.name, sha256=spool.sha256),
            )
        )
    capability = resolved.records.capability
    if capability is not None:
        machine = capability.says.machine
        rows.append(
            Fact(
                said("capability record"),
                said(
                    "{name}, sha256 {sha256}; {printer}, serial {serial}, valid until {day}",
                    name=capability.name,
                    sha256=capability.sha256,
                    printer=machine.printer,
                    serial=machine.serial,
                    day=capability.says.valid_until,
                ),
            )
        )
    return tuple(rows)
