"""What a program lays down, in whole micrometres and by layer: what the pictures are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.audit import ClaimedRole, Motion

_FAR_UM: Final = 200_000_000
"""No machine goes further; beyond it a coordinate is drawn at this place."""


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Moves in XY by layer, in time within each.

    start_um, end_um : (n, 2) int64, um, bed frame. width_um : (n,) int64, 0 for travel.
    role : (n,) uint8, `ClaimedRole`. offsets : (l + 1,) int64. top_um, height_um : (l,) int64.
    number : (l,) int64, of the layer in its program, from 0.
    """

    start_um: NDArray[np.int64]
    end_um: NDArray[np.int64]
    width_um: NDArray[np.int64]
    role: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    top_um: NDArray[np.int64]
    height_um: NDArray[np.int64]
    number: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.top_um)

    def of_layer(self, layer: int) -> slice:
        return slice(int(self.offsets[layer]), int(self.offsets[layer + 1]))

    def chosen(self, layers: list[int]) -> Laid:
        """Some of the layers, in the order given."""
        runs = [np.arange(self.offsets[i], self.offsets[i + 1]) for i in layers]
        rows = np.concatenate([np.zeros(0, np.int64), *runs])
        at = np.array(layers, np.int64)
        sizes = np.array([len(run) for run in runs], np.int64)
        return Laid(
            self.start_um[rows],
            self.end_um[rows],
            self.width_um[rows],
            self.role[rows],
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            self.top_um[at],
            self.height_um[at],
            self.number[at],
        )

    @property
    def roles(self) -> list[ClaimedRole]:
        """The roles that beads have, in their order."""
        count = np.bincount(self.role[self.width_um > 0], minlength=len(ClaimedRole))
        return [role for role in ClaimedRole if count[role]]

    def length_um(self, role: ClaimedRole) -> float:
        """How long all beads of a role are."""
        own = (self.role == role) & (self.width_um > 0)
        way = (self.end_um[own] - self.start_um[own]).astype(np.float64)
        return float(np.sqrt((way * way).sum(axis=1)).sum())

    @property
    def box_um(self) -> tuple[int, int, int, int]:
        """xmin, ymin, xmax, ymax of the beads. Where comments name roles, what has none (a line
        that primes the nozzle at the edge of the bed) does not count."""
        rows = np.flatnonzero(self.width_um > 0)
        known = rows[self.role[rows] != ClaimedRole.UNKNOWN]
        rows = known if len(known) else rows
        half = (self.width_um[rows, None] + 1) // 2
        low = np.minimum(self.start_um[rows], self.end_um[rows]) - half
        high = np.maximum(self.start_um[rows], self.end_um[rows]) + half
        x0, y0 = low.min(axis=0).tolist()
        x1, y1 = high.max(axis=0).tolist()
        return x0, y0, x1, y1


def laid_by_layer(motion: Motion) -> Laid:
    """A motion's moves in XY; those before the first bead belong to its layer."""
    start, end = (_whole(xyz[:, :2]) for xyz in (motion.start_um, motion.end_um))
    is_kept = (motion.layer >= 0) & ((start != end).any(axis=1) | (motion.width_um > 0))
    rows = np.flatnonzero(is_kept)
    rows = rows[np.argsort(motion.layer[rows], kind="stable")]
    n = len(motion.layer_top_um)
    # No bead is so thin that it would be taken for travel.
    width = np.where(motion.width_um > 0, np.maximum(_whole(motion.width_um), 1), 0)
    return Laid(
        start[rows],
        end[rows],
        width[rows],
        motion.claimed_role[rows],
        np.searchsorted(motion.layer[rows], np.arange(n + 1)).astype(np.int64),
        _whole(motion.layer_top_um),
        _whole(motion.layer_height_um),
        np.arange(n, dtype=np.int64),
    )


def _whole(value: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(np.clip(value, -_FAR_UM, _FAR_UM)).astype(np.int64)
