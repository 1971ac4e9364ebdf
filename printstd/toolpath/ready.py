"""What ordering needs to know of one layer and can be found without the layers around it.

Runs in the workers; the sequential pass (`toolpath.sequence`) only joins what is found here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.arrays import frozen_array
from printstd.artifacts.toolpath import Role
from printstd.dataclass import dataclass
from printstd.kernels.rings import Rings, concat, islands_of, signed_area2
from printstd.toolpath.paths import PathSet, join
from printstd.toolpath.seam import hiding

NO_ISLAND: Final = -2
"""Skirt and brim: they belong to no island of the part."""
SUPPORT_ISLAND: Final = -1
"""Supports and raft: laid after skirt and brim, before any island."""
_ASIDE: Final = {
    Role.SKIRT_BRIM: NO_ISLAND,
    Role.SUPPORT: SUPPORT_ISLAND,
    Role.SUPPORT_INTERFACE: SUPPORT_ISLAND,
}
WHOLLY_CARRIED: Final = 1000
"""The overlap with the layer below, in thousandths, of what lies on it with its whole width."""
NEVER_A_SEAM: Final = -1000.0
"""How well a seam hides where there is to be none."""
_BLOCK: Final = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class ReadyLayer:
    """One layer's paths with what is known of each before they are ordered.

    island : (k,) int64, which island of the section each path belongs to; NO_ISLAND for skirt and
        brim, SUPPORT_ISLAND for supports. parent : (k,) int64, for a wall the wall next to it on
        its outer side; -1 for external walls and what is no wall. hiding : (p,) float64, 0 to 1 for
        every vertex of an external loop: how well a seam hides there; 0 elsewhere. overlap_e3 :
        (p,) int16, how much of a wall's width lies over the layer below at each vertex; see
        `toolpath.overlap`.
    """

    paths: PathSet
    island: NDArray[np.int64]
    parent: NDArray[np.int64]
    hiding: NDArray[np.float64]
    overlap_e3: NDArray[np.int16]

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "island", frozen_array("island", self.island, np.int64, (self.paths.n_paths,)))
        set_(self, "parent", frozen_array("parent", self.parent, np.int64, (self.paths.n_paths,)))
        vertices = len(self.paths.xy_nm)
        set_(self, "hiding", frozen_array("hiding", self.hiding, np.float64, (vertices,)))
        overlap = frozen_array("overlap_e3", self.overlap_e3, np.int16, (vertices,))
        set_(self, "overlap_e3", overlap)


@dataclass(frozen=True, slots=True, eq=False)
class ReadyRun:
    """Ready layers, bottom up, as one.

    paths : of all of them; group numbers are unique. n_paths : (l,) int64 of each layer. island,
    parent (a row of `paths`), hiding, overlap_e3 : as in `ReadyLayer`.
    """

    paths: PathSet
    n_paths: NDArray[np.int64]
    island: NDArray[np.int64]
    parent: NDArray[np.int64]
    hiding: NDArray[np.float64]
    overlap_e3: NDArray[np.int16]


def joined(runs: Sequence[ReadyRun | ReadyLayer]) -> ReadyRun:
    """All layers of all runs; at least one."""
    total = [run.paths.n_paths for run in runs]
    shift = np.repeat(np.cumsum(total) - total, total)
    parent = np.concatenate([run.parent for run in runs])
    counts = [
        run.n_paths if isinstance(run, ReadyRun) else np.array([run.paths.n_paths]) for run in runs
    ]
    return ReadyRun(
        join([run.paths for run in runs]),
        np.concatenate(counts),
        np.concatenate([run.island for run in runs]),
        np.where(parent >= 0, parent + shift, -1),
        np.concatenate([run.hiding for run in runs]),
        np.concatenate([run.overlap_e3 for run in runs]),
    )


def prepare_layer(paths: PathSet, section: Rings) -> ReadyLayer:
    """paths : one layer's beads, skirt and brim among them. section : of the part, same layer."""
    return prepare_layers([paths], [section])[0]


def prepare_layers(layers: Sequence[PathSet], sections: Sequence[Rings]) -> list[ReadyLayer]:
    """`prepare_layer` of several layers, with the same result layer by layer."""
    loops = concat([Rings(paths.xy_nm, paths.offsets) for paths in layers])
    is_external = np.concatenate([paths.is_loop & (paths.depth == 0) for paths in layers])
    hides = hiding(loops, is_external)
    borders = np.cumsum([0, *(len(paths.xy_nm) for paths in layers)]).tolist()
    found = []
    islands = _islands(layers, sections)
    for paths, island, a, b in zip(layers, islands, borders[:-1], borders[1:], strict=True):
        carried = np.full(b - a, WHOLLY_CARRIED, np.int16)
        found.append(ReadyLayer(paths, island, _parents(paths, island), hides[a:b], carried))
    return found


def _islands(layers: Sequence[PathSet], sections: Sequence[Rings]) -> list[NDArray[np.int64]]:
    """(k,) int64 for each layer: the island of each path, see `ReadyLayer`."""
    of_ring = np.repeat(np.arange(len(layers)), [section.n_rings for section in sections])
    is_outer = signed_area2(concat(sections)) > 0
    n_outers = np.bincount(of_ring[is_outer], minlength=len(layers))
    island = np.zeros(sum(paths.n_paths for paths in layers), np.int64)
    borders = np.cumsum([0, *(paths.n_paths for paths in layers)]).tolist()
    several = np.flatnonzero(n_outers > 1).tolist()
    if several:
        first = [layers[i].xy_nm[layers[i].offsets[:-1]] for i in several]
        found = islands_of([sections[i] for i in several], first)
        for i, own, begins in zip(several, found, first, strict=True):
            island[borders[i] : borders[i + 1]] = _with_lost(own, begins)
    # Islands, but for what belongs to none.
    role = np.concatenate([paths.role for paths in layers])
    for apart, number in _ASIDE.items():
        island[role == apart] = number
    return [island[a:b] for a, b in pairwise(borders)]


def _with_lost(island: NDArray[np.int64], first_nm: NDArray[np.int64]) -> NDArray[np.int64]:
    """Paths that begin in no island belong to that of the path that begins nearest to them: they
    have grown past the outline by a compensation."""
    is_lost = island < 0
    if not is_lost.any():
        return island
    if is_lost.all():
        return np.zeros(len(island), np.int64)
    lost, known = np.flatnonzero(is_lost), np.flatnonzero(~is_lost)
    island[lost] = island[known[_nearest(first_nm[lost], first_nm[known])]]
    return island


def _parents(paths: PathSet, island: NDArray[np.int64]) -> NDArray[np.int64]:
    """Walls lie at fixed distances: the vertex of the next outer wall that is nearest to a wall's
    first vertex is on the wall that it was offset from."""
    parent = np.full(paths.n_paths, -1, np.int64)
    counts = np.diff(paths.offsets)
    for depth in range(1, int(paths.depth.max(initial=0)) + 1):
        mine = np.flatnonzero(paths.depth == depth)
        outer = np.flatnonzero(paths.depth == depth - 1)
        if not len(mine) or not len(outer):
            continue
        owner = np.repeat(outer, counts[outer])
        size = counts[outer]
        at = np.arange(len(owner)) + np.repeat(paths.offsets[outer] - np.cumsum(size) + size, size)
        found = owner[
            _nearest(paths.xy_nm.take(paths.offsets[mine], axis=0), paths.xy_nm.take(at, axis=0))
        ]
        same = island[found] == island[mine]
        parent[mine[same]] = found[same]
    return parent


def _nearest(points_nm: NDArray[np.int64], among_nm: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) index into `among_nm` of the place nearest to each point; the first of equals."""
    x, y = among_nm[:, 0].astype(np.float64), among_nm[:, 1].astype(np.float64)
    found = np.empty(len(points_nm), np.int64)
    step = max(1, _BLOCK // len(among_nm))
    for begin in range(0, len(points_nm), step):
        block = points_nm[begin : begin + step].astype(np.float64)
        dx, dy = x - block[:, :1], y - block[:, 1:]
        found[begin : begin + step] = (dx * dx + dy * dy).argmin(axis=1)
    return found
