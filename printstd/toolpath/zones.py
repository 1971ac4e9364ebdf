"""Zones of a part: where inside it other settings hold than in the rest (modifiers of a project).

A zone is a set of regions and lies inside all of them and outside all others, so zones never
overlap. The outline and the walls that all zones have in common run through them as if there were
none; where a zone has more walls than another, the further ones run along its border.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.rings import EMPTY, Rings
from printstd.toolpath import exposure
from printstd.toolpath.exposure import Exposed
from printstd.toolpath.spec import LayerSpec
from printstd.toolpath.surfaces import SkinStack, Surfaces, over_sparse
from printstd.toolpath.wall_areas import FewerWalls

_SEAM_NM: Final = 500
"""Half of what rounding leaves open between what touches along the border of a zone."""
_NOTHING: Final = Area.of(EMPTY)


class ZoneLayers(NamedTuple):
    """specs, areas : one per layer of the part. Zones of one part do not overlap."""

    specs: list[LayerSpec]
    areas: Sequence[Rings]


def zones_of(regions: Sequence[Sequence[Rings]]) -> list[tuple[tuple[int, ...], list[Rings]]]:
    """(numbers of the regions that it lies inside of, area in each layer) of every zone.

    regions : of each one, its area in each layer. What is outside of all is no zone.
    """
    n_layers = len(regions[0]) if regions else 0
    found: dict[tuple[int, ...], list[Rings]] = {}
    known: dict[object, dict[tuple[int, ...], Rings]] = {}
    for layer in range(n_layers):
        own = [region[layer] for region in regions]
        key = tuple((rings.offsets.tobytes(), rings.xy_nm.tobytes()) for rings in own)
        if key not in known:
            known[key] = _zones_in_layer(own)
        for numbers, rings in known[key].items():
            found.setdefault(numbers, [EMPTY] * n_layers)[layer] = rings
    return sorted(found.items())


def _zones_in_layer(regions: Sequence[Rings]) -> dict[tuple[int, ...], Rings]:
    zones: dict[tuple[int, ...], Area] = {}
    for number, rings in enumerate(regions):
        if rings.is_empty:
            continue
        region = Area.of(rings)
        alone = region
        for numbers, area in list(zones.items()):
            alone = alone - area
            zones[numbers], zones[(*numbers, number)] = area - region, area & region
        zones[number,] = alone
    kept = {numbers: area for numbers, area in zones.items() if not area.is_empty}
    return dict(zip(kept, clip.rings_of(list(kept.values())), strict=True))


# -------------------------------------------------------------------------------------- walls


def specs_of_walls(specs: list[LayerSpec], zones: Sequence[ZoneLayers]) -> list[LayerSpec]:
    """The specs of a part with as many walls as any of its zones has in a layer."""
    shared: dict[tuple[int, int], LayerSpec] = {}
    found = []
    for layer, spec in enumerate(specs):
        counts = [zone.specs[layer].wall_count for zone in _there(zones, layer)]
        most = max([spec.wall_count, *counts])
        if most > spec.wall_count:
            spec = shared.setdefault((id(spec), most), replace(spec, wall_count=most))
        found.append(spec)
    return found


def fewer_walls(
    specs: Sequence[LayerSpec], zones: Sequence[ZoneLayers], layer: int
) -> tuple[FewerWalls, ...]:
    """Where a layer has fewer walls than in its zone of the most. specs : the part's own."""
    there, own = _there(zones, layer), specs[layer].wall_count
    counts = sorted({own, *(zone.specs[layer].wall_count for zone in there)})
    found = []
    for count in counts[:-1]:
        inside = [z.areas[layer] for z in there if z.specs[layer].wall_count <= count]
        outside = [z.areas[layer] for z in there if z.specs[layer].wall_count > count]
        is_outside = own <= count
        area = clip.union(outside if is_outside else inside, _SEAM_NM, -_SEAM_NM)
        found.append(FewerWalls(count, area, is_outside))
    return tuple(found)


def _there(zones: Sequence[ZoneLayers], layer: int) -> list[ZoneLayers]:
    return [zone for zone in zones if not zone.areas[layer].is_empty]


# ----------------------------------------------------------------------------------- surfaces


def classify_zones(
    sections: Sequence[Rings],
    fills: Sequence[Rings],
    exposed: Sequence[Exposed],
    *,
    first: int,
    count: int,
    specs: Sequence[LayerSpec],
    zones: Sequence[ZoneLayers],
    at_bottom: bool,
    at_top: bool,
) -> list[list[Surfaces]]:
    """`surfaces.classify` of a part with zones: of the rest of it, and of each zone.

    Every place is what it would be if the whole part were made as its zone is. What is laid in the
    same way in several zones is one surface, and the first of them has it. zones : specs and areas
    of the layers of the other lists.
    """
    every = [specs, *(zone.specs for zone in zones)]
    stacks = [
        SkinStack(
            sections,
            fills,
            _exposed_as(own, specs, exposed, sections),
            own,
            at_bottom=at_bottom,
            at_top=at_top,
        )
        for own in every
    ]
    found: list[list[Area]] = [[] for _ in every]
    below = _NOTHING
    for layer in range(max(first - 1, 0), first + count):
        parts = _parts(stacks, zones, layer)
        solid = _leaders([own[layer] for own in every])
        laid = [_NO_AREAS] * len(every)
        for leader in dict.fromkeys(solid):
            mine = [part for part, its in zip(parts, solid, strict=True) if its == leader]
            laid[leader] = [_merged([part[i] for part in mine]) for i in range(len(_NO_AREAS))]
        if layer >= first:
            for number, (areas, own, part) in enumerate(zip(laid, every, parts, strict=True)):
                top, bottom, bridge, inner, ironed = areas
                rest, internal = over_sparse(inner, below, own[layer])
                sparse = part[-1]
                found[number] += [top, bottom, bridge, rest, internal, sparse, ironed]
        below = _merged([part[-1] for part in parts])
    rings = [clip.rings_of(areas) for areas in found]
    return [[Surfaces(*own[i : i + 7]) for i in range(0, len(own), 7)] for own in rings]


def _exposed_as(
    own: Sequence[LayerSpec],
    specs: Sequence[LayerSpec],
    exposed: Sequence[Exposed],
    sections: Sequence[Rings],
) -> Sequence[Exposed]:
    """`exposed` was found by `specs`; by a zone's own, slivers may be of another width."""
    slivers = (exposure.sliver_nm(spec) for spec in specs)
    if all(exposure.sliver_nm(spec) == sliver for spec, sliver in zip(own, slivers, strict=True)):
        return exposed
    return exposure.along(sections, own)


_NO_AREAS: Final = [_NOTHING] * 5
"""top, bottom, bridge, solid, ironed."""


def _parts(
    stacks: Sequence[SkinStack], zones: Sequence[ZoneLayers], layer: int
) -> list[list[Area]]:
    """top, bottom, bridge, solid, ironed and sparse of a layer, of the rest of the part and of each
    zone, cut to where it is."""
    masks = [Area.of(zone.areas[layer]) for zone in zones]
    own = stacks[0].parts(layer)
    all_zones = clip.united(masks)
    base = [own.top, own.bottom, own.bridge, own.solid, stacks[0].ironed(layer), own.sparse]
    if not all_zones.is_empty:
        base = [area if area.is_empty else area - all_zones for area in base]
    found = [base]
    for stack, mask in zip(stacks[1:], masks, strict=True):
        if mask.is_empty:
            found.append([_NOTHING] * 6)
            continue
        own = stack.parts(layer)
        areas = [own.top, own.bottom, own.bridge, own.solid, stack.ironed(layer), own.sparse]
        found.append([area if area.is_empty else area & mask for area in areas])
    return found


def _leaders(specs: Sequence[LayerSpec]) -> list[int]:
    """Of each zone the first one whose solid surfaces are laid as its are."""
    looks = [
        replace(
            spec,
            wall_count=1,
            top_layers=0,
            bottom_layers=0,
            density_ratio=0.0,
            pattern=specs[0].pattern,
        )
        for spec in specs
    ]
    return [looks.index(look) for look in looks]


def _merged(areas: Sequence[Area]) -> Area:
    """What touches is one."""
    kept = [area for area in areas if not area.is_empty]
    if len(kept) < 2:
        return kept[0] if kept else _NOTHING
    return clip.united(kept).offset(_SEAM_NM, -_SEAM_NM)
