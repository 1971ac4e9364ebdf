"""What each part of a layer's fill area is: skin, solid shell, bridge or sparse infill.

An area is *exposed* from above where the next section does not cover it, from below where the
last one does not. All that lies within `top_layers` under something exposed from above, or within
`bottom_layers` over something exposed from below, is solid: a point leaves the sections above it
for the first time at one layer, where it is exposed, so the union of the exposures of a window of
layers is exactly what the intersection of the window's sections leaves out. Exposures are small
and mostly empty, intersections are not.

Source: facts of slicers 2.4, 2.5, D7, D8, D11, D14.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.rings import EMPTY, Rings
from printstd.named_tuple import NamedTuple
from printstd.toolpath.exposure import Exposed
from printstd.toolpath.spec import LayerSpec

BRIDGE_ANCHOR_NM: Final = 3_000_000
"""How far a bridge reaches onto what carries it."""
SLIVER_RATIO: Final = 0.3
"""Of a solid line's spacing: half the width under which an area takes no infill."""


_SLIM_RATIO: Final = 0.95
"""So that no rounding of the polygon library decides whether something is slim."""


class Surfaces(NamedTuple):
    """The fill area of one layer in parts that do not overlap, its overlap with the walls in it.

    top : seen from above (not where it is seen from below too). bottom : lies on the bed.
    bridge : over nothing, with what it is anchored on. solid : shells inside the part.
    internal_bridge : the part of those that lies over sparse infill. sparse : the rest. ironed :
    what of the top is gone over once more, without what lies under the walls of the layer above.
    """

    top: Rings
    bottom: Rings
    bridge: Rings
    solid: Rings
    internal_bridge: Rings
    sparse: Rings
    ironed: Rings = EMPTY


NO_SURFACES: Final = Surfaces(EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY)
_NOTHING: Final = Area.of(EMPTY)


def classify(
    sections: Sequence[Rings],
    fills: Sequence[Rings],
    exposed: Sequence[Exposed],
    *,
    first: int,
    count: int,
    specs: Sequence[LayerSpec],
    at_bottom: bool,
    at_top: bool,
) -> list[Surfaces]:
    """Surfaces of `count` layers from index `first` of the lists on.

    sections : compensated sections of consecutive layers. fills : what `walls.plan_walls` left
    of each to infill. exposed : of each against the one below it (`exposure.along`). specs : one
    per layer. The lists hold `exposure.halo` more layers on each side of those asked for, or all
    there are: at_bottom, at_top say that the first one lies on the bed, that nothing comes after
    the last one. What is found does not depend on how the layers of a part are divided into runs.
    """
    stack = SkinStack(sections, fills, exposed, specs, at_bottom=at_bottom, at_top=at_top)
    below = stack.parts(first - 1).sparse if first else _NOTHING
    found: list[Area] = []
    for layer in range(first, first + count):
        parts = stack.parts(layer)
        solid, bridge = over_sparse(parts.solid, below, specs[layer])
        found += [parts.top, parts.bottom, parts.bridge, solid, bridge, parts.sparse]
        found.append(stack.ironed(layer))
        below = parts.sparse
    rings = clip.rings_of(found)
    return [Surfaces(*rings[i : i + 7]) for i in range(0, len(rings), 7)]


class _Parts(NamedTuple):
    top: Area
    bottom: Area
    bridge: Area
    solid: Area
    sparse: Area


_NO_PARTS: Final = _Parts(*[_NOTHING] * 5)


class _Skin(NamedTuple):
    """One layer's exposed areas. seen : from above, inside the fill area; top : the same grown
    under the walls above, and bottom to its anchors. above, below : all that asks for solid layers
    under it, over it."""

    seen: Area
    top: Area
    bottom: Area
    above: Area
    below: Area


_NO_SKIN: Final = _Skin(*[_NOTHING] * 5)


class SkinStack:
    """A run of layers whose skins are found when first needed."""

    def __init__(
        self,
        sections: Sequence[Rings],
        fills: Sequence[Rings],
        exposed: Sequence[Exposed],
        specs: Sequence[LayerSpec],
        *,
        at_bottom: bool,
        at_top: bool,
    ) -> None:
        self._sections, self._exposed = sections, exposed
        self._specs = specs
        # A layer asks for solid ones under itself also where it lies in a range without tops.
        self._has_tops = any(spec.top_layers for spec in specs)
        self._has_bottoms = any(spec.bottom_layers for spec in specs)
        keys = [(id(fill), id(spec)) for fill, spec in zip(fills, specs, strict=True)]
        distinct = dict(zip(keys, zip(fills, specs, strict=True), strict=True))
        rooms = dict(zip(distinct, rooms_of(list(distinct.values())), strict=True))
        self._rooms = [rooms[key] for key in keys]
        self._at_bottom, self._at_top = at_bottom, at_top
        self._skins: list[_Skin | None] = [None] * len(sections)
        self._is_slim = _slim(exposed, specs)

    def parts(self, layer: int) -> _Parts:
        spec, whole = self._specs[layer], self._rooms[layer]
        if whole.is_empty:
            return _NO_PARTS
        skin = self._skin(layer)
        bottom, top = skin.bottom, _minus(skin.top, skin.bottom)
        on_bed = self._lies_on_bed(layer)
        rest = _minus(_minus(whole, bottom), top)
        if rest.is_empty:
            sparse = solid = _NOTHING
        elif spec.density_ratio >= 1.0:
            sparse, solid = _NOTHING, rest
        else:
            sparse = _sparse(rest, self._shell(layer), spec)
            solid = _minus(rest, sparse)
        nothing = _NOTHING
        return _Parts(top, *((bottom, nothing) if on_bed else (nothing, bottom)), solid, sparse)

    def ironed(self, layer: int) -> Area:
        """What is seen from above, if it is to be ironed; bridges are too weak for it."""
        if self._specs[layer].ironing is None or self._rooms[layer].is_empty:
            return _NOTHING
        skin = self._skin(layer)
        return _minus(skin.seen, _NOTHING if self._lies_on_bed(layer) else skin.bottom)

    def _lies_on_bed(self, layer: int) -> bool:
        return layer == 0 and self._at_bottom

    def _shell(self, layer: int) -> Area:
        """What skins of this and near layers want solid here, slivers left out."""
        spec = self._specs[layer]
        last = min(layer + spec.top_layers, len(self._specs))
        lowest = max(layer - spec.bottom_layers + 1, 0)
        near = [self._skin(i).above for i in range(layer, last)]
        near += [self._skin(i).below for i in range(lowest, layer + 1)]
        shell = clip.united(near)
        if shell.is_empty:
            return shell
        sliver = round(spec.solid.spacing_nm * SLIVER_RATIO)
        return (shell & self._rooms[layer]).offset(-sliver, sliver)

    def _skin(self, layer: int) -> _Skin:
        found = self._skins[layer]
        if found is None:
            found = self._skins[layer] = self._find_skin(layer)
        return found

    def _find_skin(self, layer: int) -> _Skin:
        spec, whole = self._specs[layer], self._rooms[layer]
        above = self._above(layer) if self._has_tops else _NOTHING
        below = self._below(layer) if self._has_bottoms else _NOTHING
        if above.is_empty and below.is_empty:
            return _NO_SKIN
        seen = top = bottom = _NOTHING
        if spec.top_layers:
            seen = _worth(above & whole, spec)
            top = _grown(seen, whole, _wall_band_nm(spec))
        if spec.bottom_layers:
            bottom = _grown(_worth(below & whole, spec), whole, BRIDGE_ANCHOR_NM)
        if not spec.ensure_vertical:
            # Steep slopes are left to the walls: of what they expose, narrow steps do not count.
            half = spec.external.width_nm // 2
            above, below = above.offset(-half, half), below.offset(-half, half)
        # Walls stand on the edge of a top: it is solid under them as well.
        return _Skin(seen, top, bottom, clip.united([above, top]), below)

    def _above(self, layer: int) -> Area:
        """What of a section the one above it does not cover; nothing, where that is so slim that
        nothing comes of it."""
        if layer + 1 < len(self._sections):
            return (
                _NOTHING if self._is_slim[layer + 1][1] else Area.of(self._exposed[layer + 1].gone)
            )
        return Area.of(self._sections[layer]) if self._at_top else _NOTHING

    def _below(self, layer: int) -> Area:
        """What of a section the one below it does not cover; nothing, where that is so slim that
        nothing comes of it."""
        if layer:
            return _NOTHING if self._is_slim[layer][0] else Area.of(self._exposed[layer].come)
        return Area.of(self._sections[layer]) if self._at_bottom else _NOTHING


def room(fill: Rings, spec: LayerSpec) -> Area:
    """`rooms_of` a single layer."""
    return rooms_of([(fill, spec)])[0]


def rooms_of(layers: Sequence[tuple[Rings, LayerSpec]]) -> list[Area]:
    """The area that infill takes of each layer's fill: slivers left out, and grown to overlap the
    innermost wall by `overlap_ratio` of half its spacing and half an infill line's (facts of
    slicers 2.4), never past the wall's centreline."""
    overlaps, slivers = [], []
    for _, spec in layers:
        wall = spec.inner if spec.wall_count > 1 else spec.external
        overlap = round(spec.overlap_ratio * (wall.spacing_nm + spec.solid.spacing_nm) / 2)
        overlaps.append(min(overlap, wall.spacing_nm // 2))
        slivers.append(round(spec.solid.spacing_nm * SLIVER_RATIO))
    cores = clip.offset_rings([fill for fill, _ in layers], [-sliver for sliver in slivers])
    both = [a + b for a, b in zip(slivers, overlaps, strict=True)]
    return clip.offset_each(cores, both)


def _slim(exposed: Sequence[Exposed], specs: Sequence[LayerSpec]) -> list[tuple[bool, bool]]:
    """Of what comes and of what goes on each layer, whether no line of skin fits in it, nor the
    half of a wall's bead: inset by less than either, nothing is left. All layers are asked at once,
    for less than the steps that follow take one by one."""
    if not exposed or any(spec.ensure_vertical for spec in specs):
        return [(False, False)] * len(exposed)
    least = min(min(spec.solid.spacing_nm, spec.external.width_nm) for spec in specs)
    distinct = {id(rings): rings for one in exposed for rings in one}
    insets = [-round(least / 2 * _SLIM_RATIO)] * len(distinct)
    found = clip.offset_rings(list(distinct.values()), insets)
    is_slim = {key: left.is_empty for key, left in zip(distinct, found, strict=True)}
    return [(is_slim[id(one.come)], is_slim[id(one.gone)]) for one in exposed]


def _wall_band_nm(spec: LayerSpec) -> int:
    """How wide a band the walls take, and a solid line: tops reach so far under the walls of the
    layer above."""
    inner = (spec.wall_count - 1) * spec.inner.spacing_nm
    return spec.external.width_nm + inner + spec.solid.spacing_nm


def _minus(a: Area, b: Area) -> Area:
    return a if a.is_empty or b.is_empty else a - b


def _worth(area: Area, spec: LayerSpec) -> Area:
    """Without strips too narrow for a line of skin."""
    if area.is_empty:
        return area
    half = spec.solid.spacing_nm // 2
    return area.offset(-half, half)


def _grown(seed: Area, whole: Area, by_nm: int) -> Area:
    """`seed` grown within `whole`; what it would reach beyond a gap is left out."""
    if seed.is_empty:
        return seed
    grown = seed.offset(by_nm) & whole
    return clip.united(clip.islands_that_meet(grown, seed))


def _sparse(rest: Area, shell: Area, spec: LayerSpec) -> Area:
    """What of `rest` is left for sparse infill."""
    sparse = rest
    if not shell.is_empty:
        sparse = rest - shell
        # Strips between shell and walls that hold no two lines are better solid.
        (core,) = clip.watched_offsets([sparse], [-spec.solid.spacing_nm])
        narrow = _NOTHING
        if not core.is_reversible:
            narrow = sparse - core.area.offset(spec.solid.spacing_nm)
        if not narrow.is_empty:
            beside = shell.offset(spec.solid.spacing_nm // 10)
            sparse = _minus(sparse, clip.united(clip.islands_that_meet(narrow, beside)))
    if spec.solid_below_area_nm2 and not sparse.is_empty:
        islands = sparse.islands()
        kept = [i for i in islands if i.area_mm2 * 1e12 >= spec.solid_below_area_nm2]
        if len(kept) < len(islands):
            sparse = clip.united(kept)
    return sparse


def over_sparse(solid: Area, below: Area, spec: LayerSpec) -> tuple[Area, Area]:
    """(what lies on solid, what bridges sparse infill) of an internal solid area."""
    if solid.is_empty or below.is_empty:
        return solid, _NOTHING
    # Lines narrower than this hold on to what is beside them.
    half = 2 * spec.solid.width_nm
    bridge = (solid & below).offset(-half, half)
    if bridge.is_empty:
        return solid, bridge
    bridge = bridge.offset(spec.solid.width_nm) & solid
    return solid - bridge, bridge
