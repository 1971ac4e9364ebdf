"""What is planned: one part of a print, and its copies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.arrays import frozen_array
from printstd.artifacts.layers import LayerStack
from printstd.dataclass import dataclass
from printstd.kernels.rings import Rings
from printstd.named_tuple import NamedTuple
from printstd.profiles.resolved import Resolved
from printstd.reuse.kept import Kept


class Zone(NamedTuple):
    """Where in a part other settings hold. areas : one per layer of the part."""

    resolved: Resolved
    areas: Sequence[Rings]

    def moved(self, shift_nm: NDArray[np.int64]) -> Zone:
        """Those that are one object stay one."""
        found: dict[int, Rings] = {}
        for area in self.areas:
            if id(area) not in found:
                found[id(area)] = Rings(area.xy_nm + shift_nm, area.offsets)
        return Zone(self.resolved, [found[id(area)] for area in self.areas])


class SupportWishes(NamedTuple):
    """Where the user wants no supports, and where whatever hangs is to be supported. blocked,
    enforced : one per layer of the part."""

    blocked: tuple[Rings, ...]
    enforced: tuple[Rings, ...]

    def moved(self, shift_nm: NDArray[np.int64]) -> SupportWishes:
        return SupportWishes(
            *(tuple(Rings(a.xy_nm + shift_nm, a.offsets) for a in areas) for areas in self)
        )


@dataclass(frozen=True, slots=True, eq=False)
class PlatePart:
    """One part and its copies. sections : its layers where the first copy stands. zones : none of
    them overlaps another.

    names : ASCII, one per copy, as the machine is told. resolved : of the tool that makes it.
    shift_nm : (c, 2) int64, from the first copy to each; the first row is zero.
    """

    sections: Kept[LayerStack]
    resolved: Resolved
    names: tuple[str, ...]
    shift_nm: NDArray[np.int64]
    zones: tuple[Zone, ...] = ()
    wishes: SupportWishes | None = None

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
