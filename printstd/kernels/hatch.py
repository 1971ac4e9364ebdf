"""Straight scan lines through areas: edges x lines, sorted and paired.

Directions are whole numbers (kernels.turns), so rotated coordinates are exact: with d = (dx, dy)
of length R, u = dx x + dy y runs along the lines and v = dx y - dy x across them, both R times
longer than nm.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.crossings import Crossings, edge_lengths_nm, numbered_apart, passes
from printstd.kernels.rings import Rings, next_index
from printstd.named_tuple import NamedTuple
from printstd.units import NM_PER_UM

_LENGTH: Final = 1 << 19
"""Of a direction that is found."""


class Lines(NamedTuple):
    """Parallel lines, one family per region.

    along : (g, 2) int64, within +-2^20: direction. length : (g,) float64, its length R.
    first, step : (g,) float64, nm: line i lies at v = first + i * step across the direction.
    """

    along: NDArray[np.int64]
    length: NDArray[np.float64]
    first: NDArray[np.float64]
    step: NDArray[np.float64]


def lengths(
    along: NDArray[np.int64],
) -> NDArray[np.float64]:
    """(g,) float64: the lengths R of directions (g, 2)."""
    d = along.astype(np.float64)
    return np.sqrt(d[:, 0] * d[:, 0] + d[:, 1] * d[:, 1])


def extents_nm(
    rings: Rings, region: NDArray[np.int64], along: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(low, high), (g,) float64, nm: how far each region reaches across its direction.

    region : (r,) int64, the region of each ring; ascending, every region has a ring.
    """
    of_vertex = np.repeat(region, np.diff(rings.offsets))
    v = _across(rings.xy_nm, along.take(of_vertex, axis=0))
    starts = rings.offsets[np.searchsorted(region, np.arange(len(along)))]
    length = lengths(along)
    return np.minimum.reduceat(v, starts) / length, np.maximum.reduceat(v, starts) / length


def crossed_nm(
    rings: Rings, region: NDArray[np.int64], along: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(g,) float64, nm: what each region's lines of this direction would be in number, times their
    distance: half the way that its outline goes across. For convex regions this is how far it
    reaches across.

    region : as in `extents_nm`.
    """
    of_vertex = np.repeat(region, np.diff(rings.offsets))
    v = _across(rings.xy_nm, along.take(of_vertex, axis=0))
    way = np.abs(v[next_index(rings)] - v).astype(np.float64)
    crossed: NDArray[np.float64] = np.bincount(of_vertex, way, len(along)) / (2.0 * lengths(along))
    return crossed


def lengthways(rings: Rings, region: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """(number, 2) int64: a direction for each region, that of its longest sides: the axis of the
    sum of their squares, as vectors of twice the angle. Exact but for the rounding of the
    direction, so that nothing hangs on the order of the sum; (1, 0) where no side is longer than
    others across it."""
    of_vertex = np.repeat(region, np.diff(rings.offsets))
    way = (rings.xy_nm[next_index(rings)] - rings.xy_nm) // NM_PER_UM
    x, y = way[:, 0], way[:, 1]
    twice = np.zeros((number, 2), np.int64)
    np.add.at(twice, of_vertex, np.column_stack([x * x - y * y, 2 * x * y]))
    c, s = twice[:, 0].astype(np.float64), twice[:, 1].astype(np.float64)
    size = np.sqrt(c * c + s * s)
    # Half the angle: (c + size, s), or for angles near the half turn (s, size - c).
    is_flat = c >= 0
    u = np.where(is_flat, c + size, np.abs(s))
    v = np.where(is_flat, s, np.where(s < 0, c - size, size - c))
    length = np.sqrt(u * u + v * v)
    some = length > 0
    scale = _LENGTH / np.where(some, length, 1.0)
    found: NDArray[np.int64] = np.column_stack(
        [np.where(some, np.rint(u * scale), 1.0), np.where(some, np.rint(v * scale), 0.0)]
    ).astype(np.int64)
    return found


def _across(xy_nm: NDArray[np.int64], along: NDArray[np.int64]) -> NDArray[np.int64]:
    across: NDArray[np.int64] = along[:, 0] * xy_nm[:, 1] - along[:, 1] * xy_nm[:, 0]
    return across


def hatched(rings: Rings, region: NDArray[np.int64], lines: Lines) -> Crossings:
    """Crossings of the rings with the lines of their regions.

    region : (r,) int64 ascending, index into `lines`; every region has a ring.
    """
    of_vertex = np.repeat(region, np.diff(rings.offsets))
    following = next_index(rings)
    along, length = lines.along.take(of_vertex, axis=0), lines.length[of_vertex]
    v = _across(rings.xy_nm, along) / length
    # One count per vertex, however rounded, makes every line cross closed rings evenly.
    below = np.ceil((v - lines.first[of_vertex]) / lines.step[of_vertex]).astype(np.int64)
    starts = rings.offsets[np.searchsorted(region, np.arange(len(lines.first)))]
    shift = numbered_apart(np.minimum.reduceat(below, starts), np.maximum.reduceat(below, starts))
    edge, curve, rises = passes(below, below[following])
    end, of_edge = following[edge], of_vertex[edge]
    at = lines.first[of_edge] + curve * lines.step[of_edge]
    part = np.clip((at - v[edge]) / (v[end] - v[edge]), 0.0, 1.0)
    start_nm = rings.xy_nm.take(edge, axis=0)
    xy = (
        np.rint(part[:, None] * (rings.xy_nm.take(end, axis=0) - start_nm)).astype(np.int64)
        + start_nm
    )
    d = lines.along.take(of_edge, axis=0)
    u = (d[:, 0] * xy[:, 0] + d[:, 1] * xy[:, 1]) / lines.length[of_edge]
    run = np.rint(part * edge_lengths_nm(rings, following)[edge]).astype(np.int64)
    return Crossings(edge, xy, run, curve + shift[of_edge], rises, np.rint(u).astype(np.int64))
