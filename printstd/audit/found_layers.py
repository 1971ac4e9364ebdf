"""The layers of a program that nobody declared, found in the heights at which it lays beads.

A layer is a height at which flat beads lie. Two things are no layers of their own: what is laid
before any lower height is begun (a line that primes the nozzle), and beads that climb (a vase,
a seam laid on a slope); both join the layer that they end in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_JOIN_UM: Final = 10.0
"""Heights this near to the next one are the same layer; the thinnest layers made are 40 um."""
_CLIMB_UM: Final = 1.0
_STRAY_SHARE: Final = 0.1
"""Strays hold less of the length than this, or the program's order means something else."""
_USUAL_UM: Final = 200.0
_GAP_RATIO: Final = 1.5
"""A step of so many usual heights is no layer: nothing of the kind lies in between."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundLayers:
    """top_um : (l,) float64, rising. layer : (n,) int64, of each bead."""

    top_um: NDArray[np.float64]
    layer: NDArray[np.int64]

    def height_um(self, own: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(l,) float64: how thick each layer is for some of the beads.

        Supports may be laid at heights of their own, so a bead lies on what is below of its kind;
        on what is below of any kind where its own kind ends far below.
        """
        steps = np.diff(self.top_um, prepend=0.0)
        usual = usual_step(self.top_um)
        at = np.unique(self.layer[own])
        own_steps = np.diff(self.top_um[at], prepend=0.0)
        close = own_steps <= _GAP_RATIO * max(usual, 1.0)
        steps[at[close]] = own_steps[close]
        return np.maximum(steps, 1.0)


def usual_step(top_um: NDArray[np.float64]) -> float:
    """The most common step between layers, the smaller of two; 200 um where there is none."""
    if len(top_um) < 2:
        return float(top_um[0]) if len(top_um) and top_um[0] > 0 else _USUAL_UM
    values, counts = np.unique(np.rint(np.diff(top_um)), return_counts=True)
    return float(values[np.argmax(counts)])


def find_layers(
    start_z_um: NDArray[np.float64], end_z_um: NDArray[np.float64], length_um: NDArray[np.float64]
) -> FoundLayers:
    """Layers of beads (n,) given in time."""
    z = np.rint(end_z_um)
    flat = np.abs(end_z_um - start_z_um) <= _CLIMB_UM
    tops = _levels(z[flat], length_um[flat])
    tops = np.union1d(tops, _bands(z[~flat], tops))
    if not len(tops):
        return FoundLayers(tops, np.zeros(0, np.int64))
    layer = np.minimum(np.searchsorted(tops, z - _CLIMB_UM), len(tops) - 1)
    # What is laid before the first layer lies on the bed, however high the nozzle goes.
    begun = np.flatnonzero(layer == 0)
    layer[: begun[0] if len(begun) else 0] = 0
    return FoundLayers(tops, layer)


def _levels(z: NDArray[np.float64], length: NDArray[np.float64]) -> NDArray[np.float64]:
    """The heights of flat beads, strays left out."""
    values, which = np.unique(z, return_inverse=True)
    if not len(values):
        return values
    group = np.concatenate([[0], np.cumsum(np.diff(values) > _JOIN_UM)])
    level = group[which]
    n = int(group[-1]) + 1
    tops = np.zeros(n)
    np.maximum.at(tops, group, values)
    time = np.arange(len(z))
    first, last = np.full(n, len(z)), np.zeros(n, np.int64)
    np.minimum.at(first, level, time)
    np.maximum.at(last, level, time)
    # The latest beginning of any lower level.
    begun = np.concatenate([[-1], np.maximum.accumulate(first)[:-1]])
    stray = last < begun
    share = np.bincount(level, length, n)
    if share[stray].sum() > _STRAY_SHARE * share.sum():
        stray[:] = False
    return tops[~stray]


def _bands(z: NDArray[np.float64], tops: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tops of layers for climbing beads that no flat layer lies near above."""
    step = usual_step(tops)
    above = np.append(tops, np.inf)[np.searchsorted(tops, z - _CLIMB_UM)]
    free = z[above - z > _GAP_RATIO * step]
    below = np.concatenate([[0.0], tops])[np.searchsorted(tops, free, side="right")]
    return np.unique(below + np.maximum(np.ceil((free - below - _CLIMB_UM) / step), 1) * step)
