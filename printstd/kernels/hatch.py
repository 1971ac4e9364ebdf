"""Straight scan lines through areas: edges x lines, sorted and paired.

Directions are whole numbers (kernels.turns), so rotated coordinates are exact: with d = (dx, dy)
of length R, u = dx x + dy y runs along the lines and v = dx y - dy x across them, both R times
longer than nm.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.crossings import Crossings, edge_lengths_nm, numbered_apart, passes
from printstd.kernels.rings import Rings, next_index


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
    v = _across(rings.xy_nm, along[of_vertex])
    starts = rings.offsets[np.searchsorted(region, np.arange(len(along)))]
    length = lengths(along)
    return np.minimum.reduceat(v, starts) / length, np.maximum.reduceat(v, starts) / length


def _across(xy_nm: NDArray[np.int64], along: NDArray[np.int64]) -> NDArray[np.int64]:
    across: NDArray[np.int64] = along[:, 0] * xy_nm[:, 1] - along[:, 1] * xy_nm[:, 0]
    return across


def hatched(rings: Rings, region: NDArray[np.int64], lines: Lines) -> Crossings:
    """Crossings of the rings with the lines of their regions.

    region : (r,) int64 ascending, index into `lines`; every region has a ring.
    """
    of_vertex = np.repeat(region, np.diff(rings.offsets))
    following = next_index(rings)
    along, length = lines.along[of_vertex], lines.length[of_vertex]
    v = _across(rings.xy_nm, along) / length
    # One count per vertex, however rounded, makes every line cross closed rings evenly.
    below = np.ceil((v - lines.first[of_vertex]) / lines.step[of_vertex]).astype(np.int64)
    starts = rings.offsets[np.searchsorted(region, np.arange(len(lines.first)))]
    shift = numbered_apart(np.minimum.reduceat(below, starts), np.maximum.reduceat(below, starts))
    edge, curve, rises = passes(below, below[following])
    end, of_edge = following[edge], of_vertex[edge]
    at = lines.first[of_edge] + curve * lines.step[of_edge]
    part = np.clip((at - v[edge]) / (v[end] - v[edge]), 0.0, 1.0)
    start_nm = rings.xy_nm[edge]
    xy = np.rint(part[:, None] * (rings.xy_nm[end] - start_nm)).astype(np.int64) + start_nm
    d = lines.along[of_edge]
    u = (d[:, 0] * xy[:, 0] + d[:, 1] * xy[:, 1]) / lines.length[of_edge]
    run = np.rint(part * edge_lengths_nm(rings, following)[edge]).astype(np.int64)
    return Crossings(edge, xy, run, curve + shift[of_edge], rises, np.rint(u).astype(np.int64))
