"""How much material lies behind the surface, and how much air before it: rays cast once for all
checks that ask.

Points are spread over the surface at a fixed density, at least one per facet (facts of
validation, 2.2). A reading counts where the far side is opposed within 20 degrees and the way back
agrees within 10 %. What follows from two cylinders alone is then taken from them: chords make
walls of round shapes read too thin.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.opposed_rays import (
    Samples,
    Walls,
    opposed_gaps,
    opposed_walls,
    surface_samples,
)
from printstd.kernels.recognition.shapes import RoundShape, Shape
from printstd.validate.context import CheckContext

_MOST_SAMPLES: Final = 300_000
_LEAST_STRIPS = 6
"""Of a cylinder whose radius is taken for the wall's."""
_COAXIAL_COSINE: Final = 1 - 1e-6
_OFF_RATIO: Final = 0.05
"""Of the thickness: axes further apart than this leave a wall of uneven thickness, which the rays
measure where it is."""

_ALONG: Final = 1e-4
"""Cosine between an axis and the normal of a plane that runs along it, at most."""

_SHARP_DEG: Final = 30.0
"""Faces that meet at less are opposed within the 20 degrees, or nearly."""

_NEAREST: Final = 256
"""Readings that are looked at for the shapes between which they are."""


class Spread(NamedTuple):
    """samples : of the surface. spacing_mm : about the distance between two of them."""

    samples: Samples
    spacing_mm: float


class Readings(NamedTuple):
    """Points with an opposed far side within reach, (n,) or (n, 3) each, mm.

    point_mm, area_mm2 : of the sample, and what it stands for. facet, opposite : (n,) int64.
    distance_mm : to the far side. is_exact : between two true cylinders, not their chords.
    is_edge : between the two faces of a sharp edge, or of a sharp notch: less and less up to it,
    which says nothing of a wall (FEA-03 judges the edge).
    """

    point_mm: NDArray[np.float64]
    area_mm2: NDArray[np.float64]
    facet: NDArray[np.int64]
    opposite: NDArray[np.int64]
    distance_mm: NDArray[np.float64]
    is_exact: NDArray[np.bool_]
    is_edge: NDArray[np.bool_]

    def only(self, chosen: NDArray[np.bool_]) -> Readings:
        return self.at(np.flatnonzero(chosen))

    def at(self, rows: NDArray[np.int64]) -> Readings:
        return Readings(
            self.point_mm[rows],
            self.area_mm2[rows],
            self.facet[rows],
            self.opposite[rows],
            self.distance_mm[rows],
            self.is_exact[rows],
            self.is_edge[rows],
        )


class Patches(NamedTuple):
    """Cylinders of the model. label : (f,) int64, number in `found`, -1 for other facets."""

    found: list[RoundShape]
    label: NDArray[np.int64]


def watched_mm(context: CheckContext) -> float:
    """How far the rays look."""
    design = context.resolved.process.design
    return design.watched_mm * max(1.0, context.resolved.nozzle_mm / design.nozzle_mm)


def spread(context: CheckContext) -> Spread:
    """Two points across the least wall of interest, unless the part is too large for that."""
    shapes = context.shapes
    usable = np.flatnonzero(context.has_area)
    total = float(shapes.area[usable].sum())
    per_sample = max(context.resolved.nozzle_mm**2, total / _MOST_SAMPLES)
    samples = surface_samples(
        context.vertices_mm,
        context.faces,
        shapes.area,
        facets=usable,
        area_per_sample=per_sample,
    )
    return Spread(samples, float(np.sqrt(per_sample)))


def patches(context: CheckContext) -> Patches:
    label = np.full(len(context.faces), -1, np.int64)
    found = [
        shape
        for shape in context.surface.round_shapes
        if shape.shape is Shape.CYLINDER and shape.strips >= _LEAST_STRIPS
    ]
    for number, patch in enumerate(found):
        label[patch.facets] = number
    return Patches(found, label)


def material_behind(context: CheckContext) -> Readings:
    """Walls: what is no thicker than `watched_mm`."""
    samples = context.once(spread).samples
    walls = opposed_walls(
        context.vertices_mm,
        context.faces,
        context.shapes.normal,
        samples,
        reach=watched_mm(context),
    )
    return _readings(context, samples, walls)


def air_before(context: CheckContext) -> Readings:
    """Gaps: what is no wider than `watched_mm`."""
    samples = context.once(spread).samples
    gaps = opposed_gaps(
        context.vertices_mm,
        context.faces,
        context.shapes.normal,
        samples,
        reach=watched_mm(context),
    )
    return _readings(context, samples, gaps)


def facet_thickness_mm(context: CheckContext) -> NDArray[np.float64]:
    """(f,) float64: the least material behind each facet, mm; nan where it is thicker than
    `watched_mm`, or nothing opposed lies behind it."""
    thickness = np.full(len(context.faces), np.inf)
    walls = context.once(material_behind)
    np.minimum.at(thickness, walls.facet, walls.distance_mm)
    return np.where(np.isfinite(thickness), thickness, np.nan)


def _readings(context: CheckContext, samples: Samples, walls: Walls) -> Readings:
    facet = samples.facet[walls.sample]
    distance, is_exact = _between_cylinders(context, facet, walls.opposite, walls.thickness)
    return Readings(
        samples.point[walls.sample],
        samples.area[walls.sample],
        facet,
        walls.opposite,
        distance,
        is_exact,
        _meet_in_an_edge(context, facet, walls.opposite),
    )


def _meet_in_an_edge(
    context: CheckContext, facet: NDArray[np.int64], opposite: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(n,) bool: the flat regions of the two facets meet at less than `_SHARP_DEG`."""
    folds, flat = context.folds, context.planes.labels
    count = len(context.planes.area)

    def packed(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
        a, b = flat[first], flat[second]
        return np.asarray(np.minimum(a, b) * count + np.maximum(a, b), np.int64)

    sharp = np.flatnonzero(folds.angle_deg > 180.0 - _SHARP_DEG)
    if not len(sharp):
        return np.zeros(len(facet), bool)
    met = packed(folds.first[sharp], folds.second[sharp])
    return np.asarray(np.isin(packed(facet, opposite), met), np.bool_)


def _between_cylinders(
    context: CheckContext,
    facet: NDArray[np.int64],
    opposite: NDArray[np.int64],
    distance: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(distances, which of them were replaced): from one side of a cylinder to its other side, and
    between two cylinders about one axis, the distance is a matter of radii."""
    known = context.once(patches)
    pair = np.stack([known.label[facet], known.label[opposite]], axis=1)
    both = np.flatnonzero((pair >= 0).all(axis=1))
    out, is_exact = distance.copy(), np.zeros(len(distance), bool)
    if not len(both):
        return out, is_exact
    packed = pair[both, 0] * len(known.found) + pair[both, 1]
    kinds, which = np.unique(packed, return_inverse=True)
    radial = np.full(len(kinds), np.nan)
    slack = np.zeros(len(kinds))
    for row, kind in enumerate(kinds.tolist()):
        a, b = divmod(kind, len(known.found))
        radial[row] = _radial_mm(known, a, b)
        slack[row] = known.found[a].sagitta + known.found[b].sagitta
    near = np.abs(radial[which] - distance[both]) <= slack[which] + 2 * context.rounding_mm
    rows = both[near]
    out[rows], is_exact[rows] = radial[which[near]], True
    return out, is_exact


def _radial_mm(known: Patches, a: int, b: int) -> float:
    """Between two cylinders about one axis, or across one; nan for any others."""
    first, second = known.found[a], known.found[b]
    if a == b:
        return 2 * first.radius
    if abs(float(first.axis @ second.axis)) < _COAXIAL_COSINE:
        return float("nan")
    apart = second.centre - first.centre
    across = apart - (apart @ first.axis) * first.axis
    off = float(np.sqrt(across @ across))
    # Two arcs of one circle that face each other across it have equal radii.
    is_across = first.is_concave == second.is_concave
    radial = first.radius + second.radius if is_across else abs(first.radius - second.radius)
    return radial if off <= _OFF_RATIO * radial else float("nan")


def refined_least_mm(context: CheckContext, readings: Readings, spacing_mm: float) -> float:
    """The least distance of `readings` as one between shapes: where a cylinder comes nearest to a
    plane, or to another cylinder beside it, the points lie a little off that line and on chords.

    Planes read exactly as they are. What the shapes say is taken only where the readings are as
    near to it as points and chords allow.
    """
    order = np.argsort(readings.distance_mm, kind="stable")
    least = float(readings.distance_mm[order[0]])
    known = context.once(patches)
    pairs = np.stack([readings.facet[order], readings.opposite[order]], axis=1)[:_NEAREST]
    seen: set[tuple[int, int]] = set()
    found = [least]
    for row, (facet, opposite) in zip(order.tolist(), pairs.tolist(), strict=False):
        a, b = int(known.label[facet]), int(known.label[opposite])
        key = (a if a >= 0 else -2 - facet, b if b >= 0 else -2 - opposite)
        if key in seen or max(a, b) < 0 or readings.is_exact[row]:
            continue
        seen.add(key)
        shape = _nearest_mm(context, known, facet, opposite)
        used = [known.found[k] for k in (a, b) if k >= 0]
        slack = sum(p.sagitta for p in used) + spacing_mm**2 / min(p.radius for p in used)
        if abs(shape - float(readings.distance_mm[row])) <= slack + 2 * context.rounding_mm:
            found.append(shape)
    return min(found) if len(found) == 1 or readings.is_exact[order[0]] else min(found[1:])


def _nearest_mm(context: CheckContext, known: Patches, facet: int, opposite: int) -> float:
    """Between a cylinder and a plane along it, or two parallel cylinders; nan for others."""
    a, b = int(known.label[facet]), int(known.label[opposite])
    if a < 0 or b < 0:
        number, flat = (a, opposite) if a >= 0 else (b, facet)
        patch, normal = known.found[number], context.shapes.normal[flat]
        if abs(float(patch.axis @ normal)) > _ALONG:
            return float("nan")
        corner = context.vertices_mm[context.faces[flat, 0]]
        apart = abs(float((patch.centre - corner) @ normal))
        return abs(apart - patch.radius) if patch.is_concave else apart + patch.radius
    first, second = known.found[a], known.found[b]
    if abs(float(first.axis @ second.axis)) < _COAXIAL_COSINE:
        return float("nan")
    apart3 = second.centre - first.centre
    across = apart3 - (apart3 @ first.axis) * first.axis
    between = float(np.sqrt(across @ across))
    if first.is_concave == second.is_concave:
        return abs(between - first.radius - second.radius)
    return abs(first.radius - second.radius) - between
