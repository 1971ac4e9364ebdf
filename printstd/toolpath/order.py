"""In which order, and which way round, the paths of a print are laid.

A *unit* is what is laid in one go: a path, or the paths of one group. A unit may be entered at its
*gates*: a loop at its seam (or at any vertex, where the seam is the nearest place), a free path
at either end, a group at its start alone. Layer by layer: skirt and brim; then island by island,
nearest first; in an island the walls, each only when those inside it are done (or those outside
it, for external walls first), then gap fill and infill, then what irons it; nearest first
everywhere.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role

_WALLS: Final = 0
_FILL: Final = 1
_IRON: Final = 2


class Sheet(NamedTuple):
    """The paths of all layers, one row each; k paths, sorted by layer.

    layer, island, parent (index of a path, -1 none), group (-1 none, numbers are unique in the
    print), depth : (k,) int64. role : (k,) uint8. is_loop : (k,) bool. begin_nm, end_nm : (k, 2)
    int64, where an open path starts and ends; a loop its seam, both.
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
    one holds up. waits : (u,) int64, by how many each is held up. block_at : (b + 1,) borders of
    the (layer, island, stage) blocks; block_layer, block_island : (b,) int64.
    """

    gates: _Gates
    paths: NDArray[np.int64]
    paths_at: NDArray[np.int64]
    dependents: NDArray[np.int64]
    dependents_at: NDArray[np.int64]
    waits: NDArray[np.int64]
    block_at: NDArray[np.int64]
    block_layer: NDArray[np.int64]
    block_island: NDArray[np.int64]


def order_paths(
    sheet: Sheet,
    *,
    start_nm: tuple[int, int],
    external_first_layers: NDArray[np.bool_],
    any_gates: AnyGates | None = None,
) -> Visits:
    """Every path of the sheet once.

    start_nm : where the nozzle stands before the first path. external_first_layers : (l,) bool.
    """
    units = _units(sheet, external_first_layers, any_gates)
    gates = np.array(_Walk(units, start_nm).run(), np.int64)
    visited = units.gates.unit[gates]
    counts = np.diff(units.paths_at)[visited]
    borders = np.cumsum(counts) - counts
    index = np.arange(counts.sum()) + np.repeat(units.paths_at[visited] - borders, counts)
    return Visits(
        units.paths[index],
        np.repeat(units.gates.is_reversed[gates], counts),
        np.repeat(units.gates.vertex[gates], counts),
    )


# ----------------------------------------------------------------------------------- units


def _units(sheet: Sheet, external_first: NDArray[np.bool_], any_gates: AnyGates | None) -> _Units:
    k = len(sheet.layer)
    own = np.arange(k)
    grouped = np.flatnonzero(sheet.group >= 0)
    _, first, inverse = np.unique(sheet.group[grouped], return_index=True, return_inverse=True)
    head = own.copy()
    head[grouped] = grouped[first][inverse]
    heads = np.flatnonzero(head == own)
    stage = np.where(sheet.depth >= 0, _WALLS, np.where(sheet.role == Role.IRONING, _IRON, _FILL))
    heads = heads[np.lexsort((stage[heads], sheet.island[heads], sheet.layer[heads]))]
    unit_of = np.empty(k, np.int64)
    unit_of[heads] = np.arange(len(heads))
    unit_of = unit_of[head]
    paths = np.argsort(unit_of, kind="stable")
    paths_at = np.searchsorted(unit_of[paths], np.arange(len(heads) + 1))
    dependents, dependents_at, waits = _dependence(sheet, heads, unit_of, external_first)
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
        block_at=np.append(starts, len(heads)),
        block_layer=block[0, starts],
        block_island=block[1, starts],
    )


def _dependence(
    sheet: Sheet,
    heads: NDArray[np.int64],
    unit_of: NDArray[np.int64],
    external_first: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Pairs "first, then" of neighbouring walls, as borders of each unit's dependents."""
    inner = np.flatnonzero(sheet.parent[heads] >= 0)
    outer = unit_of[sheet.parent[heads[inner]]]
    keep = inner != outer
    inner, outer = inner[keep], outer[keep]
    is_outer_first = external_first[sheet.layer[heads[inner]]]
    before = np.where(is_outer_first, outer, inner)
    after = np.where(is_outer_first, inner, outer)
    order = np.argsort(before, kind="stable")
    at = np.searchsorted(before[order], np.arange(len(heads) + 1))
    return after[order], at, np.bincount(after, minlength=len(heads))


def _gates(
    sheet: Sheet,
    heads: NDArray[np.int64],
    tails: NDArray[np.int64],
    any_gates: AnyGates | None,
) -> _Gates:
    n = len(heads)
    is_free = ~sheet.is_loop[heads] & (sheet.group[heads] < 0)
    forward = np.arange(n)
    backward = np.flatnonzero(is_free)
    is_any = np.zeros(n, bool)
    if any_gates is not None:
        is_any = np.isin(heads, any_gates.path) & sheet.is_loop[heads]
        forward = forward[~is_any]
    enter = [sheet.begin_nm[heads[forward]], sheet.end_nm[heads[backward]]]
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
        """islands : of one layer, each as a run of blocks; skirt and brim are the first."""
        block_at = self.units.block_at
        if self.units.block_island[islands[0][0]] < 0:
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
