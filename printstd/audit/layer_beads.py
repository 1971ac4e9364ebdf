"""One layer's beads that make the part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from printstd.audit.beads import Beads
from printstd.audit.regions import Cover


@dataclass(frozen=True, slots=True, eq=False)
class LayerBeads:
    """One layer's beads that make the part.

    part : (n,) int64, rows of `beads`. hanging : (n,) bool, their middle lies over nothing of the
    section below. cover : what they cover.
    """

    beads: Beads
    part: NDArray[np.int64]
    hanging: NDArray[np.bool_]
    cover: Cover

    @property
    def volume(self) -> float:
        """um3."""
        area, length = self.beads.area_um2[self.part], self.beads.length_um[self.part]
        return float((area * length).sum())
