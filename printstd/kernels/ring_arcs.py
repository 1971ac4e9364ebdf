"""Ways along rings, and functions of them.

Ways are whole nanometres, and what is summed up over rings is whole numbers too, so nothing that
is found for one ring depends on which others are looked at with it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings, next_index


class Arcs(NamedTuple):
    """at : (p,) int64, nm, way along the ring to each vertex from its first. step : (p,) int64, to
    the vertex after it. ring : (p,) int64. length : (r,) int64, once around."""

    at: NDArray[np.int64]
    step: NDArray[np.int64]
    ring: NDArray[np.int64]
    length: NDArray[np.int64]

    @classmethod
    def of(cls, rings: Rings) -> Arcs:
        way = (rings.xy_nm[next_index(rings)] - rings.xy_nm).astype(np.float64)
        step = np.rint(np.sqrt(way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1])).astype(np.int64)
        total = np.zeros(len(step) + 1, np.int64)
        np.cumsum(step, out=total[1:])
        counts = np.diff(rings.offsets)
        at = total[:-1] - np.repeat(total[rings.offsets[:-1]], counts)
        return cls(at, step, rings.ring_ids(), np.diff(total[rings.offsets]))

    def segment(
        self, rings: Rings, ring: NDArray[np.int64], arc: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """(n,) int64: the vertex at or before each place; 0 <= arc < ring length."""
        base = np.concatenate([np.zeros(1, np.int64), np.cumsum(self.length)])
        place = np.searchsorted(base[self.ring] + self.at, base[ring] + arc, side="right") - 1
        return np.minimum(np.maximum(place, rings.offsets[ring]), rings.offsets[ring + 1] - 1)

    def place(
        self, rings: Rings, ring: NDArray[np.int64], arc: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(n, 2) float64, nm: the points of the rings at ways `arc`, any number of times round."""
        size = np.maximum(self.length[ring], 1)
        whole = np.floor(arc).astype(np.int64)
        rest = arc - whole
        whole %= size
        vertex = self.segment(rings, ring, whole)
        start = rings.xy_nm[vertex].astype(np.float64)
        way = rings.xy_nm[next_index(rings)[vertex]] - start
        share = (whole - self.at[vertex] + rest) / np.maximum(self.step[vertex], 1)
        return np.asarray(start + way * share[:, None])


class Profile(NamedTuple):
    """A function along rings: linear on disjoint pieces, 0 elsewhere.

    ring, begin_nm, end_nm : (n,) int64, sorted, 0 <= begin < end <= ring length. value_0, value_1 :
    (n,) int64, nm, at both ends. before : (n + 1,) int64, nm2, twice the integral over all pieces
    before. base : (r + 1,) int64, where rings begin if they are laid end to end.
    """

    ring: NDArray[np.int64]
    begin_nm: NDArray[np.int64]
    end_nm: NDArray[np.int64]
    value_0: NDArray[np.int64]
    value_1: NDArray[np.int64]
    before: NDArray[np.int64]
    base: NDArray[np.int64]

    def mean(
        self, ring: NDArray[np.int64], arc: NDArray[np.int64], window_nm: int
    ) -> NDArray[np.float64]:
        """(n,) float64, nm: the mean over a window around each place, of half a ring at most."""
        size = np.diff(self.base)[ring]
        window = np.minimum(window_nm, size // 2)
        low = arc - window // 2
        high = low + window
        area = self._until(ring, high) - self._until(ring, low)
        return np.asarray(area / np.maximum(window, 1))

    def _until(self, ring: NDArray[np.int64], arc: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n,) nm2: the integral over the ring from its first vertex, as many times around as
        `arc` goes."""
        size = np.maximum(np.diff(self.base)[ring], 1)
        rounds, arc = arc // size, arc % size
        borders = np.searchsorted(self.ring, np.arange(len(self.base)))
        first = borders[ring]
        once = self.before[borders[ring + 1]] - self.before[first]
        starts = self.base[self.ring] + self.begin_nm
        piece = np.searchsorted(starts, self.base[ring] + arc, side="right") - 1
        mine = piece >= first
        piece = np.maximum(piece, 0)
        length = self.end_nm[piece] - self.begin_nm[piece]
        way = np.minimum(arc - self.begin_nm[piece], length).astype(np.float64)
        grow = (self.value_1 - self.value_0)[piece] / length
        part = way * (self.value_0[piece] + 0.5 * grow * way)
        whole = self.before[piece] - self.before[first] + once * rounds
        return np.where(mine, whole * 0.5 + part, once * rounds * 0.5)


class Pieces(NamedTuple):
    """Linear pieces of a function along rings, which may pass the rings' ends.

    ring, begin_nm, end_nm : (n,) int64, 0 <= begin < ring length, begin < end. value_0, value_1 :
    (n,) float64, nm, at both ends.
    """

    ring: NDArray[np.int64]
    begin_nm: NDArray[np.int64]
    end_nm: NDArray[np.int64]
    value_0: NDArray[np.float64]
    value_1: NDArray[np.float64]


def profile(arcs: Arcs, pieces: Pieces) -> Profile:
    """A profile of pieces; where two lie over one another the one that begins first holds."""
    ring, begin_nm, end_nm, value_0, value_1 = pieces
    size = arcs.length[ring]
    over = np.flatnonzero(end_nm > size)
    share = (size[over] - begin_nm[over]) / (end_nm[over] - begin_nm[over])
    middle = value_0[over] + (value_1[over] - value_0[over]) * share
    cut_end, cut_value = end_nm.copy(), value_1.copy()
    cut_end[over], cut_value[over] = size[over], middle
    ring = np.concatenate([ring, ring[over]])
    begin = np.concatenate([begin_nm, np.zeros(len(over), np.int64)])
    end = np.concatenate([cut_end, end_nm[over] - size[over]])
    one = np.concatenate([value_0, middle])
    two = np.concatenate([cut_value, value_1[over]])
    order = np.lexsort((two, one, end, begin, ring))
    ring, begin, end, one, two = (column[order] for column in (ring, begin, end, one, two))
    base = np.zeros(len(arcs.length) + 1, np.int64)
    np.cumsum(arcs.length, out=base[1:])
    covered = np.maximum.accumulate(base[ring] + end) - base[ring] if len(ring) else end
    later = np.maximum(begin[1:], np.where(ring[1:] == ring[:-1], covered[:-1], 0))
    new = np.concatenate([begin[:1], later])
    keep = end > new
    length = np.maximum(end - begin, 1)
    one = one + (two - one) * ((new - begin) / length)
    ring, begin, end, one, two = (column[keep] for column in (ring, new, end, one, two))
    v0, v1 = np.rint(one).astype(np.int64), np.rint(two).astype(np.int64)
    before = np.zeros(len(ring) + 1, np.int64)
    np.cumsum((v0 + v1) * (end - begin), out=before[1:])
    return Profile(ring, begin, end, v0, v1, before, base)
