"""Keys of a process, each with the part and the measure on which it shows."""

from __future__ import annotations

import math

import numpy as np

from printstd.artifacts.toolpath import MoveKind, Role
from printstd.profiles.infill_models import InfillPattern
from tests.unit.toolpath.planning import is_kind
from tests.unit.toolpath.settings.measures import (
    VARIABLE,
    accel,
    count_on,
    direction_deg,
    fed,
    fed_per_mm,
    feed,
    feed_of_kind,
    first_height,
    has,
    height,
    highest_fan,
    laid_mm,
    last_top,
    layer_height,
    layers_with,
    loops_of_external,
    mean_length,
    n_layers,
    n_lines,
    n_moves_outside,
    narrowest_wall,
    place_of_the_outer_wall,
    reach,
    retracted_ways,
    rising_moves,
    seam_gap,
    seam_height,
    second_wall_inset,
    shape_of,
    sharpest_turn,
    shell_layers,
    skirt_distance,
    slowest_wall,
    small_feed,
    steepest_wall,
    vertices,
    widest_wall,
    width,
    widths_of_external,
)
from tests.unit.toolpath.settings.planned import (
    CALM_AIR,
    DYNAMIC,
    FAST,
    FUZZY,
    SLOW,
    SPACING_ABOVE,
    STILL,
    VASE,
    WINDY,
    Measure,
    Row,
    same,
)
from tests.unit.toolpath.test_hollow import loose_turns

SPACING = 0.42 - 0.2 * 0.2146018366
"""Of the first layer's beads, mm."""


def speeds() -> list[Row]:
    roles = {
        "external_perimeter": (Role.EXTERNAL_PERIMETER, "cube"),
        "perimeter": (Role.PERIMETER, "cube"),
        "infill": (Role.INTERNAL_INFILL, "cube"),
        "solid_infill": (Role.SOLID_INFILL, "cube"),
        "top_infill": (Role.TOP_SOLID_INFILL, "cube"),
        "gap_fill": (Role.GAP_FILL, "ribs"),
        "bridge": (Role.BRIDGE_INFILL, "bridge"),
    }
    large = ("walls.small_perimeter_length_mm", "0.0")
    return [
        Row(f"speeds.{name}_mm_s", (22.0, 33.5), part, feed(role), same, (large,))
        for name, (role, part) in roles.items()
    ] + [
        Row("speeds.small_perimeter_mm_s", (11.0, 14.0), "drilled", small_feed, same),
        Row("speeds.first_layer_mm_s", (9.0, 19.0), "cube", feed(Role.PERIMETER, first=True), same),
        Row("speeds.travel_mm_s", (90.0, 200.0), "cube", feed_of_kind(MoveKind.TRAVEL), same),
        Row("speeds.travel_z_mm_s", (5.0, 9.0), "cube", feed_of_kind(MoveKind.LIFT), same),
    ]


def accelerations() -> list[Row]:
    roles = {
        "external_perimeter": (Role.EXTERNAL_PERIMETER, "cube"),
        "perimeter": (Role.PERIMETER, "cube"),
        "infill": (Role.INTERNAL_INFILL, "cube"),
        "solid_infill": (Role.SOLID_INFILL, "cube"),
        "top_infill": (Role.TOP_SOLID_INFILL, "cube"),
        "bridge": (Role.BRIDGE_INFILL, "bridge"),
        "default": (Role.GAP_FILL, "ribs"),
    }
    travel: Measure = lambda t: float(np.median(t.accel_mm_s2[is_kind(t, MoveKind.TRAVEL)]))  # noqa: E731
    return [
        Row(f"accelerations.{name}_mm_s2", (410.0, 1230.0), part, accel(role), same)
        for name, (role, part) in roles.items()
    ] + [
        Row(
            "accelerations.first_layer_mm_s2",
            (310.0, 520.0),
            "cube",
            accel(Role.PERIMETER, first=True),
            same,
        ),
        Row("accelerations.travel_mm_s2", (910.0, 1400.0), "cube", travel, same),
    ]


PROCESS_ROWS = [
    Row("layer_height_mm", (0.1, 0.25), "cube", layer_height, same),
    Row("first_layer_height_mm", (0.15, 0.3), "cube", first_height, same),
    Row(
        "layers.exact_top",
        (False, True),
        "cube",
        last_top,
        "differs",
        (("first_layer_height_mm", "0.25"),),
    ),
    Row("layers.max_surface_error_um", (40, 60, 100), "dome", n_layers, "falls"),
    Row(
        "ranges",
        ("[]", "[{from_mm=1.0, to_mm=2.0, layer_height_mm=0.1}]"),
        "cube",
        n_layers,
        "rises",
    ),
    Row("slice_closing_mm", (0.0, 0.049), "slit", loops_of_external, "falls"),
    Row("resolution_mm", (0.0, 0.05), "dome", vertices, "falls"),
    Row("avoid_crossing_walls", (False, True), "plate", retracted_ways, "falls"),
    Row(
        "max_detour_mm",
        (0.001, 2.0, 0.0),
        "plate",
        retracted_ways,
        "falls",
        (("avoid_crossing_walls", "true"),),
    ),
    Row("widths.external_perimeter_mm", (0.4, 0.5), "cube", width(Role.EXTERNAL_PERIMETER), same),
    Row("widths.perimeter_mm", (0.4, 0.6), "cube", width(Role.PERIMETER), same),
    Row("widths.infill_mm", (0.4, 0.6), "cube", width(Role.INTERNAL_INFILL), same),
    Row("widths.solid_infill_mm", (0.4, 0.6), "slab", width(Role.SOLID_INFILL), same, within=0.03),
    Row(
        "widths.top_infill_mm", (0.36, 0.6), "slab", width(Role.TOP_SOLID_INFILL), same, within=0.03
    ),
    Row("widths.first_layer_mm", (0.4, 0.6), "cube", width(Role.PERIMETER, first=True), same),
    Row(
        "walls.count",
        (1, 2, 4),
        "cube",
        count_on(20, Role.EXTERNAL_PERIMETER, Role.PERIMETER),
        same,
    ),
    Row("walls.generator", ("classic", "variable"), "tapered wall", widths_of_external, "rises"),
    Row(
        "walls.min_bead_width_ratio", (0.6, 0.85), "tapered wall", narrowest_wall, "rises", VARIABLE
    ),
    Row("walls.max_bead_width_ratio", (1.45, 2.0), "tapered wall", widest_wall, "rises", VARIABLE),
    Row(
        "walls.transition_length_ratio",
        (0.5, 2.0),
        "tapered wall",
        steepest_wall,
        "falls",
        VARIABLE,
    ),
    Row(
        "walls.order",
        ("inner_outer", "outer_inner", "inner_outer_inner"),
        "cube",
        place_of_the_outer_wall,
        lambda order: {"inner_outer": 3, "outer_inner": 0, "inner_outer_inner": 2}[str(order)],
        (("walls.count", "4"),),
    ),
    Row(
        "walls.precise_outer",
        (False, True),
        "cube",
        second_wall_inset,
        lambda precise: 0.45 if precise else SPACING_ABOVE,
        within=0.001,
    ),
    Row(
        "walls.one_on_first_layer",
        (False, True),
        "cube",
        count_on(0, Role.PERIMETER),
        lambda one: 1 - one,
    ),
    Row("walls.one_on_top", (False, True), "steps", fed(Role.PERIMETER), "falls"),
    Row("overhangs.is_dynamic", (False, True), "tee", slowest_wall, "falls"),
    Row("overhangs.speed_ratios", (FAST, SLOW), "tee", slowest_wall, "falls", DYNAMIC),
    Row("overhangs.fan_ratios", (STILL, WINDY), "tee", highest_fan, "rises", (*DYNAMIC, *CALM_AIR)),
    Row("overhangs.extra_walls", (False, True), "tee", fed(Role.OVERHANG_PERIMETER), "rises"),
    Row("fuzzy_skin.walls", ("none", "outer", "all"), "drilled", n_moves_outside, "rises"),
    Row(
        "fuzzy_skin.thickness_mm",
        (0.1, 0.3),
        "slab",
        reach(Role.EXTERNAL_PERIMETER, 6),
        "rises",
        FUZZY,
    ),
    Row("fuzzy_skin.point_distance_mm", (2.0, 0.5), "slab", n_moves_outside, "rises", FUZZY),
    Row("spiral_vase.is_on", (False, True), "slab", rising_moves, "rises", VASE),
    Row(
        "spiral_vase.is_smooth",
        (True, False),
        "cone",
        sharpest_turn,
        "rises",
        (*VASE, ("spiral_vase.is_on", "true")),
    ),
    Row("walls.thin_walls", (False, True), "ribs", fed(Role.EXTERNAL_PERIMETER), "rises"),
    Row("walls.gap_fill", (False, True), "ribs", has(Role.GAP_FILL), same),
    Row("walls.seam", ("aligned", "rear"), "ell", seam_height, "rises"),
    Row("walls.seam_gap_ratio", (0.0, 0.2), "slab", seam_gap, lambda r: 0.4 * r, within=0.002),
    Row(
        "walls.small_perimeter_length_mm",
        (5.0, 60.0),
        "drilled",
        small_feed,
        lambda limit: 12.0 if limit > 12 else 25.0,
        (("speeds.small_perimeter_mm_s", "12.0"),),
    ),
    Row("shells.top_layers", (1, 2, 5), "cube", shell_layers(top=True), same),
    Row("shells.bottom_layers", (1, 2, 5), "cube", shell_layers(top=False), same),
    Row(
        "shells.top_min_thickness_mm",
        (0.0, 0.5, 1.0),
        "cube",
        shell_layers(top=True),
        lambda t: max(2, math.ceil(t / 0.2 - 1e-9)),
    ),
    Row(
        "shells.bottom_min_thickness_mm",
        (0.0, 0.5, 1.0),
        "cube",
        shell_layers(top=False),
        lambda t: max(2, math.ceil(t / 0.2 - 1e-9)),
    ),
    Row(
        "shells.ensure_vertical",
        (False, True),
        "dome",
        fed(Role.SOLID_INFILL, Role.INTERNAL_BRIDGE_INFILL, Role.TOP_SOLID_INFILL),
        "rises",
        beside=(("shells.top_layers", "6"),),
    ),
    Row("shells.solid_below_area_mm2", (0.0, 90.0), "cube", has(Role.INTERNAL_INFILL), "falls"),
    Row("infill.density_ratio", (0.1, 0.2, 0.4), "slab", fed(Role.INTERNAL_INFILL), "rises"),
    Row(
        "infill.pattern",
        # A part as small as this is adaptive cubic's surface throughout.
        tuple(pattern.value for pattern in InfillPattern if pattern.value != "adaptivecubic"),
        "slab",
        shape_of(Role.INTERNAL_INFILL),
        "differs",
        (("infill.anchor_max_mm", "2.5"),),
    ),
    Row(
        "infill.angle_deg",
        (10.0, 50.0),
        "slab",
        direction_deg(Role.INTERNAL_INFILL, 6),
        same,
        within=0.05,
    ),
    Row("infill.overlap_ratio", (0.0, 0.2, 0.4), "slab", reach(Role.INTERNAL_INFILL, 6), "rises"),
    Row(
        "infill.anchor_mm",
        (0.0, 1.0, 2.0),
        "slab",
        mean_length(Role.INTERNAL_INFILL),
        "rises",
        (("infill.anchor_max_mm", "2.0"),),
    ),
    Row("infill.anchor_max_mm", (2.5, 12.0), "slab", n_lines(Role.INTERNAL_INFILL), "falls"),
    Row("infill.anchoring", ("never", "always"), "ball", loose_turns, "falls"),
    Row(
        "infill.combine_layers",
        (1, 2),
        "cube",
        height(Role.INTERNAL_INFILL),
        lambda layers: 0.2 * layers,
        within=0.05,
    ),
    Row(
        "speeds.ironing_mm_s",
        (10.0, 15.0),
        "slab",
        feed(Role.IRONING),
        same,
        (("ironing.surfaces", "top"),),
        within=0.02,
    ),
    Row("ironing.surfaces", ("none", "topmost", "top"), "steps", fed(Role.IRONING), "rises"),
    Row(
        "ironing.flow_ratio",
        (0.1, 0.2),
        "slab",
        fed(Role.IRONING),
        "rises",
        (("ironing.surfaces", "top"),),
    ),
    Row(
        "ironing.spacing_mm",
        (0.1, 0.2),
        "slab",
        laid_mm(Role.IRONING),
        "falls",
        (("ironing.surfaces", "top"),),
    ),
    Row("bridges.flow_ratio", (0.8, 1.0), "bridge", fed_per_mm(Role.BRIDGE_INFILL), "rises"),
    Row(
        "bridges.thick_external",
        (False, True),
        "bridge",
        height(Role.BRIDGE_INFILL),
        lambda thick: 0.4 * math.sqrt(0.95) if thick else 0.2,
    ),
    Row(
        "bridges.thick_internal",
        (False, True),
        "cube",
        height(Role.INTERNAL_BRIDGE_INFILL),
        lambda thick: 0.4 * math.sqrt(0.95) if thick else 0.2,
    ),
    *speeds(),
    *accelerations(),
    Row(
        "adhesion.skirt_loops",
        (0, 1, 3),
        "cube",
        count_on(0, Role.SKIRT_BRIM),
        same,
        (("adhesion.skirt_min_filament_mm", "0.0"),),
    ),
    Row(
        "adhesion.skirt_distance_mm",
        (1.0, 3.0),
        "cube",
        skirt_distance,
        lambda d: d + 0.42,
        (("adhesion.skirt_loops", "1"),),
        within=0.06,
    ),
    Row(
        "adhesion.skirt_layers",
        (1, 4),
        "cube",
        layers_with(Role.SKIRT_BRIM),
        same,
        (("adhesion.skirt_loops", "1"),),
    ),
    Row(
        "adhesion.skirt_min_filament_mm",
        (0.0, 10.0, 20.0),
        "cube",
        fed(Role.SKIRT_BRIM),
        "rises",
        (("adhesion.skirt_loops", "1"), ("adhesion.skirt_layers", "1")),
    ),
    Row(
        "adhesion.brim_width_mm",
        (0.0, 2.0, 5.0),
        "cube",
        count_on(0, Role.SKIRT_BRIM),
        lambda w: math.floor(w / SPACING),
    ),
    Row(
        "adhesion.brim_gap_mm",
        (0.0, 0.3),
        "cube",
        skirt_distance,
        lambda gap: gap + 0.42,
        (("adhesion.brim_width_mm", "2.0"),),
        within=0.002,
    ),
    Row(
        "compensation.xy_mm",
        (-0.1, 0.0, 0.1),
        "cube",
        reach(Role.EXTERNAL_PERIMETER, 5),
        lambda xy: 4.5 + xy - 0.225,
        within=0.001,
    ),
    Row(
        "compensation.hole_mm",
        (-0.1, 0.0, 0.1),
        "drilled",
        reach(Role.EXTERNAL_PERIMETER, 5, inner=True),
        lambda r: 1.5 + r + 0.225,
        within=0.01,
    ),
    Row(
        "compensation.elephant_foot_mm",
        (0.0, 0.2),
        "cube",
        reach(Role.EXTERNAL_PERIMETER, 0),
        lambda foot: 4.5 - foot - 0.21,
        within=0.001,
    ),
    Row(
        # The corners of the outer wall around a polygon of so many sides about the nominal hole.
        "compensation.circle_chord_mm",
        (0.0, 0.005, 0.05),
        "drilled",
        reach(Role.EXTERNAL_PERIMETER, 5, inner=True),
        lambda chord: {
            0.0: 1.5 + 0.225 / math.cos(math.pi / 60),
            0.005: 1.725 / math.cos(math.pi / 48),
            0.05: 1.725 / math.cos(math.pi / 16),
        }[chord],
        within=0.001,
    ),
]
