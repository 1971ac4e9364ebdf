"""Which layers a part gets, and at which height each is cut."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import LayerPlan
from printstd.artifacts.layers import LayerStack
from printstd.profiles.resolved import Resolved
from printstd.units import NM_PER_UM, um

HEIGHT_NOISE_NM: Final = 1_000
"""A plane must lie this far under the part's top to count as inside: a height of exactly so many
and a half layers is common, and float noise of the file must not decide about a layer."""


class LayerHeights(NamedTuple):
    """top_um, height_um : (l,) int64, um: Z that each layer is printed at, and its thickness.
    slice_z_nm : (l,) int64, nm: where it is cut, halfway up. All in the bed frame."""

    top_um: NDArray[np.int64]
    height_um: NDArray[np.int64]
    slice_z_nm: NDArray[np.int64]


class LayerThickness(NamedTuple):
    """The two thicknesses of a plan, um."""

    first_um: int
    height_um: int


def layer_thickness(resolved: Resolved) -> LayerThickness:
    """What the process asks for, in whole micrometres. On a raft no layer is the first one."""
    process = resolved.process
    if process.raft.layers:
        return LayerThickness(um(process.layer_height_mm), um(process.layer_height_mm))
    return LayerThickness(um(process.first_layer_height_mm), um(process.layer_height_mm))


def layer_plan(part_top_nm: int, thickness: LayerThickness, floor_um: int = 0) -> LayerHeights:
    """Layers of a part whose highest point is `part_top_nm` above the bed, and which begins at
    `floor_um`, on the bed or over a raft.

    The first layer is `first_um` thick, every other `height_um`; each is cut at half its height,
    and layers follow as long as that plane lies inside the part (facts of slicers 2.3). So a
    last partial layer is printed, at full thickness, exactly where the part fills more than half
    of it, and the print's top is off the part's by half a layer at most. A part of less than
    half the first layer has no layers at all.
    """
    first_um, height_um = thickness
    if first_um <= 0 or height_um <= 0:
        raise ValueError(f"layers of {first_um} and {height_um} um")
    inside_nm = part_top_nm - floor_um * NM_PER_UM - HEIGHT_NOISE_NM
    if first_um * NM_PER_UM // 2 >= inside_nm:
        count = 0
    else:
        # Plane i > 0 lies at first + (i - 1/2) height; the largest i with that under inside_nm.
        doubled = 2 * (inside_nm - first_um * NM_PER_UM) + height_um * NM_PER_UM
        count = 1 + max(0, -(-doubled // (2 * height_um * NM_PER_UM)) - 1)
    top = floor_um + first_um + np.arange(count, dtype=np.int64) * height_um
    height = np.full(count, height_um, np.int64)
    height[:1] = first_um
    return LayerHeights(top, height, top * NM_PER_UM - height * (NM_PER_UM // 2))


def layer_plan_of(stack: LayerStack) -> LayerPlan:
    """The heights of a stack as the audit is told them."""
    tops, heights = stack.top_um, stack.height_um
    first, height = int(heights[0]), int(heights[min(1, len(heights) - 1)])
    floor = int(tops[0]) - first
    uniform = floor + first + np.arange(len(tops), dtype=np.int64) * height
    explicit = () if bool((tops == uniform).all()) else tuple(tops.tolist())
    return LayerPlan(
        first_um=first, height_um=height, count=len(tops), top_um=explicit, floor_um=floor
    )
