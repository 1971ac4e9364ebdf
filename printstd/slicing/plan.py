"""Which layers a part gets, and at which height each is cut."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.layer_plan import LayerPlan
from printstd.artifacts.layers import LayerStack
from printstd.kernels.layer_heights import Window
from printstd.named_tuple import NamedTuple
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


class HeightRange(NamedTuple):
    """Layers between two heights above the bed, um, that are `height_um` thick."""

    from_um: int
    to_um: int
    height_um: int


class LayerThickness(NamedTuple):
    """What a process asks of its layers, um.

    first_um, height_um : of the first layer, of every other. window : what the nozzle can lay.
    max_error_um : bound on the stairs' distance from the surface; 0 = layers of one height.
    is_top_exact : the last layer ends with the part. ranges : rising, apart from each other.
    """

    first_um: int
    height_um: int
    window: Window = Window(1, 1_000_000)
    max_error_um: int = 0
    is_top_exact: bool = False
    ranges: tuple[HeightRange, ...] = ()

    @property
    def is_uniform(self) -> bool:
        return not (self.max_error_um or self.is_top_exact or self.ranges)


def layer_thickness(resolved: Resolved) -> LayerThickness:
    """What the process asks for, in whole micrometres. On a raft no layer is the first one."""
    process = resolved.process
    ranges = sorted(
        (um(one.from_mm), um(one.to_mm), um(one.layer_height_mm))
        for one in process.ranges
        if one.layer_height_mm is not None
    )
    first_mm = process.layer_height_mm if process.raft.layers else process.first_layer_height_mm
    return LayerThickness(
        um(first_mm),
        um(process.layer_height_mm),
        Window(*resolved.layer_window_um),
        process.layers.max_surface_error_um,
        process.layers.exact_top,
        tuple(HeightRange(*one) for one in ranges),
    )


def layer_plan(part_top_nm: int, thickness: LayerThickness, floor_um: int = 0) -> LayerHeights:
    """Layers of a part whose highest point is `part_top_nm` above the bed, and which begins at
    `floor_um`, on the bed or over a raft.

    The first layer is `first_um` thick, every other `height_um`; each is cut at half its height,
    and layers follow as long as that plane lies inside the part (facts of slicers 2.3). So a
    last partial layer is printed, at full thickness, exactly where the part fills more than half
    of it, and the print's top is off the part's by half a layer at most. A part of less than
    half the first layer has no layers at all.
    """
    first_um, height_um = thickness.first_um, thickness.height_um
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
    return heights_of(top, floor_um)


def heights_of(top_um: NDArray[np.int64], floor_um: int = 0) -> LayerHeights:
    """Layers that stand on each other, the first on the bed or over a raft, each cut halfway up."""
    height = np.diff(top_um, prepend=floor_um)
    return LayerHeights(top_um, height, top_um * NM_PER_UM - height * (NM_PER_UM // 2))


def layer_plan_of(stack: LayerStack, asked: LayerPlan | None = None) -> LayerPlan:
    """The heights of a stack as the audit is told them. asked : what the process wants of layers
    that may be of different heights."""
    tops, heights = stack.top_um, stack.height_um
    if asked is not None and asked.is_varied:
        return replace(asked, count=len(tops), top_um=tuple(tops.tolist()))
    first, height = int(heights[0]), int(heights[min(1, len(heights) - 1)])
    floor = int(tops[0]) - first
    uniform = floor + first + np.arange(len(tops), dtype=np.int64) * height
    explicit = () if bool((tops == uniform).all()) else tuple(tops.tolist())
    return LayerPlan(
        first_um=first, height_um=height, count=len(tops), top_um=explicit, floor_um=floor
    )
