"""OrcaSlicer's process settings of what is more than a plain print; see `prusa_features`."""

from __future__ import annotations

from typing import Any, Final

from printstd.importing.convert import (
    NO_FEATURE,
    Lost,
    Row,
    Values,
    flag,
    number,
    rounded,
    share,
    whole,
    words,
)

_ORDER: Final[dict[str, Any]] = {
    "inner wall/outer wall": "inner_outer",
    "outer wall/inner wall": "outer_inner",
    "inner-outer-inner wall": "inner_outer_inner",
    "inner wall/outer wall/infill": "inner_outer",
    "outer wall/inner wall/infill": "outer_inner",
}
_IRONED: Final[dict[str, Any]] = {"no ironing": "none", "top": "top", "topmost": "topmost"}
_SEQUENCE: Final[dict[str, Any]] = {"by layer": False, "by object": True}
_FUZZY: Final[dict[str, Any]] = {"none": "none", "external": "outer", "all": "all"}


def supports(values: Values, key: str) -> bool:
    is_on = flag(values, key)
    if is_on and "manual" in values.get("support_type", ""):
        raise Lost("supports under painted places alone", False)
    return is_on


def style(values: Values, key: str) -> str:
    """The type says whether it is a tree, the style which columns."""
    if values.first("support_type").startswith("tree") if "support_type" in values else False:
        return "tree"
    return "snug" if values.first(key) == "snug" else "grid"


def xy_gap(values: Values, key: str) -> float:
    """They say millimetres, printstd a share of the outer wall's width."""
    width = 0.0
    for asked in ("outer_wall_line_width", "line_width"):
        width = width or values.of(asked, values.number("nozzle_diameter"))
    return rounded(values.number(key) / (width or 1.125 * values.number("nozzle_diameter")))


def bottom_layers(values: Values, key: str) -> int:
    """-1: as at the top."""
    found = whole(values, key)
    return found if found >= 0 else whole(values, "support_interface_top_layers")


def support_width(values: Values, key: str) -> float:
    nozzle = values.number("nozzle_diameter")
    return values.of(key, nozzle) or values.of("line_width", nozzle) or nozzle


def ironed(values: Values, key: str) -> str:
    """Where there is no top there is none to iron."""
    if values.get("top_shell_layers", "1") == "0":
        return "none"
    return str(words(_IRONED, "tops alone are ironed", "top")(values, key))


def extra_walls(values: Values, key: str) -> bool:
    """They hold each other from the inside out."""
    is_on = flag(values, key)
    orders = [values.get(order) for order in ("wall_sequence", "wall_infill_order")]
    if is_on and "outer_inner" in [_ORDER.get(order) for order in orders]:
        raise Lost("walls over air are laid from the inside out", False)
    return is_on


def combined(values: Values, key: str) -> int:
    """As many layers as the nozzle is wide enough for."""
    if not flag(values, key) or values.get("sparse_infill_pattern") == "lightning":
        return 1
    return max(1, int(values.number("nozzle_diameter") / values.number("layer_height") + 1e-6))


def overhang_speeds(values: Values, key: str) -> list[float]:
    """At overlaps of 0, 25, 50 and 75 %: their fourth to their first. 0 is no slower than ever."""
    outer = values.number("outer_wall_speed")
    keys = [f"overhang_{quarter}_4_speed" for quarter in (4, 3, 2, 1)]
    asked = [values.of(one, outer) if one in values else 0.0 for one in keys]
    return [min(rounded(speed / outer), 1.0) if speed > 0 else 1.0 for speed in asked]


_HANGING: Final = (1.0, 0.75, 0.5, 0.25)
_FAN_THRESHOLD: Final = 0.95
"""Where a preset says none (knowledge, medium)."""


def overhang_fans(values: Values, key: str) -> list[float]:
    """The same speed for all that hangs over by more than a threshold."""
    threshold = _FAN_THRESHOLD
    if "overhang_fan_threshold" in values:
        threshold = share(values, "overhang_fan_threshold")
    is_on = values.get("enable_overhang_bridge_fan", "1").startswith("1")
    speed = share(values, key) if is_on else 0.0
    found = [speed if over >= threshold else 0.0 for over in _HANGING]
    if any(found) and not values.is_on("enable_overhang_speed"):
        raise Lost("the fan follows overhangs where the speed does", found)
    return found


ROWS: Final = (
    Row("print_sequence", "plate.by_object", words(_SEQUENCE, NO_FEATURE, False)),
    Row("wall_sequence", "walls.order", words(_ORDER, NO_FEATURE)),
    Row("wall_infill_order", "walls.order", words(_ORDER, NO_FEATURE)),
    Row("precise_outer_wall", "walls.precise_outer", flag),
    Row("only_one_wall_top", "walls.one_on_top", flag),
    Row("only_one_wall_first_layer", "walls.one_on_first_layer", flag),
    Row("extra_perimeters_on_overhangs", "overhangs.extra_walls", extra_walls),
    Row("enable_overhang_speed", "overhangs.is_dynamic", flag),
    Row(
        "overhang_4_4_speed",
        "overhangs.speed_ratios",
        overhang_speeds,
        uses=("overhang_3_4_speed", "overhang_2_4_speed", "overhang_1_4_speed"),
    ),
    Row(
        "overhang_fan_speed",
        "overhangs.fan_ratios",
        overhang_fans,
        uses=("overhang_fan_threshold", "enable_overhang_bridge_fan"),
    ),
    Row("fuzzy_skin", "fuzzy_skin.walls", words(_FUZZY, NO_FEATURE, "outer")),
    Row("fuzzy_skin_thickness", "fuzzy_skin.thickness_mm", number),
    Row("fuzzy_skin_point_distance", "fuzzy_skin.point_distance_mm", number),
    Row("spiral_mode", "spiral_vase.is_on", flag),
    Row("spiral_mode_smooth", "spiral_vase.is_smooth", flag),
    Row("infill_combination", "infill.combine_layers", combined),
    Row("ironing_type", "ironing.surfaces", ironed),
    Row("ironing_flow", "ironing.flow_ratio", share),
    Row("ironing_spacing", "ironing.spacing_mm", number),
    Row("ironing_speed", "speeds.ironing_mm_s", number),
    Row("enable_support", "supports.enabled", supports),
    Row("support_style", "supports.style", style, uses=("support_type",)),
    Row("support_threshold_angle", "supports.angle_deg", number),
    Row("support_top_z_distance", "supports.top_distance_mm", number),
    Row("support_bottom_z_distance", "supports.bottom_distance_mm", number),
    Row("support_object_xy_distance", "supports.xy_gap_ratio", xy_gap),
    Row("support_base_pattern_spacing", "supports.spacing_mm", number),
    Row("support_interface_spacing", "supports.interface_spacing_mm", number),
    Row("support_interface_top_layers", "supports.top_interface_layers", whole),
    Row("support_interface_bottom_layers", "supports.bottom_interface_layers", bottom_layers),
    Row("support_on_build_plate_only", "supports.on_build_plate_only", flag),
    Row("bridge_no_support", "supports.dont_support_bridges", flag),
    Row("support_line_width", "widths.support_mm", support_width),
    Row("support_speed", "speeds.support_mm_s", number),
    Row("support_interface_speed", "speeds.support_interface_mm_s", number),
    Row("raft_layers", "raft.layers", whole),
    Row("raft_contact_distance", "raft.contact_distance_mm", number),
    Row("raft_expansion", "raft.expansion_mm", number),
    Row("raft_first_layer_density", "raft.first_layer_density_ratio", share),
    Row("raft_first_layer_expansion", "raft.first_layer_expansion_mm", number),
)
