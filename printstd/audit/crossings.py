"""Travels of the part that cross the open: from the part to the part, outside its section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.beads import Beads, is_bead
from printstd.audit.machine import Track
from printstd.audit.outline import Outline

Floats = NDArray[np.float64]

TRAVEL_UM: Final = 2000.0
OPEN_WAY_UM: Final = 1000.0
_MOST_PAIRS: Final = 1_000_000
"""Ways times edges that are looked at together."""
AT_PART_UM: Final = 500.0
"""A travel between supports, or from a skirt, ends further from the part than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Travels:
    """Long travels by planned layer, in time within a layer; one row each.

    start_um, end_um : (n, 2) float64, bed frame. row : (n,) int64, rows of the track.
    layer_offsets : (l + 1,) int64.
    """

    start_um: NDArray[np.float64]
    end_um: NDArray[np.float64]
    row: NDArray[np.int64]
    layer_offsets: NDArray[np.int64]

    def crossing(self, layers: range, outlines: Sequence[Outline]) -> list[NDArray[np.int64]]:
        """Of each layer, (k,) rows of the track that travel from the part to the part across the
        open."""
        import shapely

        borders = self.layer_offsets[layers.start : layers.stop + 1]
        chosen = slice(int(borders[0]), int(borders[-1]))
        start, end, row = self.start_um[chosen], self.end_um[chosen], self.row[chosen]
        of_layer = np.repeat(np.arange(len(layers)), np.diff(borders))
        lines = shapely.linestrings(np.stack([start, end], axis=1))
        regions = np.empty(len(layers), object)
        regions[:] = [outline.region for outline in outlines]
        shapely.prepare(regions)
        out = np.flatnonzero(~shapely.covers(regions[of_layer], lines))
        for point in (start, end):
            ends = shapely.points(point[out])
            out = out[shapely.dwithin(regions[of_layer[out]], ends, AT_PART_UM)]
        open_way = outside_um(regions, of_layer[out], start[out], end[out])
        out = out[open_way > OPEN_WAY_UM]
        places = np.searchsorted(of_layer[out], np.arange(len(layers) + 1)).tolist()
        return [np.asarray(row[out[first:last]], np.int64) for first, last in pairwise(places)]


def outside_um(
    regions: NDArray[Any], of_way: NDArray[np.int64], start: Floats, end: Floats
) -> Floats:
    """(n,) um of each straight way that lies outside its region, `of_way` (n,) of `regions`.

    Each way is the X axis of its own frame; what of it lies inside is between its first and second
    meeting with an edge, its third and fourth, and so on.
    """
    import shapely

    if not len(of_way):
        return np.zeros(0)
    asked = np.unique(of_way)
    parts, of_part = shapely.get_parts(regions[asked], return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    borders = np.searchsorted(of_part[of_ring[ring]], np.arange(len(asked) + 1))
    is_last = np.append(ring[1:] != ring[:-1], True)
    # Of each way, which points are those of its region.
    place = np.searchsorted(asked, of_way)
    count = np.diff(borders)[place]
    length = np.hypot(*(end - start).T)
    along = (end - start) / length[:, None]
    inside = np.zeros(len(start))
    run = (np.cumsum(count) - count) // _MOST_PAIRS
    heads = np.flatnonzero(np.append(True, np.diff(run) > 0)).tolist()
    for first, last in pairwise([*heads, len(start)]):
        n = count[first:last]
        way = np.repeat(np.arange(first, last), n)
        at = np.arange(len(way)) + np.repeat(borders[place[first:last]] - np.cumsum(n) + n, n)
        off_x, off_y = points[at, 0] - start[way, 0], points[at, 1] - start[way, 1]
        c, s = along[way, 0], along[way, 1]
        x, y = off_x * c + off_y * s, off_y * c - off_x * s
        # An edge takes an end that lies on the way as being above: every ring is met evenly often.
        above = y >= 0
        edge = np.flatnonzero((above[1:] != above[:-1]) & ~is_last[at[:-1]])
        x0, x1, y0, y1, way = x[edge], x[edge + 1], y[edge], y[edge + 1], way[edge]
        cut = np.clip(x0 + y0 / (y0 - y1) * (x1 - x0), 0.0, length[way])
        order = np.lexsort((cut, way))
        cut, way = cut[order], way[order]
        inside[first:last] = np.bincount(way[0::2] - first, cut[1::2] - cut[0::2], last - first)
    return np.asarray(length - inside)


def long_travels(track: Track, beads: Beads) -> Travels:
    """The travels over `TRAVEL_UM` of a track (chords, no arcs), each in the layer whose beads
    have begun last."""
    way = (track.end_um - track.start_um)[:, :2]
    length = np.hypot(way[:, 0], way[:, 1])
    rows = np.flatnonzero(~is_bead(track) & (track.e_um <= 0) & (length > TRAVEL_UM))
    n = len(beads.layer_offsets) - 1
    begun = layer_starts(beads)
    layer = np.searchsorted(begun, track.seq[rows], side="right") - 1
    rows, layer = rows[layer >= 0], layer[layer >= 0]
    order = np.argsort(layer, kind="stable")
    rows = rows[order]
    return Travels(
        track.start_um[rows, :2],
        track.end_um[rows, :2],
        rows,
        np.searchsorted(layer[order], np.arange(n + 1)).astype(np.int64),
    )


def layer_starts(beads: Beads) -> NDArray[np.int64]:
    """(l,) seq of the first bead of each planned layer; of the next printed one where empty."""
    first = np.full(len(beads.layer_offsets), np.iinfo(np.int64).max)
    filled = np.flatnonzero(np.diff(beads.layer_offsets) > 0)
    if len(filled):
        first[filled] = np.minimum.reduceat(beads.seq, beads.layer_offsets[filled])
    return np.minimum.accumulate(first[::-1])[::-1][:-1]
