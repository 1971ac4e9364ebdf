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
_MOST_LEVELS = 64
_SAME_LEVEL = 1e-9


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
    (n,) it was divided; of tori what it spans in one section, as a facet that runs on round the
    axis while it turns about the circle may lie in the torus all along."""
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
    bent = np.flatnonzero(is_torus)
    if len(bent):
        in_section = _section_spans(at.angle[bent], turned[bent], strip[bent], len(own))
        of_tori = maxima(shape_of, in_section, found.number)
        widest = np.where(found.shape == kinds.index(Shape.TORUS), of_tori, widest)
    is_ball = found.shape == kinds.index(Shape.SPHERE)
    return np.where(is_ball, _TURN, covered), widest


def _section_spans(axial: Floats, turned: Floats, strip: Ints, count: int) -> Floats:
    """(count,), rad: the most that each strip spans about the swept circle at one angle round the
    axis: at those of its corners, as it is bounded by straight edges. axial, turned : (n, 3), of
    the corners of its facets, round the axis and about the circle; strip : (n,)."""
    corner = np.repeat(strip, 3)
    lead = np.arctan2(
        sums(corner, np.sin(axial).reshape(-1), count),
        sums(corner, np.cos(axial).reshape(-1), count),
    )
    axial = (axial - lead[strip][:, None] + np.pi) % _TURN - np.pi
    # One number for strip and angle, so that the angles that an edge passes follow each other.
    level = np.sort(strip[:, None] * (2 * _TURN) + axial, axis=None)
    of_level = np.floor((level + _TURN) / (2 * _TURN)).astype(np.int64)
    start = np.searchsorted(of_level, np.arange(count + 1))
    rank = np.arange(len(level)) - start[of_level]
    kept = rank % (np.diff(start) // _MOST_LEVELS + 1)[of_level] == 0
    level, of_level = level[kept], of_level[kept]
    begin = (strip[:, None] * (2 * _TURN) + axial).reshape(-1)
    end = (strip[:, None] * (2 * _TURN) + axial[:, [1, 2, 0]]).reshape(-1)
    at_begin, at_end = turned.reshape(-1), turned[:, [1, 2, 0]].reshape(-1)
    first = np.searchsorted(level, np.minimum(begin, end) - _SAME_LEVEL)
    last = np.searchsorted(level, np.maximum(begin, end) + _SAME_LEVEL, side="right")
    number = last - first
    edge = np.repeat(np.arange(len(begin)), number)
    passed = np.arange(len(edge)) + np.repeat(first - (np.cumsum(number) - number), number)
    run = end[edge] - begin[edge]
    is_upright = np.abs(run) <= _SAME_LEVEL
    share = np.clip((level[passed] - begin[edge]) / np.where(is_upright, 1.0, run), 0.0, 1.0)
    share = np.where(is_upright, 0.0, share)
    place = at_begin[edge] + share * (at_end - at_begin)[edge]
    passed = np.concatenate([passed, passed[is_upright]])
    place = np.concatenate([place, at_end[edge[is_upright]]])
    high = maxima(passed, place, len(level), -np.inf)
    low = -maxima(passed, -place, len(level), -np.inf)
    return maxima(of_level, high - low, count)


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
