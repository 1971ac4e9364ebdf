"""Which points of one square lattice lie in each of many areas: a coarse picture of a part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.crossings import paired
from printstd.kernels.hatch import Lines, hatched
from printstd.kernels.rings import Rings, concat


class Lattice(NamedTuple):
    """Points at whole multiples of the pitch: row r, column c at
    ((first_column + c) pitch, (first_row + r) pitch)."""

    pitch_nm: int
    first_row: int
    first_column: int
    n_rows: int
    n_columns: int


def lattice_over(areas: Sequence[Rings], pitch_nm: int) -> Lattice:
    """The lattice over all areas, two points to spare on each side."""
    filled = [area.xy_nm for area in areas if not area.is_empty]
    if not filled:
        return Lattice(pitch_nm, 0, 0, 1, 1)
    low = np.min([xy.min(axis=0) for xy in filled], axis=0) // pitch_nm - 2
    high = -(-np.max([xy.max(axis=0) for xy in filled], axis=0) // pitch_nm) + 2
    columns, rows = (high - low + 1).tolist()
    return Lattice(pitch_nm, int(low[1]), int(low[0]), rows, columns)


def sampled(areas: Sequence[Rings], lattice: Lattice) -> NDArray[np.bool_]:
    """(n, rows, columns): does each point lie in each of n areas."""
    n, rows, columns = len(areas), lattice.n_rows, lattice.n_columns
    out = np.zeros(n * rows * columns + 1, np.int8)
    filled = np.array([i for i, area in enumerate(areas) if not area.is_empty], np.int64)
    if len(filled):
        region = np.repeat(np.arange(len(filled)), [areas[i].n_rings for i in filled.tolist()])
        along = np.tile(np.array([[1, 0]], np.int64), (len(filled), 1))
        ones, pitch = np.ones(len(filled)), float(lattice.pitch_nm)
        # Half a nm aside no line runs along an edge on whole nm.
        lines = Lines(along, ones, 0.5 * ones, pitch * ones)
        rings = concat([areas[i] for i in filled.tolist()])
        crossings = hatched(rings, region, lines)
        pieces = paired(crossings)
        ring = np.searchsorted(rings.offsets, crossings.edge[pieces.start], side="right") - 1
        area = filled[region[ring]]
        start, end = crossings.xy_nm[pieces.start], crossings.xy_nm[pieces.end]
        row = np.rint(start[:, 1] / pitch).astype(np.int64) - lattice.first_row
        first = -(-start[:, 0] // lattice.pitch_nm) - lattice.first_column
        last = -(-end[:, 0] // lattice.pitch_nm) - lattice.first_column
        place = (area * rows + row) * columns
        np.add.at(out, place + first, 1)
        np.add.at(out, place + last, -1)
    return np.cumsum(out[:-1], dtype=np.int8).reshape(n, rows, columns) > 0
