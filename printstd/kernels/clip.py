"""Polygon booleans and offsets: with `kernels.section_offsets` and `kernels.exchanges` the only
modules that call Clipper2 (through manifold3d).

Every result is rounded to whole nanometres and brought to canonical form (`kernels.rings`),
so what leaves here depends on the area alone. Functions take several steps at once, because
the way in and out of the library costs as much as a step.

Clipper2 holds the GIL: scale over processes, not threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

import manifold3d
import numpy as np
from manifold3d import CrossSection as _Section
from numpy.typing import NDArray

from printstd.kernels.rings import EMPTY, Rings, concat, next_index, settled, signed_area2, take
from printstd.kernels.section_offsets import (
    MM_PER_NM,
    Fill,
    Join,
    Offsets,
    offset_contours,
    offset_section,
    offset_sections,
)
from printstd.named_tuple import NamedTuple

__all__ = [
    "Area",
    "Fill",
    "Islands",
    "Join",
    "Offset",
    "clean",
    "close_each",
    "difference",
    "has_cut_corners",
    "hull",
    "inset_islands",
    "intersection",
    "islands",
    "islands_that_meet",
    "offset",
    "offset_each",
    "offset_rings",
    "opened_each",
    "rings_of",
    "union",
    "united",
    "watched_offsets",
    "watched_ring_offsets",
]

_MITER: Final = 3.0
"""Corners reach so many deltas from where they were at most."""
_NEARLY_CUT: Final = 2.1
"""Corners are cut off from 2 on: the square of the limit times 1 + the cosine of the turn."""


def _load(rings: Rings, fill: Fill = Fill.POSITIVE) -> _Section:
    if rings.is_empty:
        return _Section()
    xy_mm = rings.xy_nm * MM_PER_NM
    borders = rings.offsets.tolist()
    return _Section([xy_mm[a:b] for a, b in pairwise(borders)], fill.value)


def _store(section: _Section) -> Rings:
    found = section.to_polygons()
    return _rounded(found, np.zeros(len(found), np.int64))[0]


def _rounded(
    found: Sequence[NDArray[np.float64]], group: NDArray[np.int64]
) -> tuple[Rings, NDArray[np.int64]]:
    """Clipper's polygons, mm, as canonical `Rings` within each group, and the group of each."""
    if not len(found):
        return EMPTY, group
    offsets = np.zeros(len(found) + 1, np.int64)
    offsets[1:] = list(accumulate(map(len, found)))
    xy_mm = found[0] if len(found) == 1 else np.concatenate(found)
    return settled(Rings(np.rint(xy_mm * 1e6).astype(np.int64), offsets), group)


class Area:
    """An area kept inside the library between steps, where several results are taken from one
    chain: the way in and out is paid once, and nothing is rounded to nm in between (Clipper
    itself keeps 1e-8 mm)."""

    __slots__ = ("_section",)

    def __init__(self, section: _Section) -> None:
        self._section = section

    @classmethod
    def of(cls, rings: Rings, fill: Fill = Fill.POSITIVE) -> Area:
        return cls(_load(rings, fill))

    @property
    def is_empty(self) -> bool:
        return bool(self._section.is_empty())

    @property
    def area_mm2(self) -> float:
        return float(self._section.area())

    @property
    def sides_nm(self) -> tuple[float, float]:
        """Of its bounding box."""
        x0, y0, x1, y1 = self._section.bounds()
        return (x1 - x0) / MM_PER_NM, (y1 - y0) / MM_PER_NM

    @property
    def box_mm(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """((2,) lowest, (2,) highest) corner of its bounding box; zeros where it is empty."""
        if self.is_empty:
            return np.zeros(2), np.zeros(2)
        x0, y0, x1, y1 = self._section.bounds()
        return np.array([x0, y0]), np.array([x1, y1])

    def offset(self, *deltas_nm: int, join: Join = Join.MITER, miter: float = _MITER) -> Area:
        """Grown (+) or shrunk (-) by each of the deltas in turn, nm."""
        return Area(offset_section(self._section, deltas_nm, join, miter))

    def simplified(self, tolerance_nm: int) -> Area:
        """Without vertices that near to the line through their neighbours, as in `clean`."""
        return Area(self._section.simplify(tolerance_nm * MM_PER_NM))

    def __sub__(self, other: Area) -> Area:
        return Area(self._section - other._section)

    def __and__(self, other: Area) -> Area:
        return Area(self._section ^ other._section)

    def __or__(self, other: Area) -> Area:
        return Area(self._section + other._section)

    def rings(self) -> Rings:
        """Rounded to nm, in canonical form."""
        return _store(self._section)

    def islands(self) -> list[Area]:
        """One area per island (an outer ring with its holes)."""
        return [Area(part) for part in self._section.decompose()]

    def meets(self, other: Area) -> bool:
        """Do the areas share more than a border?"""
        a, b = self._section.bounds(), other._section.bounds()
        apart = a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]
        return not apart and not (self._section ^ other._section).is_empty()


def offset_each(
    areas: Sequence[Area],
    deltas_nm: Sequence[int],
    *,
    join: Join = Join.MITER,
    miter: float = _MITER,
) -> list[Area]:
    """`area.offset(delta)` of each, nm; together they take half the time."""
    found = offset_sections([area._section for area in areas], deltas_nm, join, miter)
    return [Area(section) for section in found.sections]


class Offset(NamedTuple):
    """is_reversible : known to cover, offset back by as much, all that it came from: on the way
    no border met another, none vanished, and no corner is so sharp that it would be cut off. So
    nothing of that is narrower than twice the offset. Where this is False, it may still be so."""

    area: Area
    is_reversible: bool


def watched_offsets(areas: Sequence[Area], deltas_nm: Sequence[int]) -> list[Offset]:
    """`offset_each`, and what it met."""
    found = offset_sections([area._section for area in areas], deltas_nm, Join.MITER, _MITER)
    return _watched(found)


def has_cut_corners(rings: Rings) -> bool:
    """Has it corners so sharp that an offset inwards cuts them off?"""
    following = next_index(rings)
    way = (rings.xy_nm[following] - rings.xy_nm).astype(np.float64)
    ahead = way[following]
    sine = way[:, 0] * ahead[:, 1] - way[:, 1] * ahead[:, 0]
    cosine = way[:, 0] * ahead[:, 0] + way[:, 1] * ahead[:, 1]
    lengths = np.sqrt((way * way).sum(axis=1) * (ahead * ahead).sum(axis=1))
    is_sharp = _MITER * _MITER * (lengths + cosine) < _NEARLY_CUT * lengths
    return bool((is_sharp & (sine < 0)).any())


def watched_ring_offsets(parts: Sequence[Rings], deltas_nm: Sequence[int]) -> list[Offset]:
    """`offset_rings`, and what it met."""
    rings = concat(parts)
    if rings.is_empty:
        return [Offset(Area(_Section()), True) for _ in parts]
    found = offset_contours(
        np.asarray(rings.xy_nm * MM_PER_NM, np.float64),
        rings.offsets[:-1],
        [part.n_rings for part in parts],
        deltas_nm,
        Join.MITER,
        _MITER,
    )
    return _watched(found)


def _watched(found: Offsets) -> list[Offset]:
    areas = map(Area, found.sections)
    return [Offset(*one) for one in zip(areas, found.is_reversible, strict=True)]


def offset_rings(parts: Sequence[Rings], deltas_nm: Sequence[int]) -> list[Area]:
    """`Area.of(part).offset(delta)` of each, nm; parts are clean: no ring crosses another."""
    return [found.area for found in watched_ring_offsets(parts, deltas_nm)]


def opened_each(areas: Sequence[Area], halves_nm: Sequence[int]) -> list[Area]:
    """`area.offset(-half, half)` of each, nm: without what is narrower than twice its half."""
    core = watched_offsets(areas, [-half for half in halves_nm])
    opened = [one.area for one in core]
    left = []
    for i, one in enumerate(core):
        if one.is_reversible:
            opened[i] = areas[i]
        elif not one.area.is_empty:
            left.append(i)
    grown = offset_each([opened[i] for i in left], [halves_nm[i] for i in left])
    for i, area in zip(left, grown, strict=True):
        opened[i] = area
    return opened


def islands_that_meet(area: Area, other: Area) -> list[Area]:
    """The islands of `area` that share more than a border with `other`: one intersection for all,
    each piece of which lies on one island."""
    islands = area.islands()
    if len(islands) < 2:
        return [island for island in islands if island.meets(other)]
    boxes = np.array([island._section.bounds() for island in islands])
    boxes += np.array([-MM_PER_NM, -MM_PER_NM, MM_PER_NM, MM_PER_NM])
    met: set[int] = set()
    for piece in (area & other).islands():
        x0, y0, x1, y1 = piece._section.bounds()
        is_around = (boxes[:, 0] <= x0) & (boxes[:, 1] <= y0) & (boxes[:, 2] >= x1)
        around = np.flatnonzero(is_around & (boxes[:, 3] >= y1)).tolist()
        if len(around) == 1:
            met.add(around[0])
        else:
            met.update(n for n in around if n not in met and islands[n].meets(piece))
    return [islands[number] for number in sorted(met)]


def united(areas: Sequence[Area]) -> Area:
    """The area covered by any of `areas`."""
    kept = [area for area in areas if not area.is_empty]
    if len(kept) < 2:
        return kept[0] if kept else Area(_Section())
    sections = [area._section for area in kept]
    return Area(_Section.batch_boolean(sections, manifold3d.OpType.Add))


def rings_of(areas: Sequence[Area]) -> list[Rings]:
    """`area.rings()` of each: one way out of the library for all."""
    found = [area._section.to_polygons() for area in areas]
    group = np.repeat(np.arange(len(found)), [len(rings) for rings in found])
    flat, group = _rounded([ring for rings in found for ring in rings], group)
    borders = np.searchsorted(group, np.arange(len(areas) + 1)).tolist()
    return [_part(flat, a, b) if a < b else EMPTY for a, b in pairwise(borders)]


def _part(rings: Rings, first: int, last: int) -> Rings:
    offsets = rings.offsets[first : last + 1]
    return Rings(rings.xy_nm[offsets[0] : offsets[-1]], offsets - offsets[0])


class Islands(NamedTuple):
    """rings: of all islands, island after island. island : (r,) int64, ascending from 0 without
    gaps. part : (i,) int64, the part that each island comes from, ascending."""

    rings: Rings
    island: NDArray[np.int64]
    part: NDArray[np.int64]


def inset_islands(parts: Sequence[Rings], insets_nm: Sequence[int] | None) -> Islands:
    """The islands that are left of each part when it is shrunk by its inset (None: as it is), in
    canonical order within a part (by their smallest vertices)."""
    found: list[NDArray[np.float64]] = []
    island: list[int] = []
    part_of: list[int] = []
    if insets_nm is None:
        areas = [Area.of(part) for part in parts]
    else:
        areas = offset_rings(parts, [-inset for inset in insets_nm])
    for number, area in enumerate(areas):
        section = area._section
        contours = section.to_polygons()
        owner = _owners(contours)
        if owner is None:
            pieces = [piece.to_polygons() for piece in section.decompose()]
            contours = [contour for piece in pieces for contour in piece]
            owner = [nth for nth, piece in enumerate(pieces) for _ in piece]
        found += contours
        island += [len(part_of) + nth for nth in owner]
        part_of += [number] * (max(owner, default=-1) + 1)
    rings, group = _rounded(found, np.asarray(island, np.int64))
    # Rounding may have taken an island away; those that are left are numbered anew.
    kept, first = np.unique(group, return_index=True)
    origin = np.asarray(part_of, np.int64)[kept]
    corner = rings.xy_nm[rings.offsets[first]]
    order = np.lexsort((corner[:, 1], corner[:, 0], origin))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    number_of = rank[np.searchsorted(kept, group)]
    by_rank = np.argsort(number_of, kind="stable")
    return Islands(take(rings, by_rank), number_of[by_rank], origin[order])


def _owners(contours: Sequence[NDArray[np.float64]]) -> list[int] | None:
    """The island, from 0, that each contour of an area belongs to; None where it takes more than
    boxes to tell which outer contour a hole lies in."""
    if len(contours) < 2:
        return [0] * len(contours)
    starts = np.zeros(len(contours), np.int64)
    starts[1:] = list(accumulate(map(len, contours[:-1])))
    xy = np.concatenate(contours)
    ends = np.append(starts[1:], len(xy)) - 1
    following = np.empty_like(xy)
    following[:-1] = xy[1:]
    following[ends] = xy.take(starts, axis=0)
    area2 = np.add.reduceat(xy[:, 0] * following[:, 1] - xy[:, 1] * following[:, 0], starts)
    is_outer = area2 > 0
    number = np.cumsum(is_outer) - 1
    if is_outer.all():
        return [int(nth) for nth in number]
    if number[-1] == 0:
        return [0] * len(contours)
    low, high = np.minimum.reduceat(xy, starts), np.maximum.reduceat(xy, starts)
    inside = (low[~is_outer, None] >= low[is_outer]) & (
        high[~is_outer, None] <= high.compress(is_outer, axis=0)
    )
    around = inside.all(axis=2)
    if (around.sum(axis=1) != 1).any():
        return None
    number[~is_outer] = around.argmax(axis=1)
    return [int(nth) for nth in number]


def clean(rings: Rings, fill: Fill = Fill.POSITIVE, *, tolerance_nm: int = 0) -> Rings:
    """The area of raw rings under a fill rule; vertices within `tolerance_nm` of the line
    through their neighbours are dropped, one after another: for a strict bound use
    `kernels.simplify`."""
    section = _load(rings, fill)
    if tolerance_nm:
        section = section.simplify(tolerance_nm * MM_PER_NM)
    return _store(section)


def offset(
    rings: Rings,
    *deltas_nm: int,
    join: Join = Join.MITER,
    miter: float = _MITER,
    tolerance_nm: int = 0,
) -> Rings:
    """`rings` grown (+) or shrunk (-) by each of the deltas in turn, nm.

    Two deltas -d, +d open the area (slivers under 2d vanish), +d, -d close it.
    """
    if rings.is_empty:
        return EMPTY
    section = offset_section(_load(rings), deltas_nm, join, miter)
    if tolerance_nm:
        section = section.simplify(tolerance_nm * MM_PER_NM)
    return _store(section)


def union(
    parts: Sequence[Rings], *deltas_nm: int, join: Join = Join.MITER, miter: float = _MITER
) -> Rings:
    """The area covered by any of the parts, then offset by the deltas in turn."""
    kept = [_load(part) for part in parts if not part.is_empty]
    if not kept:
        return EMPTY
    united = kept[0] if len(kept) == 1 else _Section.batch_boolean(kept, manifold3d.OpType.Add)
    return _store(offset_section(united, deltas_nm, join, miter))


def difference(
    a: Rings, b: Rings, *deltas_nm: int, join: Join = Join.MITER, miter: float = _MITER
) -> Rings:
    """The area of `a` outside `b`, then offset by the deltas in turn."""
    if a.is_empty:
        return EMPTY
    section = _load(a) if b.is_empty else _load(a) - _load(b)
    return _store(offset_section(section, deltas_nm, join, miter))


def intersection(
    a: Rings, b: Rings, *deltas_nm: int, join: Join = Join.MITER, miter: float = _MITER
) -> Rings:
    """The area of both, then offset by the deltas in turn."""
    if a.is_empty or b.is_empty:
        return EMPTY
    return _store(offset_section(_load(a) ^ _load(b), deltas_nm, join, miter))


def close_each(
    rings: Rings,
    group_offsets: NDArray[np.int64],
    closing_nm: int,
    fill: Fill = Fill.NONZERO,
    *,
    join: Join = Join.MITER,
    miter: float = _MITER,
) -> tuple[Rings, NDArray[np.int64]]:
    """The area of each group of raw rings, with gaps under twice `closing_nm` closed.

    group_offsets : (g + 1,) int64 into rings (a group is a layer, say). Returns the rings of all
    groups in canonical form within each, and their group offsets. One way in and out for all
    groups: what is done per group is Clipper's own work alone.
    """
    all_mm = rings.xy_nm * MM_PER_NM
    borders = rings.offsets.tolist()
    sections = [
        _Section([all_mm[a:b] for a, b in pairwise(borders[first : last + 1])], fill.value)
        for first, last in pairwise(group_offsets.tolist())
    ]
    if closing_nm:
        grown = offset_sections(sections, [closing_nm] * len(sections), join, miter)
        rows = [i for i, is_so in enumerate(grown.is_reversible) if not is_so]
        closed = offset_sections(
            [grown.sections[i] for i in rows], [-closing_nm] * len(rows), join, miter
        )
        for i, section in zip(rows, closed.sections, strict=True):
            sections[i] = section
    found = [section.to_polygons() for section in sections]
    out = [contour for of_one in found for contour in of_one]
    group = np.repeat(np.arange(len(found)), [len(of_one) for of_one in found]).tolist()
    n_groups = len(group_offsets) - 1
    united, group_of = _rounded(out, np.asarray(group, np.int64))
    return united, np.searchsorted(group_of, np.arange(n_groups + 1)).astype(np.int64)


def hull(rings: Rings) -> Rings:
    """The convex hull of all vertices, one ring; empty where they lie on one line."""
    if rings.is_empty:
        return EMPTY
    return _store(_Section.hull_points(rings.xy_nm * MM_PER_NM))


def islands(rings: Rings) -> list[Rings]:
    """One `Rings` per island (an outer ring with its holes), in canonical order of the outers."""
    if rings.is_empty:
        return []
    pieces = [part.to_polygons() for part in _load(rings).decompose()]
    group = np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces])
    flat, group = _rounded([ring for piece in pieces for ring in piece], group)
    borders = np.flatnonzero(np.diff(group, prepend=-1, append=len(pieces)))
    parts = [
        Rings(
            flat.xy_nm[flat.offsets[a] : flat.offsets[b]], flat.offsets[a : b + 1] - flat.offsets[a]
        )
        for a, b in pairwise(borders.tolist())
    ]
    # No vertex of an island is smaller than its outer ring's smallest, which comes first.
    return sorted(parts, key=lambda part: (*part.xy_nm[0].tolist(), int(signed_area2(part).max())))
