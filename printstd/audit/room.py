"""How much room a layer's beads have: the area under them, under each model of a bead."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.layer_beads import LayerBeads
from printstd.audit.scan import tape_over, united

COVER_LINES: Final = (12, 100)
"""Lines along which the covered area of a layer is measured, at least; the second time where the
first leaves doubt."""
ROOM_RATIO: Final = 1.25
"""Volume over covered area times height up to which there is none: a dozen lines are right to a
tenth, and the rule allows 1.6."""


def covered_areas(own: LayerBeads, height: float) -> tuple[float, float, float]:
    """(no less under any model, usually, no more under any), um2."""
    covered = _covered_area(own, height, own.laid_um)
    less, more = own.lost_area()
    least = covered - less
    if own.flat_volume(height) > ROOM_RATIO * least * height:
        # Beads that lie over each other lose less than side by side: looked at closely.
        least = max(least, _covered_area(own, height, own.laid_least_um))
    return least, covered, covered + more


def _covered_area(own: LayerBeads, height: float, laid_um: NDArray[np.float64]) -> float:
    """Area under the beads, so wide; roughly, where that leaves no doubt that they have room."""
    if not len(own):
        return 0.0
    beads = own.beads
    half = laid_um[:, None] / 2
    low = (np.minimum(beads.start_um, beads.end_um) - half).min(axis=0)
    high = (np.maximum(beads.start_um, beads.end_um) + half).max(axis=0)
    area = 0.0
    for n_lines in COVER_LINES:
        pitch = float(np.clip(min(high - low) / n_lines, 100.0, 1000.0))
        tape = tape_over((*low, *high), pitch)
        first, last = united(tape.of_beads(beads.start_um, beads.end_um, half[:, 0]))
        area = float((last - first).sum()) * pitch
        if own.flat_volume(height) < ROOM_RATIO * area * height:
            break
    return area
