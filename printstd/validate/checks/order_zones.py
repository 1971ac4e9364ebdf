"""ORD-04: Zones lie on the part

What it demands
    Every functional and every cosmetic zone of the order has some of the part's surface in it.

Why
    A zone beside the part protects nothing: it was drawn for another issue, in another unit or in
    another frame, and whoever relies on it has not noticed.

How it is measured
    A zone is a box in the frame of the file, in mm. Facets with a point in the box are counted
    (separating axes, exactly). None in a functional zone: FAIL; none in a cosmetic one: WARN.

Example
    A zone from (100 0 0) to (110 10 10) on a part that ends at 50 fails.

Standard and clause
    ISO/ASTM 52901:2017, functional and cosmetic zones (structure by previews, verified; not read in
    full)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels.box_overlap import triangles_in_box
from printstd.validate.check import Check, Reason
from printstd.validate.context import MOST_FACETS, CheckContext
from printstd.validate.needs import facets
from printstd.validate.recorded import order_of, order_record
from printstd.words import said

if TYPE_CHECKING:
    from printstd.profiles.order_models import OrderZone


def zones(context: CheckContext) -> Reason | None:
    """A need: the order has zones."""
    part = order_of(context).says.part
    if part.functional_zones or part.cosmetic_zones:
        return None
    return Status.NOT_APPLICABLE, said("the order names no zones")


def run(context: CheckContext) -> tuple[Finding, ...]:
    part = order_of(context).says.part
    return tuple(
        _of_zone(context, zone, is_functional)
        for found, is_functional in ((part.functional_zones, True), (part.cosmetic_zones, False))
        for zone in found
    )


def _of_zone(context: CheckContext, zone: OrderZone, is_functional: bool) -> Finding:
    corners = context.mesh.vertices_mm[context.faces]
    low, high = np.array(zone.min_mm), np.array(zone.max_mm)
    found = np.flatnonzero(triangles_in_box(corners, low, high))
    middle = (low + high) / 2
    place = Where(
        frame="model",
        point_mm=(float(middle[0]), float(middle[1]), float(middle[2])),
        box_mm=(*zone.min_mm, *zone.max_mm),
        facets=tuple(int(facet) for facet in found[:MOST_FACETS]),
    )
    if len(found):
        status = Status.PASS
        message = said("zone {name} holds some of the surface", name=zone.name)
    elif is_functional:
        status = Status.FAIL
        message = said(
            "functional zone {name} holds nothing of the part: check its frame, unit and issue",
            name=zone.name,
        )
    else:
        status = Status.WARN
        message = said(
            "cosmetic zone {name} holds nothing of the part: check its frame, unit and issue",
            name=zone.name,
        )
    return CHECK.says(status, message, measured=len(found), limit=1, unit="facets", where=(place,))


CHECK = Check(
    "ORD-04",
    said("Zones lie on the part"),
    said("the order: part.functional_zones, part.cosmetic_zones"),
    run,
    (order_record, zones, facets),
)
