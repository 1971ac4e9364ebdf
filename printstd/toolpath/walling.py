"""The first pass over the layers of a part: walls, what they leave, what is exposed and hangs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from printstd.artifacts.layers import LayerStack
from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.hanging import Hanging
from printstd.kernels.overhang import Reach, hanging_in
from printstd.kernels.rings import EMPTY, Rings
from printstd.named_tuple import NamedTuple
from printstd.toolpath import exposure
from printstd.toolpath.compensate import compensated
from printstd.toolpath.exposure import Exposed
from printstd.toolpath.parts import PlatePart
from printstd.toolpath.spec import LayerSpec, layer_specs
from printstd.toolpath.walled import Walled, WalledLayers, WalledRun
from printstd.toolpath.walls import plan_walls_of
from printstd.units import nm

if TYPE_CHECKING:
    from printstd.toolpath.supports.laying import Supports
    from printstd.toolpath.zones import ZoneLayers


class Sliced(NamedTuple):
    """reach : what counts as hanging. walled : the specs for the walls, as many as any zone has.
    is_supported : supports are laid under it. supports : these; they may be found beside the walls,
    unless they carry layers as the part does."""

    stack: LayerStack
    specs: list[LayerSpec]
    reach: Reach
    walled: list[LayerSpec]
    zones: tuple[ZoneLayers, ...] = ()
    is_supported: bool = False
    supports: Supports | None = None


def walls_of_run(shared: Sliced, run: range) -> WalledRun:
    """Walls depend on the section, on the one below and, where tops take one wall alone, on the one
    above: what has come before is not made again."""
    lowest, n_layers = max(0, run.start - 1), shared.stack.n_layers
    supports = shared.supports
    sees_above = shared.walled[run.start].one_wall_on_top
    seen = range(lowest, min(run.stop + sees_above, n_layers))
    sections = compensated(shared.stack, shared.specs, seen)
    mine = sections[run.start - lowest : run.stop - lowest]
    below: list[Rings | None] = [None] if run.start == 0 else []
    below += sections[: len(run) - len(below)]
    if supports is not None:
        below = [
            None if under is None else _carrying(under, supports, i)
            for i, under in zip(run, below, strict=True)
        ]
    above = [EMPTY] * len(run)
    if sees_above:
        above = [*sections[run.start - lowest + 1 :], EMPTY][: len(run)]
    specs = shared.walled[run.start : run.stop]
    # What is exposed follows from the sections themselves, supports or not.
    beside = [None if i == 0 else (sections[i - lowest - 1], shared.specs[i - 1]) for i in run]
    kinds: dict[object, int] = {}
    kind = [
        kinds.setdefault(
            (
                *map(id, layer),
                *map(id, pair or ()),
                *(id(of) for z in shared.zones for of in (z.specs[i], z.areas[i])),
            ),
            len(kinds),
        )
        for i, pair, *layer in zip(run, beside, specs, mine, below, above, strict=True)
    ]
    first = [kind.index(number) for number in range(len(kinds))]
    exposed = _exposed(
        [beside[i] for i in first], [(mine[i], shared.specs[run.start + i]) for i in first]
    )
    fewer = None
    if shared.zones:
        from printstd.toolpath.zones import fewer_walls

        fewer = [fewer_walls(shared.specs, shared.zones, run.start + i) for i in first]
    walls = plan_walls_of(
        [mine[i] for i in first],
        [specs[i] for i in first],
        [below[i] for i in first],
        [above[i] for i in first],
        [not own.come.is_empty for own in exposed],
        fewer,
    )
    hanging: list[Hanging] = []
    in_air = [EMPTY] * len(walls)
    if shared.is_supported:
        in_air = clip.rings_of([found.in_air for found in walls])
    else:
        for layer, under, number in zip(run, below, kind, strict=True):
            hanging += hanging_in(walls[number].in_air, under or EMPTY, layer, shared.reach)
    kinds_of = [
        Walled(mine[i], found.fill, found.paths, own, left)
        for i, found, own, left in zip(first, walls, exposed, in_air, strict=True)
    ]
    return WalledRun(kinds_of, kind, hanging)


def hanging_beside_supports(
    walled: WalledLayers, run: range, supports: Supports, reach: Reach
) -> list[Hanging]:
    """What hangs of some layers of a part, and has no support under it either."""
    found: list[Hanging] = []
    for layer in run:
        in_air = walled[layer].in_air
        if layer and not in_air.is_empty:
            below = _carrying(walled[layer - 1].section, supports, layer)
            left = supports.left_in_air(Area.of(in_air), layer)
            found += hanging_in(left, below, layer, reach)
    return found


def _exposed(
    below: Sequence[tuple[Rings, LayerSpec] | None], layers: Sequence[tuple[Rings, LayerSpec]]
) -> list[Exposed]:
    """Of each layer against the one below it; nothing, where there is none."""
    rows = [i for i, pair in enumerate(below) if pair is not None]
    pairs = [(below[i] or layers[i], layers[i]) for i in rows]
    found = exposure.exposed(
        [(under[0], own[0]) for under, own in pairs], [(under[1], own[1]) for under, own in pairs]
    )
    all_of = [exposure.NOTHING_EXPOSED] * len(layers)
    for i, one in zip(rows, found, strict=True):
        all_of[i] = one
    return all_of


def _carrying(below: Rings, supports: Supports, layer: int) -> Rings:
    """What carries a layer: the section below, and supports without a gap."""
    lying = supports.lie_under(layer)
    return below if lying.is_empty else clip.union([below, lying])


def sliced_of(part: PlatePart) -> Sliced:
    resolved = part.resolved
    # Measured from the middles of the outermost beads: half a bead is left to hang over.
    reach = Reach(
        nm(resolved.nozzle_mm) // 2,
        nm(resolved.process.widths.external_perimeter_mm) // 2,
        nm(resolved.process.integrity.max_air_mm),
    )
    specs = layer_specs(part.stack, resolved)
    is_supported = resolved.process.supports.enabled
    if not part.zones:
        return Sliced(part.stack, specs, reach, specs, is_supported=is_supported)
    from printstd.toolpath.zones import ZoneLayers, specs_of_walls

    zones = tuple(ZoneLayers(layer_specs(part.stack, own), areas) for own, areas in part.zones)
    return Sliced(part.stack, specs, reach, specs_of_walls(specs, zones), zones, is_supported)
