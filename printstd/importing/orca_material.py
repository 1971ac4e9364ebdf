"""OrcaSlicer's and Bambu Studio's filament settings: key -> setting."""

from __future__ import annotations

from typing import Final

from printstd.importing import filament, machine
from printstd.importing.convert import (
    Converter,
    Idle,
    Lost,
    Off,
    Row,
    Table,
    Values,
    no_code,
    number,
    share,
    whole,
)
from printstd.importing.orca_process import not_on
from printstd.importing.own_code import flow

_PLATES: Final = {
    "Cool Plate": "cool_plate_temp",
    "Engineering Plate": "eng_plate_temp",
    "High Temp Plate": "hot_plate_temp",
    "Textured PEI Plate": "textured_plate_temp",
    "Textured Cool Plate": "textured_cool_plate_temp",
    "Supertack Plate": "supertack_plate_temp",
}
"""The plate that lies there -> whose temperature counts."""


def bed(ending: str = "") -> Converter:
    """Of the plate that is chosen. One without a temperature of its own has the hot plate's."""

    def convert(values: Values, key: str) -> int:
        plate = _PLATES.get(values.get("curr_bed_type", "High Temp Plate"), "hot_plate_temp")
        chosen = plate + ending
        return round(values.number(chosen if chosen in values else key))

    return convert


def name(values: Values, key: str) -> str:
    return values.first(key) or "PLA"


def advance(values: Values, key: str) -> float | None:
    return values.number(key) if values.is_on("enable_pressure_advance") else None


def overhang_fan(values: Values, key: str) -> float:
    """Bridges have it; so have overhangs from a threshold on, which printstd has not."""
    found = share(values, key)
    if values.get("enable_overhang_bridge_fan", "1") != "1":
        raise Lost("bridges have a fan speed of their own", found)
    return found


_COOLING = "slow_down_for_layer_cooling"
_ALWAYS = "reduce_fan_stop_start_freq"

_ROWS: Final = (
    Row("filament_type", "name", name),
    Row("filament_diameter", "filament_diameter_mm", number),
    Row("filament_density", "density_g_cm3", filament.density),
    Row("filament_cost", "cost_per_kg", filament.cost),
    Row("nozzle_temperature", "nozzle_c", whole),
    Row(
        "nozzle_temperature_initial_layer",
        "first_layer_nozzle_c",
        filament.first_layer_temperature("nozzle_temperature"),
    ),
    Row("hot_plate_temp", "bed_c", bed()),
    Row("hot_plate_temp_initial_layer", "first_layer_bed_c", bed("_initial_layer")),
    Row("filament_max_volumetric_speed", "max_flow_mm3_s", filament.max_flow),
    Row("filament_flow_ratio", "flow_ratio", flow("machine_start_gcode", machine.allowlist)),
    Row("filament_shrink", "shrinkage_xy_ratio", filament.left_over),
    Row("filament_shrinkage_compensation_z", "shrinkage_z_ratio", filament.left_over),
    Row("pressure_advance", "pressure_advance_s", advance, uses=("enable_pressure_advance",)),
    Row(
        "fan_min_speed",
        "fan.min_ratio",
        filament.orca_fan_min(_ALWAYS),
        uses=(_ALWAYS,),
    ),
    Row("fan_max_speed", "fan.max_ratio", filament.orca_fan_max()),
    Row("overhang_fan_speed", "fan.bridge_ratio", overhang_fan),
    Row("close_fan_the_first_x_layers", "fan.off_layers", whole),
    Row(
        "full_fan_speed_layer",
        "fan.full_layer",
        filament.fan_full_layer("close_fan_the_first_x_layers"),
    ),
    Row(
        "fan_cooling_layer_time",
        "fan.below_layer_time_s",
        filament.orca_layer_time("slow_down_layer_time"),
    ),
    Row(
        "slow_down_layer_time",
        "fan.slowdown_below_layer_time_s",
        filament.orca_slow_time(_COOLING),
        uses=(_COOLING,),
    ),
    Row("slow_down_min_speed", "fan.min_print_speed_mm_s", filament.least_speed),
)

_OFFS: Final = (
    Off("filament_start_gcode", no_code, "custom code at the start of a filament"),
    Off("filament_end_gcode", no_code, "custom code at the end of a filament"),
    Off("additional_cooling_fan_speed", ("0",), "a second fan"),
    Off("activate_air_filtration", ("0",), "air filtration"),
    Off("activate_chamber_temp_control", ("0",), "a heated chamber"),
    Off("adaptive_pressure_advance", ("0",), "pressure advance by flow"),
    Off("dont_slow_down_outer_wall", ("0",), "outer walls that are not slowed down"),
    Off("ironing_fan_speed", ("-1",), "a fan speed of ironing"),
    Off("internal_bridge_fan_speed", ("-1",), "a fan speed of inner bridges"),
    Off("support_material_interface_fan_speed", ("-1",), "a fan speed of supports"),
)

_OF_TOOLS: Final = (
    "filament_loading_speed*", "filament_unloading_speed*", "filament_toolchange_delay",
    "filament_cooling_*", "filament_ramming_*", "filament_minimal_purge_on_wipe_tower",
    "filament_multitool_ramming*", "filament_soluble", "filament_is_support", "idle_temperature",
    "filament_change_length*", "filament_prime_*", "filament_flush_*", "filament_stamping_*",
    "required_nozzle_HRC", "long_retractions_when_cut", "retraction_distances_when_cut",
    "filament_long_retractions_when_cut", "filament_retraction_distances_when_cut",
    "filament_retract_length_toolchange", "filament_retract_restart_extra_toolchange",
)  # fmt: skip

_IDLES: Final = (
    Idle("one filament prints it all", lambda v: True, _OF_TOOLS),
    Idle("another plate lies there", lambda v: True, (
        "cool_plate_temp*", "eng_plate_temp*", "textured_plate_temp*",
        "textured_cool_plate_temp*", "supertack_plate_temp*", "hot_plate_temp*",
    )),
    Idle("no chamber is heated", not_on("activate_chamber_temp_control"),
         ("chamber_temperature*",)),
    Idle("air is not filtered", not_on("activate_air_filtration"), (
        "during_print_exhaust_fan_speed", "complete_print_exhaust_fan_speed",
    )),
    Idle("pressure advance is one number", not_on("adaptive_pressure_advance"),
         ("adaptive_pressure_advance_*",)),
)  # fmt: skip

_ABOUT: Final = frozenset(
    {
        "filament_settings_id", "filament_notes", "filament_colour", "filament_vendor",
        "filament_id", "default_filament_colour", "filament_ids", "filament_colour_*",
        "filament_extruder_variant", "filament_spool_weight", "temperature_vitrification",
        "nozzle_temperature_range_low", "nozzle_temperature_range_high", "filament_map*",
        "filament_multi_colour", "filament_self_index", "filament_printable",
        "compatible_prints", "compatible_prints_condition", "curr_bed_type",
    }
)  # fmt: skip

TABLE: Final = Table(_ROWS, _OFFS, _IDLES, _ABOUT)
