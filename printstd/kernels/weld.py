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

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.components import component_labels
from printstd.named_tuple import NamedTuple

SNAP_STEPS: Final = 2.0**21
"""Snap cells between 0 and the largest |coordinate|."""

_CRACK_CELLS: Final = 2.0
"""Boundary vertices within this many snap cells are joined."""

CRACK_MM: Final = 2e-4
"""Open edges this close are one edge: a fifth of the micrometre that G-code is written in."""
_CRACK_RATIO: Final = 2.0**-16
"""And never more than this part of the largest coordinate, for parts in other units."""

_CROWD: Final = 32
_ROWS: Final = 1 << 18
"""Rows that are worked on at once, so that a part of millions of facets needs no array of
intermediate figures as long as the part."""

Points = NDArray[np.float32] | NDArray[np.float64]
Cells = NDArray[np.int64]
Rows = slice | NDArray[np.int64]


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
    points: Points,
    faces: NDArray[np.int32] | None = None,
    *,
    crack: float = 0.0,
) -> Welded:
    """Shared vertices of a triangle soup or of an indexed mesh.

    points : (n, 3) float32 or float64, finite. Without `faces`, n is 3 f and rows 3 i, 3 i + 1,
        3 i + 2 are the corners of facet i; with `faces` (f, 3), rows that no facet uses are left
        out.
    crack : boundary vertices up to this far apart are joined, and always up to two snap cells.
    """
    used, corner = (points, None) if faces is None else _used_points(points, faces)
    if not len(used):
        return Welded(np.empty((0, 3)), np.empty((0, 3), np.int32), 0.0)
    scale = max(float(used.max()), -float(used.min()))
    cell = scale / SNAP_STEPS
    representative = _first_of_cell(used, scale)
    tolerance = max(_CRACK_CELLS * cell, crack)
    label, firsts = _numbered(representative)
    welded_faces = _faces_of(label, corner)
    on_boundary = _boundary_vertices(welded_faces)
    if len(on_boundary):
        joined = _joined(used[firsts[on_boundary]].astype(np.float64), tolerance)
        stands_for = np.arange(len(firsts))
        stands_for[on_boundary] = on_boundary[joined]
        representative = firsts[stands_for][label]
        label, firsts = _numbered(representative)
        welded_faces = _faces_of(label, corner)
    return Welded(
        np.ascontiguousarray(used.take(firsts, axis=0), np.float64),
        np.ascontiguousarray(welded_faces),
        _largest_gap(used, representative),
    )


def _faces_of(label: NDArray[np.int32], corner: NDArray[np.int32] | None) -> NDArray[np.int32]:
    return label.reshape(-1, 3) if corner is None else label[corner]


def _runs(count: int) -> Iterator[slice]:
    return (slice(start, min(start + _ROWS, count)) for start in range(0, count, _ROWS))


def _used_points(points: Points, faces: NDArray[np.int32]) -> tuple[Points, NDArray[np.int32]]:
    """Points in the order in which the facets first name them."""
    flat = faces.reshape(-1)
    first_use = np.full(len(points), len(flat), np.int64)
    # Written back to front, so that the earliest use is the one that stays.
    first_use[flat[::-1]] = np.arange(len(flat) - 1, -1, -1)
    order = np.argsort(first_use, kind="stable")[: int((first_use < len(flat)).sum())]
    number = np.zeros(len(points), np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    return points[order], number[faces]


def _first_of_cell(points: Points, scale: float) -> NDArray[np.int64]:
    """(n,) int64: for each point the first point in its snap cell."""
    factor = SNAP_STEPS / scale if scale > 0 else 1.0
    lift = 1.0
    if not np.isfinite(factor):  # the smallest doubles: scale up first
        lift = 2.0**600
        factor = SNAP_STEPS / (scale * lift)

    def cells_of(rows: Rows) -> Cells:
        chosen = points[rows] if isinstance(rows, slice) else points.take(rows, axis=0)
        return np.rint(chosen.astype(np.float64) * lift * factor).astype(np.int64)

    return _first_of_equal(len(points), cells_of)


def _first_of_equal(count: int, cells_of: Callable[[Rows], Cells]) -> NDArray[np.int64]:
    """(n,) int64: for each row the first row with the same cell; cells_of : rows to (k, 3).

    What is sorted is one number a row: a hash of its cell above the row's own number. Rows of one
    cell so lie together, first row first, without an order to be kept beside; and where different
    cells have one hash (which is looked at), their rows are sorted by the cells themselves.
    """
    bits = np.uint64(max(count - 1, 1).bit_length())
    key = np.empty(count, np.uint64)
    for rows in _runs(count):
        x, y, z = cells_of(rows).T
        hashed = _mixed(_mixed((x << 32) ^ (y & 0xFFFFFFFF)).view(np.int64) + z)
        key[rows] = (hashed >> bits << bits) | np.arange(rows.start, rows.stop, dtype=np.uint64)
    key.sort()
    first = np.empty(count, np.int64)
    carried = np.empty(0, np.int64)
    last = np.empty(0, np.uint64)
    for rows in _runs(count):
        group = key[rows] >> bits
        row = (key[rows] & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
        is_start = np.append(last != group[:1] if len(last) else True, group[1:] != group[:-1])
        heads = np.concatenate([carried, row[is_start]])
        # A group that began in the rows before is led by the head carried from there.
        first[row] = heads[np.cumsum(is_start) - 1 + len(carried)]
        carried, last = heads[-1:], group[-1:]
    is_mixed = np.zeros(count, bool)
    for rows in _runs(count):
        differs = _differ(cells_of(rows), cells_of(first[rows]))
        is_mixed[first[rows][differs]] = True
    if is_mixed.any():
        rows_of_mixed = np.flatnonzero(is_mixed[first])
        cells = cells_of(rows_of_mixed)
        order = np.lexsort(cells.T)
        is_first = np.append(True, (cells[order][1:] != cells[order][:-1]).any(axis=1))
        starts = np.flatnonzero(is_first)
        head = np.repeat(order[starts], np.diff(starts, append=len(order)))
        first[rows_of_mixed[order]] = rows_of_mixed[head]
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
    if _is_balanced(faces):
        return np.empty(0, np.int64)
    start, end = _half_edges(faces)
    key = (np.minimum(start, end) << 32) | np.maximum(start, end)
    key.sort(kind="stable")
    differs = _changes(key)
    alone = differs & np.append(differs[1:], True)
    single = key[alone]
    is_on_boundary = np.zeros(int(faces.max()) + 1, bool)
    is_on_boundary[single >> 32] = True
    is_on_boundary[single & 0xFFFFFFFF] = True
    return np.flatnonzero(is_on_boundary)


def _half_edges(faces: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(start, end) of the edges of all facets that have three vertices."""
    start = faces.astype(np.int64)
    end = start[:, [1, 2, 0]]
    whole = (start[:, 0] != end[:, 0]) & (start[:, 1] != end[:, 1]) & (start[:, 2] != end[:, 2])
    return start.compress(whole, axis=0).reshape(-1), end.compress(whole, axis=0).reshape(-1)


def _is_balanced(faces: NDArray[np.int32]) -> bool:
    """True where each edge has as many uses one way as the other, so none is used once.

    Sums of hashed directed edges against their reverses, without a sort; three chances in
    2^64 of overlooking a boundary by accident, and then only the second pass is left out.
    """
    surplus = np.zeros(1, np.uint64)
    for rows in _runs(len(faces)):
        start, end = _half_edges(faces[rows])
        surplus += _mixed((start << 32) | end).sum(dtype=np.uint64)
        surplus -= _mixed((end << 32) | start).sum(dtype=np.uint64)
    return not surplus[0]


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
    group = _first_of_equal(len(cells), lambda rows: cells[rows])
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


def _differ(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.bool_]:
    """(n,) bool: are two places (n, 3) not the same? Column by column: rows of three numbers are
    gone through three at a time."""
    return np.asarray((a[:, 0] != b[:, 0]) | (a[:, 1] != b[:, 1]) | (a[:, 2] != b[:, 2]))


def _largest_gap(points: Points, representative: NDArray[np.int64]) -> float:
    largest = 0.0
    for rows in _runs(len(points)):
        here, stood_for = points[rows], points.take(representative[rows], axis=0)
        moved = np.flatnonzero(_differ(here, stood_for))
        if len(moved):
            gap = here[moved].astype(np.float64) - stood_for[moved]
            largest = max(largest, float((gap * gap).sum(axis=1).max()))
    return float(np.sqrt(largest))
