"""FST-02: Feedstock is the material

What it demands
    The polymer that the filament's record names is the one that the material profile prints.

Why
    Temperatures, cooling, shrinkage and drying all follow from the polymer. PETG printed as PLA
    does not melt, PLA printed as ABS burns.

How it is measured
    The record's designation against the profile's `properties.polymer` and
    `properties.also_called`, apart from case, blanks and hyphens. A profile that names no polymer
    leaves it undecided.

Example
    `--material petg` with a record of polymer `PLA` fails.

Standard and clause
    ISO 1043-1, ISO 11469 (how polymers are marked); ISO/ASTM 52903-1
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.recorded import (
    feedstock_of,
    feedstock_record,
    in_record,
    is_same_polymer,
)
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    held = feedstock_of(context)
    found = held.says.filament.polymer
    material = context.resolved.material
    known = material.properties
    if found is None:
        message = said("the feedstock record names no polymer")
        return (CHECK.says(Status.INDETERMINATE, message),)
    if known.polymer is None:
        message = said("the material profile {id} names no polymer", id=material.id)
        return (CHECK.says(Status.INDETERMINATE, message),)
    is_it = any(is_same_polymer(found, name) for name in (known.polymer, *known.also_called))
    if is_it:
        message = said(
            "the feedstock is {polymer}, as the material profile {id} wants",
            polymer=found,
            id=material.id,
        )
        return (CHECK.says(Status.PASS, message),)
    return (
        CHECK.says(
            Status.FAIL,
            said(
                "the feedstock is {polymer}, and the material profile {id} prints {wanted}; "
                "choose the material that the spool holds",
                polymer=found,
                id=material.id,
                wanted=known.polymer,
            ),
            measured=1,
            limit=0,
            unit="differences",
            where=in_record(held, "filament.polymer"),
        ),
    )


CHECK = Check(
    "FST-02",
    said("Feedstock is the material"),
    said("material: properties.polymer"),
    run,
    (feedstock_record,),
)
