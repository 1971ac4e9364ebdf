"""Flat regions that were drawn as faces: which break an edge, and at what angles others meet."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.edges import EdgeTable
from printstd.kernels.planes import Folds, Planes
from printstd.kernels.recognition.grouped import Floats, Ints, maxima, sums
from printstd.kernels.recognition.strips import LEAST_FOLD_DEG, MOST_FOLD_DEG
from printstd.kernels.region_spread import spread
from printstd.kernels.vectors import crosses, dots, norms

_LEAST_AREA_RATIO: Final = 1e-4
_LARGER: Final = 4.0
_LEAST_BREAK_DEG, _MOST_BREAK_DEG = 10.0, 80.0
_CHAMFER_SHARE: Final = 0.5
_CHAMFER_WIDER: Final = 1.2
_SAME_FOLD_DEG: Final = 0.5
_LEAST_ANGLE_DEG: Final = 1.0
_LARGE_AREA_RATIO: Final = 0.01
_LARGE_AREA_MM2: Final = 25.0


class Meetings(NamedTuple):
    """Pairs of regions that share edges, each both ways round.

    plane, other : (n,) int64, ascending. length : (n,), of all edges that they share.
    angle_deg : (n,), between the regions' normals. is_convex : (n,) bool. middle : (n, 3), of the
    edges.
    """

    plane: Ints
    other: Ints
    length: Floats
    angle_deg: Floats
    is_convex: NDArray[np.bool_]
    middle: Floats


class Chamfers(NamedTuple):
    """plane : (n,) int64. leg : (n,), mm along the side where it is shorter. length, width : (n,),
    of the plane. turn_deg : (n,), the smaller of its two folds."""

    plane: Ints
    leg: Floats
    length: Floats
    width: Floats
    turn_deg: Floats


class Angles(NamedTuple):
    """first, second : (n,) int64 planes. angle_deg : (n,), of the material where they meet
    convex, else of the space between. length : (n,), of the edge. width : (n,), across it, of
    the narrower plane. middle : (n, 3)."""

    first: Ints
    second: Ints
    angle_deg: Floats
    length: Floats
    width: Floats
    middle: Floats


def meetings(vertices: Floats, folded: Folds, edges: EdgeTable, flat: Planes) -> Meetings:
    """Of regions that are large enough for a face; the others, of which a free form has a million,
    stand beside them only."""
    first, second = flat.labels[folded.first], flat.labels[folded.second]
    large = _may_be_faces(flat)
    apart = np.flatnonzero((first != second) & (large[first] | large[second]))
    first, second = first[apart], second[apart]
    ends = vertices[edges.vertices[folded.edge[apart]]]
    along = ends[:, 1] - ends[:, 0]
    length = np.sqrt((along * along).sum(axis=1))
    low, high = np.minimum(first, second), np.maximum(first, second)
    key = low * (len(flat.area) + 1) + high
    order = np.argsort(key, kind="stable")
    key = key[order]
    new = np.append(True, key[1:] != key[:-1])[: len(key)]
    group, rows = np.cumsum(new) - 1, order[new]
    count = len(rows)
    total = sums(group, length[order], count)
    convex = sums(group, length[order] * folded.is_convex[apart][order], count)
    middle = sums(group, ends[order].mean(axis=1) * length[order, None], count)
    middle /= np.maximum(total, 1e-300)[:, None]
    low, high = low[rows], high[rows]
    # Of the planes, not of two facets at the edge: a low facet's normal hangs on the rounding.
    one, two = flat.normal[low], flat.normal[high]
    angle = np.rad2deg(np.arctan2(norms(crosses(one, two)), dots(one, two)))
    plane, other = np.concatenate([low, high]), np.concatenate([high, low])
    order = np.lexsort((other, plane))
    order = order[large[plane[order]]]
    twice = [np.concatenate([x, x])[order] for x in (total, angle, 2 * convex > total)]
    return Meetings(
        plane[order],
        other[order],
        twice[0],
        twice[1],
        np.asarray(twice[2], np.bool_),
        np.concatenate([middle, middle])[order],
    )


def drawn_faces(
    flat: Planes, met: Meetings, in_round: NDArray[np.bool_], area: Floats
) -> NDArray[np.bool_]:
    """(p,) bool: no strip of a round shape, and much larger than what it goes over into smoothly,
    so that the facets of free forms are none. `in_round`, `area` (f,), of the facets. A sliver of a
    wall that touches a fillet along a side may count to the fillet; the wall is none of its
    strips for that."""
    count = len(flat.area)
    own = np.flatnonzero(in_round & (flat.labels >= 0))
    strips = 2 * sums(flat.labels[own], area[own], count) > flat.area
    smooth = (met.angle_deg >= LEAST_FOLD_DEG) & (met.angle_deg <= MOST_FOLD_DEG)
    smooth &= ~strips[met.other]
    largest = maxima(met.plane[smooth], flat.area[met.other[smooth]], count)
    mutual = maxima(met.plane[smooth], np.ones(int(smooth.sum())), count) > 0
    is_large = _may_be_faces(flat)
    alone = ~mutual | (flat.area >= _LARGER * largest)
    few = np.bincount(met.plane[smooth], minlength=count) <= 2
    is_large &= alone | (few & (flat.area > _LARGE_AREA_RATIO * flat.area.sum()))
    return np.asarray(~strips & is_large, np.bool_)


def _may_be_faces(flat: Planes) -> NDArray[np.bool_]:
    return np.asarray(flat.area > _LEAST_AREA_RATIO * flat.area.sum(), np.bool_)


def chamfers(flat: Planes, met: Meetings, is_face: NDArray[np.bool_]) -> Chamfers:
    """Narrow faces between two that are wider, folded away from both to the outside."""
    usable = np.flatnonzero(is_face[met.plane])
    order = usable[np.lexsort((met.other[usable], -met.length[usable], met.plane[usable]))]
    plane = met.plane[order]
    start = np.flatnonzero(np.append(True, plane[1:] != plane[:-1])[: len(plane)])
    start = start[np.append(start[1:], len(plane)) - start >= 2]
    a, b = order[start], order[start + 1]
    own = met.plane[a]
    length = (met.length[a] + met.length[b]) / 2
    width = flat.area[own] / np.maximum(length, 1e-300)
    turn_a, turn_b = met.angle_deg[a], met.angle_deg[b]
    normal = flat.normal
    cosine = (normal[met.other[a]] * normal[met.other[b]]).sum(axis=1)
    across = np.rad2deg(np.arccos(np.clip(cosine, -1, 1)))
    widths = [flat.area[met.other[x]] / np.maximum(met.length[x], 1e-300) for x in (a, b)]
    good = (
        met.is_convex[a]
        & met.is_convex[b]
        & is_face[met.other[a]]
        & is_face[met.other[b]]
        & (np.minimum(turn_a, turn_b) >= _LEAST_BREAK_DEG)
        & (np.maximum(turn_a, turn_b) <= _MOST_BREAK_DEG)
        & (np.abs(across - turn_a - turn_b) <= _SAME_FOLD_DEG)
        & (met.length[b] >= _CHAMFER_SHARE * met.length[a])
        & (width < length)
        & (np.minimum(*widths) >= _CHAMFER_WIDER * width)
    )
    alpha, beta = np.deg2rad(turn_a), np.deg2rad(turn_b)
    with np.errstate(divide="ignore", invalid="ignore"):
        leg = width * np.minimum(np.sin(alpha), np.sin(beta)) / np.sin(alpha + beta)
    return Chamfers(*(x[good] for x in (own, leg, length, width, np.minimum(turn_a, turn_b))))


def angles(
    vertices: Floats,
    faces: NDArray[np.integer[Any]],
    area: Floats,
    flat: Planes,
    met: Meetings,
    is_face: NDArray[np.bool_],
    broken: Chamfers,
) -> Angles:
    """Where two large faces meet at another angle than a right one. area : (f,), of the facets."""
    large = is_face & (
        flat.area >= min(_LARGE_AREA_MM2, _LARGE_AREA_RATIO * float(flat.area.sum()))
    )
    large[broken.plane] = False
    mean_width = [flat.area[p] / np.maximum(met.length, 1e-300) for p in (met.plane, met.other)]
    kept = np.flatnonzero(
        (met.plane < met.other)
        & large[met.plane]
        & large[met.other]
        & (met.angle_deg >= _LEAST_ANGLE_DEG)
        # A face and its own back, as in a sheet without thickness, have no edge of their own.
        & (met.angle_deg <= 180.0 - _LEAST_ANGLE_DEG)
        & (met.length >= 0.25 * np.minimum(*mean_width))
    )
    first, second = met.plane[kept], met.other[kept]
    along = crosses(flat.normal[first], flat.normal[second])
    along /= np.maximum(norms(along), 1e-300)[:, None]
    wide = spread(vertices, faces, area, flat.labels, np.concatenate([first, second]))
    width = [wide.width(p, crosses(flat.normal[p], along)) for p in (first, second)]
    return Angles(
        first,
        second,
        180.0 - met.angle_deg[kept],
        met.length[kept],
        np.minimum(*width),
        met.middle[kept],
    )


def facets_of(flat: Planes, planes: Ints | list[int]) -> Ints:
    """(n,) int64, ascending: the facets of some regions."""
    return np.asarray(np.flatnonzero(np.isin(flat.labels, planes)), np.int64)
