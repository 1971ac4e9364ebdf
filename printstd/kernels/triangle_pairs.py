"""Where the triangles of one mesh cut, cross along an edge, or lie on each other.

Every decision compares a length with a tolerance, the rounding of the file's numbers, and none is
left to the rounding of float64: each comes with a forward error bound (Shewchuk 1997), and pairs
for which one of them lies within its bound are decided in whole numbers (`kernels.exact_pairs`).
What is found so depends on the corners alone: not on the order of facets or corners, nor on where
the mesh lies. With a tolerance of 0 every contact is seen that there is.

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
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.box_tree import Pairs, box_tree, morton_order, overlapping_pairs
from printstd.kernels.edges import EdgeTable
from printstd.kernels.exact_pairs import meeting
from printstd.kernels.pair_tests import (
    Contact,
    Graze,
    PairMesh,
    as_rows,
    common_corners,
    no_graze,
    no_rows,
    pair_mesh,
    told,
)
from printstd.kernels.tame_vertices import tame_vertices

_LEAST_KNOWN: Final = 1e-7
_MOST_EXACT: Final = 200_000
"""Pairs decided in whole numbers, a tenth of a millisecond each."""


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
    lie close together, or too many of them so that only whole numbers tell: an answer would take
    minutes.
    """
    if not len(facets):
        return Contacts(*no_rows())
    origin = vertices.mean(axis=0)
    # In the order of the tree, facets that are looked at together lie together in memory.
    used = np.asarray(faces, np.int64)[facets]
    boxed = (vertices - origin)[used]
    one, two, three = boxed[:, 0], boxed[:, 1], boxed[:, 2]
    low, high = (f(f(one, two), three) for f in (np.minimum, np.maximum))
    order = morton_order(low + high)
    facets, used, corners = facets[order], used[order], boxed[order]
    mesh = pair_mesh(corners, used, normals[facets], tolerance)
    tame = tame_vertices(vertices, faces, normals, edges, facets)
    rough = _rough(mesh, tame)
    cuts, laps, grazes = [no_rows()], [no_rows()], [no_graze()]
    n_pairs = n_exact = 0
    for a, b in _candidates(rough):
        n_pairs += len(a)
        if n_pairs > most_pairs:
            return None
        near = _may_meet(rough, a, b)
        a, b = a[near], b[near]
        near = _may_meet(rough, b, a)
        a, b = a[near], b[near]
        seen = told(mesh, a, b)
        n_exact += len(seen.unsure)
        if n_exact > _MOST_EXACT:
            return None
        cuts.append(seen.cuts)
        laps.append(seen.laps)
        grazes += seen.grazes
        for row in seen.unsure.tolist():
            one, other = int(a[row]), int(b[row])
            corners_of = vertices[used[[one, other]]].tolist()
            met = meeting(corners_of[0], corners_of[1], tolerance)
            cut, lap, graze = as_rows(mesh, one, other, met, origin)
            cuts.append(cut)
            laps.append(lap)
            grazes.append(graze)
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


def _rough(mesh: PairMesh, tame: NDArray[np.bool_]) -> _Rough:
    size = float(np.abs(mesh.corners).max())
    # Needles whose normal is no better than this have none here: they may meet all.
    known = mesh.lean < _LEAST_KNOWN
    return _Rough(
        mesh.corners.astype(np.float32),
        mesh.faces.astype(np.int32),
        np.where(known[:, None], mesh.normal, 0.0).astype(np.float32),
        np.where(known, mesh.offset, 0.0).astype(np.float32),
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
        same = common_corners(rough.faces, first, second)
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
    for k, is_common in enumerate(common_corners(rough.faces, a, plane)):
        own = corners[:, k]
        away = own[:, 0] * x + own[:, 1] * y + own[:, 2] * z - offset
        is_above = is_common | (away > rough.well_off)
        is_below = is_common | (away < -rough.well_off)
        above = is_above if above is None else above & is_above
        below = is_below if below is None else below & is_below
    assert above is not None
    return np.asarray(~(above | below), np.bool_)


def _creases(
    mesh: PairMesh, edges: EdgeTable, facets: NDArray[np.int64], grazes: list[Graze]
) -> tuple[NDArray[Any], ...]:
    """Grazing edges whose two facets leave the plane to different sides. facets : number of each in
    the table of edges."""
    graze = Graze(*(np.concatenate(column) for column in zip(*grazes, strict=True)))
    if not len(graze.plane):
        return no_rows()
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
