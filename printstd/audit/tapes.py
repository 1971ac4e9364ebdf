"""Lines over several layers at once: each layer's tape (`scan.Tape`) laid behind the one before.

Where a layer's lines lie on the common tape must not change what is measured on them: places along
a line are rounded to 2^-16 um and lines begin on whole um, so all sums and differences up to
10^11 um are exact, and a layer's figures do not depend on which others are asked with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.scan import GAP_UM, OBLIQUE, Intervals, chords, lines_between, turned

if TYPE_CHECKING:
    from printstd.audit.regions import Region

_STEPS_PER_UM: Final = 65_536.0

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


def on_steps(um: Floats) -> Floats:
    """Rounded to whole 2^-16 um: sums and differences of such numbers are exact."""
    return np.rint(um * _STEPS_PER_UM) / _STEPS_PER_UM


@dataclass(frozen=True, eq=False)
class Tapes:
    """As of `Tape`, one entry a layer."""

    pitch_um: Floats
    x0: Floats
    y0: Floats
    length_um: Floats
    n_lines: Rows
    direction: tuple[float, float] = OBLIQUE

    @cached_property
    def stride_um(self) -> Floats:
        """(l,) from the start of one of a layer's lines to that of the next, whole um."""
        return np.ceil(self.length_um) + GAP_UM

    @cached_property
    def base_um(self) -> Floats:
        """(l,) where each layer begins."""
        return np.concatenate([[0.0], np.cumsum(self.stride_um * self.n_lines)[:-1]])

    def of_beads(self, start: Floats, end: Floats, radius: Floats, layer: Rows) -> Intervals:
        """What each line has of each bead of its layer: a capsule is convex, so it is one
        interval."""
        a, b = turned(start, self.direction), turned(end, self.direction)
        low = np.minimum(a[:, 1], b[:, 1]) - radius
        high = np.maximum(a[:, 1], b[:, 1]) + radius
        y0, pitch = self.y0[layer], self.pitch_um[layer]
        bead, line = lines_between(low, high, y0, pitch, self.n_lines[layer])
        y = y0[bead] + line * pitch[bead]
        a, b, of_item = a.take(bead, axis=0), b.take(bead, axis=0), layer[bead]
        first, last = chords((a[:, 0], a[:, 1]), (b[:, 0], b[:, 1]), radius[bead], y)
        # Beyond the box the tape belongs to the next line.
        x0 = self.x0[of_item]
        first = on_steps(np.maximum(first - x0, 0.0))
        last = on_steps(np.minimum(last - x0, self.length_um[of_item]))
        hit = np.flatnonzero(last > first)
        of_item = of_item[hit]
        base = self.base_um[of_item] + line[hit] * self.stride_um[of_item]
        return first[hit] + base, last[hit] + base

    def of_regions(self, regions: Sequence[Region]) -> Intervals:
        """What each line has of its layer's region: disjoint intervals, rising."""
        import shapely

        known = np.empty(len(regions), object)
        known[:] = regions
        parts, of_part = shapely.get_parts(known, return_index=True)
        rings, of_ring = shapely.get_rings(parts, return_index=True)
        points, ring = shapely.get_coordinates(rings, return_index=True)
        points = turned(points, self.direction)
        edge = np.flatnonzero(ring[1:] == ring[:-1])
        layer = of_part[of_ring[ring[edge]]]
        a, b = points.take(edge, axis=0), points.take(edge + 1, axis=0)
        # A line takes a vertex that lies on it as being above, so every ring is cut evenly often.
        y0, pitch = self.y0[layer], self.pitch_um[layer]
        item, line = lines_between(
            np.minimum(a[:, 1], b[:, 1]),
            np.maximum(a[:, 1], b[:, 1]),
            y0,
            pitch,
            self.n_lines[layer],
            half_open=True,
        )
        a, b, of_item = a.take(item, axis=0), b.take(item, axis=0), layer[item]
        share = (y0[item] + line * pitch[item] - a[:, 1]) / (b[:, 1] - a[:, 1])
        x = on_steps(a[:, 0] + (b[:, 0] - a[:, 0]) * share - self.x0[of_item])
        cuts = np.sort(x + (self.base_um[of_item] + line * self.stride_um[of_item]))
        return cuts[0::2], cuts[1::2]

    def lengths_um(self, intervals: Intervals) -> Floats:
        """(l,) how long each layer's intervals are together; rising ones."""
        low, high = intervals
        along = np.concatenate([[0.0], np.cumsum(high - low)])
        return np.diff(along[np.append(np.searchsorted(low, self.base_um), len(low))])


def tapes_over(low: Floats, high: Floats, pitch_um: Floats) -> Tapes:
    """Oblique lines over the boxes of layers, from low to high (l, 2)."""
    corners = np.stack(
        [low, np.stack([high[:, 0], low[:, 1]], 1), high, np.stack([low[:, 0], high[:, 1]], 1)],
        axis=1,
    )
    flat = turned(corners.reshape(-1, 2), OBLIQUE).reshape(corners.shape)
    least, size = flat.min(axis=1), np.ptp(flat, axis=1)
    n_lines = (size[:, 1] / pitch_um).astype(np.int64) + 1
    # Off the border by half a pitch: no line runs along an edge of the box.
    y0 = least[:, 1] + (size[:, 1] - (n_lines - 1) * pitch_um) / 2
    return Tapes(pitch_um, least[:, 0], y0, size[:, 0], n_lines)
