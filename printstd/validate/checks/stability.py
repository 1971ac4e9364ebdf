"""PRN-04: Stands by itself

What it demands
    At every height, what is printed so far has its centre of mass over its foot, by so much that
    the moves of the bed do not tip it.

Why
    A part whose centre of mass leaves its foot hangs on the bed by its adhesion alone, and a tall
    thin one is shaken loose by a bed that moves under it. That happens at half height, too, before
    the mass that would balance it is there.

How it is measured
    Volume and centre of mass of all layers up to each height, of the solid part. The foot is the
    convex hull of the first layer, wider by the brim, or by the raft's margin. The margin is the
    distance of the centre from the hull's border, negative outside; the tilt is the angle
    by which the part must be tipped to fall: atan(margin / height of the centre). It falls off a
    bed that moves when the bed's acceleration is above g times margin over height; adhesion is what
    is left out, so this warns, and does not fail.

Example
    A plain box of 20 mm stands up to a tilt of 45 degrees. A tube of 5 mm, 61 mm high, tips at 4.8,
    and a bed of 1 m/s2 tips what falls at 5.8.

Standard and clause
    Statics; process: accelerations.default_mm_s2 (or the printer's print_accel_mm_s2),
    printability.tipping_share, adhesion.brim_width_mm
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels import clip
from printstd.kernels.rings import Rings, next_index
from printstd.units import NM_PER_MM
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import closed_surface, cut_layers, facets
from printstd.words import said

_G_MM_S2 = 9806.65
"""Standard gravity."""


def run(context: CheckContext) -> tuple[Finding, ...]:
    printed = context.printed
    assert printed is not None  # `needs` has seen to it
    hull = clip.hull(printed.sections[0])
    sums, heights = printed.sums, printed.heights_mm
    volume = np.cumsum(sums.area_mm2 * heights)
    if hull.is_empty:
        return (
            CHECK.says(
                Status.NOT_EVALUATED,
                said("the first layer is too small to have a foot (PRN-05)"),
            ),
        )
    tops = np.asarray(printed.tops_mm)
    whole = np.maximum(volume, 1e-12)
    centre = np.cumsum(sums.moment_mm3 * heights[:, None], axis=0) / whole[:, None]
    z = np.cumsum(sums.area_mm2 * heights * (tops - heights / 2)) / whole
    margin = _margins(hull, centre) + _wider_by_mm(context)
    is_there = sums.area_mm2 > 0
    tilt = np.where(is_there, np.degrees(np.arctan2(margin, z)), np.inf)
    # To a microdegree: of equal heights the lowest, whatever the last bits say.
    layer = int(np.argmin(np.round(tilt, 6)))
    least, bed = float(tilt[layer]), _bed_mm_s2(context)
    share = context.resolved.process.printability.tipping_share
    limit = float(np.degrees(np.arctan(share * bed / _G_MM_S2)))
    point = (centre[layer, 0], centre[layer, 1], z[layer])
    place = Where(
        frame=printed.frame,
        point_mm=_shifted(point, printed.shift_mm),
        layer=layer,
    )
    message = said(
        "the part stands: it tips at {tilt:.1f} deg, at Z {z:.2f} mm the least",
        tilt=least,
        z=tops[layer],
    )
    status = Status.PASS
    if margin[layer] <= 0:
        status = Status.WARN
        message = said(
            "at Z {z:.2f} mm the centre of mass is {mm:.2f} mm outside the foot: only adhesion "
            "holds the part; turn it, or print a brim or supports",
            z=tops[layer],
            mm=-margin[layer],
        )
    elif least < limit:
        status = Status.WARN
        message = said(
            "at Z {z:.2f} mm the part tips at {tilt:.1f} deg, and a bed that moves at {bed:.0f} "
            "mm/s2 tips what falls at {limit:.1f}: lay it down or print a brim",
            z=tops[layer],
            tilt=least,
            bed=bed,
            limit=limit,
        )
    return (
        CHECK.says(
            status,
            message,
            measured=round(least, 6),
            limit=limit,
            unit="deg",
            where=(place,),
            details=(
                (said("margin"), said("{mm:.3f} mm", mm=margin[layer])),
                (said("height of the centre"), said("{mm:.3f} mm", mm=z[layer])),
                (
                    said("acceleration that tips it"),
                    said("{a:.0f} mm/s2", a=max(0.0, _G_MM_S2 * margin[layer] / z[layer])),
                ),
                (said("margin when finished"), said("{mm:.3f} mm", mm=margin[is_there][-1])),
            ),
        ),
    )


def _bed_mm_s2(context: CheckContext) -> float:
    asked = context.resolved.process.accelerations.default_mm_s2
    printer = context.resolved.printer
    if asked or printer is None:
        return asked
    return printer.motion.print_accel_mm_s2


def _wider_by_mm(context: CheckContext) -> float:
    process = context.resolved.process
    if process.raft.layers:
        return process.raft.expansion_mm
    return process.adhesion.brim_width_mm


def _margins(hull: Rings, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """(l,) float64, mm: of each point from the border of one convex ring, wound counter-clockwise;
    negative outside."""
    a = hull.xy_nm / NM_PER_MM
    step = a[next_index(hull)] - a
    inward = np.stack([-step[:, 1], step[:, 0]], axis=1)
    inward /= np.sqrt((inward * inward).sum(axis=1))[:, None]
    away = points_mm[:, None, :] - a[None]
    return np.asarray((away * inward).sum(axis=2).min(axis=1), np.float64)


def _shifted(
    point: tuple[float, float, float], shift: tuple[float, float, float]
) -> tuple[float, float, float]:
    x, y, z = (round(float(p + s), 3) + 0.0 for p, s in zip(point, shift, strict=True))
    return x, y, z


CHECK = Check(
    "PRN-04",
    said("Stands by itself"),
    said("statics; process: accelerations.default_mm_s2, printability.tipping_share"),
    run,
    (facets, closed_surface, cut_layers),
)
