"""Raft: layers under the part and its supports, on which both stand.

The lowest is sparse and wide, so that it sticks and comes off; those above are lines in turn along
and across; the uppermost are dense. Source: facts of slicers 2.9, F4.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from printstd.artifacts.layers import LayerStack
from printstd.artifacts.toolpath import Role
from printstd.kernels import clip
from printstd.kernels.clip import Join
from printstd.kernels.rings import Rings, signed_area2, take
from printstd.profiles.raft import raft_plan
from printstd.profiles.resolved import Resolved
from printstd.toolpath.paths import PathSet
from printstd.toolpath.spec import Bead, LayerSpec, bead_of, layer_spec
from printstd.toolpath.supports.pattern import ACROSS, ALONG, Fill, Patch, lay_patches
from printstd.units import NM_PER_UM, nm

_BASE_DENSITY: Final = 0.5
"""Of the layers between the lowest and the dense ones: they carry, and need not be closed."""


class RaftLayers(NamedTuple):
    """areas, specs, paths : one per layer of the raft, bottom up."""

    areas: list[Rings]
    specs: list[LayerSpec]
    paths: list[PathSet]


NO_RAFT: Final = RaftLayers([], [], [])


def plan_raft(stands: Rings, resolved: Resolved, bed: Rings) -> RaftLayers:
    """stands : all that the part and its supports lay on the raft. bed : the printable area."""
    own = resolved.process.raft
    heights = raft_plan(resolved).height_um
    if not heights or stands.is_empty:
        return NO_RAFT
    upper = _around(stands, nm(own.expansion_mm), bed)
    lowest = _around(upper, nm(own.first_layer_expansion_mm), bed)
    specs = [
        _spec(resolved, is_first=number == 0, height_nm=height * NM_PER_UM)
        for number, height in enumerate(heights)
    ]
    areas = [lowest, *[upper] * (len(heights) - 1)]
    n_dense = min(own.interface_layers, len(heights) - 1)
    patches = []
    for number, (area, spec) in enumerate(zip(areas, specs, strict=True)):
        role, density = Role.SUPPORT, _BASE_DENSITY
        if number == 0:
            density = own.first_layer_density_ratio
        elif number >= len(heights) - n_dense:
            role, density = Role.SUPPORT_INTERFACE, 1.0
        fill = Fill(
            role,
            spec.support,
            ACROSS if number % 2 else ALONG,
            round(spec.support.spacing_nm / density),
            is_walled=role is Role.SUPPORT,
        )
        patches.append(Patch(number, area, fill, spec))
    return RaftLayers(areas, specs, lay_patches(patches, len(heights)))


def _spec(resolved: Resolved, *, is_first: bool, height_nm: int) -> LayerSpec:
    spec = layer_spec(resolved, is_first=is_first, height_nm=height_nm)
    return spec if is_first else replace(spec, support=_bead(resolved, height_nm))


def _bead(resolved: Resolved, height_nm: int) -> Bead:
    """Lines of a raft are as wide as the nozzle at least: they are thick."""
    return bead_of(max(resolved.process.widths.support_mm, resolved.nozzle_mm), height_nm)


def _around(area: Rings, reach_nm: int, bed: Rings) -> Rings:
    """Grown, without holes too small to matter to a raft, on the bed."""
    grown = clip.offset(area, reach_nm, join=Join.SQUARE) if reach_nm else area
    outer = clip.clean(take(grown, np.asarray(signed_area2(grown) > 0)))
    return clip.intersection(outer, bed)


def raised(stack: LayerStack, resolved: Resolved) -> LayerStack:
    """The part's stack with the raft's layers under it, in which it has no section."""
    height = np.array(raft_plan(resolved).height_um, np.int64)
    if not len(height):
        return stack
    top = np.cumsum(height)
    return LayerStack(
        top_um=np.concatenate([top, stack.top_um]),
        height_um=np.concatenate([height, stack.height_um]),
        slice_z_nm=np.concatenate([(2 * top - height) * (NM_PER_UM // 2), stack.slice_z_nm]),
        xy_nm=stack.xy_nm,
        ring_offsets=stack.ring_offsets,
        layer_offsets=np.concatenate([np.zeros(len(height), np.int64), stack.layer_offsets]),
    )
