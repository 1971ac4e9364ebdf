"""The raft that a demand's floor stands for, as the program lays it: beads at and below the floor,
by the height they are laid at."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.beads import LAYER_MATCH_UM, Beads

SAME_UM: Final = LAYER_MATCH_UM
"""Beads no further apart in height than this are of one layer."""
Box = tuple[float, float, float, float]


def raft_layers(beads: Beads, floor_um: float, box_um: Box | None) -> list[NDArray[np.int64]]:
    """The rows of `beads` that make each layer of a raft, bottom up; none without a floor.

    beads : those that are at no planned height. box_um : xmin, ymin, xmax, ymax of the part's
    lowest section. What is purged elsewhere, and lies at no height of the raft's, is none of it.
    """
    if floor_um <= 0:
        return []
    below = np.flatnonzero(beads.z_um <= floor_um + SAME_UM)
    order = below[np.argsort(beads.z_um[below], kind="stable")]
    borders = np.flatnonzero(np.diff(beads.z_um[order]) > SAME_UM) + 1
    layers = [np.sort(rows) for rows in np.split(order, borders) if len(rows)]
    if box_um is None:
        return layers
    x0, y0, x1, y1 = box_um
    low, high = np.minimum(beads.start_um, beads.end_um), np.maximum(beads.start_um, beads.end_um)
    is_under: NDArray[np.bool_] = (
        (high[:, 0] >= x0) & (low[:, 0] <= x1) & (high[:, 1] >= y0) & (low[:, 1] <= y1)
    )
    return [rows for rows in layers if is_under[rows].any()]
