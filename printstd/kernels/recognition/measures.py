"""The sizes of round shapes: what of the round there is, how long, how coarsely."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.distinct import distinct
from printstd.kernels.planes import Planes
from printstd.kernels.recognition.grouped import Floats, Ints, distinct_pairs, maxima, sums
from printstd.kernels.recognition.shapes import Found, Places, RoundShape, Shape, places
from printstd.kernels.recognition.strips import MOST_FOLD_DEG

_TURN = 2 * np.pi


def listed(
    vertices: Floats, faces: NDArray[np.integer[Any]], flat: Planes, found: Found
) -> Iterator[RoundShape]:
    of_facet = found.of_facet(flat)
    own = np.flatnonzero(of_facet >= 0)
    own = own[np.argsort(of_facet[own], kind="stable")]
    shape, count = of_facet[own], found.number
    at = places(vertices[faces[own]], shape, found)
    high = maxima(shape, at.z.max(axis=1), count, -np.inf)
    low = -maxima(shape, -at.z.min(axis=1), count, -np.inf)
    covered, widest = _arcs(at, flat.labels[own], shape, found)
    region = distinct_pairs(shape, flat.labels[own])[0]
    strips = np.bincount(region, minlength=count)
    depth = _deepest(vertices, faces, own, shape, found)
    borders = np.searchsorted(shape, np.arange(count + 1))
    for i in np.flatnonzero(np.diff(borders)):
        kind = list(Shape)[int(found.shape[i])]
        if kind is Shape.CONE and widest[i] > np.deg2rad(MOST_FOLD_DEG):
            continue  # a side of a pyramid, whose normals lean alike as those of a cone do
        middle = (low[i] + high[i]) / 2 if kind in (Shape.CYLINDER, Shape.CONE) else 0.0
        radius = float(found.radius[i] + found.slope[i] * middle)
        chord = 2 * radius * np.sin(min(float(widest[i]), np.pi) / 2)
        if kind is Shape.SPHERE:
            chord = 2 * np.sqrt(max(radius**2 - max(radius - depth[i], 0.0) ** 2, 0.0))
        yield RoundShape(
            shape=kind,
            facets=np.sort(own[borders[i] : borders[i + 1]]),
            axis=found.axis[i],
            centre=found.centre[i] + middle * found.axis[i],
            radius=radius,
            slope=float(found.slope[i]),
            around=float(found.around[i]),
            strips=_sides(kind, int(strips[i]), float(covered[i]), float(widest[i])),
            arc_deg=float(min(np.rad2deg(covered[i]), 360.0)),
            widest=float(chord),
            length=0.0 if kind is Shape.SPHERE else float(high[i] - low[i]),
            residual=float(found.residual[i]),
            is_concave=bool(found.is_concave[i]),
        )


def _sides(kind: Shape, regions: int, covered: float, widest: float) -> int:
    """Flat strips round the arc: those of cylinders and cones are the regions."""
    if kind in (Shape.CYLINDER, Shape.CONE):
        return regions
    return max(round(covered / max(widest, 1e-9)), 1)


def _deepest(
    vertices: Floats, faces: NDArray[np.integer[Any]], own: Ints, shape: Ints, found: Found
) -> Floats:
    """(count,): how far the planes of facets lie inside the sphere about their shape's centre."""
    corners = vertices[faces[own]]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.maximum(np.sqrt((normal * normal).sum(axis=1)), 1e-300)
    away = corners[:, 0] - found.centre[shape]
    distance = np.abs((away * normal).sum(axis=1)) / size
    return maxima(shape, found.radius[shape] - distance, found.number)


def _arcs(at: Places, region: Ints, shape: Ints, found: Found) -> tuple[Floats, Floats]:
    """(rad covered (count,), widest strip, rad (count,)): round the axis, of tori round the swept
    circle, of spheres a whole turn. What one flat region spans is one strip, in however many facets
    (n,) it was divided."""
    kinds = list(Shape)
    is_torus = (found.shape == kinds.index(Shape.TORUS))[shape][:, None]
    angle = np.where(is_torus, np.arctan2(at.z, at.rho - found.around[shape][:, None]), at.angle)
    on_axis = ~is_torus & (at.rho < 1e-6 * found.radius[shape][:, None])
    own = distinct(region)
    strip = np.searchsorted(own, region)
    corner = np.repeat(strip, 3)
    weight = np.where(on_axis, 0.0, 1.0).reshape(-1)
    lead = np.arctan2(
        sums(corner, np.sin(angle).reshape(-1) * weight, len(own)),
        sums(corner, np.cos(angle).reshape(-1) * weight, len(own)),
    )
    turned = (angle - lead[strip][:, None] + np.pi) % _TURN - np.pi
    turned = np.where(on_axis, 0.0, turned)
    low = -maxima(strip, -turned.min(axis=1), len(own), -np.inf)
    high = maxima(strip, turned.max(axis=1), len(own), -np.inf)
    shape_of = np.empty(len(own), np.int64)
    shape_of[strip] = shape
    covered, widest = _union(shape_of, lead + low, high - low, found.number)
    is_ball = found.shape == kinds.index(Shape.SPHERE)
    return np.where(is_ball, _TURN, covered), widest


def _union(shape: Ints, start: Floats, width: Floats, count: int) -> tuple[Floats, Floats]:
    """(length of the union of each shape's spans, rad (count,), widest of them (count,))."""
    start = start % _TURN
    end = start + width
    over = end > _TURN  # what reaches beyond a full turn begins again at 0
    own = np.concatenate([shape, shape[over]])
    begin = np.concatenate([start, np.zeros(int(over.sum()))])
    end = np.concatenate([np.minimum(end, _TURN), end[over] - _TURN])
    order = np.lexsort((begin, own))
    own, begin, end = own[order], begin[order], end[order]
    lift = own * (4 * _TURN)
    reach = np.maximum.accumulate(end + lift) - lift
    before = np.append(0.0, reach[:-1])[: len(own)]
    before[np.append(True, own[1:] != own[:-1])[: len(own)]] = 0.0
    gain = np.maximum(end - np.maximum(begin, before), 0.0)
    return sums(own, gain, count), maxima(shape, width, count)
