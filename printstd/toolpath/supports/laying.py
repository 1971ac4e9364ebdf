"""Supports of a whole print: found once from the sections, then laid run by run of layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from printstd.artifacts.layers import LayerStack
from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.rings import EMPTY, Rings
from printstd.ports import Executor
from printstd.profiles.resolved import Resolved
from printstd.toolpath.compensate import compensated
from printstd.toolpath.parts import SupportWishes
from printstd.toolpath.paths import PathSet
from printstd.toolpath.spec import LayerSpec
from printstd.toolpath.supports.areas import (
    Levels,
    SupportAreas,
    SupportSpec,
    levels_of,
    support_spec,
)
from printstd.toolpath.supports.contacts import as_wished, contacts_of
from printstd.toolpath.supports.pattern import (
    Patch,
    body_fill,
    foot_fill,
    interface_fill,
    lay_patches,
)
from printstd.toolpath.supports.plan import support_areas, whole, with_foot
from printstd.toolpath.surfaces import Surfaces
from printstd.units import nm


@dataclass(frozen=True, slots=True, eq=False)
class Supports:
    """What is known of the supports of a print, layer by layer of the part.

    wholes : body and interface of each layer. under : what of them lies, its contact distance
    apart, under each layer. foot_density_ratio : of the lowest layer's lines, None where it lies on
    a raft.
    """

    spec: SupportSpec
    areas: SupportAreas
    wholes: list[Rings]
    under: list[Rings]
    foot_density_ratio: float | None

    def whole(self, layer: int) -> Rings:
        return self.wholes[layer]

    def lie_under(self, layer: int) -> Rings:
        """What carries this layer as well as the part does."""
        return self.under[layer] if self.spec.is_soluble else EMPTY

    def left_in_air(self, in_air: Area, layer: int) -> Area:
        """What of a layer's area over nothing has no support under it either."""
        under = self.under[layer]
        if in_air.is_empty or under.is_empty:
            return in_air
        # A bead's own width beyond a support it is held, and beside the part the gap is spanned.
        reach = self.spec.xy_gap_nm + self.spec.external_nm
        return in_air - Area.of(under).offset(reach)


class Beside(NamedTuple):
    """A part of the plate. asks : whether supports are laid for it; all others they keep clear
    of, and may stand on."""

    stack: LayerStack
    specs: list[LayerSpec]
    asks: bool
    wishes: SupportWishes | None = None


class Stretch(NamedTuple):
    """A run of layers of one part, by its number."""

    part: int
    run: range


class Contacts(NamedTuple):
    """What supports of one kind are planned from: they follow from nothing else, and may be planned
    while walls are laid.

    sections : of each part, layer by layer. contacts : of the plate's layers. foot_expansion_nm :
    by how much the lowest layer grows on the bed, foot_density_ratio : of its lines; None where it
    lies on a raft.
    """

    spec: SupportSpec
    levels: Levels
    sections: list[list[Rings]]
    contacts: list[Rings]
    foot_expansion_nm: int
    foot_density_ratio: float | None


def find_contacts(
    parts: Sequence[Beside], resolved: Resolved, tasks: Sequence[Stretch], executor: Executor
) -> Contacts:
    """Of all parts that ask for supports, by the same settings; layers are the plate's.

    parts : of one object each, where it stands. tasks : every layer of every part, once.
    """
    spec = support_spec(resolved)
    runs = executor.map(_contacts_of_task, tasks, shared=_Asked(parts, spec))
    own = [
        [run for task, run in zip(tasks, runs, strict=True) if task.part == n]
        for n in range(len(parts))
    ]
    sections = [
        _interned([section for run in of_part for section in run.sections]) for of_part in own
    ]
    contacts = _together([[c for run in of_part for c in run.contacts] for of_part in own])
    tallest = max((part.stack for part in parts), key=lambda stack: stack.n_layers)
    raft = resolved.process.raft
    return Contacts(
        spec,
        levels_of(tallest.height_um, spec),
        sections,
        contacts,
        nm(raft.first_layer_expansion_mm),
        None if raft.layers else raft.first_layer_density_ratio,
    )


def plan_supports(found: Contacts, bed: Rings, taken: Sequence[Rings] = ()) -> Supports:
    """The supports that hold all contacts. bed : the printable area. taken : layer by layer, where
    other supports are already."""
    spec, levels = found.spec, found.levels
    sections = _together([*found.sections, taken] if len(taken) else found.sections)
    areas = support_areas(found.contacts, sections, levels, spec, bed)
    if found.foot_density_ratio is not None:
        areas = with_foot(areas, sections[0], found.foot_expansion_nm, spec.xy_gap_nm, bed)
    wholes = _wholes(areas)
    at = levels.rests_on.tolist()
    under = [wholes[layer] if layer >= 0 else EMPTY for layer in at]
    return Supports(spec, areas, wholes, under, found.foot_density_ratio)


class _Asked(NamedTuple):
    parts: Sequence[Beside]
    spec: SupportSpec


class _Found(NamedTuple):
    sections: list[Rings]
    contacts: list[Rings]


def _contacts_of_task(shared: _Asked, task: Stretch) -> _Found:
    stack, specs, asks, wishes = shared.parts[task.part]
    run = task.run
    lowest = max(0, run.start - 1)
    sections = compensated(stack, specs, range(lowest, run.stop))
    mine = sections[run.start - lowest :]
    if not asks:
        return _Found(mine, [EMPTY] * len(mine))
    below: list[Rings | None] = [None] if run.start == 0 else []
    below += sections[: len(run) - len(below)]
    heights = [specs[layer].height_nm for layer in run]
    contacts = contacts_of(mine, below, heights, shared.spec)
    if wishes is not None:
        contacts = [
            as_wished(contact, section, under, wishes.blocked[layer], wishes.enforced[layer])
            for layer, contact, section, under in zip(run, contacts, mine, below, strict=True)
        ]
    return _Found(mine, contacts)


def _together(parts: Sequence[Sequence[Rings]]) -> list[Rings]:
    """Layer by layer the area of all parts, those that are alike one object."""
    found: dict[tuple[int, ...], Rings] = {}
    layers = []
    for layer in range(max(map(len, parts))):
        own = [rings[layer] for rings in parts if layer < len(rings)]
        kept = [rings for rings in own if not rings.is_empty]
        key = tuple(map(id, kept))
        if key not in found:
            found[key] = clip.union(kept) if len(kept) > 1 else [*kept, EMPTY][0]
        layers.append(found[key])
    return layers


def _interned(sections: Sequence[Rings]) -> list[Rings]:
    """Equal sections as one object, so that what is done once for each does not depend on how
    layers were divided among processes."""
    found: dict[tuple[bytes, bytes], Rings] = {}
    return [found.setdefault((s.offsets.tobytes(), s.xy_nm.tobytes()), s) for s in sections]


def _wholes(areas: SupportAreas) -> list[Rings]:
    """Found beside the walls, where supports are planned: one process alone asks for all of them
    later."""
    pairs = list(zip(map(id, areas.body), map(id, areas.interface), strict=True))
    layer_of = {pair: layer for layer, pair in enumerate(pairs)}
    found = {pair: whole(areas, layer) for pair, layer in layer_of.items()}
    return [found[pair] for pair in pairs]


def lay_supports(supports: Supports, specs: Sequence[LayerSpec], layers: range) -> list[PathSet]:
    """The beads of some layers. specs : of those layers."""
    patches = []
    for slot, (layer, spec) in enumerate(zip(layers, specs, strict=True)):
        fill = body_fill(supports.spec, spec.support)
        if layer == 0 and supports.foot_density_ratio is not None:
            fill = foot_fill(supports.spec, spec.support, supports.foot_density_ratio)
        patches.append(Patch(slot, supports.areas.body[layer], fill, spec))
        dense = interface_fill(supports.spec, spec.support)
        patches.append(Patch(slot, supports.areas.interface[layer], dense, spec))
    return lay_patches(patches, len(layers))


def rested(surfaces: Surfaces, below: Rings | None, supports: Supports, layer: int) -> Surfaces:
    """Surfaces of a layer, of whose bridges those are none that lie on a support without a gap:
    they are laid as what lies on the bed."""
    lying = supports.lie_under(layer)
    if lying.is_empty or surfaces.bridge.is_empty:
        return surfaces
    # A bead spans the gap beside the part.
    carried = Area.of(lying).offset(supports.spec.carried_nm + supports.spec.xy_gap_nm)
    if below is not None:
        carried = carried | Area.of(below)
    islands = Area.of(surfaces.bridge).islands()
    flat = [island for island in islands if (island - carried).is_empty]
    left = [island for island in islands if not (island - carried).is_empty]
    bottom = clip.united([Area.of(surfaces.bottom), *flat])
    return surfaces._replace(bottom=bottom.rings(), bridge=clip.united(left).rings())
