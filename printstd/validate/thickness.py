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

from printstd.kernels.cylinders import Cylinder, cylinders
from printstd.kernels.opposed_rays import (
    Samples,
    Walls,
    opposed_gaps,
    opposed_walls,
    surface_samples,
)
from printstd.validate.context import CheckContext

_MOST_SAMPLES: Final = 300_000
_LEAST_STRIPS: Final = 6
_COAXIAL_COSINE: Final = 1 - 1e-6
_OFF_RATIO: Final = 0.05
"""Of the thickness: axes further apart than this leave a wall of uneven thickness, which the rays
measure where it is."""


class Spread(NamedTuple):
    """samples : of the surface. spacing_mm : about the distance between two of them."""

    samples: Samples
    spacing_mm: float


class Readings(NamedTuple):
    """Points with an opposed far side within reach, (n,) or (n, 3) each, mm.

    point_mm, area_mm2 : of the sample, and what it stands for. facet, opposite : (n,) int64.
    distance_mm : to the far side. is_exact : between two true cylinders, not their chords.
    """

    point_mm: NDArray[np.float64]
    area_mm2: NDArray[np.float64]
    facet: NDArray[np.int64]
    opposite: NDArray[np.int64]
    distance_mm: NDArray[np.float64]
    is_exact: NDArray[np.bool_]

    def only(self, chosen: NDArray[np.bool_]) -> Readings:
        return Readings(
            self.point_mm[chosen],
            self.area_mm2[chosen],
            self.facet[chosen],
            self.opposite[chosen],
            self.distance_mm[chosen],
            self.is_exact[chosen],
        )


class Patches(NamedTuple):
    """Cylinders of the model. label : (f,) int64, number in `found`, -1 for other facets."""

    found: list[Cylinder]
    label: NDArray[np.int64]
    centre_mm: NDArray[np.float64]
    """(c, 3): a point on each axis."""


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
    found = cylinders(
        context.vertices_mm,
        context.faces,
        context.folds,
        context.edges,
        context.planes,
        least_strips=_LEAST_STRIPS,
        rounding=context.rounding_mm,
    )
    label = np.full(len(context.faces), -1, np.int64)
    centre = np.empty((len(found), 3))
    for number, patch in enumerate(found):
        label[patch.facets] = number
        centre[number] = _on_axis(context, patch)
    return Patches(found, label, centre)


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
    )


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
    apart = known.centre_mm[b] - known.centre_mm[a]
    across = apart - (apart @ first.axis) * first.axis
    off = float(np.sqrt(across @ across))
    # Two arcs of one circle that face each other across it have equal radii.
    is_across = first.is_hole == second.is_hole
    radial = first.radius + second.radius if is_across else abs(first.radius - second.radius)
    return radial if off <= _OFF_RATIO * radial else float("nan")


def _on_axis(context: CheckContext, patch: Cylinder) -> NDArray[np.float64]:
    """A point of the axis: the middle of the circle through the corners, by least squares."""
    corners = context.vertices_mm[context.faces[patch.facets].reshape(-1)]
    origin = corners.mean(axis=0)
    axis = patch.axis
    u = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
    u /= np.sqrt(u @ u)
    v = np.cross(axis, u)
    x, y = (corners - origin) @ u, (corners - origin) @ v
    # 2 x cx + 2 y cy + (R2 - cx2 - cy2) = x2 + y2: three normal equations.
    rows = np.stack([2 * x, 2 * y, np.ones(len(x))])
    square = (rows[:, None, :] * rows[None, :, :]).sum(axis=2)
    cx, cy, _ = np.linalg.solve(square, (rows * (x * x + y * y)).sum(axis=1))
    return np.asarray(origin + cx * u + cy * v, np.float64)
