"""Whole plans with supports: the same bytes however they are made, and what is left to hang."""

from __future__ import annotations

import numpy as np
import pytest
from manifold3d import Manifold

from printstd.adapters.executors import ProcessExecutor
from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from tests.unit.toolpath import solids
from tests.unit.toolpath.planning import hops, is_kind, lines_laid, plan, profiles, stack_for
from tests.unit.toolpath.solids import block
from tests.unit.toolpath.test_plan import differing

ON = (("supports.enabled", "true"),)
ASIDE = (Role.SUPPORT, Role.SUPPORT_INTERFACE)


def ball() -> Manifold:
    return Manifold.sphere(6, 48).translate((0, 0, 6))


def shelf() -> Manifold:
    """A plate over a plate, at one end of both."""
    return block(14, 10, 1) + block(4, 10, 6) + block(14, 10, 1, (0, 0, 5))


@pytest.mark.parametrize("style", ["grid", "snug"])
@pytest.mark.parametrize("part", [solids.tee, ball, shelf], ids=["tee", "ball", "shelf"])
def test_the_same_bytes_from_any_number_of_processes(part: object, style: str) -> None:
    resolved = profiles(*ON, ("supports.style", style), ("raft.layers", "2"))
    stack = stack_for(part(), resolved)  # type: ignore[operator]
    whole = plan(stack, resolved)
    assert (whole.role == Role.SUPPORT).any()
    split = ProcessExecutor(2, chunk_size=1, submit_order=lambda n: range(n)[::-1])
    assert differing(whole, plan(stack, resolved, executor=split)) == []


def hanging_mm2(toolpath: Toolpath) -> float:
    return sum(area.area_mm2 for area in toolpath.hanging)


def test_what_is_held_hangs_no_more() -> None:
    resolved = profiles(*ON)
    assert hanging_mm2(plan(solids.tee())) > 100.0
    assert hanging_mm2(plan(solids.tee(), resolved)) == 0.0
    only_bed = profiles(*ON, ("supports.on_build_plate_only", "true"))
    left = hanging_mm2(plan(shelf(), only_bed))
    assert left == pytest.approx(hanging_mm2(plan(shelf())))
    assert hanging_mm2(plan(shelf(), resolved)) == 0.0


def test_without_overhangs_nothing_changes() -> None:
    assert differing(plan(solids.cube(9.0)), plan(solids.cube(9.0), profiles(*ON))) == []


def test_supports_come_first_in_their_layers() -> None:
    toolpath = plan(solids.tee(), profiles(*ON))
    for layer in range(28):
        roles = [line.role for line in lines_laid(toolpath) if line.layer == layer]
        aside = [role in ASIDE for role in roles if role is not Role.SKIRT_BRIM]
        assert aside == sorted(aside, reverse=True)
        assert aside[0]


def test_ways_between_supports_and_part_are_drawn_back() -> None:
    toolpath = plan(solids.tee(), profiles(*ON))
    role, kind = toolpath.role, toolpath.kind
    seen = 0
    for hop in hops(toolpath):
        if (
            hop.before < 0
            or hop.after < 0
            or toolpath.layer[hop.before] != toolpath.layer[hop.after]
        ):
            continue
        long = np.hypot(*(toolpath.xy_um[hop.after - 1] - toolpath.xy_um[hop.before])) > 1500
        if long and (role[hop.before] in ASIDE) != (role[hop.after] in ASIDE):
            seen += 1
            assert (kind[hop.rows] == MoveKind.RETRACT).any() or (
                kind[hop.rows] == MoveKind.WIPE
            ).any()
    # Most layers begin beside where the last one ended.
    assert seen >= 3


def test_skirt_and_brim_go_around_supports_too() -> None:
    resolved = profiles(*ON, ("adhesion.brim_width_mm", "2.0"))
    toolpath = plan(solids.tee(), resolved)
    first = [line for line in lines_laid(toolpath) if line.layer == 0]
    skirt = np.concatenate([line.xy_um for line in first if line.role is Role.SKIRT_BRIM])
    aside = np.concatenate([line.xy_um for line in first if line.role in ASIDE])
    assert (skirt.min(axis=0) < aside.min(axis=0) - 1000).all()
    assert (skirt.max(axis=0) > aside.max(axis=0) + 1000).all()
    assert is_kind(toolpath, MoveKind.EXTRUDE).any()


def test_seams_of_the_part_stay_where_they_were() -> None:
    without, with_ = plan(solids.tee()), plan(solids.tee(), profiles(*ON))
    seams = [
        {
            (line.layer, *line.xy_um[0].tolist())
            for line in lines_laid(toolpath)
            if line.role is Role.EXTERNAL_PERIMETER and line.is_closed
        }
        for toolpath in (without, with_)
    ]
    assert seams[0] == seams[1]
