"""Whole plans of real parts: the same bytes however they are made, and what must not matter."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from manifold3d import Manifold

from printstd.adapters.executors import ProcessExecutor
from printstd.artifacts.layers import LayerStack
from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.errors import InternalError, SlicingError
from printstd.kernels.rings import Rings, area_mm2
from tests.stacks import solid_mesh, stack_of
from tests.unit.toolpath import solids
from tests.unit.toolpath.planning import (
    is_kind,
    lengths_um,
    of_role,
    on_printer,
    plan,
    profiles,
    stack_for,
    volume_mm3,
)
from tests.unit.toolpath.solids import block

parts = pytest.mark.parametrize("part", list(solids.PARTS))
FULL = (("infill.density_ratio", "1.0"),)
BARE = (("adhesion.skirt_loops", "0"),)


def differing(a: Toolpath, b: Toolpath) -> list[str]:
    """Names of the columns that are not the same to the bit."""
    found = []
    for column in fields(a):
        one, other = getattr(a, column.name), getattr(b, column.name)
        same = (
            one.tobytes() == other.tobytes() and one.dtype == other.dtype
            if isinstance(one, np.ndarray)
            else one == other
        )
        found += [] if same else [column.name]
    return found


@parts
def test_the_same_bytes_from_any_number_of_processes(part: str) -> None:
    """One layer a task, last ones first, against one task for all."""
    stack = stack_for(solids.PARTS[part](), profiles())
    whole = plan(stack)
    for size, order in (
        (1, lambda n: range(n)[::-1]),
        (3, lambda n: [*range(1, n, 2), *range(0, n, 2)]),
    ):
        split = ProcessExecutor(2, chunk_size=size, submit_order=order)
        assert differing(whole, plan(stack, executor=split)) == []


@parts
def test_the_order_of_facets_and_vertices_does_not_matter(part: str) -> None:
    vertices, faces = solid_mesh(solids.PARTS[part]())
    rng = np.random.default_rng(5)
    number = rng.permutation(len(vertices))
    mixed = np.empty_like(vertices)
    mixed[number] = vertices
    turns = (rng.integers(0, 3, len(faces))[:, None] + np.arange(3)) % 3
    other = np.take_along_axis(number[faces].astype(np.int32), turns, axis=1)
    other = np.ascontiguousarray(other[rng.permutation(len(faces))])
    assert differing(plan(stack_of(vertices, faces)), plan(stack_of(mixed, other))) == []


def displaced(stack: LayerStack, shift_mm: tuple[int, int]) -> LayerStack:
    return replace(stack, xy_nm=stack.xy_nm + np.array(shift_mm) * 1_000_000)


@parts
@pytest.mark.parametrize("density", ["0.0", "1.0"])
def test_moving_the_part_moves_the_toolpath(part: str, density: str) -> None:
    """Sparse lines alone do not move along: they stand on the bed's own grid."""
    overrides = (("infill.density_ratio", density),)
    resolved, shift = profiles(*overrides), (37, -23)
    stack = stack_for(solids.PARTS[part](), resolved)
    # The nozzle's way to the part counts for the order: it starts from as far away.
    starts = ("G28", "G1 X20 Y30 Z2"), ("G28", f"G1 X{20 + shift[0]} Y{30 + shift[1]} Z2")
    here, there = (
        plan(moved, on_printer(resolved, start_code=code))
        for moved, code in zip((stack, displaced(stack, shift)), starts, strict=True)
    )
    assert here.n_moves == there.n_moves
    for name in ("kind", "role", "layer", "z_um", "object_id"):
        assert (getattr(here, name) == getattr(there, name)).all()
    # Places on edges are found in floats, so a rounding to um may fall the other way.
    off = there.xy_um - here.xy_um - np.array(shift) * 1000
    assert np.abs(off).max() <= 1
    assert (off != 0).mean() < 0.01
    assert np.abs(there.e_e5 - here.e_e5).max() <= 8
    assert there.e_e5.sum() == pytest.approx(here.e_e5.sum(), abs=20)


def turned(part: Manifold) -> Manifold:
    x0, y0, _, x1, y1, _ = part.bounding_box()
    return part.rotate((0, 0, 180)).translate((x0 + x1, y0 + y1, 0))


@parts
def test_half_a_turn_changes_no_volume(part: str) -> None:
    resolved = profiles(*BARE, ("infill.density_ratio", "1.0"))
    solid = solids.PARTS[part]()
    here, there = (volume_mm3(plan(body, resolved)) for body in (solid, turned(solid)))
    # Solid lines turn on every other side of a hole: on the other one when the part is turned.
    assert there == pytest.approx(here, rel=5e-4 if part == "hole plate" else 1e-4)


def full(size: tuple[float, float, float], overlap: float) -> float:
    """mm3 laid for a solid block."""
    compensated = ("compensation.elephant_foot_mm", "0.0")
    resolved = profiles(*BARE, *FULL, compensated, ("infill.overlap_ratio", str(overlap)))
    return volume_mm3(plan(block(*size), resolved))


BLOCKS = [(10.0, 10.0, 4.0), (20.0, 20.0, 10.0), (30.0, 8.0, 3.0), (6.0, 6.0, 4.0)]


@pytest.mark.parametrize("size", BLOCKS)
def test_a_full_prism_gets_its_volume(size: tuple[float, float, float]) -> None:
    x, y, z = size
    assert full(size, 0.0) == pytest.approx(x * y * z, rel=0.01)
    if size == (20.0, 20.0, 10.0):
        # As the peers lay it: their 0.69 % too much is the infill's overlap with the walls.
        assert full(size, 0.15) == pytest.approx(x * y * z, rel=0.01)


@pytest.mark.parametrize("size", BLOCKS)
def test_overlap_brings_just_its_own_volume_on_top(size: tuple[float, float, float]) -> None:
    x, y, z = size
    spacing, width = 0.40708, 0.45
    inner = 2 * (width / 2 + 1.5 * spacing)
    around = 2 * (x - inner + y - inner)
    more = full(size, 0.25) - full(size, 0.0)
    assert more == pytest.approx(0.25 * spacing * around * z, rel=0.12)


@pytest.mark.parametrize("part", ["hole plate", "tee", "steps", "two bodies", "dome", "tilted"])
def test_any_full_part_gets_the_volume_of_its_layers(part: str) -> None:
    thin = ("bridges.flow_ratio", "1.0"), ("bridges.thick_internal", "false")
    resolved = profiles(*BARE, *FULL, *thin, ("compensation.elephant_foot_mm", "0.0"))
    stack = stack_for(solids.PARTS[part](), resolved)
    areas = [area_mm2(Rings(*stack.rings_of(i))) for i in range(stack.n_layers)]
    volume = float(np.array(areas) @ stack.height_um) / 1000
    # Overlaps with the walls, and beads of many layers in thin ends, add a little.
    assert volume_mm3(plan(stack, resolved)) == pytest.approx(volume, rel=0.025)


def test_two_parts_apart_are_two_parts() -> None:
    resolved = profiles(*BARE, *FULL)
    one = volume_mm3(plan(solids.tee(), resolved))
    pair = solids.tee() + solids.tee().translate((60, 0, 0))
    assert volume_mm3(plan(pair, resolved)) == pytest.approx(2 * one, rel=1e-3)


def test_a_prism_is_laid_the_same_way_on_every_second_layer() -> None:
    """Above the ramps of cooling and the shells nothing tells layer n from layer n + 2."""
    toolpath = plan(solids.cube(8), profiles(*BARE, ("infill.pattern", "rectilinear")))
    layers = []
    for layer in range(14, 22):
        rows = is_kind(toolpath, MoveKind.EXTRUDE) & (toolpath.layer == layer)
        order = np.lexsort(toolpath.xy_um[rows].T)
        layers.append(np.column_stack([toolpath.xy_um[rows], toolpath.role[rows]])[order].tolist())
    for a, b in zip(layers[:-2], layers[2:], strict=True):
        assert a == b
    assert layers[0] != layers[1]


def test_with_a_brim_the_outline_grows_out_of_it() -> None:
    resolved = profiles(("adhesion.brim_width_mm", "2.0"))
    walls = (Role.EXTERNAL_PERIMETER, Role.PERIMETER)
    first, second = (
        [line.role for line in of_role(plan(solids.cube(6), resolved), *walls) if line.layer == i]
        for i in (0, 1)
    )
    assert first == list(walls)
    assert second == list(reversed(walls))


def test_no_external_loop_starts_in_a_corner() -> None:
    toolpath = plan(solids.cube(8), profiles(*BARE, ("compensation.elephant_foot_mm", "0.0")))
    for line in of_role(toolpath, Role.EXTERNAL_PERIMETER):
        corners = line.xy_um[[1, 2, 3, 4]]
        away = np.hypot(*(corners - line.xy_um[0]).astype(float).T).min()
        width = toolpath.width_nm[line.rows.start] / 1000
        assert away == pytest.approx(width / 2, abs=1.5)
        # And not in a corner it ends.
        assert np.hypot(*(corners - line.xy_um[-1]).astype(float).T).min() > 100


@pytest.mark.parametrize("part", ["cube", "hole plate", "dome", "two bodies"])
def test_inner_walls_start_beside_the_external_ones_seam(part: str) -> None:
    toolpath = plan(solids.PARTS[part](), profiles(("walls.count", "3")))
    walls = of_role(toolpath, Role.EXTERNAL_PERIMETER, Role.PERIMETER)
    outer = [line for line in walls if line.role is Role.EXTERNAL_PERIMETER and line.is_closed]
    near = []
    for line in walls:
        if line.role is Role.PERIMETER and line.is_closed:
            starts = np.array([other.xy_um[0] for other in outer if other.layer == line.layer])
            # Two steps of the walls, and a seam moved out of a corner.
            near.append(np.hypot(*(starts - line.xy_um[0]).astype(float).T).min() < 1_600)
    # A wall around two neighbours starts beside one of them, perhaps far from both their seams.
    assert np.mean(near) > 0.98


@pytest.mark.parametrize("part", ["letters", "tower", "cube", "two bodies"])
def test_layers_are_slowed_to_their_time_and_no_further(part: str) -> None:
    """All moves counted: laying, travel, drawing back and forth; machines accelerate besides."""
    calm, slow = (
        plan(
            solids.PARTS[part](), profiles(("material.fan.slowdown_below_layer_time_s", t), *least)
        )
        for t, least in (("0.0", ()), ("14.0", (("material.fan.min_print_speed_mm_s", "0.5"),)))
    )
    before, after = layer_times_s(calm), layer_times_s(slow)
    quick = before < 13.9
    assert quick.any()
    # Feeds are whole mm a minute, some of them few.
    assert after[quick] == pytest.approx(14.0, rel=0.03)
    assert after[quick].min() > 13.99
    assert after[before > 14.3] == pytest.approx(before[before > 14.3])


def layer_times_s(toolpath: Toolpath) -> np.ndarray:
    """But for lifts and wipes, which are short."""
    still = lengths_um(toolpath) == 0
    way = np.where(still, np.abs(toolpath.e_e5) / 100, lengths_um(toolpath)) / 1000
    return np.bincount(toolpath.layer, way / (toolpath.feed_mm_min / 60))


def test_layers_without_a_section_are_passed_over() -> None:
    floating = block(5, 5, 1) + block(5, 5, 1, (0, 0, 2))
    toolpath = plan(floating, profiles(*BARE))
    laid = np.unique(toolpath.layer[toolpath.role != Role.NONE])
    assert laid.tolist() == [*range(5), *range(10, 15)]


def test_a_part_of_one_layer_is_a_print() -> None:
    toolpath = plan(block(5, 5, 0.2), profiles(*BARE))
    assert set(toolpath.layer.tolist()) == {0}
    assert volume_mm3(toolpath) == pytest.approx(4.7**2 * 0.2, rel=0.1)


@pytest.mark.parametrize("skirt", [True, False])
def test_a_part_too_thin_for_any_line_is_refused_as_a_whole(skirt: bool) -> None:
    with pytest.raises(SlicingError, match="nothing printable") as caught:
        plan(block(0.12, 3, 1), profiles() if skirt else profiles(*BARE))
    assert caught.value.exit_code == 5
    assert "0.133" in str(caught.value)


def test_without_a_printer_there_is_no_toolpath() -> None:
    with pytest.raises(InternalError):
        plan(solids.cube(4), replace(profiles(), printer=None))


def test_parts_are_named_for_the_machine() -> None:
    toolpath = plan(solids.cube(4))
    assert toolpath.object_names == ("part",)
    assert toolpath.start_xy_um == (70_000, -3_000)
    assert toolpath.start_z_um == 2_000
