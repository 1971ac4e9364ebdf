"""Extra walls where a layer hangs out under its infill: each is held by the one before.

What neither the layer below carries nor a bridge can span (its threads would have a free end) is
laid as walls instead of infill. They run along the edge of the layer below, the first one on
it and each further one a spacing out, so that every bead has its neighbour to hold on to,
from the anchored side outwards (facts of slicers C7). They come before all other walls of their
island, since those hang at the very end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels import bead, clip
from printstd.kernels.clip import Area, Fill
from printstd.kernels.overhang import is_bridged
from printstd.kernels.rings import Rings, from_list
from printstd.kernels.spans import best_span
from printstd.toolpath.overhangs import cut_at, overhang_bead
from printstd.toolpath.paths import HELD_FIRST, NO_PATHS, PathSet, join, path_set
from printstd.toolpath.spec import Bead, LayerSpec

_MOST: Final = 4096
"""Walls of one overhang: more than any bed has room for."""
_DEPTH_NM: Final = 4_000
_FACET_NM: Final = 25_000
_OVERLAP_NM: Final = 1_000
"""Walls side by side take all that lies between them."""


class Held(NamedTuple):
    """paths : extra walls, one group for each overhang. fill : what they leave of the fill."""

    paths: PathSet
    fill: Rings


def held_walls(fill: Rings, below: Rings, spec: LayerSpec) -> Held:
    """fill : the area behind the walls of a layer. below : the compensated section under it."""
    if fill.is_empty or below.is_empty:
        return Held(NO_PATHS, fill)
    room, carried = Area.of(fill), Area.of(below)
    air = overhang_bead(spec, spec.inner)
    spacing = air.spacing_nm
    hanging = (room - carried.offset(spec.nozzle_nm // 2)).offset(-spacing // 2, spacing // 2)
    sets, left = [], room
    for rings in clip.islands(hanging.rings()):
        span = best_span(rings, below, spec.nozzle_nm)
        if span is None or is_bridged(span):
            # Nothing to hold on to, or both sides: that is a bridge's.
            continue
        walls, taken = _walls(Area.of(rings), room, carried, spec, air)
        if walls.n_paths:
            sets.append(walls)
            left = left - taken
    return Held(join(sets), left.rings() if sets else fill)


def _walls(
    hanging: Area, room: Area, carried: Area, spec: LayerSpec, air: Bead
) -> tuple[PathSet, Area]:
    """The walls under one overhang, in the order in which they hold each other, and the area that
    they take."""
    reach = spec.nozzle_nm // 2 + air.spacing_nm
    zone = hanging.offset(reach) & room
    within = room.offset(-(air.spacing_nm // 2)) & zone
    first = (carried & hanging.offset(reach + 2 * air.spacing_nm)).offset(-(air.spacing_nm // 2))
    depth = _depth_nm(within, first, air.spacing_nm)
    count = max(1, round(depth / air.spacing_nm))
    pitch = depth // count
    if not spec.thick_external_bridges:
        air = _spaced(air, pitch, spec.bridge_flow_ratio)
    # Walls end in those around them as infill does.
    overlap = round(spec.overlap_ratio * (spec.inner.spacing_nm + spec.solid.spacing_nm) / 2)
    ends = room.offset(min(overlap, air.spacing_nm // 2) - air.spacing_nm // 2)
    edges = (ends & hanging.offset(reach)).rings()
    on_layer = list(_pieces(first.rings(), edges, air.spacing_nm))
    over_air: list[NDArray[np.int64]] = []
    for number in range(1, count + 1):
        front = first.offset(number * pitch).rings()
        over_air += _pieces(front, edges, air.spacing_nm)
    if not over_air:
        return NO_PATHS, hanging
    lines = _turned([*on_layer, *over_air])
    sets = [
        _paths(lines[: len(on_layer)], Role.PERIMETER, spec.inner),
        _paths(lines[len(on_layer) :], Role.OVERHANG_PERIMETER, air),
    ]
    walls = join(sets)
    walls = replace(walls, group=np.zeros(walls.n_paths, np.int32))
    return walls, _strips(lines, max(pitch, air.spacing_nm) // 2 + _OVERLAP_NM)


def _depth_nm(within: Area, first: Area, step_nm: int) -> int:
    """How far out of `first` the farthest places of `within` lie, less what the facets of a round
    one are off: the last wall shall run along all of them."""
    low, high = 0, step_nm
    while not (within - first.offset(high)).is_empty and high < _MOST * step_nm:
        low, high = high, 2 * high
    while high - low > _DEPTH_NM:
        middle = (low + high) // 2
        if (within - first.offset(middle)).is_empty:
            high = middle
        else:
            low = middle
    return max(low - _FACET_NM, 1)


def _spaced(air: Bead, pitch_nm: int, flow_ratio: float) -> Bead:
    """The bead with as much material as its pitch asks for."""
    width = bead.width_nm(pitch_nm, air.height_nm)
    area = round(pitch_nm * air.height_nm * flow_ratio)
    return Bead(width, air.height_nm, pitch_nm, area)


def _paths(lines: list[NDArray[np.int64]], role: Role, size: Bead) -> PathSet:
    rings = from_list(lines)
    return path_set(
        rings.xy_nm,
        rings.offsets,
        role=role,
        width_nm=size.width_nm,
        height_nm=size.height_nm,
        area_nm2=size.area_nm2,
        depth=HELD_FIRST,
    )


def _strips(lines: list[NDArray[np.int64]], half_nm: int) -> Area:
    """The area within `half_nm` beside lines, and as far beyond the ends of their sides."""
    start = np.concatenate([line[:-1] for line in lines]).astype(np.float64)
    way = np.concatenate([np.diff(line, axis=0) for line in lines]).astype(np.float64)
    size = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
    along = way / np.where(size > 0, size, 1.0)[:, None] * half_nm
    left = np.stack([-along[:, 1], along[:, 0]], axis=1)
    begin, end = start - along, start + way + along
    corners = np.stack([begin - left, end - left, end + left, begin + left], axis=1)
    xy = np.rint(corners).astype(np.int64).reshape(-1, 2)
    return Area.of(Rings(xy, 4 * np.arange(len(start) + 1)), Fill.NONZERO)


def _pieces(front: Rings, within: Rings, least_nm: int) -> Iterator[NDArray[np.int64]]:
    """The parts of a front's outlines that lie in an area, as open lines (a whole outline comes
    back to its start)."""
    if front.is_empty or within.is_empty:
        return
    cut = cut_at(front, within, np.ones(len(front.xy_nm), bool))
    for ring in range(front.n_rings):
        first, last = np.searchsorted(cut.ring, (ring, ring + 1))
        xy, is_out = cut.xy[first:last], cut.is_in_air[first:last]
        n = len(xy)
        if not is_out.any():
            yield np.concatenate([xy, xy[:1]])
            continue
        begins = np.flatnonzero(~is_out & np.roll(is_out, 1))
        ends = np.flatnonzero(is_out & ~np.roll(is_out, 1))
        for begin in begins.tolist():
            end = int(ends[np.searchsorted(ends, begin) % len(ends)])
            line = xy[(begin + np.arange((end - begin) % n + 1)) % n]
            step = np.diff(line, axis=0).astype(np.float64)
            if np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1]).sum() >= least_nm:
                yield line


def _turned(lines: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """The lines, each beginning at the end that is nearer to the end of the one before."""
    found = lines[:1]
    for line in lines[1:]:
        to = (line[[0, -1]] - found[-1][-1]).astype(np.float64)
        away = (to * to).sum(axis=1)
        found.append(np.ascontiguousarray(line[::-1]) if away[1] < away[0] else line)
    return found
