"""Where the sides of a layer's beads lie: how wide its walls are, how far all beads reach, and by
how much models of a bead differ. Each is found for all layers of a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from printstd.audit.bead_models import Spread, thickest, thinnest
from printstd.audit.deviation import TWO_BEADS_RATIO
from printstd.audit.layer_job import WIDEST_RATIO
from printstd.audit.outline import Outline
from printstd.audit.sheet import Sheet, within_each

Floats = NDArray[np.float64]


def wall_widths(
    sheet: Sheet, outlines: Sequence[Outline], least_um: float, nozzle_um: float
) -> list[float]:
    """Of each layer, the width of the beads that follow its outline, by length, in whole um; at
    least the program's own."""
    edge = np.flatnonzero(sheet.column(lambda own: own.is_edge))
    cores = [outline.grown(-TWO_BEADS_RATIO * least_um) for outline in outlines]
    layer, middle = sheet.layer_of[edge], sheet.column(lambda own: own.beads.middle_um)[edge]
    outer = edge[~within_each(cores, layer, middle)]
    widths = sheet.column(lambda own: own.beads.pitch_um)[outer]
    lengths = sheet.column(lambda own: own.beads.length_um)[outer]
    borders = np.searchsorted(sheet.layer_of[outer], np.arange(len(outlines) + 1)).tolist()
    most = min(WIDEST_RATIO * nozzle_um, 1.25 * least_um)
    found = []
    for first, last in pairwise(borders):
        if first == last:
            found.append(float(round(least_um)))
            continue
        width, length = widths[first:last], lengths[first:last]
        order = np.argsort(width, kind="stable")
        half = int(np.searchsorted(np.cumsum(length[order]), length.sum() / 2))
        own = float(width[order][min(half, len(order) - 1)])
        # No more is known of a width, and outlines that are alike are then asked alike.
        found.append(float(round(min(max(own, least_um), most))))
    return found


def side_spreads(sheet: Sheet) -> tuple[list[Spread], list[Spread]]:
    """Of each layer, by how much models of a bead differ about the sides along the outline, and
    about all sides with hanging beads as threads: the widest."""
    least, most = sheet.column(lambda own: own.least_um), sheet.column(lambda own: own.most_um)
    is_edge = sheet.column(lambda own: own.is_edge)
    width, thread = sheet.width_um, sheet.column(lambda own: own.beads.thread_um)
    hangs = sheet.column(lambda own: own.hanging)

    def spreads(inwards: Floats, outwards: Floats) -> list[Spread]:
        pairs = (np.maximum(sheet.largest(one), 0.0).tolist() for one in (inwards, outwards))
        return [Spread(one / 2, other / 2) for one, other in zip(*pairs, strict=True)]

    usual = np.where(hangs, thread, width)
    return spreads(
        np.where(is_edge, width - least, 0.0), np.where(is_edge, most - width, 0.0)
    ), spreads(
        usual - np.where(hangs, thinnest(thread), least),
        np.where(hangs, thickest(thread), most) - usual,
    )


def reaches(sheet: Sheet, axes: Floats, top_um: Floats, height_um: Floats) -> NDArray[Any]:
    """(l, 3, 2) how far each layer's beads' sides reach along each axis of the model; NaN where a
    layer has no beads. top_um, height_um : (l,).

    A bead's own end counts as cut off square: how round it ends is not commanded.
    """
    reach = np.full((len(sheet.layers), 3, 2), np.nan)
    filled = np.flatnonzero(np.diff(sheet.offsets))
    if not len(filled):
        return reach
    start, end = sheet.start_um, sheet.end_um
    hangs = sheet.column(lambda own: own.hanging)
    half = np.where(hangs, sheet.column(lambda own: own.beads.thread_um), sheet.width_um) / 2
    along = (end - start) / sheet.column(lambda own: own.beads.length_um)[:, None]
    chain = sheet.column(lambda own: own.beads.chain)
    is_joint = np.zeros(len(sheet), bool)
    is_joint[:-1] = (
        (chain[1:] == chain[:-1])
        & (sheet.layer_of[1:] == sheet.layer_of[:-1])
        & (start[1:, 0] == end[:-1, 0])
        & (start[1:, 1] == end[:-1, 1])
    )
    z = np.stack([top_um - height_um, top_um], axis=1)[filled]
    first = sheet.offsets[filled]
    for axis in range(3):
        x, y, up = axes[axis].tolist()
        level = np.hypot(x, y)
        reach[filled, axis] = np.sort(z * up, axis=1)
        if level == 0.0:
            continue
        # A side leans on the axis by the sine of the angle between; a joint is round.
        side = half * np.abs(along[:, 0] * y - along[:, 1] * x)
        at_start = start[:, 0] * x + start[:, 1] * y
        at_end = end[:, 0] * x + end[:, 1] * y
        round_end = np.where(is_joint, half * level, side)
        low = np.minimum(at_start - side, at_end - round_end)
        high = np.maximum(at_start + side, at_end + round_end)
        reach[filled, axis, 0] += np.minimum.reduceat(low, first)
        reach[filled, axis, 1] += np.maximum.reduceat(high, first)
    return reach
