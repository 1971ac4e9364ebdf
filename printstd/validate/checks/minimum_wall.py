"""THK-01: Minimum wall

What it demands
    Walls are at least as thick as the nozzle is wide, floors and roofs at least one layer. Walls
    below the material's recommended minimum are warned about; so are walls that are held along
    one side only and thin for that.

Why
    A wall thinner than one line is left out by the slicer or drawn too thick. A floor thinner than
    a layer is a hole. A thin wall that nothing holds but its foot sways while it is printed.

How it is measured
    Points are spread over the surface at a fixed density, at least one per facet. From each, a
    ray goes straight inwards; it counts where it leaves by a face opposed within 20 degrees and
    the way back agrees within 10 %. Knife edges (FEA-03) and rims thus do not read as walls.
    Distances are those to the plane of the facet that was hit; between cylinders, and between a
    cylinder and a plane, they are those of the fitted shapes, without the error of the chords.
    Thickness does not depend on how the part lies; the limit does, evenly: a wall of thickness t
    whose normal stands at an angle f to the vertical measures t / sin f within a layer, which is
    held against the width of a line, and t / cos f straight up, which is held against a layer.
    The limit given is the thickness at which the stricter of the two is just met.
    Thin points are grouped. A group smaller than one nozzle in every direction is reported only;
    one smaller than 2 x 2 mm is a spot, such as a hole that almost breaks through, and is warned
    about; anything larger is a wall. A flat wall is free where the edges at which it meets other
    material lie on one side of it.
    A thin place smaller than the distance between points, given in the finding, can be missed,
    unless a facet of its own makes it.

Example
    A tube with a wall of 0.30 mm for a 0.4 mm nozzle fails. A rib of 0.9 mm that stands on a plate
    is warned about; a web of 0.9 mm between two posts is not.

Standard and clause
    Facts of design guides: wall below one line width fails, below 0.8 mm (PLA) is warned about;
    free-standing below 0.8 mm and 1.0 mm; smallest feature worth designing 2 mm. Printer:
    nozzle_mm; material: min_wall_mm; process: layer_height_mm, design.free_wall_mm
"""

from __future__ import annotations

from enum import Enum

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.kernels.distinct import distinct
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import closed_surface, facets, unit
from printstd.validate.places import SPOT_MM, Place, figures, places, ranked, where_places
from printstd.validate.thickness import Readings, material_behind, refined_least_mm, spread
from printstd.words import Said, said

_SLACK_MM = 1e-3
"""A wall drawn at the limit may read this much less: chords of curved walls, float32."""

_FLAT_COSINE = 0.99
_FLAT_SHARE = 0.95
_ONE_SIDED = 0.9
_LEAST_HOLD_DEG = 1.0

_FREE_SOURCE = said("process: design.free_wall_mm")


def run(context: CheckContext) -> tuple[Finding, ...]:
    profile = context.resolved
    layer_mm, nozzle_mm = profile.process.layer_height_mm, profile.nozzle_mm
    wanted_mm = profile.material.min_wall_mm
    free = profile.process.design.limits("free_wall_mm", nozzle_mm)
    spacing = context.once(spread).spacing_mm
    link = max(nozzle_mm, 3 * spacing)

    walls = context.once(material_behind)
    walls = walls.only(~walls.is_edge)
    up = np.abs(context.shapes.normal[walls.facet] @ context.rotation[2])
    sine = np.sqrt(np.maximum(1.0 - up * up, 0.0))
    # What lies flat to a degree has no width within a layer to speak of.
    sine = np.where(up > np.cos(np.deg2rad(1.0)), 0.0, sine)
    least = np.maximum(nozzle_mm * sine, layer_mm * up)
    within = np.maximum(wanted_mm, free.warn_mm) * sine

    below = walls.distance_mm < least - _SLACK_MM
    found = _broken(context, places(walls.only(below), least[below], link), spacing)
    poor = ~below & (walls.distance_mm < within - _SLACK_MM)
    weak = [
        place
        for place in places(walls.only(poor), sine[poor], link)
        if place.length_mm >= nozzle_mm
    ]
    standing = [_stands_free(context, place.readings) for place in weak]
    free_mm = max(free.warn_mm, wanted_mm)
    for is_free, fail_mm, warn_mm in ((True, free.fail_mm, free_mm), (False, 0.0, wanted_mm)):
        own = [place for place, stands in zip(weak, standing, strict=True) if stands == is_free]
        found += _weak(context, own, is_free, fail_mm, warn_mm, spacing)
    return tuple(found) or (
        CHECK.says(
            Status.PASS,
            said("no wall is thinner than {limit:g} mm", limit=wanted_mm),
            measured=None,
            limit=wanted_mm,
            unit="mm",
            details=((said("distance between points"), said("{mm:.2f} mm", mm=spacing)),),
        ),
    )


def _broken(context: CheckContext, groups: list[Place], spacing: float) -> list[Finding]:
    """Below what a bead or a layer needs."""
    found = []
    for status, own in ranked(groups, context.resolved.nozzle_mm):
        for is_wall in (True, False):
            own_kind = [g for g in own if _is_wall(context, g) == is_wall]
            if own_kind:
                found.append(
                    _finding(context, status, own_kind, _broken_kind(status, is_wall), spacing)
                )
    return found


def _weak(
    context: CheckContext,
    groups: list[Place],
    is_free: bool,
    fail_mm: float,
    warn_mm: float,
    spacing: float,
) -> list[Finding]:
    """Printable and thin. `limit_mm` of each group is the sine of its lean."""
    found = []
    left = groups
    for status, limit in ((Status.FAIL, fail_mm), (Status.WARN, warn_mm)):
        own = [
            g._replace(limit_mm=limit * g.limit_mm)
            for g in left
            if g.least_mm < limit * g.limit_mm - _SLACK_MM
            and (status is Status.WARN or g.width_mm >= SPOT_MM)
        ]
        if own:
            told = {id(g.readings) for g in own}
            left = [g for g in left if id(g.readings) not in told]
            source = _FREE_SOURCE if is_free else said("material: min_wall_mm")
            kind = _Kind.FREE_WALL if is_free else _Kind.THIN_WALL
            found.append(_finding(context, status, own, kind, spacing, source))
    return found


class _Kind(Enum):
    """What a thin place is to its limit."""

    WALL = 0
    SKIN = 1
    WALL_SPOT = 2
    SKIN_SPOT = 3
    SPECK = 4
    THIN_WALL = 5
    FREE_WALL = 6


def _told(kind: _Kind, least: float, limit: float, places: int, area: float) -> Said:
    figures = {"least": least, "limit": limit, "places": places, "area": area}
    match kind:
        case _Kind.WALL:
            return said(
                "wall: {least:.3f} mm at the thinnest (places: {places}, {area:.2f} mm2); "
                "no line fits into less than {limit:.3g} mm there",
                **figures,
            )
        case _Kind.SKIN:
            return said(
                "skin: {least:.3f} mm at the thinnest (places: {places}, {area:.2f} mm2); "
                "no layer fits into less than {limit:.3g} mm there",
                **figures,
            )
        case _Kind.WALL_SPOT:
            return said(
                "thin spot in a wall: {least:.3f} mm at the thinnest (places: {places}, "
                "{area:.2f} mm2); no line fits into less than {limit:.3g} mm there",
                **figures,
            )
        case _Kind.SKIN_SPOT:
            return said(
                "thin spot in a skin: {least:.3f} mm at the thinnest (places: {places}, "
                "{area:.2f} mm2); no layer fits into less than {limit:.3g} mm there",
                **figures,
            )
        case _Kind.SPECK:
            return said(
                "thin speck, smaller than the nozzle: {least:.3f} mm at the thinnest (places: "
                "{places}, {area:.2f} mm2); {limit:.3g} mm would be wanted",
                **figures,
            )
        case _Kind.THIN_WALL:
            return said(
                "thin wall: {least:.3f} mm at the thinnest (places: {places}, {area:.2f} mm2); "
                "the material wants walls of {limit:.3g} mm",
                **figures,
            )
        case _Kind.FREE_WALL:
            return said(
                "free-standing wall: {least:.3f} mm at the thinnest (places: {places}, "
                "{area:.2f} mm2); a wall that is held on one side wants {limit:.3g} mm",
                **figures,
            )


def _broken_kind(status: Status, is_wall: bool) -> _Kind:
    if status is Status.INFO:
        return _Kind.SPECK
    if status is Status.WARN:
        return _Kind.WALL_SPOT if is_wall else _Kind.SKIN_SPOT
    return _Kind.WALL if is_wall else _Kind.SKIN


def _is_wall(context: CheckContext, place: Place) -> bool:
    """It is the width of a line that its limit comes from, not the height of a layer."""
    facet = place.readings.facet[int(np.argmin(place.readings.distance_mm))]
    up = abs(float(context.shapes.normal[facet] @ context.rotation[2]))
    sine = float(np.sqrt(max(1.0 - up * up, 0.0)))
    return context.resolved.nozzle_mm * sine >= context.resolved.process.layer_height_mm * up


def _stands_free(context: CheckContext, readings: Readings) -> bool:
    """A flat wall that meets other material on one side only, or nowhere."""
    own = distinct(readings.facet)
    normal, area = context.shapes.normal[own], context.shapes.area[own]
    main = normal[int(np.argmax(area))]
    flat = np.abs(normal @ main) > _FLAT_COSINE
    if area[flat].sum() < _FLAT_SHARE * area.sum():
        return False
    is_own = np.zeros(len(context.faces), bool)
    is_own[own[flat]] = True
    folds = context.folds
    holds = ~folds.is_convex & (folds.angle_deg > _LEAST_HOLD_DEG)
    rows = np.flatnonzero(holds & (is_own[folds.first] | is_own[folds.second]))
    if not len(rows):
        return True
    facet = np.where(is_own[folds.first[rows]], folds.first[rows], folds.second[rows])
    ends = context.vertices_mm[context.edges.vertices[folds.edge[rows]]]
    run = ends[:, 1] - ends[:, 0]
    # Its length is that of the edge, as the normal is square to it.
    outward = np.cross(run, context.shapes.normal[facet])
    to_edge = ends.mean(axis=1) - context.vertices_mm[context.faces[facet]].mean(axis=1)
    outward *= np.where((outward * to_edge).sum(axis=1) < 0, -1.0, 1.0)[:, None]
    total = outward.sum(axis=0)
    length = float(np.sqrt((run * run).sum(axis=1)).sum())
    return bool(np.sqrt(total @ total) >= _ONE_SIDED * length)


def _finding(
    context: CheckContext,
    status: Status,
    groups: list[Place],
    kind: _Kind,
    spacing: float,
    source: str | None = None,
) -> Finding:
    values = [refined_least_mm(context, g.readings, spacing) for g in groups]
    share = [value / g.limit_mm for value, g in zip(values, groups, strict=True)]
    worst = int(np.argmin(share))
    least, limit = values[worst], groups[worst].limit_mm
    area = sum(group.area_mm2 for group in groups)
    return CHECK.says(
        status,
        _told(kind, least, limit, len(groups), area),
        measured=round(least, 6),
        limit=limit,
        unit="mm",
        where=where_places(context, groups),
        source=source,
        details=figures(groups, spacing),
    )


CHECK = Check(
    "THK-01",
    said("Minimum wall"),
    said("printer: nozzle_mm; material: min_wall_mm; process: layer_height_mm"),
    run,
    (facets, unit, closed_surface),
)
