"""PRN-01: Needs supports

What it demands
    Every layer rests on the layer below it, or spans a gap in it that a bridge can cross.

Why
    What is laid over nothing sags or falls. Turn the part, change it, have supports laid under it
    (`--set supports.enabled=true`), or print it knowing what will hang.

How it is measured
    The part is cut into the layers that it is printed in, as it stands on the bed: of several
    heights, if the process has such, and without its negative volumes. A bead is carried if its
    middle lies no further than half a nozzle outside the section below. Of what is not, areas
    narrower than an external perimeter are left out: their beads still touch carried ones. An
    area counts as a bridge if, in the best of all directions, at most a tenth of its threads has a
    free end and none is longer than `integrity.max_air_mm`. Everything else hangs. Where supports
    are enabled that is what they are laid for, and no warning; `slice` tells what they could not
    reach: where nothing fits between two faces of the part, or where none may stand on the part.
    Beside it stands how much of the underside is flatter than the two angles of design guides,
    measured from the build plate, without what lies on it: that alone is no fault, since the layer
    below may carry it all the same, and the sections say whether it does.

Example
    The arm of a T, 10 mm long and 5 mm wide, hangs with 50 mm2; the lintel of a gate 8 mm wide
    is a bridge.

Standard and clause
    Facts of design guides: bridges up to 10 mm print without a warning; facts of slicers 2.5, E1.
    Process: integrity.max_air_mm, widths.external_perimeter_mm, printability.overhang_warn_deg
    and overhang_fail_deg; printer: nozzle_mm
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels.hanging import Hanging
from printstd.kernels.overhang import hanging_of
from printstd.units import NM_PER_MM
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import closed_surface, cut_layers, facets
from printstd.validate.printed import PrintedLayers, reach_of
from printstd.words import said

Details = tuple[tuple[str, str], ...]


def run(context: CheckContext) -> tuple[Finding, ...]:
    printed = context.printed
    assert printed is not None  # `needs` has seen to it
    return (_of_layers(printed, _undersides(context)),)


def _of_layers(printed: PrintedLayers, undersides: Details) -> Finding:
    """Each piece by its own settings: what no supports are laid under, or if there is nothing of
    that kind what they are."""
    found: dict[Supporting, list[Hanging]] = {Supporting.NONE: [], Supporting.PLANNED: []}
    for piece in printed.pieces:
        kind = Supporting.PLANNED if piece.has_supports else Supporting.NONE
        found[kind] += hanging_of(piece.unsupported, reach_of(piece.resolved))
    planned = all(piece.has_supports for piece in printed.pieces)
    supports = Supporting.NONE if found[Supporting.NONE] else Supporting.PLANNED
    if not found[supports] and not planned:
        supports = Supporting.NONE
    return told(
        found[supports],
        printed.tops_mm,
        frame=printed.frame,
        shift_mm=printed.shift_mm,
        supports=supports,
        details=undersides,
    )


def _undersides(context: CheckContext) -> Details:
    """How much of the underside is flatter than the angles of design guides, without what lies
    within the first layer."""
    limits = context.resolved.process.printability
    normal_z = (context.shapes.normal @ context.rotation.T)[:, 2]
    z = context.standing_mm[context.faces][:, :, 2]
    first = context.resolved.process.first_layer_height_mm
    is_over = (z.max(axis=1) > z.min() + first) & context.has_area & (normal_z < 0)
    angle_deg = np.degrees(np.arccos(np.clip(-normal_z[is_over], 0.0, 1.0)))
    area = context.shapes.area[is_over]
    flattest = float(angle_deg.min()) if len(area) else 90.0
    rows = [(said("flattest underside"), said("{angle:.1f} deg from the plate", angle=flattest))]
    for limit in (limits.overhang_warn_deg, limits.overhang_fail_deg):
        flat = float(area[angle_deg < limit].sum())
        name = said("underside below {limit:g} deg", limit=limit)
        rows.append((name, said("{area:.1f} mm2", area=flat)))
    return tuple(rows)


class Supporting(Enum):
    """What the areas that hang are to their supports."""

    NONE = 0
    """There are none."""
    PLANNED = 1
    """They will be laid under them."""
    LAID = 2
    """They are laid, and these areas are left."""


def told(
    areas: Sequence[Hanging],
    tops_mm: Sequence[float],
    *,
    frame: str = "bed",
    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
    supports: Supporting = Supporting.NONE,
    details: Details = (),
) -> Finding:
    """The finding about what hangs. tops_mm : of every layer, above the part's lowest point.
    shift_mm : from the areas' own coordinates to the frame's. details : more to say."""
    if not areas:
        message = said("every layer rests on the one below or bridges a gap in it")
        if supports is Supporting.LAID:
            message = said(
                "every layer rests on the one below or on supports, or bridges a gap in it"
            )
        return CHECK.says(
            Status.PASS, message, measured=0.0, limit=0.0, unit="mm2", details=details
        )
    largest = sorted(areas, key=lambda a: (-a.area_mm2, a.layer, a.low_nm))
    total = sum(area.area_mm2 for area in areas)
    lowest = min(areas, key=lambda a: a.layer)
    kinds = (
        (said("in the air"), sum(a.is_island for a in areas)),
        (said("bridges too long"), sum(a.span_nm is not None for a in areas)),
    )
    z_mm = tops_mm[lowest.layer]
    message = {
        Supporting.NONE: said(
            "areas hang over nothing: {count}, {total:.1f} mm2 in all, from Z {z:.2f} mm up; "
            "supports are off: turn them on (--set supports.enabled=true), turn the part "
            "(--rotate) or expect it to sag there",
            count=len(areas),
            total=total,
            z=z_mm,
        ),
        Supporting.PLANNED: said(
            "areas hang over nothing: {count}, {total:.1f} mm2 in all, from Z {z:.2f} mm up; "
            "supports are laid under them",
            count=len(areas),
            total=total,
            z=z_mm,
        ),
        Supporting.LAID: said(
            "areas hang over nothing: {count}, {total:.1f} mm2 in all, from Z {z:.2f} mm up; no "
            "support reaches them: turn the part (--rotate) or expect it to sag there",
            count=len(areas),
            total=total,
            z=z_mm,
        ),
    }[supports]
    return CHECK.says(
        Status.INFO if supports is Supporting.PLANNED else Status.WARN,
        message,
        measured=total,
        limit=0.0,
        unit="mm2",
        where=tuple(place(area, tops_mm, frame, shift_mm) for area in largest[:MOST_PLACES]),
        details=(
            (said("largest"), said("{area:.2f} mm2", area=largest[0].area_mm2)),
            *((name, str(number)) for name, number in kinds if number),
            *details,
        ),
    )


def place(
    area: Hanging, tops_mm: Sequence[float], frame: str, shift_mm: tuple[float, float, float]
) -> Where:
    """The box of an area that no layer carries, and its layer."""
    x0, y0 = (v / NM_PER_MM + s for v, s in zip(area.low_nm, shift_mm[:2], strict=True))
    x1, y1 = (v / NM_PER_MM + s for v, s in zip(area.high_nm, shift_mm[:2], strict=True))
    z1 = tops_mm[area.layer] + shift_mm[2]
    z0 = (tops_mm[area.layer - 1] if area.layer else 0.0) + shift_mm[2]
    box = tuple(round(value, 3) + 0.0 for value in (x0, y0, z0, x1, y1, z1))
    return Where(
        frame=frame, box_mm=(box[0], box[1], box[2], box[3], box[4], box[5]), layer=area.layer
    )


CHECK = Check(
    "PRN-01",
    said("Needs supports"),
    said("process: integrity.max_air_mm"),
    run,
    (facets, closed_surface, cut_layers),
)
