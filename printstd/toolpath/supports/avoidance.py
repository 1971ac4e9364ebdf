"""From where a branch still reaches the bed beside the part.

A branch of radius r may stand wherever the part's surroundings (`Gaps`), grown by r, are not. From
layer to layer it moves by `reach` at most; so of the layer below it must not be further in what is
avoided there than that. From the bed up: avoided(l) = avoided(l - 1) drawn in by the reach, and
what is around the part in l itself. Source: the avoidance maps of tree supports, facts of slicers
E3.
"""

from __future__ import annotations

from collections.abc import Sequence

from printstd.kernels import clip
from printstd.kernels.clip import Area, Join
from printstd.kernels.rings import Rings
from printstd.toolpath.supports.columns import Gaps


class Avoidance:
    """Avoided areas of branches of some radii, layer by layer."""

    def __init__(
        self, gaps: Gaps, reach_nm: Sequence[int], radii_nm: Sequence[int], n_layers: int
    ) -> None:
        """reach_nm : of each layer, how far a branch moves on its way down to the one below.
        radii_nm : ascending. n_layers : so many layers from the bed up are looked at."""
        self._by_radius = [_avoided(gaps, reach_nm, radius, n_layers) for radius in radii_nm]

    def rings(self, kind: int, layer: int) -> Rings:
        """What the middle of a branch of radius number `kind` avoids."""
        return self._by_radius[kind][layer]


def _avoided(gaps: Gaps, reach_nm: Sequence[int], radius_nm: int, n_layers: int) -> list[Rings]:
    areas: list[Area] = []
    grown: dict[int, Area] = {}
    for layer in range(n_layers):
        around = gaps.around(layer)
        if id(around) not in grown:
            grown[id(around)] = around.offset(radius_nm, join=Join.SQUARE)
        own = grown[id(around)]
        if not areas or areas[-1].is_empty or areas[-1] is own:
            areas.append(own)
            continue
        left = areas[-1].offset(-reach_nm[layer], join=Join.SQUARE) - own
        areas.append(own if left.is_empty else left | own)
    distinct = list({id(area): area for area in areas}.values())
    found = dict(zip(map(id, distinct), clip.rings_of(distinct), strict=True))
    return [found[id(area)] for area in areas]
