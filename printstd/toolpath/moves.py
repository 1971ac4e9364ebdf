"""Lines and the ways between them as one sequence of machine moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.layers import LayerStack
from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.kernels.hanging import Hanging
from printstd.kernels.turns import cos_sin
from printstd.named_tuple import NamedTuple
from printstd.profiles.models import Printer
from printstd.profiles.resolved import Resolved
from printstd.toolpath.feeds import TravelFeeds, filament_area_mm2
from printstd.toolpath.lines import Lines
from printstd.toolpath.spiral import Climb
from printstd.toolpath.travel import Hops, Wipes, wipe_rate_e5_um
from printstd.units import E5_PER_MM, um


class Laid(NamedTuple):
    """Everything about n lines but their order in time with the rest; one row per line.

    layer, width_nm, height_nm, area_nm2, accel_mm_s2 : (n,) int64. role : (n,) uint8.
    owner : (n,) int64, which object a line belongs to (supports to that which they hold), -1 none:
    skirt, brim, raft and prime tower. tool : (n,) int64, from 0. feed_mm_min : (q,) int64, one row
    per vertex: of the step that ends there (at the first of a line: of the one that begins).
    climb : None where all lines are flat.
    """

    lines: Lines
    climb: Climb | None
    layer: NDArray[np.int64]
    role: NDArray[np.uint8]
    width_nm: NDArray[np.int64]
    height_nm: NDArray[np.int64]
    area_nm2: NDArray[np.int64]
    owner: NDArray[np.int64]
    tool: NDArray[np.int64]
    feed_mm_min: NDArray[np.int64]
    accel_mm_s2: NDArray[np.int64]
    hops: Hops
    wipes: Wipes
    feeds: TravelFeeds
    travel_accel_mm_s2: int


# Phases of a hop, then the line that it leads to; rows are sorted by hop and phase.
_DRAW, _WIPE, _DRAW_REST, _UP, _RAMP, _GO, _CHANGE, _DOWN, _PUSH, _LAY = range(10)
_KIND: Final = np.array(
    [
        MoveKind.RETRACT,
        MoveKind.WIPE,
        MoveKind.RETRACT,
        MoveKind.LIFT,
        MoveKind.TRAVEL,
        MoveKind.TRAVEL,
        MoveKind.TRAVEL,
        MoveKind.LIFT,
        MoveKind.UNRETRACT,
        MoveKind.EXTRUDE,
    ],
    np.uint8,
)


class _Rows(NamedTuple):
    """Moves of one phase. hop : (m,) int64. xy_um : (m, 2), z_um, e_e5 : (m,) int64."""

    phase: int
    hop: NDArray[np.int64]
    xy_um: NDArray[np.int64]
    z_um: NDArray[np.int64]
    e_e5: NDArray[np.int64]


class Moves(NamedTuple):
    """toolpath : with the fan off throughout. vertex : (m,) int64, the vertex of the lines whose
    fan runs during each move."""

    toolpath: Toolpath
    vertex: NDArray[np.int64]


def build_toolpath(
    laid: Laid,
    stack: LayerStack,
    resolved: Resolved,
    printer: Printer,
    *,
    start_z_um: int,
    object_names: Sequence[str],
    hanging: tuple[Hanging, ...],
) -> Moves:
    """The record that `gcode` writes down. Filament is whole 1e-5 mm with the rest carried on, so
    that what is fed never strays from what is meant by more than half of that."""
    start_um = (int(laid.hops.from_um[0, 0]), int(laid.hops.from_um[0, 1]))
    heights = _Heights(laid, stack, printer, start_z_um)
    rows = [
        *_drawn(laid, resolved, printer, heights),
        *_ways(laid, printer, heights),
        _changes(laid, heights),
        _beads(laid, resolved, heights),
    ]
    phase = np.concatenate([np.full(len(r.hop), r.phase) for r in rows])
    hop = np.concatenate([r.hop for r in rows])
    order = np.argsort(hop * len(_KIND) + phase, kind="stable")
    phase, hop = phase[order], hop[order]
    # Drawing back and wiping still belong to the line before the hop.
    is_after = (phase >= _UP) & (hop < len(laid.layer)) | (hop == 0)
    line = np.where(is_after, hop, hop - 1)
    is_bead = phase == _LAY
    widths = np.where(is_bead, laid.width_nm[line], 0)
    if laid.lines.widening_nm.any():
        widths[is_bead] += _steps_of(laid.lines, laid.lines.widening_nm)
    toolpath = Toolpath(
        kind=_KIND[phase],
        role=np.where(is_bead, laid.role[line], np.uint8(Role.NONE)).astype(np.uint8),
        layer=laid.layer[line].astype(np.int32),
        object_id=laid.owner[line].astype(np.int32),
        xy_um=np.concatenate([r.xy_um for r in rows]).take(order, axis=0),
        z_um=np.concatenate([r.z_um for r in rows])[order],
        e_e5=np.concatenate([r.e_e5 for r in rows])[order],
        feed_mm_min=_feeds(laid, phase),
        accel_mm_s2=_accelerations(laid, phase, line),
        fan_ratio_e3=np.zeros(len(phase), np.int16),
        width_nm=widths,
        height_nm=np.where(is_bead, laid.height_nm[line], 0),
        layer_top_um=stack.top_um.copy(),
        layer_height_um=stack.height_um.copy(),
        start_xy_um=start_um,
        start_z_um=start_z_um,
        object_names=tuple(object_names),
        hanging=hanging,
        tool=_tools(laid, phase, hop),
    )
    return Moves(toolpath, _cooled(laid.lines, is_bead, is_after, line))


def _tools(laid: Laid, phase: NDArray[np.int64], hop: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Up to the place of the change moves are those of the tool that leaves."""
    line = np.where(phase >= _CHANGE, hop, hop - 1)
    return np.asarray(laid.tool[np.clip(line, 0, len(laid.tool) - 1)], np.uint8)


def _is_change(laid: Laid) -> NDArray[np.bool_]:
    """(n + 1,) hops on which the tool changes."""
    found = np.zeros(len(laid.hops.is_step), bool)
    found[1:-1] = laid.tool[1:] != laid.tool[:-1]
    return found


def _changes(laid: Laid, heights: _Heights) -> _Rows:
    """The way of the tool that comes to where the other one left."""
    hop = np.flatnonzero(_is_change(laid))
    none = np.zeros(len(hop), np.int64)
    return _Rows(_CHANGE, hop, laid.hops.to_um[hop], heights.over_um[hop], none)


def _lengths(laid: Laid, printer: Printer) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n + 1,) each, 1e-5 mm: what each hop draws back, and what is pushed forward at its end. A
    tool's filament is where the start code has left it until the tool has come for the first time,
    and then where it was drawn to when it left."""
    n = len(laid.hops.is_retracted)
    drawn = np.full(n, round(printer.retraction.length_mm * E5_PER_MM), np.int64)
    pushed = drawn.copy()
    hop = np.flatnonzero(_is_change(laid))
    if len(hop) and printer.tools is not None:
        drawn[hop] = round(printer.tools.retract_mm * E5_PER_MM)
        comes = laid.tool[hop]
        is_new = comes != laid.tool[0]
        _, first = np.unique(comes, return_index=True)
        is_new &= np.isin(np.arange(len(hop)), first)
        pushed[hop] = np.where(is_new, 0, drawn[hop])
    return drawn, pushed


class _Heights:
    """before_um, after_um, over_um : (n + 1,) int64, Z of each hop's start, end and crossing.
    z_um : (q,) int64, of each vertex of the lines."""

    def __init__(self, laid: Laid, stack: LayerStack, printer: Printer, start_z_um: int) -> None:
        tops = stack.top_um[laid.layer]
        offsets = laid.lines.offsets
        self.z_um = np.repeat(tops, np.diff(offsets)) if laid.climb is None else laid.climb.z_um
        ends = self.z_um[offsets[1:] - 1]
        self.before_um = np.concatenate([np.array([start_z_um]), ends])
        self.after_um = np.concatenate([self.z_um[offsets[:-1]], ends[-1:]])
        lift_um = um(printer.retraction.lift_mm)
        highest = max(um(printer.volume.z_max_mm), int(tops.max(initial=0)))
        # Where the print comes down again another object begins: the way there goes over all that
        # stands.
        reached = np.concatenate([self.after_um[:1], np.maximum.accumulate(tops)])
        falls = self.after_um < self.before_um
        falls[0] = False
        lifted = np.minimum(np.where(falls, reached, self.after_um) + lift_um, highest)
        self.over_um = np.where(laid.hops.is_retracted, lifted, self.after_um)
        # The first way may cross what the start code has left on the bed.
        self.over_um[0] = max(start_z_um, int(self.over_um[0]))
        # After the last line the machine's own end code lifts.
        self.over_um[-1] = self.after_um[-1]


def _drawn(laid: Laid, resolved: Resolved, printer: Printer, heights: _Heights) -> list[_Rows]:
    """Drawing back: in place, along the wipe, in place; and pushing forward again."""
    hops, wipes, retraction = laid.hops, laid.wipes, printer.retraction
    whole, pushed = _lengths(laid, printer)
    hop = np.flatnonzero(hops.is_retracted)
    is_wiped = np.zeros(len(hops.is_retracted), bool)
    is_wiped[wipes.hop] = np.diff(wipes.offsets) > 0
    before_wipe = np.rint(whole * retraction.before_wipe_ratio).astype(np.int64)
    first = np.where(is_wiped, before_wipe, whole)
    rate = wipe_rate_e5_um(retraction, resolved.process.speeds.travel_mm_s)
    of_wipe = np.repeat(wipes.hop, np.diff(wipes.offsets))
    reached = np.concatenate([np.zeros(1), np.cumsum(wipes.step_um)])
    base = np.repeat(reached[wipes.offsets[:-1]], np.diff(wipes.offsets))
    room = (whole - first)[of_wipe]
    after = np.minimum(np.rint((reached[1:] - base) * rate), room).astype(np.int64)
    before = np.minimum(np.rint((reached[:-1] - base) * rate), room).astype(np.int64)
    by_wipe = np.zeros(len(first), np.int64)
    np.add.at(by_wipe, of_wipe, after - before)
    place = hops.from_um.copy()
    last = wipes.offsets[1:][is_wiped[wipes.hop]] - 1
    place[wipes.hop[is_wiped[wipes.hop]]] = wipes.xy_um[last]
    rest = whole - first - by_wipe
    z = heights.before_um
    some = hop[first[hop] > 0]
    more = hop[rest[hop] > 0]
    back = hop[hop < len(laid.layer)]
    return [
        _Rows(_DRAW, some, hops.from_um[some], z[some], -first[some]),
        _Rows(_WIPE, of_wipe, wipes.xy_um, z[of_wipe], before - after),
        _Rows(_DRAW_REST, more, place[more], z[more], -rest[more]),
        _Rows(
            _PUSH,
            back,
            hops.to_um[back],
            heights.after_um[back],
            pushed[back],
        ),
    ]


def _ways(laid: Laid, printer: Printer, heights: _Heights) -> list[_Rows]:
    """Up, across, down; or up on the way across."""
    hops, wipes = laid.hops, laid.wipes
    place = hops.from_um.copy()
    full = np.diff(wipes.offsets) > 0
    place[wipes.hop[full]] = wipes.xy_um[wipes.offsets[1:][full] - 1]
    ramps = _ramps(place, hops, printer.retraction.hop_slope_deg, heights)
    is_ramp = np.zeros(len(hops.is_step), bool)
    is_ramp[ramps.hop] = True
    up = np.flatnonzero((heights.over_um != heights.before_um) & ~is_ramp)
    place[ramps.hop] = ramps.xy_um
    over_um = heights.over_um.copy()
    over_um[ramps.hop] = ramps.z_um
    down = np.flatnonzero(over_um != heights.after_um)
    corner = np.repeat(np.arange(len(hops.is_step)), np.diff(hops.corner_offsets))
    go = np.flatnonzero((place != hops.to_um).any(axis=1)[:-1])
    return [
        _Rows(_UP, up, place[up], over_um[up], np.zeros(len(up), np.int64)),
        ramps,
        _Rows(_GO, corner, hops.corner_um, over_um[corner], np.zeros(len(corner), np.int64)),
        _Rows(_GO, go, hops.to_um[go], over_um[go], np.zeros(len(go), np.int64)),
        _Rows(_DOWN, down, hops.to_um[down], heights.after_um[down], np.zeros(len(down), np.int64)),
    ]


def _ramps(place_um: NDArray[np.int64], hops: Hops, slope_deg: float, heights: _Heights) -> _Rows:
    """Where lifted ways are up: on the straight way across, as far on as the slope needs; a way too
    short for that is only lifted as high as it gets (but to the layer that it leads to)."""
    before, over = heights.before_um, heights.over_um
    asked = hops.is_retracted & (over > before) & (np.diff(hops.corner_offsets) == 0)
    asked &= (place_um != hops.to_um).any(axis=1)
    # To another object's first layer the head rises first: finished ones may be as high as this.
    asked &= heights.after_um >= before
    # The first way starts where the start code says, which may be in what it has left there.
    asked[0] = asked[-1] = False
    hop = np.flatnonzero(asked) if slope_deg else np.empty(0, np.int64)
    way = (hops.to_um[hop] - place_um[hop]).astype(np.float64)
    length = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
    rise = (over - before)[hop].astype(np.float64)
    cosine, sine = cos_sin(np.array([slope_deg / 360.0]))
    share = np.minimum(rise * (cosine[0] / max(sine[0], 1e-9)) / length, 1.0)
    reached = np.floor(length * (sine[0] / cosine[0])).astype(np.int64)
    z = np.where(share < 1.0, over[hop], np.maximum(before[hop] + reached, heights.after_um[hop]))
    xy = place_um[hop] + np.rint(way * share[:, None]).astype(np.int64)
    return _Rows(_RAMP, hop, xy, np.minimum(z, over[hop]), np.zeros(len(hop), np.int64))


def _steps_of(lines: Lines, per_vertex: NDArray[Any]) -> NDArray[Any]:
    """What is known of vertices, for those at which a step ends: all but the first of a line."""
    inner = np.ones(len(lines.xy_um), bool)
    inner[lines.offsets[:-1]] = False
    return np.asarray(per_vertex.compress(inner, axis=0))


def _beads(laid: Laid, resolved: Resolved, heights: _Heights) -> _Rows:
    lines = laid.lines
    line = _steps_of(lines, np.repeat(np.arange(len(lines.path)), np.diff(lines.offsets)))
    # mm3 per um of way, over mm2 of filament, in 1e-5 mm.
    area_nm2 = laid.area_nm2[line]
    if lines.widening_nm.any():
        area_nm2 = area_nm2 + laid.height_nm[line] * _steps_of(lines, lines.widening_nm)
    steps_um = _steps_of(lines, lines.steps_um())
    asked = np.empty(len(line))
    for tool in np.flatnonzero(np.bincount(laid.tool, minlength=1)).tolist():
        rows = laid.tool[line] == tool
        material = resolved.material_of(tool)
        per_um = area_nm2[rows] * (1e-15 * E5_PER_MM * material.flow_ratio)
        filament = filament_area_mm2(replace(resolved, material=material))
        asked[rows] = steps_um[rows] * (per_um / filament)
    if laid.climb is not None:
        asked = asked * _steps_of(lines, laid.climb.flow)
    fed = np.rint(np.cumsum(asked)).astype(np.int64)
    e_e5 = np.diff(fed, prepend=np.int64(0))
    z_um = _steps_of(lines, heights.z_um)
    return _Rows(_LAY, line, _steps_of(lines, lines.xy_um), z_um, e_e5)


def _cooled(
    lines: Lines,
    is_bead: NDArray[np.bool_],
    is_after: NDArray[np.bool_],
    line: NDArray[np.int64],
) -> NDArray[np.int64]:
    """On the way to a line the fan is that of its first bead; on the way off, of its last."""
    found = np.where(is_after, lines.offsets[:-1][line], lines.offsets[1:][line] - 1)
    found[is_bead] = _steps_of(lines, np.arange(len(lines.xy_um)))
    return found


def _feeds(laid: Laid, phase: NDArray[np.int64]) -> NDArray[np.int32]:
    feeds = laid.feeds
    table = np.zeros(len(_KIND), np.int64)
    table[[_DRAW, _DRAW_REST]] = feeds.retract
    table[_WIPE] = feeds.wipe
    table[[_UP, _DOWN]] = feeds.lift
    table[[_GO, _CHANGE]] = feeds.travel
    table[_RAMP] = feeds.ramp
    table[_PUSH] = feeds.unretract
    found = table[phase]
    found[phase == _LAY] = _steps_of(laid.lines, laid.feed_mm_min)
    return found.astype(np.int32)


def _accelerations(
    laid: Laid, phase: NDArray[np.int64], line: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Wiping runs on with the line's own; what moves neither X nor Y sets none."""
    own = (phase == _LAY) | (phase == _WIPE)
    found = np.where(own, laid.accel_mm_s2[line], 0)
    return np.where(
        (phase == _GO) | (phase == _RAMP) | (phase == _CHANGE), laid.travel_accel_mm_s2, found
    ).astype(np.int32)
