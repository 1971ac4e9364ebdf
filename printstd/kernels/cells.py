"""An area as the square cells that it touches.

Cells are numbered from the bed's origin, so that areas of all layers fall into the same ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.crossings import paired
from printstd.kernels.distinct import distinct
from printstd.kernels.hatch import Lines, hatched
from printstd.kernels.rings import EMPTY, Rings, next_index

_ROW = 1 << 32
"""Cells as one number: row * 2^32 + column + 2^31."""


def cells_of(rings: Rings, pitch_nm: int) -> Rings:
    """The union of all cells of `pitch_nm` that an area shares more than a point with.

    An edge that runs along the border of two cells touches both.
    """
    if rings.is_empty:
        return EMPTY
    cells = distinct(np.concatenate([_on_edges(rings, pitch_nm), _inside(rings, pitch_nm)]))
    # One rectangle for every run of cells in a row: numbers that follow one another.
    first = np.flatnonzero(np.append(True, np.diff(cells) != 1))
    last = np.append(first[1:], len(cells)) - 1
    row = cells[first] >> 32
    x0 = (cells[first] & (_ROW - 1)) - (_ROW >> 1)
    x1 = (cells[last] & (_ROW - 1)) - (_ROW >> 1) + 1
    corners = np.stack([x0, row, x1, row, x1, row + 1, x0, row + 1], axis=1)
    xy = np.ascontiguousarray(corners.reshape(-1, 2) * pitch_nm)
    return clip.clean(Rings(xy, 4 * np.arange(len(row) + 1, dtype=np.int64)))


def _number(x: NDArray[np.float64], y: NDArray[np.float64], pitch: int) -> NDArray[np.int64]:
    column, row = (np.floor(c / pitch).astype(np.int64) for c in (x, y))
    return (row << 32) + column + (_ROW >> 1)


def _on_edges(rings: Rings, pitch: int) -> NDArray[np.int64]:
    """Cells that hold the middle of a piece of an edge, edges cut where they meet the grid."""
    start = rings.xy_nm.astype(np.float64)
    way = start[next_index(rings)] - start
    n = len(start)
    edges, places = [np.arange(n)], [np.zeros(n)]
    for axis in (0, 1):
        a, b = start[:, axis], start[:, axis] + way[:, axis]
        low = np.floor(np.minimum(a, b) / pitch).astype(np.int64) + 1
        high = np.ceil(np.maximum(a, b) / pitch).astype(np.int64)
        counts = np.maximum(high - low, 0)
        edge = np.repeat(np.arange(n), counts)
        nth = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
        edges.append(edge)
        places.append(((low[edge] + nth) * pitch - a[edge]) / way[edge, axis])
    edge, place = np.concatenate(edges), np.concatenate(places)
    order = np.lexsort((place, edge))
    edge, place = edge[order], place[order]
    until = np.append(place[1:], 1.0)
    until[np.append(edge[1:] != edge[:-1], True)] = 1.0
    middle = start[edge] + way[edge] * ((place + until) * 0.5)[:, None]
    return _number(middle[:, 0], middle[:, 1], pitch)


def _inside(rings: Rings, pitch: int) -> NDArray[np.int64]:
    """Cells on the line through the middle of each row, as far as it runs inside."""
    lines = Lines(
        np.array([[1, 0]], np.int64), np.ones(1), np.array([pitch * 0.5]), np.array([float(pitch)])
    )
    crossings = hatched(rings, np.zeros(rings.n_rings, np.int64), lines)
    pieces = paired(crossings)
    begin, end = crossings.xy_nm[pieces.start], crossings.xy_nm[pieces.end]
    first, last = (np.floor(p[:, 0] / pitch).astype(np.int64) for p in (begin, end))
    counts = last - first + 1
    piece = np.repeat(np.arange(len(first)), counts)
    nth = np.arange(len(piece)) - np.repeat(np.cumsum(counts) - counts, counts)
    row = np.floor(begin[:, 1] / pitch).astype(np.int64)
    found: NDArray[np.int64] = (row[piece] << 32) + first[piece] + nth + (_ROW >> 1)
    return found
