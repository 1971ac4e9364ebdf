"""Which feature of one model is which of another, and by how much the whole was moved.

Features pair where kind and axis agree, each once, the closest first, in passes: those in the same
place with the same size; in the same place with another size; with the same size in another place;
and at last those that changed in both a little. What is left was added or removed.

Where a feature lies is asked only where it means something: a hole's axis can be found, the middle
of its length moves with the thickness of what it goes through; two planes lie somewhere across
themselves, and the middle of the face moves with the outline around it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

PLACE_MM: Final = 0.01
"""Features nearer than this are in the same place."""
IN_SPACE: Final = 0
ACROSS_AXIS: Final = 1
ALONG_AXIS: Final = 2
_SAME_SIZE: Final = 1e-3
_COS_AXIS: Final = 0.99985
"""Of 1 degree."""
_LEAST_REACH_MM: Final = 5.0

Vectors = NDArray[np.float64]


class Shapes(NamedTuple):
    """Features as arrays. kind : (n,) int64, equal where two may be one. place : (n,) int64, in
    which directions it lies somewhere. point : (n, 3), mm. axis : (n, 3), unit vectors. size :
    (n,), mm or degrees. spread : (n,), how far size and place are not known, mm."""

    kind: NDArray[np.int64]
    place: NDArray[np.int64]
    point: Vectors
    axis: Vectors
    size: Vectors
    spread: Vectors


class _Grid(NamedTuple):
    """(n, m) each. may : kind and axis agree. off : distance in the directions that count. full :
    in space."""

    may: NDArray[np.bool_]
    off: Vectors
    full: Vectors
    resized: Vectors
    spread: Vectors

    @property
    def is_here(self) -> NDArray[np.bool_]:
        return self.may & (self.off <= PLACE_MM + self.spread)

    @property
    def is_same(self) -> NDArray[np.bool_]:
        return self.may & (self.resized <= _SAME_SIZE + self.spread)


def moved_by(first: Shapes, second: Shapes, shift: Vectors) -> Vectors:
    """(n, 3): of features that pair row by row, what is left of the way from one to the other in
    the directions that count, after the shift of the whole. Two planes of which one stayed where it
    was did not move: they were drawn apart."""
    way = second.point - first.point - shift
    along = (way * first.axis).sum(axis=-1, keepdims=True) * first.axis
    place = first.place[:, None]
    moved = np.where(place == ACROSS_AXIS, way - along, np.where(place == ALONG_AXIS, along, way))
    drawn = np.abs(second.size - first.size) / 2
    length = np.sqrt((moved * moved).sum(axis=-1))
    spread = first.spread + second.spread
    is_held = (first.place == ALONG_AXIS) & (np.abs(length - drawn) <= PLACE_MM / 2 + spread)
    moved[is_held] = 0.0
    return np.asarray(moved, np.float64)


def pairs_of(first: Shapes, second: Shapes, shift: Vectors, reach_mm: float) -> NDArray[np.int64]:
    """(k, 2) int64, rows by the first column: numbers of features that are one. shift : (3,), by
    which the whole first model was moved. reach_mm : a feature that keeps its size is looked for
    as far away. O(n m)."""
    grid = _grid(first, second, shift)
    may = grid.may
    near = grid.full + grid.resized <= np.maximum(2 * first.size[:, None], _LEAST_REACH_MM)
    within = grid.full <= reach_mm
    passes = (
        (grid.is_here & grid.is_same & within, grid.full + grid.resized),
        (grid.is_here & within, grid.full + grid.resized),
        (grid.is_same & within, grid.full),
        (near, grid.full + grid.resized),
    )
    found: list[tuple[int, int]] = []
    for allowed, cost in passes:
        rows, columns = np.nonzero(may & allowed)
        for k in np.argsort(cost[rows, columns], kind="stable"):
            i, j = int(rows[k]), int(columns[k])
            if may[i, j]:
                found.append((i, j))
                may[i, :] = False
                may[:, j] = False
    return np.array(sorted(found), np.int64).reshape(-1, 2)


def best_shift(first: Shapes, second: Shapes, shifts: Vectors) -> Vectors:
    """Of `shifts` (k, 3) the one under which most features lie in the same place with the same
    size, the first of equal ones."""
    counts = []
    for shift in shifts:
        grid = _grid(first, second, shift)
        counts.append(int((grid.is_here & grid.is_same).any(axis=1).sum()))
    best: Vectors = shifts[int(np.argmax(counts))]
    return best


def _grid(first: Shapes, second: Shapes, shift: Vectors) -> _Grid:
    way = second.point[None, :, :] - (first.point + shift)[:, None, :]
    full = np.sqrt((way * way).sum(axis=2))
    along = np.abs((way * first.axis[:, None, :]).sum(axis=2))
    across = np.sqrt(np.maximum(full * full - along * along, 0.0))
    resized = np.abs(second.size[None, :] - first.size[:, None])
    held = np.minimum(along, np.abs(along - resized / 2))
    place = first.place[:, None]
    off = np.where(place == ACROSS_AXIS, across, np.where(place == ALONG_AXIS, held, full))
    turned = np.abs((first.axis[:, None, :] * second.axis[None, :, :]).sum(axis=2))
    may = (first.kind[:, None] == second.kind[None, :]) & (turned > _COS_AXIS)
    return _Grid(may, off, full, resized, first.spread[:, None] + second.spread[None, :])
