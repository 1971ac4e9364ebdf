"""Motion: the moves that the auditor read and the beads they lay, for previews."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.audit import ClaimedRole, Motion
from printstd.artifacts.demand import AuditDemand
from printstd.audit.beads import Heights, deposit, is_bead, laid_widths, typical_width_um
from printstd.audit.claims import claimed_roles
from printstd.audit.found_layers import FoundLayers, find_layers
from printstd.audit.machine import Track

_SUPPORT = (ClaimedRole.SUPPORT, ClaimedRole.SUPPORT_INTERFACE)
_HANGING = (
    ClaimedRole.OVERHANG_PERIMETER,
    ClaimedRole.BRIDGE_INFILL,
    ClaimedRole.INTERNAL_BRIDGE_INFILL,
)


def motion_of(track: Track, data: bytes, demand: AuditDemand) -> Motion:
    """A track of chords as a record, with the beads that each move lays."""
    role = claimed_roles(track.line, data)
    rows = np.flatnonzero(is_bead(track))
    start, end = track.start_um[rows], track.end_um[rows]
    length = np.hypot(*(end - start)[:, :2].T)
    found = find_layers(start, end, length)
    width = np.zeros(len(role))
    heights = np.zeros(len(found.top_um))
    is_support = np.isin(role[rows], _SUPPORT)
    # Where both lie in one layer, the part's height is the layer's.
    for own in (is_support, ~is_support):
        if own.any():
            own_heights = found.height_um(own)
            width[rows[own]] = _widths(track, rows, own, role, found, own_heights, demand)
            at = np.unique(found.layer[own])
            heights[at] = own_heights[at]
    return Motion(
        start_um=track.start_um.copy(),
        end_um=track.end_um.copy(),
        e_um=track.e_um.copy(),
        feed_um_s=np.nan_to_num(track.feed_um_s),
        line=track.line.astype(np.int32),
        claimed_role=role,
        width_um=width,
        layer=_layers_of_all(len(role), rows, found),
        layer_top_um=found.top_um,
        layer_height_um=heights,
    )


def _widths(
    track: Track,
    rows: NDArray[np.int64],
    own: NDArray[np.bool_],
    role: NDArray[np.uint8],
    found: FoundLayers,
    height_um: NDArray[np.float64],
    demand: AuditDemand,
) -> NDArray[np.float64]:
    """(k,) um: widths of the beads `own` of all beads `rows`, in layers of that thickness."""
    mine, layer = rows[own], found.layer[own]
    fed = np.zeros(len(track.e_um))
    fed[mine] = track.e_um[mine]
    end = track.end_um.copy()
    # What joined a layer is laid in it.
    end[rows, 2] = found.top_um[found.layer]
    heights = Heights(found.top_um, height_um)
    beads = deposit(replace(track, e_um=fed, end_um=end), heights, demand).planned
    # The beads come by layer, in time within each.
    order = np.argsort(layer, kind="stable")
    may_hang = np.isin(role[mine[order]], _HANGING)
    width = np.empty(len(mine))
    width[order] = laid_widths(
        beads, may_hang.__getitem__, typical_width_um(beads), float(demand.machine.nozzle_um)
    )
    return width


def _layers_of_all(n: int, rows: NDArray[np.int64], found: FoundLayers) -> NDArray[np.int32]:
    """(n,) int32: the layer of each bead; of other moves, that of the bead they lead to, and
    after the last bead its own. -1 where there is no bead at all."""
    if not len(rows):
        return np.full(n, -1, np.int32)
    following = np.minimum(np.searchsorted(rows, np.arange(n)), len(rows) - 1)
    return found.layer[following].astype(np.int32)
