"""In which order, and which way round, the paths of a print are laid.

A *unit* is what is laid in one go: a path, or the paths of one group. A unit may be entered at its
*gates*: a loop at its seam (or at any vertex, where the seam is the nearest place), a free path and
the pieces of one filled gap at either end, any other group at its start alone. Layer by layer:
skirt and brim; supports; then island by island, nearest first; in an island what its walls will
hold on to, then the walls, each only when those that come first in the layer's `WallOrder` are
done, then gap fill and infill, then what irons it; nearest first everywhere. What is found so is
then shortened (`kernels.tour`): units within their island, where a gap may be filled as soon as the
walls beside it are done, and islands within their layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels.tour import ANY_RANK, Items, Speed, shortened
from printstd.named_tuple import NamedTuple
from printstd.profiles.wall_models import WallOrder
from printstd.toolpath.paths import HELD_FIRST

_HELD: Final = 0
_WALLS: Final = 1
_FILL: Final = 2
_IRON: Final = 3


class Sheet(NamedTuple):
    """The paths of all layers, one row each; k paths, sorted by layer.

    layer, island, parent (index of a path, -1 none), group (-1 none, numbers are unique in the
    print), depth : (k,) int64. role : (k,) uint8. is_loop : (k,) bool. begin_nm, end_nm : (k, 2)
    int64, where an open path starts and ends; a loop its seam, both. beside : (wall, gap), (q,)
    int64 each, paths of one island: the gap is filled after the wall.
    """

    layer: NDArray[np.int64]
    island: NDArray[np.int64]
    parent: NDArray[np.int64]
    group: NDArray[np.int64]
    depth: NDArray[np.int64]
    role: NDArray[np.uint8]
    is_loop: NDArray[np.bool_]
    begin_nm: NDArray[np.int64]
    end_nm: NDArray[np.int64]
    beside: tuple[NDArray[np.int64], NDArray[np.int64]]


class AnyGates(NamedTuple):
    """Loops that may be entered anywhere: every vertex of every loop is a gate.

    path : (g,) int64, of the sheet, ascending. vertex : (g,) int64, the caller's own number.
    xy_nm : (g, 2) int64. detour_nm : (g,) float64, how much further than the nearest gate one may
    go for this one.
    """

    path: NDArray[np.int64]
    vertex: NDArray[np.int64]
    xy_nm: NDArray[np.int64]
    detour_nm: NDArray[np.float64]


class Visits(NamedTuple):
    """The paths in order. path : (k,) int64. is_reversed : (k,) bool. vertex : (k,) int64, the
    gate's vertex where `AnyGates` had the choice, -1 elsewhere."""

    path: NDArray[np.int64]
    is_reversed: NDArray[np.bool_]
    vertex: NDArray[np.int64]


class _Gates(NamedTuple):
    """Where units may be entered; one row per gate, units ascending.

    x, y : where it is entered. exit_x, exit_y : where one comes out then. unit : (g,) int64.
    is_reversed : (g,) bool. vertex : (g,) int64, -1 where nothing was to choose. detour : (g,) nm,
    None where no gate has any. at : (u + 1,) borders by unit.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    exit_x: NDArray[np.float64]
    exit_y: NDArray[np.float64]
    unit: NDArray[np.int64]
    is_reversed: NDArray[np.bool_]
    vertex: NDArray[np.int64]
    detour: NDArray[np.float64] | None
    at: NDArray[np.int64]


class _Units(NamedTuple):
    """u units, sorted by (layer, island, stage).

    paths, paths_at : the paths of each, in order. dependents, dependents_at : the units that each
    one holds up. waits : (u,) int64, by how many each is held up. is_gap : (u,) bool.
    block_at : (b + 1,) borders of the (layer, island, stage) blocks; block_layer, block_island,
    block_stage : (b,) int64.
    """

    gates: _Gates
    paths: NDArray[np.int64]
    paths_at: NDArray[np.int64]
    dependents: NDArray[np.int64]
    dependents_at: NDArray[np.int64]
    waits: NDArray[np.int64]
    is_gap: NDArray[np.bool_]
    block_at: NDArray[np.int64]
    block_layer: NDArray[np.int64]
    block_island: NDArray[np.int64]
    block_stage: NDArray[np.int64]


def order_paths(
    sheet: Sheet,
    *,
    start_nm: tuple[int, int],
    travel: Speed,
    wall_order: Sequence[WallOrder],
    any_gates: AnyGates | None = None,
    is_third_first: bool = False,
) -> Visits:
    """Every path of the sheet once.

    start_nm : where the nozzle stands before the first path. travel : how it goes between paths.
    wall_order : of each layer. is_third_first : between inner walls the outer one is laid after the
    third and all further in, before the second; otherwise after the second and before the others.
    """
    units = _units(sheet, wall_order, any_gates, is_third_first)
    gates = np.array(_Walk(units, start_nm).run(), np.int64)
    gates = _shorter(units, gates, start_nm, travel)
    visited = units.gates.unit[gates]
    counts = np.diff(units.paths_at)[visited]
    nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    is_reversed = np.repeat(units.gates.is_reversed[gates], counts)
    nth = np.where(is_reversed, np.repeat(counts, counts) - 1 - nth, nth)
    return Visits(
        units.paths[np.repeat(units.paths_at[visited], counts) + nth],
        is_reversed,
        np.repeat(units.gates.vertex[gates], counts),
    )


# ----------------------------------------------------------------------------------- units


def _units(
    sheet: Sheet,
    wall_order: Sequence[WallOrder],
    any_gates: AnyGates | None,
    is_third_first: bool,
) -> _Units:
    k = len(sheet.layer)
    own = np.arange(k)
    grouped = np.flatnonzero(sheet.group >= 0)
    _, first, inverse = np.unique(sheet.group[grouped], return_index=True, return_inverse=True)
    head = own.copy()
    head[grouped] = grouped[first][inverse]
    heads = np.flatnonzero(head == own)
    stage = _stage(sheet)
    heads = heads[np.lexsort((stage[heads], sheet.island[heads], sheet.layer[heads]))]
    unit_of = np.empty(k, np.int64)
    unit_of[heads] = np.arange(len(heads))
    unit_of = unit_of[head]
    paths = np.argsort(unit_of, kind="stable")
    paths_at = np.searchsorted(unit_of[paths], np.arange(len(heads) + 1))
    dependents, dependents_at, waits = _dependence(
        sheet, heads, unit_of, wall_order, is_third_first
    )
    block = np.stack([sheet.layer[heads], sheet.island[heads], stage[heads]])
    starts = np.flatnonzero(np.append(True, (np.diff(block, axis=1) != 0).any(axis=0)))
    starts = starts[: len(heads)]
    return _Units(
        gates=_gates(sheet, heads, paths[paths_at[1:] - 1], any_gates),
        paths=paths,
        paths_at=paths_at,
        dependents=dependents,
        dependents_at=dependents_at,
        waits=waits,
        is_gap=sheet.role[heads] == Role.GAP_FILL,
        block_at=np.append(starts, len(heads)),
        block_layer=block[0, starts],
        block_island=block[1, starts],
        block_stage=block[2, starts],
    )


def _stage(sheet: Sheet) -> NDArray[np.int64]:
    """(k,) of each path: in an island lower ones come first."""
    stage = np.where(sheet.role == Role.IRONING, _IRON, _FILL)
    return np.where(sheet.depth >= 0, _WALLS, np.where(sheet.depth == HELD_FIRST, _HELD, stage))


def _dependence(
    sheet: Sheet,
    heads: NDArray[np.int64],
    unit_of: NDArray[np.int64],
    wall_order: Sequence[WallOrder],
    is_third_first: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Pairs "first, then" of neighbouring walls, and of walls and the gaps near them, as borders of
    each unit's dependents."""
    inner = np.flatnonzero(sheet.parent[heads] >= 0)
    parent, layer = sheet.parent[heads[inner]], sheet.layer[heads[inner]]
    is_sandwich = _is(WallOrder.INNER_OUTER_INNER, wall_order)[layer]
    # Between inner walls: the third wall's neighbour in time is the outer, its own second's own.
    is_third = is_sandwich & (sheet.depth[heads[inner]] == 2) & (sheet.parent[parent] >= 0)
    outer = unit_of[np.where(is_third, sheet.parent[parent], parent)]
    is_outer_first = _is(WallOrder.OUTER_INNER, wall_order)[layer]
    if is_third_first:
        is_second = np.zeros(len(sheet.layer), np.bool_)
        is_second[parent[is_third]] = True
        is_outer_first |= is_sandwich & is_second[heads[inner]]
    else:
        is_outer_first |= is_sandwich & (sheet.depth[heads[inner]] >= 2)
    keep = inner != outer
    inner, outer, is_outer_first = inner[keep], outer[keep], is_outer_first[keep]
    wall, gap = sheet.beside
    before = np.concatenate([np.where(is_outer_first, outer, inner), unit_of[wall]])
    after = np.concatenate([np.where(is_outer_first, inner, outer), unit_of[gap]])
    order = np.argsort(before, kind="stable")
    at = np.searchsorted(before[order], np.arange(len(heads) + 1))
    return after[order], at, np.bincount(after, minlength=len(heads))


def _is(wanted: WallOrder, wall_order: Sequence[WallOrder]) -> NDArray[np.bool_]:
    """(l,) layers of the order `wanted`."""
    return np.array([order is wanted for order in wall_order], np.bool_)


def _gates(
    sheet: Sheet,
    heads: NDArray[np.int64],
    tails: NDArray[np.int64],
    any_gates: AnyGates | None,
) -> _Gates:
    n = len(heads)
    # The pieces of a filled gap run from end to end, either way.
    is_gap = sheet.role[heads] == Role.GAP_FILL
    is_free = ~sheet.is_loop[heads] & (is_gap | (sheet.group[heads] < 0))
    forward = np.arange(n)
    backward = np.flatnonzero(is_free)
    is_any = np.zeros(n, bool)
    if any_gates is not None:
        is_any = np.isin(heads, any_gates.path) & sheet.is_loop[heads]
        forward = forward[~is_any]
    enter = [sheet.begin_nm[heads[forward]], sheet.end_nm[tails[backward]]]
    leave = [sheet.end_nm[tails[forward]], sheet.begin_nm[heads[backward]]]
    unit = [forward, backward]
    turned = [np.zeros(len(forward), bool), np.ones(len(backward), bool)]
    vertex = [np.full(len(forward) + len(backward), -1)]
    detour = [np.zeros(len(forward) + len(backward))]
    if any_gates is not None:
        unit_of = np.full(len(sheet.layer), -1)
        unit_of[heads] = np.arange(n)
        mine = unit_of[any_gates.path]
        enter.append(any_gates.xy_nm)
        leave.append(any_gates.xy_nm)
        unit.append(mine)
        turned.append(np.zeros(len(mine), bool))
        vertex.append(any_gates.vertex)
        detour.append(any_gates.detour_nm)
    unit_all = np.concatenate(unit)
    order = np.argsort(unit_all, kind="stable")
    xy = np.concatenate(enter)[order].astype(np.float64)
    out = np.concatenate(leave)[order].astype(np.float64)
    return _Gates(
        x=np.ascontiguousarray(xy[:, 0]),
        y=np.ascontiguousarray(xy[:, 1]),
        exit_x=np.ascontiguousarray(out[:, 0]),
        exit_y=np.ascontiguousarray(out[:, 1]),
        unit=unit_all[order],
        is_reversed=np.concatenate(turned)[order],
        vertex=np.concatenate(vertex)[order],
        detour=None if any_gates is None else np.concatenate(detour)[order],
        at=np.searchsorted(unit_all[order], np.arange(n + 1)),
    )


# ------------------------------------------------------------------------------------ walk


class _Walk:
    """The nozzle goes from unit to unit; `run` gives the gates in order."""

    def __init__(self, units: _Units, start_nm: tuple[int, int]) -> None:
        self.units = units
        self.x, self.y = float(start_nm[0]), float(start_nm[1])
        self.waits = units.waits.tolist()
        gates = units.gates
        self.gate_at, self.gate_unit = gates.at.tolist(), gates.unit.tolist()
        self.exit_x, self.exit_y = gates.exit_x.tolist(), gates.exit_y.tolist()
        self.dependents = units.dependents.tolist()
        self.dependents_at = units.dependents_at.tolist()
        # A gate that may not be entered (yet, or any more) lies at infinity.
        is_open = units.waits[gates.unit] == 0
        self.live_x = np.where(is_open, gates.x, np.inf)
        self.visited: list[int] = []

    def run(self) -> list[int]:
        units = self.units
        islands = np.flatnonzero(
            np.append(True, (np.diff(units.block_layer) != 0) | (np.diff(units.block_island) != 0))
        )[: len(units.block_layer)]
        layer_of = units.block_layer[islands]
        bounds = [*islands.tolist(), len(units.block_layer)]
        borders = [0, *(np.flatnonzero(np.diff(layer_of)) + 1).tolist(), len(islands)]
        if not len(islands):
            return []
        for first, last in pairwise(borders):
            self._layer([(bounds[i], bounds[i + 1]) for i in range(first, last)])
        return self.visited

    def _layer(self, islands: list[tuple[int, int]]) -> None:
        """islands : of one layer, each as a run of blocks; skirt, brim and supports are the
        first."""
        block_at = self.units.block_at
        while islands and self.units.block_island[islands[0][0]] < 0:
            self._island(islands.pop(0))
        if len(islands) > 1:
            spans = [(self.gate_at[block_at[a]], self.gate_at[block_at[a + 1]]) for a, _ in islands]
            x = np.concatenate([self.live_x[a:b] for a, b in spans])
            y = np.concatenate([self.units.gates.y[a:b] for a, b in spans])
            owner = np.repeat(np.arange(len(islands)), [b - a for a, b in spans])
            ends = np.cumsum([b - a for a, b in spans]).tolist()
            for _ in range(len(islands)):
                dx, dy = x - self.x, y - self.y
                nearest = int(owner[(dx * dx + dy * dy).argmin()])
                x[ends[nearest - 1] if nearest else 0 : ends[nearest]] = np.inf
                self._island(islands[nearest])
        else:
            for island in islands:
                self._island(island)

    def _island(self, blocks: tuple[int, int]) -> None:
        for block in range(*blocks):
            first, last = self.units.block_at[block : block + 2].tolist()
            self._block(first, last)

    def _block(self, first: int, last: int) -> None:
        """Visit the units first..last-1, nearest first."""
        units, gate_at = self.units, self.gate_at
        begin, end = gate_at[first], gate_at[last]
        xs, ys = self.live_x[begin:end], units.gates.y[begin:end]
        detour = None if units.gates.detour is None else units.gates.detour[begin:end]
        px, py = self.x, self.y
        for _ in range(last - first):
            if end - begin == 1:
                gate = begin
            else:
                dx, dy = xs - px, ys - py
                away = dx * dx + dy * dy
                if detour is not None:
                    away = np.sqrt(away) + detour
                gate = begin + int(away.argmin())
            unit = self.gate_unit[gate]
            self.visited.append(gate)
            px, py = self.exit_x[gate], self.exit_y[gate]
            xs[gate_at[unit] - begin : gate_at[unit + 1] - begin] = np.inf
            for i in range(self.dependents_at[unit], self.dependents_at[unit + 1]):
                then = self.dependents[i]
                self.waits[then] -= 1
                if not self.waits[then]:
                    a, b = gate_at[then], gate_at[then + 1]
                    self.live_x[a:b] = units.gates.x[a:b]
        self.x, self.y = px, py


# ------------------------------------------------------------------------------- shortening


def _shorter(
    units: _Units, gates: NDArray[np.int64], start_nm: tuple[int, int], travel: Speed
) -> NDArray[np.int64]:
    """The walk in an order that takes less time: units in their islands, islands in their layers,
    and units again, since they may be entered from elsewhere then."""
    if not len(gates):
        return gates
    gates, is_settled = _units_in_islands(units, gates, start_nm, travel)
    moved = _islands_in_layers(units, gates, start_nm, travel)
    if not np.array_equal(moved, gates):
        is_asked = _has_moved(units, gates, moved) if is_settled else None
        gates, _ = _units_in_islands(units, moved, start_nm, travel, is_asked)
    return gates if units.gates.detour is None else _entered_anew(units, gates, start_nm)


def _has_moved(
    units: _Units, before: NDArray[np.int64], after: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Of each island of the walk `after`, whether it lies beside another than in the walk `before`,
    in which its units stood in the same order: where it does not, they need no other one."""
    place = np.empty(len(units.gates.unit), np.int64)
    place[before] = np.arange(len(before))
    at = _islands(units, np.searchsorted(units.block_at, units.gates.unit[after], side="right") - 1)
    # No gate stands before the first one and after the last.
    old, new = (np.concatenate([[-1], walk, [-1]]) for walk in (before, after))
    first, last = at[:-1], at[1:] - 1
    is_after_another = old[place[after[first]]] != new[first]
    return np.asarray(is_after_another | (old[place[after[last]] + 2] != new[last + 2]))


def _units_in_islands(
    units: _Units,
    walk: NDArray[np.int64],
    start_nm: tuple[int, int],
    travel: Speed,
    is_asked: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.int64], bool]:
    """The walk, and whether nothing is left in it that saves time. is_asked : of its islands."""
    gates, unit = units.gates, units.gates.unit[walk]
    place = np.empty(len(unit), np.int64)
    place[unit] = np.arange(len(unit))
    first = np.repeat(np.arange(len(unit)), np.diff(units.dependents_at))
    n_gates = np.diff(gates.at)[unit]
    begin, end = _ends(gates, walk)
    is_free = (n_gates == 2) & (gates.vertex[walk] < 0)
    block = np.searchsorted(units.block_at, unit, side="right") - 1
    items = Items(
        begin_nm=begin,
        end_nm=end,
        can_turn=is_free | (begin == end).all(axis=1),
        block_at=_islands(units, block),
        rank=np.where(units.is_gap[unit], ANY_RANK, units.block_stage[block]),
        before=place[first],
        after=place[units.dependents],
    )
    tour = shortened(items, start_nm, travel, is_asked)
    # A free path's two gates stand side by side.
    other = gates.at[unit] * 2 + 1 - walk
    turned = np.where(is_free, other, walk)
    found = np.where(tour.is_turned, turned[tour.item], walk[tour.item])
    return found, tour.is_settled


def _islands_in_layers(
    units: _Units, walk: NDArray[np.int64], start_nm: tuple[int, int], travel: Speed
) -> NDArray[np.int64]:
    block = np.searchsorted(units.block_at, units.gates.unit[walk], side="right") - 1
    borders = _islands(units, block)
    at = borders[:-1]
    layer, island = units.block_layer[block[at]], units.block_island[block[at]]
    begin, end = _ends(units.gates, walk)
    items = Items(
        begin_nm=begin[at],
        end_nm=end[borders[1:] - 1],
        can_turn=np.zeros(len(at), bool),
        # A tool's purge stays first, then skirt and brim, then supports.
        block_at=_borders(4 * layer + np.minimum(island, 0)),
        rank=np.full(len(at), ANY_RANK),
        before=np.empty(0, np.int64),
        after=np.empty(0, np.int64),
    )
    item = shortened(items, start_nm, travel).item
    count = np.diff(borders)[item]
    before = np.cumsum(count) - count
    at = np.arange(len(walk)) + np.repeat(borders[item] - before, count)
    return np.asarray(walk[at])


def _ends(gates: _Gates, walk: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n, 2) int64, nm: where each gate is entered, and where one comes out."""
    enter = np.stack([gates.x[walk], gates.y[walk]], axis=1)
    leave = np.stack([gates.exit_x[walk], gates.exit_y[walk]], axis=1)
    return enter.astype(np.int64), leave.astype(np.int64)


def _islands(units: _Units, block: NDArray[np.int64]) -> NDArray[np.int64]:
    """Borders of runs of one island. block : (n,) of each place of a walk."""
    layer, island = units.block_layer[block], units.block_island[block]
    return _borders(layer * (int(island.max(initial=0)) + 4) + island)


def _borders(number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where runs of equal numbers begin, then the end."""
    return np.concatenate([[0], np.flatnonzero(np.diff(number)) + 1, [len(number)]])


def _entered_anew(
    units: _Units, walk: NDArray[np.int64], start_nm: tuple[int, int]
) -> NDArray[np.int64]:
    """Units that may be entered anywhere, each where it is nearest now."""
    gates = units.gates
    found = walk.copy()
    px, py = float(start_nm[0]), float(start_nm[1])
    for i, gate in enumerate(walk.tolist()):
        unit = int(gates.unit[gate])
        if gates.vertex[gate] >= 0 and gates.detour is not None:
            a, b = int(gates.at[unit]), int(gates.at[unit + 1])
            dx, dy = gates.x[a:b] - px, gates.y[a:b] - py
            gate = a + int((np.sqrt(dx * dx + dy * dy) + gates.detour[a:b]).argmin())
            found[i] = gate
        px, py = float(gates.exit_x[gate]), float(gates.exit_y[gate])
    return found
