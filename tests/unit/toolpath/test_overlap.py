"""Speed and fan by how much of a wall lies over the layer below."""

from __future__ import annotations

import math

import numpy as np
import pytest
from manifold3d import CrossSection, Manifold

from printstd.adapters.executors import ProcessExecutor
from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.profiles.resolved import Resolved
from tests.unit.toolpath.planning import hops, is_kind, plan, profiles, starts_um
from tests.unit.toolpath.solids import block, dome, tee

WALLS = (Role.EXTERNAL_PERIMETER, Role.PERIMETER, Role.OVERHANG_PERIMETER)
SPEEDS, FANS = (0.15, 0.25, 0.45, 0.9), (1.0, 0.8, 0.2, 0.0)
CALM = (
    ("material.fan.slowdown_below_layer_time_s", "0.0"),
    ("material.fan.below_layer_time_s", "0.0"),
    ("material.fan.min_ratio", "0.1"),
    ("material.fan.bridge_ratio", "0.3"),
    ("compensation.elephant_foot_mm", "0.0"),
    ("overhangs.fan_ratios", str(list(FANS))),
)
ON = ("overhangs.is_dynamic", "true")
EXTERNAL_MM_S, WIDTH_MM, HEIGHT_MM = 25.0, 0.45, 0.2


def settings(*more: tuple[str, str]) -> Resolved:
    return profiles(*CALM, *more)


def leaning(step_mm: float) -> Manifold:
    """A block whose right side comes out by `step_mm` with each layer."""
    outline = [(0, 0), (12, 0), (12 + 10 * step_mm, 2), (0, 2)]
    return Manifold.extrude(CrossSection([np.array(outline)]), 12).rotate((90, 0, 0))


def interpolated(at: tuple[float, ...], whole: float, overlap: float) -> float:
    """The plainest reading of facts 2.7."""
    return float(np.interp(overlap, [0, 0.25, 0.5, 0.75, 1.0], [*at, whole]))


def outer_right(toolpath: Toolpath, layer: int) -> np.ndarray:
    """Rows of the external wall's moves along the right side."""
    laid = is_kind(toolpath, MoveKind.EXTRUDE) & (toolpath.layer == layer)
    mine = laid & np.isin(toolpath.role, (Role.EXTERNAL_PERIMETER, Role.OVERHANG_PERIMETER))
    start = starts_um(toolpath)
    x = toolpath.xy_um[mine, 0].max()
    upright = np.abs(start[:, 0] - toolpath.xy_um[:, 0]) <= 1
    return np.flatnonzero(mine & upright & (toolpath.xy_um[:, 0] >= x - 1))


@pytest.mark.parametrize("step_mm", [0.0, 0.05, 0.1125, 0.17, 0.225, 0.3, 0.3375, 0.4])
def test_speed_and_fan_are_interpolated_at_the_overlap(step_mm: float) -> None:
    resolved = settings(ON)
    toolpath = plan(leaning(step_mm), resolved)
    overlap = 1.0 - step_mm / WIDTH_MM
    if overlap > 1 - 0.5 / 20:
        overlap = 1.0
    # Half a nozzle outside the layer below a wall hangs, and has the bridges' speed and fan.
    hangs = step_mm - WIDTH_MM / 2 > 0.2
    ratio = interpolated(tuple(s * EXTERNAL_MM_S for s in SPEEDS), EXTERNAL_MM_S, overlap)
    fan = max(0.3 if hangs else 0.1, interpolated(FANS, 0.0, overlap))
    rows = outer_right(toolpath, 6)
    middle = rows[1:-1] if len(rows) > 2 else rows
    assert len(middle)
    feeds, fans = toolpath.feed_mm_min[middle], toolpath.fan_ratio_e3[middle]
    # Thousandths of overlap, whole mm/min.
    assert np.abs(feeds - ratio * 60).max() <= 1 + 60 * EXTERNAL_MM_S * 2e-3
    assert np.abs(fans - fan * 1000).max() <= 5


def test_what_hangs_is_an_overhang_perimeter() -> None:
    for step_mm, role in ((0.4, Role.EXTERNAL_PERIMETER), (0.44, Role.OVERHANG_PERIMETER)):
        toolpath = plan(leaning(step_mm), settings(ON))
        rows = outer_right(toolpath, 6)
        assert set(toolpath.role[rows].tolist()) == {int(role)}


def test_only_the_side_that_leans_is_slowed() -> None:
    toolpath = plan(leaning(0.225), settings(ON))
    mine = (toolpath.layer == 6) & (toolpath.role == Role.EXTERNAL_PERIMETER)
    left = toolpath.xy_um[:, 0] < toolpath.xy_um[mine, 0].min() + 8_000
    start_left = starts_um(toolpath)[:, 0] < toolpath.xy_um[mine, 0].min() + 8_000
    assert set(toolpath.feed_mm_min[mine & left & start_left].tolist()) == {1500}
    assert toolpath.feed_mm_min[mine].min() == pytest.approx(0.45 * 1500, abs=4)


def test_the_worse_end_of_a_step_counts() -> None:
    """A ledge that grows along the wall: every step is as slow as its worse end asks for."""
    top = Manifold.extrude(CrossSection([np.array([(0, 0), (12, 0), (12, 10.4), (0, 10.0)])]), 0.2)
    part = block(12, 10, 1) + top.translate((0, 0, 1))
    toolpath = plan(part, settings(ON))
    mine = np.flatnonzero((toolpath.layer == 5) & (toolpath.role == Role.EXTERNAL_PERIMETER))
    left, front = toolpath.xy_um[mine].min(axis=0) - WIDTH_MM * 500
    place = np.stack([starts_um(toolpath)[mine], toolpath.xy_um[mine]]) - (left, front)
    rear = (place[..., 1] > 9_000).all(axis=0) & (np.abs(np.diff(place[..., 0], axis=0))[0] > 50)
    outside = place[:, rear, 1] / 1000 - 10.0
    overlap = np.clip(0.5 - outside / WIDTH_MM, 0, 1).min(axis=0)
    wanted = [interpolated(tuple(s * 1500 for s in SPEEDS), 1500, o) for o in overlap.tolist()]
    feeds = toolpath.feed_mm_min[mine][rear]
    assert len(set(feeds.tolist())) > 8
    # One piece takes in what differs by less than a step of its overlap, at its least.
    assert (feeds <= np.array(wanted) + 60 * 25 * 0.9 * 4 * 0.025).all()
    assert (feeds >= np.array(wanted) - 60 * 25 * 0.9 * 4 * 0.05 - 2).all()


@pytest.mark.parametrize("seam", ["aligned", "rear", "nearest"])
def test_loops_stay_whole_and_start_where_they_did(seam: str) -> None:
    """Pieces follow one another without a hop, in the same order, with the same filament."""
    for part in (leaning(0.225), dome(), tee()):
        on = plan(part, settings(ON, ("walls.seam", seam)))
        off = plan(part, settings(("walls.seam", seam)))
        assert len(list(hops(on))) == len(list(hops(off)))
        for one, two in zip(hops(on), hops(off), strict=True):
            assert (on.kind[one.rows] == off.kind[two.rows]).all()
            if seam != "nearest":
                away = np.abs(on.xy_um[one.rows] - off.xy_um[two.rows])
                assert away.max() <= 1
        fed = [int(t.e_e5[is_kind(t, MoveKind.EXTRUDE)].sum()) for t in (on, off)]
        assert math.isclose(*fed, rel_tol=1e-4)


def test_feeds_never_rise() -> None:
    """Whatever limits a wall already keeps: here flow, which comes first."""
    for flow in ("1.0", "15.0"):
        on = plan(dome(), settings(ON, ("material.max_flow_mm3_s", flow)))
        walls = np.isin(on.role, WALLS)
        highest = {
            role: int(off.feed_mm_min[off.role == role].max())
            for off in [plan(dome(), settings(("material.max_flow_mm3_s", flow)))]
            for role in (Role.EXTERNAL_PERIMETER, Role.PERIMETER)
        }
        for role, limit in highest.items():
            assert on.feed_mm_min[on.role == role].max() <= limit
        assert on.feed_mm_min[walls].min() < min(highest.values())


def test_a_part_that_leans_nowhere_has_the_same_program() -> None:
    on, off = plan(block(12, 9, 3), settings(ON)), plan(block(12, 9, 3), settings())
    for name in ("kind", "xy_um", "e_e5", "feed_mm_min", "fan_ratio_e3"):
        assert getattr(on, name).tobytes() == getattr(off, name).tobytes()


def test_processes_do_not_change_it() -> None:
    one = plan(dome(), settings(ON))
    many = plan(dome(), settings(ON), ProcessExecutor(2, chunk_size=3))
    for name in ("kind", "xy_um", "e_e5", "feed_mm_min", "fan_ratio_e3"):
        assert getattr(one, name).tobytes() == getattr(many, name).tobytes()
