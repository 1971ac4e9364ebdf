"""Kalico configured as a profile of printstd says of a Klipper machine, to run its programs as they
are. Homing is told instead of made, and what levels a bed does nothing: no board answers."""

from __future__ import annotations

from typing import Any, Final

from printstd.profiles.models import Printer
from tests.hosts import board

_MACROS: Final = ("QUAD_GANTRY_LEVEL", "Z_TILT_ADJUST", "BED_MESH_CALIBRATE")
_TELL_HOME: Final = """
{% set named = params.X is defined or params.Y is defined or params.Z is defined %}
SET_KINEMATIC_POSITION {% for axis in 'XYZ' if axis in params or not named %} {axis}=0{% endfor %}
"""


def of_printer(printer: Printer) -> dict[str, dict[str, Any]]:
    """Sections of printer.cfg: the profile's limits, room for all that its programs do."""
    motion, volume = printer.motion, printer.volume
    config = board.sections(
        size_mm=(volume.travel_x_max_mm, volume.travel_y_max_mm, volume.z_max_mm),
        velocity_mm_s=max(motion.max_speed_mm_s.x, motion.max_speed_mm_s.y),
        accel_mm_s2=motion.print_accel_mm_s2,
        z_velocity_mm_s=motion.max_speed_mm_s.z,
        z_accel_mm_s2=motion.max_accel_mm_s2.z,
        square_corner_velocity_mm_s=motion.square_corner_velocity_mm_s or 5.0,
        max_nozzle_c=printer.max_nozzle_c + 1,
        max_bed_c=printer.max_bed_c + 1,
        nozzle_mm=printer.nozzle_mm,
    )
    config["printer"]["minimum_cruise_ratio"] = motion.minimum_cruise_ratio or 0.0
    for axis, least in zip("xyz", (volume.travel_x_min_mm, volume.travel_y_min_mm, 0), strict=True):
        config[f"stepper_{axis}"]["position_min"] = min(least, 0)
    config["extruder"] |= {
        "max_extrude_only_velocity": motion.max_speed_mm_s.e,
        "max_extrude_only_accel": min(motion.retract_accel_mm_s2, motion.max_accel_mm_s2.e),
        "max_extrude_cross_section": 10,
    }
    config |= {
        "force_move": {"enable_force_move": True},
        "exclude_object": {},
        "display_status": {},
        "pause_resume": {},
        "gcode_arcs": {"resolution": 0.1},
        "gcode_macro G28": {"rename_existing": "G28.1", "gcode": _TELL_HOME},
    }
    for name in _MACROS:
        config[f"gcode_macro {name}"] = {"gcode": "\nG90"}
    return config
