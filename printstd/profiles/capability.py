"""A record of capability held against one request: is it of this machine, material and process, and
what does it say of a size?"""

from __future__ import annotations

from printstd.artifacts.capability import CapabilityRecord, MeasuredCharacteristic
from printstd.profiles.general import band_of
from printstd.profiles.records import GivenCapability
from printstd.profiles.resolved import Resolved
from printstd.units import um
from printstd.words import said


def why_not(given: GivenCapability, resolved: Resolved) -> str:
    """Why the record says nothing of this run; empty where it does."""
    record, machine = given.says, given.says.machine
    if given.key_id is None:
        return said("nobody has verified who signed it: name the key with --trust")
    if given.today > record.valid_until:
        return said("it was valid until {day}", day=record.valid_until)
    if given.today < record.measured_on:
        return said(
            "it is of {day}, and today is {today}", day=record.measured_on, today=given.today
        )
    if resolved.printer is None:
        return said("no printer was named; give --printer NAME")
    pairs = (
        (said("printer"), machine.printer, resolved.request.printer),
        (said("nozzle, um"), machine.nozzle_um, um(resolved.printer.nozzle_mm)),
        (said("material"), machine.material, resolved.material.id),
        (said("process"), machine.process, resolved.request.process),
        (said("process, sha256"), machine.process_sha256, resolved.digests["process"]),
    )
    for what, measured, asked in pairs:
        if measured != asked:
            return said(
                "it is of another {what}: measured {measured}, asked for {asked}",
                what=what,
                measured=measured,
                asked=asked,
            )
    return ""


def of_size(
    record: CapabilityRecord, resolved: Resolved, nominal_nm: int, sense: str, along: str
) -> tuple[MeasuredCharacteristic, ...]:
    """The characteristics that speak for a size: of its sense and direction, and in the same range
    of the table of sizes. A table without ranges is taken for one range."""
    ranges = [
        (band.over_mm, band.up_to_mm)
        for bands in resolved.table.classes.values()
        if (band := band_of(bands, nominal_nm)) is not None
    ]
    found = []
    for one in record.characteristics:
        if (one.sense, one.along) != (sense, along):
            continue
        own = [
            (band.over_mm, band.up_to_mm)
            for bands in resolved.table.classes.values()
            if (band := band_of(bands, one.nominal_nm)) is not None
        ]
        if not resolved.table.classes or set(own) & set(ranges):
            found.append(one)
    return tuple(found)
