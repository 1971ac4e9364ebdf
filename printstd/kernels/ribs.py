"""Ribs that carry roofs: trees on a square lattice, grown from the top of a part downwards.

Where something is inside a layer and not inside the one above there is a roof, and a rib leads from
each point under it to the nearest wall, or to a rib that is there already. From layer to layer down
free ends draw back by what a bead may hang over, so every rib lies on ribs of the layer below to
within that, and what has drawn back to a wall is gone. Source: Tricard, Claux, Lefebvre, "Ribbed
Support Vaults for 3D Printing of Hollowed Objects", CGF 2019 (facts of slicers D4); the lattice, on
which whole layers are worked on at once, is ours.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

_WAYS: Final = ((0, 1), (1, 1), (1, 0), (1, -1))
"""(rows, columns) from a point to the other end of each of its four edges; the other four ways from
it are edges of its neighbours."""
_FAR: Final = 1 << 30
_STRAIGHT: Final = 70
_SLANTED: Final = 99
"""Costs of ways to the next point: 70 sqrt 2 = 99."""
_ROADS: Final = (70, 50, 30)
"""Costs along every row and column, every second and every fourth: ribs that run side by side meet
there and go on as one."""
_DETOUR: Final = 4
"""Steps for which shorter ways are looked for, once all points have one."""


Value = TypeVar("Value", bound=np.generic)


class Ribs(NamedTuple):
    """One layer's ribs, by key: ((row * columns) + column) * 4 + way.

    key : (k,) int64, ascending. cut_start_nm, cut_end_nm : (k,) int64, how much is missing at the
    edge's own point and at its other end.
    """

    key: NDArray[np.int64]
    cut_start_nm: NDArray[np.int64]
    cut_end_nm: NDArray[np.int64]


def ribs(
    halves: NDArray[np.bool_], pitch_nm: int, overhang_nm: NDArray[np.int64], road: tuple[int, int]
) -> list[Ribs]:
    """Ribs of each layer.

    halves : (layers, 2 rows + 1, 2 columns + 1) bool, bottom up, what is inside at every half of
    the pitch: point (r, c) of the lattice is (2 r + 1, 2 c + 1) here, and carries a roof over any
    of the nine places at and around it. The outermost points are outside.
    overhang_nm : (layers,) int64, how far beads of each layer may reach beyond those below.
    road : (row, column) in the lattice that are multiples of all powers of two.
    """
    inside = halves[:, 1::2, 1::2]
    n_layers, rows, columns = inside.shape
    forest = _Forest(rows, columns, pitch_nm, road)
    found: list[Ribs] = []
    for layer in range(n_layers - 1, -1, -1):
        here = inside[layer]
        fresh = here
        if layer + 1 < n_layers:
            fresh = here & ~inside[layer + 1]
            # What a root stood on may be gone: it is led on to a wall.
            hold = fresh & (forest.degree() > 0)
            if hold.any():
                forest.lead(hold, ~here, here)
            forest.draw_back(int(overhang_nm[layer + 1]), here)
        roof = here & _carries(halves[layer], halves[layer + 1 : layer + 2])
        if roof.any():
            degree = forest.degree()
            bare = roof & (degree == 0)
            if bare.any():
                forest.lead(bare, ~here | (degree > 0), here)
        found.append(forest.shown())
    return found[::-1]


def _carries(halves: NDArray[np.bool_], above: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(rows, columns) is there a roof at a point or around it. above : of the next layer, if there
    is one."""
    roof = halves & ~above[0] if len(above) else halves
    across = roof[:, :-2:2] | roof[:, 1:-1:2] | roof[:, 2::2]
    found: NDArray[np.bool_] = across[:-2:2] | across[1:-1:2] | across[2::2]
    return found


class _Forest:
    """present : (4, rows, columns) bool, edges by way. start, end : (4, rows, columns) int64, nm,
    what is missing of each at its own point and at its other end."""

    def __init__(self, rows: int, columns: int, pitch_nm: int, road: tuple[int, int]) -> None:
        shape = (4, rows, columns)
        self.present = np.zeros(shape, bool)
        self.start, self.end = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        slant = round(pitch_nm * 1.4142135623730951)
        self.length = np.array([pitch_nm, slant, pitch_nm, slant], np.int64)[:, None, None]
        self.is_alive = False
        cost = np.empty((4, rows, columns), np.int32)
        cost[1] = cost[3] = _SLANTED
        cost[0] = _road_costs(rows, road[0])[:, None]
        cost[2] = _road_costs(columns, road[1])[None, :]
        self.cost = cost

    def degree(self) -> NDArray[np.int64]:
        """(rows, columns) how many ribs reach each point."""
        out = np.zeros(self.present.shape[1:], np.int64)
        if self.is_alive:
            for way in range(4):
                out += self.present[way] & (self.start[way] == 0)
                out += _moved(self.present[way] & (self.end[way] == 0), way, 1)
        return out

    def draw_back(self, by_nm: int, here: NDArray[np.bool_]) -> None:
        """Free ends inside `here` draw back."""
        if not self.is_alive:
            return
        is_tip = (self.degree() == 1) & here
        for way in range(4):
            there = self.present[way]
            at_start = there & ((self.start[way] > 0) | is_tip)
            at_end = there & ((self.end[way] > 0) | _moved(is_tip, way, -1))
            self.start[way] += by_nm * at_start
            self.end[way] += by_nm * at_end
        self.present &= self.start + self.end < self.length
        self.start *= self.present
        self.end *= self.present
        self.is_alive = bool(self.present.any())

    def lead(
        self, points: NDArray[np.bool_], goals: NDArray[np.bool_], here: NDArray[np.bool_]
    ) -> None:
        """Ribs from all points to the nearest of the goals, through `here`."""
        away = self._away(points, goals, here)
        front, done = points & (away < _FAR), goals.copy()
        while front.any():
            done |= front
            best = np.full(away.shape, _FAR, np.int32)
            chosen = np.full(away.shape, -1, np.int64)
            for number, cost in enumerate(self._from_neighbours(away)):
                nearer = cost < best
                best = np.where(nearer, cost, best)
                chosen = np.where(nearer, number, chosen)
            following = np.zeros_like(front)
            for number in range(8):
                mine = front & (chosen == number)
                way, back = number >> 1, number & 1
                edge = _moved(mine, way, -1) if back else mine
                self.present[way] |= edge
                self.start[way] *= ~edge
                self.end[way] *= ~edge
                following |= _moved(mine, way, -1 if back else 1)
            front = following & ~done
        self.is_alive = True

    def _away(
        self, points: NDArray[np.bool_], goals: NDArray[np.bool_], here: NDArray[np.bool_]
    ) -> NDArray[np.int32]:
        """Cost of the way from each point to a goal; some points' are not found to be the least."""
        away = np.where(goals, 0, _FAR).astype(np.int32)
        left = _DETOUR
        while left:
            closer = np.minimum.reduce(self._from_neighbours(away))
            better = np.where(here & ~goals, np.minimum(closer, away), away)
            if not (better < away).any():
                break
            away = better
            left -= bool((away[points] < _FAR).all())
        return away

    def _from_neighbours(self, away: NDArray[np.int32]) -> list[NDArray[np.int32]]:
        """What each point's way costs over each of its neighbours: forwards and back by way."""
        found = []
        for way in range(4):
            found.append(_moved(away, way, -1, _FAR) + self.cost[way])
            found.append(_moved(away + self.cost[way], way, 1, _FAR))
        return found

    def shown(self) -> Ribs:
        order = np.flatnonzero(np.moveaxis(self.present, 0, -1).ravel())
        start, end = (np.moveaxis(cut, 0, -1).ravel()[order] for cut in (self.start, self.end))
        return Ribs(order, start, end)


def _road_costs(count: int, origin: int) -> NDArray[np.int32]:
    place = np.arange(count) - origin
    rank = (place % 2 == 0).astype(np.int64) + (place % 4 == 0)
    costs: NDArray[np.int32] = np.array(_ROADS, np.int32)[rank]
    return costs


def _moved(values: NDArray[Value], way: int, by: int, fill: int = 0) -> NDArray[Value]:
    """What lies one step back along the way (by = 1), or one step ahead (by = -1)."""
    rows, columns = (step * by for step in _WAYS[way])
    out = np.full_like(values, fill)
    height, width = values.shape
    out[max(rows, 0) : height + min(rows, 0), max(columns, 0) : width + min(columns, 0)] = values[
        max(-rows, 0) : height + min(-rows, 0), max(-columns, 0) : width + min(-columns, 0)
    ]
    return out
