"""Many small arrays as few large ones, for the way between processes.

A layer is some thirty arrays, and sending each by itself costs more than making it. Rows of arrays
travel as one array for each column, and are cut out again where they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printstd.named_tuple import NamedTuple

Row = tuple[NDArray[Any], ...]


class Packed(NamedTuple):
    """columns : every column's arrays, one after another. borders : (columns, n + 1) int64, where
    row i begins in each."""

    columns: tuple[NDArray[Any], ...]
    borders: NDArray[np.int64]

    def row(self, index: int) -> Row:
        """Views of the columns."""
        return tuple(
            column[a:b]
            for column, a, b in zip(
                self.columns,
                self.borders[:, index].tolist(),
                self.borders[:, index + 1].tolist(),
                strict=True,
            )
        )


def pack(rows: Sequence[Row]) -> Packed:
    """At least one row, all of as many columns."""
    columns = list(zip(*rows, strict=True))
    borders = np.zeros((len(columns), len(rows) + 1), np.int64)
    np.cumsum([[len(array) for array in column] for column in columns], axis=1, out=borders[:, 1:])
    return Packed(tuple(np.concatenate(column) for column in columns), borders)
