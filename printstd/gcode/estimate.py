"""How long the print takes, under the limits of the printer's profile.

Counted are the moves of the toolpath, from where the start code leaves the nozzle to where the end
code takes over; heating, homing, probing and the machine's own code are not (their time is the
machine's, and no program knows it). How far it may be trusted: `gcode.compared`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import MoveKind, Toolpath
from printstd.kernels.motion_time import MotionModel, PerAxis, move_times
from printstd.profiles.models import Axes, MotionLimits

PRINTING: Final = (MoveKind.EXTRUDE, MoveKind.WIPE)
"""Moves along the bed that feed filament or draw it back: they have the print acceleration."""


def move_seconds(
    toolpath: Toolpath, motion: MotionLimits, *, shares_acceleration: bool
) -> NDArray[np.float64]:
    """(m,) float64, s: the time of each move.

    shares_acceleration : the firmware has one acceleration for printing and travel alike.
    """
    way_um = np.empty((toolpath.n_moves, 3), np.int64)
    start = (*toolpath.start_xy_um, toolpath.start_z_um)
    for axis, ends in enumerate((toolpath.xy_um[:, 0], toolpath.xy_um[:, 1], toolpath.z_um)):
        way_um[:1, axis] = ends[:1] - start[axis]
        way_um[1:, axis] = ends[1:] - ends[:-1]
    return move_times(
        way_um,
        toolpath.e_e5,
        toolpath.feed_mm_min,
        accelerations(toolpath, motion, shares_acceleration=shares_acceleration),
        model_of(motion),
    )


def accelerations(
    toolpath: Toolpath, motion: MotionLimits, *, shares_acceleration: bool
) -> NDArray[np.float64]:
    """(m,) float64, mm/s2: what is in force at each move; the machine's own until the first that
    sets one. Filament alone has the machine's retract acceleration."""
    kind, given = toolpath.kind, toolpath.accel_mm_s2
    is_laid = np.isin(kind, PRINTING)
    is_alone = np.isin(kind, (MoveKind.RETRACT, MoveKind.UNRETRACT))
    if not given.any():
        found = np.where(is_laid, motion.print_accel_mm_s2, motion.travel_accel_mm_s2)
    elif shares_acceleration:
        found = _held(given, given > 0, motion.print_accel_mm_s2)
    else:
        found = np.where(
            is_laid,
            _held(given, is_laid & (given > 0), motion.print_accel_mm_s2),
            _held(given, (kind == MoveKind.TRAVEL) & (given > 0), motion.travel_accel_mm_s2),
        )
    return np.where(is_alone, motion.retract_accel_mm_s2, found)


def _held(
    values: NDArray[np.int32], is_set: NDArray[np.bool_], before: float
) -> NDArray[np.float64]:
    """Each value that is set, kept until the next one."""
    last = np.maximum.accumulate(np.where(is_set, np.arange(len(values)), -1))
    return np.where(last < 0, before, values[last].astype(np.float64))


def model_of(motion: MotionLimits) -> MotionModel:
    return MotionModel(
        max_speed_mm_s=_per_axis(motion.max_speed_mm_s),
        max_accel_mm_s2=_per_axis(motion.max_accel_mm_s2),
        jerk_mm_s=_per_axis(motion.jerk_mm_s) if motion.jerk_mm_s else None,
        square_corner_velocity_mm_s=motion.square_corner_velocity_mm_s,
        minimum_cruise_ratio=motion.minimum_cruise_ratio or 0.0,
    )


def _per_axis(values: Axes) -> PerAxis:
    return (values.x, values.y, values.z, values.e)
