"""Where the triangles of one mesh cut, cross along an edge, or lie on each other.

Every decision is made against a tolerance that is orders of magnitude above the rounding of
float64: signed distances of facets that are higher than 1e-6 of their length are exact to about
1e-10 of the model, and the tolerance is 5e-7 of it. A contact that the tolerance cannot see is no
deeper than the tolerance, which is the grade that is never a fault; so no sign is left undecided
that could change a verdict, and no exact arithmetic is needed to know it.

Four kinds are told apart, because each needs its own test (facts of validation, 2.4):

- CUT: each triangle has corners on both sides of the other's plane, and the stretches that they
  cut out of the common line overlap. Two triangles with a common corner are the same test: the
  corner is at distance zero, and only the opposite edges can make the stretches overlap.
- CREASE: an edge lies in a triangle's plane and runs through its inside, and the two facets at
  that edge leave to different sides. No pair of triangles has corners on both sides then, so the
  test for CUT alone misses it: CAD input is always degenerate.
- TOUCH: like CUT, without a common corner, but the stretches meet in a point: two edges cross.
- LAP: the triangles are coplanar and their areas overlap, with 0, 1 or 2 common corners (with 2,
  a fold). Depth is zero by definition.

Not seen: surfaces that pass through each other along collinear edges of both, at every point.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.box_tree import Pairs, box_tree, morton_order, overlapping_pairs
from printstd.kernels.edges import EdgeTable
from printstd.kernels.tame_vertices import tame_vertices
from printstd.kernels.vectors import dots


class Contact(IntEnum):
    CUT = 0
    CREASE = 1
    TOUCH = 2
    LAP = 3


class Contacts(NamedTuple):
    """One row per pair of facets.

    first, second : (k,) int64, facet numbers. kind : (k,) int64, `Contact`.
    length : (k,) float64, of the common stretch (0 for TOUCH and LAP).
    depth : (k,) float64: the least by which one of the two reaches beyond the other's plane; the
        surfaces can go no deeper into each other within this pair.
    middle : (k, 3) float64, of the common stretch; for LAP the middle of both triangles.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    kind: NDArray[np.int64]
    length: NDArray[np.float64]
    depth: NDArray[np.float64]
    middle: NDArray[np.float64]

    def rows(self, chosen: NDArray[Any]) -> Contacts:
        """Those rows that a mask or an index chooses."""
        return Contacts(
            self.first[chosen],
            self.second[chosen],
            self.kind[chosen],
            self.length[chosen],
            self.depth[chosen],
            self.middle[chosen],
        )


class _Mesh(NamedTuple):
    corners: NDArray[np.float64]  # (f, 3, 3)
    faces: NDArray[np.int64]  # (f, 3)
    normal: NDArray[np.float64]  # (f, 3)
    offset: NDArray[np.float64]  # (f,)
    tolerance: float


def contacts(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    normals: NDArray[np.float64],
    edges: EdgeTable,
    *,
    facets: NDArray[np.int64],
    tolerance: float,
    most_pairs: int = 30_000_000,
) -> Contacts | None:
    """All contacts between `facets` (numbers into `faces` (f, 3), without degenerate ones).

    normals : (f, 3) unit. edges : the mesh's edge table. tolerance : length below which nothing
    is seen. Sorted by (kind, first, second). None where more than `most_pairs` pairs of facets
    lie close together: an answer would take minutes.
    """
    if not len(facets):
        return Contacts(*_no_rows())
    origin = vertices.mean(axis=0)
    # In the order of the tree, facets that are looked at together lie together in memory.
    used = np.asarray(faces, np.int64)[facets]
    boxed = (vertices - origin)[used]
    one, two, three = boxed[:, 0], boxed[:, 1], boxed[:, 2]
    low, high = (f(f(one, two), three) for f in (np.minimum, np.maximum))
    order = morton_order(low + high)
    facets, used, corners = facets[order], used[order], boxed[order]
    normal = normals[facets]
    offset = dots(normal, (corners[:, 0] + corners[:, 1] + corners[:, 2]) / 3)
    mesh = _Mesh(corners, used, normal, offset, tolerance)
    tame = tame_vertices(vertices, faces, normals, edges, facets)
    rough = _rough(mesh, tame)
    cuts, laps, grazes = [_no_rows()], [_no_rows()], [_no_graze()]
    n_pairs = 0
    for a, b in _candidates(rough):
        n_pairs += len(a)
        if n_pairs > most_pairs:
            return None
        near = _may_meet(rough, a, b)
        a, b = a[near], b[near]
        near = _may_meet(rough, b, a)
        a, b = a[near], b[near]
        to_b, to_a = _distances(mesh, a, b), _distances(mesh, b, a)
        cuts.append(_cuts(mesh, a, b, to_b, to_a))
        laps.append(_laps(mesh, a, b, to_b, to_a))
        grazes.append(_grazes(mesh, a, b, to_a))
        grazes.append(_grazes(mesh, b, a, to_b))
    found = [*cuts, *laps, _creases(mesh, edges, facets, grazes)]
    columns: list[NDArray[Any]] = [np.concatenate(column) for column in zip(*found, strict=True)]
    one, other = facets[columns[0]], facets[columns[1]]
    columns[0], columns[1] = np.minimum(one, other), np.maximum(one, other)
    columns[5] += origin
    result = Contacts(*columns)
    return result.rows(np.lexsort((result.second, result.first, result.kind)))


class _Rough(NamedTuple):
    """The mesh in half as wide numbers, for pairs that are far from meeting: most of them.

    A signed distance is off by three products of numbers up to the model's size, each to 2^-24 of
    it: by less than a fiftieth of `well_off`.
    """

    corners: NDArray[np.float32]  # (f, 3, 3)
    faces: NDArray[np.int32]  # (f, 3)
    normal: NDArray[np.float32]  # (f, 3)
    offset: NDArray[np.float32]  # (f,)
    is_tame: NDArray[np.bool_]  # (f, 3)
    reach: float
    well_off: np.float32


def _rough(mesh: _Mesh, tame: NDArray[np.bool_]) -> _Rough:
    size = float(np.abs(mesh.corners).max())
    return _Rough(
        mesh.corners.astype(np.float32),
        mesh.faces.astype(np.int32),
        mesh.normal.astype(np.float32),
        mesh.offset.astype(np.float32),
        tame[mesh.faces],
        mesh.tolerance,
        np.float32(max(4 * mesh.tolerance, 3e-6 * size)),
    )


def _candidates(rough: _Rough) -> Iterator[Pairs]:
    """Pairs with overlapping boxes that are not the same three vertices and have no tame corner in
    common, lower number first."""
    # Boxes are rounded outwards, beyond what their corners were rounded by.
    far = np.float32(np.inf)
    one, two, three = (rough.corners[:, k] for k in range(3))
    low = np.minimum(np.minimum(one, two), three) - np.float32(rough.reach)
    high = np.maximum(np.maximum(one, two), three) + np.float32(rough.reach)
    low, high = (np.nextafter(np.nextafter(x, s), s) for x, s in ((low, -far), (high, far)))
    for a, b in overlapping_pairs(box_tree(low, high)):
        first, second = np.minimum(a, b), np.maximum(a, b)
        same = _common(rough.faces, first, second)
        is_same = same[0] & same[1] & same[2]
        tame = rough.is_tame[first]
        is_tame = (same[0] & tame[:, 0]) | (same[1] & tame[:, 1]) | (same[2] & tame[:, 2])
        kept = ~(is_same | is_tame)
        yield first[kept], second[kept]


def _may_meet(rough: _Rough, a: NDArray[np.int64], plane: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(p,) bool: the corners of `a`, but for common ones, do not all lie well off the plane on one
    side. Where they do, at most common corners, or a common edge, meet."""
    normal, offset, corners = rough.normal[plane], rough.offset[plane], rough.corners[a]
    x, y, z = normal.T
    above = below = None
    for k, is_common in enumerate(_common(rough.faces, a, plane)):
        own = corners[:, k]
        away = own[:, 0] * x + own[:, 1] * y + own[:, 2] * z - offset
        is_above = is_common | (away > rough.well_off)
        is_below = is_common | (away < -rough.well_off)
        above = is_above if above is None else above & is_above
        below = is_below if below is None else below & is_below
    assert above is not None
    return np.asarray(~(above | below), np.bool_)


def _common(
    faces: NDArray[np.integer[Any]], a: NDArray[np.int64], b: NDArray[np.int64]
) -> list[NDArray[np.bool_]]:
    """Three of (p,) bool: corner i of facet a is a vertex of facet b."""
    own, other = faces.T[:, a], faces.T[:, b]
    return [(v == other[0]) | (v == other[1]) | (v == other[2]) for v in own]


def _highest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(p,) of (p, 3): NumPy's own reduction over so short an axis is five times slower."""
    return np.maximum(np.maximum(values[:, 0], values[:, 1]), values[:, 2])


def _lowest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum(np.minimum(values[:, 0], values[:, 1]), values[:, 2])


def _distances(mesh: _Mesh, a: NDArray[np.int64], plane: NDArray[np.int64]) -> NDArray[np.float64]:
    """(p, 3): signed distances of the corners of `a` to the planes of `plane`; common corners
    are on the plane, exactly."""
    normal, offset = mesh.normal[plane], mesh.offset[plane]
    corners = mesh.corners[a]
    result = np.empty((len(a), 3))
    for k, is_common in enumerate(_common(mesh.faces, a, plane)):
        own = corners[:, k]
        along = own[:, 0] * normal[:, 0] + own[:, 1] * normal[:, 1] + own[:, 2] * normal[:, 2]
        result[:, k] = np.where(is_common, 0.0, along - offset)
    return result


def _cuts(
    mesh: _Mesh,
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    to_b: NDArray[np.float64],
    to_a: NDArray[np.float64],
) -> tuple[NDArray[Any], ...]:
    depth_a = np.minimum(_highest(to_b), -_lowest(to_b))
    depth_b = np.minimum(_highest(to_a), -_lowest(to_a))
    depth = np.minimum(depth_a, depth_b)
    kept = depth > mesh.tolerance
    a, b, to_b, to_a, depth = a[kept], b[kept], to_b[kept], to_a[kept], depth[kept]
    line = np.cross(mesh.normal[a], mesh.normal[b])
    norm = np.sqrt((line * line).sum(axis=1))
    line = line / np.where(norm > 0, norm, 1.0)[:, None]
    ends_a = _cut_ends(mesh.corners[a], to_b, line)
    ends_b = _cut_ends(mesh.corners[b], to_a, line)
    starts = np.where((ends_a.low > ends_b.low)[:, None], ends_a.low_point, ends_b.low_point)
    stops = np.where((ends_a.high < ends_b.high)[:, None], ends_a.high_point, ends_b.high_point)
    length = np.minimum(ends_a.high, ends_b.high) - np.maximum(ends_a.low, ends_b.low)
    is_cut = length > mesh.tolerance
    is_touch = ~is_cut & (length >= -mesh.tolerance)
    shared = _common(mesh.faces, a[is_touch], b[is_touch])
    is_touch[is_touch] = ~(shared[0] | shared[1] | shared[2])
    kept = is_cut | is_touch
    kind = np.where(is_cut[kept], Contact.CUT, Contact.TOUCH).astype(np.int64)
    length = np.where(is_cut, length, 0.0)
    middle = (starts[kept] + stops[kept]) / 2
    return a[kept], b[kept], kind, length[kept], depth[kept], middle


class _Ends(NamedTuple):
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    low_point: NDArray[np.float64]
    high_point: NDArray[np.float64]


def _cut_ends(
    corners: NDArray[np.float64], distance: NDArray[np.float64], line: NDArray[np.float64]
) -> _Ends:
    """Where a plane cuts triangles that have corners on both sides of it: the two points and
    their places along `line`, lower first."""
    is_above = distance > 0
    # The corner that is alone on its side: both cut edges leave it.
    lone = np.where(is_above.sum(axis=1) == 1, is_above.argmax(axis=1), (~is_above).argmax(axis=1))
    rows = np.arange(len(lone))
    points = []
    for step in (1, 2):
        other = (lone + step) % 3
        d_lone, d_other = distance[rows, lone], distance[rows, other]
        t = d_lone / np.where(d_lone != d_other, d_lone - d_other, 1.0)
        start = corners[rows, lone]
        points.append(start + t[:, None] * (corners[rows, other] - start))
    places = [(point * line).sum(axis=1) for point in points]
    swap = places[0] > places[1]
    return _Ends(
        np.minimum(*places),
        np.maximum(*places),
        np.where(swap[:, None], points[1], points[0]),
        np.where(swap[:, None], points[0], points[1]),
    )


def _laps(
    mesh: _Mesh,
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    to_b: NDArray[np.float64],
    to_a: NDArray[np.float64],
) -> tuple[NDArray[Any], ...]:
    """Coplanar pairs whose areas overlap by more than the tolerance along all six edge normals
    (separating axes in the plane)."""
    flat = (_highest(np.abs(to_b)) <= mesh.tolerance) | (_highest(np.abs(to_a)) <= mesh.tolerance)
    a, b = a[flat], b[flat]
    for axis in range(6):
        own, other = (a, b) if axis < 3 else (b, a)
        kept = _overlap_along(mesh, own, other, axis % 3) > mesh.tolerance
        a, b = a[kept], b[kept]
    return _lap_rows(mesh, a, b)


def _overlap_along(
    mesh: _Mesh, own: NDArray[np.int64], other: NDArray[np.int64], corner: int
) -> NDArray[np.float64]:
    corners = mesh.corners[own]
    edge = corners[:, (corner + 1) % 3] - corners[:, corner]
    inward = np.cross(mesh.normal[own], edge)
    inward /= np.sqrt((inward * inward).sum(axis=1))[:, None]
    place = np.einsum("pij,pj->pi", mesh.corners[other] - corners[:, corner, None], inward)
    # Own triangle starts at 0 and reaches up as high as it is; the other one may stay below. What
    # is lower than the tolerance, a sliver that rounding has turned over, laps over nothing.
    height = ((corners[:, (corner + 2) % 3] - corners[:, corner]) * inward).sum(axis=1)
    return np.asarray(np.minimum(_highest(place), height), np.float64)


def _lap_rows(mesh: _Mesh, a: NDArray[np.int64], b: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
    zeros = np.zeros(len(a))
    middle = (mesh.corners[a].mean(axis=1) + mesh.corners[b].mean(axis=1)) / 2
    return a, b, np.full(len(a), Contact.LAP, np.int64), zeros, zeros.copy(), middle


def _no_rows() -> tuple[NDArray[Any], ...]:
    nothing = np.empty(0, np.int64)
    return nothing, nothing, nothing, np.empty(0), np.empty(0), np.empty((0, 3))


class _Graze(NamedTuple):
    """An edge of `facet`, from `corner` to the next, that runs through the inside of `plane`."""

    plane: NDArray[np.int64]
    facet: NDArray[np.int64]
    corner: NDArray[np.int64]
    apex: NDArray[np.float64]
    length: NDArray[np.float64]
    middle: NDArray[np.float64]


def _no_graze() -> _Graze:
    nothing = np.empty(0, np.int64)
    return _Graze(nothing, nothing, nothing, np.empty(0), np.empty(0), np.empty((0, 3)))


def _grazes(
    mesh: _Mesh, plane: NDArray[np.int64], facet: NDArray[np.int64], to_plane: NDArray[np.float64]
) -> _Graze:
    is_on = np.abs(to_plane) <= mesh.tolerance
    on = is_on.view(np.int8)
    kept = np.flatnonzero(on[:, 0] + on[:, 1] + on[:, 2] == 2)
    plane, facet = plane[kept], facet[kept]
    apex_corner = (~is_on[kept]).argmax(axis=1)
    apex = to_plane[kept, apex_corner]
    corner = (apex_corner + 1) % 3
    rows = np.arange(len(facet))
    start = mesh.corners[facet][rows, corner]
    end = mesh.corners[facet][rows, (corner + 1) % 3]
    low, high = _inside_stretch(mesh, plane, start, end)
    length = (high - low) * np.sqrt(((end - start) ** 2).sum(axis=1))
    middle = start + ((low + high) / 2)[:, None] * (end - start)
    through = length > mesh.tolerance
    return _Graze(*(x[through] for x in (plane, facet, corner, apex, length, middle)))


def _inside_stretch(
    mesh: _Mesh,
    plane: NDArray[np.int64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(low, high) in 0..1 of the part of each segment that lies inside the triangle, further
    than the tolerance from its border (Cyrus and Beck)."""
    low, high = np.zeros(len(plane)), np.ones(len(plane))
    corners = mesh.corners[plane]
    for corner in range(3):
        edge = corners[:, (corner + 1) % 3] - corners[:, corner]
        inward = np.cross(mesh.normal[plane], edge)
        inward /= np.sqrt((inward * inward).sum(axis=1))[:, None]
        at_start = np.einsum("pj,pj->p", start - corners[:, corner], inward) - mesh.tolerance
        at_end = np.einsum("pj,pj->p", end - corners[:, corner], inward) - mesh.tolerance
        slope = at_end - at_start
        meets = -at_start / np.where(slope != 0, slope, 1.0)
        low = np.where(slope > 0, np.maximum(low, meets), low)
        high = np.where(slope < 0, np.minimum(high, meets), high)
        low = np.where((slope == 0) & (at_start < 0), 2.0, low)
    return low, high


def _creases(
    mesh: _Mesh, edges: EdgeTable, facets: NDArray[np.int64], grazes: list[_Graze]
) -> tuple[NDArray[Any], ...]:
    """Grazing edges whose two facets leave the plane to different sides. facets : number of each in
    the table of edges."""
    graze = _Graze(*(np.concatenate(column) for column in zip(*grazes, strict=True)))
    if not len(graze.plane):
        return _no_rows()
    edge_of_use = np.repeat(np.arange(len(edges.counts)), edges.counts)
    edge_at = np.full((int(edges.facets.max()) + 1, 3), -1, np.int64)
    edge_at[edges.facets, edges.corners] = edge_of_use
    edge = edge_at[facets[graze.facet], graze.corner]
    order = np.lexsort((graze.apex, edge, graze.plane))
    plane, edge, apex = graze.plane[order], edge[order], graze.apex[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = (plane[1:] != plane[:-1]) | (edge[1:] != edge[:-1])
    first = np.flatnonzero(is_new)
    last = np.append(first[1:], len(order)) - 1
    if not len(first):
        first = last = np.empty(0, np.int64)
    crossing = (apex[first] < 0) & (apex[last] > 0)
    below, above = first[crossing], last[crossing]
    depth = np.minimum(-apex[below], apex[above])
    row = order[below]
    own, other = graze.plane[row], graze.facet[row]
    return (
        np.minimum(own, other),
        np.maximum(own, other),
        np.full(len(row), Contact.CREASE, np.int64),
        graze.length[row],
        depth,
        graze.middle[row],
    )
