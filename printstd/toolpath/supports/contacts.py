"""Contacts: which part of every layer must be held from below.

A layer holds itself where it reaches no further beyond the one below than `free_reach_nm`. Where
it reaches further, all that lies over nothing is a contact, so that the support is as wide as the
overhang. What a bridge spans is none, where bridges are left alone. Islands that begin in the air
are contacts always. Source: facts of slicers 2.9, E1, E6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.exchanges import gains
from printstd.kernels.overhang import is_bridged
from printstd.kernels.rings import EMPTY, Rings, same
from printstd.toolpath.supports.areas import SupportSpec, free_reach_nm

_SLIVER_RATIO: Final = 0.1
"""Of an external perimeter: half the width under which what reaches too far does so by the
roundings of its outline."""

_ISLAND_RATIO: Final = 0.25
"""Of an external perimeter: narrower islands than that are not printed."""

_SAME_MM2: Final = 1e-3
"""What roundings of outlines may add to an area at most."""

_LEAST_NM: Final = 5_000
"""Half the width under which what lies over nothing in an enforcer is rounding of outlines."""


def contacts_of(
    sections: Sequence[Rings],
    below: Sequence[Rings | None],
    height_nm: Sequence[int],
    spec: SupportSpec,
) -> list[Rings]:
    """The contacts of some layers, each by itself.

    sections : compensated. below : the section under each of them; None on the bed or the raft.
    height_nm : of each layer.
    """
    keys = [
        (id(section), id(under), height)
        for section, under, height in zip(sections, below, height_nm, strict=True)
    ]
    distinct = dict(zip(keys, zip(sections, below, height_nm, strict=True), strict=True))
    found = dict.fromkeys(distinct, EMPTY)
    for key, new in _may_hang(distinct, spec).items():
        section, under, height = distinct[key]
        found[key] = _contact(section, under or EMPTY, new, free_reach_nm(spec, height), spec)
    return [found[key] for key in keys]


_Key = tuple[int, int, int]


def _may_hang(
    layers: Mapping[_Key, tuple[Rings, Rings | None, int]], spec: SupportSpec
) -> dict[_Key, Area]:
    """What is new on the layers that reach beyond the one below by more than a rim, on the bed
    nothing. What reaches too far lies in a place as wide as the free reach and the narrowest
    contact together; no bead is laid along an island of a quarter of its width."""
    kept = [
        key
        for key, (section, under, _) in layers.items()
        if under is not None and not section.is_empty and not same(section, under)
    ]
    pairs = [(layers[key][1] or EMPTY, layers[key][0]) for key in kept]
    least = [free_reach_nm(spec, layers[key][2]) + 2 * _sliver_nm(spec) for key in kept]
    rims = [-min(width // 4, round(spec.external_nm * _ISLAND_RATIO / 2)) for width in least]
    new = gains(pairs)
    cores = clip.offset_each(new, rims)
    rows = zip(kept, new, cores, strict=True)
    return {key: area for key, area, core in rows if not core.is_empty}


def _sliver_nm(spec: SupportSpec) -> int:
    return round(spec.external_nm * _SLIVER_RATIO)


def as_wished(
    contact: Rings, section: Rings, below: Rings | None, blocked: Rings, enforced: Rings
) -> Rings:
    """A contact without what lies in a blocker, and with all that lies over nothing in an
    enforcer, however little it hangs."""
    if blocked.is_empty and enforced.is_empty:
        return contact
    area = Area.of(contact) - Area.of(blocked)
    if below is not None and not enforced.is_empty:
        in_air = (Area.of(section) - Area.of(below)) & Area.of(enforced)
        area = area | in_air.offset(-_LEAST_NM, _LEAST_NM)
    return area.rings()


def _contact(section: Rings, below: Rings, new: Area, reach_nm: int, spec: SupportSpec) -> Rings:
    """new : of the section, what is not over the one below."""
    if below.is_empty:
        return section
    under, sliver = Area.of(below), _sliver_nm(spec)
    too_far = (new - under.offset(reach_nm)).offset(-sliver, sliver)
    # Back to all that is over nothing beside what reaches too far.
    grown = new if too_far.is_empty else too_far.offset(reach_nm + sliver) & new
    hanging = [] if too_far.is_empty else _kept(grown, below, spec)
    floating = _islands_in_air(Area.of(section), under, new)
    if not hanging and not floating:
        return EMPTY
    return clip.united([*hanging, *floating]).rings()


def _kept(hanging: Area, below: Rings, spec: SupportSpec) -> list[Area]:
    """The islands worth a support, bridges left out."""
    kept = []
    for island in hanging.islands():
        if island.area_mm2 * 1e12 < spec.min_area_nm2:
            continue
        if spec.longest_bridge_nm is not None and is_bridged(
            island.rings(), below, 2 * spec.carried_nm, spec.longest_bridge_nm
        ):
            continue
        kept.append(island)
    return kept


def _islands_in_air(whole: Area, under: Area, new: Area) -> list[Area]:
    """The islands of a section that touch nothing of the one below: all of each is new."""
    most = new.area_mm2 + _SAME_MM2
    return [
        island for island in whole.islands() if island.area_mm2 <= most and not island.meets(under)
    ]
