"""SurfaceField: a scalar per facet of a model, for pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.arrays import frozen_array


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceField:
    """One figure of every facet of a mesh, of which small values are the ones to look at.

    values : (f,) float64 in `unit`, in the order of the mesh's facets; NaN where a facet has none.
    """

    name: str
    unit: str
    values: NDArray[np.float64]
    high: float
    """Where the scale of a picture ends; it begins at 0."""
    limit: float | None
    """Values below it are marked."""
    limit_source: str
    without: str
    """What it means that a facet has no value."""

    def __post_init__(self) -> None:
        values = frozen_array("values", self.values, np.float64, (None,))
        object.__setattr__(self, "values", values)
