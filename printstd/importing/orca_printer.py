"""OrcaSlicer's and Bambu Studio's machine settings: key -> setting."""

from __future__ import annotations

from typing import Final

from printstd.importing import keep_out, machine
from printstd.importing.convert import Idle, Lost, Off, Row, Table, Values, flag, number, share
from printstd.importing.machine import deretract, overridden
from printstd.importing.own_code import end_code, layer_code, start_code
from printstd.profiles.models import Firmware


def emits(values: Values, key: str) -> bool:
    is_klipper = machine.firmware(values, "gcode_flavor") == Firmware.KLIPPER
    return not is_klipper and flag(values, key)


def travel_acceleration(values: Values, key: str) -> float:
    """0: the one of printing counts."""
    own = values.number(key) if values.first("gcode_flavor") != "marlin" else 0.0
    return own or machine.limit(values, "machine_max_acceleration_extruding")


def kind_of_lift(values: Values) -> str:
    """The filament's, if it says one."""
    own = values.first("filament_z_hop_types") if "filament_z_hop_types" in values else ""
    if own not in ("nil", ""):
        return own
    return values.first("z_hop_types") if "z_hop_types" in values else UPRIGHT


def hop_slope(values: Values, key: str) -> float:
    kind = kind_of_lift(values)
    if kind == UPRIGHT:
        return 0.0
    slope = machine.slope(values, "travel_slope") or SLOPE_DEG
    if kind == "Slope Lift":
        return slope
    raise Lost("the nozzle is lifted upright or on a slope on every way", slope)


def has_progress(values: Values, key: str) -> bool:
    return not flag(values, key)


UPRIGHT: Final = "Normal Lift"
SLOPE_DEG: Final = 3.0
"""Where a preset says none (knowledge, medium)."""
_LIMITS: Final = machine.limits_of("printable_area", "machine_max_speed_e", "printable_height")

_ROWS: Final = (
    Row("gcode_flavor", "firmware", machine.firmware),
    Row("gcode_flavor", "allowlist", machine.allowlist),
    Row("gcode_flavor", "has_arcs", machine.has_arcs),
    Row("nozzle_diameter", "nozzle_mm", machine.one_nozzle),
    # Volume.
    Row("printable_area", "volume.x_min_mm", machine.side(0)),
    Row("printable_area", "volume.y_min_mm", machine.side(1)),
    Row("printable_area", "volume.x_max_mm", machine.side(2)),
    Row("printable_area", "volume.y_max_mm", machine.side(3)),
    Row("printable_height", "volume.z_max_mm", number),
    Row(
        keep_out.KEY,
        "volume.keep_out",
        keep_out.places("printable_height", machine.bed_of("printable_area")),
    ),
    Row("min_layer_height", "min_layer_height_mm", number),
    Row("max_layer_height", "max_layer_height_mm", machine.max_layer),
    # Beside it, where objects are printed one after the other.
    Row("extruder_clearance_radius", "clearance.radius_mm", machine.room),
    Row("extruder_clearance_height_to_rod", "clearance.gantry_mm", machine.room),
    # Motion.
    Row("emit_machine_limits_to_gcode", "motion.emit", emits),
    Row("machine_max_speed_x", "motion.max_speed_mm_s.x", machine.limit),
    Row("machine_max_speed_y", "motion.max_speed_mm_s.y", machine.limit),
    Row("machine_max_speed_z", "motion.max_speed_mm_s.z", machine.limit),
    Row("machine_max_speed_e", "motion.max_speed_mm_s.e", machine.limit),
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
        "retraction_length",
        "retraction.length_mm",
        overridden(number, "filament_retraction_length"),
        uses=("filament_retraction_length",),
    ),
    Row(
        "retraction_speed",
        "retraction.speed_mm_s",
        overridden(machine.as_far_as("machine_max_speed_e"), "filament_retraction_speed"),
        uses=("filament_retraction_speed",),
    ),
    Row(
        "deretraction_speed",
        "retraction.deretract_speed_mm_s",
        overridden(
            deretract("retraction_speed", "filament_retraction_speed", "machine_max_speed_e"),
            "filament_deretraction_speed",
        ),
        uses=("filament_deretraction_speed",),
    ),
    Row(
        "retraction_minimum_travel",
        "retraction.min_travel_mm",
        overridden(number, "filament_retraction_minimum_travel"),
        uses=("filament_retraction_minimum_travel",),
    ),
    Row(
        "z_hop",
        "retraction.lift_mm",
        overridden(number, "filament_z_hop"),
        uses=("filament_z_hop",),
    ),
    Row(
        "z_hop_types",
        "retraction.hop_slope_deg",
        hop_slope,
        uses=("filament_z_hop_types", "travel_slope"),
    ),
    # OrcaSlicer says it with the process.
    Row("reduce_infill_retraction", "retraction.only_when_leaving", flag),
    Row("wipe", "retraction.is_wiping", overridden(flag, "filament_wipe"), uses=("filament_wipe",)),
    Row(
        "retract_before_wipe",
        "retraction.before_wipe_ratio",
        overridden(share, "filament_retract_before_wipe"),
        uses=("filament_retract_before_wipe",),
    ),
    Row(
        "retract_when_changing_layer",
        "retraction.on_layer_change",
        overridden(flag, "filament_retract_when_changing_layer"),
        uses=("filament_retract_when_changing_layer",),
    ),
    # Programs.
    Row(
        "machine_start_gcode",
        "start_code",
        start_code(
            "machine_start_gcode", machine.allowlist, machine.bed_of("printable_area"), _LIMITS
        ),
    ),
    Row("machine_end_gcode", "end_code", end_code("machine_end_gcode", machine.allowlist, _LIMITS)),
    Row(
        "layer_change_gcode",
        "layer_change_code",
        layer_code(("before_layer_change_gcode", "layer_change_gcode"), machine.allowlist),
        uses=("before_layer_change_gcode",),
    ),
    Row("disable_m73", "has_m73", has_progress),
    Row("thumbnails", "thumbnails_px", machine.pictures, uses=("thumbnails_format",)),
)

_OFFS: Final = (
    Off("retract_lift_enforce", ("All Surfaces",), "lifting over some surfaces alone"),
    Off("retract_lift_above", ("0",), "lifting from a height on"),
    Off("retract_lift_below", machine.never_above("printable_height"), "lifting up to a height"),
    Off("retract_restart_extra", ("0",), "more filament after drawing back"),
    Off("use_firmware_retraction", ("0",), "retraction by the firmware"),
    Off("use_relative_e_distances", ("0", "1"), "filament said in another way"),
    Off("extruder_offset", ("0x0",), "a tool beside its place"),
    Off("z_offset", ("0",), "all of the print at another height"),
    Off("machine_min_extruding_rate", ("0",), "a least speed of printing"),
    Off("machine_min_travel_rate", ("0",), "a least speed of travel"),
    Off("fan_kickstart", ("0",), "a fan that starts at full speed"),
    Off("fan_speedup_time", ("0",), "a fan that starts early"),
    Off("resonance_avoidance", ("0",), "avoiding speeds that resonate"),
    Off("auxiliary_fan", ("0", "1"), "a second fan, if the filament asks for it"),
)

_IDLES: Final = (
    Idle("one filament prints it all", lambda v: True, (
        "change_filament_gcode", "retract_length_toolchange", "retract_restart_extra_toolchange",
        "cooling_tube_*", "parking_pos_retraction", "extra_loading_move", "machine_load_*",
        "machine_unload_*", "machine_tool_change_time", "manual_filament_change",
        "high_current_on_filament_swap", "single_extruder_multi_material", "purge_in_prime_tower",
        "enable_filament_ramming", "long_retractions_when_cut", "retraction_distances_when_cut",
        "tool_change_temprature_wait", "enable_long_retraction_when_cut", "wipe_tower_type",
    )),
    Idle("objects are printed together", lambda v: v.get("print_sequence",
         "by layer") == "by layer",
         ("printing_by_object_gcode", "extruder_clearance_*")),
    Idle("no pause is asked for", lambda v: True, (
        "machine_pause_gcode", "template_custom_gcode", "time_lapse_gcode", "change_extrusion_*",
    )),
    Idle("Klipper goes round corners by a rule of its own",
         lambda v: machine.firmware(v, "gcode_flavor") == Firmware.KLIPPER,
         ("machine_max_jerk_*",)),
    Idle("Marlin 2 has jerk", lambda v: v.get("machine_max_junction_deviation", "0")[:1] == "0",
         ("machine_max_junction_deviation",)),
    Idle("lifting is upright", lambda v: kind_of_lift(v) == UPRIGHT, ("travel_slope",)),
    Idle("no speed resonates", lambda v: not v.is_on("resonance_avoidance"),
         ("min_resonance_*", "max_resonance_*")),
    Idle("no mesh is probed by area", lambda v: True, ("bed_mesh_*", "adaptive_bed_mesh_margin")),
    Idle("the fan starts as asked", lambda v: v.get("fan_speedup_time", "0") == "0",
         ("fan_speedup_overhangs",)),
)  # fmt: skip

_ABOUT: Final = frozenset(
    {
        "printer_settings_id", "printer_model", "printer_variant", "printer_notes",
        "printer_technology", "default_filament_profile", "default_print_profile",
        "bed_custom_model", "bed_custom_texture", "silent_mode", "thumbnails_format", "host_type",
        "print_host*", "printhost_*", "extruder_colour", "nozzle_type", "nozzle_hrc",
        "printer_structure", "scan_first_layer", "support_multi_bed_types",
        "support_air_filtration",
        "support_chamber_temp_control", "bbl_*", "best_object_pos", "head_wrap_detect_zone",
        "nozzle_volume*", "preferred_orientation", "printer_extruder_*", "time_cost",
        "extruder_type", "extruder_printable_*", "default_nozzle_volume_type", "model_id",
        "machine_tech", "family", "default_bed_type", "upward_compatible_machine", "nozzle_flush_*",
        "pellet_modded_printer", "extruder_variant_list", "grab_length", "hotend_model",
    }
)  # fmt: skip

TABLE: Final = Table(_ROWS, _OFFS, _IDLES, _ABOUT)
