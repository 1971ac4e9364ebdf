"""Walls of one layer: loops at fixed distances inside the section, and what is left inside.

Classic walls (facts of slicers 2.3): the external centreline lies w_e/2 inside the outline, the
next a further (s_e + s)/2, then every s. Where the part is too narrow for a loop the loop
leaves it out, and `toolpath.medial` fills what stays bare: thin walls where not even the
external loop fits, gap fill between loops.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from printstd.artifacts.toolpath import Role
from printstd.kernels.clip import Area
from printstd.kernels.rings import EMPTY, Rings, signed_area2
from printstd.toolpath.paths import NO_PATHS, PathSet, join, path_set
from printstd.toolpath.spec import LayerSpec

COLLAPSE_RATIO: Final = 0.6
"""A loop may come as close to itself as this share of its spacing before it gives way to a
thin wall or to gap fill (facts of slicers 2.3, INSET_OVERLAP_TOLERANCE 0.4)."""


class Walls(NamedTuple):
    """paths: the walls, thin walls and gap fill. fill: the area that infill may take, up to the
    edge of the innermost wall (its overlap with the wall is not in it)."""

    paths: PathSet
    fill: Rings


class _Shell(NamedTuple):
    """One wall all around: the area inside its centrelines, and how far in it lies."""

    inside: Area
    step_nm: int
    """From the shell before it (for the first: from the section)."""


def plan_walls(section: Rings, spec: LayerSpec, *, below: Rings | None) -> Walls:
    """Walls of a compensated section.

    below : the compensated section of the layer below; None on the bed.
    """
    if section.is_empty:
        return Walls(NO_PATHS, EMPTY)
    del below
    shells = _shells(Area.of(section), spec)
    loops = join([_loops(shell, depth, spec) for depth, shell in enumerate(shells)])
    return Walls(loops, _fill(shells, spec).rings())


def _shells(whole: Area, spec: LayerSpec) -> list[_Shell]:
    """As many shells as asked for, fewer where the part is full before."""
    shells: list[_Shell] = []
    inside = whole
    for depth in range(spec.wall_count):
        step, collapse = _step(spec, depth)
        inside = inside.offset(-step - collapse, collapse)
        if inside.is_empty:
            break
        shells.append(_Shell(inside, step))
    return shells


def _step(spec: LayerSpec, depth: int) -> tuple[int, int]:
    """How far shell `depth` lies inside the one before it, and half the distance under which
    it gives way, nm."""
    external, inner = spec.external, spec.inner
    if depth == 0:
        step, spacing = external.width_nm // 2, external.spacing_nm
    elif depth == 1:
        step, spacing = (external.spacing_nm + inner.spacing_nm) // 2, inner.spacing_nm
    else:
        step, spacing = inner.spacing_nm, inner.spacing_nm
    return step, round(spacing * COLLAPSE_RATIO / 2) if spec.thin_walls else 0


def _loops(shell: _Shell, depth: int, spec: LayerSpec) -> PathSet:
    rings = shell.inside.rings()
    bead = spec.inner if depth else spec.external
    return path_set(
        rings.xy_nm,
        rings.offsets,
        role=Role.PERIMETER if depth else Role.EXTERNAL_PERIMETER,
        width_nm=bead.width_nm,
        height_nm=bead.height_nm,
        area_nm2=bead.area_nm2,
        is_loop=True,
        depth=depth,
        is_hole=np.asarray(signed_area2(rings) < 0),
    )


def _fill(shells: list[_Shell], spec: LayerSpec) -> Area:
    if len(shells) < spec.wall_count:
        return Area.of(EMPTY)
    bead = spec.inner if len(shells) > 1 else spec.external
    return shells[-1].inside.offset(-(bead.spacing_nm // 2))
