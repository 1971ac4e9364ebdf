"""What is planned: one part of a print, and its copies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.arrays import frozen_array
from printstd.artifacts.layers import LayerStack
from printstd.profiles.resolved import Resolved
from printstd.reuse.kept import Kept


@dataclass(frozen=True, slots=True, eq=False)
class PlatePart:
    """One part and its copies. sections : its layers where the first copy stands.

    names : ASCII, one per copy, as the machine is told. resolved : of the tool that makes it.
    shift_nm : (c, 2) int64, from the first copy to each; the first row is zero.
    """

    sections: Kept[LayerStack]
    resolved: Resolved
    names: tuple[str, ...]
    shift_nm: NDArray[np.int64]

    def __post_init__(self) -> None:
        shift = frozen_array("shift_nm", self.shift_nm, np.int64, (len(self.names), 2))
        object.__setattr__(self, "shift_nm", shift)

    @property
    def stack(self) -> LayerStack:
        return self.sections.value()

    @property
    def n_copies(self) -> int:
        return len(self.names)


def alone(stack: LayerStack, resolved: Resolved, name: str) -> PlatePart:
    """A part without copies."""
    return PlatePart(Kept.of(stack), resolved, (name,), np.zeros((1, 2), np.int64))
