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
_STANDS_OUT: Final = 5.0
"""A flat layer is so many times as long as what a climb lays on 1 um of height."""
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
        at = np.unique(self.layer[own])
        own_steps = np.diff(self.top_um[at], prepend=0.0)
        close = own_steps <= _GAP_RATIO * np.median(own_steps)
        steps[at[close]] = own_steps[close]
        return np.maximum(steps, 1.0)


def usual_step(top_um: NDArray[np.float64]) -> float:
    """The most common step between layers, the smaller of two; 200 um where there is none."""
    if len(top_um) < 2:
        return float(top_um[0]) if len(top_um) and top_um[0] > 0 else _USUAL_UM
    values, counts = np.unique(np.rint(np.diff(top_um)), return_counts=True)
    return float(values[np.argmax(counts)])


def find_layers(
    start_um: NDArray[np.float64], end_um: NDArray[np.float64], length_um: NDArray[np.float64]
) -> FoundLayers:
    """Layers of beads (n,) given in time, by where they start and end: (n, 3), um."""
    z = np.rint(end_um[:, 2])
    flat = z == np.rint(start_um[:, 2])
    # A short bead of a climb may be flat to the last digit: those beside it are not.
    follows = (start_um[1:] == end_um[:-1]).all(axis=1)
    climbs = ~flat
    flat[1:] &= ~(follows & climbs[:-1])
    flat[:-1] &= ~(follows & climbs[1:])
    tops = _levels(z[flat], length_um[flat])
    if len(tops):
        # What is laid before the first layer lies on the bed, however high the nozzle goes.
        z[: np.argmax(z == tops[0])] = tops[0]
    tops = np.union1d(tops, _bands(z, tops))
    if not len(tops):
        return FoundLayers(tops, np.zeros(0, np.int64))
    layer = np.minimum(np.searchsorted(tops, z - _CLIMB_UM), len(tops) - 1)
    return FoundLayers(tops, layer)


def _levels(z: NDArray[np.float64], length: NDArray[np.float64]) -> NDArray[np.float64]:
    """The heights of flat beads, climbs and strays left out."""
    values, which = np.unique(z, return_inverse=True)
    if not len(values):
        return values
    share = np.bincount(which, length, len(values))
    group = np.concatenate([[0], np.cumsum(np.diff(values) > _JOIN_UM)])
    heads = np.flatnonzero(np.append(True, np.diff(group) > 0))
    tails = np.append(heads[1:], len(values)) - 1
    kept = np.zeros(len(values), bool)
    kept[tails] = True
    for head, tail in zip(heads.tolist(), tails.tolist(), strict=True):
        if values[tail] - values[head] > _JOIN_UM:
            # Heights without a gap are a fine climb; flat layers stand out of it.
            run = share[head : tail + 1]
            kept[head : tail + 1] = run > _STANDS_OUT * np.median(run)
    # A height that was joined counts for the layer above it.
    tops = values[kept]
    level = np.searchsorted(tops, z)
    known = level < len(tops)
    return tops[~_strays(level[known], length[known], len(tops))]


def _strays(level: NDArray[np.int64], length: NDArray[np.float64], n: int) -> NDArray[np.bool_]:
    """(n,) bool: levels that are done before a lower one begins. level : of beads in time."""
    time = np.arange(len(level))
    first, last = np.full(n, len(level)), np.zeros(n, np.int64)
    np.minimum.at(first, level, time)
    np.maximum.at(last, level, time)
    begun = np.append(-1, np.maximum.accumulate(first)[:-1])[:n]
    stray = last < begun
    share = np.bincount(level, length, n)
    if share[stray].sum() > _STRAY_SHARE * share.sum():
        stray[:] = False
    return stray


def _bands(z: NDArray[np.float64], tops: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tops of layers for beads (n,) that no flat layer lies near above."""
    step = usual_step(tops)
    above = np.append(tops, np.inf)[np.searchsorted(tops, z - _CLIMB_UM)]
    free = z[above - z > _GAP_RATIO * step]
    below = np.concatenate([[0.0], tops])[np.searchsorted(tops, free, side="right")]
    return np.unique(below + np.maximum(np.ceil((free - below - _CLIMB_UM) / step), 1) * step)
