"""Contacts: which part of every layer must be held from below.

A layer holds itself where it reaches no further beyond the one below than `free_reach_nm`. Where
it reaches further, all that lies over nothing is a contact, so that the support is as wide as the
overhang. What a bridge spans is none, where bridges are left alone. Islands that begin in the air
are contacts always. Source: facts of slicers 2.9, E1, E6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.exchanges import gains
from printstd.kernels.overhang import is_bridged
from printstd.kernels.rings import EMPTY, Rings, same, signed_area2
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
    asked = []
    for key, new in _may_hang(distinct, spec).items():
        section, under, height = distinct[key]
        asked.append(_Asked(key, section, under or EMPTY, new, free_reach_nm(spec, height)))
    found.update(zip((one.key for one in asked), _contacts(asked, spec), strict=True))
    return [found[key] for key in keys]


_Key = tuple[int, int, int]


class _Asked(NamedTuple):
    """A layer that may hang. new : of the section, what is not over the one below."""

    key: _Key
    section: Rings
    below: Rings
    new: Area
    reach_nm: int


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


def _contacts(asked: Sequence[_Asked], spec: SupportSpec) -> list[Rings]:
    sliver = _sliver_nm(spec)
    under = clip.offset_rings([one.below for one in asked], [one.reach_nm for one in asked])
    beyond = [one.new - area for one, area in zip(asked, under, strict=True)]
    too_far = clip.opened_each(beyond, [sliver] * len(beyond))
    rows = [i for i, area in enumerate(too_far) if not area.is_empty]
    # Back to all that is over nothing beside what reaches too far.
    back = clip.offset_each([too_far[i] for i in rows], [asked[i].reach_nm + sliver for i in rows])
    grown = dict(zip(rows, back, strict=True))
    floating = _islands_in_air(asked)
    found = []
    for i, (one, in_air) in enumerate(zip(asked, floating, strict=True)):
        if one.below.is_empty:
            found.append(Area.of(one.section))
            continue
        hanging = _kept(grown[i] & one.new, one.below, spec) if i in grown else []
        found.append(clip.united([*hanging, *in_air]))
    return clip.rings_of(found)


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


def _islands_in_air(asked: Sequence[_Asked]) -> list[list[Area]]:
    """Of each section the islands that touch nothing of the one below: all of each is new."""
    least: dict[int, float] = {}
    under: dict[int, Area] = {}
    found = []
    for one in asked:
        most = one.new.area_mm2 + _SAME_MM2
        if id(one.section) not in least:
            least[id(one.section)] = _least_island_mm2(one.section)
        islands = []
        if least[id(one.section)] <= most:
            islands = [own for own in Area.of(one.section).islands() if own.area_mm2 <= most]
        if islands and id(one.below) not in under:
            under[id(one.below)] = Area.of(one.below)
        found.append([own for own in islands if not own.meets(under[id(one.below)])])
    return found


def _least_island_mm2(section: Rings) -> float:
    """No island of a section is smaller: all holes may lie in its smallest ring."""
    area_mm2 = signed_area2(section) * 0.5e-12
    outer = area_mm2[area_mm2 > 0]
    return float(outer.min(initial=np.inf) + area_mm2[area_mm2 < 0].sum())
