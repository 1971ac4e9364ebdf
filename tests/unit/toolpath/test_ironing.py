"""Ironing: where it goes, how much it lays, when."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from tests.unit.toolpath import solids
from tests.unit.toolpath.planning import (
    is_kind,
    lengths_um,
    lines_laid,
    plan,
    profiles,
    stack_for,
    starts_um,
)
from tests.unit.toolpath.solids import block

CALM = (
    ("adhesion.skirt_loops", "0"),
    ("material.fan.slowdown_below_layer_time_s", "0.0"),
)


def planned(part: str, *settings: tuple[str, str]) -> Toolpath:
    body = {
        "block": block(30, 20, 3),
        "steps": solids.steps(),
        "tower": block(30, 20, 2) + block(8, 8, 6, (11, 6, 0)),
    }[part]
    resolved = profiles(*CALM, *settings)
    return plan(stack_for(body, resolved), resolved)


def rows_of(toolpath: Toolpath, role: Role) -> np.ndarray:
    return is_kind(toolpath, MoveKind.EXTRUDE) & (toolpath.role == role)


def covered(toolpath: Toolpath, role: Role, layer: int, width_mm: float) -> shapely.Geometry:
    rows = rows_of(toolpath, role) & (toolpath.layer == layer)
    ends = np.stack([starts_um(toolpath)[rows], toolpath.xy_um[rows]], axis=1) / 1000
    return shapely.union_all(shapely.buffer(shapely.linestrings(ends), width_mm / 2))


def test_nothing_is_ironed_unless_it_is_asked_for() -> None:
    assert not rows_of(planned("steps"), Role.IRONING).any()


@pytest.mark.parametrize(("surfaces", "n_layers"), [("topmost", 1), ("top", 3)])
def test_tops_are_ironed_and_nothing_else(surfaces: str, n_layers: int) -> None:
    toolpath = planned("steps", ("ironing.surfaces", surfaces))
    layers = np.unique(toolpath.layer[rows_of(toolpath, Role.IRONING)])
    assert layers.tolist() == [9, 19, 29][-n_layers:]
    for layer in layers.tolist():
        ironed = covered(toolpath, Role.IRONING, layer, 0.12)
        top = covered(toolpath, Role.TOP_SOLID_INFILL, layer, 0.45)
        # All of it on the top that is seen (whose zigzags leave little triangles at their turns).
        assert (ironed - top.buffer(0.05)).area < 0.005 * ironed.area
        assert (ironed - top.buffer(0.25)).is_empty
        side = 20 - 6 * (layer // 10)
        covered_above = (side - 6) ** 2 if layer < 29 else 0
        # But for the two walls around, as far as infill does not reach over them.
        wanted = (side - 2 * 0.75) ** 2 - covered_above
        # Closely: no gap between its lines.
        assert ironed.area == pytest.approx(wanted, rel=0.05)


@pytest.mark.parametrize(("flow", "pitch"), [(0.15, 0.1), (0.1, 0.2), (0.3, 0.05)])
def test_ironing_lays_its_share_at_its_own_speed(flow: float, pitch: float) -> None:
    toolpath = planned(
        "block",
        ("ironing.surfaces", "top"),
        ("ironing.flow_ratio", str(flow)),
        ("ironing.spacing_mm", str(pitch)),
    )
    rows = rows_of(toolpath, Role.IRONING)
    area = covered(toolpath, Role.IRONING, 14, pitch).area
    laid_mm3 = toolpath.e_e5[rows].sum() * 1e-5 * np.pi / 4 * 1.75**2
    assert laid_mm3 == pytest.approx(area * 0.2 * flow, rel=0.02)
    per_mm = laid_mm3 / (lengths_um(toolpath)[rows].sum() / 1000)
    # Facts of slicers 2.4: pitch x height x flow, 0.003 mm2 as usual.
    assert per_mm == pytest.approx(pitch * 0.2 * flow, rel=0.02)
    assert set(toolpath.feed_mm_min[rows].tolist()) == {900}
    assert set(toolpath.z_um[rows].tolist()) == {3000}


def test_ironing_comes_when_all_else_of_its_island_is_laid() -> None:
    toolpath = planned("tower", ("ironing.surfaces", "top"))
    for layer in (9, 29):
        lines = [line for line in lines_laid(toolpath) if line.layer == layer]
        roles = [line.role for line in lines]
        first = roles.index(Role.IRONING)
        assert set(roles[first:]) == {Role.IRONING}
        assert Role.TOP_SOLID_INFILL in roles[:first]


def test_ironing_runs_across_the_lines_of_the_top() -> None:
    toolpath = planned("block", ("ironing.surfaces", "top"))
    directions = []
    for role in (Role.TOP_SOLID_INFILL, Role.IRONING):
        rows = rows_of(toolpath, role) & (toolpath.layer == 14)
        way = (toolpath.xy_um - starts_um(toolpath))[rows].astype(float)
        way = way[np.hypot(*way.T) > 4000]
        directions.append(np.arctan2(way[:, 1], way[:, 0]) % np.pi)
    across = abs(np.median(directions[0]) - np.median(directions[1]))
    assert across == pytest.approx(np.pi / 2, abs=0.01)
