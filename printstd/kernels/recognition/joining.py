"""Parts of one round surface become one shape.

A part belongs to another where all its corners lie on it. Its own fit is no measure of that: a
small part knows its axis and radius badly. Where either lies on the other, or one fit runs through
both, they are one.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.box_tree import box_tree, overlapping_pairs
from printstd.kernels.components import component_labels
from printstd.kernels.planes import Planes
from printstd.kernels.recognition.corners import Regions
from printstd.kernels.recognition.fits import fit_cylinders
from printstd.kernels.recognition.grouped import Floats, Ints, maxima, sums
from printstd.kernels.recognition.growing import DEEPER, depths, facing, is_on
from printstd.kernels.recognition.shapes import Found, Shape, heights, is_doubly_curved, places

_FACING: Final = 0.85
_SAME: Final = 16.0
"""Times the rounding: where a shape is extrapolated to its other part, its axis' error grows."""

_NEAR: Final = 0.02
_SAME_AXIS_COSINE: Final = 1 - 1e-4
_FIT_RATIO: Final = 1e-3
_DEPTH_SHARE: Final = 0.1
"""Of how deep its chords lie: vertices of a coarse file lie that far off."""


def merged(
    vertices: Floats,
    faces: NDArray[np.integer[Any]],
    regions: Regions,
    flat: Planes,
    found: Found,
    noise: float,
) -> Found:
    """Of cylinders and cones, those at one height only: two bosses in line stay two."""
    own = np.flatnonzero(found.of_region >= 0)
    own = own[np.argsort(found.of_region[own], kind="stable")]
    offsets = np.searchsorted(found.of_region[own], np.arange(found.number + 1))
    alive = np.flatnonzero(np.diff(offsets))
    if len(alive) < 2:
        return found
    area = sums(found.of_region[own], flat.area[own], found.number)
    span = _spans(vertices, regions, found, own)
    leader, part = _may_be_one(found, alive, span, area, noise)
    if not len(leader):
        return found
    is_bent = is_doubly_curved(found)
    depth = np.zeros(found.number)
    np.maximum.at(depth, found.of_region[own], depths(vertices, faces, regions, own, found))
    share = np.minimum(_FIT_RATIO * found.radius, _DEPTH_SHARE * depth)
    tolerance = np.maximum(np.maximum(found.tolerance, _SAME * noise), share)
    one = np.zeros(len(leader), bool)
    for row, (large, small) in enumerate(zip(leader.tolist(), part.tolist(), strict=True)):
        region = own[offsets[small] : offsets[small + 1]]
        # Most pairs are ruled out by one region.
        points = vertices[regions.corners_of(region[:1])[1]]
        if np.abs(_away(points, large, found)).min() > _NEAR * found.radius[large]:
            continue
        points = vertices[regions.corners_of(region)[1]]
        z = (points - found.centre[large]) @ found.axis[large]
        low, high = span[large]
        if not is_bent[large] and min(z.max(), high) - max(z.min(), low) <= noise:
            continue
        theirs = vertices[regions.corners_of(own[offsets[large] : offsets[large + 1]])[1]]
        if not (
            _are_on(points, large, found, tolerance, DEEPER * depth + noise)
            or _are_on(theirs, small, found, tolerance, DEEPER * depth + noise)
            or _share_a_fit(points, small, theirs, large, found, tolerance)
        ):
            continue
        cosine = facing(vertices, regions, flat, found, region, np.full(len(region), large))
        one[row] = bool((cosine > _FACING).all())
    label, _ = component_labels(found.number, leader[one], part[one])
    # The largest part knows the surface best.
    order = np.lexsort((-area, label))
    leads = order[np.append(True, np.diff(label[order]) > 0)]
    number = leads[label]
    return found._replace(of_region=np.where(found.of_region >= 0, number[found.of_region], -1))


def _spans(vertices: Floats, regions: Regions, found: Found, own: Ints) -> Floats:
    """(n, 2): where each shape begins and ends along its axis, from its centre; 0 for none."""
    entry, vertex = regions.corners_of(own)
    shape = found.of_region[own][entry]
    z = ((vertices[vertex] - found.centre[shape]) * found.axis[shape]).sum(axis=1)
    ends = [-maxima(shape, -z, found.number, -np.inf), maxima(shape, z, found.number, -np.inf)]
    return np.where(np.isfinite(ends), ends, 0.0).T


def _may_be_one(
    found: Found, alive: Ints, span: Floats, area: Floats, noise: float
) -> tuple[Ints, Ints]:
    """(larger, smaller) of every two shapes of one kind and side whose boxes overlap, drawn round
    the whole turn of each at its heights."""
    is_bent = is_doubly_curved(found)[alive, None]
    middle = np.where(is_bent, 0.0, span[alive].mean(axis=1)[:, None])
    half = np.ptp(span[alive], axis=1)[:, None] / 2
    axis = found.axis[alive]
    slope, radius = found.slope[alive, None], found.radius[alive, None]
    widest = np.abs(radius + slope * middle) + np.abs(slope) * half + found.around[alive, None]
    straight = np.abs(axis) * half + np.sqrt(np.maximum(1 - axis * axis, 0.0)) * widest
    reach = np.where(is_bent, widest, straight) + noise
    centre = found.centre[alive] + middle * axis
    pairs = list(overlapping_pairs(box_tree(centre - reach, centre + reach)))
    first, second = (alive[np.concatenate([pair[k] for pair in pairs])] for k in (0, 1))
    same = found.shape[first] == found.shape[second]
    same &= found.is_concave[first] == found.is_concave[second]
    first, second = first[same], second[same]
    swap = (area[second] > area[first]) | ((area[second] == area[first]) & (second < first))
    return np.where(swap, second, first), np.where(swap, first, second)


def _away(points: Floats, one: int, found: Found) -> Floats:
    shape = np.full(len(points), one)
    return heights(places(points[:, None], shape, found), shape, found)[:, 0]


def _are_on(points: Floats, one: int, found: Found, tolerance: Floats, deepest: Floats) -> bool:
    shape = np.full(len(points), one)
    good, on = is_on(_away(points, one, found), shape, found, tolerance, deepest)
    return bool(good.all() and 2 * on.sum() >= len(on))


def _share_a_fit(
    points: Floats, small: int, theirs: Floats, large: int, found: Found, tolerance: Floats
) -> bool:
    """One cylinder runs through the corners of both that lie on their own: of a short arc neither
    can be extrapolated to the other."""
    if found.shape[large] != list(Shape).index(Shape.CYLINDER):
        return False
    away = found.centre[small] - found.centre[large]
    axis = found.axis[large]
    off_axis = away - (away @ axis) * axis
    near = _NEAR * found.radius[large]
    if (
        abs(found.radius[small] - found.radius[large]) > near
        or float(np.sqrt(off_axis @ off_axis)) > near
        or abs(found.axis[small] @ axis) < _SAME_AXIS_COSINE
    ):
        return False
    own = [
        p[np.abs(_away(p, one, found)) <= found.tolerance[one]]
        for p, one in ((points, small), (theirs, large))
    ]
    both = np.concatenate(own)
    fit = fit_cylinders(np.zeros(len(both), np.int64), both, axis[None])
    return bool(fit.is_fitted[0] and fit.residual[0] <= min(tolerance[large], tolerance[small]))
