"""What of a boundary the beads beside it cover: each edge against each bead near it, in closed
form, so that what lies bare is known to the last um, with no polygon of beads made.

A bead is convex: an edge lies in it where both its ends do, and of honest programs that is so of
nearly all. Only of what is left the stretches that several beads cover are put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, NamedTuple

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
    wider_um : (n,) float64, by how much wider to each side beads count that cover it.
    bare_edge : (k,) int64, bare_from, bare_to : (k,) float64: what of which edge no bead covers,
    um from its `a`.
    """

    a: NDArray[np.float64]
    b: NDArray[np.float64]
    length_um: NDArray[np.float64]
    wider_um: NDArray[np.float64]
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

    def under(self, own: LayerBeads, width_um: NDArray[np.float64], more_um: float = 0.0) -> Trace:
        """The same border beside wider beads: only what lies bare here may lie bare there. width_um
        : (n,) of the layer's beads, each no narrower than here; more_um : to each side, beside."""
        if not len(self.bare_edge):
            return self
        asked = self.bare_edge[np.append(True, np.diff(self.bare_edge) > 0)]
        a, b, length = self.a[asked], self.b[asked], self.length_um[asked]
        wider, layer = self.wider_um[asked] + more_um, np.zeros(len(asked), np.int64)
        bare = _bare_of(own, width_um[None] / 2, _Edges(a, b, length, wider, layer))
        return replace(self, bare_edge=asked[bare[0]], bare_from=bare[1], bare_to=bare[2])

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


class Border(NamedTuple):
    """width_um : (n,) how wide each of the layer's beads counts beside the region's boundary."""

    region: Region
    width_um: NDArray[np.float64]
    rough_um: Rough = (0.0, 0.0)


def trace(own: LayerBeads, region: Region, width_um: NDArray[np.float64]) -> Trace:
    """The boundary of a region beside the beads of a layer."""
    (found,) = traces(own, [Border(region, width_um)])
    return found


def traces(own: LayerBeads, borders: Sequence[Border]) -> list[Trace]:
    """The boundaries of several regions beside the beads of a layer, asked together."""
    edges = _edges(borders)
    bare = _bare_of(own, np.stack([border.width_um for border in borders]) / 2, edges)
    borders_at = np.searchsorted(edges.border, np.arange(len(borders) + 1)).tolist()
    found = []
    for first, last in pairwise(borders_at):
        left = slice(*np.searchsorted(bare[0], (first, last)).tolist())
        found.append(
            Trace(
                edges.a[first:last],
                edges.b[first:last],
                edges.length_um[first:last],
                edges.wider_um[first:last],
                bare[0][left] - first,
                bare[1][left],
                bare[2][left],
            )
        )
    return found


class _Edges(NamedTuple):
    """As of `Trace`; border : (n,) int64, rising, whose each is."""

    a: NDArray[np.float64]
    b: NDArray[np.float64]
    length_um: NDArray[np.float64]
    wider_um: NDArray[np.float64]
    border: NDArray[np.int64]


def _edges(borders: Sequence[Border]) -> _Edges:
    import shapely

    regions = np.empty(len(borders), object)
    regions[:] = [border.region for border in borders]
    parts, of_part = shapely.get_parts(shapely.orient_polygons(regions), return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(
        shapely.segmentize(rings, LONGEST_EDGE_UM), return_index=True
    )
    # The first ring of a part is its outside.
    is_hole = np.zeros(len(rings), np.int64)
    is_hole[1:] = of_ring[1:] == of_ring[:-1]
    border = of_part[of_ring]
    wider = np.array([one.rough_um for one in borders], np.float64)[border, is_hole]
    start, end = points[:-1], points[1:]
    way = end - start
    length = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
    is_edge = np.flatnonzero((ring[1:] == ring[:-1]) & (length > 0))
    ring = ring[is_edge]
    return _Edges(start[is_edge], end[is_edge], length[is_edge], wider[ring], border[ring])


def _bare_of(own: LayerBeads, half_um: NDArray[np.float64], edges: _Edges) -> _Bare:
    """(edge, from, to) of what no bead covers. half_um : (b, n) of beads beside each border."""
    n = len(edges.a)
    is_left = np.ones(n, bool)
    widest = float(half_um.max(initial=0.0)) + max(float(edges.wider_um.max(initial=0.0)), 0.0)
    edge, row = own.edge_beads_near(edges.a, edges.b, widest)
    reach = _reach(half_um, edges, edge, row)
    is_left[edge[own.have(row, reach, edges.a[edge], edges.b[edge])]] = False
    left = np.flatnonzero(is_left)
    if not len(left):
        return _NOTHING
    kept = np.flatnonzero(is_left[edge])
    edge, row, reach = edge[kept], row[kept], reach[kept]
    bare = _bare(own, edges, edge, row, reach, left)
    if not len(bare[0]):
        return bare
    # Beads further in are asked only where those along the outline leave something.
    is_left[:] = False
    is_left[bare[0]] = True
    left = np.flatnonzero(is_left)
    more_edge, more_row = own.inner_beads_near(edges.a[left], edges.b[left], widest)
    kept = np.flatnonzero(is_left[edge])
    edge = np.concatenate([edge[kept], left[more_edge]])
    row = np.concatenate([row[kept], more_row])
    return _bare(own, edges, edge, row, _reach(half_um, edges, edge, row), left)


def _reach(
    half_um: NDArray[np.float64],
    edges: _Edges,
    edge: NDArray[np.int64],
    row: NDArray[np.int64],
) -> NDArray[np.float64]:
    """(p,) how far each bead reaches beside each edge."""
    half = half_um.ravel()[edges.border[edge] * half_um.shape[1] + row]
    return np.maximum(half + edges.wider_um[edge], 0.0)


_Bare = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
_NOTHING: Final[_Bare] = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


def _bare(
    own: LayerBeads,
    edges: _Edges,
    edge: NDArray[np.int64],
    row: NDArray[np.int64],
    reach_um: NDArray[np.float64],
    asked: NDArray[np.int64],
) -> _Bare:
    """(edge, from, to) of what lies bare of the edges `asked`, which rise, beside the pairs of an
    edge and a bead that reaches so far."""
    beads, a, length = own.beads, edges.a, edges.length_um
    # Each edge is the X axis of its own frame.
    along = (edges.b - a)[edge] / np.maximum(length[edge], 1e-9)[:, None]

    def turned(point: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        x, y = point[:, 0] - a[edge, 0], point[:, 1] - a[edge, 1]
        return x * along[:, 0] + y * along[:, 1], y * along[:, 0] - x * along[:, 1]

    start, end = turned(beads.start_um[row]), turned(beads.end_um[row])
    low, high = chords(start, end, reach_um, 0.0)
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
