"""How much room a layer's beads have: the area under them, under each model of a bead."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.audit.scan import united
from printstd.audit.sheet import Sheet
from printstd.audit.tapes import tapes_over

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

COVER_LINES: Final = (12, 100)
"""Lines along which the covered area of a layer is measured, at least; the second time where the
first leaves doubt."""
ROOM_RATIO: Final = 1.25
"""Volume over covered area times height up to which there is none: a dozen lines are right to a
tenth, and the rule allows 1.6."""


class Areas(NamedTuple):
    """um2 under a layer's beads: no less under any model, usually, no more under any."""

    least: float
    usual: float
    most: float


def covered_areas(sheet: Sheet) -> list[Areas]:
    """Of each layer of a sheet."""
    laid = sheet.column(lambda own: own.laid_um)
    flat = np.array([own.flat_volume(own.height_um) for own in sheet.layers])
    height = np.array([own.height_um for own in sheet.layers])
    everywhere = np.arange(len(sheet.layers))
    covered = _covered(sheet, laid, everywhere, flat, height)
    less, more = np.array([own.lost_area() for own in sheet.layers]).T
    least = covered - less
    # Beads that lie over each other lose less than side by side: looked at closely.
    close = np.flatnonzero(flat > ROOM_RATIO * least * height)
    if len(close):
        narrow = sheet.column(lambda own: own.laid_least_um)
        least[close] = np.maximum(least[close], _covered(sheet, narrow, close, flat, height)[close])
    return [Areas(*row) for row in np.stack([least, covered, covered + more], axis=1).tolist()]


def _covered(
    sheet: Sheet, laid_um: Floats, asked: Rows, flat_um3: Floats, height_um: Floats
) -> Floats:
    """(l,) area under the beads of the layers `asked`, so wide; roughly, where that leaves no doubt
    that they have room."""
    area = np.zeros(len(sheet.layers))
    asked = asked[np.diff(sheet.offsets)[asked] > 0]
    for n_lines in COVER_LINES:
        if not len(asked):
            break
        place = np.full(len(sheet.layers), -1)
        place[asked] = np.arange(len(asked))
        layer = place[sheet.layer_of]
        start, end, half = sheet.start_um, sheet.end_um, laid_um / 2
        if len(asked) < len(sheet.layers):
            rows = np.flatnonzero(layer >= 0)
            start, end = start.take(rows, axis=0), end.take(rows, axis=0)
            half, layer = half[rows], layer[rows]
        first = np.flatnonzero(np.append(True, layer[1:] != layer[:-1]))
        low = np.minimum.reduceat(np.minimum(start, end) - half[:, None], first)
        high = np.maximum.reduceat(np.maximum(start, end) + half[:, None], first)
        pitch = np.clip((high - low).min(axis=1) / n_lines, 100.0, 1000.0)
        tapes = tapes_over(low, high, pitch)
        covered = united(tapes.of_beads(start, end, half, layer))
        area[asked] = tapes.lengths_um(covered) * pitch
        asked = asked[flat_um3[asked] >= ROOM_RATIO * area[asked] * height_um[asked]]
    return area
