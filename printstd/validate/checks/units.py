"""UNT-01: Units

What it demands
    The numbers in the file are in the unit that they were read in.

Why
    STL says no unit. A part drawn in inches and read in millimetres is 25.4 times too small, and
    every other check passes it.

How it is measured
    Where the file or the user stated the unit, that is taken. Otherwise four pieces of evidence
    are weighed for each other unit against millimetres, as logarithms of likelihoods: the size
    that the part would have (printed parts are some centimetres long, rarely below 8 or above
    300 mm); whether it would then be longer than the printer's longest axis; a unit in the file's
    name; and the grid on which the distances between its parallel planes lie, 0.05 mm for
    metric design, 1/64 inch for imperial, each against what chance alone puts on it. Distances
    that lie on both grids, or on neither, weigh for neither. Nothing is ever rescaled.
    Where another unit leads by more than 1 nat the check cannot decide and says so:
    INDETERMINATE. Where it trails by less than half a nat: WARN. State the unit with `--units`
    either way.

Example
    A bracket of 5 x 2.5 x 1.375 with distances on the 1/64 inch grid is 127 mm long in inches.

Standard and clause
    3MF Core 1.4.0, 3.4 (unit attribute; STL has none)
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status
from printstd.artifacts.wording import LENGTH_UNITS
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets
from printstd.validate.unit_evidence import (
    CLEAR,
    MILLIMETRES,
    NEAR,
    OTHERS,
    Candidate,
    likeliest_unit,
)
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    source = context.mesh.source
    if source.is_unit_stated:
        stated = source.unit if source.cad is None else source.cad.unit
        return (
            CHECK.says(
                Status.PASS,
                said("the unit is stated: {unit}", unit=LENGTH_UNITS[stated]),
                measured=float(context.extents_mm.max()),
                unit="mm",
            ),
        )
    return (_finding(context, *context.once(likeliest_unit)),)


def _finding(context: CheckContext, numbers: float, lead: float, likeliest: Candidate) -> Finding:
    factor = likeliest.ratio_mm
    details = tuple(
        (
            said("if {unit}", unit=LENGTH_UNITS[candidate.unit]),
            said("{size:g} mm", size=numbers * candidate.ratio_mm),
        )
        for candidate in (MILLIMETRES, *OTHERS[:3])
    )
    name = likeliest.unit.value
    if lead > CLEAR:
        status = Status.INDETERMINATE
        message = said(
            "the file says no unit and its numbers look like {name}: the part would be "
            "{other:.4g} mm long, not {numbers:.4g} mm; give --units {name} or --units mm",
            name=name,
            other=numbers * factor,
            numbers=numbers,
        )
    elif lead > NEAR:
        status = Status.WARN
        message = said(
            "the file says no unit; read as mm the part is {numbers:.4g} mm long, but {name} is "
            "nearly as likely ({other:.4g} mm); give --units {name} or --units mm",
            name=name,
            other=numbers * factor,
            numbers=numbers,
        )
    else:
        status = Status.PASS
        message = said(
            "millimetres are assumed, and the longest extent of {numbers:.4g} mm agrees",
            numbers=numbers,
        )
    return CHECK.says(
        status,
        message,
        measured=round(lead, 3),
        limit=CLEAR if status is Status.INDETERMINATE else NEAR,
        unit=said("nats for {unit}", unit=LENGTH_UNITS[likeliest.unit]),
        where=() if status is Status.PASS else (context.where(context.box_mm),),
        details=details,
    )


CHECK = Check("UNT-01", said("Units"), "3MF Core 1.4.0, 3.4", run, (facets,))
