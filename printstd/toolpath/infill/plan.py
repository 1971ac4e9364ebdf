"""Surfaces to beads: which lines go into which surface, and the PathSets they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from printstd.artifacts.toolpath import Role
from printstd.kernels import bead, clip
from printstd.kernels.rings import Rings
from printstd.kernels.turns import Direction, turned_quarter
from printstd.named_tuple import NamedTuple
from printstd.profiles.infill_models import InfillPattern
from printstd.toolpath import bridges
from printstd.toolpath.bridges import Thread
from printstd.toolpath.infill.combine import Thick
from printstd.toolpath.infill.connect import Laid
from printstd.toolpath.infill.jobs import Job, Pitch, Sparse
from printstd.toolpath.infill.patterns import PATTERNS, Lay
from printstd.toolpath.infill.patterns.parallel import across_of, directions
from printstd.toolpath.infill.straight import lay_straight
from printstd.toolpath.paths import NO_PATHS, PathSet, join
from printstd.toolpath.spec import Bead, LayerSpec
from printstd.toolpath.surfaces import Surfaces

if TYPE_CHECKING:
    from printstd.toolpath.infill.hollow import Hollow


def fill_layer(
    surfaces: Surfaces, spec: LayerSpec, *, layer: int, z_nm: int, below: Rings | None
) -> PathSet:
    """The infill of one layer: see `fill_layers`."""
    return fill_layers([surfaces], [spec], first_layer=layer, z_nm=[z_nm], below=[below])[0]


def fill_layers(
    surfaces: Sequence[Surfaces],
    specs: Sequence[LayerSpec],
    *,
    first_layer: int,
    z_nm: Sequence[int],
    below: Sequence[Rings | None],
    thick: Sequence[Thick | None] | None = None,
    surveyed: Mapping[InfillPattern, Lay] | None = None,
    turns: Sequence[int] | None = None,
    hollow: Sequence[Hollow | None] | None = None,
) -> list[PathSet]:
    """The infill of consecutive layers; what each layer gets does not depend on the others.

    first_layer : number of the first of them, from the bed (0): directions alternate with it.
    z_nm : where each layer is printed (gyroid waves follow it). below : the section under each
    layer, on which bridges are anchored; None on the bed. thick : of each layer, where sparse
    infill is laid for layers below as well. surveyed : how the patterns are laid that look across
    layers (`patterns.surveyed`). turns : by which sparse lines change direction, of the layer below
    the first one and of each layer; None: from layer to layer. hollow : under each layer, if lines
    over it are to be held by those below.
    """
    solid: list[Job] = []
    ironed: list[Job] = []
    sparse: dict[InfillPattern, list[Sparse]] = {}
    turns = turns or range(first_layer - 1, first_layer + len(surfaces))
    for slot, (parts, spec) in enumerate(zip(surfaces, specs, strict=True)):
        number = first_layer + slot
        along = directions(spec.angle_deg, number)[0]
        layer = _Layer(
            slot, spec, along, across_of(spec, turns[slot]), hollow[slot] if hollow else None
        )
        solid += layer.solid(parts) + layer.bridges(parts, below[slot])
        areas = [Thick(parts.sparse, spec.sparse), thick[slot] if thick else None]
        for area in areas:
            if spec.density_ratio and area is not None and not area.area.is_empty:
                asked = Sparse(
                    slot,
                    number,
                    turns[slot + 1],
                    z_nm[slot],
                    area.area,
                    spec,
                    area.bead,
                    layer.hollow,
                )
                sparse.setdefault(spec.pattern, []).append(asked)
        ironed += layer.ironing(parts.ironed)
    sets = [path_sets(lay_straight(solid), solid, len(surfaces))] if solid else []
    lay = {**PATTERNS, **(surveyed or {})}
    for pattern, asked_for in sparse.items():
        jobs, laid = lay[pattern](asked_for)
        sets.append(path_sets(laid, jobs, len(surfaces)))
    if ironed:
        sets.append(path_sets(lay_straight(ironed), ironed, len(surfaces)))
    return [join(layers) for layers in zip(*sets, strict=True)] or [NO_PATHS] * len(surfaces)


class _Layer(NamedTuple):
    """Turns the surfaces of one layer into jobs. along : of solid lines; across_sparse : across the
    sparse lines of the layer below."""

    slot: int
    spec: LayerSpec
    along: Direction
    across_sparse: Direction
    hollow: Hollow | None

    def solid(self, parts: Surfaces) -> list[Job]:
        """Skins and shells, swept in one direction."""
        found = [
            (Role.SOLID_INFILL, parts.bottom, self.spec.solid),
            (Role.SOLID_INFILL, parts.solid, self.spec.solid),
            (Role.TOP_SOLID_INFILL, parts.top, self.spec.top),
        ]
        return [
            Job(
                self.slot,
                role,
                area,
                size,
                self.along,
                Pitch.FITTED,
                size.spacing_nm,
                is_swept=True,
                may_turn=area is parts.solid,
            )
            for role, area, size in found
            if not area.is_empty
        ]

    def bridges(self, parts: Surfaces, below: Rings | None) -> list[Job]:
        """Threads over nothing, each island its own way, and threads over sparse infill, across
        its lines."""
        found: list[Job] = []
        thread = bridges.thread(self.spec, is_thick=self.spec.thick_external_bridges)
        spans = self.hollow.spans if self.hollow else None
        if spans is None:
            spans = [
                (island, bridges.way_over(island, below, thread.pitch_nm) or self.along)
                for island in clip.islands(parts.bridge)
            ]
        found += [self._threads(Role.BRIDGE_INFILL, area, thread, along) for area, along in spans]
        thread = bridges.thread(self.spec, is_thick=self.spec.thick_internal_bridges)
        if self.spec.density_ratio > 0 and not parts.internal_bridge.is_empty:
            area = parts.internal_bridge
            along = self.across_sparse
            found.append(self._threads(Role.INTERNAL_BRIDGE_INFILL, area, thread, along))
        elif not parts.internal_bridge.is_empty:
            # Nothing inside: the threads reach from wall to wall.
            for island in clip.islands(parts.internal_bridge):
                along = bridges.bridge_direction(island, None, thread.pitch_nm) or self.along
                found.append(self._threads(Role.INTERNAL_BRIDGE_INFILL, island, thread, along))
        return found

    def ironing(self, area: Rings) -> list[Job]:
        """Close lines across those of the top, of as much as the flow asks for."""
        iron = self.spec.ironing
        if iron is None or area.is_empty:
            return []
        width = iron.pitch_nm + round(iron.height_nm * bead.ROUND_LOSS)
        size = Bead(width, iron.height_nm, iron.pitch_nm, iron.pitch_nm * iron.height_nm)
        across = turned_quarter(self.along)
        return [Job(self.slot, Role.IRONING, area, size, across, Pitch.FITTED, iron.pitch_nm)]

    def _threads(self, role: Role, area: Rings, size: Thread, along: Direction) -> Job:
        return Job(
            self.slot,
            role,
            area,
            size.bead,
            along,
            size.pitch,
            size.pitch_nm,
            size.flow_ratio,
            hollow=self.hollow,
        )


def path_sets(laid: Laid, jobs: Sequence[Job], n_layers: int) -> list[PathSet]:
    """What was laid for the jobs, layer by layer (`slot` of the jobs, ascending)."""
    height = np.array([job.bead.height_nm for job in jobs], np.int64)[laid.job]
    is_fitted = np.array([job.pitch is Pitch.FITTED for job in jobs], bool)[laid.job]
    area = np.array([job.bead.area_nm2 for job in jobs], np.int64)[laid.job]
    width = np.array([job.bead.width_nm for job in jobs], np.int64)[laid.job]
    ratio = np.array([job.flow_ratio for job in jobs])[laid.job]
    spacing = laid.spacing_nm
    area = np.where(is_fitted, np.rint(spacing * height * ratio), area).astype(np.int64)
    width = np.where(is_fitted, np.rint(spacing + height * bead.ROUND_LOSS), width)
    role = np.array([job.role for job in jobs], np.uint8)[laid.job]
    group = _groups(laid, jobs)
    slot = np.array([job.slot for job in jobs], np.int64)[laid.job]
    borders = np.searchsorted(slot, np.arange(n_layers + 1))
    offsets = laid.paths.offsets
    found = []
    for a, b in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
        if a == b:
            found.append(NO_PATHS)
            continue
        numbers = group[a:b]
        found.append(
            PathSet(
                xy_nm=laid.paths.xy_nm[offsets[a] : offsets[b]],
                offsets=offsets[a : b + 1] - offsets[a],
                role=role[a:b],
                width_nm=width[a:b].astype(np.int64),
                height_nm=height[a:b],
                area_nm2=area[a:b],
                is_loop=np.zeros(b - a, np.bool_),
                depth=np.full(b - a, -1, np.int16),
                is_hole=np.zeros(b - a, np.bool_),
                group=np.where(numbers < 0, -1, numbers - numbers[numbers >= 0][:1].sum()).astype(
                    np.int32
                ),
            )
        )
    return found


def _groups(laid: Laid, jobs: Sequence[Job]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """(k,): the island where its paths must keep their order, else -1. A single path may run
    either way."""
    is_swept = np.array([job.is_swept for job in jobs], bool)[laid.job] & ~laid.is_strip
    many = np.bincount(laid.island, is_swept)[laid.island] > 1
    return np.where(is_swept & many, laid.island, -1)
