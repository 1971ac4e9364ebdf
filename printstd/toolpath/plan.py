"""LayerStack to Toolpath: the passes in their order.

Two passes run over runs of layers in the workers: walls, which leave an area to fill; then
surfaces and infill, which look at the fill areas of the layers around. Supports come before both
(they follow from the sections alone), skirt and brim in between; order and everything that depends
on the layer before come last, in one process. Parts of one plate share all but the two passes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from printstd.artifacts.layers import LayerStack
from printstd.artifacts.toolpath import Toolpath
from printstd.errors import InternalError, SlicingError
from printstd.kernels import clip
from printstd.kernels.overhang import Reach, hanging_in
from printstd.kernels.rings import EMPTY, Rings, concat
from printstd.ports import Executor, Progress
from printstd.profiles.infill_models import InfillPattern
from printstd.profiles.resolved import Resolved
from printstd.profiles.wall_models import FuzzyWalls
from printstd.toolpath import surfaces
from printstd.toolpath.adhesion import plan_adhesion, printable_area
from printstd.toolpath.compensate import compensated
from printstd.toolpath.infill import combine
from printstd.toolpath.infill.patterns import SURVEYED, Lay, surveyed
from printstd.toolpath.infill.plan import fill_layers
from printstd.toolpath.paths import PathSet, join
from printstd.toolpath.plate import (
    PlatePart,
    alone,
    everywhere,
    hanging_everywhere,
    owned,
    stack_one_by_one,
    whole_stack,
)
from printstd.toolpath.ready import ReadyRun, joined, prepare_layers
from printstd.toolpath.sequence import sequence_owned
from printstd.toolpath.spec import LayerSpec, layer_specs
from printstd.toolpath.surfaces import Surfaces
from printstd.toolpath.walled import Walled, WalledLayers, WalledRun
from printstd.toolpath.walls import plan_walls_of
from printstd.units import NM_PER_UM, nm

if TYPE_CHECKING:
    from printstd.toolpath.fuzzy import Fuzz
    from printstd.toolpath.infill.hollow import Hollow
    from printstd.toolpath.infill.survey import Survey
    from printstd.toolpath.supports.laying import Supports
    from printstd.toolpath.supports.raft import RaftLayers

# What a print may do without is imported where it is asked for: see `printstd.cli` on start-up.
_MS_PER_LAYER: Final = 0.5
_MS_PER_VERTEX: Final = 0.02
"""What walls and infill take, about, for each layer and for each vertex of its outline."""


def plan_toolpath(
    stack: LayerStack,
    resolved: Resolved,
    *,
    object_name: str,
    executor: Executor,
    progress: Progress,
) -> Toolpath:
    """All moves of a print of one part.

    object_name : ASCII, as the machine is told. The executor divides layers among processes; what
    comes out does not depend on how.
    """
    part = alone(stack, resolved, object_name)
    return plan_plate([part], resolved, executor=executor, progress=progress)


def plan_plate(
    parts: Sequence[PlatePart],
    resolved: Resolved,
    *,
    executor: Executor,
    progress: Progress,
    order: Sequence[int] | None = None,
) -> Toolpath:
    """All moves of a print of several parts, laid together layer by layer.

    parts : each is planned once for all its copies, by its own settings. resolved : of the print as
    a whole: skirt, speeds, travel, cooling. Objects are numbered part by part, copy by copy.
    order : of the objects, where each is printed to its top before the next begins.

    Raises SlicingError where the parts' layers lie at different heights, and where several were to
    be spirals.
    """
    if resolved.printer is None:
        raise InternalError("a toolpath is planned for a printer")
    _check_alone(parts, resolved)
    stack = whole_stack(parts)
    tasks = _tasks(parts, executor)
    n_layers = sum(part.stack.n_layers for part in parts)
    progress.stage("walls", n_layers)
    sliced = [_sliced(part) for part in parts]
    bed = printable_area(resolved.printer.volume)
    if resolved.process.supports.enabled:
        from printstd.toolpath.supports.laying import plan_supports

        (one,), runs_of = parts, [task.run for task in tasks]
        found = plan_supports(one.stack, sliced[0].specs, one.resolved, bed, runs_of, executor)
        sliced = [sliced[0]._replace(supports=found)]
    runs = executor.map(_walls_of_task, tasks, shared=sliced)
    progress.advance(n_layers)
    walled = [
        WalledLayers([run for task, run in zip(tasks, runs, strict=True) if task.part == number])
        for number in range(len(parts))
    ]
    if resolved.process.spiral_vase.is_on:
        from printstd.toolpath.spiral import check_turns, first_turn

        (layers,) = walled
        check_turns(
            [layers[i].section for i in range(len(layers))],
            [layers[i].walls for i in range(len(layers))],
            first_turn(sliced[0].specs),
            stack.top_um.tolist(),
        )
    stands = _stands(parts, sliced, walled, resolved)
    raft = _raft(stands[0], resolved, bed)
    adhesion = _adhesion(stands, layer_specs(stack, resolved), raft, resolved, order is not None)
    if order is not None:
        stack = stack_one_by_one(parts, order)
    progress.stage("infill", n_layers)
    standing = [
        _standing(part, own, layers)
        for part, own, layers in zip(parts, sliced, walled, strict=True)
    ]
    standing = _surveyed(standing, tasks, executor)
    filled = executor.map(_fill_of_task, tasks, shared=standing)
    progress.advance(n_layers)
    progress.stage("order and travel", 0)
    ready = [
        joined([run for task, run in zip(tasks, filled, strict=True) if task.part == number])
        for number in range(len(parts))
    ]
    hanging = [
        area
        for number, part in enumerate(parts)
        for task, run in zip(tasks, runs, strict=True)
        if task.part == number
        for area in hanging_everywhere(run.hanging, part)
    ]
    supports, outlines = sliced[0].supports, None
    if supports is not None or raft is not None:
        outlines = list(raft.areas) if raft else []
        outlines += [supports.whole(i) if supports else EMPTY for i in range(stack.n_layers)]
    whole = stack
    if raft is not None:
        from printstd.toolpath.supports.raft import raised

        whole = raised(stack, resolved)
    return sequence_owned(
        owned(parts, ready, adhesion, order, floor=len(raft.areas) if raft else 0),
        whole,
        resolved,
        object_names=[name for part in parts for name in part.names],
        hanging=tuple(hanging),
        supports=outlines,
    )


class _Task(NamedTuple):
    """A run of layers of one part."""

    part: int
    run: range


def _tasks(parts: Sequence[PlatePart], executor: Executor) -> list[_Task]:
    """All layers of all parts as one row of work, divided, and divided again between parts."""
    work = [
        _MS_PER_LAYER + np.diff(part.stack.ring_offsets[part.stack.layer_offsets]) * _MS_PER_VERTEX
        for part in parts
    ]
    ends = np.cumsum([len(own) for own in work]).tolist()
    return [
        _Task(number, range(max(chunk.start, start) - start, min(chunk.stop, end) - start))
        for chunk in executor.chunks(np.concatenate(work).tolist())
        for number, (start, end) in enumerate(pairwise([0, *ends]))
        if max(chunk.start, start) < min(chunk.stop, end)
    ]


def _sliced(part: PlatePart) -> _Sliced:
    resolved = part.resolved
    # Measured from the middles of the outermost beads: half a bead is left to hang over.
    reach = Reach(
        nm(resolved.nozzle_mm) // 2,
        nm(resolved.process.widths.external_perimeter_mm) // 2,
        nm(resolved.process.integrity.max_air_mm),
    )
    return _Sliced(part.stack, layer_specs(part.stack, resolved), reach, None)


def _stands(
    parts: Sequence[PlatePart],
    sliced: Sequence[_Sliced],
    walled: Sequence[WalledLayers],
    resolved: Resolved,
) -> list[Rings]:
    """All that is laid on each of the lowest layers, as many as have a skirt, and one at least."""
    n_layers = max(len(layers) for layers in walled)
    lowest = range(min(max(1, resolved.process.adhesion.skirt_layers), n_layers))
    return [
        concat(
            [
                everywhere(_laid(layers[i].section, own.supports, i), part)
                for part, own, layers in zip(parts, sliced, walled, strict=True)
                if i < len(layers)
            ]
        )
        for i in lowest
    ]


def _raft(stands: Rings, resolved: Resolved, bed: Rings) -> RaftLayers | None:
    """None where none is asked for."""
    if not resolved.process.raft.layers:
        return None
    from printstd.toolpath.supports.raft import plan_raft

    return plan_raft(stands, resolved, bed)


def _laid(section: Rings, supports: Supports | None, layer: int) -> Rings:
    """A part's section, and its supports."""
    if supports is None or supports.whole(layer).is_empty:
        return section
    return clip.union([section, supports.whole(layer)])


def _adhesion(
    stands: Sequence[Rings],
    specs: Sequence[LayerSpec],
    raft: RaftLayers | None,
    resolved: Resolved,
    is_flat: bool,
) -> ReadyRun | None:
    """Raft, skirt and brim under and around all parts, of the lowest layers that have any.
    is_flat : of the first alone, since the head must pass over it to lay the first layer of other
    parts."""
    if resolved.printer is None:
        return None
    areas, raft_specs, on_bed = raft or ([], [], [])
    around = plan_adhesion(
        [*areas, *stands], [*raft_specs, *specs], resolved, resolved.printer.volume
    )
    around = around[:1] if is_flat else around
    n_layers = max(len(around), len(on_bed))
    paths = [join([*around[i : i + 1], *on_bed[i : i + 1]]) for i in range(n_layers)]
    if not any(own.n_paths for own in paths):
        return None
    return joined(prepare_layers(paths, [EMPTY] * len(paths)))


def _check_alone(parts: Sequence[PlatePart], resolved: Resolved) -> None:
    """Raises SlicingError where several parts are asked for what is made of one."""
    n_objects, process = sum(part.n_copies for part in parts), resolved.process
    if n_objects < 2:
        return
    got, hint = f"{n_objects} parts on one plate", "make each its own program (--outdir), or set "
    if process.spiral_vase.is_on:
        raise SlicingError(
            "a spiral vase is one line without a break, and these are several parts",
            got=got,
            wanted="one part",
            hint=f"{hint}spiral_vase.is_on=false",
            code="SLICE-11",
        )
    if process.supports.enabled or process.raft.layers:
        raise SlicingError(
            "supports and rafts are laid for one part at a time",
            got=got,
            wanted="one part",
            hint=f"{hint}supports.enabled=false and raft.layers=0",
            code="SLICE-12",
        )


def _standing(part: PlatePart, own: _Sliced, walled: WalledLayers) -> _Standing:
    process, fuzz = part.resolved.process, None
    if process.fuzzy_skin.walls is not FuzzyWalls.NONE:
        from printstd.toolpath.fuzzy import fuzz_of

        fuzz = fuzz_of(process.fuzzy_skin)
    return _Standing(
        own.stack,
        own.specs,
        walled,
        own.supports,
        process.overhangs.is_dynamic,
        fuzz,
    )


class _Sliced(NamedTuple):
    """reach : what counts as hanging."""

    stack: LayerStack
    specs: list[LayerSpec]
    reach: Reach
    supports: Supports | None


class _Standing(NamedTuple):
    """A part with its walls. is_dynamic : speed and fan follow the overlap of walls with the layer
    below. fuzz : of external walls, if any. surfaces : of all layers, where they were wanted
    before; surveyed : how patterns are laid that looked at them."""

    stack: LayerStack
    specs: list[LayerSpec]
    walled: WalledLayers
    supports: Supports | None
    is_dynamic: bool
    fuzz: Fuzz | None
    surfaces: list[Surfaces] | None = None
    surveyed: Mapping[InfillPattern, Lay] | None = None

    @property
    def z_nm(self) -> list[int]:
        """Where each layer is printed."""
        return [int(top) * NM_PER_UM for top in self.stack.top_um]


def _walls_of_task(shared: Sequence[_Sliced], task: _Task) -> WalledRun:
    return _walls_of_run(shared[task.part], task.run)


def _surfaces_of_task(shared: Sequence[_Standing], task: _Task) -> list[Surfaces]:
    return _surfaces_of_run(shared[task.part], task.run)


def _fill_of_task(shared: Sequence[_Standing], task: _Task) -> ReadyRun:
    return _fill_of_run(shared[task.part], task.run)


def _walls_of_run(shared: _Sliced, run: range) -> WalledRun:
    """Walls depend on the section, on the one below and, where tops take one wall alone, on the one
    above: what has come before is not made again."""
    lowest, n_layers = max(0, run.start - 1), shared.stack.n_layers
    supports = shared.supports
    sees_above = shared.specs[run.start].one_wall_on_top
    seen = range(lowest, min(run.stop + sees_above, n_layers))
    sections = compensated(shared.stack, shared.specs, seen)
    mine = sections[run.start - lowest : run.stop - lowest]
    below: list[Rings | None] = [None] if run.start == 0 else []
    below += sections[: len(run) - len(below)]
    if supports is not None:
        below = [_carrying(under, supports, i) for i, under in zip(run, below, strict=True)]
    above = [EMPTY] * len(run)
    if sees_above:
        above = [*sections[run.start - lowest + 1 :], EMPTY][: len(run)]
    specs = shared.specs[run.start : run.stop]
    kinds: dict[object, int] = {}
    kind = [
        kinds.setdefault(tuple(map(id, layer)), len(kinds))
        for layer in zip(specs, mine, below, above, strict=True)
    ]
    first = [kind.index(number) for number in range(len(kinds))]
    walls = plan_walls_of(
        [mine[i] for i in first],
        [specs[i] for i in first],
        [below[i] for i in first],
        [above[i] for i in first],
    )
    hanging = []
    for layer, under, number in zip(run, below, kind, strict=True):
        in_air = walls[number].in_air
        if supports is not None:
            in_air = supports.left_in_air(in_air, layer)
        hanging += hanging_in(in_air, under or EMPTY, layer, shared.reach)
    kinds_of = [
        Walled(mine[i], found.fill, found.paths) for i, found in zip(first, walls, strict=True)
    ]
    return WalledRun(kinds_of, kind, hanging)


def _carrying(below: Rings | None, supports: Supports, layer: int) -> Rings | None:
    """What carries a layer: the section below, and supports without a gap."""
    lying = supports.lie_under(layer)
    return below if below is None or lying.is_empty else clip.union([below, lying])


def _surveyed(
    standing: list[_Standing], tasks: Sequence[_Task], executor: Executor
) -> list[_Standing]:
    """The parts with the surfaces of all their layers, those whose patterns look at them."""
    asks = [
        any(spec.density_ratio and spec.pattern in SURVEYED for spec in dict.fromkeys(own.specs))
        for own in standing
    ]
    if not any(asks):
        return standing
    tasks = [task for task in tasks if asks[task.part]]
    found = executor.map(_surfaces_of_task, tasks, shared=standing)
    whole: list[list[Surfaces]] = [[] for _ in standing]
    for task, of_run in zip(tasks, found, strict=True):
        whole[task.part] += of_run
    return [
        own._replace(surfaces=seen, surveyed=surveyed(_survey(own, seen))) if is_asking else own
        for own, seen, is_asking in zip(standing, whole, asks, strict=True)
    ]


def _survey(standing: _Standing, seen: list[Surfaces]) -> Survey:
    from printstd.toolpath.infill.survey import Survey

    return Survey([layer.sparse for layer in seen], standing.specs, standing.z_nm)


def _surfaces_of_run(shared: _Standing, run: range) -> list[Surfaces]:
    specs, walled = shared.specs, shared.walled
    reach = max(surfaces.halo(spec) for spec in dict.fromkeys(specs))
    low, high = max(0, run.start - reach), min(len(walled), run.stop + reach)
    seen = [walled[i] for i in range(low, high)]
    return surfaces.classify(
        [layer.section for layer in seen],
        [layer.fill for layer in seen],
        first=run.start - low,
        count=len(run),
        specs=specs[low:high],
        at_bottom=low == 0,
        at_top=high == len(walled),
    )


def _fill_of_run(shared: _Standing, run: range) -> ReadyRun:
    specs, walled = shared.specs, shared.walled
    groups = combine.groups(specs)
    wide = combine.around(run, groups)
    is_held = any(spec.anchors_fill for spec in dict.fromkeys(specs))
    # What is held by the layer below must know it.
    seen = range(max(0, wide.start - is_held), wide.stop)
    kept = shared.surfaces
    found = _surfaces_of_run(shared, seen) if kept is None else kept[seen.start : seen.stop]
    under = [walled[i - 1].section if i else None for i in seen]
    laid: list[PathSet] = []
    if shared.supports is not None:
        from printstd.toolpath.supports.laying import lay_supports, rested

        laid = lay_supports(shared.supports, specs[run.start : run.stop], run)
        found = [
            rested(parts, section, shared.supports, i)
            for i, section, parts in zip(seen, under, found, strict=True)
        ]
    hollow: list[Hollow | None] | None = None
    if is_held:
        from printstd.toolpath.infill.hollow import held

        found, hollow = held(found, under, specs, combine.turns(groups), seen.start)
        found = found[wide.start - seen.start :]
        hollow = hollow[run.start - seen.start : run.stop - seen.start]
    own = [group for group in groups if group.start in wide]
    found, thick = combine.combined(found, specs[wide.start : wide.stop], wide, own)
    mine = slice(run.start - wide.start, run.stop - wide.start)
    surfaces_of = found[mine]
    below = [walled[i - 1].section if i else None for i in run]
    infill = fill_layers(
        surfaces_of,
        specs[run.start : run.stop],
        first_layer=run.start,
        z_nm=shared.z_nm[run.start : run.stop],
        below=below,
        thick=thick[mine],
        surveyed=shared.surveyed,
        turns=[-1, *combine.turns(groups)][run.start : run.stop + 1],
        hollow=hollow,
    )
    fuzz = shared.fuzz
    walls = [walled[i].walls for i in run]
    if fuzz is not None:
        from printstd.toolpath.fuzzy import roughened

        walls = [
            roughened(own, walled[i].section, specs[i].external.width_nm, i, fuzz) if i else own
            for i, own in zip(run, walls, strict=True)
        ]
    paths = [
        join([*laid[nth : nth + 1], own_walls, lines])
        for nth, (own_walls, lines) in enumerate(zip(walls, infill, strict=True))
    ]
    ready = prepare_layers(paths, [walled[i].section for i in run])
    if shared.is_dynamic:
        from printstd.toolpath.overlap import with_overlaps

        ready = with_overlaps(
            ready, [walled[i].section for i in run], below, fuzz.thickness_nm if fuzz else 0
        )
    return joined(ready)
