"""LayerStack to Toolpath: the passes in their order.

Two passes run over runs of layers in the workers: walls, which leave an area to fill; then
surfaces and infill, which look at the fill areas of the layers around. Supports come before both
(they follow from the sections alone), skirt and brim in between; order and everything that depends
on the layer before come last, in one process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from printstd.artifacts.layers import LayerStack
from printstd.artifacts.toolpath import Toolpath
from printstd.errors import InternalError
from printstd.kernels import clip
from printstd.kernels.overhang import Reach, hanging_in
from printstd.kernels.rings import EMPTY, Rings
from printstd.ports import Executor, Progress
from printstd.profiles.infill_models import InfillPattern
from printstd.profiles.resolved import Resolved
from printstd.toolpath import surfaces
from printstd.toolpath.adhesion import plan_adhesion, printable_area
from printstd.toolpath.compensate import compensated
from printstd.toolpath.fuzzy import Fuzz, fuzz_of, roughened
from printstd.toolpath.infill import combine
from printstd.toolpath.infill.patterns import SURVEYED, Lay, surveyed
from printstd.toolpath.infill.plan import fill_layers
from printstd.toolpath.infill.survey import Survey
from printstd.toolpath.overlap import with_overlaps
from printstd.toolpath.paths import PathSet, join
from printstd.toolpath.ready import ReadyRun, joined, prepare_layers
from printstd.toolpath.sequence import sequence_ready
from printstd.toolpath.spec import LayerSpec, layer_specs
from printstd.toolpath.spiral import check_turns, first_turn
from printstd.toolpath.supports.laying import Supports, lay_supports, plan_supports, rested
from printstd.toolpath.supports.raft import plan_raft, raised
from printstd.toolpath.surfaces import Surfaces
from printstd.toolpath.walled import Walled, WalledLayers, WalledRun
from printstd.toolpath.walls import plan_walls_of
from printstd.units import NM_PER_UM, nm

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
    """All moves of the print.

    object_name : ASCII, as the machine is told. The executor divides layers among processes; what
    comes out does not depend on how.
    """
    if resolved.printer is None:
        raise InternalError("a toolpath is planned for a printer")
    specs = layer_specs(stack, resolved)
    bed = printable_area(resolved.printer.volume)
    vertices = np.diff(stack.ring_offsets[stack.layer_offsets])
    tasks = executor.chunks((_MS_PER_LAYER + vertices * _MS_PER_VERTEX).tolist())
    supports = plan_supports(stack, specs, resolved, bed, tasks, executor)
    progress.stage("walls", stack.n_layers)
    # Measured from the middles of the outermost beads: half a bead is left to hang over.
    reach = Reach(
        nm(resolved.nozzle_mm) // 2,
        nm(resolved.process.widths.external_perimeter_mm) // 2,
        nm(resolved.process.integrity.max_air_mm),
    )
    runs = executor.map(_walls_of_run, tasks, shared=_Sliced(stack, specs, reach, supports))
    progress.advance(stack.n_layers)
    walled = WalledLayers(runs)
    if resolved.process.spiral_vase.is_on:
        check_turns(
            [walled[i].section for i in range(len(walled))],
            [walled[i].walls for i in range(len(walled))],
            first_turn(specs),
            stack.top_um.tolist(),
        )
    lowest = range(min(max(1, resolved.process.adhesion.skirt_layers), len(walled)))
    stands = [_standing(walled[i].section, supports, i) for i in lowest]
    raft = plan_raft(stands[0], resolved, bed)
    adhesion = plan_adhesion(
        [*raft.areas, *stands], [*raft.specs, *specs], resolved, resolved.printer.volume
    )
    on_raft, adhesion = adhesion[: len(raft.paths)], adhesion[len(raft.paths) :]
    progress.stage("infill", stack.n_layers)
    process = resolved.process
    standing = _Standing(
        stack,
        specs,
        walled,
        adhesion,
        supports,
        process.overhangs.is_dynamic,
        fuzz_of(process.fuzzy_skin),
    )
    if any(spec.density_ratio and spec.pattern in SURVEYED for spec in dict.fromkeys(specs)):
        found = executor.map(_surfaces_of_run, tasks, shared=standing)
        parts = [layer for of_run in found for layer in of_run]
        standing = standing._replace(parts=parts, surveyed=surveyed(_survey(standing, parts)))
    ready = executor.map(_fill_of_run, tasks, shared=standing)
    progress.advance(stack.n_layers)
    progress.stage("order and travel", 0)
    hanging = tuple(area for run in runs for area in run.hanging)
    below = [join([*on_raft[i : i + 1], paths]) for i, paths in enumerate(raft.paths)]
    if below:
        ready = [joined(prepare_layers(below, [EMPTY] * len(below))), *ready]
    outlines = None
    if supports is not None or below:
        outlines = list(raft.areas)
        outlines += [supports.whole(i) if supports else EMPTY for i in range(stack.n_layers)]
    return sequence_ready(
        ready,
        raised(stack, resolved),
        resolved,
        object_name=object_name,
        hanging=hanging,
        supports=outlines,
    )


def _standing(section: Rings, supports: Supports | None, layer: int) -> Rings:
    """All that is laid on one layer."""
    if supports is None or supports.whole(layer).is_empty:
        return section
    return clip.union([section, supports.whole(layer)])


class _Sliced(NamedTuple):
    """reach : what counts as hanging."""

    stack: LayerStack
    specs: list[LayerSpec]
    reach: Reach
    supports: Supports | None


class _Standing(NamedTuple):
    """adhesion : skirt and brim of the lowest layers, as many as have any. is_dynamic : speed and
    fan follow the overlap of walls with the layer below. fuzz : of external walls, if any. parts :
    the surfaces of all layers, where they were wanted before; surveyed : how patterns are laid that
    looked at them."""

    stack: LayerStack
    specs: list[LayerSpec]
    walled: WalledLayers
    adhesion: list[PathSet]
    supports: Supports | None
    is_dynamic: bool
    fuzz: Fuzz | None
    parts: list[Surfaces] | None = None
    surveyed: Mapping[InfillPattern, Lay] | None = None

    @property
    def z_nm(self) -> list[int]:
        """Where each layer is printed."""
        return [int(top) * NM_PER_UM for top in self.stack.top_um]


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


def _survey(standing: _Standing, parts: list[Surfaces]) -> Survey:
    return Survey([layer.sparse for layer in parts], standing.specs, standing.z_nm)


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
    if shared.parts is None:
        found = _surfaces_of_run(shared, wide)
    else:
        found = shared.parts[wide.start : wide.stop]
    own = [group for group in groups if group.start in wide]
    found, thick = combine.combined(found, specs[wide.start : wide.stop], wide, own)
    mine = slice(run.start - wide.start, run.stop - wide.start)
    surfaces_of = found[mine]
    below = [walled[i - 1].section if i else None for i in run]
    laid: list[PathSet] = []
    if shared.supports is not None:
        surfaces_of = [
            rested(parts, under, shared.supports, i)
            for i, parts, under in zip(run, surfaces_of, below, strict=True)
        ]
        laid = lay_supports(shared.supports, specs[run.start : run.stop], run)
    infill = fill_layers(
        surfaces_of,
        specs[run.start : run.stop],
        first_layer=run.start,
        z_nm=shared.z_nm[run.start : run.stop],
        below=below,
        thick=thick[mine],
        surveyed=shared.surveyed,
        turns=[-1, *combine.turns(groups)][run.start : run.stop + 1],
    )
    fuzz = shared.fuzz
    walls = [walled[i].walls for i in run]
    if fuzz is not None:
        walls = [
            roughened(own, walled[i].section, specs[i].external.width_nm, i, fuzz) if i else own
            for i, own in zip(run, walls, strict=True)
        ]
    paths = [
        join([*shared.adhesion[i : i + 1], *laid[nth : nth + 1], own_walls, lines])
        for nth, (i, own_walls, lines) in enumerate(zip(run, walls, infill, strict=True))
    ]
    ready = prepare_layers(paths, [walled[i].section for i in run])
    if shared.is_dynamic:
        ready = with_overlaps(
            ready, [walled[i].section for i in run], below, fuzz.thickness_nm if fuzz else 0
        )
    return joined(ready)
