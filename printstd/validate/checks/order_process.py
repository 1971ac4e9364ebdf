"""ORD-06: Process and feedstock are the ordered ones

What it demands
    The order's process is material extrusion of polymers, its feedstock the material that is
    printed and, where a record of the feedstock is given, its lot the ordered one.

Why
    A part ordered of PA12 by powder bed is not replaced by a filament print of PLA, however well
    that is made.

How it is measured
    `process.designation` against MEX-TRB/P and, where it goes on, the polymer of the material.
    `feedstock.spec` against the material's designations and its name. `feedstock.lot` against
    `filament.lot` of the record given with `--feedstock`.

Example
    `designation = "PBF-LB/P"` fails; so does `spec = "PA12"` with `--material pla`.

Standard and clause
    ISO/ASTM 52900:2021 (categories), ISO 27548:2024 (MEX-TRB/P; the form with the polymer:
    knowledge, medium); ISO/ASTM 52901:2017 (structure by previews)
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status
from printstd.profiles.resolved import PROCESS_DESIGNATION
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.recorded import in_record, is_same_polymer, order_of, order_record
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    ordered = order_of(context).says
    found = []
    if ordered.process.designation is not None:
        found.append(_process(context, ordered.process.designation))
    if ordered.feedstock.spec is not None:
        found.append(_spec(context, ordered.feedstock.spec))
    feedstock = context.resolved.records.feedstock
    if ordered.feedstock.lot is not None and feedstock is not None:
        found.append(_lot(context, ordered.feedstock.lot, feedstock.says.filament.lot))
    if not found:
        message = said("the order names neither process nor feedstock (ORD-01)")
        return (CHECK.says(Status.INDETERMINATE, message),)
    return tuple(found)


def _process(context: CheckContext, wanted: str) -> Finding:
    made = context.resolved.process_designation
    names = [made]
    if made != PROCESS_DESIGNATION:
        also = context.resolved.material.properties.also_called
        names += [PROCESS_DESIGNATION, *(f"{PROCESS_DESIGNATION}/{name}" for name in also)]
    is_it = wanted in names
    if is_it:
        message = said("the process is {wanted}, as ordered", wanted=wanted)
    else:
        message = said(
            "the order asks for {wanted}, and this would be {made}", wanted=wanted, made=made
        )
    return _finding(context, is_it, message, "process.designation")


def _spec(context: CheckContext, wanted: str) -> Finding:
    material = context.resolved.material
    known = material.properties
    names = [material.id, material.name, *known.also_called]
    names += [known.polymer] if known.polymer is not None else []
    is_it = any(is_same_polymer(wanted, name) for name in names)
    if is_it:
        message = said("the feedstock is {wanted}, as ordered", wanted=wanted)
    else:
        message = said(
            "the order asks for {wanted}, and the material profile is {id}",
            wanted=wanted,
            id=material.id,
        )
    return _finding(context, is_it, message, "feedstock.spec")


def _lot(context: CheckContext, wanted: str, found: str | None) -> Finding:
    is_it = wanted == found
    if is_it:
        message = said("the lot is {wanted}, as ordered", wanted=wanted)
    elif found is None:
        message = said(
            "the order asks for lot {wanted}, and the spool's is not recorded", wanted=wanted
        )
    else:
        message = said(
            "the order asks for lot {wanted}, and the spool is of {found}",
            wanted=wanted,
            found=found,
        )
    return _finding(context, is_it, message, "feedstock.lot")


def _finding(context: CheckContext, is_it: bool, message: str, key: str) -> Finding:
    return CHECK.says(
        Status.PASS if is_it else Status.FAIL,
        message,
        measured=0 if is_it else 1,
        limit=0,
        unit="differences",
        where=in_record(order_of(context), key),
    )


CHECK = Check(
    "ORD-06",
    said("Process and feedstock are the ordered ones"),
    said("the order: process, feedstock"),
    run,
    (order_record,),
)
