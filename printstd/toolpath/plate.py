"""Several parts of one print: their layers as one stack, their beads as one set.

Each part is planned on its own, once for all its copies; from there on a print has one stack of
layers, in which parts are islands like any other, and every bead knows whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.layers import LayerStack
from printstd.errors import SlicingError
from printstd.kernels import clip
from printstd.kernels.hanging import Hanging
from printstd.kernels.rings import Rings, area_mm2, canonical_by_group, concat
from printstd.named_tuple import NamedTuple
from printstd.toolpath.compensate import compensated
from printstd.toolpath.parts import PlatePart
from printstd.toolpath.paths import PathSet
from printstd.toolpath.ready import ReadyRun, joined
from printstd.toolpath.spec import LayerSpec
from printstd.words import said

_SHARED_MM2: Final = 0.01
"""Objects that touch share a line, and what rounding makes of it."""
NOBODY: Final = -1
"""Owner of skirt, brim and raft: they are laid whichever part is given up."""


class Owned(NamedTuple):
    """Ready layers of a whole print. owner : (k,) int64 for every path, which of the print's
    objects it belongs to, or `NOBODY`. Where several tools lay it (`toolpath.tools`): step, tool :
    (k,) int64 for every path, paths in the order of steps; step_layer : (s,) int64."""

    ready: ReadyRun
    owner: NDArray[np.int64]
    step: NDArray[np.int64] | None = None
    tool: NDArray[np.int64] | None = None
    step_layer: NDArray[np.int64] | None = None


def check_apart(parts: Sequence[PlatePart]) -> None:
    """SlicingError where parts that were filed together lie within one another: both would be laid.

    parts : of one file, none moved against another.
    """
    for number, part in enumerate(parts):
        for other in parts[:number]:
            _check_pair(part, other)


def _check_pair(part: PlatePart, other: PlatePart) -> None:
    boxes = [(s.xy_nm.min(axis=0), s.xy_nm.max(axis=0)) for s in (part.stack, other.stack)]
    (low, high), (other_low, other_high) = boxes
    if not ((low < other_high) & (other_low < high)).all():
        return
    for layer in range(min(part.stack.n_layers, other.stack.n_layers)):
        own, its = (Rings(*stack.rings_of(layer)) for stack in (part.stack, other.stack))
        if own.is_empty or its.is_empty:
            continue
        shared = clip.intersection(own, its)
        if area_mm2(shared) > _SHARED_MM2:
            x, y = (shared.xy_nm.mean(axis=0) / 1e6).tolist()
            raise SlicingError(
                said("objects with settings of their own lie within one another"),
                where=said(
                    "layer {layer}, X {x:.2f} Y {y:.2f} mm on the bed", layer=layer, x=x, y=y
                ),
                got=said(
                    "{one} and {other} share {area_mm2:.3f} mm2",
                    one=other.names[0],
                    other=part.names[0],
                    area_mm2=area_mm2(shared),
                ),
                wanted=said("objects beside one another"),
                hint=said("move them apart in the project, or give both the same settings"),
                code="SLICE-14",
            )


# ---------------------------------------------------------------------------------- one stack


def whole_stack(parts: Sequence[PlatePart]) -> LayerStack:
    """The layers of all copies of all parts.

    Raises SlicingError where the parts' layers lie at different heights.
    """
    tallest = max(parts, key=lambda part: part.stack.n_layers).stack
    if len(parts) == 1 and parts[0].n_copies == 1:
        return tallest
    rings: list[Rings] = []
    layers: list[NDArray[np.int64]] = []
    for part in parts:
        stack = part.stack
        n = stack.n_layers
        if not (
            np.array_equal(stack.top_um, tallest.top_um[:n])
            and np.array_equal(stack.height_um, tallest.height_um[:n])
        ):
            raise SlicingError(
                said("the parts of one plate need the same layers"),
                where=part.names[0],
                got=said("layers at other heights than those of the plate's tallest part"),
                wanted=said("one plan of layers for all"),
                hint=said("make each its own program (--outdir)"),
                code="SLICE-09",
            )
        layer = np.repeat(np.arange(n), np.diff(stack.layer_offsets))
        for shift in part.shift_nm:
            rings.append(Rings(stack.xy_nm + shift, stack.ring_offsets))
            layers.append(layer)
    found, layer = canonical_by_group(concat(rings), np.concatenate(layers))
    return LayerStack(
        top_um=tallest.top_um,
        height_um=tallest.height_um,
        slice_z_nm=tallest.slice_z_nm,
        xy_nm=found.xy_nm,
        ring_offsets=found.offsets,
        layer_offsets=np.searchsorted(layer, np.arange(tallest.n_layers + 1)),
    )


def stack_one_by_one(parts: Sequence[PlatePart], order: Sequence[int]) -> LayerStack:
    """The layers of one object after those of the other: tops fall where the next begins.

    order : numbers of the objects, counted part by part, copy by copy.
    """
    objects = [(part.stack, shift) for part in parts for shift in part.shift_nm]
    chosen = [objects[number] for number in order]
    sizes = [np.diff(stack.ring_offsets) for stack, _ in chosen]
    counts = [np.diff(stack.layer_offsets) for stack, _ in chosen]
    return LayerStack(
        top_um=np.concatenate([stack.top_um for stack, _ in chosen]),
        height_um=np.concatenate([stack.height_um for stack, _ in chosen]),
        slice_z_nm=np.concatenate([stack.slice_z_nm for stack, _ in chosen]),
        xy_nm=np.concatenate([stack.xy_nm + shift for stack, shift in chosen]),
        ring_offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate(sizes))]),
        layer_offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate(counts))]),
    )


def number_in_object(top_um: NDArray[np.int64]) -> NDArray[np.int64]:
    """(l,) int64: of each layer, the how manieth of its object it is. An object begins where the
    print comes no higher."""
    n = len(top_um)
    begins = np.ones(n, bool)
    begins[1:] = top_um[1:] <= top_um[:-1]
    return np.arange(n) - np.maximum.accumulate(np.where(begins, np.arange(n), 0))


def sections_laid(
    parts: Sequence[PlatePart], specs: Sequence[Sequence[LayerSpec]], order: Sequence[int] | None
) -> list[Rings]:
    """The sections of all parts, each compensated by its own settings but for its foot, which the
    layer above covers; layers as in `whole_stack`, or with an order as in `stack_one_by_one`.

    specs : of each part's layers.
    """
    own = []
    for part, of_part in zip(parts, specs, strict=True):
        full = [replace(spec, elephant_foot_nm=0) for spec in of_part[:1]]
        own.append(compensated(part.stack, [*full, *of_part[1:]], range(part.stack.n_layers)))
    if order is None:
        n_layers = max(map(len, own))
        return [
            concat([everywhere(s[i], p) for p, s in zip(parts, own, strict=True) if i < len(s)])
            for i in range(n_layers)
        ]
    objects = [(s, shift) for p, s in zip(parts, own, strict=True) for shift in p.shift_nm]
    return [
        Rings(rings.xy_nm + shift, rings.offsets)
        for sections, shift in (objects[number] for number in order)
        for rings in sections
    ]


def everywhere(rings: Rings, part: PlatePart) -> Rings:
    """Rings of a part at all of its copies."""
    return concat([Rings(rings.xy_nm + shift, rings.offsets) for shift in part.shift_nm])


def hanging_everywhere(areas: Sequence[Hanging], part: PlatePart) -> list[Hanging]:
    """What hangs of a part, at all of its copies."""
    return [
        area._replace(
            low_nm=(area.low_nm[0] + x, area.low_nm[1] + y),
            high_nm=(area.high_nm[0] + x, area.high_nm[1] + y),
        )
        for x, y in part.shift_nm.tolist()
        for area in areas
    ]


# ----------------------------------------------------------------------------------- one set


def owned(
    parts: Sequence[PlatePart],
    ready: Sequence[ReadyRun],
    adhesion: ReadyRun | None,
    order: Sequence[int] | None = None,
    floor: int = 0,
    supports: Sequence[Owned] = (),
) -> Owned:
    """The beads of all copies of all parts, layer by layer; in a layer skirt and brim first, then
    the objects by number.

    ready : all layers of each part, as its first copy has them. adhesion : of the lowest layers.
    order : of the objects, where they are printed one after the other (`stack_one_by_one`). floor :
    layers under the objects, a raft's. supports : of all layers above it.
    """
    runs = [_moved(run, s) for p, run in zip(parts, ready, strict=True) for s in p.shift_nm]
    owners = list(range(len(runs)))
    lowest = [floor] * len(runs)
    if order is not None:
        done = np.cumsum([0, *(len(runs[number].n_paths) for number in order)]).tolist()
        for number, first in zip(order, done, strict=False):
            lowest[number] = first
    # Of what one object owns in a layer its supports come first.
    runs = [*(own.ready for own in supports), *runs]
    lowest = [*[floor] * len(supports), *lowest]
    if adhesion is not None:
        runs, lowest = [adhesion, *runs], [0, *lowest]
    whole = joined(runs)
    counts = [run.paths.n_paths for run in runs]
    n_others = len(runs) - len(owners)
    owner = np.concatenate(
        [
            *([np.full(counts[0], NOBODY)] if adhesion is not None else []),
            *(own.owner for own in supports),
            np.repeat(np.array(owners, np.int64), counts[n_others:]),
        ]
    )
    layer = np.concatenate(
        [
            first + np.repeat(np.arange(len(run.n_paths)), run.n_paths)
            for run, first in zip(runs, lowest, strict=True)
        ]
    )
    islands = [int(run.island.max(initial=NOBODY)) + 1 for run in runs]
    base = np.repeat(np.cumsum(islands) - islands, counts)
    island = np.where(whole.island >= 0, whole.island + base, whole.island)
    by_layer = np.lexsort((owner, layer))
    n_layers = max(first + len(run.n_paths) for run, first in zip(runs, lowest, strict=True))
    n_paths = np.bincount(layer, minlength=n_layers)
    return Owned(reordered(replace(whole, island=island), by_layer, n_paths), owner[by_layer])


def _moved(run: ReadyRun, shift_nm: NDArray[np.int64]) -> ReadyRun:
    if not shift_nm.any():
        return run
    return replace(run, paths=replace(run.paths, xy_nm=run.paths.xy_nm + shift_nm))


def reordered(run: ReadyRun, order: NDArray[np.int64], n_paths: NDArray[np.int64]) -> ReadyRun:
    """The same paths in another order."""
    paths = run.paths
    counts = np.diff(paths.offsets)[order]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    vertex = np.arange(offsets[-1]) + np.repeat(paths.offsets[order] - offsets[:-1], counts)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    parent = run.parent[order]
    return ReadyRun(
        PathSet(
            paths.xy_nm.take(vertex, axis=0),
            offsets,
            widening_nm=paths.widening_nm[vertex],
            **{name: column[order] for name, column in paths.per_path().items()},
        ),
        n_paths,
        run.island[order],
        np.where(parent >= 0, rank[parent], -1),
        run.hiding[vertex],
        run.overlap_e3[vertex],
    )
