"""Regions as bits: cells of one grid over many layers, a bit each.

What lies deep inside a part is asked in areas, not in micrometres. There a set of cells answers
as well as a polygon, for a hundredth of the time: what several layers share is one AND of words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.scan import Intervals, united
from printstd.audit.tapes import Tapes

if TYPE_CHECKING:
    from printstd.audit.regions import Region

Bits = NDArray[np.uint64]
"""(..., rows, words): bit k of word w is column 64 w + k; cells beyond the grid are 0."""

_WORD: Final = 64
_ONE: Final = np.uint64(1)
_LAST: Final = np.uint64(_WORD - 1)


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells over a box; row j, column i is the cell with the lower corner
    (x0 + i cell, y0 + j cell)."""

    x0: float
    y0: float
    cell_um: float
    n_rows: int
    n_columns: int

    @property
    def n_words(self) -> int:
        return -(-self.n_columns // _WORD)

    def tapes(self, n_layers: int) -> Tapes:
        """A line through the middles of each row's cells, in each of so many layers."""
        return Tapes(
            np.full(n_layers, self.cell_um),
            np.full(n_layers, self.x0),
            np.full(n_layers, self.y0 + self.cell_um / 2),
            np.full(n_layers, self.n_columns * self.cell_um),
            np.full(n_layers, self.n_rows),
            (1.0, 0.0),
        )

    def filled(self, tapes: Tapes, intervals: Intervals) -> Bits:
        """(layers, rows, words) the cells whose middles lie in disjoint intervals of the grid's own
        tapes."""
        low, high = intervals
        n_layers = len(tapes.pitch_um)
        stride = float(tapes.stride_um[0]) if n_layers else 1.0
        row = np.floor(low / stride).astype(np.int64)
        offset = row * stride
        first = np.ceil((low - offset) / self.cell_um - 0.5).astype(np.int64)
        last = np.floor((high - offset) / self.cell_um - 0.5).astype(np.int64)
        first, last = np.maximum(first, 0), np.minimum(last, self.n_columns - 1)
        hit = np.flatnonzero(first <= last)
        at = row[hit] * (self.n_words * _WORD)
        turns = np.zeros(n_layers * self.n_rows * self.n_words * _WORD + 1, np.uint8)
        np.add.at(turns, at + first[hit], 1)
        np.add.at(turns, at + last[hit] + 1, 1)
        # One interval's end may be the next one's begin.
        turns &= 1
        packed = np.packbits(turns[:-1], bitorder="little")
        words = packed.view("<u8").astype(np.uint64)
        return _set_between(words).reshape(n_layers, self.n_rows, self.n_words)

    def of_regions(self, regions: Sequence[Region]) -> Bits:
        """(layers, rows, words) the cells whose middles lie in each layer's region."""
        tapes = self.tapes(len(regions))
        return self.filled(tapes, tapes.of_regions(regions))

    def of_beads(
        self,
        start: NDArray[np.float64],
        end: NDArray[np.float64],
        radius: NDArray[np.float64],
        layer: NDArray[np.int64],
        n_layers: int,
    ) -> Bits:
        """(layers, rows, words) the cells whose middles beads of each layer cover."""
        tapes = self.tapes(n_layers)
        return self.filled(tapes, united(tapes.of_beads(start, end, radius, layer)))

    def around_points(
        self, points: NDArray[np.float64], layer: NDArray[np.int64], n_layers: int
    ) -> Bits:
        """(layers, rows, words) the cells in which points (n, 2) of each layer lie."""
        column = np.floor((points[:, 0] - self.x0) / self.cell_um).astype(np.int64)
        row = np.floor((points[:, 1] - self.y0) / self.cell_um).astype(np.int64)
        valid = (column >= 0) & (column < self.n_columns) & (row >= 0) & (row < self.n_rows)
        set_ = np.zeros((n_layers, self.n_rows, self.n_words * _WORD), np.uint8)
        set_[layer[valid], row[valid], column[valid]] = 1
        words = np.packbits(set_, axis=None, bitorder="little").view("<u8")
        return words.astype(np.uint64, copy=False).reshape(n_layers, self.n_rows, self.n_words)

    def has(self, bits: Bits, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(n,) which points (n, 2) lie in a cell of (rows, words) bits."""
        return self.has_each(bits[None], np.zeros(len(points), np.int64), points)

    def has_each(
        self, bits: Bits, layer: NDArray[np.int64], points: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """(n,) which points lie in a cell of their layer of (layers, rows, words) bits."""
        column = np.floor((points[:, 0] - self.x0) / self.cell_um).astype(np.int64)
        row = np.floor((points[:, 1] - self.y0) / self.cell_um).astype(np.int64)
        valid = (column >= 0) & (column < self.n_columns) & (row >= 0) & (row < self.n_rows)
        column, row = np.where(valid, column, 0), np.where(valid, row, 0)
        word = bits[layer, row, column // _WORD]
        bit = word >> (column % _WORD).astype(np.uint64) & _ONE
        return np.asarray(valid & (bit == 1))

    def boxes(self, bits: Bits) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(low, high), (layers, 2) each: boxes around the cells that are set, by whole words along
        X; of none, anything."""
        found = []
        for axis, step, first in ((1, _WORD * self.cell_um, self.x0), (2, self.cell_um, self.y0)):
            is_set = np.asarray(bits.any(axis=axis), bool)
            low = is_set.argmax(axis=1)
            high = is_set.shape[1] - is_set[:, ::-1].argmax(axis=1)
            found.append((first + low * step, first + high * step))
        (left, right), (bottom, top) = found
        return np.stack([left, bottom], axis=1), np.stack([right, top], axis=1)

    def middles(self, bits: Bits, step: int) -> NDArray[np.float64]:
        """(n, 2) middles of every `step`-th cell each way that is set."""
        row = np.arange(step // 2, self.n_rows, step)
        column = np.arange(step // 2, self.n_columns, step)
        chosen = bits[row][:, column // _WORD] >> (column % _WORD).astype(np.uint64) & _ONE
        j, i = np.nonzero(chosen)
        return np.column_stack(
            [
                self.x0 + (column[i] + 0.5) * self.cell_um,
                self.y0 + (row[j] + 0.5) * self.cell_um,
            ]
        )


def grid_over(bounds: tuple[float, float, float, float], cell_um: float) -> Grid:
    """A grid that covers xmin, ymin, xmax, ymax with a cell to spare on each side."""
    x0, y0, x1, y1 = bounds
    return Grid(
        x0 - cell_um,
        y0 - cell_um,
        cell_um,
        int((y1 - y0) / cell_um) + 3,
        int((x1 - x0) / cell_um) + 3,
    )


def counted_cells(bits: Bits) -> Any:
    """(...,) how many cells are set in each layer's (rows, words)."""
    return np.bitwise_count(bits).sum(axis=(-2, -1), dtype=np.int64)


def counted_sides(bits: Bits) -> Any:
    """(...,) how many sides of cells lie between one that is set and one that is not."""
    across = bits ^ bits << _ONE
    across[..., 1:] ^= bits[..., :-1] >> _LAST
    along = bits[..., 1:, :] ^ bits[..., :-1, :]
    sides = [np.bitwise_count(part).sum(axis=(-2, -1), dtype=np.int64) for part in (across, along)]
    return sides[0] + sides[1]


def shrunk(bits: Bits, steps: int) -> Bits:
    """Without the cells that lie within `steps` of one that is not set, in an octagon."""
    for step in range(steps):
        bits = ~_spread(~bits, with_corners=step % 2 == 1)
    return bits


def spread(bits: Bits, steps: int) -> Bits:
    """With the cells that lie within `steps` of one that is set, in an octagon. Cells may be set
    beyond the grid's last column: AND with what lies in it."""
    for step in range(steps):
        bits = _spread(bits, with_corners=step % 2 == 1)
    return bits


def _set_between(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """(n,) words with all bits set from each odd bit of a row of words on to before the next one:
    each bit is the parity of all up to it."""
    for step in (1, 2, 4, 8, 16, 32):
        words ^= words << np.uint64(step)
    parity = (words >> _LAST).astype(np.uint8)
    is_inside = np.bitwise_xor.accumulate(parity)[:-1].astype(bool)
    words[1:][is_inside] ^= ~np.uint64(0)
    return words


def steps_within(cells: float) -> int:
    """The most steps of `spread` from a cell in which a point lies, after which each cell's middle
    is within so many cells of that point; 0 where one is too many."""
    steps = 0
    # Half of the steps go over corners; the point is half a diagonal off its cell's middle.
    while np.hypot(steps + 1, (steps + 1) // 2) + 0.5**0.5 < cells - 1e-6:
        steps += 1
    return steps


def _spread(bits: Bits, *, with_corners: bool) -> Bits:
    across: Bits = bits << _ONE
    across |= bits >> _ONE
    across |= bits
    across[..., 1:] |= bits[..., :-1] >> _LAST
    across[..., :-1] |= bits[..., 1:] << _LAST
    beside = across.copy() if with_corners else bits
    across[..., 1:, :] |= beside[..., :-1, :]
    across[..., :-1, :] |= beside[..., 1:, :]
    return across
