"""Walls over air: which parts of the loops nothing below carries, laid as bridges are.

A wall is carried where its centreline lies no more than half a nozzle outside the layer below;
the rest is an overhang perimeter with bridge flow (facts of slicers 2.5). A loop with both becomes
a group of open pieces, printed one after another, which starts on the longest carried piece.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels import bead
from printstd.kernels.distinct import distinct
from printstd.kernels.rings import Rings, contains, next_index
from printstd.named_tuple import NamedTuple
from printstd.toolpath.paths import PathSet, join, path_set
from printstd.toolpath.spec import Bead, LayerSpec

_BLOCK: Final = 1_000_000


def overhang_bead(spec: LayerSpec, wall: Bead) -> Bead:
    """The bead of a wall over air: a thick bridge's round thread, or the wall's own bead with
    the flow of bridges."""
    if not spec.thick_external_bridges:
        return replace(wall, area_nm2=round(wall.area_nm2 * spec.bridge_flow_ratio))
    size = bead.thread_diameter_nm(spec.nozzle_nm, spec.bridge_flow_ratio)
    return Bead(size, size, size, bead.thread_area_nm2(size))


def split_at_air(loops: PathSet, carried: Rings, in_air: Rings, spec: LayerSpec) -> PathSet:
    """`loops` with their parts outside `carried` made overhang perimeters.

    loops : closed walls. carried : the layer below, grown by half a nozzle. in_air : the area
    inside the external centreline outside `carried`; no loop leaves `carried` but there.
    """
    if in_air.is_empty or not loops.n_paths:
        return loops
    rings = Rings(loops.xy_nm, loops.offsets)
    suspects = _near(rings, in_air)
    if not suspects.any():
        return loops
    cut = cut_at(rings, carried, suspects)
    short = spec.external.width_nm / 2
    kept, sets = np.ones(loops.n_paths, bool), []
    touched = distinct(cut.ring[cut.is_in_air])
    for ring in touched.tolist():
        first, last = np.searchsorted(cut.ring, (ring, ring + 1))
        xy, is_in_air = cut.xy[first:last], cut.is_in_air[first:last].copy()
        _absorb_short(xy, is_in_air, short)
        if not is_in_air.any():
            continue
        kept[ring] = False
        widening = loops.widening_nm[cut.vertex[first:last]]
        sets.append(_pieces(loops, ring, xy, widening, is_in_air, spec))
    return join([_rows(loops, kept), *sets])


class Cut(NamedTuple):
    """The loops' segments, cut where they cross the edge of what carries them, in ring order.

    xy : (n, 2) int64, nm, where each starts. ring : (n,) its loop. vertex : (n,) where the segment
    that it is a part of starts. is_in_air : (n,)."""

    xy: NDArray[np.int64]
    ring: NDArray[np.int64]
    vertex: NDArray[np.int64]
    is_in_air: NDArray[np.bool_]


def _near(loops: Rings, in_air: Rings) -> NDArray[np.bool_]:
    """(n,) segments of the loops whose box meets that of a part in air."""
    start, end = loops.xy_nm, loops.xy_nm[next_index(loops)]
    low, high = np.minimum(start, end), np.maximum(start, end)
    suspects = np.zeros(len(start), bool)
    for a, b in pairwise(in_air.offsets.tolist()):
        box = in_air.xy_nm[a:b]
        suspects |= ((low <= box.max(axis=0)) & (high >= box.min(axis=0))).all(axis=1)
    return suspects


def cut_at(loops: Rings, carried: Rings, suspects: NDArray[np.bool_]) -> Cut:
    start, end = loops.xy_nm, loops.xy_nm[next_index(loops)]
    low, high = np.minimum(start, end), np.maximum(start, end)
    some = np.flatnonzero(suspects)
    near_low, near_high = low[some].min(axis=0), high[some].max(axis=0)
    a, b = carried.xy_nm, carried.xy_nm[next_index(carried)]
    near = (np.minimum(a, b) <= near_high).all(axis=1) & (np.maximum(a, b) >= near_low).all(axis=1)
    segment, t = _crossings(start[some], end[some], a[near], b[near])
    index = np.concatenate([np.arange(len(start)), some[segment]])
    along = np.concatenate([np.zeros(len(start)), t])
    order = np.lexsort((along, index))
    index, along = index[order], along[order]
    way = (end - start)[index]
    xy = start[index] + np.rint(way * along[:, None]).astype(np.int64)
    ring = loops.ring_ids()[index]
    mine = np.flatnonzero(suspects[index])
    last = np.ones(len(index), bool)
    last[:-1] = index[1:] != index[:-1]
    until = np.where(last[mine], 1.0, np.append(along[1:], 1.0)[mine])
    middle = start[index[mine]] + np.rint(
        way[mine] * ((along[mine] + until) * 0.5)[:, None]
    ).astype(np.int64)
    is_in_air = np.zeros(len(index), bool)
    is_in_air[mine] = ~contains(carried, middle)
    return Cut(xy, ring, index, is_in_air)


def _crossings(
    p: NDArray[np.int64], q: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Segment and place on it, 0 < t < 1, of every crossing of segments p-q with edges a-b.

    Signs are exact: products of coordinate differences under 2 m fit int64.
    """
    found: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    places: list[NDArray[np.float64]] = [np.empty(0)]
    ex, ey = (b - a).T
    block = max(1, _BLOCK // max(1, len(a)))
    for begin in range(0, len(p), block):
        px, py = (c[:, None] for c in p[begin : begin + block].T)
        sx, sy = (c[:, None] for c in (q - p)[begin : begin + block].T)
        ax, ay = a[:, 0] - px, a[:, 1] - py
        from_p = ey * ax - ex * ay
        from_q = from_p - (ey * sx - ex * sy)
        from_a = sx * ay - sy * ax
        from_b = from_a + (sx * ey - sy * ex)
        hit = np.nonzero(((from_p > 0) != (from_q > 0)) & ((from_a > 0) != (from_b > 0)))
        one, two = from_p[hit].astype(np.float64), from_q[hit].astype(np.float64)
        t = one / (one - two)
        inner = (t > 0.0) & (t < 1.0)
        found.append(hit[0][inner] + begin)
        places.append(t[inner])
    return np.concatenate(found), np.concatenate(places)


def _run_starts(is_in_air: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Where along the closed loop the state changes; empty where it never does."""
    return np.flatnonzero(is_in_air != np.roll(is_in_air, 1))


def _absorb_short(xy: NDArray[np.int64], is_in_air: NDArray[np.bool_], short_nm: float) -> None:
    """Turn runs under `short_nm`, those in air first, to the state around them, in place."""
    step = (np.roll(xy, -1, axis=0) - xy).astype(np.float64)
    length = np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1])
    for state in (True, False):
        starts = _run_starts(is_in_air)
        for k, start in enumerate(starts.tolist()):
            count = (int(starts[(k + 1) % len(starts)]) - start) % len(xy)
            run = (start + np.arange(count)) % len(xy)
            if is_in_air[start] == state and length[run].sum() < short_nm:
                is_in_air[run] = not state


def _pieces(
    loops: PathSet,
    ring: int,
    xy: NDArray[np.int64],
    widening_nm: NDArray[np.int64],
    is_in_air: NDArray[np.bool_],
    spec: LayerSpec,
) -> PathSet:
    """One loop as pieces carried and in air, in one group; or all of it in air, still a loop."""
    depth, is_hole = int(loops.depth[ring]), bool(loops.is_hole[ring])
    wall = spec.inner if depth else spec.external
    air = overhang_bead(spec, wall)
    if spec.thick_external_bridges:
        # A thread through the air is as thick as it is.
        widening_nm = np.where(is_in_air, 0, widening_nm)
    starts = _run_starts(is_in_air)
    if not len(starts):
        return path_set(
            xy,
            np.array([0, len(xy)]),
            role=Role.OVERHANG_PERIMETER,
            width_nm=air.width_nm,
            height_nm=air.height_nm,
            area_nm2=air.area_nm2,
            is_loop=True,
            depth=depth,
            is_hole=is_hole,
            widening_nm=widening_nm,
        )
    begin = _start(xy, is_in_air, starts)
    turned = np.roll(is_in_air, -begin)
    around = np.concatenate([np.roll(xy, -begin, axis=0), xy[begin : begin + 1]])
    borders = np.concatenate([[0], np.flatnonzero(turned[1:] != turned[:-1]) + 1, [len(xy)]])
    # Pieces share the vertices where they change.
    last = borders[1:-1]
    index = np.insert(np.arange(len(around)), last, last)
    around_wider = np.concatenate([np.roll(widening_nm, -begin), np.zeros(1, np.int64)])
    wider = around_wider[index]
    # No segment begins at a piece's last vertex.
    wider[last + np.arange(len(last))] = 0
    n = len(borders) - 1
    is_air = turned[borders[:-1]]

    def either(in_air: int, carried: int, dtype: type[np.generic]) -> NDArray[Any]:
        return np.where(is_air, in_air, carried).astype(dtype)

    return PathSet(
        xy_nm=around[index],
        offsets=borders + np.arange(n + 1),
        role=either(Role.OVERHANG_PERIMETER, int(loops.role[ring]), np.uint8),
        width_nm=either(air.width_nm, wall.width_nm, np.int64),
        height_nm=either(air.height_nm, wall.height_nm, np.int64),
        area_nm2=either(air.area_nm2, wall.area_nm2, np.int64),
        is_loop=np.zeros(n, np.bool_),
        depth=np.full(n, depth, np.int16),
        is_hole=np.full(n, is_hole, np.bool_),
        group=np.zeros(n, np.int32),
        widening_nm=wider,
    )


def _start(xy: NDArray[np.int64], is_in_air: NDArray[np.bool_], starts: NDArray[np.int64]) -> int:
    """The vertex nearest the middle of the longest carried run (its first, if it has no other)."""
    best, best_length = int(starts[0]), -1.0
    for k, start in enumerate(starts.tolist()):
        if is_in_air[start]:
            continue
        count = (int(starts[(k + 1) % len(starts)]) - start) % len(xy)
        run = (start + np.arange(count + 1)) % len(xy)
        step = np.diff(xy[run], axis=0).astype(np.float64)
        along = np.cumsum(np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1]))
        if along[-1] > best_length:
            best_length = float(along[-1])
            offset = np.abs(np.concatenate([[0.0], along[:-1]]) - along[-1] * 0.5)
            best = int(run[int(np.argmin(offset))])
    return best


def _rows(paths: PathSet, keep: NDArray[np.bool_]) -> PathSet:
    mine = np.repeat(keep, np.diff(paths.offsets))
    offsets = np.zeros(int(keep.sum()) + 1, np.int64)
    np.cumsum(np.diff(paths.offsets)[keep], out=offsets[1:])
    return PathSet(
        xy_nm=paths.xy_nm.compress(mine, axis=0),
        offsets=offsets,
        role=paths.role[keep],
        width_nm=paths.width_nm[keep],
        height_nm=paths.height_nm[keep],
        area_nm2=paths.area_nm2[keep],
        is_loop=paths.is_loop[keep],
        depth=paths.depth[keep],
        is_hole=paths.is_hole[keep],
        group=paths.group[keep],
        widening_nm=paths.widening_nm[mine],
    )
