"""The demand says in integers what the profiles say, and nothing of its own."""

from __future__ import annotations

import pytest

from printstd.artifacts.codec import from_plain, to_plain
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.layer_plan import LayerPlan
from printstd.artifacts.mesh import Placement
from printstd.profiles.demand import audit_demand
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request
from tests.unit.profiles.sources import BUNDLED

PLAN = LayerPlan(first_um=200, height_um=200, count=None)
TURNED = Placement((0, -(10**9), 0, 10**9, 0, 0, 0, 0, 10**9), (1, 2, 3), 1_000_000)


def demand(
    *overrides: tuple[str, str],
    supports_allowed: bool = False,
    placement: Placement | None = None,
    **names: str,
) -> AuditDemand:
    request = Request(printer=names.pop("printer", "mk4s"), overrides=overrides, **names)
    return audit_demand(
        resolve(request, BUNDLED),
        placement=placement,
        layers=PLAN,
        model_unit_nm=25_400_000,
        model_plate=3,
        supports_allowed=supports_allowed,
    )


def test_machine_and_material() -> None:
    made = demand()
    machine = made.machine
    assert machine.name == "Prusa Research MK4S"
    assert machine.bed_um == (0, 0, 250_000, 210_000)
    assert machine.travel_um == (-1_000, -4_000, 0, 255_000, 214_000, 220_000)
    assert machine.max_feed_um_s == (300_000, 300_000, 40_000, 100_000)
    assert (machine.max_nozzle_mc, machine.max_bed_mc) == (290_000, 120_000)
    assert (machine.max_retract_um, machine.nozzle_um, machine.filament_um) == (6_000, 400, 1_750)
    assert machine.max_accel_mm_s2 == 4_000
    assert made.dialect == "prusa-buddy"
    assert made.material.nozzle_mc == (185_000, 235_000)
    assert made.material.max_flow_mm3_s_e3 == 15_000
    assert (made.material.fan_off_layers, made.material.full_fan_layer) == (1, 4)
    assert made.material.min_fan_permille == 1_000
    assert (made.model_unit_nm, made.model_plate, made.layers) == (25_400_000, 3, PLAN)


def test_a_fan_share_is_the_step_that_it_is_written_as() -> None:
    # 30 % is S76 of 255: 298 thousandths are reached, 300 are not.
    assert demand(material="petg").material.min_fan_permille == 298


def test_a_full_layer_before_the_last_one_without_fan_means_the_next_one() -> None:
    changed = demand(("material.fan.off_layers", "3"), ("material.fan.full_layer", "0"))
    assert changed.material.full_fan_layer == 4


def test_compensations_are_what_the_request_declares() -> None:
    settings = (
        ("compensation.xy_mm", "-0.05"),
        ("compensation.hole_mm", "0.1"),
        ("compensation.elephant_foot_mm", "0.15"),
    )
    own = demand(*settings, material="abs").compensations
    assert (own.xy_um, own.hole_um, own.elephant_foot_um) == (-50, 100, 150)
    assert (own.circles, own.polygons) == (True, False)
    assert own.scale_xy_e6 == 1_002_205  # 1 / (1 - 0.0022)
    none = demand(
        ("compensation.elephant_foot_mm", "0"), ("compensation.circle_chord_mm", "0")
    ).compensations
    assert to_plain(none) == {
        "xy_um": 0,
        "hole_um": 0,
        "elephant_foot_um": 0,
        "circles": False,
        "polygons": True,
        "fuzzy_um": 0,
        "fuzzy_holes": False,
        "scale_xy_e6": 1_000_000,
        "scale_z_e6": 1_000_000,
    }


def test_fuzzy_skin_is_declared_where_it_is_on() -> None:
    def declared(walls: str) -> tuple[int, bool]:
        own = demand(("fuzzy_skin.walls", walls), ("fuzzy_skin.thickness_mm", "0.2")).compensations
        return own.fuzzy_um, own.fuzzy_holes

    assert [declared(w) for w in ("none", "outer", "all")] == [
        (0, False),
        (200, False),
        (200, True),
    ]


def test_a_spiral_is_declared_with_the_layer_that_it_rises_from() -> None:
    vase = (
        ("spiral_vase.is_on", "true"),
        ("walls.count", "1"),
        ("shells.top_layers", "0"),
        ("infill.density_ratio", "0"),
    )
    assert demand().layers.spiral_from == 0
    assert (demand(*vase).layers.spiral_from, demand(*vase).layers.is_smooth) == (4, False)
    no_bottom = demand(*vase, ("shells.bottom_layers", "0"), ("adhesion.skirt_layers", "1"))
    assert no_bottom.layers.spiral_from == 1
    assert demand(*vase, ("spiral_vase.is_smooth", "true")).layers.is_smooth


def test_integrity() -> None:
    limits = demand().integrity
    assert (limits.outward_um, limits.inward_um, limits.contiguous_um) == (30, 60, 1_000)
    assert limits.solid_fill_permille == (960, 1_060)
    assert limits.infill_permille == (120, 210)
    assert limits.volume_permille == (900, 1_100)
    assert limits.min_wall_count == 2
    assert limits.solid_layers == (4, 5)
    assert limits.adhesion_allowed
    assert not limits.supports_allowed
    assert demand(supports_allowed=True).integrity.supports_allowed


def test_thin_layers_are_more_solid_layers_and_none_stay_none() -> None:
    thin = demand(("layer_height_mm", "0.1")).integrity
    assert thin.solid_layers == (5, 7)  # 0.5 and 0.7 mm
    assert demand(("shells.top_layers", "0")).integrity.solid_layers == (4, 0)


def test_a_hollow_part_declares_no_density() -> None:
    assert demand(("infill.density_ratio", "0")).integrity.infill_permille is None


def test_adhesion_is_allowed_where_the_process_lays_some() -> None:
    bare = (("adhesion.skirt_loops", "0"),)
    assert not demand(*bare).integrity.adhesion_allowed
    assert demand(*bare, ("adhesion.brim_width_mm", "3")).integrity.adhesion_allowed


def test_tolerances_are_the_table_s_rows() -> None:
    made = demand(pack="kz", tolerance_class="v")
    assert made.tolerance_class == "ГОСТ 30893.1-2002 - v"
    first, last = made.tolerance_rows[0], made.tolerance_rows[-1]
    assert (first.over_um, first.up_to_um, first.deviation_um) == (3_000, 6_000, 500)
    assert (last.over_um, last.up_to_um, last.deviation_um) == (2_000_000, 4_000_000, 8_000)


def test_a_placement_is_taken_as_it_is() -> None:
    assert demand().placement is None
    placed = demand(placement=TURNED).placement
    assert placed is not None
    assert (placed.rotation_e9, placed.translation_um) == (
        TURNED.rotation_e9,
        TURNED.translation_um,
    )


@pytest.mark.parametrize("printer", BUNDLED.names("printers"))
def test_a_demand_survives_being_signed(printer: str) -> None:
    made = demand(printer=printer, placement=TURNED)
    assert from_plain(AuditDemand, to_plain(made)) == made


def test_without_a_printer_there_is_nothing_to_audit_against() -> None:
    with pytest.raises(ValueError, match="printer"):
        audit_demand(
            resolve(Request(), BUNDLED),
            placement=None,
            layers=PLAN,
            model_unit_nm=1,
            model_plate=None,
            supports_allowed=False,
        )
