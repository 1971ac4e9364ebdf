"""PRN-07: Fits the build volume

What it demands
    The part, as placed, lies within the printer's printable volume.

Why
    What lies outside is cut off by the firmware or drives an axis into its stop.

How it is measured
    The box of the placed part, larger by what the material shrinks, against the printer's
    limits, axis by axis. Without a declared placement the part is put at the middle of the bed,
    so its extents count. Where it does not fit, a quarter turn about Z is tried and, if that
    helps, said.

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
from printstd.profiles.models import Printer
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets, printer

_SLACK_MM = 1e-3
"""Placements are whole micrometres: a part that stands on the bed may dip half of one into it."""


def run(context: CheckContext) -> tuple[Finding, ...]:
    profile = context.resolved.printer
    assert profile is not None  # `needs` has seen to it
    volume = _volume(profile)
    box = _placed(context, volume)
    extents, room = box[1] - box[0], volume[1] - volume[0]
    over = np.maximum(volume[0] - box[0], 0) + np.maximum(box[1] - volume[1], 0)
    size = " x ".join(f"{value:.2f}" for value in extents)
    details = (
        ("part", f"{size} mm"),
        ("volume", " x ".join(f"{value:g}" for value in room) + " mm"),
    )
    place = (Where(frame="bed", box_mm=_six(box)),)
    if (over <= _SLACK_MM).all():
        axis = int(np.argmin(room - extents))
        return (
            CHECK.says(
                Status.PASS,
                f"the part of {size} mm fits {profile.vendor} {profile.model}",
                measured=extents[axis],
                limit=room[axis],
                unit="mm",
                where=place,
                details=details,
            ),
        )
    axis = int(np.argmax(over))
    beyond = ", ".join(f"{over[k]:.2f} mm in {'XYZ'[k]}" for k in range(3) if over[k] > _SLACK_MM)
    return (
        CHECK.says(
            Status.FAIL,
            f"the part reaches beyond the volume of {profile.vendor} {profile.model} by {beyond}"
            + _advice(extents, room),
            measured=extents[axis],
            limit=room[axis],
            unit="mm",
            where=place,
            details=details,
        ),
    )


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
    corners = context.standing_mm[used] * np.array([in_xy, in_xy, in_z])
    box = np.stack([corners.min(axis=0), corners.max(axis=0)])
    if context.placement is not None:
        return np.asarray(box + np.array(context.placement.translation_um) / 1e3, np.float64)
    shift = volume.mean(axis=0) - box.mean(axis=0)
    shift[2] = -box[0, 2]
    return np.asarray(box + shift, np.float64)


def _advice(extents: NDArray[np.float64], room: NDArray[np.float64]) -> str:
    if (extents <= room + _SLACK_MM).all():
        return "; its size fits, so move it onto the bed"
    if (extents[[1, 0, 2]] <= room + _SLACK_MM).all():
        return "; turned by 90 degrees about Z it fits"
    if (np.sort(extents) <= np.sort(room) + _SLACK_MM).all():
        return "; laid on another side it fits"
    return "; turning it by right angles does not help"


def _six(box: NDArray[np.float64]) -> tuple[float, float, float, float, float, float]:
    a, b, c, d, e, f = (round(float(value), 6) + 0.0 for value in box.reshape(-1))
    return a, b, c, d, e, f


CHECK = Check("PRN-07", "Fits the build volume", "printer: volume", run, (facets, printer))
