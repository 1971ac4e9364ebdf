"""Demands for tests: an ordinary machine and PLA, an allow-list as short as the programs allow."""

from __future__ import annotations

from dataclasses import replace

from printstd.artifacts.demand import (
    AuditDemand,
    CommandRule,
    Compensations,
    IntegrityLimits,
    MachineLimits,
    MaterialWindow,
    PlacementDemand,
    ToleranceRow,
)
from printstd.artifacts.layer_plan import LayerPlan

_COMMANDS = (
    ("G0", "XYZEF", "move"),
    ("G1", "XYZEF", "move"),
    ("G2", "XYZEFIJ", "arc_cw"),
    ("G3", "XYZEFIJ", "arc_ccw"),
    ("G4", "PS", "dwell"),
    ("G21", "", "units_mm"),
    ("G28", "XYZ", "home"),
    ("G90", "", "absolute_xyz"),
    ("G92", "E", "set_position"),
    ("M82", "", "absolute_e"),
    ("M83", "", "relative_e"),
    ("M84", "", "motors_off"),
    ("M104", "S", "nozzle_temp"),
    ("M109", "S", "nozzle_temp_wait"),
    ("M140", "S", "bed_temp"),
    ("M190", "S", "bed_temp_wait"),
    ("M105", "", "no_effect"),
    ("M106", "PS", "fan"),
    ("M107", "", "fan_off"),
    ("M73", "PR", "progress"),
    ("M117", "", "message"),
    ("M204", "PTS", "accel"),
    ("M220", "S", "feed_percent"),
    ("M221", "S", "flow_percent"),
    ("T0", "", "tool"),
)
CLASS_M = (
    (500, 3_000, 100),
    (3_000, 6_000, 100),
    (6_000, 30_000, 200),
    (30_000, 120_000, 300),
    (120_000, 400_000, 500),
    (400_000, 1_000_000, 800),
    (1_000_000, 2_000_000, 1_200),
)


def plain_demand(*, count: int | None = None) -> AuditDemand:
    """0.2 mm layers, 15 % infill, two walls, two solid layers; no place declared."""
    return AuditDemand(
        dialect="marlin2",
        machine=MachineLimits(
            name="test machine",
            bed_um=(0, 0, 250_000, 210_000),
            travel_um=(0, -4_000, 0, 250_000, 210_000, 210_000),
            max_feed_um_s=(200_000, 200_000, 12_000, 120_000),
            max_nozzle_mc=280_000,
            max_bed_mc=110_000,
            max_retract_um=2_000,
            nozzle_um=400,
            filament_um=1_750,
        ),
        material=MaterialWindow(
            name="PLA",
            nozzle_mc=(190_000, 230_000),
            bed_mc=(20_000, 80_000),
            max_flow_mm3_s_e3=15_000,
            fan_off_layers=1,
            min_fan_permille=500,
            full_fan_layer=5,
        ),
        commands=tuple(CommandRule(*row) for row in _COMMANDS),
        layers=LayerPlan(first_um=200, height_um=200, count=count),
        compensations=Compensations(),
        placement=None,
        model_unit_nm=1_000_000,
        model_plate=None,
        integrity=IntegrityLimits(
            outward_um=30,
            inward_um=60,
            contiguous_um=1_000,
            solid_fill_permille=(960, 1_060),
            infill_permille=(130, 190),
            infill_every_layers=1,
            infill_shows="middle",
            min_wall_count=2,
            solid_layers=(2, 2),
            volume_permille=(930, 1_070),
            air_um=5_000,
            supports_allowed=False,
            adhesion_allowed=False,
        ),
        tolerance_class="ISO 2768-m",
        tolerance_rows=tuple(ToleranceRow(*row) for row in CLASS_M),
    )


IDENTITY_E9 = (10**9, 0, 0, 0, 10**9, 0, 0, 0, 10**9)


def placed(demand: AuditDemand, x_um: int, y_um: int, z_um: int = 0) -> AuditDemand:
    """The demand with a declared place."""
    place = PlacementDemand(IDENTITY_E9, (x_um, y_um, z_um), 1_000_000)
    return replace(demand, placement=place)
