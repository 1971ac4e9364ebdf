"""PRN-07: Fits the build volume

What it demands
    The part, as placed, lies within the printer's printable volume, and not where a clip or
    another thing stands that the profile names.

Why
    What lies outside is cut off by the firmware or drives an axis into its stop.

How it is measured
    The box of the placed part, larger by what the material shrinks, against the printer's
    limits, axis by axis, and against the places to keep out of. Without a declared placement the
    part is put at the middle of the bed, so its extents count. Where it does not fit, what would
    help is tried and said: a quarter turn about Z; the turn about Z, of all whole tenths of a
    degree, that leaves most room; then the 24 poses along the axes.

Example
    A plate of 203.2 x 304.8 mm on a bed of 250 x 210 mm is 94.8 mm too long in Y; turned, it is
    54.8 mm too long in X.

Standard and clause
    Printer profile, volume; "build volume": ISO/ASTM 52900
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels.facets import used_vertices
from printstd.kernels.turn_to_fit import best_turn
from printstd.profiles.models import Printer
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets, printer
from printstd.words import Said, listed, said

_SLACK_MM = 1e-3
"""Placements are whole micrometres: a part that stands on the bed may dip half of one into it."""


def run(context: CheckContext) -> tuple[Finding, ...]:
    profile = context.resolved.printer
    assert profile is not None  # `needs` has seen to it
    volume = _volume(profile)
    box = _placed(context, volume)
    extents, room = box[1] - box[0], volume[1] - volume[0]
    over = np.maximum(volume[0] - box[0], 0) + np.maximum(box[1] - volume[1], 0)
    size = said("{x:.2f} x {y:.2f} x {z:.2f} mm", x=extents[0], y=extents[1], z=extents[2])
    whole = said("{x:g} x {y:g} x {z:g} mm", x=room[0], y=room[1], z=room[2])
    details: list[tuple[str, str]] = [(said("part"), size), (said("volume"), whole)]
    place = (Where(frame="bed", box_mm=_six(box)),)
    machine = f"{profile.vendor} {profile.model}"
    in_the_way = _in_the_way(profile, box)
    if (over <= _SLACK_MM).all() and in_the_way is not None:
        return (
            CHECK.says(
                Status.FAIL,
                said(
                    "the part stands where {machine} has {what}; the largest free place is "
                    "{x:g} x {y:g} mm",
                    machine=machine,
                    what=in_the_way,
                    x=_free(profile)[0],
                    y=_free(profile)[1],
                ),
                measured=float(extents[:2].max()),
                limit=max(_free(profile)),
                unit="mm",
                where=place,
                details=tuple(details),
            ),
        )
    if (over <= _SLACK_MM).all():
        axis = int(np.argmin(room - extents))
        return (
            CHECK.says(
                Status.PASS,
                said("the part of {size} fits {machine}", size=size, machine=machine),
                measured=extents[axis],
                limit=room[axis],
                unit="mm",
                where=place,
                details=tuple(details),
            ),
        )
    axis = int(np.argmax(over))
    beyond = listed(
        said("{mm:.2f} mm in {axis}", mm=over[k], axis="XYZ"[k])
        for k in range(3)
        if over[k] > _SLACK_MM
    )
    return (
        CHECK.says(
            Status.FAIL,
            said(
                "the part reaches beyond the volume of {machine} by {beyond}; {advice}",
                machine=machine,
                beyond=beyond,
                advice=_advice(context, extents, room),
            ),
            measured=extents[axis],
            limit=room[axis],
            unit="mm",
            where=place,
            details=tuple(details),
        ),
    )


def _in_the_way(profile: Printer, box: NDArray[np.float64]) -> str | None:
    """What stands where the part is to stand."""
    (x0, y0), (x1, y1) = box[0, :2], box[1, :2]
    for zone in profile.volume.keep_out:
        if x0 < zone.x_max_mm and x1 > zone.x_min_mm and y0 < zone.y_max_mm and y1 > zone.y_min_mm:
            return zone.what
    return None


def _free(profile: Printer) -> tuple[float, float]:
    """The largest place beside all that, mm along X and Y."""
    x0, y0, x1, y1 = profile.volume.rooms_mm()[0]
    return (x1 - x0, y1 - y0)


def _volume(profile: Printer) -> NDArray[np.float64]:
    """(2, 3) float64, mm, bed frame."""
    limits = profile.volume
    return np.array(
        [
            [limits.x_min_mm, limits.y_min_mm, 0.0],
            [limits.x_max_mm, limits.y_max_mm, limits.z_max_mm],
        ]
    )


def _placed(context: CheckContext, volume: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, 3) float64, mm, bed frame: the part's box where it will be printed, as large as it is
    printed so that what is left after shrinking is nominal."""
    material = context.resolved.material
    in_xy, in_z = (
        round(1e6 / (1.0 - ratio)) / 1e6
        for ratio in (material.shrinkage_xy_ratio, material.shrinkage_z_ratio)
    )
    used = used_vertices(len(context.standing_mm), context.faces)
    corners = context.standing_mm.compress(used, axis=0) * np.array([in_xy, in_xy, in_z])
    box = np.stack([(axis.min(), axis.max()) for axis in corners.T], axis=1)
    if context.placement is not None:
        return np.asarray(box + np.array(context.placement.translation_um) / 1e3, np.float64)
    shift = volume.mean(axis=0) - box.mean(axis=0)
    shift[2] = -box[0, 2]
    return np.asarray(box + shift, np.float64)


def _advice(context: CheckContext, extents: NDArray[np.float64], room: NDArray[np.float64]) -> Said:
    """What helps: moving, a turn about Z, one of the 24 poses along the axes, or none of them."""
    if (extents <= room + _SLACK_MM).all():
        return said("its size fits, so move it onto the bed")
    if (extents[[1, 0, 2]] <= room + _SLACK_MM).all():
        return said("turned by 90 degrees about Z it fits (--rotate 0,0,90)")
    turn = best_turn(_outline(context), (room[0], room[1]))
    if turn is not None and extents[2] <= room[2] + _SLACK_MM:
        return said(
            "turned by {deg:.1f} degrees about Z it fits (--rotate 0,0,{deg:.1f})", deg=turn
        )
    if (np.sort(extents) <= np.sort(room) + _SLACK_MM).all():
        return said("laid on another side it fits (--rotate)")
    return said("no turn about Z and no other side that it is laid on helps")


def _outline(context: CheckContext) -> NDArray[np.float64]:
    """(p, 2) float64, mm: what the part covers of the bed, as large as it is printed."""
    used = used_vertices(len(context.standing_mm), context.faces)
    grow = 1.0 / (1.0 - context.resolved.material.shrinkage_xy_ratio)
    return np.asarray(context.standing_mm[used][:, :2] * grow, np.float64)


def _six(box: NDArray[np.float64]) -> tuple[float, float, float, float, float, float]:
    a, b, c, d, e, f = (round(float(value), 6) + 0.0 for value in box.reshape(-1))
    return a, b, c, d, e, f


CHECK = Check(
    "PRN-07", said("Fits the build volume"), said("printer: volume"), run, (facets, printer)
)
