"""Ranges of heights: every setting reaches the layers of its range, and no other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.adapters.executors import ProcessExecutor
from printstd.artifacts.layers import LayerStack
from printstd.artifacts.toolpath import MoveKind, Role
from printstd.profiles.keys import settable_keys
from printstd.profiles.models import Range
from printstd.toolpath.spec import layer_specs
from tests.unit.toolpath.planning import is_kind, plan, profiles, stack_for
from tests.unit.toolpath.solids import block

quick = settings(max_examples=100, deadline=None, derandomize=True)
HERE = (10, 19)
"""Layers of 2.0 to 4.0 mm: from the one after the tenth on, counted from 0."""
SPEC_VALUES = {
    "walls.count": "3",
    "walls.thin_walls": "false",
    "walls.gap_fill": "false",
    "shells.top_layers": "7",
    "shells.bottom_layers": "6",
    "shells.top_min_thickness_mm": "1.5",
    "shells.bottom_min_thickness_mm": "1.3",
    "infill.density_ratio": "0.5",
    "infill.pattern": '"grid"',
    "infill.angle_deg": "30.0",
}
SPEEDS = {
    "external_perimeter_mm_s": Role.EXTERNAL_PERIMETER,
    "perimeter_mm_s": Role.PERIMETER,
    "small_perimeter_mm_s": Role.EXTERNAL_PERIMETER,
    "infill_mm_s": Role.INTERNAL_INFILL,
    "solid_infill_mm_s": Role.SOLID_INFILL,
    "top_infill_mm_s": Role.TOP_SOLID_INFILL,
    "gap_fill_mm_s": Role.GAP_FILL,
    "bridge_mm_s": Role.INTERNAL_BRIDGE_INFILL,
}


def ranged(settings_: str, from_mm: float = 2.0, to_mm: float = 4.0) -> tuple[str, str]:
    return ("ranges", f"[{{from_mm={from_mm}, to_mm={to_mm}, {settings_}}}]")


def inline(key: str, value: str) -> str:
    table, _, name = key.rpartition(".")
    return f"{table}={{{name}={value}}}" if table else f"{name}={value}"


def test_every_key_of_a_range_is_tried_here() -> None:
    tried = set(SPEC_VALUES) | {f"speeds.{key}" for key in SPEEDS}
    assert tried | {"from_mm", "to_mm", "layer_height_mm"} == set(settable_keys(Range))


@pytest.mark.parametrize("key", list(SPEC_VALUES))
def test_a_setting_holds_in_its_range_as_it_would_everywhere(key: str) -> None:
    stack = stack_for(block(12, 12, 6), profiles())
    # A range that changes nothing, so that shells are counted by thickness in all of them.
    other = ranged("walls={count=2}", 4.0, 5.0)
    plain = layer_specs(stack, profiles(other))
    there = layer_specs(stack, profiles(other, (key, SPEC_VALUES[key])))
    found = layer_specs(stack, profiles(ranged(inline(key, SPEC_VALUES[key]))))
    for layer, spec in enumerate(found):
        is_here = HERE[0] <= layer <= HERE[1]
        assert spec == (there if is_here else plain)[layer]
    assert found[HERE[0]] != plain[HERE[0]]


@pytest.mark.parametrize("key", list(SPEEDS))
def test_a_speed_holds_in_its_range_alone(key: str) -> None:
    calm = (
        ("material.fan.slowdown_below_layer_time_s", "0.0"),
        ("infill.pattern", "rectilinear"),
        ("material.max_flow_mm3_s", "90.0"),
    )
    # A ledge, so that there are tops in the middle of the height, and a wall with a gap in it.
    part = block(20, 20, 3.0) + block(14, 20, 6.0) + block(1.1, 20, 6.0, (24.0, 0.0, 0.0))
    usual = plan(part, profiles(*calm))
    slow = plan(part, profiles(*calm, ranged(f"speeds={{{key}=11.0}}")))
    assert (slow.xy_um == usual.xy_um).all()
    differs = slow.feed_mm_min != usual.feed_mm_min
    mine = is_kind(slow, MoveKind.EXTRUDE) & (slow.role == SPEEDS[key])
    here = (slow.layer >= HERE[0]) & (slow.layer <= HERE[1])
    assert not differs[~here].any()
    assert differs.any()
    assert set(slow.feed_mm_min[differs].tolist()) == {660}
    if key != "small_perimeter_mm_s":
        assert set(slow.feed_mm_min[mine & here].tolist()) == {660}


@st.composite
def stacks(draw: st.DrawFn) -> tuple[LayerStack, int, int, int, int]:
    heights = draw(st.lists(st.integers(70, 300), min_size=1, max_size=30))
    stack = stack_for(block(5, 5, 0.2), profiles())
    top = np.cumsum(np.array(heights, np.int64))
    empty = np.zeros(len(heights) + 1, np.int64)
    stack = replace(
        stack,
        top_um=top,
        height_um=np.array(heights, np.int64),
        slice_z_nm=top * 1000 - np.array(heights) * 500,
        xy_nm=np.empty((0, 2), np.int64),
        ring_offsets=np.zeros(1, np.int64),
        layer_offsets=empty,
    )
    counts = st.integers(0, 6)
    thickness = st.integers(0, 1500)
    return stack, draw(counts), draw(counts), draw(thickness), draw(thickness)


@given(stacks())
@quick
def test_a_shell_is_as_many_layers_as_its_thickness_needs(
    drawn: tuple[LayerStack, int, int, int, int],
) -> None:
    stack, top_layers, bottom_layers, top_um, bottom_um = drawn
    resolved = profiles(
        ("layers.exact_top", "true"),
        ("shells.top_layers", str(top_layers)),
        ("shells.bottom_layers", str(bottom_layers)),
        ("shells.top_min_thickness_mm", str(top_um / 1000)),
        ("shells.bottom_min_thickness_mm", str(bottom_um / 1000)),
    )
    specs = layer_specs(stack, resolved)
    heights = stack.height_um.tolist()
    for layer, spec in enumerate(specs):
        # Walk away from the layer: a surface is its own as long as what lies between is too thin.
        above = below = 0
        for j in range(layer, len(heights)):
            if j - layer < top_layers or (top_layers and sum(heights[layer + 1 : j + 1]) < top_um):
                above = j - layer + 1
        for j in range(layer, -1, -1):
            between = sum(heights[j:layer])
            if layer - j < bottom_layers or (bottom_layers and between < bottom_um):
                below = layer - j + 1
        ends = len(heights) - layer, layer + 1
        assert min(spec.top_layers, ends[0]) == above
        assert min(spec.bottom_layers, ends[1]) == below


def test_layers_that_are_alike_share_their_spec() -> None:
    stack = stack_for(block(12, 12, 30), profiles())
    assert len({id(spec) for spec in layer_specs(stack, profiles())}) == 2
    varied = profiles(ranged("walls={count=3}"))
    assert len({id(spec) for spec in layer_specs(stack, varied)}) < 25


def test_ranges_are_the_same_from_many_processes() -> None:
    ranges = (
        "[{from_mm=1.0, to_mm=2.0, layer_height_mm=0.1, walls={count=3},"
        " shells={top_layers=0}, infill={density_ratio=0.4}},"
        " {from_mm=2.5, to_mm=3.3, walls={count=1}, shells={bottom_layers=0}}]"
    )
    resolved = profiles(("ranges", ranges), ("layers.exact_top", "true"))
    part = block(20, 20, 3.0) + block(14, 20, 6.13)
    one = plan(part, resolved)
    other = plan(part, resolved, ProcessExecutor(2, chunk_size=1))
    for name in ("xy_um", "e_e5", "feed_mm_min", "layer", "role", "width_nm", "height_nm"):
        assert (getattr(one, name) == getattr(other, name)).all()
    assert (one.height_nm[one.layer > 0] > 0).any()
