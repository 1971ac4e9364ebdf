"""A printer.cfg made of a printer's profile: its volume, limits and the macros that it declares.

Only what the profile says and what Klipper needs besides; where the profile says nothing (pins,
steps, thermistors) the stand-in of `tests.hosts.board` is taken.
"""

from __future__ import annotations

from typing import Any, Final

from printstd.profiles.machine_code import command_of, placeholders
from printstd.profiles.models import Firmware, Macro, Printer
from tests.hosts import board

STATE: Final = "PROOF_STATE"
"""Tells the planner's own idea of where it is and what is heated."""
_TOLD: Final = (
    "x=%.3f y=%.3f z=%.3f nozzle=%.1f bed=%.1f homed=%s"
    '" % (params.AT, printer.toolhead.position.x, printer.toolhead.position.y,'
    " printer.toolhead.position.z, printer.toolhead.extruder|string and"
    " printer[printer.toolhead.extruder].target, printer.heater_bed.target,"
    " printer.toolhead.homed_axes)"
)
MESH_MARGIN_MM: Final = 10.0
ROUNDING_MM: Final = 0.0005
_Z_STEPPERS: Final = {"QUAD_GANTRY_LEVEL": 4, "Z_TILT_ADJUST": 3}

NOT_INTERPRETED: Final[dict[Firmware, dict[str, str]]] = {
    Firmware.KLIPPER: {},
    Firmware.MARLIN2: {
        "M201": "accelerations at most: they stand in printer.cfg, from the same profile",
        "M203": "speeds at most: they stand in printer.cfg, from the same profile",
        "M205": "jerk: Klipper has a square corner velocity",
        "M486": "object labels: Klipper has EXCLUDE_OBJECT",
        "M900": "linear advance: Klipper has SET_PRESSURE_ADVANCE",
        "M200": "E is a length of filament: Klipper knows nothing else",
        "G29": "the probing of the bed, which needs the machine's own sensor",
        "G80": "the probing of the bed by Prusa's firmware 3",
        "M420": "a mesh of the bed that the machine keeps",
    },
    Firmware.PRUSA_BUDDY: {
        "M200": "E is a length of filament: Klipper knows nothing else",
        "M201": "accelerations at most: they stand in printer.cfg, from the same profile",
        "M203": "speeds at most: they stand in printer.cfg, from the same profile",
        "M205": "jerk: Klipper has a square corner velocity",
        "M486": "object labels: Klipper has EXCLUDE_OBJECT",
        "M572": "pressure advance: Klipper has SET_PRESSURE_ADVANCE",
        "G29": "the probing of the bed, which needs the machine's own sensor",
    },
    Firmware.REPRAPFIRMWARE: {
        "M201": "accelerations at most: they stand in printer.cfg, from the same profile",
        "M203": "speeds at most: they stand in printer.cfg, from the same profile",
        "M566": "jerk: Klipper has a square corner velocity",
        "M486": "object labels: Klipper has EXCLUDE_OBJECT",
        "M572": "pressure advance: Klipper has SET_PRESSURE_ADVANCE",
        "G29": "the probing of the bed, which needs the machine's own sensor",
        "G32": "the machine's own bed.g, which levels the bed",
    },
    Firmware.BAMBU: {
        "M201": "accelerations at most: they stand in printer.cfg, from the same profile",
        "M203": "speeds at most: they stand in printer.cfg, from the same profile",
        "M205": "jerk: Klipper has a square corner velocity",
        "M900": "pressure advance: Klipper has SET_PRESSURE_ADVANCE",
        "M975": "damping of vibrations, on or off",
        "M991": "tells the machine that a layer begins",
        "G29": "the probing of the bed, which needs the machine's own sensor",
    },
}
"""Commands of a dialect that Klipper's planner has not, and why a program is no worse for it: what
the planner is to show of them comes from the profile, or they move nothing while a part is laid."""


def printer_sections(printer: Printer) -> dict[str, dict[str, Any]]:
    """By section, for `tests.hosts.board.printer_cfg`."""
    volume, motion = printer.volume, printer.motion
    config = board.sections(
        velocity_mm_s=max(motion.max_speed_mm_s.x, motion.max_speed_mm_s.y),
        accel_mm_s2=max(motion.max_accel_mm_s2.x, motion.max_accel_mm_s2.y),
        z_velocity_mm_s=motion.max_speed_mm_s.z,
        z_accel_mm_s2=motion.max_accel_mm_s2.z,
        square_corner_velocity_mm_s=motion.square_corner_velocity_mm_s or 5.0,
        max_nozzle_c=printer.max_nozzle_c,
        max_bed_c=printer.max_bed_c,
        nozzle_mm=printer.nozzle_mm,
    )
    for axis, low, high in (
        ("x", volume.travel_x_min_mm, volume.travel_x_max_mm),
        ("y", volume.travel_y_min_mm, volume.travel_y_max_mm),
        # The height of its mesh, 0, is added in floating point.
        ("z", 0.0, volume.z_max_mm + ROUNDING_MM),
    ):
        config[f"stepper_{axis}"] |= {
            "position_min": low,
            "position_endstop": low,
            "position_max": high,
        }
    config["extruder"]["max_extrude_only_velocity"] = motion.max_speed_mm_s.e
    config["extruder"]["max_extrude_only_accel"] = motion.max_accel_mm_s2.e
    for number in range(1, printer.tools.count if printer.tools else 1):
        pins = {"step_pin": f"P{40 + number}", "dir_pin": f"P{44 + number}"}
        pins |= {"enable_pin": f"!P{48 + number}", "heater_pin": f"P{52 + number}"}
        config[f"extruder{number}"] = {**config["extruder"], **pins, "sensor_pin": f"A{2 + number}"}
    config["gcode_arcs"] = {"resolution": 0.1}
    config |= {"display_status": {}, "exclude_object": {}, "respond": {}, "print_stats": {}}
    config |= _probing(printer, config)
    for number in range(printer.tools.count if printer.tools else 1):
        tool = f"extruder{number or ''}"
        config[f"gcode_macro T{number}"] = {"gcode": f"ACTIVATE_EXTRUDER EXTRUDER={tool}"}
    for macro in printer.macros:
        config[f"gcode_macro {macro.name}"] = {"gcode": _template(macro)}
    config[f"gcode_macro {STATE}"] = {"gcode": '{action_respond_info("proof %s ' + _TOLD + ")}"}
    return config


def _template(macro: Macro) -> str:
    """The lines that the profile says the macro runs, with the call's parameters in them."""
    lines = []
    for line in macro.expansion:
        told = line
        for name in placeholders(line):
            key, given, value = name.partition("=")
            default = f"|default({value})" if given else ""
            told = told.replace(f"{{{name}}}", f"{{params.{key}{default}}}")
        lines.append(told)
    return "\n".join(("", *lines))


def _probing(printer: Printer, config: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What a Klipper machine's start code probes with: its mesh spans the printable area."""
    own = {command_of(line) for line in printer.start_code}
    own |= {command_of(line) for macro in printer.macros for line in macro.expansion}
    if printer.firmware is not Firmware.KLIPPER or not own & {"BED_MESH_CALIBRATE", *_Z_STEPPERS}:
        return {}
    volume = printer.volume
    low = (volume.x_min_mm + MESH_MARGIN_MM, volume.y_min_mm + MESH_MARGIN_MM)
    high = (volume.x_max_mm - MESH_MARGIN_MM, volume.y_max_mm - MESH_MARGIN_MM)
    found: dict[str, dict[str, Any]] = {
        "probe": {"pin": "P22", "z_offset": 0},
        "bed_mesh": {
            "mesh_min": f"{low[0]:g}, {low[1]:g}",
            "mesh_max": f"{high[0]:g}, {high[1]:g}",
            "probe_count": "3, 3",
            "speed": 100,
        },
    }
    n_z = max((n for name, n in _Z_STEPPERS.items() if name in own), default=1)
    step = {key: config["stepper_z"][key] for key in ("microsteps", "rotation_distance")}
    for number in range(1, n_z):
        first = 24 + 4 * number
        pins = {"step_pin": f"P{first}", "dir_pin": f"P{first + 1}", "enable_pin": f"!P{first + 2}"}
        found[f"stepper_z{number}"] = {**pins, **step}
    corners = [(low[0], low[1]), (low[0], high[1]), (high[0], high[1]), (high[0], low[1])]
    if "QUAD_GANTRY_LEVEL" in own:
        found["quad_gantry_level"] = {
            "gantry_corners": f"{low[0] - 60:g},{low[1] - 60:g}\n{high[0] + 60:g},{high[1] + 60:g}",
            "points": "\n".join(f"{x:g},{y:g}" for x, y in corners),
        }
    if "Z_TILT_ADJUST" in own:
        middle = ((low[0] + high[0]) / 2, high[1])
        points = "\n".join(f"{x:g},{y:g}" for x, y in (corners[0], middle, corners[3]))
        found["z_tilt"] = {"z_positions": points, "points": points}
    return found
