"""Flat regions of a mesh, and the angles at the edges between facets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.components import component_labels
from printstd.kernels.distinct import distinct
from printstd.kernels.edges import EdgeTable
from printstd.kernels.facets import FacetShapes, middles, used_vertices
from printstd.kernels.region_spread import spread
from printstd.kernels.vectors import crosses, dots, norms
from printstd.named_tuple import NamedTuple

FLAT_DEG = 0.05
"""Facets that meet at less are one plane: far above the rounding of float32 coordinates."""

MOST_FLAT_DEG = 0.29
"""Never more, however the coordinates are rounded: a fold of 0.3 degrees is one that was drawn."""


class Folds(NamedTuple):
    """One row per edge between two facets with area, both wound alike.

    edge : (k,) int64, number in the edge table. first, second : (k,) int64, facets.
    angle_deg : (k,) float64, between the normals, 0 = flat. is_convex : (k,) bool.
    """

    edge: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    angle_deg: NDArray[np.float64]
    is_convex: NDArray[np.bool_]


def folds(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    shapes: FacetShapes,
    has_area: NDArray[np.bool_],
    edges: EdgeTable,
) -> Folds:
    edge, first, second = edges.two_facet_edges()
    kept = has_area[first] & has_area[second] & edges.is_balanced[edge]
    edge, first, second = edge[kept], first[kept], second[kept]
    n1, n2 = shapes.normal[first], shapes.normal[second]
    sine, cosine = norms(crosses(n1, n2)), dots(n1, n2)
    onto = middles(vertices, faces[second]) - vertices[edges.vertices[edge, 0]]
    is_convex = dots(onto, n1) < 0
    return Folds(edge, first, second, np.rad2deg(np.arctan2(sine, cosine)), is_convex)


class Planes(NamedTuple):
    """labels : (f,) int64, flat region of each facet, -1 for facets without area.
    normal : (p, 3) float64, unit, mean by area. offset : (p,) float64, along it, mean by area,
    from the middle of the box, so that it does not depend on where the mesh lies.
    area : (p,) float64.
    """

    labels: NDArray[np.int64]
    normal: NDArray[np.float64]
    offset: NDArray[np.float64]
    area: NDArray[np.float64]


def planes(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    shapes: FacetShapes,
    has_area: NDArray[np.bool_],
    folded: Folds,
    *,
    noise: float = 0.0,
) -> Planes:
    """Facets joined across edges that are flat. `noise` is how far a vertex may lie off for
    rounding alone, in the vertices' unit: a narrow region's normal hangs on it, so that the halves
    of a flat strip far from the origin seem to meet at more than those of a wall."""
    flat = folded.angle_deg < FLAT_DEG
    label, _ = component_labels(len(faces), folded.first[flat], folded.second[flat])
    if noise > 0:
        flat |= _is_flat_within(vertices, faces, shapes, folded, label, noise)
        label, _ = component_labels(len(faces), folded.first[flat], folded.second[flat])
    number = np.full(int(label.max(initial=-1)) + 1, -1, np.int64)
    regions = distinct(label[has_area])
    number[regions] = np.arange(len(regions))
    labels = np.where(has_area, number[label], -1)
    own, facets = labels[has_area], np.flatnonzero(has_area)
    area = _sums(own, shapes.area[facets], len(regions))
    weighted = shapes.normal[facets] * shapes.area[facets, None]
    summed = np.stack([_sums(own, weighted[:, k], len(regions)) for k in range(3)], axis=1)
    normal = summed / norms(summed)[:, None]
    used = vertices[used_vertices(len(vertices), faces[facets])]
    centre = (used.min(axis=0) + used.max(axis=0)) / 2 if len(facets) else 0.0
    middle = middles(vertices, faces[facets]) - centre
    along = dots(middle, normal[own]) * shapes.area[facets]
    return Planes(labels, normal, _sums(own, along, len(regions)) / area, area)


def _is_flat_within(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    shapes: FacetShapes,
    folded: Folds,
    label: NDArray[np.int64],
    noise: float,
) -> NDArray[np.bool_]:
    """(k,) bool: the fold is no more than what `noise` at the far sides of the two flat regions
    makes. label : (f,) int64, of the regions: they reach as far in however many facets they were
    divided."""
    rows = np.flatnonzero((folded.angle_deg >= FLAT_DEG) & (folded.angle_deg < MOST_FLAT_DEG))
    flat = np.zeros(len(folded.angle_deg), bool)
    first, second = folded.first[rows], folded.second[rows]
    own, other = faces[first], faces[second]
    shared = (own[:, :, None] == other[:, None, :]).any(axis=2)
    far = shared.argmin(axis=1)
    ends = vertices[np.take_along_axis(own, (far[:, None] + [1, 2]) % 3, axis=1)]
    along = ends[:, 1] - ends[:, 0]
    along /= np.maximum(norms(along), 1e-300)[:, None]
    asked = label[np.concatenate([first, second])]
    wide = spread(vertices, faces, shapes.area, label, asked)
    steep: NDArray[np.float64] = np.zeros(len(rows))
    for facet in (first, second):
        across = crosses(shapes.normal[facet], along)
        steep += 1.0 / np.maximum(wide.reach(label[facet], ends[:, 0], across), 1e-300)
    flat[rows] = np.deg2rad(folded.angle_deg[rows]) < noise * steep
    return flat


def _sums(group: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return np.asarray(np.bincount(group, weights=values, minlength=count), np.float64)


def parallel_distances(found: Planes, *, most: int, least_area_ratio: float) -> NDArray[np.float64]:
    """(d,) float64, ascending: distances between pairs of parallel planes (to about 0.02
    degrees) among the `most` largest with at least `least_area_ratio` of the whole area."""
    order = np.argsort(-found.area, kind="stable")[:most]
    order = order[found.area[order] >= least_area_ratio * found.area.sum()]
    normal, offset = found.normal[order], found.offset[order]
    first, second = np.triu_indices(len(order), 1)
    cosine = (normal[first] * normal[second]).sum(axis=1)
    parallel = np.abs(cosine) > 1 - 1e-7
    first, second = first[parallel], second[parallel]
    sign = np.sign(cosine[parallel])
    return np.sort(np.abs(offset[first] - sign * offset[second]))
