"""Speeds and accelerations: which setting wins, and what the machine can do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.artifacts.toolpath import Role
from printstd.profiles.models import Accelerations, Speeds
from printstd.profiles.resolved import Resolved
from printstd.toolpath.feeds import (
    WIPE_SPEED_RATIO,
    path_accelerations,
    path_feeds,
    travel_acceleration,
    travel_feeds,
)
from tests.oracles.effort import few
from tests.unit.toolpath.planning import printer_of, profiles

MM = 1_000_000
ROLES = [role for role in Role if role is not Role.NONE]
SPEED_OF = {
    Role.EXTERNAL_PERIMETER: "external_perimeter_mm_s",
    Role.PERIMETER: "perimeter_mm_s",
    Role.OVERHANG_PERIMETER: "bridge_mm_s",
    Role.INTERNAL_INFILL: "infill_mm_s",
    Role.SOLID_INFILL: "solid_infill_mm_s",
    Role.TOP_SOLID_INFILL: "top_infill_mm_s",
    Role.BRIDGE_INFILL: "bridge_mm_s",
    Role.INTERNAL_BRIDGE_INFILL: "bridge_mm_s",
    Role.GAP_FILL: "gap_fill_mm_s",
    Role.SKIRT_BRIM: "perimeter_mm_s",
    Role.IRONING: "ironing_mm_s",
    Role.SUPPORT: "support_mm_s",
    Role.SUPPORT_INTERFACE: "support_interface_mm_s",
}
SPEEDS = Speeds(
    external_perimeter_mm_s=31.0,
    perimeter_mm_s=47.0,
    small_perimeter_mm_s=13.0,
    infill_mm_s=83.0,
    solid_infill_mm_s=71.0,
    top_infill_mm_s=41.0,
    gap_fill_mm_s=37.0,
    bridge_mm_s=29.0,
    ironing_mm_s=15.0,
    support_mm_s=53.0,
    support_interface_mm_s=43.0,
    first_layer_mm_s=23.0,
    travel_mm_s=181.0,
    travel_z_mm_s=11.0,
)
THIN_NM2 = 20_000_000_000
"""A cross-section so small that no flow limit counts."""


def with_process(**tables: object) -> Resolved:
    base = profiles()
    return replace(base, process=base.process.model_copy(update=tables))


RESOLVED = with_process(speeds=SPEEDS)


def feed(
    role: Role,
    *,
    area_nm2: int = THIN_NM2,
    length_mm: float = 100.0,
    is_loop: bool = False,
    is_first: bool = False,
    resolved: Resolved = RESOLVED,
    is_outer: bool | None = None,
    **printer: object,
) -> int:
    (found,) = path_feeds(
        np.array([role], np.uint8),
        np.array([area_nm2]),
        np.array([length_mm * MM]),
        np.array([is_loop]),
        np.array([is_first]),
        resolved,
        printer_of(resolved, **printer),
        is_outer=None if is_outer is None else np.array([is_outer]),
    ).tolist()
    return found


def own_speed(role: Role) -> float:
    if role is Role.WIPE_TOWER:
        return RESOLVED.process.prime_tower.speed_mm_s
    return getattr(SPEEDS, SPEED_OF[role])


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_its_own_speed(role: Role) -> None:
    assert feed(role) == round(own_speed(role) * 60)


@pytest.mark.parametrize("role", ROLES)
def test_the_first_layer_is_no_faster_than_its_speed(role: Role) -> None:
    own = own_speed(role)
    assert feed(role, is_first=True) == round(min(own, 23.0) * 60)
    fast = with_process(speeds=SPEEDS.model_copy(update={"first_layer_mm_s": 500.0}))
    assert feed(role, is_first=True, resolved=fast) == round(own * 60)


@pytest.mark.parametrize("role", ROLES)
def test_only_short_closed_walls_are_small(role: Role) -> None:
    limit = RESOLVED.process.walls.small_perimeter_length_mm
    is_wall = role in (Role.EXTERNAL_PERIMETER, Role.PERIMETER)
    own = round(own_speed(role) * 60)
    assert feed(role, length_mm=limit, is_loop=True) == (13 * 60 if is_wall else own)
    assert feed(role, length_mm=limit + 0.001, is_loop=True) == own
    assert feed(role, length_mm=limit, is_loop=False) == own


def test_an_outer_wall_is_no_faster_where_it_hangs_over() -> None:
    over = with_process(speeds=SPEEDS.model_copy(update={"bridge_mm_s": 77.0}))
    hanging = {"role": Role.OVERHANG_PERIMETER, "resolved": over}
    assert feed(**hanging, is_outer=True) == round(SPEEDS.external_perimeter_mm_s * 60)
    assert feed(**hanging, is_outer=False) == 77 * 60
    assert feed(Role.BRIDGE_INFILL, resolved=over, is_outer=True) == 77 * 60
    slow = with_process(speeds=SPEEDS.model_copy(update={"bridge_mm_s": 5.0}))
    assert feed(Role.OVERHANG_PERIMETER, resolved=slow, is_outer=True) == 5 * 60


def test_small_walls_are_never_faster_than_large_ones() -> None:
    quick = with_process(speeds=SPEEDS.model_copy(update={"small_perimeter_mm_s": 99.0}))
    wall = {"length_mm": 5.0, "is_loop": True, "resolved": quick}
    assert feed(Role.EXTERNAL_PERIMETER, **wall) == 31 * 60


@few(60)
@given(
    st.integers(1, 400_000_000_000),
    st.sampled_from(ROLES),
    st.sampled_from([3.0, 15.0, 40.0]),
    st.sampled_from([0.9, 1.0, 1.1]),
)
def test_no_path_asks_for_more_than_the_hotend_melts(
    area_nm2: int, role: Role, flow_mm3_s: float, ratio: float
) -> None:
    material = RESOLVED.material.model_copy(
        update={"max_flow_mm3_s": flow_mm3_s, "flow_ratio": ratio}
    )
    resolved = replace(RESOLVED, material=material)
    found = feed(role, area_nm2=area_nm2, resolved=resolved)
    own = own_speed(role) * 60
    most = flow_mm3_s / (area_nm2 * 1e-12 * ratio) * 60
    assert found <= most + 1e-5
    assert found == int(min(own, most) + 1e-6)


def test_the_machines_limits_hold() -> None:
    limits = printer_of(RESOLVED).motion
    for changes, wanted in (
        ({"x": 20.0}, 20 * 60),
        ({"y": 19.0}, 19 * 60),
        # 0.2 mm2 of bead want 0.083 mm of filament a mm.
        ({"e": 0.5}, int(0.5 / (0.2 / (np.pi / 4 * 1.75**2)) * 60)),
    ):
        speed = limits.max_speed_mm_s.model_copy(update=changes)
        motion = limits.model_copy(update={"max_speed_mm_s": speed})
        assert feed(Role.INTERNAL_INFILL, area_nm2=200_000_000_000, motion=motion) == wanted


def test_feeds_are_whole_and_never_nothing() -> None:
    slow = RESOLVED.material.model_copy(update={"max_flow_mm3_s": 1e-6})
    assert feed(Role.PERIMETER, resolved=replace(RESOLVED, material=slow)) == 1


# ---------------------------------------------------------------------------- acceleration

ACCELERATIONS = Accelerations(
    default_mm_s2=900.0,
    perimeter_mm_s2=800.0,
    external_perimeter_mm_s2=700.0,
    infill_mm_s2=1200.0,
    solid_infill_mm_s2=1100.0,
    top_infill_mm_s2=600.0,
    bridge_mm_s2=500.0,
    first_layer_mm_s2=300.0,
    travel_mm_s2=1500.0,
)
FALLBACK = {
    # Which settings count for a role, first to last.
    Role.EXTERNAL_PERIMETER: ("external_perimeter", "perimeter", "default"),
    Role.PERIMETER: ("perimeter", "default"),
    Role.OVERHANG_PERIMETER: ("bridge", "default"),
    Role.INTERNAL_INFILL: ("infill", "default"),
    Role.SOLID_INFILL: ("solid_infill", "infill", "default"),
    Role.TOP_SOLID_INFILL: ("top_infill", "solid_infill", "infill", "default"),
    Role.BRIDGE_INFILL: ("bridge", "default"),
    Role.INTERNAL_BRIDGE_INFILL: ("bridge", "default"),
    Role.GAP_FILL: ("default",),
    Role.SKIRT_BRIM: ("default",),
    Role.IRONING: ("top_infill", "solid_infill", "infill", "default"),
    Role.SUPPORT: ("default",),
    Role.SUPPORT_INTERFACE: ("default",),
    Role.WIPE_TOWER: ("default",),
}


def accelerations(values: Accelerations, *, is_first: bool = False, **motion: float) -> list[int]:
    """Of every role."""
    limits = printer_of(RESOLVED).motion.model_copy(update=motion)
    return path_accelerations(
        np.array(ROLES, np.uint8),
        np.full(len(ROLES), is_first),
        values,
        printer_of(RESOLVED, motion=limits),
    ).tolist()


def test_every_acceleration_falls_back_to_the_next_that_is_set() -> None:
    values = ACCELERATIONS.model_dump()
    for depth in range(4):
        for role, found in zip(ROLES, accelerations(Accelerations(**values)), strict=True):
            set_ = [values[f"{name}_mm_s2"] for name in FALLBACK[role]]
            assert found == next(value for value in set_ if value)
        # One by one the most special ones are left at 0.
        gone = (
            ("top_infill", "external_perimeter", "bridge"),
            ("solid_infill", "perimeter"),
            ("infill",),
        )
        for name in gone[depth] if depth < 3 else ():
            values[f"{name}_mm_s2"] = 0.0


def test_the_first_layer_has_its_own_acceleration() -> None:
    assert set(accelerations(ACCELERATIONS, is_first=True)) == {300}
    unset = ACCELERATIONS.model_copy(update={"first_layer_mm_s2": 0.0})
    assert accelerations(unset, is_first=True) == accelerations(unset)


def test_without_a_default_the_machines_own_holds() -> None:
    unset = ACCELERATIONS.model_copy(update={"default_mm_s2": 0.0})
    assert set(accelerations(unset)) == {0}
    assert travel_acceleration(unset, printer_of(RESOLVED)) == 0


def test_accelerations_keep_inside_the_machines() -> None:
    most = max(accelerations(ACCELERATIONS, print_accel_mm_s2=555.5))
    assert most == 555
    axes = printer_of(RESOLVED).motion.max_accel_mm_s2
    for axis in ("x", "y"):
        lame = axes.model_copy(update={axis: 444.0})
        assert max(accelerations(ACCELERATIONS, max_accel_mm_s2=lame)) == 444
        motion = printer_of(RESOLVED).motion.model_copy(update={"max_accel_mm_s2": lame})
        assert travel_acceleration(ACCELERATIONS, printer_of(RESOLVED, motion=motion)) == 444


def test_travel_has_its_own_acceleration_or_the_default() -> None:
    printer = printer_of(RESOLVED)
    assert travel_acceleration(ACCELERATIONS, printer) == 1500
    unset = ACCELERATIONS.model_copy(update={"travel_mm_s2": 0.0})
    assert travel_acceleration(unset, printer) == 900
    motion = printer.motion.model_copy(update={"travel_accel_mm_s2": 77.0})
    assert travel_acceleration(ACCELERATIONS, printer_of(RESOLVED, motion=motion)) == 77


# ---------------------------------------------------------------------------------- travel


def test_travel_runs_at_its_settings() -> None:
    printer = printer_of(RESOLVED)
    retraction = printer.retraction.model_copy(
        update={"speed_mm_s": 35.5, "deretract_speed_mm_s": 24.4}
    )
    found = travel_feeds(SPEEDS, printer_of(RESOLVED, retraction=retraction))
    assert found.travel == 181 * 60
    assert found.lift == 11 * 60
    assert found.retract == 2130
    assert found.unretract == 1464
    assert found.wipe == int(181 * 60 * WIPE_SPEED_RATIO)


def test_travel_keeps_inside_the_machines_limits() -> None:
    printer = printer_of(RESOLVED)
    axes = printer.motion.max_speed_mm_s
    for axis, name, wanted in (
        ("x", "travel", 300),
        ("y", "travel", 300),
        ("y", "wipe", 240),
        ("z", "lift", 300),
        ("e", "retract", 300),
        ("e", "unretract", 300),
    ):
        slow = axes.model_copy(update={axis: 5.0})
        motion = printer.motion.model_copy(update={"max_speed_mm_s": slow})
        assert getattr(travel_feeds(SPEEDS, printer_of(RESOLVED, motion=motion)), name) == wanted
