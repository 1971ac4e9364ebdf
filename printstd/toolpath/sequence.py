"""The one pass over the whole print: order, seams, travel, cooling and filament.

Everything that depends on the layer before is here and cheap; what one layer is enough for is
found by `toolpath.ready` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.layers import LayerStack
from printstd.artifacts.toolpath import Role, Toolpath
from printstd.errors import InternalError, SlicingError
from printstd.kernels.hanging import Hanging
from printstd.kernels.rings import Rings, concat
from printstd.named_tuple import NamedTuple
from printstd.ports import Executor
from printstd.profiles.models import Printer, Process, SeamPosition
from printstd.profiles.ranges import range_at, within
from printstd.profiles.resolved import Resolved
from printstd.profiles.wall_models import WallOrder
from printstd.toolpath.avoid import kept_inside
from printstd.toolpath.bands import order_in_bands
from printstd.toolpath.beside import walls_beside_gaps
from printstd.toolpath.compensate import compensated
from printstd.toolpath.cooling import slow_down, slowest
from printstd.toolpath.fans import Cooling
from printstd.toolpath.feeds import (
    BRIDGES,
    PERIMETERS,
    in_roles,
    overlap_feeds,
    path_accelerations,
    path_feeds,
    travel_acceleration,
    travel_between,
    travel_feeds,
)
from printstd.toolpath.lines import Lines, lay_lines
from printstd.toolpath.moves import Laid, build_toolpath
from printstd.toolpath.order import AnyGates, Sheet
from printstd.toolpath.overlap import Pieces, cut_by_overlap
from printstd.toolpath.paths import PathSet
from printstd.toolpath.plate import Owned, number_in_object
from printstd.toolpath.ready import SUPPORT_ISLAND
from printstd.toolpath.seam import Seams, clear_of_corners, place_seams, seams_beside
from printstd.toolpath.smoothing import smoothed
from printstd.toolpath.spec import LayerSpec, layer_specs
from printstd.toolpath.spiral import Climb
from printstd.toolpath.start import position_after_start_um
from printstd.toolpath.travel import Hops, Wipes, plan_hops, plan_wipes, wipe_rate_e5_um
from printstd.words import said

_CORNER_DETOUR_NM = 2_000_000.0
"""`nearest` seams: a good corner may be this much further away."""


class Planned(NamedTuple):
    """All that is laid, before it is put in order.

    beads : layers made ready before, of several objects perhaps. stack : of all of them. names : of
    the objects. hanging : what was found to lie over nothing, which goes along. supports : their
    areas, one per layer: ways between them are ways across the open. sections : as they are
    printed, one per layer; None: those of the stack by the settings of the whole.
    """

    beads: Owned
    stack: LayerStack
    names: tuple[str, ...]
    hanging: tuple[Hanging, ...] = ()
    supports: tuple[Rings, ...] | None = None
    sections: tuple[Rings, ...] | None = None


class Ordered(NamedTuple):
    """Lines in the order in which they are laid, and the ways between them; nothing here knows how
    fast. paths : what the lines are of. owner, tool : as in `_Whole`. layer : (n,) of each line.
    number : (l,) of each layer in its object. stack : the layers' heights alone."""

    paths: PathSet
    owner: NDArray[np.int64]
    tool: NDArray[np.int64]
    lines: Lines
    layer: NDArray[np.int64]
    number: NDArray[np.int64]
    hops: Hops
    wipes: Wipes
    climb: Climb | None
    stack: LayerStack
    names: tuple[str, ...]
    hanging: tuple[Hanging, ...]


class Paced(NamedTuple):
    """All moves, with their speeds. toolpath : the fan is off throughout."""

    toolpath: Toolpath
    cooling: Cooling


def put_in_order(planned: Planned, resolved: Resolved, executor: Executor) -> Ordered:
    """Seams, order and ways; SlicingError where no layer has a single bead of an object."""
    beads, stack = planned.beads, planned.stack
    ready = beads.ready
    if resolved.printer is None or len(ready.n_paths) != stack.n_layers:
        raise InternalError("a printer and one set of paths per layer are needed")
    printer = resolved.printer
    layer_of = np.repeat(np.arange(stack.n_layers), ready.n_paths)
    whole = _Whole(
        ready.paths,
        layer_of,
        ready.island,
        ready.parent,
        ready.hiding,
        beads.owner,
        ready.overlap_e3,
        layer_of if beads.step is None else beads.step,
        np.zeros(len(layer_of), np.int64) if beads.tool is None else beads.tool,
        np.arange(stack.n_layers) if beads.step_layer is None else beads.step_layer,
    )
    seams = _seams(whole, resolved.process.walls.seam)
    *start, _ = position_after_start_um(printer)
    start_um = (start[0], start[1])
    number = number_in_object(stack.top_um)
    lines = _ordered(whole, seams, number, resolved, printer, start_um, executor)
    owner = whole.owner[lines.path]
    n_lines = np.bincount(owner[owner >= 0], minlength=len(planned.names))
    empty = np.flatnonzero(n_lines == 0)
    if len(empty):
        raise SlicingError(
            said("nothing printable: no layer has room for a line"),
            where=planned.names[int(empty[0])] if len(planned.names) > 1 else None,
            wanted=said(
                "walls of at least {nozzle_mm:.3f} mm, a third of the nozzle",
                nozzle_mm=resolved.nozzle_mm / 3,
            ),
            hint=said("check the unit of the file (--units) and --scale, or walls.thin_walls"),
            code="SLICE-02",
        )
    layer = whole.sheet_layer[lines.path]
    specs = _specs(stack, number, resolved)
    sections: Sequence[Rings] | None = planned.sections
    if sections is None:
        # What the foot of a first layer loses is covered by the layer above it.
        whole_foot = [
            spec if nth else replace(spec, elephant_foot_nm=0)
            for spec, nth in zip(specs, number.tolist(), strict=True)
        ]
        sections = compensated(stack, whole_foot, range(stack.n_layers))
    turn, climb = stack.n_layers, None
    if resolved.process.spiral_vase.is_on:
        from printstd.toolpath.spiral import first_turn, wound

        turn = first_turn(specs)
    if turn < stack.n_layers:
        lines, layer, first, climb = wound(
            lines,
            layer,
            whole.paths,
            whole.overlap_e3,
            stack.top_um,
            turn,
            is_smooth=resolved.process.spiral_vase.is_smooth,
        )
    borders = sections
    if planned.supports is not None:
        borders = [concat(pair) for pair in zip(sections, planned.supports, strict=True)]
    hops = plan_hops(lines, layer, borders, start_um, printer.retraction)
    is_change = _changes(whole.tool[lines.path])
    hops = hops._replace(is_retracted=hops.is_retracted | _to_another_object(layer, number))
    if climb is not None:
        is_retracted = hops.is_retracted.copy()
        is_retracted[first + 1 : -1] = False  # from turn to turn nothing stops
        hops = hops._replace(is_retracted=is_retracted)
    if resolved.process.avoid_crossing_walls:
        hops = kept_inside(hops, layer, sections, specs, resolved.process.max_detour_mm)
    hops = hops._replace(is_retracted=hops.is_retracted | is_change)
    return Ordered(
        paths=whole.paths,
        owner=whole.owner,
        tool=whole.tool,
        lines=lines,
        layer=layer,
        number=number,
        hops=hops,
        wipes=_wipes(lines, hops, resolved, printer),
        climb=climb,
        stack=stack,
        names=planned.names,
        hanging=planned.hanging,
    )


def paced(ordered: Ordered, resolved: Resolved) -> Paced:
    """How fast, and all moves."""
    if resolved.printer is None:
        raise InternalError("a printer is needed")
    printer = resolved.printer
    laid, pieces, time_s = _speeds(ordered, resolved, printer)
    moves = build_toolpath(
        laid,
        ordered.stack,
        resolved,
        printer,
        start_z_um=position_after_start_um(printer)[2],
        object_names=ordered.names,
        hanging=ordered.hanging,
    )
    piece = pieces.each(np.arange(len(pieces.line)))[moves.vertex]
    layer, overlap_e3 = laid.layer[pieces.line][piece], pieces.overlap_e3[piece]
    is_bridge = in_roles(laid.role, BRIDGES)[pieces.line][piece]
    tool = laid.tool[pieces.line][piece]
    begins = np.ones(len(piece), bool)
    begins[1:] = (np.diff(layer) != 0) | (np.diff(overlap_e3) != 0) | (np.diff(tool) != 0)
    begins[1:] |= is_bridge[1:] != is_bridge[:-1]
    first = np.flatnonzero(begins)
    cooling = Cooling(
        first_move=first,
        layer=layer[first],
        overlap_e3=overlap_e3[first],
        is_bridge=is_bridge[first],
        tool=tool[first],
        number=ordered.number,
        time_s=time_s,
    )
    return Paced(moves.toolpath, cooling)


def _changes(tool: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n + 1,) hops on which the tool changes. tool : (n,) of each line."""
    found = np.zeros(len(tool) + 1, bool)
    found[1:-1] = tool[1:] != tool[:-1]
    return found


def _to_another_object(layer: NDArray[np.int64], number: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n + 1,) hops that lead from one object's top to the next one's first layer, over all that is
    finished."""
    found = np.zeros(len(layer) + 1, bool)
    found[1:-1] = (layer[1:] != layer[:-1]) & (number[layer[1:]] <= number[layer[:-1]])
    return found


def _specs(stack: LayerStack, number: NDArray[np.int64], resolved: Resolved) -> list[LayerSpec]:
    """Of every layer, as its own object has them: shells are counted in the object's layers."""
    begins = np.flatnonzero(number == 0).tolist()
    runs = pairwise([*begins, stack.n_layers])
    return [spec for a, b in runs for spec in layer_specs(_run(stack, a, b), resolved)]


def _run(stack: LayerStack, first: int, stop: int) -> LayerStack:
    """Some layers of a stack."""
    layers = stack.layer_offsets[first : stop + 1]
    rings = stack.ring_offsets[layers[0] : layers[-1] + 1]
    return LayerStack(
        top_um=stack.top_um[first:stop],
        height_um=stack.height_um[first:stop],
        slice_z_nm=stack.slice_z_nm[first:stop],
        xy_nm=stack.xy_nm[rings[0] : rings[-1]],
        ring_offsets=rings - rings[0],
        layer_offsets=layers - layers[0],
    )


def _section(stack: LayerStack, layer: int) -> Rings:
    return Rings(*stack.rings_of(layer))


# ------------------------------------------------------------------------- one flat print


class _Whole(NamedTuple):
    """All layers' paths in one set; group numbers are unique, parents are rows of the set. owner :
    (k,) int64, the object of each path, or `NOBODY`. step, tool : (k,) int64, see `toolpath.tools`;
    step_layer : (s,) int64. With one tool steps are layers."""

    paths: PathSet
    sheet_layer: NDArray[np.int64]
    island: NDArray[np.int64]
    parent: NDArray[np.int64]
    hiding: NDArray[np.float64]
    owner: NDArray[np.int64]
    overlap_e3: NDArray[np.int16]
    step: NDArray[np.int64]
    tool: NDArray[np.int64]
    step_layer: NDArray[np.int64]


def _rings_of(paths: PathSet, rows: NDArray[np.int64]) -> tuple[Rings, NDArray[np.int64]]:
    """Some paths as rings, and the vertex of the set that each of their vertices is."""
    counts = np.diff(paths.offsets)[rows]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    index = np.arange(offsets[-1]) + np.repeat(paths.offsets[rows] - offsets[:-1], counts)
    return Rings(paths.xy_nm.take(index, axis=0), offsets), index


def _seams(whole: _Whole, position: SeamPosition) -> Seams:
    """One row per path; that of an open path is where it starts."""
    paths = whole.paths
    n_layers = int(whole.sheet_layer[-1]) + 1 if len(whole.sheet_layer) else 0
    following = paths.offsets[:-1].copy()
    xy = paths.xy_nm.take(paths.offsets[:-1], axis=0)
    root = np.arange(paths.n_paths)
    for _ in range(int(paths.depth.max(initial=0))):
        root = np.where(whole.parent[root] >= 0, whole.parent[root], root)
    # Supports begin wherever they do, and no seam of the part follows theirs.
    is_loop = paths.is_loop & (whole.island != SUPPORT_ISLAND)
    is_outer = is_loop & (root == np.arange(paths.n_paths))
    for rows, is_external in (
        (np.flatnonzero(is_outer), True),
        (np.flatnonzero(is_loop & ~is_outer), False),
    ):
        if not len(rows):
            continue
        loops, index = _rings_of(paths, rows)
        if is_external:
            borders = np.searchsorted(whole.sheet_layer[rows], np.arange(n_layers + 1))
            found = place_seams(loops, whole.hiding[index], borders, position)
        else:
            found = seams_beside(loops, xy[root[rows]])
        following[rows] = index[found.following]
        xy[rows] = found.xy_nm
    return _clear(Seams(following, xy), paths)


def _clear(seams: Seams, paths: PathSet) -> Seams:
    loop = np.flatnonzero(paths.is_loop)
    return clear_of_corners(
        Rings(paths.xy_nm, paths.offsets), loop, seams, paths.width_nm[loop] // 2
    )


def _ordered(
    whole: _Whole,
    seams: Seams,
    number: NDArray[np.int64],
    resolved: Resolved,
    printer: Printer,
    start_um: tuple[int, int],
    executor: Executor,
) -> Lines:
    paths, process = whole.paths, resolved.process
    wall_order = [process.walls.order] * len(number)
    if process.adhesion.brim_width_mm > 0:
        # The outline grows out of the brim.
        for first in np.flatnonzero(number == 0).tolist():
            wall_order[first] = WallOrder.OUTER_INNER
    last = paths.xy_nm.take(paths.offsets[1:] - 1, axis=0)
    sheet = Sheet(
        layer=whole.step,
        island=whole.island,
        parent=whole.parent,
        group=paths.group.astype(np.int64),
        depth=paths.depth.astype(np.int64),
        role=paths.role,
        is_loop=paths.is_loop,
        begin_nm=seams.xy_nm,
        end_nm=np.where(paths.is_loop[:, None], seams.xy_nm, last),
        beside=walls_beside_gaps(paths, whole.sheet_layer, whole.island),
    )
    any_gates = None
    if process.walls.seam is SeamPosition.NEAREST:
        rows = np.flatnonzero(paths.is_loop & (paths.group < 0))
        loops, index = _rings_of(paths, rows)
        detour = (
            (1.0 - whole.hiding[index])
            * _CORNER_DETOUR_NM
            * (paths.depth[rows] == 0)[loops.ring_ids()]
        )
        any_gates = AnyGates(rows[loops.ring_ids()], index, loops.xy_nm, detour)
    visits = order_in_bands(
        sheet,
        start_nm=(start_um[0] * 1000, start_um[1] * 1000),
        travel=travel_between(resolved, printer),
        wall_order=[wall_order[layer] for layer in whole.step_layer.tolist()],
        any_gates=any_gates,
        is_third_first=resolved.epoch.switches.lays_third_wall_first,
        executor=executor,
    )
    chosen = np.flatnonzero(visits.vertex >= 0)
    if len(chosen):
        row, vertex = visits.path[chosen], visits.vertex[chosen]
        following = vertex + 1
        following = np.where(following == paths.offsets[row + 1], paths.offsets[row], following)
        seams.following[row] = following
        seams.xy_nm[row] = paths.xy_nm[vertex]
        seams = _clear(seams, paths)
    gap_um = process.walls.seam_gap_ratio * resolved.nozzle_mm * 1000.0
    xy_nm, overlap_e3, wider_nm = paths.xy_nm, whole.overlap_e3, paths.widening_nm
    lines = lay_lines(
        xy_nm, paths.offsets, paths.is_loop, visits, seams, gap_um, overlap_e3, wider_nm
    )
    keeps_circles = process.compensation.circle_chord_mm > 0
    return smoothed(lines, paths, process.resolution_mm * 1000.0, keeps_circles=keeps_circles)


# ------------------------------------------------------------------------ speed and travel


def _wipes(lines: Lines, hops: Hops, resolved: Resolved, printer: Printer) -> Wipes:
    retraction = printer.retraction
    if not retraction.is_wiping or not len(lines.path):
        return Wipes(
            np.empty(0, np.int64), np.empty((0, 2), np.int64), np.zeros(1, np.int64), np.empty(0)
        )
    rate = wipe_rate_e5_um(retraction, resolved.process.speeds.travel_mm_s)
    left_e5 = retraction.length_mm * (1.0 - retraction.before_wipe_ratio) * 1e5
    return plan_wipes(lines, hops, left_e5 / rate)


def _by_range(
    layer: NDArray[np.int64], middle_nm: NDArray[np.int64], resolved: Resolved
) -> list[tuple[NDArray[np.int64], Process]]:
    """(rows, process): which paths are laid by which settings."""
    process = resolved.process
    if not process.ranges:
        return [(np.arange(len(layer)), process)]
    kinds = (None, *process.ranges)
    kind_of = [kinds.index(range_at(process, middle)) for middle in middle_nm.tolist()]
    kind = np.array(kind_of, np.int64)[layer]
    return [(np.flatnonzero(kind == k), within(process, one)) for k, one in enumerate(kinds)]


def _speeds(
    ordered: Ordered, resolved: Resolved, printer: Printer
) -> tuple[Laid, Pieces, NDArray[np.float64]]:
    """What is laid how fast, the pieces that speeds and fans go by, and the time of each layer
    before it is slowed down."""
    paths, lines, layer, hops = ordered.paths, ordered.lines, ordered.layer, ordered.hops
    path = lines.path
    role = paths.role[path]
    length = lines.lengths_um()
    is_first = ordered.number[layer] == 0
    # What flows most decides how fast a path of changing width may be laid.
    flow_nm2 = paths.area_nm2 + paths.height_nm * paths.widest_nm()
    feed = np.ones(len(path), np.int64)
    tool = ordered.tool[path]
    tools = np.flatnonzero(np.bincount(tool, minlength=1)).tolist() or [0]
    for of_range, process in _by_range(layer, ordered.stack.slice_z_nm, resolved):
        for number_of_tool in tools:
            rows = of_range if len(tools) == 1 else of_range[tool[of_range] == number_of_tool]
            material = resolved.material_of(number_of_tool)
            feed[rows] = path_feeds(
                role[rows],
                flow_nm2[path[rows]],
                length[rows] * 1000.0,
                lines.is_loop[rows],
                is_first[rows],
                replace(resolved, process=process, material=material),
                printer,
                is_outer=paths.depth[path[rows]] == 0,
            )
    pieces = cut_by_overlap(lines)
    line = pieces.line
    if resolved.process.overhangs.is_dynamic:
        feed = overlap_feeds(feed[line], pieces.overlap_e3, resolved.process)
    else:
        feed = feed[line]
    feeds = travel_feeds(resolved.process.speeds, printer)
    n_layers = ordered.stack.n_layers
    hop_s = hops.lengths_um()[:-1] * 0.06 / feeds.travel
    drawn = printer.retraction.length_mm * 60.0 * (1.0 / feeds.retract + 1.0 / feeds.unretract)
    hop_s = hop_s + hops.is_retracted[:-1] * drawn
    other_s = np.bincount(layer, hop_s, n_layers).astype(np.float64)
    slowed = slow_down(
        feed,
        pieces.lengths_um(lines),
        layer[line],
        (in_roles(role, PERIMETERS).astype(np.int64) + (role == Role.EXTERNAL_PERIMETER))[line],
        in_roles(role, BRIDGES)[line],
        other_s,
        slowest([resolved.material_of(one).fan for one in tools]),
    )
    laid = Laid(
        lines=lines,
        climb=ordered.climb,
        layer=layer,
        role=role,
        width_nm=paths.width_nm[path],
        height_nm=paths.height_nm[path],
        area_nm2=paths.area_nm2[path],
        owner=ordered.owner[path],
        tool=tool,
        feed_mm_min=pieces.each(slowed.feed_mm_min),
        accel_mm_s2=path_accelerations(role, is_first, resolved.process.accelerations, printer),
        hops=hops,
        wipes=ordered.wipes,
        feeds=feeds,
        travel_accel_mm_s2=travel_acceleration(resolved.process.accelerations, printer),
    )
    return laid, pieces, slowed.time_s
