"""Cylinders among the facets: strips that follow each other round a common axis.

CAD systems put the vertices on the true surface, so a direct fit gives the radius to float
precision, and random sampling would only lose it (facts of validation, 0.5 and 3.1).

A strip is a flat region whose neighbours across smooth edges lie along parallel edges, the
rulings. Strips linked by rulings make a candidate; strips much wider than the others (walls
tangent to a fillet) are left out; the axis is the direction most normal to all the strips'
normals, the circle a least-squares fit to the vertices of the rulings. The two strips at the ends
of an arc, which have one ruling each, count where all their vertices lie on the circle.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.components import component_labels
from printstd.kernels.edges import EdgeTable
from printstd.kernels.planes import Folds, Planes

LEAST_FOLD_DEG = 0.3
MOST_FOLD_DEG = 31.0
"""Twelve facets to the turn and more are a circle; ten and fewer are a polygon."""

_PARALLEL_COSINE = 1 - 1e-5  # 0.26 degrees
_WIDE = 1.8
_FIT_RATIO = 1e-3


class Cylinder(NamedTuple):
    """One fitted patch."""

    facets: NDArray[np.int64]
    """(n,) int64."""
    axis: NDArray[np.float64]
    """(3,) unit."""
    radius: float
    strips: int
    arc_deg: float
    """All strips together; 360 where they close."""
    largest_fold_deg: float
    """Between neighbouring strips: it sets the chordal error."""
    residual: float
    """Largest distance of a vertex from the circle."""
    is_hole: bool

    @property
    def sagitta(self) -> float:
        """How far the middle of the widest chord lies inside the circle."""
        return float(self.radius * (1 - np.cos(np.deg2rad(self.largest_fold_deg) / 2)))


def cylinders(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    folded: Folds,
    edges: EdgeTable,
    flat: Planes,
    *,
    least_strips: int,
    rounding: float,
) -> list[Cylinder]:
    """Every fitted cylinder or arc of at least `least_strips` strips, largest radius first."""
    links = _rulings(vertices, folded, edges, flat)
    if not len(links.fold):
        return []
    label, count = component_labels(len(flat.area), links.first, links.second)
    size = np.bincount(label, minlength=count)
    regions = _regions(vertices, faces, flat)
    by_patch = np.argsort(label[links.first], kind="stable")
    patch_of = label[links.first][by_patch]
    found = []
    for patch in np.flatnonzero(size >= least_strips):
        low, high = np.searchsorted(patch_of, [patch, patch + 1])
        fitted = _fit(regions, flat, links, by_patch[low:high], least_strips, rounding)
        if fitted is not None:
            found.append(fitted)
    return sorted(found, key=lambda cylinder: (-cylinder.radius, int(cylinder.facets[0])))


class _Regions(NamedTuple):
    """Flat regions: the facets of region i are facets[starts[i] : starts[i + 1]]."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.integer[Any]]
    facets: NDArray[np.int64]
    starts: NDArray[np.int64]

    def facets_of(self, regions: NDArray[np.int64]) -> NDArray[np.int64]:
        """(n,) int64, ascending."""
        own = [self.facets[self.starts[region] : self.starts[region + 1]] for region in regions]
        return np.sort(np.concatenate(own))

    def points_of(self, region: int) -> NDArray[np.float64]:
        """(n, 3): every corner of the region's facets."""
        facets = self.facets[self.starts[region] : self.starts[region + 1]]
        return np.asarray(self.vertices[self.faces[facets].reshape(-1)], np.float64)


def _regions(
    vertices: NDArray[np.float64], faces: NDArray[np.integer[Any]], flat: Planes
) -> _Regions:
    facets = np.argsort(flat.labels, kind="stable")
    starts = np.searchsorted(flat.labels[facets], np.arange(len(flat.area) + 1))
    return _Regions(vertices, faces, facets, np.asarray(starts, np.int64))


class _Links(NamedTuple):
    """Rulings between two strips. ends : (k, 2) int64 vertices; angle_deg, is_convex."""

    fold: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    ends: NDArray[np.int64]
    angle_deg: NDArray[np.float64]
    is_convex: NDArray[np.bool_]


def _rulings(
    vertices: NDArray[np.float64], folded: Folds, edges: EdgeTable, flat: Planes
) -> _Links:
    """Smooth edges that are parallel to the longest smooth edge of both their regions."""
    smooth = np.flatnonzero(
        (folded.angle_deg >= LEAST_FOLD_DEG) & (folded.angle_deg <= MOST_FOLD_DEG)
    )
    first, second = flat.labels[folded.first[smooth]], flat.labels[folded.second[smooth]]
    apart = first != second
    smooth, first, second = smooth[apart], first[apart], second[apart]
    ends = edges.vertices[folded.edge[smooth]]
    run = vertices[ends[:, 1]] - vertices[ends[:, 0]]
    length = np.sqrt((run * run).sum(axis=1))
    direction = run / length[:, None]
    # The longest smooth edge of each region: sorted last among the region's own.
    region = np.concatenate([first, second])
    row = np.tile(np.arange(len(smooth)), 2)
    order = np.lexsort((row, length[row], region))
    longest = np.full(len(flat.area), -1, np.int64)
    longest[region[order]] = row[order]
    along_first = np.abs((direction * direction[longest[first]]).sum(axis=1))
    along_second = np.abs((direction * direction[longest[second]]).sum(axis=1))
    kept = np.minimum(along_first, along_second) > _PARALLEL_COSINE
    return _Links(
        smooth[kept],
        first[kept],
        second[kept],
        ends[kept],
        folded.angle_deg[smooth[kept]],
        folded.is_convex[smooth[kept]],
    )


def _fit(
    regions: _Regions,
    flat: Planes,
    links: _Links,
    rows: NDArray[np.int64],
    least_strips: int,
    rounding: float,
) -> Cylinder | None:
    """The cylinder of one patch of linked strips, or None where it is none."""
    vertices = regions.vertices
    axis = _axis(flat, np.unique(np.concatenate([links.first[rows], links.second[rows]])))
    core, strips, width = _without_walls(vertices, _across(axis), links, rows)
    if len(strips) < least_strips - 2:
        return None
    axis = _axis(flat, strips)
    if np.abs(flat.normal[strips] @ axis).max() > 0.01:
        return None
    across = _across(axis)
    # Every ruling of a strip lies on the surface, those towards a tangent wall too.
    is_core = np.zeros(len(flat.area), bool)
    is_core[strips] = True
    touching = rows[is_core[links.first[rows]] | is_core[links.second[rows]]]
    points = vertices[np.unique(links.ends[touching])] @ across.T
    centre, radius = _circle(points)
    residual = float(_off(points, centre, radius).max())
    tolerance = max(_FIT_RATIO * radius, 20 * rounding)
    if residual > tolerance:
        return None
    ends = np.setdiff1d(np.concatenate([links.first[touching], links.second[touching]]), strips)
    for region in ends.tolist():
        corners = regions.points_of(region) @ across.T
        reach = float(np.sqrt(((corners - corners[0]) ** 2).sum(axis=1)).max())
        if reach <= _WIDE * width and _off(corners, centre, radius).max() <= tolerance:
            is_core[region] = True
    strips = np.flatnonzero(is_core)
    core = rows[is_core[links.first[rows]] & is_core[links.second[rows]]]
    convex = links.is_convex[core]
    if len(strips) < least_strips or not (convex.all() or not convex.any()):
        return None
    turned, pairs = _turned(links, core)
    return Cylinder(
        facets=regions.facets_of(strips),
        axis=axis,
        radius=radius,
        strips=len(strips),
        arc_deg=min(turned * len(strips) / pairs, 360.0),
        largest_fold_deg=float(links.angle_deg[core].max()),
        residual=residual,
        is_hole=not bool(convex[0]),
    )


def _off(
    points: NDArray[np.float64], centre: NDArray[np.float64], radius: float
) -> NDArray[np.float64]:
    """(n,) float64: distances of (n, 2) points from the circle."""
    return np.asarray(np.abs(np.sqrt(((points - centre) ** 2).sum(axis=1)) - radius), np.float64)


def _turned(links: _Links, rows: NDArray[np.int64]) -> tuple[float, int]:
    """(sum of the folds between neighbouring strips, number of such pairs); a ruling that is cut
    into several edges counts once. A closed ring has as many pairs as strips, an arc one less."""
    low = np.minimum(links.first[rows], links.second[rows])
    high = np.maximum(links.first[rows], links.second[rows])
    _, first = np.unique(low << 32 | high, return_index=True)
    return float(links.angle_deg[rows[first]].sum()), len(first)


def _axis(flat: Planes, strips: NDArray[np.int64]) -> NDArray[np.float64]:
    """(3,) unit: the direction most normal to the strips' normals. The mean direction of the
    rulings would be pulled about by the fillets next to them."""
    normal = flat.normal[strips]
    spread = (normal * flat.area[strips, None]).T @ normal
    return np.asarray(np.linalg.eigh(spread)[1][:, 0], np.float64)


def _across(axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, 3): two unit vectors normal to `axis` and to each other."""
    seed = np.zeros(3)
    seed[np.abs(axis).argmin()] = 1.0
    u = np.cross(axis, seed)
    u /= np.sqrt((u * u).sum())
    return np.stack([u, np.cross(axis, u)])


def _without_walls(
    vertices: NDArray[np.float64],
    across: NDArray[np.float64],
    links: _Links,
    rows: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], float]:
    """(rows, strips, median width) of one run of strips of like width. A strip's width is the
    distance between its rulings; a strip with one ruling is the end of an arc or a wall, and is
    left out here."""
    strips = np.concatenate([links.first[rows], links.second[rows]])
    place = (vertices[links.ends[rows, 0]] @ across.T)[np.tile(np.arange(len(rows)), 2)]
    order = np.argsort(strips, kind="stable")
    unique, start = np.unique(strips[order], return_index=True)
    low = np.minimum.reduceat(place[order], start)
    high = np.maximum.reduceat(place[order], start)
    width = np.sqrt(((high - low) ** 2).sum(axis=1))
    inner = width > 0
    if not inner.any():
        return rows[:0], unique[:0], 0.0
    usual = float(np.median(width[inner]))
    narrow = unique[inner & (width <= _WIDE * usual)]
    kept = np.isin(links.first[rows], narrow) & np.isin(links.second[rows], narrow)
    rows = rows[kept]
    if not len(rows):
        return rows, unique[:0], 0.0
    # Leaving walls out may leave several arcs; the longest run is the patch.
    local, pair = np.unique(
        np.concatenate([links.first[rows], links.second[rows]]), return_inverse=True
    )
    run, n_runs = component_labels(len(local), pair[: len(rows)], pair[len(rows) :])
    best = int(np.bincount(run, minlength=n_runs).argmax())
    return rows[run[pair[: len(rows)]] == best], local[run == best], usual


def _circle(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Least-squares circle through (n, 2) points: x2 + y2 = 2 a x + 2 b y + c, solved about
    their mean."""
    mean = points.mean(axis=0)
    x = points - mean
    system = np.column_stack([2 * x, np.ones(len(x))])
    a, b, c = np.linalg.lstsq(system, (x * x).sum(axis=1), rcond=None)[0]
    return mean + np.array([a, b]), float(np.sqrt(max(c + a * a + b * b, 0.0)))
