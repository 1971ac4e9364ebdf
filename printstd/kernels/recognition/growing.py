"""Round shapes grow over the flat regions next to them that lie on them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.distinct import distinct
from printstd.kernels.edges import EdgeTable
from printstd.kernels.planes import Folds, Planes
from printstd.kernels.recognition.corners import Regions
from printstd.kernels.recognition.fits import means
from printstd.kernels.recognition.grouped import (
    Floats,
    Ints,
    distinct_pairs,
    maxima,
    medians,
    sums,
)
from printstd.kernels.recognition.outlines import frame_across
from printstd.kernels.recognition.shapes import Found, Shape, heights, is_doubly_curved, places
from printstd.kernels.recognition.strips import MOST_FOLD_DEG, Links

_LARGE: Final = 4.0
_MOST_SMOOTH: Final = 0.5
_SHORT_DEG: Final = 30.0
_SHORT_BAND_DEG: Final = 120.0
"""Of a cone: any two rings of a surface of revolution lie on one, and it needs more to be told."""

DEEPER: Final = 3.3
"""A facet 1.8 times as wide as the others lies 3.3 times as deep: it was drawn flat."""

_FACING: Final = 0.85


def grown(
    vertices: Floats,
    faces: NDArray[np.integer[Any]],
    links: Links,
    regions: Regions,
    flat: Planes,
    found: Found,
    noise: float,
) -> Found:
    """Regions next to a shape that lie on it, no deeper within it than its own, join it."""
    owner = found.of_region.copy()
    may_join = (owner[links.first] < 0) | (owner[links.second] < 0)
    first, second = links.first[may_join], links.second[may_join]
    inner, outer = np.concatenate([first, second]), np.concatenate([second, first])
    order = np.argsort(inner, kind="stable")
    neighbours = outer[order]
    offsets = np.append(0, np.cumsum(np.bincount(inner, minlength=len(owner))))
    front = np.flatnonzero((owner >= 0) & (np.diff(offsets) > 0))
    may_grow = np.zeros(found.number, bool)
    may_grow[owner[front]] = True
    own = np.flatnonzero(owner >= 0)
    own = own[may_grow[owner[own]]]
    depth = depths(vertices, faces, regions, own, found._replace(of_region=owner))
    deepest = maxima(owner[own], depth, found.number)
    while len(front):
        number = offsets[front + 1] - offsets[front]
        ends = np.cumsum(number)
        rows = np.arange(ends[-1]) + np.repeat(offsets[front] - ends + number, number)
        region, shape = neighbours[rows], np.repeat(owner[front], number)
        free = owner[region] < 0
        region, shape = distinct_pairs(region[free], shape[free])
        fits = _lies_on(vertices, faces, regions, flat, found, deepest + noise, region, shape)
        region, shape = region[fits], shape[fits]
        owner[region[::-1]] = shape[::-1]
        front = distinct(region)
    return found._replace(of_region=owner)


def without_embedded(
    vertices: Floats,
    folded: Folds,
    edges: EdgeTable,
    flat: Planes,
    found: Found,
) -> Found:
    """Short arcs, cones and caps whose border mostly goes over smoothly into facets as small as
    their own are given up: they are parts of a free-form surface, which is nearly round anywhere.
    A fillet goes over into walls, which are large, and only at its ends into corners. Short cones
    beside each other are no reason to keep either: any band of a curved surface is nearly one."""
    if not found.number:
        return found
    owner = found.of_facet(flat)
    apart = np.flatnonzero(owner[folded.first] != owner[folded.second])
    ends = vertices[edges.vertices[folded.edge[apart]]]
    length = np.sqrt(((ends[:, 1] - ends[:, 0]) ** 2).sum(axis=1))
    first, second = folded.first[apart], folded.second[apart]
    is_smooth = folded.angle_deg[apart] <= MOST_FOLD_DEG
    own = np.flatnonzero(found.of_region >= 0)
    typical = medians(found.of_region[own], flat.area[own], found.number)
    is_short = _is_short(flat, own, found)
    is_band = np.append(is_short & (found.shape == list(Shape).index(Shape.CONE)), True)
    whole, smooth = np.zeros(found.number), np.zeros(found.number)
    for inner, outer in ((first, second), (second, first)):
        rows = np.flatnonzero(owner[inner] >= 0)
        shape, other = owner[inner[rows]], outer[rows]
        whole += sums(shape, length[rows], found.number)
        is_free = (
            is_band[owner[other]]
            & is_smooth[rows]
            & (flat.area[flat.labels[other]] < _LARGE * typical[shape])
        )
        smooth += sums(shape[is_free], length[rows[is_free]], found.number)
    return found.without((smooth > _MOST_SMOOTH * whole) & is_short)


def _is_short(flat: Planes, own: Ints, found: Found) -> NDArray[np.bool_]:
    """(n,) bool: its normals differ by a twelfth of a turn at most, those of a cone by a third."""
    shape = found.of_region[own]
    normal = sums(shape, flat.normal[own], found.number)
    number = np.maximum(np.bincount(shape, minlength=found.number), 1)
    alike = np.sqrt((normal * normal).sum(axis=1)) / number
    is_cone = found.shape == list(Shape).index(Shape.CONE)
    half = np.deg2rad(np.where(is_cone, _SHORT_BAND_DEG, _SHORT_DEG) / 2)
    return np.asarray(alike > np.sin(half) / half, np.bool_)


def depths(
    vertices: Floats,
    faces: NDArray[np.integer[Any]],
    regions: Regions,
    region: Ints,
    found: Found,
    shape: Ints | None = None,
) -> Floats:
    """(n,): how deep regions lie inside their own round surface, or that of another `shape` (n,):
    the middles of their facets' sides, and vertices that are no corners, as they are middles of
    what was divided."""
    shape = found.of_region[region] if shape is None else shape
    entry, facet = regions.facets_of(region)
    corners = vertices[faces[facet]]
    middles = (corners + corners[:, [1, 2, 0]]) / 2
    of_middles = np.abs(heights(places(middles, shape[entry], found), shape[entry], found))
    deep = maxima(entry, of_middles.max(axis=1), len(region))
    within = ~regions.is_corner[faces[facet]]
    rows = np.flatnonzero(within.any(axis=1))
    if len(rows):
        own = shape[entry[rows]]
        off = np.abs(heights(places(corners[rows], own, found), own, found))
        off[~within[rows]] = 0.0
        np.maximum.at(deep, entry[rows], off.max(axis=1))
    return deep


def is_on(
    away: Floats, shape: Ints, found: Found, tolerance: Floats, deepest: Floats
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(may be a corner of the shape, lies on it), both (n,) bool, of corners that are `away` from
    `shape`: what cuts through a facet leaves corners on its chords, inside the round surface but no
    deeper than those are. A wall that is tangent to it lies outside."""
    on = np.abs(away) <= tolerance[shape]
    is_torus = found.shape == list(Shape).index(Shape.TORUS)
    inside = (away <= 0) & (-away <= deepest[shape]) & ~is_torus[shape]
    return on | inside, on


def _lies_on(
    vertices: Floats,
    faces: NDArray[np.integer[Any]],
    regions: Regions,
    flat: Planes,
    found: Found,
    deepest: Floats,
    region: Ints,
    shape: Ints,
) -> NDArray[np.bool_]:
    entry, vertex = regions.corners_of(region)
    own = shape[entry]
    away = heights(places(vertices[vertex][:, None], own, found), own, found)[:, 0]
    good, on = is_on(away, own, found, found.tolerance, DEEPER * deepest)
    number = np.bincount(entry, minlength=len(region))
    inside = np.bincount(entry, good, len(region)) == number
    fits = np.flatnonzero(inside & (2 * np.bincount(entry, on, len(region)) >= number))
    on_it = np.zeros(len(region), bool)
    depth = depths(vertices, faces, regions, region[fits], found, shape[fits])
    turned = facing(vertices, regions, flat, found, region[fits], shape[fits])
    on_it[fits] = (depth <= DEEPER * deepest[shape[fits]]) & (turned > _FACING)
    return on_it


def facing(
    vertices: Floats, regions: Regions, flat: Planes, found: Found, region: Ints, shape: Ints
) -> Floats:
    """(n,): cosine between the region's normal and that of the round surface at its middle."""
    entry, vertex = regions.corners_of(region)
    at = places(means(entry, vertices[vertex], len(region)), shape, found)
    frame = frame_across(found.axis)[shape]
    radial = np.cos(at.angle)[:, None] * frame[:, 0] + np.sin(at.angle)[:, None] * frame[:, 1]
    is_bent = is_doubly_curved(found)[shape]
    across = np.where(is_bent, at.rho - found.around[shape], 1.0)
    along = np.where(is_bent, at.z, -found.slope[shape])
    outward = across[:, None] * radial + along[:, None] * found.axis[shape]
    outward /= np.maximum(np.sqrt((outward * outward).sum(axis=1)), 1e-300)[:, None]
    cosine = (outward * flat.normal[region]).sum(axis=1)
    return np.asarray(np.where(found.is_concave[shape], -cosine, cosine), np.float64)
