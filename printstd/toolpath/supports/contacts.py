"""Contacts: which part of every layer must be held from below.

A layer holds itself where it reaches no further beyond the one below than `free_reach_nm`. Where
it reaches further, all that lies over nothing is a contact, so that the support is as wide as the
overhang. What a bridge spans is none, where bridges are left alone. Islands that begin in the air
are contacts always. Source: facts of slicers 2.9, E1, E6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.overhang import is_bridged
from printstd.kernels.rings import EMPTY, Rings, same
from printstd.toolpath.supports.areas import SupportSpec, free_reach_nm

_SLIVER_RATIO: Final = 0.1
"""Of an external perimeter: half the width under which what reaches too far does so by the
roundings of its outline."""

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
    found: dict[tuple[int, int, int], Rings] = {}
    out = []
    for section, under, height in zip(sections, below, height_nm, strict=True):
        key = id(section), id(under), height
        if key not in found:
            found[key] = _contact(section, under, free_reach_nm(spec, height), spec)
        out.append(found[key])
    return out


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


def _contact(section: Rings, below: Rings | None, reach_nm: int, spec: SupportSpec) -> Rings:
    if below is None or section.is_empty or same(section, below):
        return EMPTY
    whole, under = Area.of(section), Area.of(below)
    if below.is_empty:
        return section
    sliver = round(spec.external_nm * _SLIVER_RATIO)
    too_far = (whole - under.offset(reach_nm)).offset(-sliver, sliver)
    in_air = whole - under
    # Back to all that is over nothing beside what reaches too far.
    grown = in_air if too_far.is_empty else too_far.offset(reach_nm + sliver) & in_air
    hanging = [] if too_far.is_empty else _kept(grown, below, spec)
    floating = _islands_in_air(whole, under)
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


def _islands_in_air(whole: Area, under: Area) -> list[Area]:
    """The islands of a section that touch nothing of the one below."""
    islands = whole.islands()
    return [island for island in islands if not island.meets(under)]
