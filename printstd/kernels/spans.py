"""Threads over nothing: which way they must run to be held at both ends, and how far they span.

Source: facts of slicers 2.5, D10, D12.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.crossings import paired
from printstd.kernels.hatch import Lines, extents_nm, hatched, lengths
from printstd.kernels.rings import Rings, contains, lengths_nm, next_index
from printstd.kernels.turns import Direction, direction
from printstd.named_tuple import NamedTuple

_REACH_NM: Final = 300_000
"""An edge holds threads if there is something under a point so far beyond it."""
_STEP_DEG: Final = 5
_EQUAL_NM: Final = 1_000
"""Threads that differ by no more than this are equally long."""
_LONG_EDGE_RATIO: Final = 0.1
"""Edges of at least this share of the way around are tried as directions, too."""


class Span(NamedTuple):
    """The best way over a gap. along : direction of the threads. longest_nm : of its threads.
    loose_nm : length of threads that are not held at both ends, of whole_nm altogether."""

    along: Direction
    longest_nm: int
    loose_nm: int
    whole_nm: int


def best_span(gap: Rings, below: Rings | None, pitch_nm: int) -> Span | None:
    """How threads over `gap` are held best; None where nothing holds it.

    gap : the area over nothing. below : the section under it, on which its edges rest or not;
    None where all of them do. Of all directions tried (every 5 degrees and the long edges') those
    that leave the shortest length of thread not held at both ends, to within a pitch, are the
    best; among them the one whose longest thread is the shortest. Where no thread is held at both
    ends, one end counts.
    """
    if gap.is_empty:
        return None
    held = _held_edges(gap, below)
    if not held.any():
        return None
    tried = _directions(gap)
    which, length, ends = _threads(gap, np.array(tried, np.int64), held, pitch_nm)
    need = 2 if (ends == 2).any() else 1
    n = len(tried)
    loose, longest = np.zeros(n, np.int64), np.zeros(n, np.int64)
    np.add.at(loose, which, np.where(ends >= need, 0, length))
    np.maximum.at(longest, which, length)
    candidates = np.flatnonzero(loose <= loose.min() + pitch_nm)
    # The first of equals: roundings, which depend on the place on the bed, do not decide.
    shortest = longest[candidates].min()
    best = int(candidates[longest[candidates] <= shortest + _EQUAL_NM][0])
    mine = which == best
    return Span(
        tried[best],
        int(longest[best]),
        int(length[mine & (ends < 2)].sum()),
        int(length[mine].sum()),
    )


def _directions(gap: Rings) -> list[Direction]:
    step = gap.xy_nm.take(next_index(gap), axis=0) - gap.xy_nm
    dx, dy = step[:, 0].astype(np.float64), step[:, 1].astype(np.float64)
    length = np.sqrt(dx * dx + dy * dy)
    around = np.repeat(lengths_nm(gap), np.diff(gap.offsets))
    edges = [_small(x, y) for x, y in step[length >= _LONG_EDGE_RATIO * around].tolist()]
    return [*dict.fromkeys(edges), *(direction(float(a)) for a in range(0, 180, _STEP_DEG))]


def _small(x: int, y: int) -> Direction:
    """The direction with numbers within +-2^20, pointing to the right half of the plane."""
    shift = max(0, max(abs(x), abs(y)).bit_length() - 20)
    x, y = x >> shift, y >> shift
    return (x, y) if (x, y) > (0, 0) else (-x, -y)


def _held_edges(gap: Rings, below: Rings | None) -> NDArray[np.bool_]:
    """(p,) bool: does something lie under what is just beyond each edge's middle?"""
    if below is None:
        return np.ones(len(gap.xy_nm), bool)
    a, b = gap.xy_nm, gap.xy_nm[next_index(gap)]
    step = (b - a).astype(np.float64)
    length = np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1])
    # The area lies to the left of its edges.
    out = np.stack([step[:, 1], -step[:, 0]], axis=1) / length[:, None] * _REACH_NM
    return contains(below, (a + b) // 2 + np.rint(out).astype(np.int64))


def _threads(
    gap: Rings, tried: NDArray[np.int64], held: NDArray[np.bool_], pitch_nm: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """All threads over the gap in all directions: (direction, length nm, ends held 0-2)."""
    n = len(tried)
    points = len(gap.xy_nm)
    copies = Rings(
        np.tile(gap.xy_nm, (n, 1)),
        np.append((gap.offsets[None, :-1] + np.arange(n)[:, None] * points).ravel(), n * points),
    )
    region = np.repeat(np.arange(n), gap.n_rings)
    low, high = extents_nm(copies, region, tried)
    step = np.full(n, float(pitch_nm))
    between = np.floor((high - low) / step)
    first = (low + high - between * step) / 2.0
    crossings = hatched(copies, region, Lines(tried, lengths(tried), first, step))
    pieces = paired(crossings)
    length = crossings.along_nm[pieces.end] - crossings.along_nm[pieces.start]
    edge = crossings.edge % points
    ends = held[edge[pieces.start]].astype(np.int64) + held[edge[pieces.end]]
    return crossings.edge[pieces.start] // points, length, ends
