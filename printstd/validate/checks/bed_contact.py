"""PRN-05: Hold on the bed

What it demands
    The part touches the bed with enough of itself to stay there.

Why
    Adhesion grows with the area. A part on a point, an edge or a few thin feet lets go, and what is
    printed then is string.

How it is measured
    The section of the first layer, half-way up: its area in all, the smallest of its separate
    feet, and how slender the part is, its height over the square root of the area. A brim or a raft
    is what helps, so with one the figures are told and no more.

Example
    A cube of 20 mm holds with 400 mm2 and is 1 high over its foot. A ball that touches the bed with
    a disc of 3 mm has 7 mm2.

Standard and clause
    Process: printability.contact_warn_mm2, adhesion.brim_width_mm, raft.layers
"""

from __future__ import annotations

import numpy as np

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels.clip import islands
from printstd.kernels.rings import area_mm2
from printstd.units import NM_PER_MM
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import closed_surface, cut_layers, facets
from printstd.validate.printed import PrintedLayers
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    printed = context.printed
    assert printed is not None  # `needs` has seen to it
    process = context.resolved.process
    feet = sorted(area_mm2(island) for island in islands(printed.sections[0]))
    area = float(sum(feet))
    there = np.flatnonzero(printed.sums.area_mm2 > 0)
    height = printed.tops_mm[int(there[-1])] if len(there) else 0.0
    limit = process.printability.contact_warn_mm2
    is_helped = process.raft.layers > 0 or process.adhesion.brim_width_mm > 0
    status = Status.PASS
    message = said("the part holds on the bed with {area:.1f} mm2", area=area)
    if area < limit and is_helped:
        status = Status.INFO
        message = said(
            "the part holds on the bed with {area:.1f} mm2, and a brim or a raft helps", area=area
        )
    elif area < limit:
        status = Status.WARN
        message = said(
            "the part holds on the bed with {area:.1f} mm2 only: print a brim (--set "
            "adhesion.brim_width_mm=5), or turn it (--orient)",
            area=area,
        )
    details = [(said("feet"), str(len(feet)))]
    if feet:
        details += [
            (said("smallest foot"), said("{area:.2f} mm2", area=feet[0])),
            (
                said("height over the square root of the area"),
                said("{ratio:.2f}", ratio=height / np.sqrt(area)),
            ),
        ]
    return (
        CHECK.says(
            status,
            message,
            measured=area,
            limit=limit,
            unit="mm2",
            where=(_foot(printed),),
            details=tuple(details),
        ),
    )


def _foot(printed: PrintedLayers) -> Where:
    rings = printed.sections[0]
    shift = np.array(printed.shift_mm)
    if rings.is_empty:
        x, y, z = (round(float(v), 3) + 0.0 for v in shift)
        return Where(frame=printed.frame, point_mm=(x, y, z), layer=0)
    low = rings.xy_nm.min(axis=0) / NM_PER_MM + shift[:2]
    high = rings.xy_nm.max(axis=0) / NM_PER_MM + shift[:2]
    box = [*low, shift[2], *high, printed.tops_mm[0] + shift[2]]
    a, b, c, d, e, f = (round(float(v), 3) + 0.0 for v in box)
    return Where(frame=printed.frame, box_mm=(a, b, c, d, e, f), layer=0)


CHECK = Check(
    "PRN-05",
    said("Hold on the bed"),
    said("process: printability.contact_warn_mm2"),
    run,
    (facets, closed_surface, cut_layers),
)
