"""Travels of the part that cross the open: from the part to the part, outside its section."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.rule import Evidence

TRAVEL_UM: Final = 2000.0
OPEN_WAY_UM: Final = 1000.0
AT_PART_UM: Final = 500.0
"""A travel between supports, or from a skirt, ends further from the part than this."""


def crossing_travels(evidence: Evidence) -> NDArray[np.int64]:
    """Rows of `evidence.track` that travel across the open between beads of one planned layer."""
    import shapely

    from printstd.audit.outline import tidied
    from printstd.audit.regions import polygon_of, within

    track, job = evidence.track, evidence.geometry
    if job is None:
        return np.zeros(0, np.int64)
    begin, end = evidence.print_span
    way = np.hypot(*(track.end_um - track.start_um)[:, :2].T)
    rows = np.flatnonzero(
        ~evidence.is_laid
        & (track.e_um <= 0)
        & (way > TRAVEL_UM)
        & (track.seq > begin)
        & (track.seq < end)
    )
    layer = np.searchsorted(evidence.layer_start_seq, track.seq[rows], side="right") - 1
    found = []
    for k in np.flatnonzero(np.bincount(layer[layer >= 0], minlength=1)).tolist():
        own = rows[layer == k]
        region = tidied(polygon_of(job.sections.rings_of(k)), 20.0)
        lines = shapely.linestrings(
            np.stack([track.start_um[own, :2], track.end_um[own, :2]], axis=1)
        )
        shapely.prepare(region)
        doubtful = ~shapely.covers(region, lines)
        open_way = shapely.length(shapely.difference(lines[doubtful], region))
        own = own[doubtful][open_way > OPEN_WAY_UM]
        near = shapely.buffer(region, AT_PART_UM, quad_segs=2)
        is_own = within(near, track.start_um[own, :2]) & within(near, track.end_um[own, :2])
        found.append(own[is_own])
    return np.sort(np.concatenate(found)) if found else np.zeros(0, np.int64)
