"""Cylinders among the facets: strips that follow each other round a common axis.

CAD systems put the vertices on the true surface, so a direct fit gives the radius to float
precision, and random sampling would only lose it (facts of validation, 0.5 and 3.1).

A strip is a flat region whose neighbours across smooth edges lie along parallel edges, the
rulings. Two strips and the ruling between them are three parallel lines and say one radius: where
rulings that share a strip say the same, they belong to one arc. A wall that is tangent to an arc
says a far larger one, so arcs end at walls, and the last strip of an arc counts as all others
do. Strips much wider than the others are flats that were drawn, and end an arc too. The axis is
the direction most normal to all the strips' normals, the circle a least-squares fit to the
vertices of the rulings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.components import component_labels
from printstd.kernels.distinct import distinct
from printstd.kernels.edges import EdgeTable
from printstd.kernels.planes import Folds, Planes

LEAST_FOLD_DEG = 0.3
MOST_FOLD_DEG = 31.0
"""Twelve facets to the turn and more are a circle; ten and fewer are a polygon."""

_PARALLEL_COSINE = 1 - 1e-5  # 0.26 degrees
_SAME_RADIUS = 1.2
_WIDE = 1.8
_LEAN = 0.01
_FIT_RATIO = 1e-3


class Cylinder(NamedTuple):
    """One fitted patch."""

    facets: NDArray[np.int64]
    """(n,) int64, ascending."""
    axis: NDArray[np.float64]
    """(3,) unit."""
    centre: NDArray[np.float64]
    """(3,), a point of the axis."""
    radius: float
    strips: int
    arc_deg: float
    """All strips together; 360 where they close."""
    widest: float
    """Chord of the widest strip: it sets the chordal error."""
    residual: float
    """Largest distance of a vertex from the circle."""
    is_hole: bool

    @property
    def sagitta(self) -> float:
        """How far the middle of the widest chord lies inside the circle."""
        return float(self.radius - np.sqrt(max(self.radius**2 - self.widest**2 / 4, 0.0)))


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
    regions = _regions(vertices, faces, flat, links)
    found = [
        fitted
        for rows in _arcs(vertices, links, regions, least_strips)
        if (fitted := _fit(vertices, faces, flat, links, regions, rows, rounding)) is not None
    ]
    return sorted(found, key=lambda cylinder: (-cylinder.radius, int(cylinder.facets[0])))


class _Links(NamedTuple):
    """Rulings between two strips.

    ends : (k, 2) int64 vertices. direction : (k, 3) unit. length, angle_deg, is_convex : (k,).
    """

    fold: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    ends: NDArray[np.int64]
    direction: NDArray[np.float64]
    length: NDArray[np.float64]
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
    longest = _longest(first, second, length, len(flat.area))
    along_first = np.abs((direction * direction[longest[first]]).sum(axis=1))
    along_second = np.abs((direction * direction[longest[second]]).sum(axis=1))
    kept = np.minimum(along_first, along_second) > _PARALLEL_COSINE
    return _Links(
        smooth[kept],
        first[kept],
        second[kept],
        ends[kept],
        direction[kept],
        length[kept],
        folded.angle_deg[smooth[kept]],
        folded.is_convex[smooth[kept]],
    )


def _longest(
    first: NDArray[np.int64], second: NDArray[np.int64], length: NDArray[np.float64], count: int
) -> NDArray[np.int64]:
    """(count,) int64: the longest edge of each region, -1 where it has none."""
    region = np.concatenate([first, second])
    row = np.tile(np.arange(len(length)), 2)
    order = np.lexsort((row, length[row], region))  # the longest comes last among its region's
    longest = np.full(count, -1, np.int64)
    longest[region[order]] = row[order]
    return longest


class _Regions(NamedTuple):
    """Flat regions that have rulings.

    across : (p, 3) unit, in the plane and across the rulings. low, high : (p,), how far the
    region reaches along it. The facets of region i are facets[starts[i] : starts[i + 1]].
    """

    across: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    facets: NDArray[np.int64]
    starts: NDArray[np.int64]

    @property
    def width(self) -> NDArray[np.float64]:
        return self.high - self.low

    def facets_of(self, regions: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(facets of the regions, one region after the other, borders between them)."""
        count = self.starts[regions + 1] - self.starts[regions]
        ends = np.cumsum(count)
        rows = np.arange(ends[-1]) + np.repeat(self.starts[regions] - ends + count, count)
        return self.facets[rows], np.append(0, ends)


def _regions(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    flat: Planes,
    links: _Links,
) -> _Regions:
    count = len(flat.area)
    longest = _longest(links.first, links.second, links.length, count)
    across = np.cross(flat.normal, links.direction[longest])
    across[longest < 0] = 0.0
    order = np.argsort(flat.labels, kind="stable")
    borders = np.searchsorted(flat.labels[order], np.arange(count + 1)).astype(np.int64)
    facets, starts = order[borders[0] :], borders - borders[0]
    low, high = _reach(vertices, faces, facets, starts, across)
    return _Regions(across, low, high, facets, starts)


def _reach(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    facets: NDArray[np.int64],
    starts: NDArray[np.int64],
    across: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(low (p,), high (p,)) of the places of each region's corners along its `across` (p, 3)."""
    own = np.repeat(np.arange(len(across)), np.diff(starts))
    places = np.einsum("fij,fj->fi", vertices[faces[facets]], across[own])
    low = np.minimum.reduceat(places.min(axis=1), starts[:-1])
    high = np.maximum.reduceat(places.max(axis=1), starts[:-1])
    return low, high


def _arcs(
    vertices: NDArray[np.float64], links: _Links, regions: _Regions, least_strips: int
) -> Iterator[NDArray[np.int64]]:
    """Rows of `links` of each run of at least `least_strips` strips of one radius."""
    radius = _radii(vertices, links, regions)
    for run in _runs(links, np.arange(len(links.fold)), radius, least_strips):
        strips = distinct(np.concatenate([links.first[run], links.second[run]]))
        is_narrow = regions.width <= _WIDE * float(np.median(regions.width[strips]))
        narrow = run[is_narrow[links.first[run]] & is_narrow[links.second[run]]]
        yield from [run] if len(narrow) == len(run) else _runs(links, narrow, radius, least_strips)


def _radii(vertices: NDArray[np.float64], links: _Links, regions: _Regions) -> NDArray[np.float64]:
    """(k,) float64: of the circle through a ruling and the far borders of its two strips."""
    start = vertices[links.ends[:, 0]]
    chords = []
    for strip in (links.first, links.second):
        place = (regions.across[strip] * start).sum(axis=1)
        chords.append(np.maximum(regions.high[strip] - place, place - regions.low[strip]))
    turn = np.deg2rad(links.angle_deg)
    a, b = chords
    apart = np.sqrt(np.maximum(a * a + b * b + 2 * a * b * np.cos(turn), 0.0))
    return np.asarray(apart / (2 * np.sin(turn)), np.float64)


def _runs(
    links: _Links, rows: NDArray[np.int64], radius: NDArray[np.float64], least_strips: int
) -> list[NDArray[np.int64]]:
    """`rows` grouped: two are of one run where they share a strip, turn the same way and say the
    same radius; groups with too few strips are left out."""
    if not len(rows):
        return []
    strip = np.concatenate([links.first[rows], links.second[rows]])
    row = np.tile(np.arange(len(rows)), 2)
    size, turn = radius[rows][row], links.is_convex[rows][row]
    order = np.lexsort((row, size, turn, strip))
    before, after = order[:-1], order[1:]
    same = (
        (strip[before] == strip[after])
        & (turn[before] == turn[after])
        & (size[after] <= _SAME_RADIUS * size[before])
    )
    label, count = component_labels(len(rows), row[before[same]], row[after[same]])
    by_label = np.argsort(label, kind="stable")
    borders = np.searchsorted(label[by_label], np.arange(count + 1))
    # A run of n strips has at least n - 1 rulings, so most groups need no closer look.
    groups = [
        rows[by_label[borders[i] : borders[i + 1]]]
        for i in np.flatnonzero(np.diff(borders) >= least_strips - 1)
    ]
    return [
        group
        for group in groups
        if len(distinct(np.concatenate([links.first[group], links.second[group]]))) >= least_strips
    ]


def _fit(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    flat: Planes,
    links: _Links,
    regions: _Regions,
    rows: NDArray[np.int64],
    rounding: float,
) -> Cylinder | None:
    """The cylinder of one run, or None where its strips or its rulings are of none."""
    strips = distinct(np.concatenate([links.first[rows], links.second[rows]]))
    axis = _axis(flat, strips)
    if np.abs((flat.normal[strips] * axis).sum(axis=1)).max() > _LEAN:
        return None
    across = _across(axis)
    on = vertices[distinct(links.ends[rows])]
    points = on @ across.T
    centre, radius = _circle(points)
    off = np.abs(np.sqrt(((points - centre) ** 2).sum(axis=1)) - radius)
    residual = float(off.max())
    if not radius > 0 or residual > max(_FIT_RATIO * radius, 20 * rounding):
        return None
    facets, borders = regions.facets_of(strips)
    low, high = _reach(vertices, faces, facets, borders, np.cross(flat.normal[strips], axis))
    width = high - low
    if width.max() > 2 * radius:
        return None
    return Cylinder(
        facets=np.sort(facets),
        axis=axis,
        centre=centre @ across + (on @ axis).mean() * axis,
        radius=radius,
        strips=len(strips),
        arc_deg=min(float(np.rad2deg(2 * np.arcsin(width / (2 * radius))).sum()), 360.0),
        widest=float(width.max()),
        residual=residual,
        is_hole=not bool(links.is_convex[rows[0]]),
    )


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


def _circle(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Least-squares circle through (n, 2) points: x2 + y2 = 2 a x + 2 b y + c, solved about
    their mean."""
    mean = points.mean(axis=0)
    x = points - mean
    system = np.column_stack([2 * x, np.ones(len(x))])
    a, b, c = np.linalg.lstsq(system, (x * x).sum(axis=1), rcond=None)[0]
    return mean + np.array([a, b]), float(np.sqrt(max(c + a * a + b * b, 0.0)))
