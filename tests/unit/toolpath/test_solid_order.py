"""Whole plans: tops and bottoms are swept in one direction, bridges over sparse infill run across
its lines and hold on to what is beside it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from tests.unit.toolpath import solids
from tests.unit.toolpath.planning import is_kind, of_role, plan, profiles, stack_for, starts_um
from tests.unit.toolpath.solids import block

BARE = (("adhesion.skirt_loops", "0"), ("material.fan.slowdown_below_layer_time_s", "0.0"))


def rows_of(toolpath: Toolpath, role: Role, layer: int) -> np.ndarray:
    rows = is_kind(toolpath, MoveKind.EXTRUDE) & (toolpath.role == role)
    return rows & (toolpath.layer == layer)


def way_deg(toolpath: Toolpath, rows: np.ndarray) -> float:
    """Direction of most of the length, 0 to 180."""
    way = (toolpath.xy_um - starts_um(toolpath))[rows].astype(float)
    angle = np.round(np.degrees(np.arctan2(way[:, 1], way[:, 0])) % 180.0) % 180.0
    return float(np.argmax(np.bincount(angle.astype(int), np.hypot(*way.T), 180)))


@pytest.mark.parametrize("part", ["hole plate", "steps", "cube", "two bodies"])
@pytest.mark.parametrize("which", ["top", "bottom"])
def test_no_line_runs_back_over_neighbours_that_lie_there(part: str, which: str) -> None:
    """In the order of the finished plan, of two lines side by side the one further along the sweep
    is always the later one."""
    toolpath = plan(solids.PARTS[part](), profiles(*BARE))
    role = Role.TOP_SOLID_INFILL if which == "top" else Role.SOLID_INFILL
    layer = int(toolpath.layer.max()) if which == "top" else 0
    rows = np.flatnonzero(rows_of(toolpath, role, layer))
    angle = np.radians(way_deg(toolpath, rows))
    along = np.array([np.cos(angle), np.sin(angle)])
    start, end = starts_um(toolpath)[rows] / 1000, toolpath.xy_um[rows] / 1000
    u = np.sort(np.stack([start @ along, end @ along], axis=1), axis=1)
    aside = np.array([-along[1], along[0]])
    v = np.stack([start @ aside, end @ aside], axis=1)
    lines = np.flatnonzero((np.ptp(v, axis=1) < 0.01) & (np.diff(u, axis=1)[:, 0] > 1.0))
    assert len(lines) > 5
    u, v = u[lines], v[lines].mean(axis=1)
    n = len(lines)
    beside = np.minimum(u[:, None, 1], u[None, :, 1]) - np.maximum(u[:, None, 0], u[None, :, 0])
    gap = v[None, :] - v[:, None]
    near = (beside > 0.2) & (np.abs(gap) > 0.2) & (np.abs(gap) < 0.5)
    later = np.arange(n)[None, :] - np.arange(n)[:, None]
    sign = np.sign(gap * later) * near
    # Areas apart may be swept either way, each by itself.
    left = set(range(n))
    while left:
        area, front = set(), {min(left)}
        while front:
            area |= front
            front = {j for i in front for j in np.flatnonzero(near[i]).tolist()} - area
        left -= area
        mine = sign[np.ix_(sorted(area), sorted(area))]
        # Strips along the border may come at any time; there are few.
        assert abs(mine.sum()) >= 0.9 * np.abs(mine).sum()


@pytest.mark.parametrize(
    "settings",
    [
        (("infill.pattern", "rectilinear"),),
        (("infill.pattern", "alignedrectilinear"),),
        (("infill.pattern", "zigzag"),),
        (("infill.pattern", "rectilinear"), ("infill.combine_layers", "2")),
        (("infill.pattern", "alignedrectilinear"), ("infill.combine_layers", "2")),
    ],
)
@pytest.mark.parametrize("height", [4.0, 4.2, 4.4, 4.6])
def test_bridges_over_sparse_infill_run_across_its_lines(
    settings: tuple[tuple[str, str], ...], height: float
) -> None:
    resolved = profiles(*BARE, *settings, ("infill.anchor_mm", "0.0"))
    toolpath = plan(stack_for(block(30, 22, height), resolved), resolved)
    bridge = np.unique(toolpath.layer[toolpath.role == Role.INTERNAL_BRIDGE_INFILL])
    assert len(bridge) == 1
    below = int(bridge[0]) - 1
    angles = []
    for role, layer in ((Role.INTERNAL_BRIDGE_INFILL, below + 1), (Role.INTERNAL_INFILL, below)):
        rows = rows_of(toolpath, role, layer)
        assert rows.any()
        angles.append(way_deg(toolpath, rows))
    assert abs(angles[0] - angles[1]) == pytest.approx(90.0, abs=1.0)


def test_combined_lines_change_direction_from_group_to_group() -> None:
    resolved = profiles(*BARE, ("infill.pattern", "rectilinear"), ("infill.combine_layers", "2"))
    toolpath = plan(stack_for(block(30, 22, 6), resolved), resolved)
    layers = np.unique(toolpath.layer[toolpath.role == Role.INTERNAL_INFILL]).tolist()
    thick = [
        i
        for i in layers
        if toolpath.height_nm[rows_of(toolpath, Role.INTERNAL_INFILL, i)].max() > 3e5
    ]
    ways = [way_deg(toolpath, rows_of(toolpath, Role.INTERNAL_INFILL, i)) for i in thick]
    assert len(ways) > 3
    assert {abs(a - b) for a, b in pairwise(ways)} == {90.0}


def test_internal_bridges_reach_what_holds_them() -> None:
    """Every thread begins and ends beside a wall or on solid, not in the middle of the sparse."""
    part = block(40, 30, 8) - block(14, 12, 3, (13, 9, 5.01))
    resolved = profiles(*BARE, ("infill.pattern", "rectilinear"))
    toolpath = plan(stack_for(part, resolved), resolved)
    for layer in np.unique(toolpath.layer[toolpath.role == Role.INTERNAL_BRIDGE_INFILL]).tolist():
        held = shapely.union_all(
            [
                shapely.LineString(line.xy_um / 1000).buffer(0.3)
                for line in of_role(
                    toolpath,
                    Role.PERIMETER,
                    Role.EXTERNAL_PERIMETER,
                    Role.SOLID_INFILL,
                    Role.INTERNAL_INFILL,
                    Role.TOP_SOLID_INFILL,
                    Role.BRIDGE_INFILL,
                    Role.INTERNAL_BRIDGE_INFILL,
                )
                if line.layer == layer - 1
                or (line.layer == layer and line.role is not Role.INTERNAL_BRIDGE_INFILL)
            ]
        )
        for line in of_role(toolpath, Role.INTERNAL_BRIDGE_INFILL):
            if line.layer == layer:
                # Nowhere is a thread free for twice the distance of the lines below.
                free = shapely.LineString(line.xy_um / 1000) - held
                longest = max((p.length for p in shapely.get_parts(free)), default=0.0)
                assert longest < 2 * 0.40708 / 0.15
