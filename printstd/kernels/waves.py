"""Waves as infill: a family of curves that swing side by side and never cross, on any areas.

Waves are sampled on columns of one width and are straight between, so that counting the waves
below a point and crossing an edge with a wave stay linear inside a column. Which waves they are
(`kernels.gyroid`, `kernels.honeycomb`) is no matter here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.crossings import Crossings, Pieces, edge_lengths_nm, numbered_apart, passes
from printstd.kernels.rings import Rings, next_index
from printstd.kernels.turns import HALF_TURN, Direction


class Waves(NamedTuple):
    """One height's waves, one period of them.

    along : direction in which they run. unit_nm : nm per radian across. swing, shift : (n,)
    float64, radians, the n columns of a period: wave m passes column j at
    (-1)^m swing_j + m pi - shift_j across. columns_per_turn : how many columns take as much room
    along as a full turn takes across.
    """

    along: Direction
    unit_nm: float
    swing: NDArray[np.float64]
    shift: NDArray[np.float64]
    columns_per_turn: float


class Sheets(NamedTuple):
    """The waves of g regions side by side: (g,) each, and their columns one after another."""

    along: NDArray[np.int64]
    length: NDArray[np.float64]
    unit_nm: NDArray[np.float64]
    per_turn: NDArray[np.float64]
    first: NDArray[np.int64]
    columns: NDArray[np.int64]
    swing: NDArray[np.float64]
    shift: NDArray[np.float64]


def sheets(waves: list[Waves], region: NDArray[np.int64]) -> Sheets:
    """The waves of each region; region : (g,) int64 into `waves`."""
    along = np.array([w.along for w in waves], np.int64)
    counts = np.array([len(w.swing) for w in waves], np.int64)
    d = along.astype(np.float64)
    return Sheets(
        along[region],
        np.sqrt(d[:, 0] * d[:, 0] + d[:, 1] * d[:, 1])[region],
        np.array([w.unit_nm for w in waves])[region],
        np.array([w.columns_per_turn for w in waves])[region],
        (np.cumsum(counts) - counts)[region],
        counts[region],
        np.concatenate([w.swing for w in waves]),
        np.concatenate([w.shift for w in waves]),
    )


class _Points(NamedTuple):
    """Points in a region's frame. region : (n,). column : (n,) int64 and part : (n,) float64 in
    [0, 1): place along, in columns. across : (n,) float64, radians."""

    region: NDArray[np.int64]
    column: NDArray[np.int64]
    part: NDArray[np.float64]
    across: NDArray[np.float64]


def crossed(
    rings: Rings, region: NDArray[np.int64], over: Sheets
) -> tuple[Crossings, NDArray[np.int64]]:
    """Crossings of the rings with the waves of their regions, and (m,) int64 the waves' own
    numbers.

    region : (r,) int64 ascending, index into `over`; every region has a ring.
    """
    of_vertex = np.repeat(region, np.diff(rings.offsets))
    following = next_index(rings)
    place, across = _in_frame(rings.xy_nm, of_vertex, over)
    # Edges cut at the borders of columns: n points, from each to the next one of its ring.
    first = np.floor(place).astype(np.int64)
    rise = first[following] - first
    cuts = np.abs(rise)
    edge = np.repeat(np.arange(len(cuts)), cuts + 1)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(cuts + 1) - (cuts + 1), cuts + 1)
    up = (rise > 0)[edge]
    border = first[edge] + np.where(up, nth, 1 - nth)
    is_cut = nth > 0
    way = place[following] - place
    ratio = np.where(is_cut, (border - place[edge]) / np.where(is_cut, way[edge], 1.0), 0.0)
    start = _Points(
        of_vertex[edge],
        np.where(is_cut, border, first[edge]),
        np.where(is_cut, 0.0, (place - first)[edge]),
        across[edge] + ratio * (across[following] - across)[edge],
    )
    next_point = np.arange(1, len(edge) + 1)
    ends_edge = np.append(edge[1:] != edge[:-1], True)
    point_of_vertex = np.cumsum(cuts + 1) - (cuts + 1)
    next_point[ends_edge] = point_of_vertex[following]
    below = _waves_below(start, over)
    begins = point_of_vertex[rings.offsets[np.searchsorted(region, np.arange(len(over.first)))]]
    shift = numbered_apart(np.minimum.reduceat(below, begins), np.maximum.reduceat(below, begins))
    point, wave, rises = passes(below, below[next_point])
    end = _picked(start, next_point[point])
    gap_0 = start.across[point] - _wave(_picked(start, point), wave, over)
    gap_1 = end.across - _wave(end, wave, over)
    share = gap_0 / np.where(gap_0 == gap_1, 1.0, gap_0 - gap_1)
    ratio_end = np.where(ends_edge, 1.0, np.append(ratio[1:], 1.0))
    at = ratio[point] + np.clip(share, 0.0, 1.0) * (ratio_end - ratio)[point]
    of_edge = edge[point]
    corner = rings.xy_nm[of_edge]
    xy = corner + np.rint(at[:, None] * (rings.xy_nm[following[of_edge]] - corner)).astype(np.int64)
    run = np.rint(at * edge_lengths_nm(rings, following)[of_edge]).astype(np.int64)
    of_point = of_vertex[of_edge]
    d = over.along[of_point]
    u = (d[:, 0] * xy[:, 0] + d[:, 1] * xy[:, 1]) / over.length[of_point]
    line = wave + shift[of_point]
    return Crossings(of_edge, xy, run, line, rises, np.rint(u).astype(np.int64)), wave


def inside(
    crossings: Crossings,
    pieces: Pieces,
    wave: NDArray[np.int64],
    region: NDArray[np.int64],
    over: Sheets,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Vertices (q, 2) int64 nm of the waves between the ends of each piece, in order, and their
    (n + 1,) borders. wave, region : (n,) int64, of each piece."""
    place_0, _ = _in_frame(crossings.xy_nm[pieces.start], region, over)
    place_1, _ = _in_frame(crossings.xy_nm[pieces.end], region, over)
    first = np.floor(place_0).astype(np.int64) + 1
    counts = np.maximum(0, np.ceil(place_1).astype(np.int64) - first)
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    owner = np.repeat(np.arange(len(counts)), counts)
    column = first[owner] + np.arange(len(owner)) - offsets[:-1][owner]
    of = region[owner]
    points = _Points(of, column, np.zeros(len(of)), np.zeros(len(of)))
    v = _wave(points, wave[owner], over) * over.unit_nm[of]
    u = column * (2.0 * HALF_TURN * over.unit_nm / over.per_turn)[of]
    c = over.along[of].astype(np.float64) / over.length[of][:, None]
    xy = np.stack([c[:, 0] * u - c[:, 1] * v, c[:, 1] * u + c[:, 0] * v], axis=1)
    return np.rint(xy).astype(np.int64), offsets


def _in_frame(
    xy_nm: NDArray[np.int64], region: NDArray[np.int64], over: Sheets
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(place along in columns, place across in radians)."""
    d, unit = over.along[region], over.unit_nm[region] * over.length[region]
    u = d[:, 0] * xy_nm[:, 0] + d[:, 1] * xy_nm[:, 1]
    v = d[:, 0] * xy_nm[:, 1] - d[:, 1] * xy_nm[:, 0]
    return u / unit * (over.per_turn[region] / (2.0 * HALF_TURN)), v / unit


def _picked(points: _Points, index: NDArray[np.int64]) -> _Points:
    region, column, part, across = points
    return _Points(region[index], column[index], part[index], across[index])


def _shape(points: _Points, over: Sheets) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Swing and shift at points: straight between columns."""
    first, count = over.first[points.region], over.columns[points.region]
    a, b = first + points.column % count, first + (points.column + 1) % count
    swing = over.swing[a] + points.part * (over.swing[b] - over.swing[a])
    shift = over.shift[a] + points.part * (over.shift[b] - over.shift[a])
    return swing, shift


def _wave(points: _Points, wave: NDArray[np.int64], over: Sheets) -> NDArray[np.float64]:
    swing, shift = _shape(points, over)
    across: NDArray[np.float64] = np.where(wave & 1, -swing, swing) + wave * HALF_TURN - shift
    return across


def _waves_below(points: _Points, over: Sheets) -> NDArray[np.int64]:
    """How many waves, counted from wave 0, lie below each point (negative: above wave -n)."""
    swing, shift = _shape(points, over)
    even = np.ceil((points.across + shift - swing) / (2.0 * HALF_TURN))
    odd = np.ceil((points.across + shift + swing - HALF_TURN) / (2.0 * HALF_TURN))
    return (even + odd).astype(np.int64)
