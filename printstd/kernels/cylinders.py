"""Cylinders among the facets: strips that follow each other round a common axis.

CAD systems put the vertices on the true surface, so a direct fit gives the radius to float
precision, and random sampling would only lose it (facts of validation, 0.5 and 3.1).

A strip is a flat region whose neighbours across smooth edges lie along parallel edges, the
rulings. Strips linked by rulings make a candidate; strips much wider than the others (walls
tangent to a fillet) are left out; the axis is the direction most normal to all the strips'
normals, the circle a least-squares fit to the vertices of the rulings.
"""

from __future__ import annotations

from typing import NamedTuple

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
    facets_by_plane = np.argsort(flat.labels, kind="stable")
    starts = np.searchsorted(flat.labels[facets_by_plane], np.arange(len(flat.area) + 1))
    by_patch = np.argsort(label[links.first], kind="stable")
    patch_of = label[links.first][by_patch]
    found = []
    for patch in np.flatnonzero(size >= least_strips):
        low, high = np.searchsorted(patch_of, [patch, patch + 1])
        fitted = _fit(vertices, flat, links, by_patch[low:high], least_strips, rounding)
        if fitted is None:
            continue
        strips, cylinder = fitted
        facets = np.concatenate(
            [facets_by_plane[starts[strip] : starts[strip + 1]] for strip in strips]
        )
        found.append(cylinder._replace(facets=np.sort(facets)))
    return sorted(found, key=lambda cylinder: (-cylinder.radius, int(cylinder.facets[0])))


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
    vertices: NDArray[np.float64],
    flat: Planes,
    links: _Links,
    rows: NDArray[np.int64],
    least_strips: int,
    rounding: float,
) -> tuple[NDArray[np.int64], Cylinder] | None:
    axis = _axis(flat, np.unique(np.concatenate([links.first[rows], links.second[rows]])))
    across = _across(axis)
    rows, strips = _without_walls(vertices, across, links, rows)
    if len(strips) < least_strips:
        return None
    axis = _axis(flat, strips)
    if np.abs(flat.normal[strips] @ axis).max() > 0.01:
        return None
    points = vertices[np.unique(links.ends[rows])] @ _across(axis).T
    centre, radius = _circle(points)
    off = np.abs(np.sqrt(((points - centre) ** 2).sum(axis=1)) - radius)
    residual = float(off.max())
    if residual > max(_FIT_RATIO * radius, 20 * rounding):
        return None
    convex = links.is_convex[rows]
    if convex.any() and not convex.all():
        return None
    angles = links.angle_deg[rows]
    arc = float(np.median(angles)) * _neighbour_pairs(links, rows)
    nothing = np.empty(0, np.int64)
    return strips, Cylinder(
        facets=nothing,
        axis=axis,
        radius=radius,
        strips=len(strips),
        arc_deg=min(arc, 360.0),
        largest_fold_deg=float(angles.max()),
        residual=residual,
        is_hole=not bool(convex[0]),
    )


def _neighbour_pairs(links: _Links, rows: NDArray[np.int64]) -> int:
    low = np.minimum(links.first[rows], links.second[rows])
    high = np.maximum(links.first[rows], links.second[rows])
    return len(np.unique(low << 32 | high))


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
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rows, strips) of one run of strips of like width. A strip's width is the distance between
    its rulings; a strip with one ruling is the end of an arc or a wall, and is left out."""
    strips = np.concatenate([links.first[rows], links.second[rows]])
    place = (vertices[links.ends[rows, 0]] @ across.T)[np.tile(np.arange(len(rows)), 2)]
    order = np.argsort(strips, kind="stable")
    unique, start = np.unique(strips[order], return_index=True)
    low = np.minimum.reduceat(place[order], start)
    high = np.maximum.reduceat(place[order], start)
    width = np.sqrt(((high - low) ** 2).sum(axis=1))
    inner = width > 0
    if not inner.any():
        return rows[:0], unique[:0]
    narrow = unique[inner & (width <= _WIDE * np.median(width[inner]))]
    kept = np.isin(links.first[rows], narrow) & np.isin(links.second[rows], narrow)
    rows = rows[kept]
    if not len(rows):
        return rows, unique[:0]
    # Leaving walls out may leave several arcs; the longest run is the patch.
    local, pair = np.unique(
        np.concatenate([links.first[rows], links.second[rows]]), return_inverse=True
    )
    run, n_runs = component_labels(len(local), pair[: len(rows)], pair[len(rows) :])
    best = int(np.bincount(run, minlength=n_runs).argmax())
    return rows[run[pair[: len(rows)]] == best], local[run == best]


def _circle(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Least-squares circle through (n, 2) points: x2 + y2 = 2 a x + 2 b y + c, solved about
    their mean."""
    mean = points.mean(axis=0)
    x = points - mean
    system = np.column_stack([2 * x, np.ones(len(x))])
    a, b, c = np.linalg.lstsq(system, (x * x).sum(axis=1), rcond=None)[0]
    return mean + np.array([a, b]), float(np.sqrt(max(c + a * a + b * b, 0.0)))
