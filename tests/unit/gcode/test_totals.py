"""Sums of a print, against decimal arithmetic over its moves."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.artifacts.toolpath import MoveKind, Role
from printstd.gcode.estimate import accelerations, model_of, move_seconds
from printstd.gcode.totals import cost_e2, totals_of
from printstd.kernels.motion_time import move_times
from printstd.profiles.models import Material
from tests.oracles.gcode_reader import read
from tests.toolpaths import Pen, solid_block
from tests.unit.gcode.writing import PRINTERS, resolved_for, written

quick = settings(max_examples=100, deadline=None, derandomize=True)
PI = Decimal("3.14159265358979323846264338327950288")
PLA = resolved_for("mk4s").material
BLOCK = solid_block(Pen(), n_layers=4, wipe=True, accelerations=(300, 500, 400)).toolpath()


def nearest(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def material(diameter_mm: float, density: float) -> Material:
    return PLA.model_copy(update={"filament_diameter_mm": diameter_mm, "density_g_cm3": density})


@given(
    st.lists(st.integers(-800_000, 50_000_000), max_size=20),
    st.sampled_from([1.75, 2.85, 1.7521]),
    st.sampled_from([1.24, 1.04, 0.905, 1.27]),
)
@quick
def test_sums_are_exact(fed: list[int], diameter: float, density: float) -> None:
    pen = Pen()
    for e_e5 in fed:
        pen.move(MoveKind.UNRETRACT, 2_100, e_e5=e_e5)
    toolpath = pen.toolpath()
    made_of = replace(resolved_for("mk4s"), material=material(diameter, density))
    found = totals_of(toolpath, np.zeros(len(fed) + 1, np.int64), made_of)
    length_mm = Decimal(sum(fed)).scaleb(-5)
    diameter_mm = Decimal(str(diameter)).quantize(Decimal("0.001"))
    volume_mm3 = length_mm * diameter_mm**2 * PI / 4
    if length_mm >= 0:
        assert found.filament_um == nearest(length_mm * 1_000)
        assert found.filament_mm3_e3 == nearest(volume_mm3 * 1_000)
    assert abs(found.filament_mm3_e3 - volume_mm3 * 1_000) <= Decimal("0.5")
    mass_mg = Decimal(found.filament_mm3_e3).scaleb(-3) * Decimal(str(density))
    assert abs(found.filament_mg - mass_mg) <= Decimal("0.5")


@given(st.integers(0, 10**9), st.integers(0, 10**6))
@quick
def test_the_cost_is_mass_times_price(mass_mg: int, price_e2: int) -> None:
    exact = Decimal(mass_mg) * Decimal(price_e2) / 10**6
    assert cost_e2(mass_mg, price_e2 / 100) == nearest(exact)


@pytest.mark.parametrize("printer", PRINTERS)
def test_totals_are_those_of_the_text(printer: str) -> None:
    program = written(BLOCK, resolved_for(printer))
    moves = read(program.data).body()
    assert program.totals.filament_um == round(sum(move.e_e5 for move in moves) / 100)
    laid = [move.state.z_um for move in moves if move.e_e5 > 0 and "X" in move.named]
    assert program.totals.max_z_um == max(laid)
    assert program.totals.n_layers == 4


@pytest.mark.parametrize("printer", PRINTERS)
def test_the_time_is_that_of_the_text_under_the_printers_limits(printer: str) -> None:
    """The moves and accelerations that the machine reads, planned again."""
    resolved = resolved_for(printer)
    assert resolved.printer is not None
    motion = resolved.printer.motion
    program = written(BLOCK, resolved)
    at, rows = (*BLOCK.start_xy_um, BLOCK.start_z_um), []
    for move in read(program.data).body():
        state = move.state
        end = (state.x_um, state.y_um, state.z_um)
        way = [b - a for a, b in zip(at, end, strict=True)]  # type: ignore[operator]
        accel: float | None
        if not any(way):
            accel = motion.retract_accel_mm_s2
        elif move.e_e5:
            accel = state.print_accel or motion.print_accel_mm_s2
        else:
            accel = state.travel_accel or motion.travel_accel_mm_s2
        rows.append((*way, move.e_e5, state.feed_mm_min, accel))
        at = end  # type: ignore[assignment]
    table = np.array(rows)
    seconds = move_times(
        table[:, :3].astype(np.int64),
        table[:, 3].astype(np.int64),
        table[:, 4].astype(np.int64),
        table[:, 5],
        model_of(motion),
    ).sum()
    assert program.totals.print_time_ms == pytest.approx(seconds * 1_000, abs=1)


@pytest.mark.parametrize(
    ("field", "slower"),
    [
        ("printer.motion.max_speed_mm_s.x", "20"),
        ("printer.motion.max_speed_mm_s.z", "1"),
        ("printer.motion.max_speed_mm_s.e", "1"),
        ("printer.motion.max_accel_mm_s2.y", "50"),
        ("printer.motion.print_accel_mm_s2", "50"),
        ("printer.motion.travel_accel_mm_s2", "50"),
        ("printer.motion.retract_accel_mm_s2", "50"),
        ("printer.motion.jerk_mm_s.x", "0.5"),
    ],
)
def test_every_limit_of_the_machine_counts(field: str, slower: str) -> None:
    plain = solid_block(Pen(), n_layers=2).toolpath()
    # Retraction may be no faster than the axis.
    speeds = ("printer.retraction.speed_mm_s", "printer.retraction.deretract_speed_mm_s")
    pairs = ((field, slower), *((speed, "1") for speed in speeds))
    motions = [resolved_for("mk4s", *p).printer.motion for p in ((), pairs)]  # type: ignore[union-attr]
    times = [move_seconds(plain, m, shares_acceleration=False).sum() for m in motions]
    assert times[1] > times[0] * 1.002


def test_klippers_cruise_ratio_and_corners_count() -> None:
    plain = solid_block(Pen(), n_layers=2).toolpath()
    for pair in (
        ("printer.motion.square_corner_velocity_mm_s", "0.5"),
        ("printer.motion.minimum_cruise_ratio", "0.9"),
    ):
        motions = [resolved_for("voron-2.4-350", *p).printer.motion for p in ((), (pair,))]  # type: ignore[union-attr]
        times = [move_seconds(plain, m, shares_acceleration=True).sum() for m in motions]
        assert times[1] > times[0] * 1.01


def test_an_acceleration_holds_until_the_next_of_its_kind() -> None:
    pen = Pen()
    for kind, accel in (
        (MoveKind.TRAVEL, 0),
        (MoveKind.EXTRUDE, 700),
        (MoveKind.TRAVEL, 900),
        (MoveKind.EXTRUDE, 0),
        (MoveKind.RETRACT, 0),
        (MoveKind.LIFT, 0),
        (MoveKind.TRAVEL, 0),
        (MoveKind.WIPE, 650),
        (MoveKind.EXTRUDE, 0),
        (MoveKind.TRAVEL, 0),
    ):
        pen.move(kind, 1_000, accel_mm_s2=accel, role=Role.PERIMETER)
    motion = resolved_for("ender3-v2", ("printer.motion.travel_accel_mm_s2", "400")).printer.motion  # type: ignore[union-attr]
    toolpath = pen.toolpath()
    found = accelerations(toolpath, motion, shares_acceleration=False)
    assert found.tolist() == [400, 700, 900, 700, 1_000, 900, 900, 650, 650, 900]
    shared = accelerations(toolpath, motion, shares_acceleration=True)
    assert shared.tolist() == [500, 700, 900, 900, 1_000, 900, 900, 650, 650, 650]
