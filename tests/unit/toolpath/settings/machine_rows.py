"""Keys of materials and machines, each with the part and the measure on which it shows."""

from __future__ import annotations

from printstd.artifacts.toolpath import MoveKind, Role
from tests.unit.toolpath.planning import is_kind
from tests.unit.toolpath.settings.measures import (
    drawn_back,
    fan_at,
    feed,
    feed_of_kind,
    layer_time_s,
    lifted,
    retracted_ways,
    share_before_wipe,
    slowest,
    whole_fed,
)
from tests.unit.toolpath.settings.planned import Row, same

MATERIAL_ROWS = [
    Row("material.flow_ratio", (0.9, 1.1), "cube", whole_fed, "rises"),
    Row("material.filament_diameter_mm", (1.7, 2.85), "cube", whole_fed, "falls"),
    Row(
        "material.max_flow_mm3_s",
        (2.0, 4.0),
        "cube",
        feed(Role.INTERNAL_INFILL),
        lambda q: q / (0.2 * (0.45 - 0.2 * 0.2146018366)),
        within=0.02,
    ),
    Row(
        "material.fan.min_ratio",
        (0.2, 0.6),
        "cube",
        fan_at(10),
        same,
        (("material.fan.below_layer_time_s", "0.0"),),
    ),
    Row(
        "material.fan.max_ratio",
        (0.5, 0.9),
        "cube",
        fan_at(10),
        same,
        (
            ("material.fan.min_ratio", "0.0"),
            ("material.fan.below_layer_time_s", "900.0"),
            ("material.fan.slowdown_below_layer_time_s", "900.0"),
        ),
    ),
    Row(
        "material.fan.bridge_ratio",
        (0.5, 0.9),
        "bridge",
        fan_at(25, bridge=True),
        same,
        (("material.fan.min_ratio", "0.1"), ("material.fan.below_layer_time_s", "0.0")),
    ),
    Row("material.fan.off_layers", (0, 3), "cube", fan_at(1), "falls"),
    Row("material.fan.full_layer", (2, 10), "cube", fan_at(4), "falls"),
    Row(
        "material.fan.below_layer_time_s",
        (0.0, 400.0),
        "cube",
        fan_at(10),
        "rises",
        (("material.fan.min_ratio", "0.1"),),
    ),
    Row(
        "material.fan.slowdown_below_layer_time_s",
        (10.0, 16.0, 25.0),
        "cube",
        layer_time_s,
        same,
        (("material.fan.min_print_speed_mm_s", "1.0"),),
        within=0.3,
    ),
    Row(
        "material.fan.min_print_speed_mm_s",
        (5.0, 12.0),
        "cube",
        slowest,
        same,
        (("material.fan.slowdown_below_layer_time_s", "90.0"),),
    ),
]
RETRACTION_ROWS = [
    Row("printer.retraction.length_mm", (0.4, 0.7, 2.5), "letters", drawn_back, same),
    Row(
        "printer.retraction.speed_mm_s",
        (20.0, 30.0),
        "letters",
        feed_of_kind(MoveKind.RETRACT),
        same,
    ),
    Row(
        "printer.retraction.deretract_speed_mm_s",
        (20.0, 30.0),
        "letters",
        feed_of_kind(MoveKind.UNRETRACT),
        same,
    ),
    Row("printer.retraction.min_travel_mm", (0.5, 3.0, 30.0), "letters", retracted_ways, "falls"),
    Row("printer.retraction.lift_mm", (0.0, 0.2, 0.6), "letters", lifted, same),
    Row("printer.retraction.hop_slope_deg", (0.5, 1.0, 3.0), "letters", lifted, "rises"),
    Row("printer.retraction.only_when_leaving", (True, False), "letters", retracted_ways, "rises"),
    Row(
        "printer.retraction.is_wiping",
        (False, True),
        "letters",
        lambda t: float(is_kind(t, MoveKind.WIPE).any()),
        same,
    ),
    Row(
        "printer.retraction.before_wipe_ratio",
        (0.2, 0.6),
        "letters",
        share_before_wipe,
        same,
        (("printer.retraction.is_wiping", "true"),),
        within=1e-4,
    ),
    Row("printer.retraction.on_layer_change", (False, True), "cube", retracted_ways, "rises"),
]
