"""Surfaces to beads: which lines go into which surface, and the PathSets they become."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from printstd.artifacts.toolpath import Role
from printstd.kernels import bead
from printstd.kernels.rings import Rings
from printstd.kernels.turns import direction, turned_quarter
from printstd.profiles.models import InfillPattern
from printstd.toolpath.infill.jobs import UNLIMITED_NM, Job, Pitch
from printstd.toolpath.infill.straight import Laid, lay_straight
from printstd.toolpath.paths import NO_PATHS, PathSet
from printstd.toolpath.spec import Bead, LayerSpec
from printstd.toolpath.surfaces import Surfaces


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
) -> list[PathSet]:
    """The infill of consecutive layers; what each layer gets does not depend on the others.

    first_layer : number of the first of them, from the bed (0): directions alternate with it.
    z_nm : where each layer is printed (gyroid waves follow it). below : the section under each
    layer, on which bridges are anchored; None on the bed.
    """
    jobs: list[Job] = []
    for slot, (parts, spec) in enumerate(zip(surfaces, specs, strict=True)):
        jobs += _jobs(slot, parts, spec, first_layer + slot, below[slot])
    if not jobs:
        return [NO_PATHS] * len(surfaces)
    return _path_sets(lay_straight(jobs), jobs, len(surfaces))


def _jobs(
    slot: int, parts: Surfaces, spec: LayerSpec, layer: int, below: Rings | None
) -> list[Job]:
    along = direction(spec.angle_deg)
    across = turned_quarter(along)
    if layer % 2:
        along, across = across, along

    def solid(role: Role, area: Rings, size: Bead) -> Job:
        return Job(
            slot, role, area, size, along, Pitch.FITTED, size.spacing_nm, True, UNLIMITED_NM, 0
        )

    jobs = [
        solid(Role.SOLID_INFILL, parts.bottom, spec.solid),
        solid(Role.SOLID_INFILL, parts.solid, spec.solid),
        solid(Role.SOLID_INFILL, parts.bridge, spec.solid),
        solid(Role.SOLID_INFILL, parts.internal_bridge, spec.solid),
        solid(Role.TOP_SOLID_INFILL, parts.top, spec.top),
    ]
    if spec.density_ratio > 0:
        pitch = spec.sparse.spacing_nm / spec.density_ratio
        families = [along]
        if spec.pattern is InfillPattern.GRID:
            pitch, families = 2.0 * pitch, [along, across]
        jobs += [
            Job(
                slot,
                Role.INTERNAL_INFILL,
                parts.sparse,
                spec.sparse,
                family,
                Pitch.ABSOLUTE,
                pitch,
                False,
                spec.anchor_max_nm,
                min(spec.anchor_nm, spec.anchor_max_nm),
            )
            for family in families
        ]
    return [job for job in jobs if not job.area.is_empty]


def _path_sets(laid: Laid, jobs: Sequence[Job], n_layers: int) -> list[PathSet]:
    height = np.array([job.bead.height_nm for job in jobs], np.int64)[laid.job]
    is_fitted = np.array([job.pitch is Pitch.FITTED for job in jobs], bool)[laid.job]
    area = np.array([job.bead.area_nm2 for job in jobs], np.int64)[laid.job]
    width = np.array([job.bead.width_nm for job in jobs], np.int64)[laid.job]
    spacing = laid.spacing_nm
    area = np.where(is_fitted, np.rint(spacing * height), area).astype(np.int64)
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
    is_swept = np.array([job.is_swept for job in jobs], bool)[laid.job]
    many = np.bincount(laid.island)[laid.island] > 1
    return np.where(is_swept & many, laid.island, -1)
