"""Runs of short moves as arcs (G2, G3), for machines that know them.

What is laid stays the same within the stated deviation; filament, speed and everything else that
is said of the moves is the same along an arc. Printing times are those of the moves that an arc
stands for: firmware cuts arcs into short straight moves again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import MoveKind, Toolpath
from printstd.named_tuple import NamedTuple


class MoveArcs(NamedTuple):
    """a arcs. first, last : (a,) int64, the moves that each stands for, both included; no move is
    in two. to_centre_um : (a, 2) int64, from where the first of them starts. is_ccw : (a,) bool."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    to_centre_um: NDArray[np.int64]
    is_ccw: NDArray[np.bool_]


NO_ARCS = MoveArcs(
    np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 2), np.int64), np.empty(0, bool)
)


def arcs_of(toolpath: Toolpath, deviation_um: float) -> MoveArcs:
    """The arcs that the beads of a print can be laid along; none where the deviation is 0."""
    if deviation_um <= 0 or not toolpath.n_moves:
        return NO_ARCS
    from printstd.kernels.arc_fit import fitted_arcs

    is_bead = (toolpath.kind == MoveKind.EXTRUDE) & (toolpath.e_e5 > 0)
    goes_on = is_bead[1:] & is_bead[:-1]
    for column in (
        toolpath.role,
        toolpath.layer,
        toolpath.object_id,
        toolpath.z_um,
        toolpath.feed_mm_min,
        toolpath.accel_mm_s2,
        toolpath.fan_ratio_e3,
        toolpath.width_nm,
        toolpath.height_nm,
    ):
        goes_on &= column[1:] == column[:-1]
    begins = np.flatnonzero(is_bead & ~np.append(False, goes_on))
    ends = np.flatnonzero(is_bead & ~np.append(goes_on, False))
    # Each run's vertices: where its first move starts, then where each ends.
    count = ends - begins + 2
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(count)])
    row = np.arange(offsets[-1]) + np.repeat(begins - 1 - offsets[:-1], count)
    places = np.concatenate([np.array([toolpath.start_xy_um]), toolpath.xy_um])
    xy_um = places[row + 1]
    found = fitted_arcs(xy_um, offsets, deviation_um)
    return MoveArcs(
        row[found.first] + 1,
        row[found.last],
        found.centre_um - xy_um[found.first],
        found.is_ccw,
    )
