"""Where a family of lines crosses the borders of an area, and the pieces of line inside it.

The family is any set of curves that never meet and are numbered across: parallel scan lines
(`kernels.hatch`) or waves (`kernels.waves`). Every vertex of the area knows how
many curves lie below it, so every edge knows which curves it crosses, each curve is crossed an
even number of times by closed rings, and sorting the crossings along the curves pairs them into
pieces. No polygon library takes part.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.rings import Rings
from printstd.named_tuple import NamedTuple


class Crossings(NamedTuple):
    """One row per crossing, in the order in which the rings pass them.

    edge : (m,) int64, the vertex of the rings at which the crossed edge starts.
    xy_nm : (m, 2) int64, nm. run_nm : (m,) int64, nm from the edge's start.
    line : (m,) int64, the curve crossed; numbers of different regions never neighbour.
    rises : (m,) bool, the ring passes to the side of higher numbers there.
    along_nm : (m,) int64, nm, place along the curve, within +-2^31.
    """

    edge: NDArray[np.int64]
    xy_nm: NDArray[np.int64]
    run_nm: NDArray[np.int64]
    line: NDArray[np.int64]
    rises: NDArray[np.bool_]
    along_nm: NDArray[np.int64]


class Pieces(NamedTuple):
    """Runs of curve inside the area, by line and then along it: (n,) int64 each, the crossing
    where the run starts and the one where it ends."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]


class Passes(NamedTuple):
    """Which edge crosses which curve: (m,) int64 edges, in ring order, and curve numbers as
    counted from the family's own zero; (m,) bool, is the curve crossed upwards."""

    edge: NDArray[np.int64]
    curve: NDArray[np.int64]
    rises: NDArray[np.bool_]


def passes(below_start: NDArray[np.int64], below_end: NDArray[np.int64]) -> Passes:
    """All crossings of p edges, in order along each edge.

    below_start, below_end : (p,) int64, how many curves lie below each end of the edge: it
    crosses those between, upwards or downwards.
    """
    rise = below_end - below_start
    counts = np.abs(rise)
    edge = np.repeat(np.arange(len(rise)), counts)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    rises = (rise > 0)[edge]
    curve = np.where(rises, below_start[edge] + nth, below_start[edge] - 1 - nth)
    return Passes(edge, curve, rises)


def paired(crossings: Crossings) -> Pieces:
    """The pieces inside: along each curve, every odd crossing enters and the next one leaves."""
    key = (crossings.line << 32) + (crossings.along_nm + (1 << 31))
    order = np.argsort(key, kind="stable")
    return Pieces(order[0::2], order[1::2])


def overlaps(crossings: Crossings, pieces: Pieces) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(a, b): every piece a and piece b of the next line that lie beside each other."""
    line = crossings.line[pieces.start] << 32
    low = crossings.along_nm[pieces.start] + (1 << 31)
    high = crossings.along_nm[pieces.end] + (1 << 31)
    above = line + (1 << 32)
    first = np.searchsorted(line + high, above + low, side="right")
    last = np.searchsorted(line + low, above + high, side="left")
    counts = np.maximum(0, last - first)
    a = np.repeat(np.arange(len(line)), counts)
    b = np.arange(len(a)) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    return a, b


def numbered_apart(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.int64]:
    """(g,) int64 even shifts that give the curves low..high of each of g regions numbers of
    their own, with a gap between regions; odd curves stay odd."""
    room = ((high - low) // 2 + 2) * 2
    before = np.cumsum(room) - room
    shift: NDArray[np.int64] = before - (low - (low & 1))
    return shift


def edge_lengths_nm(rings: Rings, following: NDArray[np.int64]) -> NDArray[np.int64]:
    """(p,) int64: length of the edge that starts at each vertex, to the nm. Whole numbers, so
    that sums along a ring do not depend on what else is in the set."""
    step = (rings.xy_nm.take(following, axis=0) - rings.xy_nm).astype(np.float64)
    return np.rint(np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1])).astype(np.int64)
