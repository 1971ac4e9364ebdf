"""OrcaSlicer's and Bambu Studio's process settings: key -> setting.

Same meanings as PrusaSlicer's unless said: line widths in percent are of the nozzle, and
accelerations in percent of another one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from printstd.importing import machine
from printstd.importing.beads import AUTO, AUTO_TOP, overlap_ratio
from printstd.importing.convert import (
    NO_FEATURE,
    Converter,
    Idle,
    Lost,
    Off,
    Row,
    Table,
    Unreadable,
    Values,
    flag,
    number,
    rounded,
    share,
    whole,
    words,
)
from printstd.importing.orca_features import ROWS as FEATURES
from printstd.importing.prusa_features import of_nozzle
from printstd.importing.prusa_process import least_bead, nozzle
from printstd.profiles.infill_models import InfillPattern


def layer_height(values: Values) -> float:
    return values.number("layer_height")


def width(auto: float) -> Converter:
    """A percentage is one of the nozzle; 0 asks for `line_width`, and 0 there for `auto` times
    the nozzle."""

    def convert(values: Values, key: str) -> float:
        for asked in (key, "line_width"):
            found = values.of(asked, nozzle(values))
            if found > 0:
                return found
        return rounded(auto * nozzle(values))

    return convert


_WALL = width(AUTO)


def speed_of(key: str) -> Callable[[Values], float]:
    return lambda values: values.number(key)


def speed(base: Callable[[Values], float] | None = None) -> Converter:
    """mm/s; Bambu Studio's lists have one for each extruder, the first counts."""

    def convert(values: Values, key: str) -> float:
        found = values.of(key, base(values)) if base else values.number(key)
        if found <= 0:
            raise Lost("0 leaves the speed to the slicer")
        return found

    return convert


def first_layer_speed(values: Values, key: str) -> float:
    """Infill of the first layer may have its own there; here is one number."""
    walls, infill = values.number(key), values.get("initial_layer_infill_speed", "")
    if infill and values.of("initial_layer_infill_speed", walls) != walls:
        raise Lost("printstd has one speed for the first layer", walls)
    return walls


_PATTERNS: Final[Mapping[str, str]] = {
    "zig-zag": "rectilinear",
    "3dhoneycomb": "3dhoneycomb",
    "tri-hexagon": "stars",
}
"""Where the two slicers call a pattern differently."""


def pattern(values: Values, key: str) -> str:
    word = values.first(key)
    word = _PATTERNS.get(word, word)
    if word in [known.value for known in InfillPattern]:
        return word
    if values.get("sparse_infill_density", "20%").rstrip("%") in ("0", "100"):
        return InfillPattern.RECTILINEAR.value
    in_space = word in ("cubic", "adaptivecubic", "quartercubic", "supportcubic", "3dhoneycomb")
    raise Lost(NO_FEATURE, (InfillPattern.GYROID if in_space else InfillPattern.GRID).value)


def infill_width(values: Values) -> float:
    return float(_WALL(values, "sparse_infill_line_width"))


def anchor_max(values: Values, key: str) -> float:
    return values.of(key, infill_width(values))


def anchor(values: Values, key: str) -> float:
    return min(values.of(key, infill_width(values)), anchor_max(values, "infill_anchor_max"))


def overlap(values: Values, key: str) -> float:
    return overlap_ratio(
        values.first(key),
        values.of(key, 1.0),
        _WALL(values, "inner_wall_line_width"),
        _WALL(values, "internal_solid_infill_line_width"),
        layer_height(values),
    )


def brim(values: Values, key: str) -> float:
    """A brim that the slicer chooses itself is none that could be said beforehand."""
    kind = values.get("brim_type", "auto_brim")
    found = values.number(key)
    if kind in ("no_brim", "outer_only") or found == 0:
        return 0.0 if kind == "no_brim" else found
    if kind == "auto_brim":
        raise Lost("no brim where the slicer thinks it needed; set adhesion.brim_width_mm", 0.0)
    raise Lost("printstd's brim lies outside the part alone", found)


def wall_count(values: Values, key: str) -> int:
    count = whole(values, key)
    if count < 1:
        raise Lost("printstd lays at least one wall", 1)
    return count


def thin_walls(values: Values, key: str) -> bool:
    return flag(values, key) or values.get("wall_generator", "arachne") == "arachne"


def small_loop(values: Values, key: str) -> float:
    """They say the radius, printstd the length. Where it is 0 no loop is small."""
    return rounded(2 * math.pi * values.number(key))


def acceleration(base_key: str = "default_acceleration") -> Converter:
    """mm/s2, or a percentage of another one."""

    def convert(values: Values, key: str) -> float:
        return values.of(key, values.number(base_key))

    return convert


def seam_gap(values: Values, key: str) -> float:
    return rounded(values.of(key, nozzle(values)) / nozzle(values))


def gap_fill(values: Values, key: str) -> bool:
    if values.first(key) not in ("everywhere", "topbottom", "nowhere"):
        raise Unreadable(key, repr(values.first(key)), "everywhere, topbottom or nowhere")
    if values.first(key) == "topbottom":
        raise Lost("gaps are filled everywhere or nowhere", True)
    return values.first(key) == "everywhere"


def travel_z(values: Values, key: str) -> float:
    return values.number(key) or values.number("travel_speed")


_VERTICAL: Final[dict[str, Any]] = {
    "none": False, "ensure_all": True, "0": False, "1": True,
}  # fmt: skip

_ROWS: Final = (
    Row("layer_height", "layer_height_mm", number),
    Row("initial_layer_print_height", "first_layer_height_mm", number),
    Row("slice_closing_radius", "slice_closing_mm", number),
    Row("resolution", "resolution_mm", number),
    Row("reduce_crossing_wall", "avoid_crossing_walls", flag),
    Row("max_travel_detour_distance", "max_detour_mm", machine.detour),
    Row("enable_arc_fitting", "arcs.max_deviation_mm", machine.arcs(flag, "resolution")),
    Row("precise_z_height", "layers.exact_top", flag),
    # Widths.
    Row("outer_wall_line_width", "widths.external_perimeter_mm", _WALL),
    Row("inner_wall_line_width", "widths.perimeter_mm", _WALL, uses=("line_width",)),
    Row("sparse_infill_line_width", "widths.infill_mm", _WALL),
    Row("internal_solid_infill_line_width", "widths.solid_infill_mm", _WALL),
    Row("top_surface_line_width", "widths.top_infill_mm", width(AUTO_TOP)),
    Row("initial_layer_line_width", "widths.first_layer_mm", _WALL),
    # Walls.
    Row("wall_loops", "walls.count", wall_count),
    Row(
        "wall_generator",
        "walls.generator",
        words({"classic": "classic", "arachne": "variable"}, NO_FEATURE),
    ),
    Row("min_bead_width", "walls.min_bead_width_ratio", least_bead),
    Row("wall_transition_length", "walls.transition_length_ratio", of_nozzle),
    Row("detect_thin_wall", "walls.thin_walls", thin_walls),
    Row("gap_fill_target", "walls.gap_fill", gap_fill),
    Row(
        "seam_position",
        "walls.seam",
        words({"aligned": "aligned", "back": "rear", "nearest": "nearest"}, NO_FEATURE, "nearest"),
    ),
    Row("seam_gap", "walls.seam_gap_ratio", seam_gap),
    Row("small_perimeter_threshold", "walls.small_perimeter_length_mm", small_loop),
    # Shells.
    Row("top_shell_layers", "shells.top_layers", whole),
    Row("bottom_shell_layers", "shells.bottom_layers", whole),
    Row("top_shell_thickness", "shells.top_min_thickness_mm", number),
    Row("bottom_shell_thickness", "shells.bottom_min_thickness_mm", number),
    Row(
        "ensure_vertical_shell_thickness",
        "shells.ensure_vertical",
        words(_VERTICAL, "no partial thickness of sloping shells", True),
    ),
    Row("minimum_sparse_infill_area", "shells.solid_below_area_mm2", number),
    # Infill.
    Row("sparse_infill_density", "infill.density_ratio", share),
    Row("sparse_infill_pattern", "infill.pattern", pattern),
    Row("infill_direction", "infill.angle_deg", number),
    Row("infill_wall_overlap", "infill.overlap_ratio", overlap),
    Row("infill_anchor", "infill.anchor_mm", anchor),
    Row("infill_anchor_max", "infill.anchor_max_mm", anchor_max),
    # Bridges.
    Row("bridge_flow", "bridges.flow_ratio", number),
    Row("thick_bridges", "bridges.thick_external", flag),
    Row("thick_internal_bridges", "bridges.thick_internal", flag),
    # Speeds.
    Row("inner_wall_speed", "speeds.perimeter_mm_s", speed()),
    Row("outer_wall_speed", "speeds.external_perimeter_mm_s", speed()),
    Row(
        "small_perimeter_speed", "speeds.small_perimeter_mm_s", speed(speed_of("outer_wall_speed"))
    ),
    Row("sparse_infill_speed", "speeds.infill_mm_s", speed()),
    Row("internal_solid_infill_speed", "speeds.solid_infill_mm_s", speed()),
    Row("top_surface_speed", "speeds.top_infill_mm_s", speed()),
    Row("gap_infill_speed", "speeds.gap_fill_mm_s", speed()),
    Row("bridge_speed", "speeds.bridge_mm_s", speed()),
    Row(
        "initial_layer_speed",
        "speeds.first_layer_mm_s",
        first_layer_speed,
        uses=("initial_layer_infill_speed",),
    ),
    Row("travel_speed", "speeds.travel_mm_s", speed()),
    Row("travel_speed_z", "speeds.travel_z_mm_s", travel_z),
    # Accelerations.
    Row("default_acceleration", "accelerations.default_mm_s2", number),
    Row("inner_wall_acceleration", "accelerations.perimeter_mm_s2", acceleration()),
    Row("outer_wall_acceleration", "accelerations.external_perimeter_mm_s2", acceleration()),
    Row("sparse_infill_acceleration", "accelerations.infill_mm_s2", acceleration()),
    Row("internal_solid_infill_acceleration", "accelerations.solid_infill_mm_s2", acceleration()),
    Row("top_surface_acceleration", "accelerations.top_infill_mm_s2", acceleration()),
    Row(
        "bridge_acceleration",
        "accelerations.bridge_mm_s2",
        acceleration("outer_wall_acceleration"),
    ),
    Row("initial_layer_acceleration", "accelerations.first_layer_mm_s2", acceleration()),
    Row("travel_acceleration", "accelerations.travel_mm_s2", acceleration()),
    # Skirt and brim.
    Row("skirt_loops", "adhesion.skirt_loops", whole),
    Row("skirt_distance", "adhesion.skirt_distance_mm", number),
    Row("skirt_height", "adhesion.skirt_layers", whole),
    Row("min_skirt_length", "adhesion.skirt_min_filament_mm", number),
    Row("brim_width", "adhesion.brim_width_mm", brim, uses=("brim_type",)),
    Row("brim_object_gap", "adhesion.brim_gap_mm", number),
    # Compensations.
    Row("xy_contour_compensation", "compensation.xy_mm", number),
    Row("xy_hole_compensation", "compensation.hole_mm", number),
    Row("elefant_foot_compensation", "compensation.elephant_foot_mm", number),
)

_SWEPT: Final = ("rectilinear", "zig-zag", "monotonic")
"""See `prusa_process`."""
_OFFS: Final = (
    Off("wall_distribution_count", ("1",), "a change of width that several walls share"),
    Off("top_surface_pattern", _SWEPT, "another pattern of top lines"),
    Off("bottom_surface_pattern", _SWEPT, "another pattern of bottom lines"),
    Off("internal_solid_infill_pattern", _SWEPT, "another pattern of solid lines"),
    Off("detect_overhang_wall", ("1",), "walls over air laid as any other"),
    Off("is_infill_first", ("0",), "infill before walls"),
    Off("alternate_extra_wall", ("0",), "a wall more in each second layer"),
    Off("overhang_reverse", ("0",), "walls over air laid the other way round"),
    Off("max_volumetric_extrusion_rate_slope", ("0",), "a limit of the change of flow"),
    Off("draft_shield", ("disabled",), "draft shield"),
    Off("bridge_angle", ("0",), "a bridge direction of one's own"),
    Off("bridge_density", ("100%", "1"), "bridges of fewer lines"),
    Off("internal_bridge_flow", ("1",), "a flow of inner bridges"),
    Off("internal_bridge_speed", ("100%", "150%"), "a speed of inner bridges"),
    Off("staggered_inner_seams", ("0",), "inner seams beside each other"),
    Off("seam_slope_type", ("none",), "scarf seams"),
    Off("wipe_on_loops", ("0",), "wiping into the part at a seam"),
    Off("wipe_before_external_loop", ("0",), "wiping before an outer wall"),
    Off("role_based_wipe_speed", ("0",), "a wiping speed by role"),
    Off("make_overhang_printable", ("0",), "changing what hangs over"),
    Off("hole_to_polyhole", ("0",), "changing round holes"),
    Off("adaptive_layer_height", ("0",), "layers of several heights"),
    Off("enable_prime_tower", ("0",), "prime tower"),
    Off("interface_shells", ("0",), "shells between materials"),
    Off("ooze_prevention", ("0",), "several tools"),
    Off("post_process", ("",), "scripts that change the program"),
    Off("print_flow_ratio", ("1",), "a flow of the process"),
    Off("top_solid_infill_flow_ratio", ("1",), "a flow of the top"),
    Off("bottom_solid_infill_flow_ratio", ("1",), "a flow of the bottom"),
    Off("initial_layer_flow_ratio", ("1",), "a flow of the first layer"),
    Off("filter_out_gap_fill", ("0",), "leaving out short gaps"),
    Off("slicing_mode", ("regular",), "slicing by other rules"),
    Off("slow_down_layers", ("0",), "several slow layers at the start"),
    Off("initial_layer_travel_speed", ("100%",), "a travel speed of the first layer"),
    Off("default_jerk", ("0",), "a jerk of the process"),
    Off("elefant_foot_compensation_layers", ("1",), "a compensation of several layers"),
    Off("exclude_object", ("0", "1"), "labels, which the printer profile says"),
    Off("gcode_label_objects", ("0", "1"), "labels, which the printer profile says"),
)

_OF_SUPPORTS: Final = (
    "support_*", "tree_support_*", "raft_*", "bridge_no_support",
    "independent_support_layer_height", "enforce_support_layers", "max_bridge_length",
)  # fmt: skip
_OF_ARACHNE: Final = (
    "wall_transition_*", "wall_distribution_count", "min_bead_width", "min_feature_size",
    "initial_layer_min_bead_width", "min_length_factor",
)  # fmt: skip
_OF_TOOLS: Final = (
    "prime_tower_*", "wipe_tower_*", "flush_into_*", "standby_temperature_delta", "prime_volume",
    "timelapse_type", "wall_filament", "sparse_infill_filament", "solid_infill_filament",
    "mmu_segmented_region_*", "preheat_*", "interlocking_*",
    "single_extruder_multi_material_priming",
    "flush_*", "enable_tower_*",
)  # fmt: skip


def no_supports(values: Values) -> bool:
    return not values.is_on("enable_support") and values.get("raft_layers", "0") == "0"


def _is(key: str, *texts: str) -> Callable[[Values], bool]:
    return lambda values: values.get(key, texts[0]) in texts


def not_on(key: str) -> Callable[[Values], bool]:
    return lambda values: not values.is_on(key)


_IDLES: Final = (
    Idle("there are no supports", no_supports, _OF_SUPPORTS),
    Idle("one filament prints it all", not_on("enable_prime_tower"), _OF_TOOLS),
    Idle("ironing is off", _is("ironing_type", "no ironing"), ("ironing_*",)),
    Idle("fuzzy skin is off", _is("fuzzy_skin", "none"), ("fuzzy_skin_*",)),
    Idle("the spiral is off", not_on("spiral_mode"), ("spiral_*",)),
    Idle("walls have one width", _is("wall_generator", "classic"), _OF_ARACHNE),
    Idle("no speed by overhang", not_on("enable_overhang_speed"), ("overhang_*_speed",)),
    Idle(
        "no speed by overhang",
        not_on("enable_overhang_speed"),
        ("overhang_speed_classic", "slowdown_for_curled_perimeters"),
    ),
    Idle("objects are printed together", _is("print_sequence", "by layer"), ("print_order",)),
    Idle("no scarf seams", _is("seam_slope_type", "none"), ("seam_slope_*", "scarf_*")),
    Idle("ways may cross walls", not_on("reduce_crossing_wall"), ("max_travel_detour_distance",)),
    Idle("there is no skirt", _is("skirt_loops", "0"), ("skirt_*", "draft_shield")),
    Idle("no jerk is set", _is("default_jerk", "0"), ("outer_wall_jerk", "inner_wall_jerk",
         "infill_jerk", "top_surface_jerk", "initial_layer_jerk", "travel_jerk")),
    Idle("holes are left as they are", not_on("hole_to_polyhole"), ("hole_to_polyhole_*",)),
    Idle("walls over air are left", not_on("overhang_reverse"), ("overhang_reverse_*",)),
    Idle("what hangs over is left", not_on("make_overhang_printable"),
         ("make_overhang_printable_*",)),
    Idle("infill is not combined", not_on("infill_combination"), ("infill_combination_*",)),
    Idle("no brim at corners", _is("brim_type", "no_brim", "outer_only"), ("brim_ears_*",)),
    Idle("flow may change at once", _is("max_volumetric_extrusion_rate_slope", "0"),
         ("max_volumetric_extrusion_rate_slope_*", "extrusion_rate_smoothing_*")),
    Idle("one wall on top is off", not_on("only_one_wall_top"), ("min_width_top_surface",)),
    Idle("wiping has one speed", lambda v: True, ("wipe_speed",)),
)  # fmt: skip

_ABOUT: Final = frozenset(
    {
        "print_settings_id", "notes", "filename_format", "compatible_printers", "setting_id",
        "compatible_printers_condition", "from", "version", "description", "is_custom_defined",
        "gcode_comments", "gcode_add_line_number",
        "inherits_group", "different_settings_to_system", "print_extruder_id",
        "print_extruder_variant",
        "smooth_speed_*", "smooth_coefficient", "renamed_from", "upward_compatible_machine",
    }
)  # fmt: skip

TABLE: Final = Table((*_ROWS, *FEATURES), _OFFS, _IDLES, _ABOUT)
