"""Strips that zigzags leave bare where the border runs far between two neighbouring lines.

Paths turn at every other end of their lines: between the turns the border is on its own from one
line to the next. Where it crosses the lines steeply that leaves a little triangle; where it runs
almost along them, or comes back before it crosses, a strip that holds a line of its own.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.chaining import Border, Chains, Ends, Joins
from printstd.kernels.crossings import Pieces
from printstd.kernels.zigzag import Paths, point_at, walk, without_repeats

_LEAST_WAY: Final = 3
"""In spacings: a shorter way from line to line leaves no strip worth a path."""
_LEAST_LENGTH: Final = 2
"""In spacings, of a strip's path."""
_SAMPLES: Final = 2
"""In a spacing: how closely the border is looked at."""


def bare_strips(
    at: Border,
    pieces: Pieces,
    upper: Ends,
    lower: Ends,
    joins: Joins,
    chains: Chains,
    spacing_nm: NDArray[np.int64],
    bare_ratio: float,
) -> Paths:
    """Ways along the border where what lies nearest to it is further away than `bare_ratio` of the
    spacing; the lines are straight.

    spacing_nm : (r,) int64, of the lines on each ring; 0: its strips are left bare.
    """
    crossings = at.crossings
    spacing = spacing_nm[at.ring]
    place = at.place_nm[crossings.edge] + crossings.run_nm
    way = place[at.following] - place
    way = np.where(way < 0, way + at.round_nm[at.ring], way)
    asked = (spacing > 0) & (way >= _LEAST_WAY * spacing)
    goes_on = chains.order[chains.goes_on]
    is_free, with_ring = np.ones(len(way), bool), np.empty(len(way), bool)
    with_ring[upper.crossing], with_ring[lower.crossing] = upper.with_ring, lower.with_ring
    is_free[upper.crossing[goes_on]] = False
    is_free[lower.crossing[joins.successor[goes_on]]] = False
    # A way back to its own line is left to the end that it leads from, if that is free to follow.
    same = crossings.line[at.following] == crossings.line
    asked &= ~(same & is_free[np.where(with_ring, np.arange(len(way)), at.following)])
    leave = upper.crossing[goes_on]
    asked[np.where(joins.with_ring[goes_on], leave, at.preceding[leave])] = False
    start = np.flatnonzero(asked)
    return _along(at, pieces, start, place, way[start], spacing[start], bare_ratio)


def _along(
    at: Border,
    pieces: Pieces,
    start: NDArray[np.int64],
    place: NDArray[np.int64],
    way: NDArray[np.int64],
    spacing: NDArray[np.int64],
    bare_ratio: float,
) -> Paths:
    """start : (s,) int64, the crossings from which the stretches run to the next. place : (m,)
    int64, nm, of every crossing along its ring. way, spacing : (s,) int64, nm."""
    none = Paths(np.empty((0, 2), np.int64), np.zeros(1, np.int64), np.empty(0, np.int64))
    if not len(start):
        return none
    counts = way * _SAMPLES // spacing
    owner = np.repeat(np.arange(len(start)), counts)
    nth = np.arange(len(owner)) - (np.cumsum(counts) - counts)[owner]
    ring = at.ring[start]
    # In the middles of equal parts.
    along = place[start[owner]] + (2 * nth + 1) * way[owner] // (2 * counts[owner])
    edge, xy = point_at(at, ring[owner], along)
    piece_at = np.empty(len(at.ring), np.int64)
    piece_at[pieces.start] = piece_at[pieces.end] = np.arange(len(pieces.start))
    ends = at.crossings.xy_nm[pieces.start], at.crossings.xy_nm[pieces.end]
    away = np.minimum(
        *(
            _distance_nm(xy, ends[0][piece_at[c]][owner], ends[1][piece_at[c]][owner])
            for c in (start, at.following[start])
        )
    )
    is_bare = away > bare_ratio * spacing[owner]
    same = is_bare[1:] & is_bare[:-1] & (owner[1:] == owner[:-1])
    first = np.flatnonzero(is_bare & ~np.append(False, same))
    last = np.flatnonzero(is_bare & ~np.append(same, False))
    of = owner[first]
    length = along[last] - along[first]
    kept = length >= _LEAST_LENGTH * spacing[of]
    first, last, of = first[kept], last[kept], of[kept]
    if not len(first):
        return none
    passed = walk(at.rings, ring[of], edge[first], edge[last], np.ones(len(of), bool))
    sizes = passed.counts + 2
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    out = np.empty((offsets[-1], 2), np.int64)
    is_end = np.zeros(len(out), bool)
    is_end[offsets[:-1]] = is_end[offsets[1:] - 1] = True
    out[offsets[:-1]], out[offsets[1:] - 1], out[~is_end] = xy[first], xy[last], passed.xy_nm
    return without_repeats(out, offsets, piece_at[start[of]])


def _distance_nm(
    xy: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(n,) float64 of points to segments a-b."""
    way, off = (b - a).astype(np.float64), (xy - a).astype(np.float64)
    size = way[:, 0] * way[:, 0] + way[:, 1] * way[:, 1]
    share = (off[:, 0] * way[:, 0] + off[:, 1] * way[:, 1]) / np.where(size > 0, size, 1.0)
    off -= way * np.clip(share, 0.0, 1.0)[:, None]
    return np.sqrt(off[:, 0] * off[:, 0] + off[:, 1] * off[:, 1])
