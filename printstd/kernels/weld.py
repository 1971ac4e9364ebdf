"""Corners of triangles to shared vertices.

CAD exporters write 2.7e-16 where the neighbouring facet says 0, so comparing bits leaves
sound parts open. Two passes close them without moving anything that a user could measure:

1. Snap: corners whose coordinates round to the same multiple of 2^-21 of the largest
   |coordinate| (0.1 um on a 200 mm part, four to eight steps of float32) are one vertex.
2. Cracks: a grid has borders, and two corners a hair apart may fall on two sides of one. So
   vertices on *boundary* edges only are compared by distance, and those closer than the
   tolerance are joined.

A vertex keeps the coordinates of its first corner; nothing is averaged or rounded. Facets
are never dropped: one whose corners fall together keeps its row. Deterministic: integer keys,
stable sorts, smallest index first.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.components import component_labels

SNAP_STEPS: Final = 2.0**21
"""Snap cells between 0 and the largest |coordinate|."""

_CRACK_CELLS: Final = 2.0
"""Boundary vertices within this many snap cells are joined."""

CRACK_MM: Final = 2e-4
"""Open edges this close are one edge: a fifth of the micrometre that G-code is written in."""
_CRACK_RATIO: Final = 2.0**-16
"""And never more than this part of the largest coordinate, for parts in other units."""

_KEY_BITS: Final = 63
_CROWD: Final = 32


def tolerance_mm(largest_mm: float) -> float:
    """How far apart boundary vertices of a part may be and are joined, by its largest
    |coordinate|."""
    return max(_CRACK_CELLS * largest_mm / SNAP_STEPS, min(CRACK_MM, _CRACK_RATIO * largest_mm))


class Welded(NamedTuple):
    """vertices : (v, 3) float64, unit of the input, in order of first use.
    faces : (f, 3) int32, one row for each facet of the input, in its order.
    largest_gap : largest distance between a corner and the vertex that stands for it.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int32]
    largest_gap: float


def weld(
    points: NDArray[np.float64],
    faces: NDArray[np.int32] | None = None,
    *,
    crack: float = 0.0,
) -> Welded:
    """Shared vertices of a triangle soup or of an indexed mesh.

    points : (n, 3) float64, finite. Without `faces`, n is 3 f and rows 3 i, 3 i + 1, 3 i + 2
        are the corners of facet i; with `faces` (f, 3), rows that no facet uses are left out.
    crack : boundary vertices up to this far apart are joined, and always up to two snap cells.
    """
    if faces is None:
        faces = np.arange(len(points), dtype=np.int32).reshape(-1, 3)
        used = points
    else:
        used, faces = _used_points(points, faces)
    if not len(used):
        return Welded(np.empty((0, 3)), np.empty((0, 3), np.int32), 0.0)
    scale = float(np.abs(used).max())
    cell = scale / SNAP_STEPS
    representative = _first_of_cell(used, scale)
    tolerance = max(_CRACK_CELLS * cell, crack)
    label, firsts = _numbered(representative)
    welded_faces = label[faces]
    on_boundary = _boundary_vertices(welded_faces)
    if len(on_boundary):
        joined = _joined(used[firsts[on_boundary]], tolerance)
        stands_for = np.arange(len(firsts))
        stands_for[on_boundary] = on_boundary[joined]
        representative = firsts[stands_for][label]
        label, firsts = _numbered(representative)
        welded_faces = label[faces]
    return Welded(
        np.ascontiguousarray(used[firsts]),
        np.ascontiguousarray(welded_faces),
        _largest_gap(used, representative),
    )


def _used_points(
    points: NDArray[np.float64], faces: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Points in the order in which the facets first name them."""
    flat = faces.reshape(-1)
    first_use = np.full(len(points), len(flat), np.int64)
    # Written back to front, so that the earliest use is the one that stays.
    first_use[flat[::-1]] = np.arange(len(flat) - 1, -1, -1)
    order = np.argsort(first_use, kind="stable")[: int((first_use < len(flat)).sum())]
    number = np.zeros(len(points), np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    return points[order], number[faces]


def _first_of_cell(points: NDArray[np.float64], scale: float) -> NDArray[np.int64]:
    """(n,) int64: for each point the first point in its snap cell."""
    factor = SNAP_STEPS / scale if scale > 0 else 1.0
    if not np.isfinite(factor):  # the smallest doubles: scale up first
        points, factor = points * 2.0**600, SNAP_STEPS / (scale * 2.0**600)
    cells = np.rint(points * factor).astype(np.int64)
    return _first_of_equal(cells)


def _first_of_equal(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) int64: for each row of `cells` (n, 3) the first row equal to it."""
    columns = [cells[:, k] - cells[:, k].min() for k in range(3)]
    bits = [int(column.max()).bit_length() for column in columns]
    x, y, z = columns
    if sum(bits) <= _KEY_BITS:
        key = (x << (bits[1] + bits[2])) | (y << bits[2]) | z
        order = np.argsort(key, kind="stable")
        is_first = _changes(key[order])
    else:
        # A part centred on the origin fills 66 bits: hash them, and look whether two met.
        hashed = _mixed(_mixed((x << 32) | y).view(np.int64) + z)
        order = np.argsort(hashed, kind="stable")
        is_first = _changes(hashed[order])
        if any((_changes(column[order]) & ~is_first).any() for column in columns):
            order = np.lexsort((z, y, x))
            is_first = _changes(x[order]) | _changes(y[order]) | _changes(z[order])
    starts = np.flatnonzero(is_first)
    first = np.empty(len(order), np.int64)
    first[order] = np.repeat(order[starts], np.diff(starts, append=len(order)))
    return first


def _changes(values: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    changed = np.ones(len(values), bool)
    changed[1:] = values[1:] != values[:-1]
    return changed


def _numbered(representative: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(label (n,) int32, first (v,) int64): groups numbered in order of their first member."""
    is_first = representative == np.arange(len(representative))
    number = np.cumsum(is_first, dtype=np.int32) - np.int32(1)
    return number[representative], np.flatnonzero(is_first)


def _boundary_vertices(faces: NDArray[np.int32]) -> NDArray[np.int64]:
    """(b,) int64, ascending: vertices of edges that just one facet uses."""
    a, b, c = (faces[:, k].astype(np.int64) for k in range(3))
    whole = (a != b) & (b != c) & (c != a)
    start = np.stack([a, b, c], axis=1)[whole].reshape(-1)
    end = np.stack([b, c, a], axis=1)[whole].reshape(-1)
    if _is_balanced(start, end):
        return np.empty(0, np.int64)
    key = (np.minimum(start, end) << 32) | np.maximum(start, end)
    key.sort(kind="stable")
    differs = _changes(key)
    alone = differs & np.append(differs[1:], True)
    single = key[alone]
    is_on_boundary = np.zeros(int(max(a.max(), b.max(), c.max())) + 1, bool)
    is_on_boundary[single >> 32] = True
    is_on_boundary[single & 0xFFFFFFFF] = True
    return np.flatnonzero(is_on_boundary)


def _is_balanced(start: NDArray[np.int64], end: NDArray[np.int64]) -> bool:
    """True where each edge has as many uses one way as the other, so none is used once.

    Sums of hashed directed edges against their reverses, without a sort; three chances in
    2^64 of overlooking a boundary by accident, and then only the second pass is left out.
    """
    forward = _mixed((start << 32) | end).sum(dtype=np.uint64)
    backward = _mixed((end << 32) | start).sum(dtype=np.uint64)
    return bool(forward == backward)


def _mixed(keys: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The 64-bit finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    mixed = keys.astype(np.uint64)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _joined(points: NDArray[np.float64], tolerance: float) -> NDArray[np.int64]:
    """(n,) int64: for each point the smallest index it is chained to by steps <= tolerance.

    Eight grids of cells twice as wide as the tolerance, each shifted by half a cell along
    some of the axes: two points that close share a cell of at least one of them.
    """
    alone = np.arange(len(points))
    if len(points) < 2 or tolerance <= 0:
        return alone
    steps = (points - points.min(axis=0)) / (2 * tolerance)
    links: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for shift in range(8):
        half = np.array([shift & 1, shift >> 1 & 1, shift >> 2]) * 0.5
        links.append(_close_pairs(points, np.floor(steps + half).astype(np.int64), tolerance))
    first = np.concatenate([pair[0] for pair in links])
    second = np.concatenate([pair[1] for pair in links])
    if not len(first):
        return alone
    label, count = component_labels(len(points), first, second)
    smallest = np.zeros(count, np.int64)
    smallest[label[::-1]] = alone[::-1]
    return smallest[label]


def _close_pairs(
    points: NDArray[np.float64], cells: NDArray[np.int64], tolerance: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of points in one cell and within the tolerance of each other.

    More than `_CROWD` points in one cell are linked in a row without asking: that is dust
    finer than the tolerance, and all pairs of it would be too many.
    """
    group = _first_of_equal(cells)
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    size = np.bincount(group, minlength=len(group))[ordered]
    found: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for offset in range(1, min(int(size.max()), _CROWD)):
        near = np.flatnonzero(ordered[offset:] == ordered[:-offset])
        a, b = order[near], order[near + offset]
        gap = points[a] - points[b]
        close = (gap * gap).sum(axis=1) <= tolerance * tolerance
        close |= (size[near] > _CROWD) & (offset == 1)
        found.append((a[close], b[close]))
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])


def _largest_gap(points: NDArray[np.float64], representative: NDArray[np.int64]) -> float:
    stood_for = points[representative]
    moved = np.flatnonzero((points != stood_for).any(axis=1))
    if not len(moved):
        return 0.0
    gap = points[moved] - stood_for[moved]
    return float(np.sqrt((gap * gap).sum(axis=1).max()))
