"""What supports carry: beads beside the part, a little below the beads that hang.

Nobody says which beads are supports. Whatever lies beside the part's section in a layer that ends
under a hanging bead, no further below it than a thread reaches, carries what lies near it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.beads import LAYER_MATCH_UM, Beads, Heights
from printstd.audit.outline import OutlineStack
from printstd.audit.regions import Region
from printstd.audit.sorting import beside

REACH_UM: Final = 1500.0
"""To each side of its middle line a bead carries so much: lines of supports lie 2 to 3 mm apart."""


def carried_by_supports(
    planned: Beads,
    elsewhere: Beads,
    heights: Heights,
    stack: OutlineStack,
    layer: int,
    hanging: Beads,
    gap_um: float,
) -> Region:
    """The region over which beads of a layer are carried by what lies beside the part.

    planned, elsewhere : all beads of the program. hanging : those of the layer that ask. gap_um :
    the most that may be left free under a bead.
    """
    import shapely

    starts, ends = [np.empty((0, 2))], [np.empty((0, 2))]
    ends_at = np.concatenate([hanging.start_um, hanging.end_um])
    low, high = ends_at.min(axis=0) - REACH_UM, ends_at.max(axis=0) + REACH_UM
    floor = float(heights.top_um[layer] - heights.height_um[layer])

    def add(beads: Beads, rows: NDArray[np.int64]) -> None:
        starts.append(beads.start_um[rows])
        ends.append(beads.end_um[rows])

    first = int(np.searchsorted(heights.top_um, floor - gap_um - LAYER_MATCH_UM))
    for below in range(first, layer):
        own = planned.of_layer(below)
        rows = np.arange(own.start, own.stop)[_is_near(planned, own, low, high)]
        add(planned, rows[beside(planned, rows, stack.widest(below).region)])
    is_below = (elsewhere.z_um >= floor - gap_um - LAYER_MATCH_UM) & (
        elsewhere.z_um <= floor + LAYER_MATCH_UM
    )
    add(elsewhere, np.flatnonzero(is_below & _is_near(elsewhere, slice(None), low, high)))
    ways = np.stack([np.concatenate(starts), np.concatenate(ends)], axis=1)
    if not len(ways):
        return shapely.Polygon()
    lines = shapely.multilinestrings(shapely.linestrings(ways))
    return shapely.buffer(lines, REACH_UM, quad_segs=2)


def _is_near(
    beads: Beads, rows: slice, low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(n,) whose box meets the box from low to high."""
    start, end = beads.start_um[rows], beads.end_um[rows]
    near = np.ones(len(start), bool)
    for axis in range(2):
        near &= np.minimum(start[:, axis], end[:, axis]) <= high[axis]
        near &= np.maximum(start[:, axis], end[:, axis]) >= low[axis]
    return near
