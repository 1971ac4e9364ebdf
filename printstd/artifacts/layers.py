"""LayerStack: slicing -> toolpath."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.arrays import check_offsets, frozen_array
from printstd.dataclass import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Healed:
    """What was done to a surface that is not closed, so that its sections are.

    layer : (g,) int64, layer of each straight line that closes a section. xy_nm : (g, 2) int64, nm,
    bed frame: where it starts. gap_nm : (g,) float64, nm: how long it is. turned_facets : how many
    facets were turned over to face as their neighbours do.
    """

    layer: NDArray[np.int64]
    xy_nm: NDArray[np.int64]
    gap_nm: NDArray[np.float64]
    turned_facets: int

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "layer", frozen_array("layer", self.layer, np.int64, (None,)))
        set_(self, "xy_nm", frozen_array("xy_nm", self.xy_nm, np.int64, (len(self.layer), 2)))
        set_(self, "gap_nm", frozen_array("gap_nm", self.gap_nm, np.float64, (len(self.layer),)))


@dataclass(frozen=True, slots=True, eq=False)
class LayerStack:
    """The part's mid-layer sections, bottom up.

    top_um : (l,) int64, um, bed frame: Z the nozzle prints layer i at (top of the layer).
    height_um : (l,) int64, um: thickness of each layer.
    slice_z_nm : (l,) int64, nm, bed frame: where the section was taken.
    xy_nm : (p, 2) int64, nm, bed frame: ring vertices; a ring's last vertex joins its first.
    ring_offsets : (r + 1,) int64 into xy_nm.
    layer_offsets : (l + 1,) int64 into rings.

    Rings never cross or touch themselves beyond a vertex; outer rings run counter-clockwise,
    holes clockwise (so the signed areas of a layer add up to its area). Each ring starts at
    its smallest vertex (x, then y); rings of a layer are sorted by that vertex, then area.
    """

    top_um: NDArray[np.int64]
    height_um: NDArray[np.int64]
    slice_z_nm: NDArray[np.int64]
    xy_nm: NDArray[np.int64]
    ring_offsets: NDArray[np.int64]
    layer_offsets: NDArray[np.int64]
    healed: Healed | None = None
    """None where nobody asked for it."""

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        for name in ("top_um", "height_um", "slice_z_nm", "ring_offsets", "layer_offsets"):
            set_(self, name, frozen_array(name, getattr(self, name), np.int64, (None,)))
        set_(self, "xy_nm", frozen_array("xy_nm", self.xy_nm, np.int64, (None, 2)))
        check_offsets("ring_offsets", self.ring_offsets, len(self.xy_nm))
        check_offsets("layer_offsets", self.layer_offsets, len(self.ring_offsets) - 1)
        if not len(self.top_um) == len(self.height_um) == len(self.slice_z_nm) == self.n_layers:
            raise TypeError("one top, height and slice plane per layer")

    @property
    def n_layers(self) -> int:
        return len(self.layer_offsets) - 1

    def moved(self, shift_nm: NDArray[np.int64]) -> LayerStack:
        """Elsewhere on the bed. shift_nm : (2,)."""
        healed = self.healed
        if healed is not None:
            healed = replace(healed, xy_nm=healed.xy_nm + shift_nm)
        return replace(self, xy_nm=self.xy_nm + shift_nm, healed=healed)

    def rings_of(self, layer: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(xy_nm (n, 2), ring_offsets (m + 1,)) of one layer, the form `kernels` take."""
        first, last = self.layer_offsets[layer], self.layer_offsets[layer + 1]
        borders = self.ring_offsets[first : last + 1]
        return self.xy_nm[borders[0] : borders[-1]], borders - borders[0]
