"""THK-02: Gaps and clearance

What it demands
    Two faces of one body leave at least 0.1 mm of air between them, two bodies that lie side by
    side at least 0.2 mm. Gaps below 0.2 mm in a body and below 0.4 mm between bodies are warned
    about.

Why
    Beads come out a little wider than they were asked for, and the slicer closes what is narrower
    than `slice_closing_mm`. A slit then fuses, and a hinge that was to turn is one piece.

How it is measured
    The rays of THK-01, cast outwards: one counts where it meets a face opposed within 20 degrees
    and the way back agrees within 10 %. Between cylinders about one axis, such as a pin in its
    bore, the gap is the difference of the fitted radii, without the error of the chords. The air
    across a round hole is its diameter (FEA-05) and no gap. Whether the two faces belong to one
    body is told by the shells.
    Narrow points are grouped. Only a group of 2 x 2 mm or more fails; a smaller one is warned
    about, and one smaller than a nozzle in every direction is reported only.
    Bodies that touch leave no gap; GEO-09 and GEO-10 tell of them. A gap smaller than the
    distance between points, given in the finding, can be missed, unless a facet of its own makes
    it.

Example
    A slit of 0.08 mm fails. A pin of 5.0 mm in a bore of 5.5 mm has 0.25 mm of air on each side:
    as two bodies that are to turn it is warned about.

Standard and clause
    Facts of design guides: clearance of moving parts 0.5 mm, of fixed ones 0.2 to 0.3 mm.
    Process: design.static_gap_mm, design.moving_gap_mm
"""

from __future__ import annotations

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.profiles.design_models import Limits
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import closed_surface, facets, unit
from printstd.validate.places import Place, figures, places, ranked, where_places
from printstd.validate.thickness import Readings, air_before, patches, refined_least_mm, spread
from printstd.words import Said, said

_SLACK_MM = 1e-3
"""A gap drawn at the limit may read this much less: chords of curved walls, float32."""


def run(context: CheckContext) -> tuple[Finding, ...]:
    design, nozzle_mm = context.resolved.process.design, context.resolved.nozzle_mm
    air = context.once(air_before)
    label = context.once(patches).label
    shell = context.shells.labels
    across = (label[air.facet] >= 0) & (label[air.facet] == label[air.opposite])
    air = air.only(~across & ~air.is_edge)
    is_within = shell[air.facet] == shell[air.opposite]
    fixed = design.limits("static_gap_mm", nozzle_mm)
    moving = design.limits("moving_gap_mm", nozzle_mm)
    found = [
        *_findings(context, air.only(is_within), fixed, is_moving=False),
        *_findings(context, air.only(~is_within), moving, is_moving=True),
    ]
    if found:
        return tuple(found)
    least = float(air.distance_mm.min()) if len(air.facet) else None
    return (
        CHECK.says(
            Status.PASS,
            said("no gap is narrower than {limit:g} mm", limit=fixed.warn_mm)
            if context.shells.count < 2
            else said(
                "no gap is narrower than {limit:g} mm, and none between bodies than {moving:g} mm",
                limit=fixed.warn_mm,
                moving=moving.warn_mm,
            ),
            measured=least,
            limit=fixed.warn_mm,
            unit="mm",
            details=(
                (
                    said("distance between points"),
                    said("{mm:.2f} mm", mm=context.once(spread).spacing_mm),
                ),
            ),
        ),
    )


def _findings(
    context: CheckContext, air: Readings, limits: Limits, *, is_moving: bool
) -> list[Finding]:
    nozzle = context.resolved.nozzle_mm
    spacing = context.once(spread).spacing_mm
    link = max(nozzle, 3 * spacing)
    below = air.distance_mm < limits.fail_mm - _SLACK_MM
    poor = ~below & (air.distance_mm < limits.warn_mm - _SLACK_MM)
    fused = places(air.only(below), np.full(int(below.sum()), limits.fail_mm), link)
    narrow = places(air.only(poor), np.full(int(poor.sum()), limits.warn_mm), link)
    found = [
        _finding(context, status, own, spacing, is_moving=is_moving, is_fused=True)
        for status, own in ranked(fused, nozzle)
    ]
    large = [place for place in narrow if place.length_mm >= nozzle]
    if large:
        status = Status.WARN
        found.append(_finding(context, status, large, spacing, is_moving=is_moving, is_fused=False))
    return found


def _finding(
    context: CheckContext,
    status: Status,
    groups: list[Place],
    spacing: float,
    *,
    is_moving: bool,
    is_fused: bool,
) -> Finding:
    least = min(refined_least_mm(context, g.readings, spacing) for g in groups)
    limit = groups[0].limit_mm
    area = sum(group.area_mm2 for group in groups)
    return CHECK.says(
        status,
        _told(least, limit, len(groups), area, is_moving=is_moving, is_fused=is_fused),
        measured=least,
        limit=limit,
        unit="mm",
        where=where_places(context, groups),
        source=said("process: design.moving_gap_mm")
        if is_moving
        else said("process: design.static_gap_mm"),
        details=figures(groups, spacing),
    )


def _told(
    least: float, limit: float, places: int, area: float, *, is_moving: bool, is_fused: bool
) -> Said:
    figures = {"least": least, "limit": limit, "places": places, "area": area}
    if is_moving and is_fused:
        return said(
            "clearance between bodies: {least:.3f} mm at the narrowest (places: {places}, "
            "{area:.2f} mm2); below {limit:g} mm they are likely to fuse",
            **figures,
        )
    if is_moving:
        return said(
            "clearance between bodies: {least:.3f} mm at the narrowest (places: {places}, "
            "{area:.2f} mm2); bodies that shall move want {limit:g} mm",
            **figures,
        )
    if is_fused:
        return said(
            "gap: {least:.3f} mm at the narrowest (places: {places}, {area:.2f} mm2); "
            "below {limit:g} mm it is likely to fuse",
            **figures,
        )
    return said(
        "gap: {least:.3f} mm at the narrowest (places: {places}, {area:.2f} mm2); "
        "a gap that shall stay open wants {limit:g} mm",
        **figures,
    )


CHECK = Check(
    "THK-02",
    said("Gaps and clearance"),
    said("process: design.static_gap_mm, design.moving_gap_mm"),
    run,
    (facets, unit, closed_surface),
)
