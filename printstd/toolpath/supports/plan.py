"""Sections to support areas: contacts, then the style, then the foot on the bed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from printstd.kernels import clip
from printstd.kernels.clip import Area, Join
from printstd.kernels.rings import EMPTY, Rings
from printstd.profiles.supports import SupportStyle
from printstd.toolpath.supports.areas import Levels, SupportAreas, SupportSpec
from printstd.toolpath.supports.columns import columns

Style = Callable[[Sequence[Rings], Sequence[Rings], Levels, SupportSpec], SupportAreas]
_STYLES: Final[dict[SupportStyle, Style]] = {
    SupportStyle.GRID: columns,
    SupportStyle.SNUG: columns,
}


def support_areas(
    contacts: Sequence[Rings],
    sections: Sequence[Rings],
    levels: Levels,
    spec: SupportSpec,
    bed: Rings,
) -> SupportAreas:
    """The areas of the style that the spec names, one per layer, nothing of them off the bed."""
    found = _STYLES[spec.style](contacts, sections, levels, spec)
    seen: dict[int, Rings] = {id(EMPTY): EMPTY}

    def kept(area: Rings) -> Rings:
        if id(area) not in seen:
            seen[id(area)] = area if _is_in(area, bed) else clip.intersection(area, bed)
        return seen[id(area)]

    return SupportAreas([kept(a) for a in found.body], [kept(a) for a in found.interface])


def _is_in(area: Rings, bed: Rings) -> bool:
    """bed : one rectangle."""
    if area.is_empty:
        return True
    low, high = bed.xy_nm.min(axis=0), bed.xy_nm.max(axis=0)
    return bool(((area.xy_nm >= low) & (area.xy_nm <= high)).all())


def whole(areas: SupportAreas, layer: int) -> Rings:
    """Body and interface of one layer."""
    if areas.interface[layer].is_empty:
        return areas.body[layer]
    return clip.union([areas.body[layer], areas.interface[layer]])


def with_foot(
    areas: SupportAreas, section: Rings, expansion_nm: int, gap_nm: int, bed: Rings
) -> SupportAreas:
    """With the lowest layer grown, so that it sticks to the bed, and all of it body.

    section : the part's, on the same layer.
    """
    first = Area.of(whole(areas, 0))
    if first.is_empty:
        return areas
    grown = first.offset(expansion_nm, join=Join.SQUARE) if expansion_nm else first
    if not section.is_empty:
        grown = grown - Area.of(section).offset(gap_nm)
    grown = grown & Area.of(bed)
    return SupportAreas([grown.rings(), *areas.body[1:]], [EMPTY, *areas.interface[1:]])
