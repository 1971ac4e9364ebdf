"""PrusaSlicer's print settings: key -> setting (facts of slicers 2.1 to 2.6, 2.10)."""

from __future__ import annotations

from collections.abc import Callable
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
    of,
    rounded,
    share,
    whole,
    words,
)
from printstd.importing.prusa_features import ROWS as FEATURES
from printstd.importing.prusa_features import of_nozzle
from printstd.profiles.infill_models import InfillPattern


def nozzle(values: Values) -> float:
    return values.number("nozzle_diameter")


def layer_height(values: Values) -> float:
    return values.number("layer_height")


def first_layer_height(values: Values) -> float:
    return values.of("first_layer_height", layer_height(values))


def width(auto: float) -> Converter:
    """A bead's width: a percentage is one of the layer height; 0 asks for `extrusion_width`, and
    0 there for `auto` times the nozzle."""

    def convert(values: Values, key: str) -> float:
        for asked in (key, "extrusion_width"):
            found = values.of(asked, layer_height(values))
            if found > 0:
                return found
        return rounded(auto * nozzle(values))

    return convert


_WALL = width(AUTO)


def first_layer_width(values: Values, key: str) -> float:
    """0 leaves every role its own width, which one number can say where they are all alike."""
    found = values.of(key, first_layer_height(values))
    if found > 0:
        return found
    roles = [
        _WALL(values, f"{role}_extrusion_width")
        for role in ("external_perimeter", "perimeter", "infill", "solid_infill")
    ]
    if len(set(roles)) > 1:
        raise Lost("printstd has one width for the first layer", roles[0])
    return float(roles[0])


def speed(base: Callable[[Values], float] | None = None) -> Converter:
    """mm/s, or a percentage of another role's; 0 asks for a speed by flow, which printstd does
    not choose: its limit counts then."""

    def convert(values: Values, key: str) -> float:
        found = values.of(key, base(values)) if base else values.number(key)
        if found <= 0:
            raise Lost("no speed chosen by flow", values.number("max_print_speed"))
        return found

    return convert


def _speed_of(key: str, base: Callable[[Values], float] | None = None) -> Callable[[Values], float]:
    convert = speed(base)

    def found(values: Values) -> float:
        try:
            return float(convert(values, key))
        except Lost as lost:
            return float(lost.instead)

    return found


perimeter_speed = _speed_of("perimeter_speed")
infill_speed = _speed_of("infill_speed")
solid_speed = _speed_of("solid_infill_speed", infill_speed)


def gap_fill(values: Values, key: str) -> bool:
    """Off by its own key, and by a speed of 0."""
    return flag(values, key) and values.get("gap_fill_speed", "20") != "0"


def gap_fill_speed(values: Values, key: str) -> float:
    found = values.of(key, perimeter_speed(values))
    return found if found > 0 else perimeter_speed(values)


def first_layer_speed(values: Values, key: str) -> float:
    """A percentage is one of each role's own speed: one number cannot say that."""
    text = values.first(key)
    if text.endswith("%"):
        raise Lost(
            "printstd has one speed for the first layer", values.of(key, perimeter_speed(values))
        )
    found = values.number(key)
    if found <= 0:
        raise Lost("no speed chosen by flow", perimeter_speed(values))
    return found


def travel_z(values: Values, key: str) -> float:
    """0: as fast as travel."""
    return values.number(key) or values.number("travel_speed")


def pattern(values: Values, key: str) -> str:
    """The pattern of the same name, if printstd has it."""
    word = values.first(key)
    if word in [known.value for known in InfillPattern]:
        return word
    if values.get("fill_density", "20%").rstrip("%") in ("0", "100"):
        return InfillPattern.RECTILINEAR.value
    in_space = word in ("cubic", "adaptivecubic", "supportcubic", "3dhoneycomb", "honeycomb3d")
    raise Lost(NO_FEATURE, (InfillPattern.GYROID if in_space else InfillPattern.GRID).value)


def overlap(values: Values, key: str) -> float:
    height = layer_height(values)
    return overlap_ratio(
        values.first(key),
        values.of(key, 1.0),
        _WALL(values, "perimeter_extrusion_width"),
        _WALL(values, "solid_infill_extrusion_width"),
        height,
    )


def infill_width(values: Values) -> float:
    return float(_WALL(values, "infill_extrusion_width"))


def anchor(values: Values, key: str) -> float:
    """Never longer than the longest."""
    return min(values.of(key, infill_width(values)), anchor_max(values, "infill_anchor_max"))


def anchor_max(values: Values, key: str) -> float:
    return values.of(key, infill_width(values))


def wall_count(values: Values, key: str) -> int:
    count = whole(values, key)
    if count < 1:
        raise Lost("printstd lays at least one wall", 1)
    return count


def thin_walls(values: Values, key: str) -> bool:
    """Walls of variable width fill what is thin anyway."""
    return flag(values, key) or values.get("perimeter_generator", "classic") == "arachne"


def brim(values: Values, key: str) -> float:
    kind = values.get("brim_type", "outer_only")
    if kind == "no_brim":
        return 0.0
    found = values.number(key)
    if found > 0 and kind != "outer_only":
        raise Lost("printstd's brim lies outside the part alone", found)
    return found


def seam_gap(values: Values, key: str) -> float:
    return rounded(values.of(key, nozzle(values)) / nozzle(values))


def arc_fitting(values: Values, key: str) -> bool:
    word = values.first(key)
    if word not in ("disabled", "0", "emit_center", "1"):
        raise Unreadable(key, repr(word), "disabled or emit_center")
    return word in ("emit_center", "1")


def least_bead(values: Values, key: str) -> float:
    """No more than a nozzle wide."""
    found = of_nozzle(values, key)
    if found > 1:
        raise Lost("the narrowest bead is no wider than the nozzle", 1.0)
    return found


_VERTICAL: Final[dict[str, Any]] = {"0": False, "1": True, "disabled": False, "enabled": True}

_ROWS: Final = (
    Row("layer_height", "layer_height_mm", number),
    Row("first_layer_height", "first_layer_height_mm", of(layer_height)),
    Row("slice_closing_radius", "slice_closing_mm", number),
    Row("gcode_resolution", "resolution_mm", number),
    Row("avoid_crossing_perimeters", "avoid_crossing_walls", flag),
    Row("avoid_crossing_perimeters_max_detour", "max_detour_mm", machine.detour),
    Row("arc_fitting", "arcs.max_deviation_mm", machine.arcs(arc_fitting, "gcode_resolution")),
    # Widths.
    Row("external_perimeter_extrusion_width", "widths.external_perimeter_mm", _WALL),
    Row("perimeter_extrusion_width", "widths.perimeter_mm", _WALL, uses=("extrusion_width",)),
    Row("infill_extrusion_width", "widths.infill_mm", _WALL),
    Row("solid_infill_extrusion_width", "widths.solid_infill_mm", _WALL),
    Row("top_infill_extrusion_width", "widths.top_infill_mm", width(AUTO_TOP)),
    Row("first_layer_extrusion_width", "widths.first_layer_mm", first_layer_width),
    # Walls.
    Row("perimeters", "walls.count", wall_count),
    Row(
        "perimeter_generator",
        "walls.generator",
        words({"classic": "classic", "arachne": "variable"}, NO_FEATURE),
    ),
    Row("min_bead_width", "walls.min_bead_width_ratio", least_bead),
    Row("wall_transition_length", "walls.transition_length_ratio", of_nozzle),
    Row("thin_walls", "walls.thin_walls", thin_walls),
    Row("gap_fill_enabled", "walls.gap_fill", gap_fill),
    Row(
        "seam_position",
        "walls.seam",
        words({"aligned": "aligned", "rear": "rear", "nearest": "nearest"}, NO_FEATURE, "nearest"),
    ),
    Row("seam_gap_distance", "walls.seam_gap_ratio", seam_gap),
    # Shells.
    Row("top_solid_layers", "shells.top_layers", whole),
    Row("bottom_solid_layers", "shells.bottom_layers", whole),
    Row("top_solid_min_thickness", "shells.top_min_thickness_mm", number),
    Row("bottom_solid_min_thickness", "shells.bottom_min_thickness_mm", number),
    Row(
        "ensure_vertical_shell_thickness",
        "shells.ensure_vertical",
        words(_VERTICAL, "no partial thickness of sloping shells", True),
    ),
    Row("solid_infill_below_area", "shells.solid_below_area_mm2", number),
    # Infill.
    Row("fill_density", "infill.density_ratio", share),
    Row("fill_pattern", "infill.pattern", pattern),
    Row("fill_angle", "infill.angle_deg", number),
    Row("infill_overlap", "infill.overlap_ratio", overlap),
    Row("infill_anchor", "infill.anchor_mm", anchor),
    Row("infill_anchor_max", "infill.anchor_max_mm", anchor_max),
    # Bridges.
    Row("bridge_flow_ratio", "bridges.flow_ratio", number),
    Row("thick_bridges", "bridges.thick_external", flag),
    # Speeds.
    Row("perimeter_speed", "speeds.perimeter_mm_s", speed(), uses=("max_print_speed",)),
    Row("external_perimeter_speed", "speeds.external_perimeter_mm_s", speed(perimeter_speed)),
    Row("small_perimeter_speed", "speeds.small_perimeter_mm_s", speed(perimeter_speed)),
    Row("infill_speed", "speeds.infill_mm_s", speed()),
    Row("solid_infill_speed", "speeds.solid_infill_mm_s", speed(infill_speed)),
    Row("top_solid_infill_speed", "speeds.top_infill_mm_s", speed(solid_speed)),
    Row("gap_fill_speed", "speeds.gap_fill_mm_s", gap_fill_speed),
    Row("bridge_speed", "speeds.bridge_mm_s", speed()),
    Row("first_layer_speed", "speeds.first_layer_mm_s", first_layer_speed),
    Row("travel_speed", "speeds.travel_mm_s", number),
    Row("travel_speed_z", "speeds.travel_z_mm_s", travel_z),
    # Accelerations.
    Row("default_acceleration", "accelerations.default_mm_s2", number),
    Row("perimeter_acceleration", "accelerations.perimeter_mm_s2", number),
    Row("external_perimeter_acceleration", "accelerations.external_perimeter_mm_s2", number),
    Row("infill_acceleration", "accelerations.infill_mm_s2", number),
    Row("solid_infill_acceleration", "accelerations.solid_infill_mm_s2", number),
    Row("top_solid_infill_acceleration", "accelerations.top_infill_mm_s2", number),
    Row("bridge_acceleration", "accelerations.bridge_mm_s2", number),
    Row("first_layer_acceleration", "accelerations.first_layer_mm_s2", number),
    Row("travel_acceleration", "accelerations.travel_mm_s2", number),
    # Skirt and brim.
    Row("skirts", "adhesion.skirt_loops", whole),
    Row("skirt_distance", "adhesion.skirt_distance_mm", number),
    Row("skirt_height", "adhesion.skirt_layers", whole),
    Row("min_skirt_length", "adhesion.skirt_min_filament_mm", number),
    Row("brim_width", "adhesion.brim_width_mm", brim, uses=("brim_type",)),
    Row("brim_separation", "adhesion.brim_gap_mm", number),
    # Compensations.
    Row("xy_size_compensation", "compensation.xy_mm", number),
    Row("elefant_foot_compensation", "compensation.elephant_foot_mm", number),
)

_SWEPT: Final = ("rectilinear", "monotonic")
"""Solid lines are laid one beside the other, in one direction over each area."""
_OFFS: Final = (
    Off("top_fill_pattern", _SWEPT, "another pattern of top lines"),
    Off("bottom_fill_pattern", _SWEPT, "another pattern of bottom lines"),
    Off("solid_fill_pattern", _SWEPT, "another pattern of solid lines"),
    Off("external_fill_pattern", _SWEPT, "another pattern of outer lines"),
    Off("extra_perimeters", ("0",), "more walls where a slope needs them"),
    Off("wall_distribution_count", ("1",), "a change of width that several walls share"),
    Off("overhangs", ("1",), "walls over air laid as any other"),
    Off("support_material_enforce_layers", ("0",), "supports of the first layers"),
    Off("support_material_synchronize_layers", ("1",), "supports in layers of their own"),
    Off("support_material_interface_contact_loops", ("0",), "loops on top of supports"),
    Off("support_material_with_sheath", ("0",), "a wall around supports"),
    Off("support_material_pattern", ("rectilinear",), "another pattern of supports"),
    Off("support_material_interface_pattern", ("auto", "rectilinear"), "a pattern of contacts"),
    Off("infill_first", ("0",), "infill before walls"),
    Off("automatic_infill_combination", ("0",), "sparse infill of several layers at once"),
    Off("infill_only_where_needed", ("0",), "infill under roofs alone"),
    Off("solid_infill_every_layers", ("0",), "solid layers at intervals"),
    Off("bridge_angle", ("0",), "a bridge direction of one's own"),
    Off("max_volumetric_speed", ("0",), "a flow limit of the process"),
    Off("max_volumetric_extrusion_rate_slope_positive", ("0",), "a limit of the change of flow"),
    Off("max_volumetric_extrusion_rate_slope_negative", ("0",), "a limit of the change of flow"),
    Off("draft_shield", ("disabled", "0"), "draft shield"),
    Off("resolution", ("0",), "simplifying the model"),
    Off("slicing_mode", ("regular",), "slicing by other rules"),
    Off("interface_shells", ("0",), "shells between materials"),
    Off("avoid_crossing_curled_overhangs", ("0",), "ways round what curls up"),
    Off("staggered_inner_seams", ("0",), "inner seams beside each other"),
    Off("scarf_seam_placement", ("nowhere",), "scarf seams"),
    Off("over_bridge_speed", ("0", "100%"), "a speed over bridges"),
    Off("first_layer_infill_speed", ("0", "100%"), "an infill speed of the first layer"),
    Off("travel_short_distance_acceleration", ("0",), "an acceleration of short ways"),
    Off("xy_inner_size_compensation", ("0",), "an offset of holes"),
    Off("ooze_prevention", ("0",), "several tools"),
    Off("wipe_tower", ("0",), "wipe tower"),
    Off("interlocking_beam", ("0",), "interlocking"),
    Off("post_process", ("",), "scripts that change the program"),
    Off("gcode_substitutions", ("",), "replacing texts in the program"),
    Off("prefer_clockwise_movements", ("0",), "loops laid clockwise"),
)

_OF_SUPPORTS: Final = (
    "support_material_*", "support_tree_*", "raft_*", "dont_support_bridges",
    "first_layer_speed_over_raft", "first_layer_acceleration_over_raft",
)  # fmt: skip
_OF_ARACHNE: Final = ("wall_*", "min_bead_width", "min_feature_size")
_OF_TOOLS: Final = (
    "wipe_tower*", "wipe_into_*", "wiping_volumes*", "single_extruder_multi_material_priming",
    "standby_temperature_delta", "mmu_segmented_region*", "interface_shells", "ooze_prevention",
    "perimeter_extruder", "infill_extruder", "solid_infill_extruder", "idle_temperature",
    "support_material_extruder", "support_material_interface_extruder", "interlocking_*",
    "clip_multipart_objects",
)  # fmt: skip


def has_one_tool(values: Values) -> bool:
    """One extruder, and one material in it."""
    tools = values.get("nozzle_diameter", "0.4").count(",") + 1
    return tools == 1 and not values.is_on("single_extruder_multi_material")


def _is(key: str, *texts: str) -> Callable[[Values], bool]:
    return lambda values: values.get(key, texts[0]) in texts


def no_supports(values: Values) -> bool:
    return not values.is_on("support_material") and values.get("raft_layers", "0") == "0"


_SPEEDS: Final = (
    "perimeter_speed", "external_perimeter_speed", "infill_speed", "solid_infill_speed",
    "top_solid_infill_speed", "small_perimeter_speed", "bridge_speed",
)  # fmt: skip


def no_auto_speed(values: Values) -> bool:
    return all(values.get(key, "1") not in ("0", "0%") for key in _SPEEDS)


_IDLES: Final = (
    Idle("there are no supports", no_supports, _OF_SUPPORTS),
    Idle("supports are automatic", lambda v: True, ("support_material_auto",)),
    Idle("there is one tool", has_one_tool, _OF_TOOLS),
    Idle("ironing is off", lambda v: not v.is_on("ironing"), ("ironing_*",)),
    Idle("fuzzy skin is off", _is("fuzzy_skin", "none"), ("fuzzy_skin_*",)),
    Idle("walls have one width", _is("perimeter_generator", "classic"), _OF_ARACHNE),
    Idle("no speed is chosen by flow", no_auto_speed, ("max_print_speed",)),
    Idle(
        "objects are printed together",
        lambda v: not v.is_on("complete_objects"),
        ("extruder_clearance_*",),
    ),
    Idle(
        "no speed by overhang",
        lambda v: not v.is_on("enable_dynamic_overhang_speeds"),
        ("overhang_speed_*",),
    ),
    Idle("no scarf seams", _is("scarf_seam_placement", "nowhere"), ("scarf_seam_*",)),
    Idle(
        "ways may cross walls",
        lambda v: not v.is_on("avoid_crossing_perimeters"),
        ("avoid_crossing_perimeters_max_detour",),
    ),
    Idle("there is no skirt", _is("skirts", "0"), ("skirt_*", "min_skirt_length", "draft_shield")),
)

_ABOUT: Final = frozenset(
    {
        "print_settings_id", "notes", "output_filename_format", "gcode_comments", "threads",
        "compatible_printers", "compatible_printers_condition", "compatible_prints",
        "compatible_prints_condition", "inherits", "inherits_group", "renamed_from",
        "variable_layer_height", "duplicate_distance", "colorprint_heights", "binary_gcode",
        "extrusion_axis", "profile_vendor", "profile_version", "printer_technology",
    }
)  # fmt: skip

TABLE: Final = Table((*_ROWS, *FEATURES), _OFFS, _IDLES, _ABOUT)
