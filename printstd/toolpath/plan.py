"""LayerStack to Toolpath: the passes in their order.

Two passes run over runs of layers in the workers: walls, which leave an area to fill; then
surfaces and infill, which look at the fill areas of the layers around. Supports come before both
(they follow from the sections alone), skirt and brim in between; order and everything that depends
on the layer before come last, in one process. Parts of one plate share all but the two passes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from printstd.artifacts.layers import LayerStack
from printstd.artifacts.plate import TowerStand
from printstd.artifacts.toolpath import Toolpath
from printstd.errors import InternalError
from printstd.kernels import clip
from printstd.kernels.rings import EMPTY
from printstd.ports import Executor, Progress
from printstd.profiles.infill_models import InfillPattern
from printstd.profiles.resolved import Resolved
from printstd.profiles.wall_models import FuzzyWalls
from printstd.toolpath import exposure, surfaces
from printstd.toolpath.adhesion import printable_area
from printstd.toolpath.around import adhesion as adhesion_of
from printstd.toolpath.around import raft_under
from printstd.toolpath.around import stands as stands_of
from printstd.toolpath.course import course_of
from printstd.toolpath.infill import combine
from printstd.toolpath.infill.patterns import SURVEYED, Lay, surveyed
from printstd.toolpath.infill.plan import fill_layers
from printstd.toolpath.parts import PlatePart, alone
from printstd.toolpath.paths import join
from printstd.toolpath.plate import (
    Owned,
    hanging_everywhere,
    owned,
    sections_laid,
    stack_one_by_one,
    whole_stack,
)
from printstd.toolpath.prime_tower import outline_of
from printstd.toolpath.ready import ReadyRun, joined, prepare_layers
from printstd.toolpath.sequence import Planned
from printstd.toolpath.spec import LayerSpec, layer_specs
from printstd.toolpath.surfaces import Surfaces
from printstd.toolpath.tasks import Task, tasks_of
from printstd.toolpath.together import check_together
from printstd.toolpath.walled import WalledLayers, WalledRun
from printstd.toolpath.walling import Sliced, sliced_of, walls_of_run
from printstd.units import NM_PER_UM
from printstd.words import said

if TYPE_CHECKING:
    from printstd.toolpath.fuzzy import Fuzz
    from printstd.toolpath.infill.hollow import Hollow
    from printstd.toolpath.infill.survey import Survey
    from printstd.toolpath.supports.laying import Supports
    from printstd.toolpath.supports.together import Kind
    from printstd.toolpath.zones import ZoneLayers

# What a print may do without is imported where it is asked for: see `printstd.cli` on start-up.
_MS_PER_SUPPORT: Final = 0.5
"""What the beads of a layer's supports take, about."""


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
    tower: TowerStand | None = None,
) -> Toolpath:
    """All moves of a print of several parts: `toolpath.course`, with the fan."""
    course = course_of(
        parts, resolved, executor=executor, progress=progress, order=order, tower=tower
    )
    return course.toolpath(resolved)


def lay_all(
    parts: Sequence[PlatePart],
    resolved: Resolved,
    order: Sequence[int] | None,
    tower: TowerStand | None,
    executor: Executor,
    progress: Progress,
) -> Planned:
    """All that is laid, in no order yet but, where several tools lay it, that of their steps
    (`toolpath.tools`). tower : where the prime tower of such a print stands.

    Raises SlicingError where the parts' layers lie at different heights, where several were to be
    spirals, and where supports or a raft were to be laid for parts one after the other.
    """
    if resolved.printer is None:
        raise InternalError("a toolpath is planned for a printer")
    has_supports = any(part.resolved.process.supports.enabled for part in parts)
    check_together(parts, resolved, is_one_by_one=order is not None)
    stack = whole_stack(parts)
    if has_supports:
        from printstd.toolpath.supports.together import each_alone

        parts = each_alone(parts)
    tasks = tasks_of(parts, executor)
    n_layers = sum(part.stack.n_layers for part in parts)
    progress.stage(said("walls"), n_layers)
    sliced = [sliced_of(part) for part in parts]
    bed = printable_area(resolved.printer.volume, [part.stack.xy_nm for part in parts])
    kinds: list[Kind] = []
    if has_supports:
        from printstd.toolpath.supports.laying import Stretch
        from printstd.toolpath.supports.together import plan_kinds

        stretches = [Stretch(*task) for task in tasks]
        kinds = plan_kinds(parts, [own.specs for own in sliced], bed, stretches, executor)
        for kind in kinds:
            for number in kind.parts:
                sliced[number] = sliced[number]._replace(supports=kind.supports)
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
    stands = stands_of(parts, walled, kinds, resolved)
    raft = raft_under(stands[0], resolved, bed)
    around = [*stands, *([outline_of(tower, with_brim=True)] if tower else [])]
    adhesion = adhesion_of(around, layer_specs(stack, resolved), raft, resolved, order is not None)
    if order is not None:
        stack = stack_one_by_one(parts, order)
    progress.stage(said("infill"), n_layers)
    standing = [
        _standing(part, own, layers)
        for part, own, layers in zip(parts, sliced, walled, strict=True)
    ]
    standing = _surveyed(standing, tasks, executor)
    filled = executor.map(_fill_of_task, tasks, shared=standing)
    progress.advance(n_layers)
    progress.stage(said("order and travel"), 0)
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
    outlines, supports = None, []
    if kinds or raft is not None or tower is not None:
        outlines = list(raft.areas) if raft else []
        outlines += [outline_of(tower) if tower else EMPTY] * stack.n_layers
    if outlines is not None and kinds:
        from printstd.toolpath.supports.together import area_of, laid_supports, nearest_objects

        floor = len(outlines) - stack.n_layers
        for layer in range(stack.n_layers):
            own = area_of(kinds, layer)
            foot = outlines[floor + layer]
            outlines[floor + layer] = own if foot.is_empty else clip.union([own, foot])
        chunks = executor.chunks([_MS_PER_SUPPORT] * stack.n_layers)
        for kind in kinds:
            lying = laid_supports(kind, layer_specs(stack, kind.resolved), chunks, executor)
            supports.append(Owned(lying, nearest_objects(lying.paths, parts)))
    sections = None
    if any(p.resolved.process.compensation != resolved.process.compensation for p in parts):
        sections = sections_laid(parts, [own.specs for own in sliced], order)
        sections = [EMPTY] * (len(raft.areas) if raft else 0) + sections
    whole = stack
    if raft is not None:
        from printstd.toolpath.supports.raft import raised

        whole = raised(stack, resolved)
    floor = len(raft.areas) if raft else 0
    beads = owned(parts, ready, adhesion, order, floor, supports)
    if resolved.n_tools > 1:
        from printstd.toolpath.tools import by_tool

        beads = by_tool(beads, parts, whole, tower, resolved)
    return Planned(
        beads,
        whole,
        tuple(name for part in parts for name in part.names),
        tuple(hanging),
        None if outlines is None else tuple(outlines),
        None if sections is None else tuple(sections),
    )


def _standing(part: PlatePart, own: Sliced, walled: WalledLayers) -> _Standing:
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
        own.zones,
    )


class _Standing(NamedTuple):
    """A part with its walls. is_dynamic : speed and fan follow the overlap of walls with the layer
    below. fuzz : of external walls, if any. surfaces : of all layers, where they were wanted
    before, those of each zone after those of the rest; surveyed : how patterns are laid that looked
    at them."""

    stack: LayerStack
    specs: list[LayerSpec]
    walled: WalledLayers
    supports: Supports | None
    is_dynamic: bool
    fuzz: Fuzz | None
    zones: tuple[ZoneLayers, ...]
    surfaces: list[list[Surfaces]] | None = None
    surveyed: Mapping[InfillPattern, Lay] | None = None

    @property
    def z_nm(self) -> list[int]:
        """Where each layer is printed."""
        return [int(top) * NM_PER_UM for top in self.stack.top_um]


def _walls_of_task(shared: Sequence[Sliced], task: Task) -> WalledRun:
    return walls_of_run(shared[task.part], task.run)


def _surfaces_of_task(shared: Sequence[_Standing], task: Task) -> list[list[Surfaces]]:
    return _surfaces_of_run(shared[task.part], task.run)


def _fill_of_task(shared: Sequence[_Standing], task: Task) -> ReadyRun:
    return _fill_of_run(shared[task.part], task.run)


def _surveyed(
    standing: list[_Standing], tasks: Sequence[Task], executor: Executor
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
    whole: list[list[list[Surfaces]]] = [[[] for _ in range(1 + len(o.zones))] for o in standing]
    for task, of_run in zip(tasks, found, strict=True):
        for seen, more in zip(whole[task.part], of_run, strict=True):
            seen += more
    return [
        own._replace(surfaces=seen, surveyed=surveyed(_survey(own, seen[0]))) if is_asking else own
        for own, seen, is_asking in zip(standing, whole, asks, strict=True)
    ]


def _survey(standing: _Standing, seen: list[Surfaces]) -> Survey:
    from printstd.toolpath.infill.survey import Survey

    return Survey([layer.sparse for layer in seen], standing.specs, standing.z_nm)


def _surfaces_of_run(shared: _Standing, run: range) -> list[list[Surfaces]]:
    """Of the part outside its zones, then of each zone."""
    specs, walled = shared.specs, shared.walled
    every = (specs, *(zone.specs for zone in shared.zones))
    reach = max(exposure.halo(spec) for own in every for spec in dict.fromkeys(own))
    low, high = max(0, run.start - reach), min(len(walled), run.stop + reach)
    seen = [walled[i] for i in range(low, high)]
    layers = (
        [layer.section for layer in seen],
        [layer.fill for layer in seen],
        [layer.exposed for layer in seen],
    )
    if shared.zones:
        from printstd.toolpath.zones import ZoneLayers, classify_zones

        return classify_zones(
            *layers,
            first=run.start - low,
            count=len(run),
            specs=specs[low:high],
            zones=[ZoneLayers(z.specs[low:high], z.areas[low:high]) for z in shared.zones],
            at_bottom=low == 0,
            at_top=high == len(walled),
        )
    return [
        surfaces.classify(
            *layers,
            first=run.start - low,
            count=len(run),
            specs=specs[low:high],
            at_bottom=low == 0,
            at_top=high == len(walled),
        )
    ]


def _fill_of_run(shared: _Standing, run: range) -> ReadyRun:
    specs, walled = shared.specs, shared.walled
    groups = combine.groups(specs)
    wide = combine.around(run, groups)
    # Where there are zones, the lines below change from one to the next: nothing is anchored there.
    is_held = not shared.zones and any(spec.anchors_fill for spec in dict.fromkeys(specs))
    # What is held by the layer below must know it.
    seen = range(max(0, wide.start - is_held), wide.stop)
    if shared.surfaces is None:
        every = _surfaces_of_run(shared, seen)
    else:
        every = [kept[seen.start : seen.stop] for kept in shared.surfaces]
    under = [walled[i - 1].section if i else None for i in seen]
    if shared.supports is not None:
        from printstd.toolpath.supports.laying import rested

        every = [
            [
                rested(parts, section, shared.supports, i)
                for i, section, parts in zip(seen, under, found, strict=True)
            ]
            for found in every
        ]
    hollow: list[Hollow | None] | None = None
    if is_held:
        from printstd.toolpath.infill.hollow import held

        found, hollow = held(every[0], under, specs, combine.turns(groups), seen.start)
        every = [found[wide.start - seen.start :]]
        hollow = hollow[run.start - seen.start : run.stop - seen.start]
    own = [group for group in groups if group.start in wide]
    mine = slice(run.start - wide.start, run.stop - wide.start)
    below = [walled[i - 1].section if i else None for i in run]
    filled = []
    for found, its in zip(every, [specs, *(zone.specs for zone in shared.zones)], strict=True):
        found, thick = combine.combined(found, its[wide.start : wide.stop], wide, own)
        filled.append(
            fill_layers(
                found[mine],
                its[run.start : run.stop],
                first_layer=run.start,
                z_nm=shared.z_nm[run.start : run.stop],
                below=below,
                thick=thick[mine],
                surveyed=shared.surveyed,
                turns=[-1, *combine.turns(groups)][run.start : run.stop + 1],
                hollow=hollow,
            )
        )
    infill = [join(layers) for layers in zip(*filled, strict=True)]
    fuzz = shared.fuzz
    walls = [walled[i].walls for i in run]
    if fuzz is not None:
        from printstd.toolpath.fuzzy import roughened

        walls = [
            roughened(own, walled[i].section, specs[i].external.width_nm, i, fuzz) if i else own
            for i, own in zip(run, walls, strict=True)
        ]
    paths = [join([own_walls, lines]) for own_walls, lines in zip(walls, infill, strict=True)]
    ready = prepare_layers(paths, [walled[i].section for i in run])
    if shared.is_dynamic:
        from printstd.toolpath.overlap import with_overlaps

        ready = with_overlaps(
            ready, [walled[i].section for i in run], below, fuzz.thickness_nm if fuzz else 0
        )
    return joined(ready)
