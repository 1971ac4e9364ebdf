"""PrusaSlicer's printer settings: key -> setting (facts of slicers 2.2, 2.6, 2.10)."""

from __future__ import annotations

from typing import Final

from printstd.importing import machine
from printstd.importing.convert import Idle, Off, Row, Table, Values, flag, number, share
from printstd.importing.machine import deretract, overridden
from printstd.importing.own_code import end_code, layer_code, start_code
from printstd.importing.prusa_process import has_one_tool
from printstd.profiles.models import Firmware


def emits(values: Values, key: str) -> bool:
    """Klipper takes its limits from its own configuration."""
    is_klipper = machine.firmware(values, "gcode_flavor") == Firmware.KLIPPER
    return not is_klipper and values.first(key) == "emit_to_gcode"


def travel_acceleration(values: Values, key: str) -> float:
    """Marlin 1 has none of its own: the one of printing counts."""
    own = values.first("gcode_flavor") != "marlin"
    return machine.limit(values, key if own else "machine_max_acceleration_extruding")


def is_ramping(values: Values) -> bool:
    return bool(overridden(flag, "filament_travel_ramping_lift")(values, "travel_ramping_lift"))


def hop_slope(values: Values, key: str) -> float:
    """Without `travel_ramping_lift` it is lifted upright."""
    if not is_ramping(values):
        return 0.0
    return machine.slope(values, "filament_travel_slope", "travel_slope")


def lift(values: Values, key: str) -> float:
    """On a slope another key says how high."""
    if "travel_ramping_lift" in values and is_ramping(values) and "travel_max_lift" in values:
        return float(overridden(number, "filament_travel_max_lift")(values, "travel_max_lift"))
    return float(overridden(number, "filament_retract_lift")(values, key))


def labels(values: Values, key: str) -> bool:
    return values.first(key) not in ("0", "disabled")


_LIMITS: Final = machine.limits_of("bed_shape", "machine_max_feedrate_e", "max_print_height")
_START: Final = start_code("start_gcode", machine.allowlist, machine.bed_of("bed_shape"), _LIMITS)

_ROWS: Final = (
    Row("gcode_flavor", "firmware", machine.firmware),
    Row("gcode_flavor", "allowlist", machine.allowlist),
    Row("gcode_flavor", "has_arcs", machine.has_arcs),
    Row("nozzle_diameter", "nozzle_mm", machine.one_nozzle),
    # Volume.
    Row("bed_shape", "volume.x_min_mm", machine.side(0)),
    Row("bed_shape", "volume.y_min_mm", machine.side(1)),
    Row("bed_shape", "volume.x_max_mm", machine.side(2)),
    Row("bed_shape", "volume.y_max_mm", machine.side(3)),
    Row("max_print_height", "volume.z_max_mm", number),
    Row("min_layer_height", "min_layer_height_mm", number),
    Row("max_layer_height", "max_layer_height_mm", machine.max_layer),
    # Beside it; PrusaSlicer says it with the process.
    Row("extruder_clearance_radius", "clearance.radius_mm", machine.room),
    Row("extruder_clearance_height", "clearance.gantry_mm", machine.room),
    # Motion.
    Row("machine_limits_usage", "motion.emit", emits),
    Row("machine_max_feedrate_x", "motion.max_speed_mm_s.x", machine.limit),
    Row("machine_max_feedrate_y", "motion.max_speed_mm_s.y", machine.limit),
    Row("machine_max_feedrate_z", "motion.max_speed_mm_s.z", machine.limit),
    Row("machine_max_feedrate_e", "motion.max_speed_mm_s.e", machine.limit),
    Row("machine_max_acceleration_x", "motion.max_accel_mm_s2.x", machine.limit),
    Row("machine_max_acceleration_y", "motion.max_accel_mm_s2.y", machine.limit),
    Row("machine_max_acceleration_z", "motion.max_accel_mm_s2.z", machine.limit),
    Row("machine_max_acceleration_e", "motion.max_accel_mm_s2.e", machine.limit),
    Row("machine_max_acceleration_extruding", "motion.print_accel_mm_s2", machine.limit),
    Row("machine_max_acceleration_retracting", "motion.retract_accel_mm_s2", machine.limit),
    Row("machine_max_acceleration_travel", "motion.travel_accel_mm_s2", travel_acceleration),
    Row("machine_max_jerk_x", "motion.jerk_mm_s.x", machine.jerk()),
    Row("machine_max_jerk_y", "motion.jerk_mm_s.y", machine.jerk()),
    Row("machine_max_jerk_z", "motion.jerk_mm_s.z", machine.jerk()),
    Row("machine_max_jerk_e", "motion.jerk_mm_s.e", machine.jerk()),
    # Retraction; a filament may have its own.
    Row(
        "retract_length",
        "retraction.length_mm",
        overridden(number, "filament_retract_length"),
        uses=("filament_retract_length",),
    ),
    Row(
        "retract_speed",
        "retraction.speed_mm_s",
        overridden(machine.as_far_as("machine_max_feedrate_e"), "filament_retract_speed"),
        uses=("filament_retract_speed",),
    ),
    Row(
        "deretract_speed",
        "retraction.deretract_speed_mm_s",
        overridden(
            deretract("retract_speed", "filament_retract_speed", "machine_max_feedrate_e"),
            "filament_deretract_speed",
        ),
        uses=("filament_deretract_speed",),
    ),
    Row(
        "retract_before_travel",
        "retraction.min_travel_mm",
        overridden(number, "filament_retract_before_travel"),
        uses=("filament_retract_before_travel",),
    ),
    Row(
        "retract_lift",
        "retraction.lift_mm",
        lift,
        uses=("filament_retract_lift", "travel_max_lift", "filament_travel_max_lift"),
    ),
    Row(
        "travel_ramping_lift",
        "retraction.hop_slope_deg",
        hop_slope,
        uses=("filament_travel_ramping_lift", "travel_slope", "filament_travel_slope"),
    ),
    # PrusaSlicer says it with the process.
    Row("only_retract_when_crossing_perimeters", "retraction.only_when_leaving", flag),
    Row("wipe", "retraction.is_wiping", overridden(flag, "filament_wipe"), uses=("filament_wipe",)),
    Row(
        "retract_before_wipe",
        "retraction.before_wipe_ratio",
        overridden(share, "filament_retract_before_wipe"),
        uses=("filament_retract_before_wipe",),
    ),
    Row(
        "retract_layer_change",
        "retraction.on_layer_change",
        overridden(flag, "filament_retract_layer_change"),
        uses=("filament_retract_layer_change",),
    ),
    # Programs.
    Row("start_gcode", "start_code", _START),
    Row("end_gcode", "end_code", end_code("end_gcode", machine.allowlist, _LIMITS)),
    Row(
        "layer_gcode",
        "layer_change_code",
        layer_code(("before_layer_gcode", "layer_gcode"), machine.allowlist),
        uses=("before_layer_gcode",),
    ),
    Row("remaining_times", "has_m73", flag),
    Row("gcode_label_objects", "has_object_labels", labels),
    Row("thumbnails", "thumbnails_px", machine.pictures, uses=("thumbnails_format",)),
)

_OFFS: Final = (
    Off("single_extruder_multi_material", ("0",), "several materials in one extruder"),
    Off("use_firmware_retraction", ("0",), "retraction by the firmware"),
    Off("use_volumetric_e", ("0",), "filament in cubic millimetres"),
    Off("use_relative_e_distances", ("0", "1"), "filament said in another way"),
    Off("extruder_offset", ("0x0",), "a tool beside its place"),
    Off("retract_restart_extra", ("0",), "more filament after drawing back"),
    Off("filament_retract_restart_extra", ("0", "nil"), "more filament after drawing back"),
    Off("retract_lift_above", ("0",), "lifting from a height on"),
    Off("filament_retract_lift_above", ("0", "nil"), "lifting from a height on"),
    Off("retract_lift_below", machine.never_above("max_print_height"), "lifting up to a height"),
    Off("filament_retract_lift_below", ("0", "nil"), "lifting up to a height"),
    Off("travel_lift_before_obstacle", ("0",), "lifting for what is in the way alone"),
    Off("filament_travel_lift_before_obstacle", ("0", "nil"), "lifting for what is in the way"),
    Off("z_offset", ("0",), "all of the print at another height"),
    Off("machine_min_extruding_rate", ("0",), "a least speed of printing"),
    Off("machine_min_travel_rate", ("0",), "a least speed of travel"),
    Off("nozzle_high_flow", ("0", "1"), "a check of the nozzle"),
)

_IDLES: Final = (
    Idle(
        "there is one tool",
        has_one_tool,
        (
            "toolchange_gcode", "retract_length_toolchange", "retract_restart_extra_toolchange",
            "filament_retract_length_toolchange", "filament_retract_restart_extra_toolchange",
            "cooling_tube_*", "parking_pos_retraction", "extra_loading_move",
            "high_current_on_filament_swap", "multimaterial_purging",
        ),
    ),
    Idle(
        "objects are printed together",
        lambda v: not v.is_on("complete_objects"),
        ("between_objects_gcode",),
    ),
    Idle(
        "no pause and no change of colour is asked for",
        lambda v: True,
        ("color_change_gcode", "pause_print_gcode", "template_custom_gcode"),
    ),
    Idle(
        "Klipper goes round corners by a rule of its own",
        lambda v: machine.firmware(v, "gcode_flavor") == Firmware.KLIPPER,
        ("machine_max_jerk_*", "machine_max_junction_deviation"),
    ),
    Idle(
        "lifting is upright",
        lambda v: "travel_ramping_lift" not in v or not is_ramping(v),
        (
            "travel_max_lift", "travel_slope", "travel_lift_*", "filament_travel_max_lift",
            "filament_travel_slope", "filament_travel_lift_*",
        ),
    ),
)  # fmt: skip

_ABOUT: Final = frozenset(
    {
        "printer_settings_id", "printer_model", "printer_variant", "printer_vendor",
        "printer_notes", "printer_technology", "printer_model_*", "default_print_profile",
        "default_filament_profile", "bed_custom_model", "bed_custom_texture", "silent_mode",
        "thumbnails_format", "thumbnails_with_bed", "thumbnails_color", "host_type", "print_host",
        "printhost_*", "octoprint_*", "serial_port", "serial_speed", "physical_printer_*",
        "extruder_colour", "autoemit_temperature_commands", "bed_model", "bed_texture",
    }
)  # fmt: skip

TABLE: Final = Table(_ROWS, _OFFS, _IDLES, _ABOUT)
