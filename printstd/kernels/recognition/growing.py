"""Round shapes grow over the facets next to them that lie on them, and parts of one are joined."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.distinct import distinct
from printstd.kernels.edges import EdgeTable
from printstd.kernels.facets import FacetShapes
from printstd.kernels.planes import Folds, Planes
from printstd.kernels.recognition.grouped import (
    Floats,
    Ints,
    distinct_pairs,
    levels,
    maxima,
    medians,
    sums,
)
from printstd.kernels.recognition.outlines import frame_across
from printstd.kernels.recognition.shapes import Found, Shape, heights, is_doubly_curved, places
from printstd.kernels.recognition.strips import MOST_FOLD_DEG

_LARGE: Final = 4.0
_MOST_SMOOTH: Final = 0.5
_SHORT_DEG: Final = 30.0
_DEEPER: Final = 3.3
"""A facet 1.8 times as wide as the others lies 3.3 times as deep: it was drawn flat."""

_FACING: Final = 0.85
_SAME_AXIS: Final = 1e-4
_SAME_SLOPE: Final = 1e-4


def grown(
    vertices: Floats,
    faces: NDArray[np.integer[Any]],
    shapes: FacetShapes,
    folded: Folds,
    flat: Planes,
    found: Found,
    noise: float,
) -> Found:
    """Facets next to a shape with all corners on it, no deeper within it than its own, join it."""
    of_facet = found.of_facet.copy()
    can_join = (flat.labels >= 0) & (of_facet < 0)
    neighbours, borders = _smooth_neighbours(folded, len(of_facet), of_facet >= 0)
    front = np.flatnonzero((of_facet >= 0) & (np.diff(borders) > 0))
    may_grow = np.zeros(found.number, bool)
    may_grow[of_facet[front]] = True
    own = np.flatnonzero(of_facet >= 0)
    own = own[may_grow[of_facet[own]]]
    depth = _depth(vertices, faces, own, of_facet[own], found)
    deepest = maxima(of_facet[own], depth, found.number)
    while len(front):
        number = borders[front + 1] - borders[front]
        ends = np.cumsum(number)
        rows = np.arange(ends[-1]) + np.repeat(borders[front] - ends + number, number)
        facet, shape = neighbours[rows], np.repeat(of_facet[front], number)
        free = can_join[facet]
        facet, shape = distinct_pairs(facet[free], shape[free])
        fits = _lies_on(vertices, faces, shapes, found, deepest + noise, facet, shape)
        facet, shape = facet[fits], shape[fits]
        of_facet[facet[::-1]] = shape[::-1]
        can_join[facet] = False
        front = distinct(facet)
    return found._replace(of_facet=of_facet)


def _smooth_neighbours(
    folded: Folds, n_facets: int, is_owned: NDArray[np.bool_]
) -> tuple[Ints, Ints]:
    """(facets (2 k,), borders (f + 1,)): those across smooth edges, facet after facet. Between two
    facets that are owned nothing grows."""
    smooth = folded.angle_deg <= MOST_FOLD_DEG
    smooth &= ~(is_owned[folded.first] & is_owned[folded.second])
    first, second = folded.first[smooth], folded.second[smooth]
    inner, outer = np.concatenate([first, second]), np.concatenate([second, first])
    order = np.argsort(inner, kind="stable")
    counts = np.bincount(inner, minlength=n_facets)
    return outer[order], np.append(0, np.cumsum(counts))


def without_embedded(
    vertices: Floats,
    folded: Folds,
    edges: EdgeTable,
    flat: Planes,
    found: Found,
) -> Found:
    """Short arcs, cones and caps whose border mostly goes over smoothly into facets as small as
    their own are given up: they are parts of a free-form surface, which is nearly round anywhere.
    A fillet goes over into walls, which are large, and only at its ends into corners."""
    if not found.number:
        return found
    owner = found.of_facet
    apart = np.flatnonzero(owner[folded.first] != owner[folded.second])
    ends = vertices[edges.vertices[folded.edge[apart]]]
    length = np.sqrt(((ends[:, 1] - ends[:, 0]) ** 2).sum(axis=1))
    first, second = folded.first[apart], folded.second[apart]
    is_smooth = folded.angle_deg[apart] <= MOST_FOLD_DEG
    own = np.flatnonzero(owner >= 0)
    typical = medians(owner[own], flat.area[flat.labels[own]], found.number)
    whole, smooth = np.zeros(found.number), np.zeros(found.number)
    for inner, outer in ((first, second), (second, first)):
        rows = np.flatnonzero(owner[inner] >= 0)
        shape, other = owner[inner[rows]], outer[rows]
        whole += sums(shape, length[rows], found.number)
        is_free = (
            (owner[other] < 0)
            & is_smooth[rows]
            & (flat.area[flat.labels[other]] < _LARGE * typical[shape])
        )
        smooth += sums(shape[is_free], length[rows[is_free]], found.number)
    given_up = (smooth > _MOST_SMOOTH * whole) & _is_short(flat, own, found)
    kept = (owner >= 0) & ~given_up[owner]
    return found._replace(of_facet=np.where(kept, owner, -1))


def _is_short(flat: Planes, own: Ints, found: Found) -> NDArray[np.bool_]:
    """(n,) bool: no torus, and its normals differ by a twelfth of a turn at most."""
    shape, region = found.of_facet[own], flat.labels[own]
    normal = sums(shape, flat.normal[region], found.number)
    number = np.maximum(np.bincount(shape, minlength=found.number), 1)
    alike = np.sqrt((normal * normal).sum(axis=1)) / number
    half = np.deg2rad(_SHORT_DEG / 2)
    is_torus = found.shape == list(Shape).index(Shape.TORUS)
    return np.asarray(~is_torus & (alike > np.sin(half) / half), np.bool_)


def _depth(
    vertices: Floats, faces: NDArray[np.integer[Any]], facet: Ints, shape: Ints, found: Found
) -> Floats:
    """(n,): how deep the middles of its sides lie inside the round surface."""
    corners = vertices[faces[facet]]
    middles = (corners + corners[:, [1, 2, 0]]) / 2
    return np.asarray(
        np.abs(heights(places(middles, shape, found), shape, found)).max(axis=1), np.float64
    )


def _lies_on(
    vertices: Floats,
    faces: NDArray[np.integer[Any]],
    shapes: FacetShapes,
    found: Found,
    deepest: Floats,
    facet: Ints,
    shape: Ints,
) -> NDArray[np.bool_]:
    corners = vertices[faces[facet]]
    off = np.abs(heights(places(corners, shape, found), shape, found)).max(axis=1)
    depth = _depth(vertices, faces, facet, shape, found)
    at = places(corners.mean(axis=1), shape, found)
    frame = frame_across(found.axis)[shape]
    radial = np.cos(at.angle)[:, None] * frame[:, 0] + np.sin(at.angle)[:, None] * frame[:, 1]
    is_bent = is_doubly_curved(found)[shape]
    across = np.where(is_bent, at.rho - found.around[shape], 1.0)
    along = np.where(is_bent, at.z, -found.slope[shape])
    outward = across[:, None] * radial + along[:, None] * found.axis[shape]
    outward /= np.maximum(np.sqrt((outward * outward).sum(axis=1)), 1e-300)[:, None]
    facing = (outward * shapes.normal[facet]).sum(axis=1)
    facing = np.where(found.is_concave[shape], -facing, facing)
    return np.asarray(
        (off <= found.tolerance[shape]) & (depth <= _DEEPER * deepest[shape]) & (facing > _FACING),
        np.bool_,
    )


def merged(vertices: Floats, faces: NDArray[np.integer[Any]], found: Found, noise: float) -> Found:
    """Parts of one surface become one shape; of cylinders and cones, those at one height only."""
    if found.number < 2:
        return found
    own = np.flatnonzero(found.of_facet >= 0)
    shape = found.of_facet[own]
    sign = np.where(_points_down(found.axis), -1.0, 1.0)
    axis = found.axis * sign[:, None]
    slope = found.slope * sign
    middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    along = ((found.centre - middle) * axis).sum(axis=1)
    foot = found.centre - middle - along[:, None] * axis
    z = ((vertices[faces[own]] - middle) * axis[shape][:, None]).sum(axis=2)
    high = maxima(shape, z.max(axis=1), found.number, -np.inf)
    low = -maxima(shape, -z.min(axis=1), found.number, -np.inf)
    given_up = ~np.isfinite(high)
    high[given_up] = low[given_up] = 0.0
    is_bent = is_doubly_curved(found)
    step = 16 * noise
    keys = [
        found.shape,
        found.is_concave.astype(np.int64),
        *(levels(axis[:, k], _SAME_AXIS) for k in range(3)),
        levels(slope, _SAME_SLOPE),
        *(levels(foot[:, k], step) for k in range(3)),
        levels(found.radius - slope * along, step),
        levels(found.around, step),
        np.where(is_bent, levels(along, step), 0),
    ]
    order = np.lexsort((low, *keys[::-1]))
    new = np.ones(found.number, bool)
    new[1:] = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    group = np.cumsum(new) - 1
    span = float(high.max() - low.min()) + 1.0
    reach = np.maximum.accumulate(high[order] + group * span) - group * span
    apart = np.append(True, low[order][1:] >= reach[:-1] - noise) & ~is_bent[order]
    part = np.cumsum(new | apart) - 1
    # The largest part knows the surface best.
    facets = np.bincount(shape, minlength=found.number)[order]
    leading = np.lexsort((np.arange(found.number), -facets, part))
    leader = order[leading[np.append(True, np.diff(part[leading]) > 0)]]
    number = np.empty(found.number, np.int64)
    number[order] = leader[part]
    return found._replace(of_facet=np.where(found.of_facet >= 0, number[found.of_facet], -1))


def _points_down(axis: Floats) -> NDArray[np.bool_]:
    """(n,): the first component that is clearly not 0 is negative."""
    clear = np.abs(axis) > 1e-3
    first = clear.argmax(axis=1)
    return np.asarray(axis[np.arange(len(axis)), first] < 0, np.bool_)
