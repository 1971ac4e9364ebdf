"""The turns of a spiral vase: which layer each rising bead stands for, and how thick it is there.

A spiral is declared by the layer from which it rises. From there on the nozzle climbs evenly, by
travelled length, from one planned height to the next in each turn, and never stops; a level
turn may end it. The bead under the nozzle fills what is between it and the turn below: a whole
layer, but in the first turn, which begins on the flat layer below with nothing, and in the level
one, which begins a whole layer above the last turn's start and ends on its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

THIN_SHARE: Final = 0.05
"""Thinner beads are measured together: a move of a thousandth of a layer is fed so little that the
last digit of E is half of it."""
LEVEL_UM: Final = 1.0
"""Heights are written in whole um."""


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """rows : (n,) int64, ascending, which of the beads rise or lie over the last turn. layer : (n,)
    int64, that each stands for. share : (n,) float64, of the layer's thickness. length_um : (n,)
    float64. is_level : (n,) bool, of the turn that ends it. wanted_um : (n,) float64, Z at which
    each is to end by the way it has come in its turn."""

    rows: NDArray[np.int64]
    layer: NDArray[np.int64]
    share: NDArray[np.float64]
    length_um: NDArray[np.float64]
    is_level: NDArray[np.bool_]
    wanted_um: NDArray[np.float64]

    def whole_area(
        self,
        volume_um3: NDArray[np.float64],
        area_um2: NDArray[np.float64],
        share: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """(n,) um2: the cross-sections that the beads would have if they were as thick as a layer.
        volume_um3 : (n,) of each. area_um2, share : (n,) both smoothed along the way."""
        found = area_um2 / np.maximum(share, THIN_SHARE)
        for thin in (self.share < THIN_SHARE) & np.stack([self.is_level, ~self.is_level]):
            room = float((self.share * self.length_um)[thin].sum())
            found[thin] = float(volume_um3[thin].sum()) / max(room, 1e-9)
        return found


def turns_of(
    start_z_um: NDArray[np.float64],
    end_z_um: NDArray[np.float64],
    length_um: NDArray[np.float64],
    tops_um: NDArray[np.float64],
    first: int,
) -> Turns:
    """Of all beads in time. tops_um : of the planned layers. first : the lowest that rises, > 0."""
    base = float(tops_um[first - 1])
    rising = np.flatnonzero((end_z_um > base + LEVEL_UM / 2) & (start_z_um >= base - LEVEL_UM))
    begin = int(rising[0]) if len(rising) else len(end_z_um)
    rows = np.arange(begin, len(end_z_um))
    z0, z1, way = start_z_um[rows], end_z_um[rows], length_um[rows]
    middle = np.minimum((z0 + z1) / 2, tops_um[-1])
    layer = np.clip(np.searchsorted(tops_um, middle - 1e-6), first, len(tops_um) - 1)
    climbs = np.flatnonzero(z1 > z0)
    is_level = np.zeros(len(rows), bool)
    if len(climbs):
        after = np.arange(len(rows)) > climbs[-1]
        is_level = after & (np.abs(z1 - tops_um[-1]) <= LEVEL_UM)
    turn = layer + is_level
    reached, total = _along(way, turn)
    done = reached / np.maximum(total, 1e-9)
    middle_done = (reached - way / 2) / np.maximum(total, 1e-9)
    share = np.where(layer == first, middle_done, 1.0)
    share = np.where(is_level, 1.0 - middle_done, share)
    low = np.where(is_level, tops_um[-1], tops_um[layer - 1])
    return Turns(
        rows,
        layer,
        np.clip(share, 0.0, 1.0),
        way,
        is_level,
        low + (tops_um[layer] - low) * done,
    )


def _along(
    way: NDArray[np.float64], turn: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n,) way to the end of each bead in its turn, and the whole of the turn."""
    if not len(way):
        return way, way
    is_head = np.append(True, turn[1:] != turn[:-1])
    head = np.flatnonzero(is_head)
    counts = np.diff(np.append(head, len(way)))
    run = np.cumsum(way)
    origin = np.repeat(run[head] - way[head], counts)
    return run - origin, np.repeat(np.add.reduceat(way, head), counts)
