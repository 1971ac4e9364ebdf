"""What of a boundary the beads beside it cover: each edge against each bead near it, in closed
form, so that what lies bare is known to the last um, with no polygon of beads made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.layer_beads import LayerBeads
from printstd.audit.regions import Region, lines_of
from printstd.audit.scan import chords, united

LONGEST_EDGE_UM: Final = 10_000.0
"""Edges are looked at in pieces of at most this length."""
NOTHING_UM: Final = 0.01
_GAP: Final = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A region's boundary beside the beads of a layer, edge by edge, rings one after the other.

    a, b : (n, 2) float64, ends, um, the inside on the left. length_um : (n,) float64.
    edge, row : (p,) int64, an edge and a bead along the outline that may touch it, edges rising.
    bare_edge : (k,) int64, bare_from, bare_to : (k,) float64: what of which edge no bead covers,
    um from its `a`.
    """

    a: NDArray[np.float64]
    b: NDArray[np.float64]
    length_um: NDArray[np.float64]
    edge: NDArray[np.int64]
    row: NDArray[np.int64]
    bare_edge: NDArray[np.int64]
    bare_from: NDArray[np.float64]
    bare_to: NDArray[np.float64]

    @property
    def bare_um(self) -> float:
        return float((self.bare_to - self.bare_from).sum())

    def bare_lines(self, least_um: float) -> list[Any]:
        """Linestrings of what lies bare for `least_um` or more without a break."""
        import shapely

        if not len(self.bare_edge):
            return []
        start, end = self._at(self.bare_from), self._at(self.bare_to)
        is_head = np.append(True, (start[1:] != end[:-1]).any(axis=1))
        length = np.add.reduceat(self.bare_to - self.bare_from, np.flatnonzero(is_head))
        if not (length >= least_um).any() and not self._wraps():
            return []
        merged = shapely.line_merge(shapely.multilinestrings(lines_of(start, end, is_head)))
        parts = shapely.get_parts(merged)
        return list(parts[shapely.length(parts) >= least_um])

    def within(self, place: Region, least_um: float) -> tuple[float, float, list[Any]]:
        """Inside a region alone: length, bare length, linestrings of what lies bare for so long."""
        import shapely

        edges = shapely.multilinestrings(np.stack([self.a, self.b], axis=1))
        bare = self.bare_lines(0.0)
        inside = shapely.get_parts(shapely.intersection(bare, place)) if bare else np.array([])
        inside = inside[shapely.get_dimensions(inside) == 1] if len(inside) else inside
        lengths = shapely.length(inside)
        length = float(shapely.intersection(edges, place).length)
        return length, float(lengths.sum()), list(inside[lengths >= least_um])

    def _wraps(self) -> bool:
        """Something bare ends where another bare thing starts, as at the start of a ring."""
        return bool((self.bare_from == 0.0).any())

    def _at(self, along_um: NDArray[np.float64]) -> NDArray[np.float64]:
        """(k, 2) points on the bare edges; exactly their ends at both ends."""
        a, b = self.a[self.bare_edge], self.b[self.bare_edge]
        length = self.length_um[self.bare_edge]
        inner: NDArray[np.float64] = a + (b - a) * (along_um / np.maximum(length, 1e-9))[:, None]
        return np.where((along_um >= length)[:, None], b, inner)


Rough = tuple[float, float]
"""um, how far off the beads may lie that cover a border: outside, around holes; below 0, by how
much deeper than to it they must reach."""


def trace(
    own: LayerBeads, region: Region, width_um: NDArray[np.float64], rough_um: Rough = (0, 0)
) -> Trace:
    """The boundary of a region beside the beads of a layer."""
    (found,) = traces(own, [(region, rough_um)], width_um)
    return found


def traces(
    own: LayerBeads, borders: Sequence[tuple[Region, Rough]], width_um: NDArray[np.float64]
) -> list[Trace]:
    """The boundaries of several regions beside the beads of a layer, asked together.
    width_um : (n,) how wide each of those counts."""
    half_um = width_um / 2
    edges = [_edges(region, rough_um) for region, rough_um in borders]
    a, b, wider = (np.concatenate(column) for column in zip(*edges, strict=True))
    way = b - a
    length = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
    edge, row = own.edge_beads_near(a, b)
    bare = _bare(own, half_um, a, b, length, wider, edge, row, np.arange(len(a)))
    if len(bare[0]):
        # Beads further in are asked only where those along the outline leave something.
        is_doubtful = np.zeros(len(a), bool)
        is_doubtful[bare[0]] = True
        doubtful = np.flatnonzero(is_doubtful)
        more_edge, more_row = own.inner_beads_near(a[doubtful], b[doubtful])
        kept = is_doubtful[edge]
        bare = _bare(
            own,
            half_um,
            a,
            b,
            length,
            wider,
            np.concatenate([edge[kept], doubtful[more_edge]]),
            np.concatenate([row[kept], more_row]),
            doubtful,
        )
    found = []
    for first, last in pairwise(np.cumsum([0, *(len(one[0]) for one in edges)]).tolist()):
        near = slice(*np.searchsorted(edge, (first, last)).tolist())
        left = slice(*np.searchsorted(bare[0], (first, last)).tolist())
        found.append(
            Trace(
                a[first:last],
                b[first:last],
                length[first:last],
                edge[near] - first,
                row[near],
                bare[0][left] - first,
                bare[1][left],
                bare[2][left],
            )
        )
    return found


_Edges = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def _edges(region: Region, rough_um: Rough) -> _Edges:
    """(starts, ends, by how much wider beads count beside each) of a region's boundary."""
    import shapely

    parts = shapely.get_parts(shapely.orient_polygons(region))
    rings = shapely.segmentize(shapely.get_rings(parts), LONGEST_EDGE_UM)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    # The first ring of a part is its outside.
    is_hole = np.ones(len(rings), bool)
    is_hole[np.cumsum(shapely.get_num_interior_rings(parts) + 1)[:-1]] = False
    is_hole[:1] = False
    rough = np.where(is_hole, rough_um[1], rough_um[0]).astype(np.float64)
    is_edge = (ring[1:] == ring[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    return points[:-1][is_edge], points[1:][is_edge], rough[ring[:-1][is_edge]]


_Bare = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]


def _bare(
    own: LayerBeads,
    half_um: NDArray[np.float64],
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    length: NDArray[np.float64],
    wider: NDArray[np.float64],
    edge: NDArray[np.int64],
    row: NDArray[np.int64],
    asked: NDArray[np.int64],
) -> _Bare:
    """(edge, from, to) of what lies bare of the edges `asked`, which rise. wider : (n,) um that
    beads count as wider to each side, for each edge."""
    beads = own.beads
    # Each edge is the X axis of its own frame.
    along = (b - a)[edge] / np.maximum(length[edge], 1e-9)[:, None]

    def turned(point: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        x, y = point[:, 0] - a[edge, 0], point[:, 1] - a[edge, 1]
        return x * along[:, 0] + y * along[:, 1], y * along[:, 0] - x * along[:, 1]

    start, end = turned(beads.start_um[row]), turned(beads.end_um[row])
    low, high = chords(start, end, np.maximum(half_um[row] + wider[edge], 0.0), 0.0)
    low, high = np.maximum(low, 0.0), np.minimum(high, length[edge])
    hit = high >= low
    # All edges end to end; what stands between two counts as covered.
    place = np.full(len(a), -1)
    place[asked] = np.arange(len(asked))
    base = np.cumsum(length[asked] + _GAP) - length[asked]
    low, high = low[hit] + base[place[edge[hit]]], high[hit] + base[place[edge[hit]]]
    stop = base + length[asked]
    between = np.append(base - _GAP, stop[-1:]), np.append(base, stop[-1:] + _GAP)
    low, high = united((np.concatenate([low, between[0]]), np.concatenate([high, between[1]])))
    bare_low, bare_high = high[:-1], low[1:]
    real = bare_high - bare_low > NOTHING_UM
    bare_low, bare_high = bare_low[real], bare_high[real]
    at = np.searchsorted(base, bare_low, side="right") - 1
    offset = base[at]
    return asked[at], bare_low - offset, np.minimum(bare_high - offset, length[asked][at])
