"""Values without their repeats.

`np.unique` does the same, and brings numpy's masked arrays with it: 15 ms for every process that
asks, which is a tenth of what a small part takes.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Kind = TypeVar("Kind", bound=np.generic)


def distinct(values: NDArray[Kind]) -> NDArray[Kind]:
    """The values, flat and ascending, each once. Not for floats that may be NaN."""
    ordered = np.sort(values, axis=None)
    is_first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]
