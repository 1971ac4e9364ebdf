"""Normal supports: what hangs is projected straight down, to the bed or to the part.

From the top down, every layer's column is the one above it and what the layers that it may hold ask
for, made to cells (`grid`) or with narrow gaps closed (`snug`), less the part's sections around,
grown by the gap. So a column only ever ends over the part or the bed. Source: facts of slicers 2.9,
E2, E4, E6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from printstd.kernels import clip
from printstd.kernels.cells import cells_of
from printstd.kernels.clip import Area, Join
from printstd.kernels.rings import EMPTY, Rings
from printstd.profiles.supports import SupportStyle
from printstd.toolpath.supports.areas import Levels, SupportAreas, SupportSpec

_NOTHING: Final = Area.of(EMPTY)
_SPECK_NM: Final = 2_000
"""A cell that an overhang enters by less is none of its."""
_OUTLINE_RATIO: Final = 0.025
"""Of a support's line: how far the outline of a column may be from what it was."""


def columns(
    contacts: Sequence[Rings], sections: Sequence[Rings], levels: Levels, spec: SupportSpec
) -> SupportAreas:
    """Areas of the styles `grid` and `snug`; all lists hold one entry per layer."""
    return columns_under(tops_of(contacts, levels, spec), sections, levels, spec)


def columns_under(
    tops: dict[int, Area], sections: Sequence[Rings], levels: Levels, spec: SupportSpec
) -> SupportAreas:
    """Columns that end in the tops, by the layer that these lie on."""
    gaps = Gaps(sections, levels, spec)
    body, dense = [_NOTHING] * len(sections), [_NOTHING] * len(sections)
    column, trimmed_by = _NOTHING, None
    for layer in range(max(tops, default=-1), -1, -1):
        if layer in tops:
            column, trimmed_by = _shaped(column | tops[layer], spec), None
        if column.is_empty:
            continue
        forbidden = gaps.around(layer)
        if spec.on_build_plate_only:
            forbidden = gaps.under(layer)
        if forbidden is not trimmed_by:
            column, trimmed_by = column - forbidden, forbidden
        body[layer], dense[layer] = _parted(column, layer, tops, gaps, spec)
    distinct_ = {id(area): area for area in (*body, *dense)}
    rings = dict(zip(distinct_, clip.rings_of(list(distinct_.values())), strict=True))
    return SupportAreas([rings[id(a)] for a in body], [rings[id(a)] for a in dense])


def tops_of(contacts: Sequence[Rings], levels: Levels, spec: SupportSpec) -> dict[int, Area]:
    """What each layer's support may hold: the contacts of all layers that rest on it, narrow ones
    with so much around them that a bead fits beside the gap."""
    found: dict[int, list[Area]] = {}
    for contact, rests_on in zip(contacts, levels.rests_on.tolist(), strict=True):
        if rests_on >= 0 and not contact.is_empty:
            found.setdefault(rests_on, []).append(Area.of(contact))
    return {layer: _widened(clip.united(areas), spec) for layer, areas in found.items()}


def _widened(top: Area, spec: SupportSpec) -> Area:
    room = spec.width_nm // 2 + spec.xy_gap_nm
    narrow = top - top.offset(-room, room)
    half = spec.width_nm // 2
    narrow = narrow.offset(-_SPECK_NM, _SPECK_NM)
    return top if narrow.is_empty else top | narrow.offset(half + spec.xy_gap_nm, join=Join.SQUARE)


def _shaped(column: Area, spec: SupportSpec) -> Area:
    if spec.style is SupportStyle.GRID:
        pitch = spec.spacing_nm + spec.width_nm
        return column | Area.of(cells_of(column.offset(-_SPECK_NM).rings(), pitch))
    # What layer after layer adds, each with corners of its own, would be carried down to the bed.
    return closed(column, spec.closing_nm).simplified(round(_OUTLINE_RATIO * spec.width_nm))


def closed(area: Area, radius_nm: int) -> Area:
    """With gaps and notches up to twice the radius wide filled."""
    if not radius_nm:
        return area
    return area | area.offset(radius_nm, -radius_nm, join=Join.SQUARE)


def _parted(
    column: Area, layer: int, tops: dict[int, Area], gaps: Gaps, spec: SupportSpec
) -> tuple[Area, Area]:
    """(body, interface) of a column."""
    near = [tops[k] for k in range(layer, layer + spec.top_interface_layers) if k in tops]
    stood_on = gaps.stood_on(column, layer) if spec.bottom_interface_layers else []
    if not near and not stood_on:
        return column, _NOTHING
    dense = closed(clip.united(near), spec.closing_nm) if near else _NOTHING
    dense = clip.united([dense, *stood_on])
    half = spec.width_nm // 2
    # Strips beside it in which no line of the body has room are made dense with it.
    rest = column - dense
    strips = rest - rest.offset(-half, half)
    if not strips.is_empty:
        beside = clip.islands_that_meet(strips, dense.offset(_SPECK_NM))
        rest = rest - clip.united(beside) if beside else rest
    return rest, column - rest


class Gaps:
    """What the part keeps free around it, layer by layer."""

    def __init__(self, sections: Sequence[Rings], levels: Levels, spec: SupportSpec) -> None:
        self._sections, self._levels, self._spec = sections, levels, spec
        self._areas: dict[int, Area] = {}
        self._grown: dict[int, Area] = {}
        self._united: dict[tuple[int, ...], Area] = {}
        self._under: list[Area] = []

    def around(self, layer: int) -> Area:
        """Where no support of this layer may be: the sections that it must keep away from, grown
        by the gap. The same object for layers with the same sections around."""
        levels = self._levels
        return self._all(range(int(levels.low[layer]), int(levels.high[layer]) + 1))

    def under(self, layer: int) -> Area:
        """`around` of this layer and all below it."""
        while len(self._under) <= layer:
            mine = self.around(len(self._under))
            if self._under:
                before = self._under[-1]
                mine = before if (mine - before).is_empty else before | mine
            self._under.append(mine)
        return self._under[layer]

    def stood_on(self, column: Area, layer: int) -> list[Area]:
        """What of the part is so near under a column of this layer that its interface is there:
        the sections that it stands on."""
        low = int(self._levels.low[layer])
        first = max(0, low - self._spec.bottom_interface_layers)
        near = {id(section): section for section in self._sections[first:low]}
        found = [self._area(section) for section in near.values()]
        return [area for area in found if column.meets(area)]

    def _area(self, section: Rings) -> Area:
        if id(section) not in self._areas:
            self._areas[id(section)] = Area.of(section)
        return self._areas[id(section)]

    def _all(self, layers: range) -> Area:
        keys = tuple(dict.fromkeys(id(self._sections[k]) for k in layers))
        if keys not in self._united:
            found = {id(self._sections[k]): self._sections[k] for k in layers}
            for key, section in found.items():
                if key not in self._grown:
                    area = self._area(section)
                    self._grown[key] = area if area.is_empty else area.offset(self._spec.xy_gap_nm)
            self._united[keys] = clip.united([self._grown[key] for key in keys])
        return self._united[keys]
