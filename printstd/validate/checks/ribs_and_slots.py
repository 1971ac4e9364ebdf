"""FEA-07: Ribs and slots

What it demands
    Ribs, webs and tabs with parallel sides are at least 0.4 mm thick, slots at least 0.1 mm wide;
    below 0.8 mm and 0.2 mm they are warned about.

Why
    It says of the drawing's own sizes what THK-01 and THK-02 find at points of the surface: which
    dimension is too small, and by how much, so that a designer can change it.

How it is measured
    Opposed parallel planes are recognised on the mesh, in any direction: with material between
    them they are a rib, with air a slot. The size is the distance of the planes. Floors and roofs,
    whose planes lie flatter than 45 degrees as the part stands, are left to THK-04. A size fails,
    or is warned about, where it is below the limit by more than its uncertainty. An overlap
    smaller than 2 x 2 mm is warned about at most.

Example
    Fins of 0.35 mm fail: one line of a 0.4 mm nozzle does not fit.

Standard and clause
    Facts of design guides: smallest feature 0.8 mm, 2 mm is good; clearance of fixed faces 0.2 mm.
    Process: design.feature_mm, which grows with the nozzle, design.static_gap_mm
"""

from __future__ import annotations

import numpy as np

from printstd.artifacts.features import Feature, FeatureKind
from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets, unit
from printstd.validate.places import SPOT_MM
from printstd.validate.sized import Found, below, named, where_features
from printstd.words import Said, said

_FLATTER_COSINE = float(np.sqrt(0.5))


def run(context: CheckContext) -> tuple[Finding, ...]:
    design, nozzle_mm = context.resolved.process.design, context.resolved.nozzle_mm
    found: list[Finding] = []
    for kind, name in (
        (FeatureKind.THICKNESS, "feature_mm"),
        (FeatureKind.GAP, "static_gap_mm"),
    ):
        upright = [
            feature
            for feature in context.features.of_kind(kind)
            if abs(float(np.array(feature.axis) @ context.rotation[2])) < _FLATTER_COSINE
        ]
        for one in below(upright, design.limits(name, nozzle_mm)):
            found += _findings(context, kind, one)
    if found:
        return tuple(found)
    limits = design.limits("feature_mm", nozzle_mm)
    slots = design.limits("static_gap_mm", nozzle_mm)
    return (
        CHECK.says(
            Status.PASS,
            said(
                "no rib is thinner than {rib:g} mm, no slot narrower than {slot:g} mm",
                rib=limits.warn_mm,
                slot=slots.warn_mm,
            ),
            limit=limits.warn_mm,
            unit="mm",
        ),
    )


def _findings(context: CheckContext, kind: FeatureKind, found: Found) -> list[Finding]:
    large = tuple(f for f in found.features if f.overlap_mm2 >= SPOT_MM * SPOT_MM)
    small = tuple(f for f in found.features if f.overlap_mm2 < SPOT_MM * SPOT_MM)
    parts = [(found.status, large), (Status.WARN, small)]
    if found.status is Status.WARN:
        parts = [(Status.WARN, found.features)]
    return [_finding(context, kind, status, own, found.limit_mm) for status, own in parts if own]


def _finding(
    context: CheckContext,
    kind: FeatureKind,
    status: Status,
    features: tuple[Feature, ...],
    limit_mm: float,
) -> Finding:
    is_slot = kind is FeatureKind.GAP
    return CHECK.says(
        status,
        _told(features, limit_mm, is_slot=is_slot),
        measured=features[0].size,
        limit=limit_mm,
        unit="mm",
        where=where_features(context, features),
        source=said("process: design.static_gap_mm") if is_slot else None,
        details=named(features),
    )


def _told(features: tuple[Feature, ...], limit_mm: float, *, is_slot: bool) -> Said:
    values = {
        "count": len(features),
        "name": features[0].id,
        "size": features[0].nominal,
        "length": features[0].length_mm,
        "limit": limit_mm,
    }
    if is_slot:
        return said(
            "narrow slots: {count}, the narrowest {name} of {size:.3f} mm, {length:.1f} mm long; "
            "{limit:g} mm are wanted",
            **values,
        )
    return said(
        "thin ribs: {count}, the thinnest {name} of {size:.3f} mm, {length:.1f} mm long; "
        "{limit:g} mm are wanted",
        **values,
    )


CHECK = Check(
    "FEA-07",
    said("Ribs and slots"),
    said("process: design.feature_mm"),
    run,
    (facets, unit),
)
