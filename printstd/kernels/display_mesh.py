"""A mesh made small enough to be looked at: never measured, never judged."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_FINEST_CELLS: Final = 2048
"""Cells along the longest side at which coarsening starts."""

QUANTA: Final = 65535


class DisplayMesh(NamedTuple):
    """vertices_mm : (v, 3) float64. faces : (f, 3) int32. facet : (f,) int64, of the mesh that it
    was made of. cell_mm : two points closer than this may have become one; 0 where nothing did.
    """

    vertices_mm: NDArray[np.float64]
    faces: NDArray[np.int32]
    facet: NDArray[np.int64]
    cell_mm: float
    cell_of_vertex: NDArray[np.int64]
    """(v of the given mesh,) int64: row of `vertices_mm`, -1 for vertices that no facet uses."""


class Quantised(NamedTuple):
    """xyz : (v, 3) uint16, from `low_mm` in steps of `step_mm`."""

    xyz: NDArray[np.uint16]
    low_mm: tuple[float, float, float]
    step_mm: float


def display_mesh(
    vertices_mm: NDArray[np.float64], faces: NDArray[np.int32], *, most_facets: int
) -> DisplayMesh:
    """The mesh with at most so many facets: vertices in one cell of a cubic grid become the first
    of them, facets whose corners fall together go. Where there are few enough, the mesh itself
    without facets that repeat a corner. O(f) a round, a handful of rounds.
    """
    used = np.zeros(len(vertices_mm), bool)
    used[faces.reshape(-1)] = True
    at = np.flatnonzero(used)
    points = vertices_mm[at]
    if not len(at):
        none = np.empty(0, np.int64)
        return DisplayMesh(
            np.empty((0, 3)), np.empty((0, 3), np.int32), none, 0.0, np.full(len(used), -1)
        )
    low = points.min(axis=0)
    longest = float((points.max(axis=0) - low).max())
    cell, group, first = 0.0, np.arange(len(at)), np.arange(len(at))
    while True:
        row = np.full(len(vertices_mm), -1, np.int64)
        row[at] = group
        corners = row[faces]
        a, b, c = corners.T
        kept = np.flatnonzero((a != b) & (b != c) & (c != a))
        if len(kept) <= most_facets or cell > longest:
            break
        cell = longest / _FINEST_CELLS if cell == 0.0 else cell * 2**0.5
        number = np.floor((points - low) / cell).astype(np.int64)
        key = (number[:, 0] << 42) | (number[:, 1] << 21) | number[:, 2]
        _, first, group = np.unique(key, return_index=True, return_inverse=True)
        group = group.reshape(-1)
    return DisplayMesh(points[first], corners[kept].astype(np.int32), kept, cell, row)


def least_near(
    values: NDArray[np.float64], faces: NDArray[np.int32], shown: DisplayMesh
) -> NDArray[np.float64]:
    """(f shown,) float64: the value of each facet that is shown, or the least of those that fell
    together at its corners: coarsening must not hide the worst place. NaN where all are NaN.

    values : (f,) float64 and faces : (f, 3) of the mesh that `shown` was made of.
    """
    own = values[shown.facet]
    if shown.cell_mm == 0.0:
        return own
    gone = np.ones(len(faces), bool)
    gone[shown.facet] = False
    gone &= ~np.isnan(values)
    least = np.full(len(shown.vertices_mm), np.inf)
    np.minimum.at(least, shown.cell_of_vertex[faces[gone]].reshape(-1), np.repeat(values[gone], 3))
    near = np.minimum(least[shown.faces].min(axis=1), np.where(np.isnan(own), np.inf, own))
    return np.where(np.isfinite(near), near, np.nan)


def quantised(vertices_mm: NDArray[np.float64]) -> Quantised:
    """Positions in 16 bits an axis, the step alike on all three."""
    if not len(vertices_mm):
        return Quantised(np.empty((0, 3), np.uint16), (0.0, 0.0, 0.0), 1.0)
    low = vertices_mm.min(axis=0)
    step = float((vertices_mm.max(axis=0) - low).max()) / QUANTA or 1.0
    xyz = np.rint((vertices_mm - low) / step).clip(0, QUANTA).astype(np.uint16)
    return Quantised(xyz, (float(low[0]), float(low[1]), float(low[2])), step)
