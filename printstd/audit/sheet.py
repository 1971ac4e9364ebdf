"""Several layers of beads asked together: what is the same for each is done once for all.

A layer of a real part has some hundred beads, and what NumPy and GEOS take for a call is more than
what they take for so few. So layers lie on one sheet, one beside the other, and every question
that is put to each bead or each edge is put to those of all layers at once. Nothing is measured
across layers: pairs of what lies in different ones are dropped, and distances are taken where the
beads lie in truth, so the figures of a layer do not depend on what else is on the sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.layer_beads import LayerBeads
from printstd.audit.regions import Region

_APART_UM: Final = 10_000.0
"""Between two layers on the sheet; further than any question reaches."""

_ROUNDING_UM: Final = 1.0

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Sheet:
    """layers : their beads. offsets : (l + 1,) int64, of each layer's rows among all beads.
    layer_of : (n,) int64, each bead's place in `layers`."""

    def __init__(self, layers: Sequence[LayerBeads]) -> None:
        self.layers = layers
        counts = [len(own) for own in layers]
        self.offsets = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        self.layer_of = np.repeat(np.arange(len(layers)), counts)

    def __len__(self) -> int:
        return int(self.offsets[-1])

    def column(self, of: Callable[[LayerBeads], Any]) -> NDArray[Any]:
        """(n, ...) what each layer has of each of its beads."""
        return np.concatenate([of(own) for own in self.layers])

    @cached_property
    def lines(self) -> NDArray[Any]:
        """(m,) linestrings of all layers. line_of : (n,) int64, whose is which bead; layer_of_line
        : (m,) int64."""
        return self.column(lambda own: own.lines)

    @cached_property
    def line_of(self) -> Rows:
        before = np.cumsum([0, *(len(own.lines) for own in self.layers[:-1])])
        return np.concatenate(
            [own.line_of + n for own, n in zip(self.layers, before.tolist(), strict=True)]
        )

    @cached_property
    def layer_of_line(self) -> Rows:
        return np.repeat(np.arange(len(self.layers)), [len(own.lines) for own in self.layers])

    @cached_property
    def start_um(self) -> Floats:
        return self.column(lambda own: own.beads.start_um)

    @cached_property
    def end_um(self) -> Floats:
        return self.column(lambda own: own.beads.end_um)

    @cached_property
    def width_um(self) -> Floats:
        return self.column(lambda own: own.beads.width_um)

    def largest(self, values: Floats) -> Floats:
        """(l,) the largest of what each layer's beads have, (n,); 0 where it has none."""
        found = np.zeros(len(self.layers))
        filled = np.flatnonzero(np.diff(self.offsets))
        if len(filled):
            found[filled] = np.maximum.reduceat(values, self.offsets[filled])
        return found

    @cached_property
    def near_um(self) -> Floats:
        """(n,) how far from its middle line each bead may have to do with something."""
        return self.column(lambda own: np.maximum(own.most_um / 2, own.near_um))

    @cached_property
    def _span_um(self) -> tuple[float, float]:
        """Along Y, from where to where segments surely come near beads of their own layer only."""
        y = np.concatenate([self.start_um[:, 1], self.end_um[:, 1]])
        if not len(y):
            return 0.0, 0.0
        return float(y.min()) - _APART_UM / 2, float(y.max()) + _APART_UM / 2

    @cached_property
    def _shift_um(self) -> Floats:
        """(l,) by how much each layer is moved along Y, so that none lies over another."""
        low, high = self._span_um
        pitch = float(np.ceil(high - low)) + _APART_UM
        return np.arange(len(self.layers), dtype=np.float64) * pitch

    @cached_property
    def _edge(self) -> tuple[Rows, Any]:
        """(beads, tree of their boxes) along the outlines."""
        import shapely

        rows = np.flatnonzero(self.column(lambda own: own.is_edge))
        # Of what stands in the tree only its box is asked, which its middle line has, too.
        lines = np.stack([self.start_um.take(rows, axis=0), self.end_um.take(rows, axis=0)], axis=1)
        lines[:, :, 1] += self._shift_um[self.layer_of[rows], None]
        return rows, shapely.STRtree(shapely.linestrings(lines))

    def edge_beads_near(
        self, a: Floats, b: Floats, layer: Rows, near_um: Floats
    ) -> tuple[Rows, Rows]:
        """(segment, bead) of beads along the outline whose middle line's box comes within `near_um`
        (n,) of the box of a segment a b (n, 2) of a layer (n,); segments rise."""
        import shapely

        rows, tree = self._edge
        if not len(rows) or not len(a):
            none = np.zeros(0, np.int64)
            return none, none
        # More than the layers' places on the sheet are rounded by: what is near must not depend on
        # them.
        near = near_um[:, None] + _ROUNDING_UM
        boxes = np.stack([np.minimum(a, b) - near, np.maximum(a, b) + near], axis=1)
        boxes[:, :, 1] += self._shift_um[layer, None]
        segment, bead = tree.query(shapely.linestrings(boxes))
        bead = rows[bead]
        low, high = self._span_um
        if min(a[:, 1].min(), b[:, 1].min()) < low or max(a[:, 1].max(), b[:, 1].max()) > high:
            own = np.flatnonzero(self.layer_of[bead] == layer[segment])
            segment, bead = segment[own], bead[own]
        return segment, bead

    def edge_beads_beside(self, a: Floats, b: Floats, layer: Rows) -> tuple[Rows, Rows]:
        """The same of those that have to do with a segment: within `near_um` of it, and wide ones
        where they may touch it."""
        near = self.near_um
        segment, bead = self.edge_beads_near(a, b, layer, self.largest(near)[layer])
        is_near = np.ones(len(bead), bool)
        room = near[bead]
        for axis in range(2):
            start, end = self.start_um[:, axis], self.end_um[:, axis]
            first, last = a[:, axis], b[:, axis]
            is_near &= np.minimum(start, end)[bead] - room <= np.maximum(first, last)[segment]
            is_near &= np.maximum(start, end)[bead] + room >= np.minimum(first, last)[segment]
        return segment[is_near], bead[is_near]

    def inner_beads_near(
        self, a: Floats, b: Floats, layer: Rows, near_um: Floats
    ) -> tuple[Rows, Rows]:
        """The same of the other beads; layers rise."""
        borders = np.searchsorted(layer, np.arange(len(self.layers) + 1)).tolist()
        segments, beads = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for place in dict.fromkeys(layer.tolist()):
            first, last = borders[place : place + 2]
            segment, bead = self.layers[place].inner_beads_near(
                a[first:last], b[first:last], near_um[first:last]
            )
            segments.append(segment + first)
            beads.append(bead + self.offsets[place])
        return np.concatenate(segments), np.concatenate(beads)

    @cached_property
    def _frames(self) -> tuple[Floats, ...]:
        """Of each bead, (n,): x, y of its start, x, y of the unit vector along it, length."""
        way = self.end_um - self.start_um
        length = np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])
        way /= np.maximum(length, 1e-9)[:, None]
        columns = (*self.start_um.T, *way.T)
        return (*(np.ascontiguousarray(column) for column in columns), length)

    def have(self, row: Rows, reach_um: Floats, segment: Rows, a: Floats, b: Floats) -> Rows:
        """(k,) which pairs of a bead, thickened to reach so far, and a segment a b (n, 2) are such
        that the bead has all of the segment: a bead is convex, so where it has both ends."""
        at_start = np.flatnonzero(self._has(row, reach_um, segment, a))
        row, reach_um, segment = row[at_start], reach_um[at_start], segment[at_start]
        return at_start[self._has(row, reach_um, segment, b)]

    def _has(self, row: Rows, reach_um: Floats, at: Rows, points: Floats) -> NDArray[np.bool_]:
        """(p,) whether a bead has one of the points, pair by pair."""
        x0, y0, ux, uy, length = (column[row] for column in self._frames)
        x, y = (np.ascontiguousarray(points[:, axis])[at] for axis in range(2))
        x -= x0
        y -= y0
        share = x * ux
        share += y * uy
        np.maximum(share, 0.0, out=share)
        np.minimum(share, length, out=share)
        x -= ux * share
        y -= uy * share
        x *= x
        y *= y
        x += y
        return np.asarray(x <= reach_um * reach_um)


def within_each(regions: Sequence[Region], of_point: Rows, points: Floats) -> NDArray[np.bool_]:
    """(n,) which points lie in the region that each is asked about."""
    import shapely

    if not len(points):
        return np.zeros(0, bool)
    known = np.empty(len(regions), object)
    known[:] = regions
    shapely.prepare(known)
    return np.asarray(shapely.contains_xy(known[of_point], points[:, 0], points[:, 1]), bool)
