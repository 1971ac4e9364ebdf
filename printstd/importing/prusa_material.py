"""PrusaSlicer's filament settings: key -> setting (facts of slicers 2.8)."""

from __future__ import annotations

from typing import Final

from printstd.importing import filament, machine
from printstd.importing.convert import (
    Idle,
    Off,
    Row,
    Table,
    Values,
    no_code,
    number,
    share,
    whole,
)
from printstd.importing.own_code import flow
from printstd.importing.prusa_process import has_one_tool


def name(values: Values, key: str) -> str:
    return values.first(key) or "PLA"


_ROWS: Final = (
    Row("filament_type", "name", name),
    Row("filament_diameter", "filament_diameter_mm", number),
    Row("filament_density", "density_g_cm3", filament.density),
    Row("filament_cost", "cost_per_kg", filament.cost),
    Row("temperature", "nozzle_c", whole),
    Row(
        "first_layer_temperature",
        "first_layer_nozzle_c",
        filament.first_layer_temperature("temperature"),
    ),
    Row("bed_temperature", "bed_c", whole),
    Row(
        "first_layer_bed_temperature",
        "first_layer_bed_c",
        filament.first_layer_temperature("bed_temperature"),
    ),
    Row("filament_max_volumetric_speed", "max_flow_mm3_s", filament.max_flow),
    Row("extrusion_multiplier", "flow_ratio", flow("start_gcode", machine.allowlist)),
    Row("filament_shrinkage_compensation_xy", "shrinkage_xy_ratio", filament.shrunk),
    Row("filament_shrinkage_compensation_z", "shrinkage_z_ratio", filament.shrunk),
    Row("start_filament_gcode", "pressure_advance_s", filament.advance_of_code),
    Row(
        "min_fan_speed",
        "fan.min_ratio",
        filament.fan_min("cooling", "fan_always_on", "min_fan_speed"),
        uses=("fan_always_on",),
    ),
    Row(
        "max_fan_speed",
        "fan.max_ratio",
        filament.fan_max("cooling", "fan_always_on", "min_fan_speed"),
    ),
    Row("bridge_fan_speed", "fan.bridge_ratio", share),
    Row("disable_fan_first_layers", "fan.off_layers", whole),
    Row(
        "full_fan_speed_layer",
        "fan.full_layer",
        filament.fan_full_layer("disable_fan_first_layers"),
    ),
    Row(
        "fan_below_layer_time",
        "fan.below_layer_time_s",
        filament.layer_time("cooling", "slowdown_below_layer_time"),
        uses=("cooling",),
    ),
    Row(
        "slowdown_below_layer_time",
        "fan.slowdown_below_layer_time_s",
        filament.layer_time("cooling"),
    ),
    Row("min_print_speed", "fan.min_print_speed_mm_s", filament.least_speed),
)

_OFFS: Final = (
    Off("enable_dynamic_fan_speeds", ("0",), "fan by overhang", "the process has it here"),
    Off("chamber_temperature", ("0",), "a heated chamber"),
    Off("chamber_minimal_temperature", ("0",), "a heated chamber"),
    Off("end_filament_gcode", no_code, "custom code at the end of a filament"),
    Off("filament_infill_max_speed", ("0",), "a speed limit of the filament"),
    Off("filament_infill_max_crossing_speed", ("0",), "a speed limit of the filament"),
    Off("cooling_slowdown_logic", ("uniform_cooling",), "slowing down by surfaces"),
    Off("filament_abrasive", ("0", "1"), "a check of the nozzle"),
)

_OF_TOOLS: Final = (
    "filament_loading_speed*", "filament_unloading_speed*", "filament_toolchange_delay",
    "filament_cooling_*", "filament_load_time", "filament_unload_time", "filament_stamping_*",
    "filament_ramming_parameters", "filament_minimal_purge_on_wipe_tower",
    "filament_purge_multiplier", "filament_multitool_ramming*", "filament_soluble",
    "idle_temperature",
)  # fmt: skip

_IDLES: Final = (
    Idle("there is one tool", has_one_tool, _OF_TOOLS),
    Idle(
        "no fan by overhang",
        lambda v: not v.is_on("enable_dynamic_fan_speeds"),
        ("overhang_fan_speed_*",),
    ),
    Idle(
        "cooling is off",
        lambda v: not v.is_on("cooling"),
        ("cooling_slowdown_logic", "min_print_speed"),
    ),
)

_ABOUT: Final = frozenset(
    {
        "filament_settings_id", "filament_notes", "filament_colour", "filament_vendor",
        "filament_spool_weight", "extruder_colour",
    }
)  # fmt: skip

TABLE: Final = Table(_ROWS, _OFFS, _IDLES, _ABOUT)
