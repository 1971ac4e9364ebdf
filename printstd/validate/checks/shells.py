"""GEO-09: Shells and loose bits

What it demands
    Nothing that is too small to print floats about the part.

Why
    Several bodies in one file are common and fine. Specks left by a boolean operation are not:
    they print as blobs, or not at all, and their travel moves string across the part.

How it is measured
    Facets joined through edges that two facets share make a shell. A shell whose box is smaller
    than one line width in every direction, or that has fewer than four facets, is debris.

Example
    Two brackets in one file: INFO. A bracket with a 0.1 mm tetrahedron beside it: WARN.

Standard and clause
    Process profile, widths.external_perimeter_mm
"""

from __future__ import annotations

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import facets
from printstd.validate.outcome import counted

_FEWEST_FACETS = 4
"""No closed shell has fewer."""


def run(context: CheckContext) -> tuple[Finding, ...]:
    shells = context.shells
    is_debris = (shells.largest_extent_mm < context.line_width_mm) | (
        shells.facet_count < _FEWEST_FACETS
    )
    debris = np.flatnonzero(is_debris)
    bodies = shells.count - len(debris)
    found = [_bodies(bodies)]
    if len(debris):
        found.append(
            CHECK.says(
                Status.WARN,
                f"{counted(len(debris), 'loose bit')} too small to print",
                measured=len(debris),
                limit=0,
                unit="shells",
                where=tuple(
                    context.where(shells.box_mm[shell], np.flatnonzero(shells.labels == shell)[:4])
                    for shell in debris[:MOST_PLACES]
                ),
                details=(("smaller than", f"{context.line_width_mm:g} mm"),),
            )
        )
    return tuple(found)


def _bodies(count: int) -> Finding:
    status = Status.INFO if count > 1 else Status.PASS
    return CHECK.says(
        status,
        f"the file holds {counted(count, 'shell')} of printable size",
        measured=count,
        unit="shells",
    )


CHECK = Check(
    "GEO-09", "Shells and loose bits", "process: widths.external_perimeter_mm", run, (facets,)
)
