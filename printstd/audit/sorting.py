"""Which beads of a layer make the part, and which lie outside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.beads import Beads
from printstd.audit.regions import Region, within

OUTSIDE_RATIO: Final = 0.3
"""A bead whose middle lies this many widths outside the section is none of the part's: a wall that
is off by as much touches it with a fifth of itself. Nearer ones are the part's, and deviate."""

INTO_RATIO: Final = 0.1
"""A bead beside the part that covers so much of its own width of the section is laid into it."""


Box = tuple[float, float, float, float]
"""xmin, ymin, xmax, ymax."""


@dataclass(frozen=True, slots=True, eq=False)
class Sorted:
    """is_part : (n,) bool over the layer's beads. outside : (o,) int64, rows of `Beads` of the
    others; outside_um : (o,) float64, how far their middle lies from the section;
    is_beyond : (o,) bool, outside the section's outer outline too (not in one of its holes);
    entering_um : (o,) float64, length over which they reach into the section."""

    is_part: NDArray[np.bool_]
    outside: NDArray[np.int64]
    outside_um: NDArray[np.float64]
    is_beyond: NDArray[np.bool_]
    entering_um: NDArray[np.float64]


_NO_ROWS: Final = np.zeros(0, np.int64)
_NO_UM: Final = np.zeros(0)


def sort_beads(
    beads: Beads,
    rows: slice,
    region: Region,
    is_in: NDArray[np.bool_],
    others: Callable[[Box], Sequence[Region]],
) -> Sorted:
    """Sort the beads of a layer by where their middle lies.

    is_in : (n,) bool, which middles lie in the section. others : sections of other parts in this
    layer that come near a box, which no bead beside this part may enter either.
    """
    import shapely

    is_part = np.ones(len(is_in), bool)
    if is_in.all():
        return Sorted(is_part, _NO_ROWS, _NO_UM, np.zeros(0, bool), _NO_UM)
    middle = beads.middle_um[rows]
    doubtful, far = _outside(middle, beads.width_um[rows], region, is_in)
    is_part[doubtful] = False
    beyond = np.ones(len(doubtful), bool)
    if len(doubtful) and not region.is_empty:
        outline = shapely.union_all(
            [shapely.Polygon(part.exterior) for part in shapely.get_parts(region)]
        )
        beyond = ~within(outline, middle[doubtful])
    outside = doubtful + rows.start
    entering = _entering(beads, outside, region)
    if len(outside):
        ends = np.concatenate([beads.start_um[outside], beads.end_um[outside]])
        for other in others((*ends.min(axis=0).tolist(), *ends.max(axis=0).tolist())):
            entering = np.maximum(entering, _entering(beads, outside, other))
    return Sorted(is_part, outside, np.asarray(far, np.float64), beyond, entering)


def beside(beads: Beads, rows: NDArray[np.int64], region: Region) -> NDArray[np.int64]:
    """(o,) places in `rows` of the beads that `sort_beads` would sort outside."""
    middle = beads.middle_um[rows]
    return _outside(middle, beads.width_um[rows], region, within(region, middle))[0]


def _outside(
    middle: NDArray[np.float64],
    width: NDArray[np.float64],
    region: Region,
    is_in: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(rows of those that lie outside, how far)."""
    import shapely

    rows = np.flatnonzero(~is_in)
    if region.is_empty:
        return rows, np.full(len(rows), np.inf)
    if not len(rows):
        return rows, np.zeros(0)
    far = np.asarray(shapely.distance(shapely.points(middle[rows]), region), np.float64)
    out = far >= OUTSIDE_RATIO * width[rows]
    return rows[out], far[out]


def _entering(beads: Beads, rows: NDArray[np.int64], region: Region) -> NDArray[np.float64]:
    """(o,) length of each bead along which it lies by more than `INTO_RATIO` of its width over the
    section: a long bead may do so whose middle lies far outside."""
    import shapely

    length = np.zeros(len(rows))
    if not len(rows) or region.is_empty:
        return length
    depth = (0.5 - INTO_RATIO) * float(np.median(beads.width_um[rows]))
    near = shapely.buffer(region, depth, quad_segs=2)
    shapely.prepare(near)
    lines = shapely.linestrings(np.stack([beads.start_um[rows], beads.end_um[rows]], axis=1))
    hit = np.flatnonzero(shapely.intersects(near, lines))
    if len(hit):
        length[hit] = shapely.length(shapely.intersection(near, lines[hit]))
    return length
