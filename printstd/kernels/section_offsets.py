"""Offsets of the polygon library's own areas: many together, by curves of our own and a union each,
or one alone.

The library counts in mm. What was met on the way is told, so that nobody looks for narrow places
where there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from itertools import accumulate, pairwise
from typing import Final

import manifold3d
import numpy as np
from manifold3d import CrossSection as _Section
from numpy.typing import NDArray

from printstd.kernels.offset_curve import offset_curves
from printstd.named_tuple import NamedTuple

MM_PER_NM: Final = 1e-6


class Join(Enum):
    """How offsets turn convex corners. Round is left out: its arcs depend on libm."""

    MITER = manifold3d.JoinType.Miter
    SQUARE = manifold3d.JoinType.Square


class Fill(Enum):
    """Which regions of raw, perhaps overlapping rings are inside."""

    POSITIVE = manifold3d.FillRule.Positive
    NONZERO = manifold3d.FillRule.NonZero
    EVEN_ODD = manifold3d.FillRule.EvenOdd


_MANY_VERTICES: Final = 600
"""From so many on, our own curves and Clipper's union take less time than Clipper's offset, for a
single area too."""


def offset_section(
    section: _Section, deltas_nm: Sequence[int], join: Join, miter: float
) -> _Section:
    """Grown (+) or shrunk (-) by each of the deltas in turn, nm."""
    for delta in deltas_nm:
        if delta and section.num_vert() < _MANY_VERTICES:
            section = section.offset(delta * MM_PER_NM, join.value, miter, 0)
        elif delta:
            (section,) = offset_sections([section], [delta], join, miter).sections
    return section


class Offsets(NamedTuple):
    """is_reversible : of each, whether it is known to cover, offset back by as much, all that it
    came from."""

    sections: list[_Section]
    is_reversible: list[bool]


def offset_sections(
    sections: Sequence[_Section], deltas_nm: Sequence[int], join: Join, miter: float
) -> Offsets:
    """Each section grown (+) or shrunk (-) by its delta (not 0): the curves of all at once, then a
    union for each."""
    found = [section.to_polygons() for section in sections]
    contours = [contour for of_one in found for contour in of_one]
    if not contours:
        return Offsets(list(sections), [True] * len(sections))
    starts = np.zeros(len(contours), np.int64)
    starts[1:] = list(accumulate(map(len, contours[:-1])))
    counts = list(map(len, found))
    return offset_contours(np.concatenate(contours), starts, counts, deltas_nm, join, miter)


def offset_contours(
    xy: NDArray[np.float64],
    starts: NDArray[np.int64],
    counts: list[int],
    deltas_nm: Sequence[int],
    join: Join,
    miter: float,
) -> Offsets:
    """xy : (p, 2), mm, contours of clean areas one after another. starts : of each contour.
    counts : how many each area has."""
    delta_mm = np.repeat(np.array(deltas_nm) * MM_PER_NM, counts)
    gone = _gone(xy, starts, delta_mm)
    may_return = [True] * len(counts)
    if gone.any():
        owner = np.repeat(np.arange(len(counts)), counts)
        for one in owner[gone].tolist():
            may_return[one] = False
        counts = np.bincount(owner[~gone], minlength=len(counts)).tolist()
        lengths = np.diff(starts, append=len(xy))
        xy, delta_mm = xy.compress(np.repeat(~gone, lengths), axis=0), delta_mm[~gone]
        starts = np.cumsum(lengths[~gone]) - lengths[~gone]
        if not len(xy):
            return Offsets([_Section() for _ in counts], may_return)
    found = offset_curves(xy, starts, delta_mm, miter_limit=miter if join is Join.MITER else None)
    cuts = [*found.starts.tolist(), len(found.xy)]
    curves = [found.xy[a:b] for a, b in pairwise(cuts)]
    is_plain, n_left = found.is_plain.tolist(), found.n_left.tolist()
    sections = []
    for nth, (end, count) in enumerate(zip(accumulate(counts), counts, strict=True)):
        if not count:
            sections.append(_Section())
            continue
        first = end - count
        section = _Section(curves[first:end], Fill.POSITIVE.value)
        sections.append(section)
        # Where curves meet, the union has more or fewer vertices than they leave, or contours.
        may_return[nth] = (
            may_return[nth]
            and all(is_plain[first:end])
            and section.num_contour() == count
            and section.num_vert() == sum(n_left[first:end])
        )
    return Offsets(sections, may_return)


def _gone(
    xy: NDArray[np.float64], starts: NDArray[np.int64], delta: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(c,) bool: outer contours of which nothing is left when they shrink by their delta, as their
    area or their box tells: no circle fits in that is larger than either. (Holes in such a contour
    may stay: their curves wind the other way, around nothing.)"""
    if not (delta < 0).any():
        return np.zeros(len(delta), np.bool_)
    # Column by column: rows of two are gone through two numbers at a time.
    x, y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
    wide = np.maximum.reduceat(x, starts) - np.minimum.reduceat(x, starts)
    high = np.maximum.reduceat(y, starts) - np.minimum.reduceat(y, starts)
    ends = np.append(starts[1:], len(xy)) - 1
    then_x, then_y = np.empty_like(x), np.empty_like(y)
    then_x[:-1], then_y[:-1] = x[1:], y[1:]
    then_x[ends], then_y[ends] = x[starts], y[starts]
    area = np.add.reduceat(x * then_y - y * then_x, starts) / 2
    reach = np.maximum(-delta, 0.0)
    is_small = (area <= 3.14 * reach * reach) | (np.minimum(wide, high) <= 2 * reach)
    return np.asarray((area > 0) & is_small)
