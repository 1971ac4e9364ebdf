"""Where several parts stand on one bed: no-fit polygons of outlines with 32 directions.

A part is its *supports*: how far it reaches in each of 32 fixed directions, which is a convex
outline around it with at most 32 sides. Two such outlines keep their distance where one direction
separates them by it, so the room that a moving part is kept out of by a standing one is again such
an outline: supports add up (Minkowski sum of convex sets). Everything is whole micrometres, and
nothing is rounded but the places that are tried.

Parts are placed in the order given; each at the place nearest to the middle where its outline
touches those that stand (source: facts of slicers K1, no-fit polygons). An outline of 32 sides is
larger than a circle by half a percent, never smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.int64]

_OCTANTS: Final = ((1, 0), (5, 1), (12, 5), (3, 2), (1, 1), (2, 3), (5, 12), (1, 5))
_TURNS: Final = ((1, 0), (0, 1), (-1, 0), (0, -1))
DIRECTIONS: Final[Points] = np.array(
    [(x * c - y * s, x * s + y * c) for c, s in _TURNS for x, y in _OCTANTS], np.int64
)
"""(32, 2), anticlockwise, eleven degrees apart, about; each with its opposite 16 further on."""
_HALF: Final = len(DIRECTIONS) // 2
_TOUCH_UM: Final = 2
"""Places are tried this far beyond touching, and are then rounded by less."""


class Room(NamedTuple):
    """Where outlines may lie, um."""

    x_min_um: int
    y_min_um: int
    x_max_um: int
    y_max_um: int


class Arrangement(NamedTuple):
    """shift_um : (n, 2) int64, by how much each part moves. left_out : the first part for which
    there was no place, -1 where all have one; shifts from there on mean nothing."""

    shift_um: Points
    left_out: int


def supports_um(points_nm: Points) -> NDArray[np.int64]:
    """(32,) int64: how far (n, 2) points reach in each direction, in um times the direction's
    length, rounded up. n > 0."""
    return np.array(
        [-int((-(points_nm[:, 0] * x + points_nm[:, 1] * y)).min() // 1000) for x, y in _rows()],
        np.int64,
    )


def arranged(supports: Sequence[NDArray[np.int64]], room: Room, *, spacing_um: int) -> Arrangement:
    """A place in `room` for each part, no two nearer than `spacing_um`.

    supports : of each part where it is now (`supports_um`). From the middle outwards; where that
    leaves one without a place, from a corner on. The whole group ends up in the middle of the room.
    """
    found = _from(supports, room, spacing_um, is_from_corner=False)
    if found.left_out > 0:
        again = _from(supports, room, spacing_um, is_from_corner=True)
        if again.left_out < 0 or again.left_out > found.left_out:
            return again
    return found


def _from(
    supports: Sequence[NDArray[np.int64]], room: Room, spacing_um: int, *, is_from_corner: bool
) -> Arrangement:
    shift = np.zeros((len(supports), 2), np.int64)
    boxes = np.array([_box(own) for own in supports], np.int64).reshape(-1, 4)
    standing: list[NDArray[np.int64]] = []
    places: dict[bytes, _Places] = {}
    for number, own in enumerate(supports):
        # Alike parts that lie elsewhere are alike: what is kept is about the box's low corner.
        shape = own - DIRECTIONS @ boxes[number, :2]
        key = shape.tobytes()
        if key not in places:
            places[key] = _Places(shape, room, spacing_um, is_from_corner)
        found = places[key].nearest(standing)
        if found is None:
            return Arrangement(shift, number)
        shift[number] = found - boxes[number, :2]
        standing.append(shape + DIRECTIONS @ found)
    placed = boxes + np.tile(shift, 2)
    if len(placed):
        low, high = placed[:, :2].min(axis=0), placed[:, 2:].max(axis=0)
        middle = np.array([room.x_min_um + room.x_max_um, room.y_min_um + room.y_max_um])
        shift += (middle - low - high) // 2
    return Arrangement(shift, -1)


def gap_um(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """The widest separation of two outlines in any of the directions, um; negative: they overlap.
    They are no nearer to each other than this."""
    apart = -(first + np.roll(second, -_HALF))
    return float((apart / np.sqrt((DIRECTIONS * DIRECTIONS).sum(axis=1))).max())


# ------------------------------------------------------------------------------ one kind of part


class _Places:
    """Where the low corner of a part of one shape may go; grows with the parts that stand."""

    def __init__(
        self, shape: NDArray[np.int64], room: Room, spacing_um: int, is_from_corner: bool
    ) -> None:
        x0, y0, x1, y1 = _box(shape)
        self._low = np.array([room.x_min_um - x0, room.y_min_um - y0], np.int64)
        self._high = np.array([room.x_max_um - x1, room.y_max_um - y1], np.int64)
        middle = np.array([room.x_min_um + room.x_max_um, room.y_min_um + room.y_max_um])
        self._goal = (middle - np.array([x0 + x1, y0 + y1])) // 2
        if is_from_corner:
            self._goal = self._low.copy()
        spaces = [_length_up(spacing_um, x, y) for x, y in _rows()]
        # Supports of the part turned about its corner by half a turn, the space added.
        self._around = np.roll(shape, -_HALF) + np.array(spaces, np.int64)
        self._kept_out = np.empty((0, len(DIRECTIONS)), np.int64)
        corners = [
            (x, y) for x in (self._low[0], self._high[0]) for y in (self._low[1], self._high[1])
        ]
        self._tried = self._free(np.array([self._goal, *corners], np.int64), self._kept_out)

    def nearest(self, standing: Sequence[NDArray[np.int64]]) -> Points | None:
        """The free place nearest to the goal; of equals the lowest, then the leftmost."""
        for other in standing[len(self._kept_out) :]:
            self._stand(other + self._around)
        if not len(self._tried):
            return None
        off = self._tried - self._goal
        far = (off * off).sum(axis=1)
        nearest = np.lexsort((self._tried[:, 0], self._tried[:, 1], far))[0]
        return np.asarray(self._tried[nearest], np.int64)

    def _stand(self, kept_out: NDArray[np.int64]) -> None:
        """One more outline that the corner may not enter."""
        before = self._kept_out
        self._kept_out = np.concatenate([before, kept_out[None]])
        border = kept_out + _spread()
        places = [
            _corners(border),
            _feet(border, self._goal),
            _on_lines(border, self._low, self._high),
            *(_crossings(border, other + _spread()) for other in before[_meets(before, kept_out)]),
        ]
        old = self._free(self._tried, kept_out[None])
        new = self._free(np.concatenate(places), self._kept_out)
        self._tried = np.concatenate([old, new])

    def _free(self, places: Points, kept_out: NDArray[np.int64]) -> Points:
        """Those in the room and outside all outlines, each once."""
        inside = ((places >= self._low) & (places <= self._high)).all(axis=1)
        places = places[inside]
        for outline in kept_out:
            reach = places @ DIRECTIONS.T
            places = places[(reach >= outline).any(axis=1)]
        if not len(places):
            return places
        places = places[np.lexsort((places[:, 0], places[:, 1]))]
        is_new = np.append(True, (np.diff(places, axis=0) != 0).any(axis=1))
        return np.asarray(places[is_new], np.int64)


# -------------------------------------------------------------------------------------- geometry


def _rows() -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in DIRECTIONS.tolist()]


def _length_up(length_um: int, x: int, y: int) -> int:
    """length_um times the length of (x, y), rounded up."""
    square = length_um * length_um * (x * x + y * y)
    root = isqrt(square)
    return root + (root * root < square)


def _spread() -> NDArray[np.int64]:
    """What moves every side of an outline out by `_TOUCH_UM`."""
    return np.array([_length_up(_TOUCH_UM, x, y) for x, y in _rows()], np.int64)


def _box(supports: NDArray[np.int64]) -> tuple[int, int, int, int]:
    """Directions along the axes are the axes themselves."""
    quarter = len(DIRECTIONS) // 4
    x1, y1, x0, y0 = (int(supports[k * quarter]) for k in range(4))
    return -x0, -y0, x1, y1


def _meet(
    first: NDArray[np.int64], a: NDArray[np.int64], second: NDArray[np.int64], b: NDArray[np.int64]
) -> Points:
    """(n, 2) where lines of directions `first` at `a` and `second` at `b` cross, to the nearest
    um; none of them parallel."""
    det = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    x = a * second[:, 1] - b * first[:, 1]
    y = b * first[:, 0] - a * second[:, 0]
    return np.stack([(2 * x + det) // (2 * det), (2 * y + det) // (2 * det)], axis=1)


def _corners(outline: NDArray[np.int64]) -> Points:
    """(32, 2), each where a side meets the next one."""
    return _meet(DIRECTIONS, outline, np.roll(DIRECTIONS, -1, axis=0), np.roll(outline, -1))


def _feet(outline: NDArray[np.int64], goal: Points) -> Points:
    """(32, 2), the place of each side nearest to the goal."""
    end = _corners(outline)
    start = np.roll(end, 1, axis=0)
    way = end - start
    square = (way * way).sum(axis=1)
    along = ((goal - start) * way).sum(axis=1)
    along = np.clip(along, 0, square)
    # A side is 2^20 um long at most: the product stays far under 2^63.
    step = (way * along[:, None] * 2 + square[:, None]) // np.maximum(2 * square[:, None], 1)
    return np.asarray(start + step, np.int64)


def _on_lines(outline: NDArray[np.int64], low: Points, high: Points) -> Points:
    """Where the outline's sides meet the borders of the room."""
    found = []
    for axis in range(2):
        border = np.zeros(2, np.int64)
        border[axis] = 1
        slanted = np.flatnonzero(DIRECTIONS[:, 1 - axis])
        sides, at = DIRECTIONS[slanted], outline[slanted]
        for value in (int(low[axis]), int(high[axis])):
            line = np.broadcast_to(border, sides.shape)
            found.append(_meet(sides, at, line, np.full(len(at), value, np.int64)))
    return np.concatenate(found)


def _meets(outlines: NDArray[np.int64], outline: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which outlines share more than a point with one."""
    apart = (outlines + np.roll(outline, -_HALF) <= 0).any(axis=1)
    return np.flatnonzero(~apart)


def _crossings(first: NDArray[np.int64], second: NDArray[np.int64]) -> Points:
    """(n, 2) where the sides of two outlines cross."""
    n = len(DIRECTIONS)
    i, j = (k.ravel() for k in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    real = i % _HALF != j % _HALF
    i, j = i[real], j[real]
    places = _meet(DIRECTIONS[i], first[i], DIRECTIONS[j], second[j])
    reach = places @ DIRECTIONS.T
    slack = _spread()
    on = (reach <= first + slack).all(axis=1) & (reach <= second + slack).all(axis=1)
    return places[on]
