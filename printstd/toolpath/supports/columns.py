"""Normal supports: what hangs is projected straight down, to the bed or to the part.

From the top down, every layer's column is the one above it and what the layers that it may hold ask
for, made to cells (`grid`) or with narrow gaps closed (`snug`), less the part's sections around,
grown by the gap. So a column only ever ends over the part or the bed. Source: facts of slicers 2.9,
E2, E4, E6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

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
    cuts: list[_Cut] = []
    column, trimmed_by, kept_from = _NOTHING, None, _Kept(set(), set())
    for layer in range(max(tops, default=-1), -1, -1):
        if layer in tops:
            column, trimmed_by = _shaped(column | tops[layer], spec), None
            kept_from = _Kept(set(), set())
        if column.is_empty:
            continue
        if spec.on_build_plate_only:
            forbidden = gaps.under(layer)
            if forbidden is not trimmed_by:
                column, trimmed_by = column - forbidden, forbidden
        else:
            # What it was kept from above, it is kept from: it only grows where tops join it.
            column = gaps.trimmed(column, layer, kept_from.trimmed)
        near = [k for k in range(layer, layer + spec.top_interface_layers) if k in tops]
        stood_on = []
        if spec.bottom_interface_layers:
            stood_on = gaps.stood_on(column, layer, kept_from.clear)
        cuts.append(_Cut(layer, column, tuple(near), tuple(stood_on)))
    parts = [(_NOTHING, _NOTHING)] * len(sections)
    for cut, both in zip(cuts, _parted(cuts, tops, spec), strict=True):
        parts[cut.layer] = both
    distinct_ = {id(area): area for both in parts for area in both}
    rings = dict(zip(distinct_, clip.rings_of(list(distinct_.values())), strict=True))
    return SupportAreas([rings[id(a)] for a, _ in parts], [rings[id(a)] for _, a in parts])


class _Kept(NamedTuple):
    """Sections, by identity, that a column has been kept from, and such that it does not stand on.
    It keeps so on its way down."""

    trimmed: set[int]
    clear: set[int]


class _Cut(NamedTuple):
    """A layer's column. near : the layers of the tops that its interface lies under. stood_on :
    the sections that it stands on."""

    layer: int
    column: Area
    near: tuple[int, ...]
    stood_on: tuple[Area, ...]


def tops_of(contacts: Sequence[Rings], levels: Levels, spec: SupportSpec) -> dict[int, Area]:
    """What each layer's support may hold: the contacts of all layers that rest on it, narrow ones
    with so much around them that a bead fits beside the gap."""
    found: dict[int, list[Area]] = {}
    for contact, rests_on in zip(contacts, levels.rests_on.tolist(), strict=True):
        if rests_on >= 0 and not contact.is_empty:
            found.setdefault(rests_on, []).append(Area.of(contact))
    return dict(
        zip(found, _widened([clip.united(own) for own in found.values()], spec), strict=True)
    )


def _widened(tops: list[Area], spec: SupportSpec) -> list[Area]:
    room = spec.width_nm // 2 + spec.xy_gap_nm
    core = clip.watched_offsets(tops, [-room] * len(tops))
    rows = [i for i, one in enumerate(core) if not one.is_reversible]
    wide = clip.offset_each([core[i].area for i in rows], [room] * len(rows))
    narrow = [tops[i] - area for i, area in zip(rows, wide, strict=True)]
    grown = clip.offset_each(
        clip.opened_each(narrow, [_SPECK_NM] * len(rows)), [room] * len(rows), join=Join.SQUARE
    )
    found = list(tops)
    for i, area in zip(rows, grown, strict=True):
        found[i] = tops[i] if area.is_empty else tops[i] | area
    return found


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
    cuts: Sequence[_Cut], tops: dict[int, Area], spec: SupportSpec
) -> list[tuple[Area, Area]]:
    """(body, interface) of each column."""
    found = [(cut.column, _NOTHING) for cut in cuts]
    under: dict[tuple[int, ...], Area] = {(): _NOTHING}
    for cut in cuts:
        if cut.near not in under:
            under[cut.near] = closed(clip.united([tops[k] for k in cut.near]), spec.closing_nm)
    rows = [i for i, cut in enumerate(cuts) if cut.near or cut.stood_on]
    dense = [clip.united([under[cuts[i].near], *cuts[i].stood_on]) for i in rows]
    rest = [cuts[i].column - area for i, area in zip(rows, dense, strict=True)]
    # Strips beside it in which no line of the body has room are made dense with it.
    half = spec.width_nm // 2
    core = clip.watched_offsets(rest, [-half] * len(rows))
    tight = [nth for nth, one in enumerate(core) if not one.is_reversible]
    wide = clip.offset_each([core[nth].area for nth in tight], [half] * len(tight))
    strips = [rest[nth] - area for nth, area in zip(tight, wide, strict=True)]
    around = clip.offset_each([dense[nth] for nth in tight], [_SPECK_NM] * len(tight))
    for nth, strip, near in zip(tight, strips, around, strict=True):
        beside = [] if strip.is_empty else clip.islands_that_meet(strip, near)
        rest[nth] = rest[nth] - clip.united(beside) if beside else rest[nth]
    for i, body in zip(rows, rest, strict=True):
        found[i] = body, cuts[i].column - body
    return found


_BLOCK: Final = 16
"""Layers whose sections are grown together."""


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
        keys = tuple(self._near(layer))
        if keys not in self._united:
            self._united[keys] = clip.united([self._grown_of(key, layer) for key in keys])
        return self._united[keys]

    def under(self, layer: int) -> Area:
        """`around` of this layer and all below it."""
        while len(self._under) <= layer:
            mine = self.around(len(self._under))
            if self._under:
                before = self._under[-1]
                mine = before if (mine - before).is_empty else before | mine
            self._under.append(mine)
        return self._under[layer]

    def trimmed(self, column: Area, layer: int, done: set[int]) -> Area:
        """Without what lies `around` this layer. done : the sections that the column has been kept
        from already; these are added to them."""
        near = self._near(layer)
        grown = [self._grown_of(key, layer) for key in near if key not in done]
        done.update(near)
        return column - clip.united(grown) if grown else column

    def _near(self, layer: int) -> dict[int, None]:
        levels = self._levels
        layers = range(int(levels.low[layer]), int(levels.high[layer]) + 1)
        return dict.fromkeys(id(self._sections[k]) for k in layers)

    def stood_on(self, column: Area, layer: int, clear: set[int]) -> list[Area]:
        """What of the part is so near under a column of this layer that its interface is there:
        the sections that it stands on. clear : sections that are known not to meet it; those that
        are found are added to them."""
        low = int(self._levels.low[layer])
        first = max(0, low - self._spec.bottom_interface_layers)
        near = {id(section): section for section in self._sections[first:low]}
        found = []
        for key, section in near.items():
            if key in clear:
                continue
            area = self._area(section)
            if column.meets(area):
                found.append(area)
            else:
                clear.add(key)
        return found

    def _area(self, section: Rings) -> Area:
        if id(section) not in self._areas:
            self._areas[id(section)] = Area.of(section)
        return self._areas[id(section)]

    def _grown_of(self, key: int, layer: int) -> Area:
        """The section of that identity, grown by the gap; with it those of all layers around this
        one that are not known yet."""
        if key not in self._grown:
            first = max(0, int(self._levels.low[layer]) // _BLOCK * _BLOCK)
            block = self._sections[
                first : int(self._levels.high[layer]) // _BLOCK * _BLOCK + _BLOCK
            ]
            new = {id(own): own for own in block if id(own) not in self._grown}
            gap = [self._spec.xy_gap_nm] * len(new)
            self._grown.update(zip(new, clip.offset_rings(list(new.values()), gap), strict=True))
        return self._grown[key]
