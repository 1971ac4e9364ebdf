"""Straight lines: solid, bridge, rectilinear and grid infill of many areas at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.bead import ROUND_LOSS
from printstd.kernels.crossings import paired
from printstd.kernels.hatch import Lines, crossed_nm, extents_nm, hatched, lengths, lengthways
from printstd.kernels.rings import signed_area2
from printstd.toolpath.infill.connect import NOTHING_LAID, Laid, connected
from printstd.toolpath.infill.jobs import Job, Pitch

MAX_WIDENING: Final = 1.2
"""A fitted line is at most so much wider than asked for (facts of slicers 2.4)."""
_NARROW_RATIO: Final = 10.0
_LENGTHWAYS_RATIO: Final = 0.6
_STRAIGHT_RATIO: Final = 1.1
"""Shells inside a part are laid lengthways where lines in the layer's own direction would be
shorter than so many spacings in the mean, and lengthways there are no more than this share of
them, with next to none beside each other: then a whole number of lines fills the island from
side to side."""
_EDGE_NM: Final = 2_000.0
"""Outermost lines lie this far inside, so that an edge along them, rounded to nm, cannot cut
them to pieces."""


def lay_straight(jobs: Sequence[Job]) -> Laid:
    """Paths for all jobs. No two jobs touch each other's result."""
    islands = clip.inset_islands(
        [job.area for job in jobs], [job.bead.spacing_nm // 2 for job in jobs]
    )
    if islands.rings.is_empty:
        return NOTHING_LAID
    lines, spacing = _lines(jobs, islands)
    crossings = hatched(islands.rings, islands.island, lines)
    return connected(jobs, islands, crossings, paired(crossings), spacing)


def _lines(jobs: Sequence[Job], islands: clip.Islands) -> tuple[Lines, NDArray[np.float64]]:
    """The line family of each island, and the spacing its flow is for, nm."""
    part = islands.part
    along = _directions(jobs, islands)
    low, high = extents_nm(islands.rings, islands.island, along)
    spacing = np.array([job.bead.spacing_nm for job in jobs], np.float64)[part]
    height = np.array([job.bead.height_nm for job in jobs], np.float64)[part]
    pitch = np.array([job.pitch_nm for job in jobs], np.float64)[part]
    mode = np.array([job.pitch.value for job in jobs], np.int64)[part]
    fitted = mode == Pitch.FITTED.value
    first, step, fitted_spacing = _fitted(high - low, spacing, height)
    width = np.array([job.bead.width_nm for job in jobs], np.float64)[part]
    spread_first, spread_step = _spread(high - low, pitch, width)
    absolute = mode == Pitch.ABSOLUTE.value
    lines = Lines(
        along,
        lengths(along),
        np.where(absolute, 0.0, low + np.where(fitted, first, spread_first)),
        np.where(absolute, pitch, np.where(fitted, step, spread_step)),
    )
    return lines, np.where(fitted, fitted_spacing, spacing)


def _directions(jobs: Sequence[Job], islands: clip.Islands) -> NDArray[np.int64]:
    """(i, 2) of each island's lines: the job's, but lengthways in narrow islands that may turn."""
    part = islands.part
    along = np.array([job.along for job in jobs], np.int64)[part]
    may_turn = np.array([job.may_turn for job in jobs], bool)[part]
    if not may_turn.any():
        return along
    rings, island = islands.rings, islands.island
    spacing = np.array([job.bead.spacing_nm for job in jobs], np.float64)[part]
    own_nm2 = np.bincount(island, signed_area2(rings) * 0.5, len(part))
    crossed = crossed_nm(rings, island, along)
    found = lengthways(rings, island, len(part))
    low, high = extents_nm(rings, island, found)
    better = crossed_nm(rings, island, found)
    is_narrow = own_nm2 <= _NARROW_RATIO * spacing * crossed
    is_straight = better <= _STRAIGHT_RATIO * (high - low) + _EDGE_NM
    turns = may_turn & is_narrow & is_straight & (better <= _LENGTHWAYS_RATIO * crossed)
    return np.where(turns[:, None], found, along)


def _fitted(
    extent: NDArray[np.float64], spacing: NDArray[np.float64], height: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(first, step, spacing of the flow): a whole number of lines fills the island, whose
    centrelines may lie in `extent` and whose beads reach half a spacing further."""
    whole = extent + spacing
    count = np.maximum(1.0, np.floor(whole / spacing + 1e-9))
    # One more, narrower, where they would get too wide; but no bead is narrower than high.
    more = (whole / count > MAX_WIDENING * spacing) & (
        whole / (count + 1.0) >= (1.0 - ROUND_LOSS) * height
    )
    count = np.where(more, count + 1.0, count)
    flow = np.minimum(whole / count, MAX_WIDENING * spacing)
    edge = np.minimum(np.maximum((flow - spacing) / 2.0, _EDGE_NM), extent / 4.0)
    single = count < 2.0
    step = (extent - 2.0 * edge) / np.maximum(1.0, count - 1.0)
    return (
        np.where(single, extent / 2.0, edge),
        np.where(single, np.maximum(extent, spacing), step),
        flow,
    )


def _spread(
    extent: NDArray[np.float64], pitch: NDArray[np.float64], width: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(first, step) of threads that do not change: from edge to edge, nearer together than the
    pitch as long as they do not lie over each other, or else a little further apart; else at the
    pitch, in the middle."""
    room = np.maximum(extent - 2.0 * _EDGE_NM, 0.0)
    fewer = np.floor(room / pitch)
    wide, narrow = room / np.maximum(fewer, 1.0), room / (fewer + 1.0)
    is_narrow = narrow >= width
    is_wide = ~is_narrow & (fewer >= 1.0) & (wide <= MAX_WIDENING * pitch)
    step = np.where(is_narrow, narrow, np.where(is_wide, wide, pitch))
    centred = (extent - fewer * pitch) / 2.0
    first = np.where(is_narrow | is_wide, np.minimum(_EDGE_NM, extent / 4.0), centred)
    return first, np.maximum(step, np.where(fewer + is_narrow < 1, extent, 0.0))
