"""LayerStack to Toolpath: the passes in their order.

Two passes run over runs of layers in the workers: walls (`toolpath.walling`), which leave an area
to fill; then surfaces and infill (`toolpath.filling`), which look at the fill areas of the layers
around. Supports follow from the sections alone: they are planned beside the walls and laid beside
the infill. Skirt and brim come in between; order and everything that depends on the layer before
come last, in one process. Parts of one plate share all but the two passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from printstd.artifacts.layers import LayerStack
from printstd.artifacts.plate import TowerStand
from printstd.artifacts.toolpath import Toolpath
from printstd.errors import InternalError
from printstd.kernels import clip
from printstd.kernels.hanging import Hanging
from printstd.kernels.rings import EMPTY, Rings
from printstd.named_tuple import NamedTuple
from printstd.ports import Executor, Progress
from printstd.profiles.resolved import Resolved
from printstd.toolpath.adhesion import printable_area
from printstd.toolpath.around import adhesion as adhesion_of
from printstd.toolpath.around import raft_under
from printstd.toolpath.around import stands as stands_of
from printstd.toolpath.course import course_of
from printstd.toolpath.filling import Standing, fill_of_run, standing_of, surfaces_of_run
from printstd.toolpath.infill.patterns import SURVEYED, surveyed
from printstd.toolpath.parts import PlatePart, alone
from printstd.toolpath.plate import (
    Owned,
    hanging_everywhere,
    owned,
    sections_laid,
    stack_one_by_one,
    whole_stack,
)
from printstd.toolpath.prime_tower import outline_of
from printstd.toolpath.ready import ReadyRun, joined
from printstd.toolpath.sequence import Planned
from printstd.toolpath.spec import LayerSpec, layer_specs
from printstd.toolpath.surfaces import Surfaces
from printstd.toolpath.tasks import Task, tasks_of
from printstd.toolpath.together import check_together
from printstd.toolpath.walled import WalledLayers, WalledRun
from printstd.toolpath.walling import Sliced, hanging_beside_supports, sliced_of, walls_of_run
from printstd.words import said

if TYPE_CHECKING:
    from printstd.toolpath.infill.survey import Survey
    from printstd.toolpath.supports.laying import Supports
    from printstd.toolpath.supports.together import Asked, Kind

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
    asked: list[Asked] = []
    if has_supports:
        from printstd.toolpath.supports.laying import Stretch
        from printstd.toolpath.supports.together import kinds_asked

        stretches = [Stretch(*task) for task in tasks]
        asked = kinds_asked(parts, [own.specs for own in sliced], stretches, executor)
    runs, kinds = _walled(sliced, tasks, asked, bed, executor)
    sliced = _with_supports(sliced, kinds)
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
        standing_of(part, own, layers)
        for part, own, layers in zip(parts, sliced, walled, strict=True)
    ]
    standing = _surveyed(standing, tasks, executor)
    filled, lying = _filled(standing, tasks, kinds, stack, executor)
    progress.advance(n_layers)
    progress.stage(said("order and travel"), 0)
    ready = [
        joined([run.ready for task, run in zip(tasks, filled, strict=True) if task.part == number])
        for number in range(len(parts))
    ]
    hanging = [
        area
        for number, part in enumerate(parts)
        for task, run, done in zip(tasks, runs, filled, strict=True)
        if task.part == number
        for area in hanging_everywhere([*run.hanging, *done.hanging], part)
    ]
    outlines, supports = None, []
    if kinds or raft is not None or tower is not None:
        outlines = list(raft.areas) if raft else []
        outlines += [outline_of(tower) if tower else EMPTY] * stack.n_layers
    if outlines is not None and kinds:
        from printstd.toolpath.supports.together import area_of, nearest_objects

        floor = len(outlines) - stack.n_layers
        for layer in range(stack.n_layers):
            own = area_of(kinds, layer)
            foot = outlines[floor + layer]
            outlines[floor + layer] = own if foot.is_empty else clip.union([own, foot])
        supports = [Owned(beads, nearest_objects(beads.paths, parts)) for beads in lying]
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


class _ToWall(NamedTuple):
    """What the first pass shares. asked : supports that are planned beside it."""

    sliced: Sequence[Sliced]
    asked: Sequence[Asked]
    bed: Rings


def _walled(
    sliced: list[Sliced],
    tasks: Sequence[Task],
    asked: Sequence[Asked],
    bed: Rings,
    executor: Executor,
) -> tuple[list[WalledRun], list[Kind]]:
    """The walls of all tasks, and the supports. These are planned in one go, by one process, while
    others lay walls; but where they carry layers as the part does, walls follow from them."""
    kinds: list[Kind] = []
    if asked and (len(tasks) < 2 or any(one.contacts.spec.is_soluble for one in asked)):
        kinds = _planned(asked, bed)
        sliced = _with_supports(sliced, kinds)
        asked = ()
    work: list[Task | None] = [*([None] if asked else []), *tasks]
    runs, beside = [], kinds
    for found in executor.map(_walls_of_task, work, shared=_ToWall(sliced, asked, bed)):
        if isinstance(found, WalledRun):
            runs.append(found)
        else:
            beside = found
    return runs, beside


def _with_supports(sliced: Sequence[Sliced], kinds: Sequence[Kind]) -> list[Sliced]:
    found = list(sliced)
    for kind in kinds:
        for number in kind.parts:
            found[number] = found[number]._replace(supports=kind.supports)
    return found


def _walls_of_task(shared: _ToWall, task: Task | None) -> WalledRun | list[Kind]:
    if task is None:
        return _planned(shared.asked, shared.bed)
    return walls_of_run(shared.sliced[task.part], task.run)


def _planned(asked: Sequence[Asked], bed: Rings) -> list[Kind]:
    from printstd.toolpath.supports.together import plan_kinds

    return plan_kinds(asked, bed)


class _Lying(NamedTuple):
    """Supports that are laid beside the second pass. specs : of the plate's layers."""

    supports: Supports
    specs: list[LayerSpec]


class _ToFill(NamedTuple):
    standing: Sequence[Standing]
    lying: Sequence[_Lying]


class _ToLay(NamedTuple):
    """A run of layers of one kind of support, by its number."""

    kind: int
    run: range


class _Filled(NamedTuple):
    """hanging : what has no support under it, where supports are laid."""

    ready: ReadyRun
    hanging: list[Hanging]


def _filled(
    standing: list[Standing],
    tasks: Sequence[Task],
    kinds: Sequence[Kind],
    stack: LayerStack,
    executor: Executor,
) -> tuple[list[_Filled], list[ReadyRun]]:
    """All tasks filled, and the beads of all kinds of support, in one go."""
    chunks = executor.chunks([_MS_PER_SUPPORT] * stack.n_layers) if kinds else []
    work = [_ToLay(number, run) for number in range(len(kinds)) for run in chunks]
    lying = [_Lying(kind.supports, layer_specs(stack, kind.resolved)) for kind in kinds]
    shared = _ToFill(standing, lying)
    every: list[_ToLay | Task] = [*work, *tasks]
    if len(tasks) < 2 and len(work) < 2:
        found = [_laid_of_task(shared, task) for task in every]
    else:
        found = executor.map(_laid_of_task, every, shared=shared)
    beads = [one for one in found if isinstance(one, ReadyRun)]
    filled = [one for one in found if isinstance(one, _Filled)]
    laid = [
        joined([run for one, run in zip(work, beads, strict=True) if one.kind == number])
        for number in range(len(kinds))
    ]
    return filled, laid


def _laid_of_task(shared: _ToFill, task: _ToLay | Task) -> _Filled | ReadyRun:
    if isinstance(task, _ToLay):
        return _supports_of_task(shared, task)
    return _fill_of_task(shared, task)


def _supports_of_task(shared: _ToFill, task: _ToLay) -> ReadyRun:
    from printstd.toolpath.supports.together import laid_run

    lying = shared.lying[task.kind]
    return laid_run(lying.supports, lying.specs[task.run.start : task.run.stop], task.run)


def _fill_of_task(shared: _ToFill, task: Task) -> _Filled:
    standing = shared.standing[task.part]
    hanging: list[Hanging] = []
    if standing.supports is not None:
        hanging = hanging_beside_supports(
            standing.walled, task.run, standing.supports, standing.reach
        )
    return _Filled(fill_of_run(standing, task.run), hanging)


def _surfaces_of_task(shared: Sequence[Standing], task: Task) -> list[list[Surfaces]]:
    return surfaces_of_run(shared[task.part], task.run)


def _surveyed(
    standing: list[Standing], tasks: Sequence[Task], executor: Executor
) -> list[Standing]:
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


def _survey(standing: Standing, seen: list[Surfaces]) -> Survey:
    from printstd.toolpath.infill.survey import Survey

    return Survey([layer.sparse for layer in seen], standing.specs, standing.z_nm)
