"""Parallel planes that a drawing would put a distance on.

Two planes that face away from each other have material between them, two that face each other a
gap; either counts where enough of both is seen along their normal (facts of validation, 3.1 and
3.4). Two that look the same way are a step where one riser, square to them, joins them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.clip import Area
from printstd.kernels.components import component_labels
from printstd.kernels.planes import Folds, Planes
from printstd.kernels.recognition.outlines import borders, frame_across, rings_in_plane
from printstd.kernels.rings import Rings

MOST_PLANES = 512
"""The largest ones are paired; pairs grow with their square."""

MOST_PARTNERS = 8
"""A grill of a hundred ribs has ten thousand pairs, and no drawing gives them."""

_PARALLEL_COSINE = 1 - 1e-7
_LEAST_OVERLAP_RATIO = 0.05
_LEAST_OVERLAP_MM2 = 25.0
_SQUARE = 1e-3
_FLAT_RATIO = 1e-3


class PlanePair(NamedTuple):
    """low, high : numbers of the planes, the lower one along `axis` first. axis : (3,) unit.
    kind : 1 material between, -1 a gap, 0 a step. distance, residual : mm. overlap_mm2 : 0 for
    steps. point : (3,), in the middle of what both cover. length : its longer side."""

    low: int
    high: int
    axis: NDArray[np.float64]
    kind: int
    distance: float
    residual: float
    overlap_mm2: float
    point: NDArray[np.float64]
    length: float


class _Stack(NamedTuple):
    """Planes of one direction, ascending along it.

    plane, sign : (n,), sign +1 where it faces along the axis. place, spread : (n,), mm, along the
    axis and half of what it varies by. box : (n, 2, 2), mm, in the frame. rings : one each.
    """

    axis: NDArray[np.float64]
    frame: NDArray[np.float64]
    plane: NDArray[np.int64]
    sign: NDArray[np.int64]
    place: NDArray[np.float64]
    spread: NDArray[np.float64]
    box: NDArray[np.float64]
    rings: list[Rings]


def plane_pairs(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    flat: Planes,
    folded: Folds,
    chosen: NDArray[np.int64],
    *,
    rounding: float,
) -> list[PlanePair]:
    """The pairs among the `MOST_PLANES` largest of the planes `chosen` (n,), each plane with the
    `MOST_PARTNERS` nearest that it is opposed to, on either side."""
    order = np.argsort(-flat.area[chosen], kind="stable")[:MOST_PLANES]
    chosen = np.sort(chosen[order])
    if not len(chosen):
        return []
    centre = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    number = np.full(len(flat.area) + 1, -1, np.int64)
    number[chosen] = np.arange(len(chosen))
    joined = _joined(flat, folded, number, len(chosen))
    found: list[PlanePair] = []
    for stack in _stacks(vertices - centre, faces, flat, chosen, number):
        found += _opposed(stack, flat, centre, rounding)
        found += _steps(stack, flat, number, joined, centre, rounding)
    return found


def _joined(
    flat: Planes, folded: Folds, number: NDArray[np.int64], count: int
) -> NDArray[np.bool_]:
    """(count, count): the two planes share an edge and are square to each other."""
    a, b = number[flat.labels[folded.first]], number[flat.labels[folded.second]]
    square = (a >= 0) & (b >= 0) & (np.abs(folded.angle_deg - 90) < np.rad2deg(_SQUARE))
    joined = np.zeros((count, count), bool)
    joined[a[square], b[square]] = True
    return joined | joined.T


def _stacks(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    flat: Planes,
    chosen: NDArray[np.int64],
    number: NDArray[np.int64],
) -> list[_Stack]:
    normal = flat.normal[chosen]
    first, second = np.triu_indices(len(chosen), 1)
    parallel = np.abs((normal[first] * normal[second]).sum(axis=1)) > _PARALLEL_COSINE
    label, count = component_labels(len(chosen), first[parallel], second[parallel])
    points, offsets, owner = borders(faces, number[flat.labels])
    stacks = []
    for direction in np.flatnonzero(np.bincount(label, minlength=count) > 1):
        members = np.flatnonzero(label == direction)
        axis = canonical_axis(normal[members[np.argmax(flat.area[chosen[members]])]])
        stacks.append(_stack(vertices, (points, offsets, owner), normal, chosen, members, axis))
    return stacks


def canonical_axis(axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """The unit vector or its opposite, whichever points along the first axis that it is clearly
    not normal to."""
    axis = np.where(np.abs(axis) < 1e-9, 0.0, axis)
    axis = axis / np.sqrt((axis * axis).sum())
    leading = axis[np.flatnonzero(np.abs(axis) > 1e-6)[0]]
    return np.asarray((axis if leading > 0 else -axis) + 0.0, np.float64)


def _stack(
    vertices: NDArray[np.float64],
    bordered: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    normal: NDArray[np.float64],
    chosen: NDArray[np.int64],
    members: NDArray[np.int64],
    axis: NDArray[np.float64],
) -> _Stack:
    points, offsets, owner = bordered
    frame = frame_across(axis)
    sign = np.where((normal[members] * axis).sum(axis=1) > 0, 1, -1)
    place, spread = np.zeros(len(members)), np.zeros(len(members))
    box = np.zeros((len(members), 2, 2))
    rings: list[Rings] = []
    for i, member in enumerate(members):
        a, b = np.searchsorted(owner, [member, member + 1])
        own = vertices[points[offsets[a] : offsets[b]]]
        along, flat_xy = own @ axis, own @ frame.T
        place[i] = (along.min() + along.max()) / 2
        spread[i] = (along.max() - along.min()) / 2
        box[i] = flat_xy.min(axis=0), flat_xy.max(axis=0)
        rings.append(
            rings_in_plane(
                flat_xy, offsets[a : b + 1] - offsets[a], is_seen_from_behind=bool(sign[i] < 0)
            )
        )
    order = np.lexsort((members, place))
    return _Stack(
        axis,
        frame,
        chosen[members][order],
        sign[order],
        place[order],
        spread[order],
        box[order],
        [rings[i] for i in order],
    )


def _is_flat(stack: _Stack, low: int, high: int, rounding: float) -> bool:
    distance = stack.place[high] - stack.place[low]
    spread = stack.spread[low] + stack.spread[high]
    return bool(distance > 4 * rounding and spread <= max(20 * rounding, _FLAT_RATIO * distance))


def _opposed(
    stack: _Stack, flat: Planes, centre: NDArray[np.float64], rounding: float
) -> list[PlanePair]:
    first, second = np.triu_indices(len(stack.plane), 1)
    opposed = stack.sign[first] != stack.sign[second]
    first, second = first[opposed], second[opposed]
    side = stack.sign[second]
    smaller = np.minimum(flat.area[stack.plane[first]], flat.area[stack.plane[second]])
    least = np.minimum(_LEAST_OVERLAP_RATIO * smaller, _LEAST_OVERLAP_MM2)
    box = stack.box
    common = np.minimum(box[first, 1], box[second, 1]) - np.maximum(box[first, 0], box[second, 0])
    overlapping = np.flatnonzero((common > 0).all(axis=1) & (common.prod(axis=1) > least))
    apart = stack.place[second] - stack.place[first]
    near = np.zeros(len(first), bool)
    for own in (first, second):
        near[_nearest(own[overlapping], side[overlapping], apart[overlapping], overlapping)] = True
    areas: dict[int, Area] = {}
    found = []
    for i in np.flatnonzero(near):
        low, high = int(first[i]), int(second[i])
        if not _is_flat(stack, low, high, rounding):
            continue
        for one in (low, high):
            if one not in areas:
                areas[one] = Area.of(stack.rings[one])
        both = areas[low] & areas[high]
        overlap = both.area_mm2
        if overlap <= least[i]:
            continue
        lower, upper = both.box_mm
        found.append(_pair(stack, low, high, int(stack.sign[high]), overlap, lower, upper, centre))
    return found


def _nearest(
    plane: NDArray[np.int64],
    side: NDArray[np.int64],
    apart: NDArray[np.float64],
    rows: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Those of `rows` that are among the `MOST_PARTNERS` nearest of their plane and side."""
    order = np.lexsort((rows, apart, side, plane))
    plane, side = plane[order], side[order]
    new = np.append(True, (plane[1:] != plane[:-1]) | (side[1:] != side[:-1]))[: len(order)]
    starts = np.flatnonzero(new)
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    return rows[order[rank < MOST_PARTNERS]]


def _steps(
    stack: _Stack,
    flat: Planes,
    number: NDArray[np.int64],
    joined: NDArray[np.bool_],
    centre: NDArray[np.float64],
    rounding: float,
) -> list[PlanePair]:
    """One per two levels that follow each other up a riser. Planes at one height on one riser are
    one level, and so are those that have such a plane in common: which of them is the largest may
    hang on the last digit, and how many steps there are must not."""
    own = number[stack.plane]
    pairs: list[tuple[int, int]] = []
    alike: list[tuple[int, int]] = []
    for sign in (1, -1):
        members = np.flatnonzero(stack.sign == sign)
        for riser in np.flatnonzero(joined[own[members]].any(axis=0)):
            stair = members[joined[own[members], riser]]
            is_up = np.diff(stack.place[stair]) > 4 * rounding
            ups, evens = np.flatnonzero(is_up), np.flatnonzero(~is_up)
            pairs.extend(zip(stair[ups].tolist(), stair[ups + 1].tolist(), strict=True))
            alike.extend(zip(stair[evens].tolist(), stair[evens + 1].tolist(), strict=True))
    first, second = np.array(alike, np.int64).reshape(-1, 2).T
    level, count = component_labels(len(own), first, second)
    members_of: list[list[int]] = [[] for _ in range(count)]
    for member, one in enumerate(level.tolist()):
        members_of[one].append(member)
    found = []
    for one, other in sorted({(int(level[a]), int(level[b])) for a, b in pairs}):
        # The largest stands for its level.
        low, high = (
            max(members_of[k], key=lambda m: (flat.area[stack.plane[m]], -m)) for k in (one, other)
        )
        if _is_flat(stack, low, high, rounding):
            box = stack.box[[*members_of[one], *members_of[other]]]
            lower, upper = box[:, 0].min(axis=0), box[:, 1].max(axis=0)
            found.append(_pair(stack, low, high, 0, 0.0, lower, upper, centre))
    return found


def _pair(
    stack: _Stack,
    low: int,
    high: int,
    kind: int,
    overlap: float,
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    centre: NDArray[np.float64],
) -> PlanePair:
    middle = (lower + upper) / 2
    along = (stack.place[low] + stack.place[high]) / 2
    return PlanePair(
        low=int(stack.plane[low]),
        high=int(stack.plane[high]),
        axis=stack.axis,
        kind=kind,
        distance=float(stack.place[high] - stack.place[low]),
        residual=float(max(stack.spread[low], stack.spread[high])),
        overlap_mm2=overlap,
        point=centre + middle @ stack.frame + along * stack.axis,
        length=float((upper - lower).max()),
    )
