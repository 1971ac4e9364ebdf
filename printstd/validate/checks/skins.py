"""THK-04: Floors and roofs in layers

What it demands
    Floors and roofs are at least 0.4 mm thick straight up, and 0.6 mm or they are warned about.

Why
    A skin of one or two layers shows the pattern below it, leaks, and tears when the part is taken
    from the bed.

How it is measured
    From the points of THK-01 whose surface lies flatter than 45 degrees and has an opposed face
    behind it, a ray goes straight up or down through the material, as the part stands, to a face
    opposed within 20 degrees. The distance over the height of a layer is the number of layers
    that can be laid there.
    Thin points are grouped. Only a group of 2 x 2 mm or more fails; a smaller one is warned about,
    and one smaller than a nozzle in every direction is reported only. Layers of several heights
    (`ranges`, `layers`) are counted as if all had `layer_height_mm`.

Example
    The lid of a box, 0.3 mm thick: one and a half layers of 0.2 mm. It fails.

Standard and clause
    Facts of design guides: top and bottom skin 0.6 mm at least, 1.2 mm recommended. Process:
    design.skin_mm, layer_height_mm
"""

from __future__ import annotations

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.kernels.opposed_rays import cast
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import closed_surface, facets, unit
from printstd.validate.places import Place, figures, places, ranked, where_places
from printstd.validate.thickness import Readings, material_behind, spread
from printstd.words import said

_SLACK_MM = 1e-3
"""A skin drawn at the limit may read this much less: float32."""

_FLATTER_COSINE = float(np.sqrt(0.5))
_OPPOSED_COSINE = float(np.cos(np.deg2rad(20.0)))


def run(context: CheckContext) -> tuple[Finding, ...]:
    nozzle_mm = context.resolved.nozzle_mm
    limits = context.resolved.process.design.limits("skin_mm", nozzle_mm)
    spacing = context.once(spread).spacing_mm
    skins = _straight_up(context, limits.warn_mm)
    link = max(nozzle_mm, 3 * spacing)
    below = skins.distance_mm < limits.fail_mm - _SLACK_MM
    poor = ~below & (skins.distance_mm < limits.warn_mm - _SLACK_MM)
    torn = places(skins.only(below), np.full(int(below.sum()), limits.fail_mm), link)
    weak = places(skins.only(poor), np.full(int(poor.sum()), limits.warn_mm), link)
    found = [_finding(context, status, own, spacing) for status, own in ranked(torn, nozzle_mm)]
    large = [place for place in weak if place.length_mm >= nozzle_mm]
    if large:
        found.append(_finding(context, Status.WARN, large, spacing))
    return tuple(found) or (
        CHECK.says(
            Status.PASS,
            said("no floor or roof is thinner than {limit:g} mm", limit=limits.warn_mm),
            limit=limits.warn_mm,
            unit="mm",
            details=((said("distance between points"), said("{mm:.2f} mm", mm=spacing)),),
        ),
    )


def _straight_up(context: CheckContext, reach_mm: float) -> Readings:
    """Skins, with the distance straight through them instead of square to the surface."""
    walls = context.once(material_behind)
    up = context.shapes.normal[walls.facet] @ context.rotation[2]
    # Straight up is never shorter than square to the surface.
    kept = (np.abs(up) >= _FLATTER_COSINE) & (walls.distance_mm <= reach_mm) & ~walls.is_edge
    skins, up = walls.only(kept), up[kept]
    direction = -np.sign(up)[:, None] * context.rotation[2]
    hit = cast(
        context.vertices_mm,
        context.faces,
        context.shapes.normal,
        skins.point_mm,
        direction,
        reach=reach_mm,
    )
    # By a face on its border the ray would leave early.
    facing = (context.shapes.normal[skins.facet] * context.shapes.normal[hit.facet]).sum(axis=1)
    through = (hit.facet >= 0) & (facing <= -_OPPOSED_COSINE)
    return skins._replace(opposite=hit.facet, distance_mm=hit.distance).only(through)


def _finding(context: CheckContext, status: Status, groups: list[Place], spacing: float) -> Finding:
    least = min(group.least_mm for group in groups)
    limit = groups[0].limit_mm
    layer_mm = context.resolved.process.layer_height_mm
    return CHECK.says(
        status,
        said(
            "floor or roof: {least:.3f} mm at the thinnest, {layers:.1f} layers of {height:g} mm "
            "(places: {places}, {area:.2f} mm2); {limit:g} mm are wanted",
            least=least,
            layers=least / layer_mm,
            height=layer_mm,
            places=len(groups),
            area=sum(group.area_mm2 for group in groups),
            limit=limit,
        ),
        measured=least,
        limit=limit,
        unit="mm",
        where=where_places(context, groups),
        details=figures(groups, spacing),
    )


CHECK = Check(
    "THK-04",
    said("Floors and roofs in layers"),
    said("process: design.skin_mm"),
    run,
    (facets, unit, closed_surface),
)
