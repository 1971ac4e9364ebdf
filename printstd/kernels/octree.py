"""Cubes that are halved again and again the nearer they lie to a surface.

Coordinates count planes of the finest cubes: w = (w0, w1, w2), cubes of level m have sides of 2^m
and begin at whole multiples of that. A cube of level m >= 1 that is divided shows its three middle
planes; those of level 1 are the finest, those at odd whole numbers. Cubes are divided where the
surface comes within half their children's side, so next to it all is divided and away from it cubes
grow with the distance. Source: facts of slicers D3 (halving per depth).
"""

from __future__ import annotations

from itertools import product
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.distinct import distinct

_BITS: Final = 20
_ORIGIN: Final = 1 << (_BITS - 1)
_REACH: Final = 0.5


class Octree(NamedTuple):
    """divided : by level from 1 on, sorted keys of the cubes that are divided."""

    divided: tuple[NDArray[np.int64], ...]

    @property
    def top(self) -> int:
        """The level of the largest cubes."""
        return len(self.divided)

    def is_divided(
        self, level: NDArray[np.int64], cube: tuple[NDArray[np.int64], ...]
    ) -> NDArray[np.bool_]:
        """(n,) for cubes of the given levels, 1 to `top`, with whole coordinates in sides."""
        found = np.zeros(len(level), bool)
        for number, keys in enumerate(self.divided, 1):
            mine = np.flatnonzero(level == number)
            if len(mine) and len(keys):
                key = _keys(tuple(column[mine] for column in cube))
                at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
                found[mine] = keys[at] == key
        return found


def octree(surface: NDArray[np.float64], levels: int) -> Octree:
    """surface : (n, 3) float64, places on the surface. levels : how many sizes of cubes there
    are."""
    found: list[NDArray[np.int64]] = []
    below = np.empty((0, 3), np.int64)
    for level in range(1, levels + 1):
        side = float(1 << level)
        near = [
            np.floor((surface + _REACH * side / 2.0 * np.array(sign)) / side).astype(np.int64)
            for sign in product((-1.0, 1.0), repeat=3)
        ]
        cubes = np.concatenate([below >> 1, *near])
        keys = distinct(_keys((cubes[:, 0], cubes[:, 1], cubes[:, 2])))
        found.append(keys)
        below = _cubes(keys)
    return Octree(tuple(found))


def _keys(cube: tuple[NDArray[np.int64], ...]) -> NDArray[np.int64]:
    a, b, c = (column + _ORIGIN for column in cube)
    keys: NDArray[np.int64] = (a << (2 * _BITS)) + (b << _BITS) + c
    return keys


def _cubes(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    mask = (1 << _BITS) - 1
    columns = [keys >> (2 * _BITS), keys >> _BITS & mask, keys & mask]
    return np.stack(columns, axis=1) - _ORIGIN
