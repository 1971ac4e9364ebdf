"""Spheres among the facets: neighbours across smooth edges that say one sphere.

Two flat regions that share a border have four corners, and four points say one sphere. On a
sphere all of them say the same; on a cone or on one band of a torus too, between its two circles,
so a sphere also needs vertices with nothing but it all around.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.components import component_labels
from printstd.kernels.planes import Planes
from printstd.kernels.recognition.corners import Regions
from printstd.kernels.recognition.fits import Spheres, fit_spheres
from printstd.kernels.recognition.grouped import Floats, Ints, distinct_pairs, medians, order_within
from printstd.kernels.recognition.strips import Links
from printstd.kernels.vectors import crosses, dots, norms

_SAME = 0.1
_LEAST_REGIONS = 8
_LEAST_INNER = 6
_MOST_CORNERS = 8
_MOST_EXTENTS = 5.0
_FIT_RATIO = 1e-3
_SAGITTA_SHARE = 0.05


class FoundSpheres(NamedTuple):
    """of_region : (p,) int64, the sphere that each flat region belongs to, or -1. fit : of n
    spheres. is_hollow : (n,) bool, around nothing."""

    of_region: Ints
    fit: Spheres
    is_hollow: NDArray[np.bool_]


def spheres(
    vertices: Floats,
    faces: NDArray[np.integer[Any]],
    links: Links,
    regions: Regions,
    flat: Planes,
    *,
    noise: float,
) -> FoundSpheres:
    centre, radius = _local_spheres(vertices, links, regions)
    kept = np.flatnonzero(np.isfinite(radius) & (radius > 0))
    centre, radius = centre[kept], radius[kept]
    ends = links.first[kept], links.second[kept]
    is_convex, length = links.is_convex[kept], links.length[kept]
    label, count = _agreeing(ends, is_convex, centre, radius)
    group, region = distinct_pairs(np.tile(label, 2), np.concatenate(ends))
    enough = np.bincount(group, minlength=count) >= _LEAST_REGIONS
    number = np.cumsum(enough) - 1
    kept_pairs = enough[group]
    group, region = number[group[kept_pairs]], region[kept_pairs]
    count = int(enough.sum())
    of_region = np.full(len(flat.area), -1, np.int64)
    # A region between two goes to the larger one.
    size = np.bincount(group, minlength=count)
    order = np.lexsort((-group, size[group]))
    of_region[region[order]] = group[order]
    hollow = np.zeros(count, bool)
    rows = enough[label]
    hollow[number[label[rows]]] = ~is_convex[rows]
    of_facet = np.where(flat.labels >= 0, of_region[flat.labels], -1)
    own = np.flatnonzero(of_facet >= 0)
    sphere, vertex = distinct_pairs(
        np.repeat(of_facet[own], 3), faces[own].reshape(-1).astype(np.int64)
    )
    sphere, vertex = sphere[regions.is_corner[vertex]], vertex[regions.is_corner[vertex]]
    # Where something cuts off the sphere, the corners of its last facets lie on the cut.
    is_inner = _is_inner(faces, of_facet, len(vertices), sphere, vertex)
    inner = np.bincount(sphere[is_inner], minlength=count)
    fit = fit_spheres(sphere[is_inner], vertices[vertex[is_inner]], count)
    away = vertices[faces[own]] - fit.centre[of_facet[own]][:, None]
    off = np.abs(np.sqrt((away * away).sum(axis=2)) - fit.radius[of_facet[own]][:, None])
    off[~regions.is_corner[faces[own]]] = 0.0
    lies_off = off.max(axis=1) > np.maximum(2 * fit.residual, 2 * noise)[of_facet[own]]
    of_region[flat.labels[own[lies_off]]] = -1
    chord = medians(number[label[rows]], length[rows], count)
    depth = _SAGITTA_SHARE * chord * chord / (8 * np.maximum(fit.radius, 1e-300))
    good = (
        fit.is_fitted
        & (inner >= _LEAST_INNER)
        & (fit.radius < _MOST_EXTENTS * np.ptp(vertices, axis=0).max())
        & (fit.residual <= np.maximum(noise, np.minimum(_FIT_RATIO * fit.radius, depth)))
    )
    renumber = np.where(good, np.cumsum(good) - 1, -1)
    return FoundSpheres(
        np.where(of_region >= 0, renumber[of_region], -1) if count else of_region,
        Spheres(*(column[good] for column in fit)),
        hollow[good],
    )


def _local_spheres(vertices: Floats, links: Links, regions: Regions) -> tuple[Floats, Floats]:
    """(centre (k, 3), radius (k,)) through both ends of each link and of its two regions the
    corner farthest from it; NaN beside a region of many corners, which is no facet of a sphere."""
    start = vertices[links.ends[:, 0]]
    a = vertices[links.ends[:, 1]] - start
    b = _farthest(vertices, links, regions, links.first) - start
    c = _farthest(vertices, links, regions, links.second) - start
    bc = crosses(b, c)
    six = 2 * dots(a, bc)
    top = dots(a, a)[:, None] * bc
    top += dots(b, b)[:, None] * crosses(c, a)
    top += dots(c, c)[:, None] * crosses(a, b)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        away = top / six[:, None]
        return start + away, norms(away)


def _farthest(vertices: Floats, links: Links, regions: Regions, side: Ints) -> Floats:
    """(k, 3): of each link's region `side` (k,) the corner farthest from the link's line."""
    found = np.full((len(side), 3), np.nan)
    number = np.diff(regions.corner_offsets)[side]
    begin = regions.corner_offsets[side]
    three = np.flatnonzero(number == 3)
    corners = regions.corners[begin[three, None] + np.arange(3)]
    # A triangle has one corner besides the link's ends; where it is cut, any will do.
    low, high = links.ends[three].T
    apex = corners[:, 2]
    for k in (1, 0):
        apex = np.where((corners[:, k] != low) & (corners[:, k] != high), corners[:, k], apex)
    found[three] = vertices[apex]
    more = np.flatnonzero((number > 3) & (number <= _MOST_CORNERS))
    entry, vertex = regions.corners_of(side[more])
    away = vertices[vertex] - vertices[links.ends[more[entry], 0]]
    across = crosses(away, links.direction[more[entry]])
    distance = dots(across, across)
    ranked = np.lexsort((distance, entry))
    last = np.append(np.diff(entry) > 0, True)[: len(entry)]
    found[more[entry[last]]] = vertices[vertex[ranked[last]]]
    return found


def _agreeing(
    ends: tuple[Ints, Ints], is_convex: NDArray[np.bool_], centre: Floats, radius: Floats
) -> tuple[Ints, int]:
    """Folds that share a region, turn the same way and say the same sphere."""
    region = np.concatenate(ends)
    row = np.tile(np.arange(len(radius)), 2)
    order = order_within(region, is_convex[row], radius[row])
    before, after = row[order[:-1]], row[order[1:]]
    same = region[order[:-1]] == region[order[1:]]
    same &= is_convex[before] == is_convex[after]
    same &= radius[after] <= (1 + _SAME) * radius[before]
    before, after = before[same], after[same]
    apart = centre[before] - centre[after]
    near = dots(apart, apart) <= (_SAME * radius[before]) ** 2
    return component_labels(len(radius), before[near], after[near])


def _is_inner(
    faces: NDArray[np.integer[Any]],
    of_facet: Ints,
    n_vertices: int,
    sphere: Ints,
    vertex: Ints,
) -> NDArray[np.bool_]:
    """(n,) bool: of pairs (sphere, vertex), ascending, those where no other facet meets."""
    around = np.bincount(faces.reshape(-1), minlength=n_vertices)
    own = np.flatnonzero(of_facet >= 0)
    key = np.sort(np.repeat(of_facet[own], 3) * n_vertices + faces[own].reshape(-1))
    pair = sphere * n_vertices + vertex
    times = np.searchsorted(key, pair, side="right") - np.searchsorted(key, pair)
    return np.asarray(times == around[vertex], np.bool_)
