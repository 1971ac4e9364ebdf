"""Flat faces that lie exactly in a layer's plane: the layer may end with them or begin.

A layer is printed where its middle lies inside the part; where a floor or a roof is as high as the
middle itself, both answers are right, and slicers differ in theirs. The layer's beads say which
was taken, and the section is taken accordingly.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.beads import Beads
from printstd.audit.hollow import Shells
from printstd.audit.regions import Region, polygon_of
from printstd.audit.scan import tape_over, united
from printstd.audit.sections import Sections, with_layers

TIE_UM: Final = 1.0
"""A face this near to a plane lies in it: numbers are rounded differently on both sides."""
LEAST_UM2: Final = 0.2e6
PITCH_UM: Final = 200.0


def settled(
    sections: Sections,
    shells: Shells,
    planes_um: NDArray[np.float64],
    beads: Beads,
) -> Sections:
    """The sections, with those of tied layers as the beads have them.

    shells : where the model stands. planes_um : (l,) their heights, rising.
    """
    layers = _tied(*shells.all_facets(), planes_um)
    if not len(layers):
        return sections
    found: dict[int, Sections] = {}
    both = [shells.sections(planes_um[layers] + by) for by in (-2 * TIE_UM, 2 * TIE_UM)]
    for index, layer in enumerate(layers.tolist()):
        below, above = (polygon_of(one.rings_of(index)) for one in both)
        is_begun = _is_begun(below, above, beads, layer)
        if is_begun is not None:
            found[layer] = both[int(is_begun)].only(index)
    return with_layers(sections, found)


def _tied(
    vertices: NDArray[np.float64], faces: NDArray[np.int64], planes: NDArray[np.float64]
) -> NDArray[np.int64]:
    """(n,) layers in whose plane a facet lies, rising."""
    z = vertices[faces, 2]
    low, high = z.min(axis=1), z.max(axis=1)
    first = np.searchsorted(planes, high - TIE_UM)
    is_tied = (first < len(planes)) & (high - low <= 2 * TIE_UM)
    is_tied[is_tied] = planes[first[is_tied]] <= low[is_tied] + TIE_UM
    return np.unique(first[is_tied])


def _is_begun(below: Region, above: Region, beads: Beads, layer: int) -> bool | None:
    """The beads lie as the section just above the plane has it, not the one just below; None
    where that makes no difference."""
    import shapely

    begins, ends = shapely.difference(above, below), shapely.difference(below, above)
    if begins.area + ends.area < LEAST_UM2:
        return None
    laid = _covered_area(begins, beads, layer) + ends.area - _covered_area(ends, beads, layer)
    return bool(laid > (begins.area + ends.area) / 2)


def _covered_area(region: Region, beads: Beads, layer: int) -> float:
    """Area of a region that the beads of a layer cover."""
    if region.is_empty:
        return 0.0
    rows = beads.of_layer(layer)
    tape = tape_over(region.bounds, PITCH_UM)
    low, high = tape.of_region(region)
    laid = united(tape.of_beads(beads.start_um[rows], beads.end_um[rows], beads.width_um[rows] / 2))
    whole = united((np.concatenate([low, laid[0]]), np.concatenate([high, laid[1]])))
    # What both have is what is counted twice.
    twice = (high - low).sum() + (laid[1] - laid[0]).sum() - (whole[1] - whole[0]).sum()
    return float(twice) * PITCH_UM
