"""FEA-06: Thin pins

What it demands
    Round pins are at least 1.5 mm thick, and 3 mm or they are warned about.

Why
    A thin pin is a few short beads on top of each other: it does not cool before the next layer
    comes, and breaks along a layer at the first load.

How it is measured
    Cylinders around material are recognised on the mesh, whatever their direction; the diameter
    is the one of the fitted circle. A pin is one that is longer than thick and has no bore; of a
    hollow one THK-01 judges the wall. A pin fails, or is warned about, where its diameter is
    below the limit by more than its uncertainty.

Example
    A locating pin of 1.2 mm, 4 mm long, fails. Use a metal one, or draw it 3 mm thick.

Standard and clause
    Facts of design guides: pins of 3 mm and more. Process: design.pin_mm, for a 0.4 mm nozzle,
    growing with it
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from printstd.artifacts.features import Feature, FeatureKind
from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets, unit
from printstd.validate.sized import WHOLE_ARC_DEG, Found, below, none_below, told
from printstd.words import Said, said

_PARALLEL_COSINE = 1 - 1e-6


def run(context: CheckContext) -> tuple[Finding, ...]:
    limits = context.resolved.process.design.limits("pin_mm", context.resolved.nozzle_mm)
    holes = context.features.of_kind(FeatureKind.HOLE)
    pins = [
        feature
        for feature in context.features.of_kind(FeatureKind.BOSS)
        if feature.arc_deg >= WHOLE_ARC_DEG
        and feature.length_mm > feature.size
        and not _is_bored(feature, holes)
    ]
    message = said("no pin is thinner than {limit:g} mm", limit=limits.warn_mm)
    found = [told(CHECK, context, one, _message(one)) for one in below(pins, limits)]
    return tuple(found) or (none_below(CHECK, pins, limits, message, said("pins")),)


def _is_bored(pin: Feature, holes: Sequence[Feature]) -> bool:
    """A hole along its axis, inside it, and beside it in height."""
    axis, at = np.array(pin.axis), np.array(pin.point_mm)
    for hole in holes:
        if hole.size >= pin.size or abs(float(axis @ np.array(hole.axis))) < _PARALLEL_COSINE:
            continue
        apart = np.array(hole.point_mm) - at
        along = float(apart @ axis)
        across = apart - along * axis
        is_inside = float(np.sqrt(across @ across)) < (pin.size - hole.size) / 2
        if is_inside and abs(along) < (pin.length_mm + hole.length_mm) / 2:
            return True
    return False


def _message(found: Found) -> Said:
    thinnest = found.features[0]
    values = {
        "count": len(found.features),
        "name": thinnest.id,
        "size": thinnest.nominal,
        "length": thinnest.length_mm,
        "limit": found.limit_mm,
    }
    if found.status is Status.FAIL:
        return said(
            "thin pins: {count}, the thinnest {name} of {size:.2f} mm, {length:.1f} mm long; "
            "below {limit:g} mm they are not made reliably",
            **values,
        )
    return said(
        "thin pins: {count}, the thinnest {name} of {size:.2f} mm, {length:.1f} mm long; "
        "below {limit:g} mm they break easily",
        **values,
    )


CHECK = Check("FEA-06", said("Thin pins"), said("process: design.pin_mm"), run, (facets, unit))
