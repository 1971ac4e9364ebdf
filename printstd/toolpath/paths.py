"""PathSet: the beads of one layer before they are ordered. Private to `toolpath`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from itertools import accumulate
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.arrays import check_offsets, frozen_array
from printstd.artifacts.toolpath import Role
from printstd.dataclass import dataclass

HELD_FIRST: Final = -2
"""The depth of walls over air that the other walls of their island hold on to: they come before."""


def _none() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class PathSet:
    """Beads of one role each, most of one width; one row per path.

    xy_nm : (p, 2) int64, nm, bed frame. offsets : (k + 1,) int64 into xy_nm.
    role : (k,) uint8. width_nm, height_nm, area_nm2 : (k,) int64, bead size and cross-section
        (the flow: a bridge thread's area is not that of its width and height).
    is_loop : (k,) bool, the last vertex joins the first (which is not repeated).
    depth : (k,) int16, wall number counted from outside, 0 = external; -1 no wall;
        HELD_FIRST.
    is_hole : (k,) bool, a wall loop around a hole of the part.
    group : (k,) int32. -1: may be printed in any order, either way round. Otherwise paths of
        one group are printed one after another in row order and as they run (monotonic
        infill; the pieces of one line of changing width, each starting where the last ends).
    widening_nm : (p,) int64. By how much the bead is wider than `width_nm` from this vertex to
        the next, for walls that stay one loop while their width changes; all 0 where not given.
        Its cross-section is larger by that times the height.
    """

    xy_nm: NDArray[np.int64]
    offsets: NDArray[np.int64]
    role: NDArray[np.uint8]
    width_nm: NDArray[np.int64]
    height_nm: NDArray[np.int64]
    area_nm2: NDArray[np.int64]
    is_loop: NDArray[np.bool_]
    depth: NDArray[np.int16]
    is_hole: NDArray[np.bool_]
    group: NDArray[np.int32]
    widening_nm: NDArray[np.int64] = field(default_factory=_none)

    def __post_init__(self) -> None:
        self._freeze("xy_nm", self.xy_nm, np.int64, (None, 2))
        self._freeze("offsets", self.offsets, np.int64, (None,))
        count = len(self.xy_nm)
        check_offsets("offsets", self.offsets, count)
        widening = self.widening_nm if len(self.widening_nm) else np.zeros(count, np.int64)
        self._freeze("widening_nm", widening, np.int64, (count,))
        rows = (self.n_paths,)
        for name, dtype in _PER_PATH.items():
            array = getattr(self, name)
            frozen = frozen_array(name, array, dtype, rows)
            if frozen is not array:
                object.__setattr__(self, name, frozen)

    def _freeze(
        self,
        name: str,
        array: NDArray[Any],
        dtype: type[np.generic],
        shape: tuple[int | None, ...],
    ) -> None:
        frozen = frozen_array(name, array, dtype, shape)
        if frozen is not getattr(self, name):
            object.__setattr__(self, name, frozen)

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """The fields, in the order in which they are given."""
        per_path = self.per_path().values()
        return (self.xy_nm, self.offsets, *per_path, self.widening_nm)

    def per_path(self) -> dict[str, NDArray[Any]]:
        """The fields that have one row per path, by name."""
        return {name: getattr(self, name) for name in _PER_PATH}

    def widest_nm(self) -> NDArray[np.int64]:
        """(k,) int64: the most by which a path is widened anywhere; 0 for paths of no vertex."""
        most = np.zeros(self.n_paths, np.int64)
        np.maximum.at(
            most, np.repeat(np.arange(self.n_paths), np.diff(self.offsets)), self.widening_nm
        )
        return most

    @property
    def n_paths(self) -> int:
        return len(self.offsets) - 1


_PER_PATH: dict[str, type[np.generic]] = {
    "role": np.uint8,
    "width_nm": np.int64,
    "height_nm": np.int64,
    "area_nm2": np.int64,
    "is_loop": np.bool_,
    "depth": np.int16,
    "is_hole": np.bool_,
    "group": np.int32,
}


def path_set(
    xy_nm: NDArray[np.int64],
    offsets: NDArray[np.int64],
    *,
    role: Role,
    width_nm: int | NDArray[np.int64],
    height_nm: int,
    area_nm2: int | NDArray[np.int64],
    is_loop: bool | NDArray[np.bool_] = False,
    depth: int = -1,
    is_hole: bool | NDArray[np.bool_] = False,
    group: int | NDArray[np.int32] = -1,
    widening_nm: NDArray[np.int64] | None = None,
) -> PathSet:
    """Paths that share what is given as a scalar."""
    n = len(offsets) - 1
    return PathSet(
        xy_nm=xy_nm,
        offsets=offsets,
        role=np.full(n, role, np.uint8),
        width_nm=np.broadcast_to(np.asarray(width_nm, np.int64), n).copy(),
        height_nm=np.full(n, height_nm, np.int64),
        area_nm2=np.broadcast_to(np.asarray(area_nm2, np.int64), n).copy(),
        is_loop=np.broadcast_to(np.asarray(is_loop, np.bool_), n).copy(),
        depth=np.full(n, depth, np.int16),
        is_hole=np.broadcast_to(np.asarray(is_hole, np.bool_), n).copy(),
        group=np.broadcast_to(np.asarray(group, np.int32), n).copy(),
        widening_nm=_none() if widening_nm is None else widening_nm,
    )


NO_PATHS = path_set(
    np.empty((0, 2), np.int64),
    np.zeros(1, np.int64),
    role=Role.NONE,
    width_nm=0,
    height_nm=0,
    area_nm2=0,
)


def join(sets: Sequence[PathSet]) -> PathSet:
    """All paths of all sets, in order; group numbers are kept apart."""
    kept = [s for s in sets if s.n_paths]
    if len(kept) < 2:
        return kept[0] if kept else NO_PATHS
    columns = {name: [getattr(s, name) for s in kept] for name in _PER_PATH}
    next_group, groups = 0, columns["group"]
    for i, group in enumerate(groups):
        highest = int(group.max())
        if highest >= 0:
            if next_group:
                groups[i] = np.where(group >= 0, group + np.int32(next_group), np.int32(-1))
            next_group += highest + 1
    shifts = accumulate((len(s.xy_nm) for s in kept[:-1]), initial=0)
    borders = [s.offsets[1:] + shift for s, shift in zip(kept, shifts, strict=True)]
    return PathSet(
        xy_nm=np.concatenate([s.xy_nm for s in kept]),
        offsets=np.concatenate([kept[0].offsets[:1], *borders]),
        widening_nm=np.concatenate([s.widening_nm for s in kept]),
        **{name: np.concatenate(values) for name, values in columns.items()},
    )
