"""PrusaSlicer's print settings of what is more than a plain print: key -> setting."""

from __future__ import annotations

from typing import Any, Final

from printstd.importing.convert import (
    NO_FEATURE,
    Lost,
    Row,
    Values,
    flag,
    number,
    of,
    rounded,
    share,
    whole,
    words,
)

_AT_OVERLAPS: Final = range(4)
"""A setting for each overlap of 0, 25, 50 and 75 %."""


def _nozzle(values: Values) -> float:
    return values.number("nozzle_diameter")


def _external_width(values: Values) -> float:
    """The bead that supports keep away from; 0: the automatic one."""
    for key in ("external_perimeter_extrusion_width", "extrusion_width"):
        found = values.of(key, values.number("layer_height")) if key in values else 0.0
        if found > 0:
            return found
    return rounded(1.125 * _nozzle(values))


def _external_speed(values: Values) -> float:
    return values.of("external_perimeter_speed", values.of("perimeter_speed", 0.0))


def of_nozzle(values: Values, key: str) -> float:
    """A length as a share of the nozzle."""
    return rounded(values.of(key, _nozzle(values)) / _nozzle(values))


def support_width(values: Values, key: str) -> float:
    """0 asks for `extrusion_width`, and 0 there for the nozzle."""
    for asked in (key, "extrusion_width"):
        found = values.of(asked, values.number("layer_height"))
        if found > 0:
            return found
    return _nozzle(values)


def supports(values: Values, key: str) -> bool:
    is_on = flag(values, key)
    if is_on and not values.is_on("support_material_auto") and "support_material_auto" in values:
        raise Lost("supports under painted places alone", False)
    return is_on


def bottom_distance(values: Values, key: str) -> float:
    """0: as at the top."""
    return values.number(key) or values.number("support_material_contact_distance")


def bottom_layers(values: Values, key: str) -> int:
    """-1: as at the top."""
    found = whole(values, key)
    return found if found >= 0 else whole(values, "support_material_interface_layers")


def xy_gap(values: Values, key: str) -> float:
    width = _external_width(values)
    return rounded(values.of(key, width) / width)


def ironed(values: Values, key: str) -> str:
    """Where there is no top there is none to iron."""
    if not flag(values, key) or values.get("top_solid_layers", "1") == "0":
        return "none"
    kind = values.get("ironing_type", "top")
    if kind not in ("top", "topmost"):
        raise Lost("tops alone are ironed", "top")
    return kind


def overhang_speeds(values: Values, key: str) -> list[float]:
    outer = _external_speed(values)
    keys = [f"{key[:-1]}{number}" for number in _AT_OVERLAPS]
    return [min(rounded(values.of(one, outer) / outer), 1.0) for one in keys]


def overhang_fans(values: Values, key: str) -> list[float]:
    """Without a fan by overhang it is never above what the layer has."""
    if not values.is_on("enable_dynamic_fan_speeds"):
        return [0.0 for _ in _AT_OVERLAPS]
    found = [share(values, f"{key[:-1]}{number}") for number in _AT_OVERLAPS]
    if not values.is_on("enable_dynamic_overhang_speeds"):
        raise Lost("the fan follows overhangs where the speed does", found)
    return found


def extra_walls(values: Values, key: str) -> bool:
    """They hold each other from the inside out."""
    is_on = flag(values, key)
    if is_on and values.is_on("external_perimeters_first"):
        raise Lost("walls over air are laid from the inside out", False)
    return is_on


def combined(values: Values, key: str) -> int:
    """1: every layer has its own."""
    found = max(1, whole(values, key))
    if found > 1 and values.get("fill_pattern") == "lightning":
        raise Lost("lightning infill lies on that of the layer below", 1)
    if found > MOST_COMBINED:
        raise Lost(f"at most {MOST_COMBINED} layers at once", MOST_COMBINED)
    return found


def support_style(values: Values, key: str) -> str:
    """Of no account without supports."""
    return str(words(_STYLES, NO_FEATURE, "grid")(values, key)) if has_supports(values) else "grid"


def has_supports(values: Values) -> bool:
    return values.is_on("support_material")


MOST_COMBINED: Final = 10
_ORDER: Final[dict[str, Any]] = {"0": "inner_outer", "1": "outer_inner"}
_STYLES: Final[dict[str, Any]] = {
    "grid": "grid", "snug": "snug", "tree": "tree", "organic": "tree",
}  # fmt: skip

ROWS: Final = (
    Row("complete_objects", "plate.by_object", flag),
    # Walls.
    Row("external_perimeters_first", "walls.order", words(_ORDER, NO_FEATURE)),
    Row(
        "top_one_perimeter_type",
        "walls.one_on_top",
        words({"none": False, "top": True}, "on every top or on none", True),
    ),
    Row("only_one_perimeter_first_layer", "walls.one_on_first_layer", flag),
    Row("extra_perimeters_on_overhangs", "overhangs.extra_walls", extra_walls),
    Row("enable_dynamic_overhang_speeds", "overhangs.is_dynamic", flag),
    Row(
        "overhang_speed_0",
        "overhangs.speed_ratios",
        overhang_speeds,
        uses=("overhang_speed_1", "overhang_speed_2", "overhang_speed_3"),
    ),
    Row(
        "overhang_fan_speed_0",
        "overhangs.fan_ratios",
        overhang_fans,
        uses=(
            "overhang_fan_speed_1",
            "overhang_fan_speed_2",
            "overhang_fan_speed_3",
            "enable_dynamic_fan_speeds",
        ),
    ),
    Row(
        "fuzzy_skin",
        "fuzzy_skin.walls",
        words({"none": "none", "external": "outer", "all": "all"}, NO_FEATURE, "outer"),
    ),
    Row("fuzzy_skin_thickness", "fuzzy_skin.thickness_mm", number),
    Row("fuzzy_skin_point_dist", "fuzzy_skin.point_distance_mm", number),
    Row("spiral_vase", "spiral_vase.is_on", flag),
    # Infill.
    Row("infill_every_layers", "infill.combine_layers", combined),
    Row("ironing", "ironing.surfaces", ironed, uses=("ironing_type",)),
    Row("ironing_flowrate", "ironing.flow_ratio", share),
    Row("ironing_spacing", "ironing.spacing_mm", number),
    Row("ironing_speed", "speeds.ironing_mm_s", number),
    # Supports.
    Row("support_material", "supports.enabled", supports, uses=("support_material_auto",)),
    Row("support_material_style", "supports.style", support_style),
    Row("support_material_threshold", "supports.angle_deg", number),
    Row("support_material_contact_distance", "supports.top_distance_mm", number),
    Row("support_material_bottom_contact_distance", "supports.bottom_distance_mm", bottom_distance),
    Row("support_material_xy_spacing", "supports.xy_gap_ratio", xy_gap),
    Row("support_material_spacing", "supports.spacing_mm", number),
    Row("support_material_interface_spacing", "supports.interface_spacing_mm", number),
    Row("support_material_interface_layers", "supports.top_interface_layers", whole),
    Row(
        "support_material_bottom_interface_layers",
        "supports.bottom_interface_layers",
        bottom_layers,
    ),
    Row("support_material_closing_radius", "supports.closing_radius_mm", number),
    Row("support_material_buildplate_only", "supports.on_build_plate_only", flag),
    Row("dont_support_bridges", "supports.dont_support_bridges", flag),
    Row("support_material_extrusion_width", "widths.support_mm", support_width),
    Row("support_material_speed", "speeds.support_mm_s", number),
    Row(
        "support_material_interface_speed",
        "speeds.support_interface_mm_s",
        of(lambda values: values.number("support_material_speed")),
    ),
    Row("raft_layers", "raft.layers", whole),
    Row("raft_contact_distance", "raft.contact_distance_mm", number),
    Row("raft_expansion", "raft.expansion_mm", number),
    Row("raft_first_layer_density", "raft.first_layer_density_ratio", share),
    Row("raft_first_layer_expansion", "raft.first_layer_expansion_mm", number),
)
