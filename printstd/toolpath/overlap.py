"""How much of a wall's bead lies over the layer below.

A bead as wide as w whose middle lies d outside the outline below overlaps it by 1/2 - d/w of its
width: wholly from half a width inside on, not at all from half a width outside (facts of
slicers 2.7, where distances count from the first of these). The overlap is known at the vertices
of walls; where it changes along a side, vertices are put in, so that speed and fan can follow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels.border_distance import signed_distances_nm
from printstd.kernels.rings import Rings
from printstd.named_tuple import NamedTuple
from printstd.toolpath.lines import Lines
from printstd.toolpath.paths import PathSet
from printstd.toolpath.ready import NEVER_A_SEAM, WHOLLY_CARRIED, ReadyLayer

STEPS: Final = 20
"""Overlaps that differ by less than one of so many equal steps are taken for one."""
_SIDE_NM: Final = 1_000_000
"""Sides of walls are asked at least this often."""
_WALLS: Final = (Role.EXTERNAL_PERIMETER, Role.PERIMETER, Role.OVERHANG_PERIMETER)


def with_overlaps(
    layers: Sequence[ReadyLayer],
    sections: Sequence[Rings],
    below: Sequence[Rings | None],
    rough_nm: int,
) -> list[ReadyLayer]:
    """The layers with the overlaps of their walls.

    sections : compensated, of each. below : of the layer under each; None on the bed. rough_nm :
    how far external walls may lie outside of where they belong (fuzzy skin), which makes no
    overhang of them.
    """
    return [
        layer if under is None or _same(section, under) else _measured(layer, under, rough_nm)
        for layer, section, under in zip(layers, sections, below, strict=True)
    ]


def _same(a: Rings, b: Rings) -> bool:
    """Nothing of a layer reaches out over one that is alike."""
    return np.array_equal(a.offsets, b.offsets) and np.array_equal(a.xy_nm, b.xy_nm)


def _measured(layer: ReadyLayer, below: Rings, rough_nm: int) -> ReadyLayer:
    paths = layer.paths
    is_wall = np.isin(paths.role, _WALLS)
    if not is_wall.any():
        return layer
    sides = _sides(paths, is_wall)
    xy = _points(paths, sides)
    path = np.searchsorted(paths.offsets, sides.vertex, side="right") - 1
    mine = np.flatnonzero(is_wall[path])
    width = paths.width_nm[path[mine]].astype(np.float64)
    away = signed_distances_nm(xy[mine], below, int(paths.width_nm[is_wall].max()) // 2 + rough_nm)
    away -= np.where(paths.role[path[mine]] == Role.EXTERNAL_PERIMETER, rough_nm, 0)
    overlap = np.full(len(xy), WHOLLY_CARRIED, np.int16)
    overlap[mine] = np.clip(np.rint(1000.0 * (0.5 - away / width)), 0, WHOLLY_CARRIED)
    overlap[levels(overlap) == STEPS] = WHOLLY_CARRIED
    kept = ~sides.is_new | _changes(overlap, path, paths)
    counts = np.bincount(path[kept], minlength=paths.n_paths)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    return ReadyLayer(
        replace(
            paths,
            xy_nm=xy[kept],
            offsets=offsets,
            widening_nm=paths.widening_nm[sides.vertex][kept],
        ),
        layer.island,
        layer.parent,
        np.where(sides.is_new, NEVER_A_SEAM, layer.hiding[sides.vertex])[kept],
        overlap[kept],
    )


class _Sides(NamedTuple):
    """The vertices of paths with those put in between. vertex : (n,) int64, the old vertex at or
    before each. share : (n,) float64, how far it is on the way to the next. is_new : (n,) bool."""

    vertex: NDArray[np.int64]
    share: NDArray[np.float64]
    is_new: NDArray[np.bool_]


def _following(paths: PathSet) -> NDArray[np.int64]:
    """(p,) the vertex after each on its path; the last of an open path is followed by itself."""
    following = np.arange(1, len(paths.xy_nm) + 1)
    last = paths.offsets[1:] - 1
    following[last] = np.where(paths.is_loop, paths.offsets[:-1], last)
    return following


def _sides(paths: PathSet, is_wall: NDArray[np.bool_]) -> _Sides:
    """Equal parts of all sides of walls that are longer than `_SIDE_NM`."""
    step = (paths.xy_nm[_following(paths)] - paths.xy_nm).astype(np.float64)
    length = np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1])
    length[~np.repeat(is_wall, np.diff(paths.offsets))] = 0.0
    parts = np.maximum(np.ceil(length / _SIDE_NM), 1.0).astype(np.int64)
    vertex = np.repeat(np.arange(len(parts)), parts)
    nth = np.arange(len(vertex)) - np.repeat(np.cumsum(parts) - parts, parts)
    return _Sides(vertex, nth / parts[vertex], nth > 0)


def _points(paths: PathSet, sides: _Sides) -> NDArray[np.int64]:
    start = paths.xy_nm[sides.vertex]
    way = (paths.xy_nm[_following(paths)] - paths.xy_nm)[sides.vertex]
    return start + np.rint(way * sides.share[:, None]).astype(np.int64)


def _changes(
    overlap_e3: NDArray[np.int16], path: NDArray[np.int64], paths: PathSet
) -> NDArray[np.bool_]:
    """(n,) bool: the overlap before or after a vertex of its path is another one."""
    level = levels(overlap_e3)
    borders = np.searchsorted(path, np.arange(paths.n_paths + 1))
    after = np.arange(1, len(path) + 1)
    filled = borders[1:] > borders[:-1]
    first, last = borders[:-1][filled], borders[1:][filled] - 1
    after[last] = first
    before = np.empty_like(after)
    before[after] = np.arange(len(after))
    return np.asarray((level[after] != level) | (level[before] != level))


def levels(overlap_e3: NDArray[np.int16]) -> NDArray[np.int64]:
    """(n,) int64: to which of the equal steps each overlap is nearest."""
    return np.asarray((overlap_e3.astype(np.int64) * STEPS + 500) // 1000)


class Pieces(NamedTuple):
    """Lines cut where the overlap changes, in order; as they were where it does not.

    line : (k,) int64. last : (k,) int64, the vertex at which each ends (it starts where the one
    before it ends, or its line starts). overlap_e3 : (k,) int64, the least along the piece.
    """

    line: NDArray[np.int64]
    last: NDArray[np.int64]
    overlap_e3: NDArray[np.int64]

    def each(self, of_pieces: NDArray[np.int64]) -> NDArray[np.int64]:
        """(q,): what is known of pieces, for every vertex that ends a step of theirs (and for the
        first of a line)."""
        return np.repeat(of_pieces, np.diff(self.last, prepend=-1))

    def lengths_um(self, lines: Lines) -> NDArray[np.float64]:
        """(k,) float64."""
        if not len(self.last):
            return np.zeros(0)
        first = np.concatenate([np.zeros(1, np.int64), self.last[:-1] + 1])
        return np.add.reduceat(lines.steps_um(), first)


def cut_by_overlap(lines: Lines) -> Pieces:
    """The worse end of a step counts for all of it."""
    n = len(lines.path)
    line = np.repeat(np.arange(n), np.diff(lines.offsets))
    step = lines.overlap_e3.copy()
    step[1:] = np.minimum(step[1:], lines.overlap_e3[:-1])
    # The first vertex of a line ends no step: it goes with the one that it starts.
    first = lines.offsets[:-1]
    step[first] = step[first + 1] if n else step[first]
    level = levels(step)
    is_last = np.ones(len(line), bool)
    is_last[:-1] = (line[1:] != line[:-1]) | (level[1:] != level[:-1])
    last = np.flatnonzero(is_last)
    begins = np.concatenate([np.zeros(min(1, len(last)), np.int64), last[:-1] + 1])
    least = np.minimum.reduceat(step, begins) if len(last) else step
    return Pieces(line[last], last, least.astype(np.int64))
