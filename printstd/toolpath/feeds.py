"""How fast each path is laid and with what acceleration (facts of slicers 2.6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels.bead import QUARTER_PI
from printstd.kernels.tour import Speed
from printstd.kernels.turns import cos_sin
from printstd.named_tuple import NamedTuple
from printstd.profiles.models import Accelerations, Printer, Process, Speeds
from printstd.profiles.resolved import Resolved
from printstd.units import NM_PER_MM

BRIDGES: Final = (Role.BRIDGE_INFILL, Role.INTERNAL_BRIDGE_INFILL, Role.OVERHANG_PERIMETER)
"""What is laid over nothing: bridge speed and fan, and never slowed down for cooling."""
PERIMETERS: Final = (Role.EXTERNAL_PERIMETER, Role.PERIMETER, Role.OVERHANG_PERIMETER)


class TravelFeeds(NamedTuple):
    """mm/min, whole numbers. ramp : travel that lifts on its way."""

    travel: int
    lift: int
    ramp: int
    retract: int
    unretract: int
    wipe: int


def in_roles(role: NDArray[np.uint8], roles: tuple[Role, ...]) -> NDArray[np.bool_]:
    """(k,) bool."""
    table = np.zeros(256, bool)
    table[list(roles)] = True
    return table[role]


def path_feeds(
    role: NDArray[np.uint8],
    area_nm2: NDArray[np.int64],
    length_nm: NDArray[np.float64],
    is_loop: NDArray[np.bool_],
    is_first_layer: NDArray[np.bool_],
    resolved: Resolved,
    printer: Printer,
    *,
    is_outer: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """(k,) int64, mm/min, rounded down: role, then small loops, first layer, flow, machine.

    is_outer : (k,) pieces of outer walls: where one hangs over it is laid no faster than the rest.
    """
    speeds, material = resolved.process.speeds, resolved.material
    speed = _by_role(resolved.process)[role]
    if is_outer is not None:
        hangs = is_outer & (role == Role.OVERHANG_PERIMETER)
        speed = np.where(hangs, np.minimum(speed, speeds.external_perimeter_mm_s), speed)
    wall = in_roles(role, (Role.EXTERNAL_PERIMETER, Role.PERIMETER)) & is_loop
    is_small = wall & (length_nm <= resolved.process.walls.small_perimeter_length_mm * 1e6)
    speed = np.where(is_small, np.minimum(speed, speeds.small_perimeter_mm_s), speed)
    speed = np.where(is_first_layer, np.minimum(speed, speeds.first_layer_mm_s), speed)
    flow_mm2 = np.maximum(area_nm2, 1) * 1e-12 * material.flow_ratio
    limits = printer.motion.max_speed_mm_s
    e_per_mm = flow_mm2 / filament_area_mm2(resolved)
    speed = np.minimum(speed, material.max_flow_mm3_s / flow_mm2)
    speed = np.minimum(np.minimum(speed, limits.e / e_per_mm), min(limits.x, limits.y))
    return np.maximum(np.floor(speed * 60.0 + 1e-6), 1.0).astype(np.int64)


def overlap_feeds(
    feed_mm_min: NDArray[np.int64], overlap_e3: NDArray[np.int64], process: Process
) -> NDArray[np.int64]:
    """(k,) int64, mm/min, never above what came in: that of pieces of walls by their overlap with
    the layer below (facts of slicers 2.7); evenly between the profile's values, which are shares
    of the external perimeter's speed, and from the last of them up to the piece's own."""
    reference = process.speeds.external_perimeter_mm_s * 60.0
    own = feed_mm_min.astype(np.float64)
    at = [ratio * reference for ratio in process.overhangs.speed_ratios]
    found = np.floor(between_overlaps(at, own, overlap_e3) + 1e-6)
    return np.maximum(np.minimum(found, own), 1.0).astype(np.int64)


def between_overlaps(
    at: Sequence[float], whole: NDArray[np.float64], overlap_e3: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(k,) float64: what holds at an overlap, by four values at 0, 25, 50 and 75 % and one (each
    its own) at 100 %; straight between them."""
    low = np.minimum(overlap_e3 // 250, 3)
    values = np.asarray(at, np.float64)
    start, end = values[low], np.where(low == 3, whole, values[np.minimum(low + 1, 3)])
    return np.asarray(start + (end - start) * (overlap_e3 - 250 * low) / 250.0)


def filament_area_mm2(resolved: Resolved) -> float:
    diameter = resolved.material.filament_diameter_mm
    return QUARTER_PI * diameter * diameter


def _by_role(process: Process) -> NDArray[np.float64]:
    speeds = process.speeds
    table = np.full(256, speeds.perimeter_mm_s)
    for role, value in (
        (Role.EXTERNAL_PERIMETER, speeds.external_perimeter_mm_s),
        (Role.PERIMETER, speeds.perimeter_mm_s),
        (Role.OVERHANG_PERIMETER, speeds.bridge_mm_s),
        (Role.INTERNAL_INFILL, speeds.infill_mm_s),
        (Role.SOLID_INFILL, speeds.solid_infill_mm_s),
        (Role.TOP_SOLID_INFILL, speeds.top_infill_mm_s),
        (Role.BRIDGE_INFILL, speeds.bridge_mm_s),
        (Role.INTERNAL_BRIDGE_INFILL, speeds.bridge_mm_s),
        (Role.GAP_FILL, speeds.gap_fill_mm_s),
        (Role.IRONING, speeds.ironing_mm_s),
        (Role.SUPPORT, speeds.support_mm_s),
        (Role.SUPPORT_INTERFACE, speeds.support_interface_mm_s),
        (Role.WIPE_TOWER, process.prime_tower.speed_mm_s),
    ):
        table[role] = value
    return table


def path_accelerations(
    role: NDArray[np.uint8],
    is_first_layer: NDArray[np.bool_],
    accelerations: Accelerations,
    printer: Printer,
) -> NDArray[np.int64]:
    """(k,) int64, mm/s2; 0 = the machine's own. First layer, then role, then default; what the
    profile leaves at 0 falls back to the next, and without a default nothing is set."""
    a = accelerations
    if not a.default_mm_s2:
        return np.zeros(len(role), np.int64)
    table = np.full(256, a.default_mm_s2)
    for roles, value in (
        (BRIDGES, a.bridge_mm_s2),
        (
            (Role.TOP_SOLID_INFILL, Role.IRONING),
            a.top_infill_mm_s2 or a.solid_infill_mm_s2 or a.infill_mm_s2,
        ),
        ((Role.SOLID_INFILL,), a.solid_infill_mm_s2 or a.infill_mm_s2),
        ((Role.INTERNAL_INFILL,), a.infill_mm_s2),
        ((Role.EXTERNAL_PERIMETER,), a.external_perimeter_mm_s2 or a.perimeter_mm_s2),
        ((Role.PERIMETER,), a.perimeter_mm_s2),
    ):
        if value:
            table[list(roles)] = value
    found = table[role]
    if a.first_layer_mm_s2:
        found = np.where(is_first_layer, a.first_layer_mm_s2, found)
    limits = printer.motion
    highest = min(limits.print_accel_mm_s2, limits.max_accel_mm_s2.x, limits.max_accel_mm_s2.y)
    return np.asarray(np.floor(np.minimum(found, highest)), np.int64)


def travel_acceleration(accelerations: Accelerations, printer: Printer) -> int:
    """mm/s2; 0 = the machine's own."""
    if not accelerations.default_mm_s2:
        return 0
    limits = printer.motion
    highest = min(limits.travel_accel_mm_s2, limits.max_accel_mm_s2.x, limits.max_accel_mm_s2.y)
    return int(min(accelerations.travel_mm_s2 or accelerations.default_mm_s2, highest))


def travel_between(resolved: Resolved, printer: Printer) -> Speed:
    """How the nozzle goes from path to path."""
    motion, speeds = printer.motion, resolved.process.speeds
    accel = travel_acceleration(resolved.process.accelerations, printer)
    return Speed(
        min(speeds.travel_mm_s, motion.max_speed_mm_s.x, motion.max_speed_mm_s.y) * NM_PER_MM,
        (accel or motion.travel_accel_mm_s2) * NM_PER_MM,
    )


def travel_feeds(speeds: Speeds, printer: Printer) -> TravelFeeds:
    """What moves between the paths run at, inside the machine's limits."""
    limits, retraction = printer.motion.max_speed_mm_s, printer.retraction
    travel = min(speeds.travel_mm_s, limits.x, limits.y)
    lift = min(speeds.travel_z_mm_s, limits.z)
    _, sine = cos_sin(np.array([retraction.hop_slope_deg / 360.0]))
    return TravelFeeds(
        travel=_per_minute(travel),
        lift=_per_minute(lift),
        ramp=_per_minute(min(travel, lift / sine[0]) if sine[0] > 0 else travel),
        retract=_per_minute(min(retraction.speed_mm_s, limits.e)),
        unretract=_per_minute(min(retraction.deretract_speed_mm_s, limits.e)),
        wipe=_per_minute(WIPE_SPEED_RATIO * travel),
    )


WIPE_SPEED_RATIO: Final = 0.8
"""Wiping is slower than travelling (facts of slicers 2.10)."""


def _per_minute(speed_mm_s: float) -> int:
    return max(1, int(speed_mm_s * 60.0 + 1e-6))
