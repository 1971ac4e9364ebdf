"""Which tool lays what, and when: the beads of a plate by layer and tool, with the prime tower.

A layer is taken in *steps*, one for each tool that has anything to lay in it. For the order of
paths a step is what a layer is in a print of one tool.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.layers import LayerStack
from printstd.artifacts.plate import TowerStand
from printstd.kernels.rings import EMPTY
from printstd.kernels.tool_order import Order, fewest_changes
from printstd.profiles.resolved import Resolved
from printstd.profiles.tool_models import Tools
from printstd.profiles.tower import TowerSize, purge_nm3, tower_size
from printstd.toolpath.parts import PlatePart
from printstd.toolpath.plate import NOBODY, Owned, reordered
from printstd.toolpath.prime_tower import TowerLayer, lay_tower
from printstd.toolpath.ready import SUPPORT_ISLAND, ReadyRun, joined, prepare_layers
from printstd.units import NM_PER_UM

TOWER_ISLAND: Final = -3
"""Purges: what a tool lays first when it has come."""


class Tower(NamedTuple):
    """Where the prime tower stands, and how it is laid there."""

    stand: TowerStand
    size: TowerSize
    tools: Tools


class Steps(NamedTuple):
    """order : of each layer, its tools. number : (l, t) int64, the step of each layer and tool, -1
    where it has nothing to lay there. tool, layer : (s,) int64 of each step."""

    order: list[Order]
    number: NDArray[np.int64]
    tool: NDArray[np.int64]
    layer: NDArray[np.int64]

    def is_change(self) -> NDArray[np.bool_]:
        """(s,) steps that begin with a change of tools."""
        changes = np.zeros(len(self.tool), bool)
        changes[1:] = self.tool[1:] != self.tool[:-1]
        return changes


def steps_of(layer: NDArray[np.int64], tool: NDArray[np.int64], n_layers: int) -> Steps:
    """layer, tool : (k,) of each bead that a tool must lay."""
    n_tools = int(tool.max(initial=0)) + 1
    uses = np.zeros((n_layers, n_tools), bool)
    uses[layer, tool] = True
    order = fewest_changes([tuple(np.flatnonzero(row).tolist()) for row in uses])
    # Layers in which nothing is laid have no step.
    of_layer = np.repeat(np.arange(n_layers), [len(own) for own in order])
    of_tool = np.array([own for layer_order in order for own in layer_order], np.int64)
    number = np.full((n_layers, n_tools), -1, np.int64)
    number[of_layer, of_tool] = np.arange(len(of_tool))
    return Steps(order, number, of_tool, of_layer)


def by_tool(
    beads: Owned,
    parts: Sequence[PlatePart],
    stack: LayerStack,
    stand: TowerStand | None,
    resolved: Resolved,
) -> Owned:
    """The same beads, each with its tool and its step, in the order of steps; and the tower, where
    one is asked for and tools change.

    parts : whose objects they are. Skirt and brim are laid by whichever tool a layer begins with.
    """
    tool_of_object = [part.resolved.tool for part in parts for _ in part.names]
    if len(set(tool_of_object)) == 1:
        return beads._replace(tool=np.full(len(beads.owner), tool_of_object[0]))
    height_nm = int(stack.top_um[-1]) * NM_PER_UM
    size = tower_size(resolved, sorted(set(tool_of_object)), height_nm)
    tools = resolved.printer.tools if resolved.printer else None
    tower = Tower(stand, size, tools) if stand and size and tools else None
    ready, owner = beads.ready, beads.owner
    layer = np.repeat(np.arange(stack.n_layers), ready.n_paths)
    own_tool = np.array([*tool_of_object, 0], np.int64)[owner]
    is_own = owner != NOBODY
    if not is_own.any():
        return beads
    steps = steps_of(layer[is_own], own_tool[is_own], stack.n_layers)
    begins = np.array([own[0] if own else 0 for own in steps.order], np.int64)
    tool = np.where(is_own, own_tool, begins[layer])
    step = steps.number[layer, tool]
    # A skirt in a layer that has nothing else goes with the step before it.
    step = np.where(step >= 0, step, np.searchsorted(steps.layer, layer, side="right") - 1)
    if tower is not None and steps.is_change().any():
        run, tower_step = _tower_run(tower, stack, steps)
        ready = joined([ready, run])
        layer = np.concatenate([layer, steps.layer[tower_step]])
        step = np.concatenate([step, tower_step])
        owner = np.concatenate([owner, np.full(len(tower_step), NOBODY)])
    order = np.lexsort((owner, step))
    counts = np.bincount(layer, minlength=stack.n_layers)
    return Owned(
        reordered(ready, order, counts),
        owner[order],
        step[order],
        steps.tool[step][order],
        steps.layer,
    )


def _tower_run(tower: Tower, stack: LayerStack, steps: Steps) -> tuple[ReadyRun, NDArray[np.int64]]:
    """The tower from the bed to the layer of the last change, and the step of each of its paths."""
    changes = np.flatnonzero(steps.is_change())
    layers = np.arange(int(steps.layer[changes[-1]]) + 1)
    purges: list[list[int]] = [[] for _ in layers]
    for change in changes.tolist():
        pair = int(steps.tool[change - 1]), int(steps.tool[change])
        purges[int(steps.layer[change])].append(purge_nm3(tower.tools, *pair))
    heights = (stack.height_um[: len(layers)] * NM_PER_UM).tolist()
    laid = lay_tower(tower.stand, tower.size, heights, purges)
    first_change = np.searchsorted(steps.layer[changes], layers)
    first_step = np.searchsorted(steps.layer, layers)
    step = [
        changes[first_change[i] + own.visit] if purges[i] else first_step[i] + 0 * own.visit
        for i, own in enumerate(laid)
    ]
    ready = joined(prepare_layers([own.paths for own in laid], [EMPTY] * len(laid)))
    island = np.concatenate([_islands(own, len(of)) for own, of in zip(laid, purges, strict=True)])
    return (
        ReadyRun(ready.paths, ready.n_paths, island, ready.parent, ready.hiding, ready.overlap_e3),
        np.concatenate(step),
    )


def _islands(layer: TowerLayer, n_purges: int) -> NDArray[np.int64]:
    return np.full(len(layer.visit), TOWER_ISLAND if n_purges else SUPPORT_ISLAND)
