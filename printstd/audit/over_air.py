"""Beads over nothing: of walls and skins what hangs in air, of infill what lies on none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from printstd.audit.beads import Beads
from printstd.audit.inside import Inside
from printstd.audit.layer_beads import LayerBeads
from printstd.audit.outline import OutlineStack
from printstd.audit.regions import Region, lines_of, within
from printstd.audit.spot import Spot

AIR_NOTED_UM: Final = 1000.0
BESIDE_RATIO: Final = 1.5
CHAINED: Final = 1
"""Beads this near in time to another are the same line, not one beside it."""
LOOSE_UM: Final = 5000.0
"""Infill on nothing is a fault from this length in a layer on: ends of branches are held by what
they come from."""


def loose_infill(
    own: LayerBeads, below: Beads | None, inside: Inside | None, reach: float
) -> Spot | None:
    """Infill whose middle is further than `reach` from all beads of the layer below."""
    import shapely

    if below is None or inside is None or inside.carried is None or not len(own):
        return None
    rows = np.flatnonzero(inside.grid.has(inside.carried, own.beads.middle_um))
    middle = own.beads.middle_um[rows]
    tree = shapely.STRtree(shapely.linestrings(np.stack([below.start_um, below.end_um], axis=1)))
    held = tree.query(shapely.points(middle), predicate="dwithin", distance=reach)[0]
    is_loose = np.ones(len(rows), bool)
    is_loose[held] = False
    # Lines side by side span from rib to rib: a bridge, or a skin on one.
    loose = np.flatnonzero(is_loose)
    own_tree = shapely.STRtree(
        shapely.linestrings(np.stack([own.beads.start_um, own.beads.end_um], axis=1))
    )
    asked, other = own_tree.query(
        shapely.points(middle[loose]), predicate="dwithin", distance=BESIDE_RATIO * reach
    )
    is_loose[loose[asked[np.abs(other - rows[loose[asked]]) > CHAINED]]] = False
    length = float(own.beads.length_um[rows][is_loose].sum())
    if length <= LOOSE_UM:
        return None
    x, y = middle[np.flatnonzero(is_loose)[0]].tolist()
    return Spot(reach, length, (x, y))


def hanging_in_air(
    own: LayerBeads,
    stack: OutlineStack,
    layer: int,
    wall_width: float,
    carried: Callable[[Beads], Region] | None,
) -> tuple[float, tuple[Spot, ...]]:
    """Beads that lie over nothing of the layer below, half a bead aside, and over no supports:
    length, long stretches (deviation_um of a spot is the straight distance between its ends)."""
    import shapely

    rows = np.flatnonzero(own.hanging)
    if not layer or not len(rows):
        return 0.0, ()
    held = stack.coarse(layer - 1).grown(wall_width / 2, 4)
    rows = rows[~within(held, own.beads.middle_um[rows])]
    if not len(rows):
        return 0.0, ()
    free_beads = own.beads.chosen(rows)
    start, end = free_beads.start_um, free_beads.end_um
    is_head = np.ones(len(rows), bool)
    is_head[1:] = (np.diff(free_beads.chain) != 0) | (start[1:] != end[:-1]).any(axis=1)
    free = shapely.difference(lines_of(start, end, is_head), held)
    free = free[~shapely.is_empty(free)]
    if carried is not None and len(free):
        free = shapely.difference(free, carried(free_beads))
        free = free[~shapely.is_empty(free)]
    spots = []
    for piece in shapely.get_parts(free):
        ends = shapely.get_coordinates(piece)[[0, -1]]
        span = float(np.hypot(*(ends[1] - ends[0])))
        if piece.length > AIR_NOTED_UM:
            spots.append(Spot(span, float(piece.length), (float(ends[0, 0]), float(ends[0, 1]))))
    spots.sort(key=lambda spot: -spot.length_um)
    return float(shapely.length(free).sum()), tuple(spots[:8])
