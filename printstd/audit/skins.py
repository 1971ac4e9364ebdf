"""Skins: what neither the layer above nor the one below covers, and holes in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.audit.bead_models import Bracket
from printstd.audit.inside import Inside
from printstd.audit.layer_beads import LayerBeads
from printstd.audit.limit_places import Place
from printstd.audit.outline import OutlineStack
from printstd.audit.regions import Region
from printstd.audit.spot import Spot, first_point

SKIN_GAP_RATIO: Final = 0.75
"""A hole in a skin counts where a disc of this many bead widths across fits in it."""

NONE_BARE: Final = Bracket(0.0, 0.0, 0.0)
NO_SPOTS: Final[Bracket[tuple[Spot, ...]]] = Bracket((), (), ())


def skin_of(
    own: LayerBeads,
    stack: OutlineStack,
    insides: Sequence[Inside | None],
    places: Sequence[Place],
    layer: int,
    wall_width: float,
) -> tuple[float, Bracket[float], Bracket[tuple[Spot, ...]]]:
    """What neither the layer above nor the one below covers: area, bare area, holes."""
    import shapely

    gap = SKIN_GAP_RATIO * wall_width / 2
    skins = _exposed(stack, insides, places, layer, 1, gap, wall_width)
    skins += _exposed(stack, insides, places, layer, -1, gap, wall_width)
    skins = [skin for skin in skins if not skin.is_empty]
    if not skins:
        return 0.0, NONE_BARE, NO_SPOTS
    skin = skins[0]
    for other in skins[1:]:
        skin = shapely.union(skin, other)
    around = own.where_holes_may_be(skin, own.laid_lean_um, gap)

    def holes(laid_um: NDArray[np.float64]) -> tuple[float, tuple[Spot, ...]]:
        """Most skins have none, as a look at a few places of them shows."""
        if around.is_empty or _drawn_in(own.bare(around, laid_um), gap).is_empty:
            return 0.0, ()
        return _holes(own.bare(skin, laid_um), gap)

    # What narrower beads cover wider ones do: where nothing is bare, no other model need be asked.
    found = [holes(own.laid_lean_um)]
    for laid_um in (own.laid_um, own.laid_most_um):
        found.append(holes(laid_um) if found[-1][0] else found[-1])
    (worst, worst_spots), (usual, usual_spots), (best, best_spots) = found
    spots = Bracket(worst_spots, usual_spots, best_spots)
    return float(skin.area), Bracket(worst, usual, best), spots


def _holes(bare: Region, gap: float) -> tuple[float, tuple[Spot, ...]]:
    """Area and places of what is bare, where a disc of the radius `gap` fits."""
    import shapely

    holes = _drawn_in(bare, gap)
    spots = tuple(
        Spot(0.0, float(np.sqrt(part.area)), first_point(part))
        for part in shapely.get_parts(holes)
        if not part.is_empty
    )
    return float(shapely.buffer(holes, gap, quad_segs=2).area), spots


def _drawn_in(bare: Region, gap: float) -> Region:
    import shapely

    return shapely.buffer(bare, -gap, quad_segs=2)


def _exposed(
    stack: OutlineStack,
    insides: Sequence[Inside | None],
    places: Sequence[Place],
    layer: int,
    by: int,
    gap: float,
    wall_width: float,
) -> list[Region]:
    """What the layer above or below leaves free, where skins are demanded."""
    import shapely

    asked = [
        (place.region, inside is not None and (inside.has_top if by > 0 else inside.has_bottom))
        for inside, place in zip(insides, places, strict=True)
    ]
    if not any(is_asked for _, is_asked in asked):
        return []
    free = stack.exposed(layer, by, gap)
    if all(is_asked or (region is not None and region.is_empty) for region, is_asked in asked):
        return [free]
    return [
        shapely.intersection(free, shapely.buffer(region, -wall_width, quad_segs=2))
        for region, is_asked in asked
        if is_asked and region is not None
    ]
