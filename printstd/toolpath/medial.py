"""Beads along the middle of what no loop can reach: thin walls and gap fill.

Widths are those of facts of slicers 2.3. A bead follows the width of its place in steps; the
steps of one line form one group, to be printed without a stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels import polyline
from printstd.kernels.bead import QUARTER_PI, ROUND_LOSS
from printstd.kernels.distinct import distinct
from printstd.kernels.medial_axis import (
    LEAST_TURN,
    OPPOSITE,
    Axis,
    medial_axis,
    segment_distance,
)
from printstd.kernels.rings import Rings, contains, next_index, take
from printstd.toolpath.paths import NO_PATHS, PathSet, path_set
from printstd.toolpath.spec import LayerSpec

_THIN_STEP_NM: Final = 8_000
_GAP_STEP_NM: Final = 50_000
_VARIABLE_STEP_NM: Final = 8_000
"""By how much the width may change along one bead: very little where it makes the outline, and
where the next bead's flow must be nearly the same (within 5 % of the narrowest)."""
_GAP_DETAIL_NM: Final = 400_000
"""How far from its corners the outline of a gap is looked at first."""
_SHORTEST_NM: Final = 20_000
"""Filament is counted in steps that must stay small against what one move lays."""
_THIN_TOLERANCE_NM: Final = 12_500
"""How far place and width of a thin wall's bead may be from the middle's."""
_SHORT_NM: Final = 240_000.0
_COARSE_STEP_NM: Final = 50_000.0
_SHORTEST_RUN_NM: Final = 60_000.0
"""Where each step of another width is a bead of its own the machine is given no more than a hundred
a second: they are no shorter than the first of these but where the width changes by more than the
second, and never shorter than the third."""
_WIDEST_OVER_NM: Final = 12_500.0
"""A step of a thin wall is as wide as its widest place, but no more than this wider than its mean:
where the width changes by 0.13 mm on a step, its sides leave the outline by 0.04 mm at one end and
fall short by 0.03 at the other."""
_CENTRE_DETAIL_NM: Final = 400_000
_CENTRE_TOLERANCE_NM: Final = 2_000
_STEEPEST: Final = 1.0
"""What sides that beads lie between move apart over the way along them."""
_NEARLY: Final = 0.9
_PROBE_NM: Final = 30_000


def min_thin_wall_nm(spec: LayerSpec) -> int:
    return spec.nozzle_nm // 3


def min_gap_nm(spec: LayerSpec) -> int:
    """0.2 w (1 - 0.4) of the inner wall."""
    return round(0.12 * spec.inner.width_nm)


def thin_walls(
    bare: Sequence[Rings], spec: LayerSpec, sections: Sequence[Rings] | None = None
) -> list[PathSet]:
    """One bead along each wall too thin for a loop, for each of several layers of one spec.

    The bead is as wide as the wall, so that its sides are the wall's outlines, and its round
    ends touch the wall's ends. With the layers' sections given it ends square where it meets other
    walls, as they leave room for that.
    """
    least = min_thin_wall_nm(spec)
    most = spec.external.width_nm + (spec.external.spacing_nm + spec.inner.spacing_nm) // 2
    axis = medial_axis(
        [_long_enough(area, spec.nozzle_nm) for area in bare],
        min_width_nm=least,
        max_width_nm=most,
        min_length_nm=spec.external.width_nm // 2,
        end_gap_ratio=1.0,
        keep_inside=True,
        thin_nm=_THIN_TOLERANCE_NM,
        least_turn=LEAST_TURN if sections is None else OPPOSITE,
    )
    if sections is not None:
        most_nm = spec.external.width_nm + spec.external.spacing_nm / 2
        # The bare area begins at the walls' sides; their neighbours come closer.
        closer_nm = (spec.external.width_nm - spec.external.spacing_nm) / 2
        axis = _up_to_walls(axis, bare, sections, closer_nm, most_nm)
    return _paths(axis, len(bare), spec, Role.EXTERNAL_PERIMETER)


def _up_to_walls(
    axis: Axis,
    bare: Sequence[Rings],
    sections: Sequence[Rings],
    closer_nm: float,
    most_nm: float,
) -> Axis:
    """The lines made longer by half their width and `closer_nm` where the part goes on and the
    bare area does not: other walls are there. They end as wide as the part is there, `most_nm` at
    most."""
    n = axis.n_lines
    if not n:
        return axis
    first, last = axis.offsets[:-1], axis.offsets[1:] - 1
    xy, width = axis.xy_nm.astype(np.float64), axis.width_nm.astype(np.float64)
    shifts, ways, rooms = [], [], []
    for end, before in ((first, np.minimum(first + 1, last)), (last, np.maximum(last - 1, first))):
        way = xy[end] - xy[before]
        size = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
        way = way / np.maximum(size, 1.0)[:, None]
        half = width[end] * 0.5
        place = xy[end] + way * half[:, None]
        probe = np.rint(place + way * _PROBE_NM).astype(np.int64)
        at_wall, room = np.zeros(n, bool), width[end]
        for number in distinct(axis.drawing).tolist():
            mine = np.flatnonzero((axis.drawing == number) & ~axis.is_closed & (size > 0))
            is_in = contains(sections[number], probe[mine])
            mine = mine[is_in & ~contains(bare[number], probe[mine])]
            at_wall[mine] = True
            room[mine] = np.maximum(room[mine], 2.0 * _clearance(place[mine], sections[number]))
        shifts.append(np.where(at_wall, half + closer_nm, 0.0))
        ways.append(way)
        rooms.append(np.minimum(room, np.maximum(width[end], most_nm)))
    moved = polyline.moved_ends(xy, axis.offsets, width, shifts[0], ways[0], shifts[1], ways[1])
    for end, shift, room in zip(
        (moved.offsets[:-1], moved.offsets[1:] - 1), shifts, rooms, strict=True
    ):
        moved.width[end] = np.where(shift > 0, room, moved.width[end])
    # Closed lines have no ends to be moved, and lone vertices no way to go.
    return Axis(
        np.rint(moved.xy).astype(np.int64),
        moved.offsets,
        np.rint(moved.width).astype(np.int64),
        axis.is_closed,
        axis.drawing,
    )


def _clearance(points: NDArray[np.float64], area: Rings) -> NDArray[np.float64]:
    """(n,) nm: how far a few points are from the outline of an area."""
    p = area.xy_nm.astype(np.float64)
    q = p[next_index(area)]
    which = np.repeat(np.arange(len(points)), len(p))
    far = segment_distance(
        points[which], np.tile(p, (len(points), 1)), np.tile(q, (len(points), 1))
    )
    return far.reshape(len(points), len(p)).min(axis=1) if len(points) else np.empty(0)


def centre_beads(rooms: Sequence[Rings], spec: LayerSpec, least_nm: int) -> list[PathSet]:
    """One bead along each room between the two innermost walls of variable width, as wide as the
    room, where it is `least_nm` wide or more; for each of several layers of one spec."""
    axis = medial_axis(
        [_long_enough(area, spec.nozzle_nm // 2) for area in rooms],
        min_width_nm=least_nm // 2,
        max_width_nm=2 * spec.inner.spacing_nm,
        min_length_nm=spec.nozzle_nm // 2,
        tolerance_nm=_CENTRE_TOLERANCE_NM,
        step_nm=_CENTRE_DETAIL_NM,
        thin_nm=_CENTRE_TOLERANCE_NM // 2,
        least_turn=OPPOSITE,
    )
    wide = polyline.at_least_wide(
        axis.xy_nm.astype(np.float64),
        axis.offsets,
        _widening_to_ends(axis, round(1.5 * spec.inner.spacing_nm), spec.inner.spacing_nm),
        axis.is_closed,
        float(least_nm),
    )
    step = wide.xy[1:] - wide.xy[:-1]
    steps = np.concatenate([np.zeros(1), np.sqrt((step * step).sum(axis=1))])
    steps[wide.offsets[:-1]] = 0.0
    length = np.add.reduceat(steps, wide.offsets[:-1]) if wide.n_lines else np.empty(0)
    keep = wide.is_closed | (length >= spec.nozzle_nm // 2)
    mine = np.repeat(keep, np.diff(wide.offsets))
    offsets = np.zeros(int(keep.sum()) + 1, np.int64)
    np.cumsum(np.diff(wide.offsets)[keep], out=offsets[1:])
    cut = Axis(
        np.rint(wide.xy[mine]).astype(np.int64),
        offsets,
        np.rint(wide.width[mine]).astype(np.int64),
        wide.is_closed[keep],
        axis.drawing[wide.line[keep]],
    )
    return _paths(cut, len(rooms), spec, Role.PERIMETER)


def _widening_to_ends(axis: Axis, most_nm: int, pair_nm: int) -> NDArray[np.float64]:
    """(p,) widths, nm. Near the side that closes a room there is no middle any more, and the last
    segment has the width at which it begins: where the next pair of walls begins, at a room that
    is `most_nm` wide, it goes on as it has grown before."""
    width = axis.width_nm.astype(np.float64)
    first, last = axis.offsets[:-1], axis.offsets[1:] - 1
    some = np.flatnonzero(~axis.is_closed & (last - first > 1))
    for end, way in ((first[some], 1), (last[some], -1)):
        near, far = end + way, end + 2 * way
        back = (axis.xy_nm[near] - axis.xy_nm[far]).astype(np.float64)
        on = (axis.xy_nm[end] - axis.xy_nm[near]).astype(np.float64)
        before = np.sqrt(back[:, 0] * back[:, 0] + back[:, 1] * back[:, 1])
        after = np.sqrt(on[:, 0] * on[:, 0] + on[:, 1] * on[:, 1])
        slope = (width[near] - width[far]) / np.maximum(before, 1.0)
        grown = width[near] + np.minimum(slope, _STEEPEST) * after
        # Where the sides move apart the next pair's end reaches back to where they are closer.
        reached = grown + slope * (0.75 * pair_nm)
        grows = (before >= _SHORTEST_NM) & (reached >= _NEARLY * most_nm) & (grown > width[end])
        width[end] = np.where(grows, np.minimum(grown, np.maximum(most_nm, width[end])), width[end])
    return width


def gap_fill(gaps: Sequence[Rings], spec: LayerSpec) -> list[PathSet]:
    """One bead along each gap between loops, with as much material as the gap holds, for each
    of several layers of one spec."""
    least_length = 2 * spec.inner.spacing_nm
    axis = medial_axis(
        [_long_enough(area, least_length) for area in gaps],
        min_width_nm=min_gap_nm(spec),
        max_width_nm=2 * spec.inner.spacing_nm,
        min_length_nm=least_length,
        tolerance_nm=_GAP_STEP_NM // 2,
        step_nm=_GAP_DETAIL_NM,
        thin_nm=_GAP_STEP_NM // 4,
    )
    return _paths(axis, len(gaps), spec, Role.GAP_FILL)


def _long_enough(area: Rings, length_nm: int) -> Rings:
    """Without the outlines too small to hold a line of that length (holes stay)."""
    if area.is_empty:
        return area
    starts = area.offsets[:-1]
    size = np.maximum.reduceat(area.xy_nm, starts) - np.minimum.reduceat(area.xy_nm, starts)
    wide = size.astype(np.float64)
    return take(area, (wide * wide).sum(axis=1) >= float(length_nm) ** 2)


def _bead(
    place_nm: NDArray[np.float64], spec: LayerSpec, role: Role
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Width, nm, and cross-section, nm2, of beads in places so wide.

    A bead narrower than it is high is a round thread. Between walls the bead brings the gap's own
    cross-section; its round sides then reach over those of its neighbours. Walls of variable width
    have no bead narrower than the least.
    """
    height = float(spec.height_nm)
    if spec.beading is not None and role is Role.EXTERNAL_PERIMETER:
        place_nm = np.maximum(place_nm, float(spec.beading.min_width_nm))
    if role is not Role.EXTERNAL_PERIMETER:
        area = height * place_nm
        thread = np.sqrt(area / QUARTER_PI)
        width = np.where(thread < height, thread, place_nm + height * ROUND_LOSS)
    else:
        width = place_nm
        flat = height * (width - height * ROUND_LOSS)
        area = np.where(width < height, QUARTER_PI * width * width, flat)
    return np.rint(width).astype(np.int64), np.rint(area).astype(np.int64)


def _paths(axis: Axis, n_layers: int, spec: LayerSpec, role: Role) -> list[PathSet]:
    """The lines of each drawing as beads: closed lines of one width as loops, the rest as runs
    of one width each."""
    if not axis.n_lines:
        return [NO_PATHS] * n_layers
    if spec.beading is not None:
        return _variable_paths(axis, n_layers, spec, role)
    starts = axis.offsets[:-1]
    spread = np.maximum.reduceat(axis.width_nm, starts) - np.minimum.reduceat(axis.width_nm, starts)
    is_loop = axis.is_closed & (spread <= _step_nm(role))
    index, offsets = _closed(axis)
    runs = polyline.constant_width_runs(
        axis.xy_nm[index].astype(np.float64),
        offsets,
        axis.width_nm[index].astype(np.float64),
        polyline.Cuts(float(_step_nm(role)), _SHORT_NM, _COARSE_STEP_NM, _SHORTEST_RUN_NM),
    )
    # A gap gets what it holds; the sides of a thin wall reach the outline all along, but where that
    # grows so fast that they would leave it by much at the narrow end of a step.
    width = runs.width
    if role is not Role.GAP_FILL:
        width = np.minimum(runs.widest, width + _WIDEST_OVER_NM)
    width_nm, area_nm2 = _bead(width, spec, role)
    loop = is_loop[runs.line]
    is_many = np.bincount(runs.line, minlength=axis.n_lines) > 1
    # The loops' way back to their start is left out again.
    kept = np.ones(len(runs.xy), bool)
    kept[runs.offsets[1:][loop] - 1] = False
    xy = np.rint(runs.xy.compress(kept, axis=0)).astype(np.int64)
    borders = np.zeros(len(runs.line) + 1, np.int64)
    np.cumsum(np.diff(runs.offsets) - loop, out=borders[1:])
    layer_of_run = axis.drawing[runs.line]
    ends = np.searchsorted(layer_of_run, np.arange(n_layers + 1))
    out = []
    for a, b in pairwise(ends.tolist()):
        if a == b:
            out.append(NO_PATHS)
            continue
        line, many = runs.line[a:b], is_many[runs.line[a:b]]
        begins = many & (line != np.concatenate([[-1], line[:-1]]))
        out.append(
            path_set(
                xy[borders[a] : borders[b]],
                borders[a : b + 1] - borders[a],
                role=role,
                width_nm=width_nm[a:b],
                height_nm=spec.height_nm,
                area_nm2=area_nm2[a:b],
                is_loop=loop[a:b],
                depth=0 if role is Role.EXTERNAL_PERIMETER else -1,
                group=np.where(many, np.cumsum(begins) - 1, -1).astype(np.int32),
            )
        )
    return out


def _closed(axis: Axis) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The vertices along each line, and the lines' borders in them; a closed line comes back to
    its first vertex."""
    starts, counts = axis.offsets[:-1], np.diff(axis.offsets)
    longer = counts + axis.is_closed
    offsets = np.zeros(len(longer) + 1, np.int64)
    np.cumsum(longer, out=offsets[1:])
    number = np.arange(offsets[-1]) - np.repeat(offsets[:-1], longer)
    return np.repeat(starts, longer) + number % np.repeat(counts, longer), offsets


def _variable_paths(axis: Axis, n_layers: int, spec: LayerSpec, role: Role) -> list[PathSet]:
    """The lines of each drawing as one bead each, whose width changes from vertex to vertex."""
    index, offsets = _closed(axis)
    parts = polyline.even_parts(
        axis.xy_nm[index].astype(np.float64),
        offsets,
        axis.width_nm[index].astype(np.float64),
        polyline.Cuts(float(_VARIABLE_STEP_NM), float(_SHORTEST_NM)),
    )
    # Between walls the place gets what it holds; beads that make the outline reach it all along.
    if role is Role.EXTERNAL_PERIMETER:
        width = np.maximum(parts.width_0, parts.width_1)
    else:
        width = (parts.width_0 + parts.width_1) * 0.5
    _, area_nm2 = _bead(width, spec, role)
    # The width of a flat bead of that cross-section.
    flat_nm = np.rint(area_nm2 / spec.height_nm + spec.height_nm * ROUND_LOSS).astype(np.int64)
    starts = np.flatnonzero(np.diff(parts.line, prepend=-1))
    least = np.minimum.reduceat(flat_nm, starts)
    is_open = ~axis.is_closed
    ends = np.append(starts[1:], len(parts.line))
    # Open lines have one vertex more, where their last part ends.
    xy = np.insert(parts.begin, ends[is_open], parts.end[ends[is_open] - 1], axis=0)
    wider = np.insert(flat_nm - np.repeat(least, ends - starts), ends[is_open], 0)
    borders = np.concatenate([np.zeros(1, np.int64), ends + np.cumsum(is_open)])
    xy_nm = np.rint(xy).astype(np.int64)
    area_nm2 = np.rint(spec.height_nm * (least - spec.height_nm * ROUND_LOSS)).astype(np.int64)
    layer_ends = np.searchsorted(axis.drawing, np.arange(n_layers + 1))
    out = []
    for a, b in pairwise(layer_ends.tolist()):
        if a == b:
            out.append(NO_PATHS)
            continue
        paths = path_set(
            xy_nm[borders[a] : borders[b]],
            borders[a : b + 1] - borders[a],
            role=role,
            width_nm=least[a:b],
            height_nm=spec.height_nm,
            area_nm2=area_nm2[a:b],
            depth=0 if role is Role.EXTERNAL_PERIMETER else -1,
            widening_nm=wider[borders[a] : borders[b]],
        )
        out.append(replace(paths, is_loop=axis.is_closed[a:b]))
    return out


def _step_nm(role: Role) -> int:
    return _GAP_STEP_NM if role is Role.GAP_FILL else _THIN_STEP_NM
