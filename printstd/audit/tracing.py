"""What of a boundary the beads beside it cover: each edge against each bead near it, in closed
form, so that what lies bare is known to the last um, with no polygon of beads made.

A bead is convex: an edge lies in it where both its ends do, and of honest programs that is so of
nearly all. Only of what is left the stretches that several beads cover are put together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.audit.layer_beads import LayerBeads
from printstd.audit.regions import Region, lines_of
from printstd.audit.scan import chords, united
from printstd.audit.sheet import Sheet
from printstd.audit.tapes import on_steps

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
    """layer : whose beads lie beside the region's boundary, its place on the sheet."""

    region: Region
    layer: int = 0
    rough_um: Rough = (0.0, 0.0)


def trace(own: LayerBeads, region: Region, width_um: NDArray[np.float64]) -> Trace:
    """The boundary of a region beside the beads of a layer."""
    (found,) = traces(Sheet([own]), [Border(region)], width_um)
    return found


def traces(sheet: Sheet, borders: Sequence[Border], width_um: NDArray[np.float64]) -> list[Trace]:
    """The boundaries of several regions beside the beads of their layers, which rise, asked
    together. width_um : (n,) how wide each of the sheet's beads counts."""
    edges = _edges(borders)
    bare = _bare_of(sheet, width_um / 2, edges)
    borders_at = np.searchsorted(edges.border, np.arange(len(borders) + 1)).tolist()
    bare_at = np.searchsorted(bare[0], borders_at).tolist()
    return [
        Trace(
            edges.a[first:last],
            edges.b[first:last],
            edges.length_um[first:last],
            edges.wider_um[first:last],
            bare[0][left:right] - first,
            bare[1][left:right],
            bare[2][left:right],
        )
        for (first, last), (left, right) in zip(
            pairwise(borders_at), pairwise(bare_at), strict=True
        )
    ]


class Wider(NamedTuple):
    """A trace of a layer of the sheet, and by how much more to each side beads count now."""

    trace: Trace
    layer: int = 0
    more_um: float = 0.0


def traces_under(
    sheet: Sheet, before: Sequence[Wider], width_um: NDArray[np.float64]
) -> list[Trace]:
    """The same borders beside wider beads: only what lies bare there may lie bare here. width_um :
    (n,) of the sheet's beads, each no narrower than before; layers rise."""
    found = [one.trace for one in before]
    some = [number for number, trace in enumerate(found) if len(trace.bare_edge)]
    if not some:
        return found
    asked = [
        edge[np.append(True, np.diff(edge) > 0)]
        for edge in (found[number].bare_edge for number in some)
    ]

    def column(of: Callable[[Trace], NDArray[np.float64]]) -> NDArray[np.float64]:
        pairs = zip(some, asked, strict=True)
        return np.concatenate([of(found[number])[edge] for number, edge in pairs])

    counts = [len(edge) for edge in asked]
    more = np.repeat([before[number].more_um for number in some], counts)
    edges = _Edges(
        column(lambda one: one.a),
        column(lambda one: one.b),
        column(lambda one: one.length_um),
        column(lambda one: one.wider_um) + more,
        np.repeat(np.arange(len(some)), counts),
        np.repeat([before[number].layer for number in some], counts),
    )
    bare = _bare_of(sheet, width_um / 2, edges)
    edge = np.concatenate(asked)[bare[0]]
    borders = np.searchsorted(edges.border[bare[0]], np.arange(len(some) + 1)).tolist()
    for number, (first, last) in zip(some, pairwise(borders), strict=True):
        found[number] = replace(
            found[number],
            bare_edge=edge[first:last],
            bare_from=bare[1][first:last],
            bare_to=bare[2][first:last],
        )
    return found


class _Edges(NamedTuple):
    """As of `Trace`; border, layer : (n,) int64, rising: whose each is, beside which layer's
    beads."""

    a: NDArray[np.float64]
    b: NDArray[np.float64]
    length_um: NDArray[np.float64]
    wider_um: NDArray[np.float64]
    border: NDArray[np.int64]
    layer: NDArray[np.int64]


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
    border = border[ring]
    layer = np.array([one.layer for one in borders], np.int64)[border]
    return _Edges(start[is_edge], end[is_edge], length[is_edge], wider[ring], border, layer)


def _bare_of(sheet: Sheet, half_um: NDArray[np.float64], edges: _Edges) -> _Bare:
    """(edge, from, to) of what no bead covers. half_um : (n,) of the sheet's beads."""
    n = len(edges.a)
    is_left = np.ones(n, bool)
    widest = sheet.largest(half_um)[edges.layer] + np.maximum(edges.wider_um, 0.0)
    edge, row = sheet.edge_beads_near(edges.a, edges.b, edges.layer, widest)
    reach = _reach(half_um, edges, edge, row)
    is_left[edge[sheet.have(row, reach, edge, edges.a, edges.b)]] = False
    left = np.flatnonzero(is_left)
    if not len(left):
        return _NOTHING
    kept = np.flatnonzero(is_left[edge])
    edge, row, reach = edge[kept], row[kept], reach[kept]
    bare = _bare(sheet, edges, edge, row, reach, left)
    if not len(bare[0]):
        return bare
    # Beads further in are asked only where those along the outline leave something.
    is_left[:] = False
    is_left[bare[0]] = True
    left = np.flatnonzero(is_left)
    more_edge, more_row = sheet.inner_beads_near(
        edges.a.take(left, axis=0), edges.b.take(left, axis=0), edges.layer[left], widest[left]
    )
    kept = np.flatnonzero(is_left[edge])
    edge = np.concatenate([edge[kept], left[more_edge]])
    row = np.concatenate([row[kept], more_row])
    return _bare(sheet, edges, edge, row, _reach(half_um, edges, edge, row), left)


def _reach(
    half_um: NDArray[np.float64],
    edges: _Edges,
    edge: NDArray[np.int64],
    row: NDArray[np.int64],
) -> NDArray[np.float64]:
    """(p,) how far each bead reaches beside each edge."""
    reach: NDArray[np.float64] = np.maximum(half_um[row] + edges.wider_um[edge], 0.0)
    return reach


_Bare = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
_NOTHING: Final[_Bare] = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


def _bare(
    sheet: Sheet,
    edges: _Edges,
    edge: NDArray[np.int64],
    row: NDArray[np.int64],
    reach_um: NDArray[np.float64],
    asked: NDArray[np.int64],
) -> _Bare:
    """(edge, from, to) of what lies bare of the edges `asked`, which rise, beside the pairs of an
    edge and a bead that reaches so far."""
    a, length = edges.a, edges.length_um
    # Each edge is the X axis of its own frame.
    along = (edges.b - a).take(edge, axis=0) / np.maximum(length[edge], 1e-9)[:, None]
    a_x, a_y = (np.ascontiguousarray(a[:, axis])[edge] for axis in range(2))

    def turned(point: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        x, y = point[:, 0] - a_x, point[:, 1] - a_y
        return x * along[:, 0] + y * along[:, 1], y * along[:, 0] - x * along[:, 1]

    start, end = (turned(ends.take(row, axis=0)) for ends in (sheet.start_um, sheet.end_um))
    low, high = chords(start, end, reach_um, 0.0)
    low, high = np.maximum(low, 0.0), np.minimum(high, length[edge])
    hit = np.flatnonzero(high >= low)
    # All edges end to end, on whole um, so that no figure depends on where; what stands between
    # two counts as covered.
    place = np.full(len(a), -1)
    place[asked] = np.arange(len(asked))
    long = on_steps(length[asked])
    room = np.ceil(long) + _GAP
    base = np.cumsum(room) - room + _GAP
    at = base[place[edge[hit]]]
    low, high = on_steps(low[hit]) + at, on_steps(high[hit]) + at
    stop = base + long
    between = np.append(base[:1] - _GAP, stop), np.append(base, stop[-1:] + _GAP)
    low, high = united((np.concatenate([low, between[0]]), np.concatenate([high, between[1]])))
    bare_low, bare_high = high[:-1], low[1:]
    real = bare_high - bare_low > NOTHING_UM
    bare_low, bare_high = bare_low[real], bare_high[real]
    at = np.searchsorted(base, bare_low, side="right") - 1
    offset = base[at]
    long = length[asked[at]]
    until = bare_high - offset
    # To the very end of an edge, which is no whole step.
    until = np.where(bare_high >= stop[at], long, np.minimum(until, long))
    return asked[at], bare_low - offset, until
