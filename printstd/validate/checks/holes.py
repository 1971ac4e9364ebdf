"""FEA-05: Small holes

What it demands
    Round holes are at least 1 mm wide, and 2 mm or they are warned about.

Why
    Beads on a small circle are pulled inwards, so holes come out narrower than drawn, by 0.1 to
    0.3 mm; small ones close.

How it is measured
    Cylinders around nothing are recognised on the mesh, whatever their direction, and their
    diameter is the one of the fitted circle, not across the facets. An arc of less than 270
    degrees is a groove and not judged here. A hole fails, or is warned about, where its diameter
    is below the limit by more than its uncertainty.

Example
    A vent hole of 0.8 mm fails; draw it 1.2 mm wide, or drill it.

Standard and clause
    Facts of design guides: holes of 2 mm and more. Process: design.hole_mm, for a 0.4 mm nozzle,
    growing with it
"""

from __future__ import annotations

from printstd.artifacts.features import FeatureKind
from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets, unit
from printstd.validate.sized import WHOLE_ARC_DEG, Found, below, none_below, told
from printstd.words import Said, said


def run(context: CheckContext) -> tuple[Finding, ...]:
    limits = context.resolved.process.design.limits("hole_mm", context.resolved.nozzle_mm)
    holes = [
        feature
        for feature in context.features.of_kind(FeatureKind.HOLE)
        if feature.arc_deg >= WHOLE_ARC_DEG
    ]
    message = said("no round hole is narrower than {limit:g} mm", limit=limits.warn_mm)
    found = [told(CHECK, context, one, _message(one)) for one in below(holes, limits)]
    return tuple(found) or (none_below(CHECK, holes, limits, message, said("round holes")),)


def _message(found: Found) -> Said:
    smallest = found.features[0]
    values = {
        "count": len(found.features),
        "name": smallest.id,
        "size": smallest.nominal,
        "limit": found.limit_mm,
    }
    if found.status is Status.FAIL:
        return said(
            "small holes: {count}, the smallest {name} of {size:.2f} mm; below {limit:g} mm they "
            "are likely to close",
            **values,
        )
    return said(
        "small holes: {count}, the smallest {name} of {size:.2f} mm; below {limit:g} mm they "
        "come out noticeably narrower: draw them 0.1 to 0.3 mm wider, or drill them",
        **values,
    )


CHECK = Check("FEA-05", said("Small holes"), said("process: design.hole_mm"), run, (facets, unit))
