"""The layers that a part will be printed in, as the checks of printability see them: cut once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.overhang import Reach, Unsupported, unsupported
from printstd.kernels.ring_sums import LayerSums, layer_sums
from printstd.kernels.rings import EMPTY, Rings, concat
from printstd.kernels.sections import RANGE_NM, section_rings
from printstd.kernels.simplify import without_straight
from printstd.profiles.resolved import Resolved
from printstd.units import NM_PER_MM, nm

if TYPE_CHECKING:
    from printstd.validate.context import CheckContext

_MOST_LAYERS: Final = 20_000

_STRAIGHT_NM: Final = 1_000
"""What a contour may stray by. (Not as much as when it is sliced: figures must not depend on how
the part is turned.)"""


def reach_of(resolved: Resolved) -> Reach:
    """What counts as carried and as a bridge, from the profiles."""
    return Reach(
        nm(resolved.nozzle_mm) // 2,
        nm(resolved.process.widths.external_perimeter_mm),
        nm(resolved.process.integrity.max_air_mm),
    )


@dataclass(frozen=True, eq=False)
class PrintedPiece:
    """What is made by the same settings. sections : per layer, nm above and beside the part's own
    lowest corner."""

    sections: list[Rings]
    resolved: Resolved

    @property
    def has_supports(self) -> bool:
        return self.resolved.process.supports.enabled

    @cached_property
    def unsupported(self) -> list[Unsupported]:
        """What no layer below carries, bridges too."""
        return unsupported(self.sections, reach_of(self.resolved))


@dataclass(frozen=True, eq=False)
class PrintedLayers:
    """pieces : at least one. tops_nm : (l,) int64, of each layer, above the part's lowest corner.
    shift_mm : from the coordinates of sections to `frame`'s. raw : the rings of the bare sections
    and the borders of their layers, where the part is the mesh cut at even heights."""

    pieces: tuple[PrintedPiece, ...]
    tops_nm: NDArray[np.int64]
    frame: str
    shift_mm: tuple[float, float, float]
    raw: tuple[Rings, NDArray[np.int64]] | None

    @cached_property
    def tops_mm(self) -> list[float]:
        return [float(top) for top in self.tops_nm / NM_PER_MM]

    @cached_property
    def heights_mm(self) -> NDArray[np.float64]:
        """(l,) float64: of each layer."""
        return np.diff(self.tops_nm, prepend=0) / NM_PER_MM

    @cached_property
    def sections(self) -> list[Rings]:
        """Per layer, of all pieces together."""
        if len(self.pieces) == 1:
            return self.pieces[0].sections
        by_layer: list[list[Rings]] = [[] for _ in self.tops_nm]
        for piece in self.pieces:
            for layer, section in enumerate(piece.sections):
                by_layer[layer].append(section)
        return [clip.union(parts) if parts else EMPTY for parts in by_layer]

    @cached_property
    def sums(self) -> LayerSums:
        """Area and its first moments of each layer."""
        return layer_sums(concat(self.sections), [one.n_rings for one in self.sections])

    @cached_property
    def unsupported(self) -> list[Unsupported]:
        """What no layer below carries, of all pieces together."""
        if len(self.pieces) == 1:
            return self.pieces[0].unsupported
        return unsupported(self.sections, reach_of(self.pieces[0].resolved))

    @property
    def has_supports(self) -> bool:
        return all(piece.has_supports for piece in self.pieces)


def printed_layers(context: CheckContext) -> PrintedLayers | None:
    """None where the part is too large to be cut into its layers here."""
    frame = "bed" if context.placement is not None else "model"
    if context.layers:
        tallest = max((one.stack for one in context.layers), key=lambda stack: stack.n_layers)
        pieces = tuple(
            PrintedPiece([Rings(*stack.rings_of(k)) for k in range(stack.n_layers)], resolved)
            for stack, resolved, _ in context.layers
        )
        tops = np.asarray(tallest.top_um, np.int64) * 1000
        return PrintedLayers(pieces, tops, frame, context.layers[0].shift_mm, None)
    process = context.resolved.process
    first, height = nm(process.first_layer_height_mm), nm(process.layer_height_mm)
    corners = context.standing_mm[context.faces.reshape(-1)]
    low, high = corners.min(axis=0), corners.max(axis=0)
    count = int(((high[2] - low[2]) * NM_PER_MM - first) // height) + 2
    if count > _MOST_LAYERS or float((high - low).max()) * NM_PER_MM > RANGE_NM:
        return None
    vertices_nm = np.rint((context.standing_mm - low) * NM_PER_MM).astype(np.int64)
    planes = first - height // 2 + np.arange(count) * height
    planes[0] = first // 2
    raw = section_rings(vertices_nm, context.faces, planes)
    bare = Rings(raw.xy_nm, raw.ring_offsets)
    plain = without_straight(bare, _STRAIGHT_NM)
    rings, borders = clip.close_each(plain, raw.layer_offsets, nm(process.slice_closing_mm))
    sections = [
        Rings(
            rings.xy_nm[rings.offsets[a] : rings.offsets[b]],
            rings.offsets[a : b + 1] - rings.offsets[a],
        )
        for a, b in pairwise(borders.tolist())
    ]
    shift = low.copy()
    if context.placement is not None:
        shift += np.array(context.placement.translation_um) / 1e3
        shift[2] = 0.0  # the placement has put the lowest corner on the bed
    return PrintedLayers(
        (PrintedPiece(sections, context.resolved),),
        first + np.arange(count) * height,
        frame,
        (float(shift[0]), float(shift[1]), float(shift[2])),
        (bare, raw.layer_offsets),
    )
