"""Pieces of line joined along the border of their area into few long paths.

Every piece has one end from which its path goes on to the next line up and one at which it came
from the line below: pieces of odd lines run from start to end, those of even lines back. From its
upper end a path follows the border upwards; where the next crossing it meets there is the lower
end of a piece of the next line, the two are joined. So paths zigzag, never fork and never close,
and every join is decided by its two ends alone: nothing depends on order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.crossings import Crossings, Pieces, edge_lengths_nm
from printstd.kernels.rings import Rings, next_index
from printstd.named_tuple import NamedTuple


class Border(NamedTuple):
    """The rings as ways to walk.

    place_nm : (p,) int64, nm, way along its ring from the ring's first vertex to each vertex.
    round_nm : (r,) int64, nm, length of each ring. ring : (m,) int64, the ring of each crossing.
    """

    rings: Rings
    crossings: Crossings
    place_nm: NDArray[np.int64]
    round_nm: NDArray[np.int64]
    ring: NDArray[np.int64]
    following: NDArray[np.int64]
    """(m,) int64: the next crossing of the same ring, and
    preceding : the one before."""
    preceding: NDArray[np.int64]


class Ends(NamedTuple):
    """One end of each of n pieces: (n,) int64 crossing; (n,) bool, does the way out along the
    border run with the ring; (n,) int64, the crossing it meets next; (n,) int64 nm, how far."""

    crossing: NDArray[np.int64]
    with_ring: NDArray[np.bool_]
    met: NDArray[np.int64]
    way_nm: NDArray[np.int64]


class Joins(NamedTuple):
    """successor : (n,) int64, the piece that each piece goes on to, or -1. with_ring : (n,) bool,
    does the way there along the border run with the ring."""

    successor: NDArray[np.int64]
    with_ring: NDArray[np.bool_]


class Chains(NamedTuple):
    """n pieces in the order of printing.

    order : (n,) int64, pieces. goes_on : (n,) bool, by place in the order: joined along the
    border to the next in the order (never for the last).
    """

    order: NDArray[np.int64]
    goes_on: NDArray[np.bool_]


def border(rings: Rings, crossings: Crossings) -> Border:
    lengths = edge_lengths_nm(rings, next_index(rings))
    total = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=total[1:])
    counts = np.diff(rings.offsets)
    place = total[:-1] - np.repeat(total[rings.offsets[:-1]], counts)
    ring = np.searchsorted(rings.offsets, crossings.edge, side="right") - 1
    borders = np.searchsorted(ring, np.arange(rings.n_rings + 1))
    first, last = borders[:-1], borders[1:] - 1
    crossed = last >= first
    following = np.arange(1, len(ring) + 1)
    preceding = np.arange(-1, len(ring) - 1)
    following[last[crossed]] = first[crossed]
    preceding[first[crossed]] = last[crossed]
    around = total[rings.offsets[1:]] - total[rings.offsets[:-1]]
    return Border(rings, crossings, place, around, ring, following, preceding)


def upper_ends(at: Border, pieces: Pieces) -> Ends:
    """The ends from which paths go on to the next line."""
    is_odd = (at.crossings.line[pieces.start] & 1).astype(bool)
    crossing = np.where(is_odd, pieces.end, pieces.start)
    return _ends(at, crossing, at.crossings.rises[crossing])


def lower_ends(at: Border, pieces: Pieces) -> Ends:
    """The ends at which paths come from the line below."""
    is_odd = (at.crossings.line[pieces.start] & 1).astype(bool)
    crossing = np.where(is_odd, pieces.start, pieces.end)
    return _ends(at, crossing, ~at.crossings.rises[crossing])


def _ends(at: Border, crossing: NDArray[np.int64], with_ring: NDArray[np.bool_]) -> Ends:
    met = np.where(with_ring, at.following[crossing], at.preceding[crossing])
    place = at.place_nm[at.crossings.edge] + at.crossings.run_nm
    way = np.where(with_ring, place[met] - place[crossing], place[crossing] - place[met])
    round_nm = at.round_nm[at.ring[crossing]]
    return Ends(crossing, with_ring, met, np.where(way < 0, way + round_nm, way))


def joins(
    at: Border, pieces: Pieces, upper: Ends, lower: Ends, longest_nm: NDArray[np.int64]
) -> Joins:
    """Which piece goes on to which.

    longest_nm : (r,) int64, nm, the longest join along each ring.
    """
    n = len(pieces.start)
    owner = np.full(len(at.ring), -1, np.int64)
    owner[lower.crossing] = np.arange(n)
    line = at.crossings.line[pieces.start]
    other = owner[upper.met]
    joined = (
        (other >= 0)
        & (line[other] == line + 1)
        # Both ends mean the same stretch of border: one walks it with the ring, one against.
        & (lower.with_ring[other] != upper.with_ring)
        & (lower.met[other] == upper.crossing)
        & (upper.way_nm <= longest_nm[at.ring[upper.crossing]])
    )
    successor = np.where(joined, other, -1)
    with_ring = upper.with_ring.copy()
    _along_line(at, line, upper, lower, longest_nm, (successor, with_ring))
    return Joins(successor, with_ring)


def _along_line(
    at: Border,
    line: NDArray[np.int64],
    upper: Ends,
    lower: Ends,
    longest_nm: NDArray[np.int64],
    found: tuple[NDArray[np.int64], NDArray[np.bool_]],
) -> None:
    """Joins pieces of one curve around what interrupts it, where the ends are free: the border
    there leads back to the same curve. Always forwards, so no path can close."""
    successor, with_ring = found
    is_entered = np.zeros(len(line), bool)
    is_entered[successor[successor >= 0]] = True
    owner = np.full(len(at.ring), -1, np.int64)
    owner[upper.crossing] = np.arange(len(line))
    entered = np.flatnonzero(~is_entered)
    left = owner[lower.met[entered]]
    along = at.crossings.along_nm
    ahead = along[lower.crossing[entered]] - along[upper.crossing[left]]
    fits = (
        (left >= 0)
        & (successor[left] < 0)
        & (line[left] == line[entered])
        & np.where(line[entered] & 1, ahead > 0, ahead < 0)
        & (lower.way_nm[entered] <= longest_nm[at.ring[lower.crossing[entered]]])
    )
    entered, left = entered[fits], left[fits]
    successor[left] = entered
    with_ring[left] = ~lower.with_ring[entered]


def heads(successor: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) int64: the first piece of the chain of each piece, by pointer doubling."""
    head = np.arange(len(successor))
    joined = np.flatnonzero(successor >= 0)
    head[successor[joined]] = joined
    while True:
        further = head[head]
        if (further == head).all():
            return head
        head = further
