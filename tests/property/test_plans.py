"""Whole plans of random parts under random settings: what always holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.kernels import clip
from printstd.kernels.rings import Rings, area_mm2
from printstd.profiles.infill_models import InfillPattern
from tests.oracles.areas import area_of
from tests.oracles.effort import few
from tests.unit.toolpath import solids
from tests.unit.toolpath.planning import (
    is_kind,
    lengths_um,
    plan,
    profiles,
    stack_for,
    starts_um,
    volume_mm3,
)

seeds = st.integers(0, 2**31)
SETTINGS: dict[str, list[str]] = {
    "infill.density_ratio": ["0.0", "0.1", "0.4", "1.0"],
    "infill.pattern": [pattern.value for pattern in InfillPattern],
    "ironing.surfaces": ["none", "topmost", "top"],
    "infill.anchor_mm": ["0.0", "2.5"],
    "walls.count": ["1", "2", "4"],
    "walls.order": ["inner_outer", "outer_inner", "inner_outer_inner"],
    "walls.precise_outer": ["true", "false"],
    "overhangs.is_dynamic": ["true", "false"],
    "walls.thin_walls": ["true", "false"],
    "walls.gap_fill": ["true", "false"],
    "walls.seam": ["aligned", "rear", "nearest"],
    "shells.top_layers": ["0", "1", "4"],
    "shells.bottom_layers": ["0", "1", "4"],
    "shells.ensure_vertical": ["true", "false"],
    "bridges.thick_external": ["true", "false"],
    "bridges.thick_internal": ["true", "false"],
    "avoid_crossing_walls": ["true", "false"],
    "adhesion.skirt_loops": ["0", "2"],
    "adhesion.brim_width_mm": ["0.0", "3.0"],
    "compensation.xy_mm": ["-0.1", "0.0", "0.1"],
    "compensation.hole_mm": ["-0.1", "0.0", "0.1"],
    "layer_height_mm": ["0.15", "0.2"],
    "first_layer_height_mm": ["0.2", "0.3"],
    "printer.retraction.is_wiping": ["true", "false"],
    "printer.retraction.length_mm": ["0.0", "0.7", "4.0"],
    "printer.retraction.on_layer_change": ["true", "false"],
    "printer.retraction.before_wipe_ratio": ["0.0", "0.5", "1.0"],
}
settings = st.fixed_dictionaries({key: st.sampled_from(values) for key, values in SETTINGS.items()})


class Split:
    """An Executor that runs few layers a task, in any order, and joins by number."""

    workers = 3

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def chunks(self, work_ms: Sequence[float]) -> list[range]:
        count = len(work_ms)
        sizes = np.cumsum(self._rng.integers(1, 5, count))
        borders = [0, *sizes[sizes < count].tolist(), count]
        return [range(a, b) for a, b in pairwise(borders)]

    def map(
        self, function: Callable[[Any, Any], Any], tasks: Sequence[Any], *, shared: Any
    ) -> list[Any]:
        found = {i: function(shared, tasks[i]) for i in self._rng.permutation(len(tasks)).tolist()}
        return [found[i] for i in range(len(tasks))]


def columns(toolpath: Toolpath) -> list[bytes]:
    values = [getattr(toolpath, column.name) for column in fields(toolpath)]
    return [v.tobytes() if isinstance(v, np.ndarray) else repr(v).encode() for v in values]


@few(12)
@given(seeds, settings)
def test_how_the_layers_are_divided_changes_no_byte(seed: int, chosen: dict[str, str]) -> None:
    resolved = profiles(*chosen.items())
    stack = stack_for(solids.random_part(seed), resolved)
    assert columns(plan(stack, resolved)) == columns(plan(stack, resolved, Split(seed)))


@few(20)
@given(seeds, settings)
def test_moves_add_up(seed: int, chosen: dict[str, str]) -> None:
    resolved = profiles(*chosen.items())
    stack = stack_for(solids.random_part(seed), resolved)
    toolpath = plan(stack, resolved)
    extrudes = is_kind(toolpath, MoveKind.EXTRUDE)
    whole = round(float(chosen["printer.retraction.length_mm"]) * 1e5)
    drawn = np.cumsum(np.where(extrudes, 0, toolpath.e_e5))
    assert drawn.max() <= 0
    assert drawn.min() >= -whole
    assert drawn[-1] == -whole
    assert not drawn[extrudes].any()
    assert (lengths_um(toolpath)[extrudes] > 0).all()
    assert (toolpath.z_um[extrudes] == toolpath.layer_top_um[toolpath.layer[extrudes]]).all()
    # No layer that has anything printable is left out.
    laid = set(toolpath.layer[extrudes & (toolpath.object_id == 0)].tolist())
    for layer in range(stack.n_layers):
        thick = clip.offset(Rings(*stack.rings_of(layer)), -400_000)
        assert layer in laid or area_mm2(thick) == 0


@few(10)
@given(seeds, settings)
def test_beads_lie_in_their_layers_and_fill_no_more(seed: int, chosen: dict[str, str]) -> None:
    resolved = profiles(*chosen.items(), ("compensation.elephant_foot_mm", "0.0"))
    stack = stack_for(solids.random_part(seed), resolved)
    toolpath = plan(stack, resolved)
    part = (toolpath.role != Role.NONE) & (toolpath.role != Role.SKIRT_BRIM)
    way = np.stack([starts_um(toolpath), toolpath.xy_um], axis=1) / 1000
    grown = round(
        1e6 * (float(chosen["compensation.xy_mm"]) + abs(float(chosen["compensation.hole_mm"])))
    )
    volume = 0.0
    for layer in range(stack.n_layers):
        section = Rings(*stack.rings_of(layer))
        mine = np.flatnonzero(part & (toolpath.layer == layer))
        room = area_of(clip.offset(section, max(0, grown) + 2_000))
        assert shapely.covers(room, shapely.linestrings(way[mine])).all()
        volume += area_mm2(clip.offset(section, grown)) * stack.height_um[layer] / 1000
    fed = volume_mm3(toolpath) - _of_skirt(toolpath)
    # Overlaps, and thick threads of bridges, come on top.
    assert fed < 1.15 * volume


def _of_skirt(toolpath: Toolpath) -> float:
    mine = toolpath.role == Role.SKIRT_BRIM
    return float(toolpath.e_e5[mine].sum() * 1e-5 * np.pi / 4 * 1.75**2)
