"""Cylinders, cones, spheres and toroidal fillets among the facets, each facet in one at most.

The order settles what is what: spheres first (their bands would pass for cones), then tori (their
bands too, and their meridians for arcs), then cylinders, then cones. What is found grows over the
facets next to it whose vertices lie on it, and what lies on one cylinder at one height is one
shape, though a slot parts it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.edges import EdgeTable
from printstd.kernels.planes import Folds, Planes
from printstd.kernels.recognition.corners import regions_of
from printstd.kernels.recognition.grouped import Floats, Ints, sums
from printstd.kernels.recognition.growing import grown, without_embedded
from printstd.kernels.recognition.joining import merged
from printstd.kernels.recognition.measures import listed
from printstd.kernels.recognition.run_fits import Candidates, fitted_cones, fitted_cylinders
from printstd.kernels.recognition.shapes import Found, RoundShape, Shape
from printstd.kernels.recognition.spheres import FoundSpheres, spheres
from printstd.kernels.recognition.strips import (
    LEAST_FOLD_DEG,
    even_runs,
    parallel_runs,
    smooth_links,
)
from printstd.kernels.recognition.tori import FoundTori, tori

LEAST_STRIPS: Final = 3
_LEAST_BAND_STRIPS: Final = 4


def round_shapes(
    vertices: Floats,
    faces: NDArray[np.integer[Any]],
    folded: Folds,
    edges: EdgeTable,
    flat: Planes,
    *,
    noise: float,
) -> list[RoundShape]:
    """Every one found, by shape, then largest radius first."""
    if not len(flat.area):
        return []
    regions = regions_of(len(vertices), faces, edges, flat)
    borders = smooth_links(vertices, folded, edges, flat)
    links = borders.taken(borders.angle_deg >= LEAST_FOLD_DEG)
    balls = spheres(vertices, faces, links, regions, flat, noise=noise)
    is_free = balls.of_region < 0
    free_links = links.taken(is_free[links.first] & is_free[links.second])
    bands = even_runs(free_links, least_strips=_LEAST_BAND_STRIPS, noise=noise)
    rings = tori(vertices, flat, free_links, bands, noise=noise)
    is_free &= rings.of_region < 0
    freer_links = free_links.taken(is_free[free_links.first] & is_free[free_links.second])
    rulings, runs = parallel_runs(vertices, faces, flat, freer_links, least_strips=LEAST_STRIPS)
    straight = fitted_cylinders(vertices, regions, flat, rulings, runs, noise)
    tapered = fitted_cones(vertices, flat, free_links, bands, is_free, noise)
    found = _together(flat, balls, rings, straight, tapered, noise)
    found = grown(vertices, faces, borders, regions, flat, found, noise)
    found = without_embedded(vertices, folded, edges, flat, found)
    found = merged(vertices, faces, regions, flat, found, noise)
    order = list(Shape)
    return sorted(
        listed(vertices, faces, flat, found),
        key=lambda s: (order.index(s.shape), -s.radius, int(s.facets[0])),
    )


def _together(
    flat: Planes,
    balls: FoundSpheres,
    rings: FoundTori,
    straight: Candidates,
    tapered: Candidates,
    noise: float,
) -> Found:
    """All shapes one after the other, each region in one at most."""
    n_balls, n_rings = len(balls.fit.radius), len(rings.radius)
    owner = np.where(
        balls.of_region >= 0,
        balls.of_region,
        np.where(rings.of_region >= 0, rings.of_region + n_balls, -1),
    )
    first = n_balls + n_rings
    cylinders = _claimed(flat, straight, owner, first)
    cones = _claimed(flat, tapered, owner, first + len(cylinders))
    upward = np.tile([0.0, 0.0, 1.0], (n_balls, 1))
    a, b = straight.fit, tapered.fit
    residual = np.concatenate(
        [balls.fit.residual, rings.residual, a.residual[cylinders], b.residual[cones]]
    )
    nowhere = np.zeros(n_balls + n_rings)
    numbers = [n_balls, n_rings, len(cylinders), len(cones)]
    kinds = [Shape.SPHERE, Shape.TORUS, Shape.CYLINDER, Shape.CONE]
    return Found(
        shape=np.repeat([list(Shape).index(kind) for kind in kinds], numbers),
        of_region=owner,
        axis=np.concatenate([upward, rings.axis, a.axis[cylinders], b.axis[cones]]),
        centre=np.concatenate(
            [balls.fit.centre, rings.centre, a.centre[cylinders], b.centre[cones]]
        ),
        radius=np.concatenate(
            [balls.fit.radius, rings.radius, a.radius[cylinders], b.radius[cones]]
        ),
        slope=np.concatenate([nowhere, np.zeros(len(cylinders)), b.slope[cones]]),
        around=np.concatenate(
            [np.zeros(n_balls), rings.around, np.zeros(len(cylinders) + len(cones))]
        ),
        residual=residual,
        tolerance=np.maximum(2 * residual, 2 * noise),
        is_concave=np.concatenate(
            [
                balls.is_hollow,
                rings.is_concave,
                straight.is_concave[cylinders],
                tapered.is_concave[cones],
            ]
        ),
    )


def _claimed(flat: Planes, candidates: Candidates, owner: Ints, first_number: int) -> Ints:
    """Candidates that get most of their strips, the largest first; `owner` (p,) learns of it."""
    count = len(candidates.is_good)
    area = sums(candidates.strip_run, flat.area[candidates.strip], count)
    borders = np.searchsorted(candidates.strip_run, np.arange(count + 1))
    kept: list[int] = []
    for run in np.argsort(-area, kind="stable"):
        if not candidates.is_good[run]:
            continue
        strips = candidates.strip[borders[run] : borders[run + 1]]
        free = strips[owner[strips] < 0]
        if 2 * len(free) > len(strips) and len(free) >= LEAST_STRIPS:
            owner[free] = first_number + len(kept)
            kept.append(int(run))
    return np.array(kept, np.int64)
