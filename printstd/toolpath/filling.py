"""The second pass over the layers of a part: surfaces, infill, and all paths of a layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from printstd.artifacts.layers import LayerStack
from printstd.kernels.overhang import Reach
from printstd.named_tuple import NamedTuple
from printstd.profiles.infill_models import InfillPattern
from printstd.profiles.wall_models import FuzzyWalls
from printstd.toolpath import exposure, surfaces
from printstd.toolpath.infill import combine
from printstd.toolpath.infill.patterns import Lay
from printstd.toolpath.infill.plan import fill_layers
from printstd.toolpath.parts import PlatePart
from printstd.toolpath.paths import join
from printstd.toolpath.ready import ReadyRun, joined, prepare_layers
from printstd.toolpath.spec import LayerSpec
from printstd.toolpath.surfaces import Surfaces
from printstd.toolpath.walled import WalledLayers
from printstd.toolpath.walling import Sliced
from printstd.units import NM_PER_UM

if TYPE_CHECKING:
    from printstd.toolpath.fuzzy import Fuzz
    from printstd.toolpath.infill.hollow import Hollow
    from printstd.toolpath.supports.laying import Supports
    from printstd.toolpath.zones import ZoneLayers


class Standing(NamedTuple):
    """A part with its walls. is_dynamic : speed and fan follow the overlap of walls with the layer
    below. fuzz : of external walls, if any. surfaces : of all layers, where they were wanted
    before, those of each zone after those of the rest; surveyed : how patterns are laid that looked
    at them."""

    stack: LayerStack
    specs: list[LayerSpec]
    reach: Reach
    walled: WalledLayers
    supports: Supports | None
    is_dynamic: bool
    fuzz: Fuzz | None
    zones: tuple[ZoneLayers, ...]
    surfaces: list[list[Surfaces]] | None = None
    surveyed: Mapping[InfillPattern, Lay] | None = None

    @property
    def z_nm(self) -> list[int]:
        """Where each layer is printed."""
        return [int(top) * NM_PER_UM for top in self.stack.top_um]


def standing_of(part: PlatePart, own: Sliced, walled: WalledLayers) -> Standing:
    process, fuzz = part.resolved.process, None
    if process.fuzzy_skin.walls is not FuzzyWalls.NONE:
        from printstd.toolpath.fuzzy import fuzz_of

        fuzz = fuzz_of(process.fuzzy_skin)
    return Standing(
        own.stack,
        own.specs,
        own.reach,
        walled,
        own.supports,
        process.overhangs.is_dynamic,
        fuzz,
        own.zones,
    )


def surfaces_of_run(shared: Standing, run: range) -> list[list[Surfaces]]:
    """Of the part outside its zones, then of each zone."""
    specs, walled = shared.specs, shared.walled
    every = (specs, *(zone.specs for zone in shared.zones))
    reach = max(exposure.halo(spec) for own in every for spec in dict.fromkeys(own))
    low, high = max(0, run.start - reach), min(len(walled), run.stop + reach)
    seen = [walled[i] for i in range(low, high)]
    layers = (
        [layer.section for layer in seen],
        [layer.fill for layer in seen],
        [layer.exposed for layer in seen],
    )
    if shared.zones:
        from printstd.toolpath.zones import ZoneLayers, classify_zones

        return classify_zones(
            *layers,
            first=run.start - low,
            count=len(run),
            specs=specs[low:high],
            zones=[ZoneLayers(z.specs[low:high], z.areas[low:high]) for z in shared.zones],
            at_bottom=low == 0,
            at_top=high == len(walled),
        )
    return [
        surfaces.classify(
            *layers,
            first=run.start - low,
            count=len(run),
            specs=specs[low:high],
            at_bottom=low == 0,
            at_top=high == len(walled),
        )
    ]


def fill_of_run(shared: Standing, run: range) -> ReadyRun:
    specs, walled = shared.specs, shared.walled
    groups = combine.groups(specs)
    wide = combine.around(run, groups)
    # Where there are zones, the lines below change from one to the next: nothing is anchored there.
    is_held = not shared.zones and any(spec.anchors_fill for spec in dict.fromkeys(specs))
    # What is held by the layer below must know it.
    seen = range(max(0, wide.start - is_held), wide.stop)
    if shared.surfaces is None:
        every = surfaces_of_run(shared, seen)
    else:
        every = [kept[seen.start : seen.stop] for kept in shared.surfaces]
    under = [walled[i - 1].section if i else None for i in seen]
    if shared.supports is not None:
        from printstd.toolpath.supports.laying import rested

        every = [
            [
                rested(parts, section, shared.supports, i)
                for i, section, parts in zip(seen, under, found, strict=True)
            ]
            for found in every
        ]
    hollow: list[Hollow | None] | None = None
    if is_held:
        from printstd.toolpath.infill.hollow import held

        found, hollow = held(every[0], under, specs, combine.turns(groups), seen.start)
        every = [found[wide.start - seen.start :]]
        hollow = hollow[run.start - seen.start : run.stop - seen.start]
    own = [group for group in groups if group.start in wide]
    mine = slice(run.start - wide.start, run.stop - wide.start)
    below = [walled[i - 1].section if i else None for i in run]
    filled = []
    for found, its in zip(every, [specs, *(zone.specs for zone in shared.zones)], strict=True):
        found, thick = combine.combined(found, its[wide.start : wide.stop], wide, own)
        filled.append(
            fill_layers(
                found[mine],
                its[run.start : run.stop],
                first_layer=run.start,
                z_nm=shared.z_nm[run.start : run.stop],
                below=below,
                thick=thick[mine],
                surveyed=shared.surveyed,
                turns=[-1, *combine.turns(groups)][run.start : run.stop + 1],
                hollow=hollow,
            )
        )
    infill = [join(layers) for layers in zip(*filled, strict=True)]
    fuzz = shared.fuzz
    walls = [walled[i].walls for i in run]
    if fuzz is not None:
        from printstd.toolpath.fuzzy import roughened

        walls = [
            roughened(own, walled[i].section, specs[i].external.width_nm, i, fuzz) if i else own
            for i, own in zip(run, walls, strict=True)
        ]
    paths = [join([own_walls, lines]) for own_walls, lines in zip(walls, infill, strict=True)]
    ready = prepare_layers(paths, [walled[i].section for i in run])
    if shared.is_dynamic:
        from printstd.toolpath.overlap import with_overlaps

        ready = with_overlaps(
            ready, [walled[i].section for i in run], below, fuzz.thickness_nm if fuzz else 0
        )
    return joined(ready)
