"""Fuzzy skin: external walls that go in and out at random, the same way each time.

Along a wall stand points at `point_distance`, a quarter more or less; each is off by up to the
thickness, either way, and between them the wall goes over evenly (facts of slicers C8). Nothing
is drawn from a generator: distances and offsets are hashes of the wall's first place, the layer and
the point's number. The wall's own vertices stay and are moved along, each across the wall, so no
place of it is further off than the thickness. What lies over air is left as it is, and so are
thin walls, whose one bead is both sides of the part, and the ends of open walls, where others go
on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels.border_distance import signed_distances_nm
from printstd.kernels.hashing import unit_from
from printstd.kernels.rings import Rings, signed_area2, take
from printstd.profiles.wall_models import FuzzySkin, FuzzyWalls
from printstd.toolpath.paths import PathSet
from printstd.units import nm

_SPREAD: Final = 0.5
"""Distances of points lie between 0.75 and 1.25 of the mean."""
_LEAST_POINTS: Final = 4
"""Walls with room for fewer stay smooth."""
_STEP: Final = 1
_OFFSET: Final = 2
"""What a hash is for."""
_BEND_COS: Final = 0.94
"""The cosine of a bend (20 deg) that is a corner."""
_BESIDE_RATIO: Final = 0.6
"""In widths: the middle of an external wall lies half of one inside its outline."""
_GAP_NM: Final = 1_000.0


class Fuzz(NamedTuple):
    """thickness_nm : how far off at most. distance_nm : of points, on the mean. has_holes : walls
    around holes are rough, too."""

    thickness_nm: int
    distance_nm: int
    has_holes: bool


def fuzz_of(skin: FuzzySkin) -> Fuzz | None:
    """None where walls stay smooth."""
    if skin.walls is FuzzyWalls.NONE:
        return None
    has_holes = skin.walls is FuzzyWalls.ALL
    return Fuzz(nm(skin.thickness_mm), nm(skin.point_distance_mm), has_holes)


def roughened(paths: PathSet, section: Rings, width_nm: int, layer: int, fuzz: Fuzz) -> PathSet:
    """The walls of one layer (not the first: it has to stick) with external ones made rough.

    section : compensated, of the layer. width_nm : of external walls; thin walls are as wide as
    the part, and walls of changing width fill what is around them exactly: they stay.
    """
    side = _sides(paths)
    size = np.sqrt(side[:, 0] * side[:, 0] + side[:, 1] * side[:, 1])
    length = np.add.reduceat(size, paths.offsets[:-1]) if paths.n_paths else np.zeros(0)
    chosen = (
        (paths.role == Role.EXTERNAL_PERIMETER) & (paths.depth == 0) & (paths.width_nm == width_nm)
    )
    chosen &= ~_changes_width(paths)
    chosen &= (length >= _LEAST_POINTS * fuzz.distance_nm) & (fuzz.has_holes | ~paths.is_hole)
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return paths
    # All paths on one axis, end to end with a gap between.
    base = np.cumsum(length + _GAP_NM) - length
    vertex = np.arange(len(size))
    owner = np.repeat(np.arange(paths.n_paths), np.diff(paths.offsets))
    at = np.cumsum(size) - size
    at += (base - at[paths.offsets[:-1]])[owner]
    points, off, is_inner = _points(paths, rows, base[rows], length[rows], layer, fuzz)
    # On a vertex (where each wall starts, too) the vertex stands for the point.
    before = np.searchsorted(at, points, side="right") - 1
    # So close to a corner, points of both of its sides would change places.
    bend = np.flatnonzero(_bends(paths, side, size))
    is_new = is_inner & (at[before] != points)
    if len(bend):
        corners = np.append(
            at[bend], (base + length)[owner[bend]][bend == paths.offsets[owner[bend]]]
        )
        is_new &= _away(points, np.sort(corners)) >= fuzz.thickness_nm
    new, before = points[is_new], before[is_new]
    unit = side / np.where(size > 0, size, 1.0)[:, None]
    place = np.concatenate([at, new])
    order = np.argsort(place, kind="stable")
    xy = paths.xy_nm.astype(np.float64)
    xy = np.concatenate([xy, xy[before] + unit[before] * (new - at[before])[:, None]])[order]
    across = np.concatenate([_bisectors(paths, unit), _to_right(unit[before])])[order]
    origin = np.concatenate([vertex, before])[order]
    path = owner[origin]
    off = np.interp(place[order], points, off) * chosen[path]
    if not fuzz.has_holes:
        off = np.where(_beside_holes(xy, off, section, width_nm), 0.0, off)
    moved = xy + across * off[:, None]
    counts = np.bincount(path, minlength=paths.n_paths)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    return replace(
        paths,
        xy_nm=np.rint(moved).astype(np.int64),
        offsets=offsets,
        widening_nm=paths.widening_nm[origin],
    )


def _changes_width(paths: PathSet) -> NDArray[np.bool_]:
    changed = np.zeros(paths.n_paths, np.bool_)
    owner = np.repeat(np.arange(paths.n_paths), np.diff(paths.offsets))
    changed[owner[paths.widening_nm != 0]] = True
    return changed


def _points(
    paths: PathSet,
    rows: NDArray[np.int64],
    base: NDArray[np.float64],
    length: NDArray[np.float64],
    layer: int,
    fuzz: Fuzz,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Where points stand, ascending, how far off they are, nm, and which are no ends: each path has
    one at both of its ends, and on a loop those are one and the same."""
    steps = np.rint(length / fuzz.distance_nm).astype(np.int64)
    path = np.repeat(np.arange(len(rows)), steps + 1)
    nth = np.arange(len(path)) - np.repeat(np.cumsum(steps + 1) - steps - 1, steps + 1)
    first = paths.xy_nm[paths.offsets[rows]][path]
    # On a loop the last point is the first.
    number = np.where(paths.is_loop[rows][path] & (nth == steps[path]), 0, nth)
    draw = (layer, first[:, 0], first[:, 1])
    step = 1.0 - _SPREAD / 2 + _SPREAD * unit_from(*draw, nth, _STEP)
    step[nth == 0] = 0.0
    reached = np.cumsum(step)
    start, end = np.flatnonzero(nth == 0), np.flatnonzero(nth == steps[path])
    share = (reached - reached[start][path]) / (reached[end] - reached[start])[path]
    off = (2.0 * unit_from(*draw, number, _OFFSET) - 1.0) * fuzz.thickness_nm
    is_end = (nth == 0) | (nth == steps[path])
    off[is_end & ~paths.is_loop[rows][path]] = 0.0
    return base[path] + share * length[path], off, ~is_end


def _bends(
    paths: PathSet, side: NDArray[np.float64], size: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(p,) bool: vertices where the wall turns by more than a rounding's facets do."""
    before = _before(paths)
    dot = side[:, 0] * side[before, 0] + side[:, 1] * side[before, 1]
    return np.asarray(dot < _BEND_COS * size * size[before])


def _away(points: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) distance of each point from the nearest of the places, which ascend, on one axis."""
    after = np.searchsorted(places, points)
    left = points - places[np.maximum(after - 1, 0)]
    right = places[np.minimum(after, len(places) - 1)] - points
    return np.minimum(np.abs(left), np.abs(right))


def _before(paths: PathSet) -> NDArray[np.int64]:
    """(p,) the vertex before each; the first of an open path follows itself."""
    before = np.arange(-1, len(paths.xy_nm) - 1)
    first, last = paths.offsets[:-1], paths.offsets[1:] - 1
    before[first] = np.where(paths.is_loop, last, first)
    return before


def _beside_holes(
    xy: NDArray[np.float64], off: NDArray[np.float64], section: Rings, width_nm: int
) -> NDArray[np.bool_]:
    """(n,) bool: a wall that turns inwards around a hole near the outline is one with the outer
    wall, but there it is the hole's."""
    beside = np.zeros(len(xy), bool)
    holes = take(section, signed_area2(section) < 0)
    moved = np.flatnonzero(off)
    if not holes.is_empty:
        away = signed_distances_nm(np.rint(xy[moved]).astype(np.int64), holes, width_nm)
        beside[moved] = np.abs(away) < _BESIDE_RATIO * width_nm
    return beside


def _sides(paths: PathSet) -> NDArray[np.float64]:
    """(p, 2) from each vertex to the next; none from the last of an open path."""
    following = np.arange(1, len(paths.xy_nm) + 1)
    last = paths.offsets[1:] - 1
    following[last] = np.where(paths.is_loop, paths.offsets[:-1], last)
    return np.asarray((paths.xy_nm[following] - paths.xy_nm).astype(np.float64))


def _to_right(unit: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([unit[:, 1], -unit[:, 0]], axis=1)


def _bisectors(paths: PathSet, unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """(p, 2) unit vectors half-way between those across both sides of a vertex."""
    both = _to_right(unit) + _to_right(unit[_before(paths)])
    size = np.sqrt(both[:, 0] * both[:, 0] + both[:, 1] * both[:, 1])
    return np.asarray(both / np.where(size > 0, size, 1.0)[:, None])
