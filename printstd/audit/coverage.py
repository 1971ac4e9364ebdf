"""Is the inside of a layer filled as it must be: skins, solid layers, walls, sparse infill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from printstd.artifacts.demand import IntegrityLimits
from printstd.audit.beads import ROUND_LOSS
from printstd.audit.layer_beads import LayerBeads
from printstd.audit.outline import Outline, OutlineStack
from printstd.audit.regions import Region, lines_of, within
from printstd.audit.spot import Spot

SKIN_GAP_RATIO: Final = 0.75
"""A hole in a skin counts where a disc of this many bead widths across fits in it."""
SPARSE_MARGIN_UM: Final = 1500.0
"""Infill is measured this far from walls and shells, where anchors and overlaps end."""
SPARSE_AREA_MIN_UM2: Final = 20e6
SOLID_AREA_MIN_UM2: Final = 100e6
"""Smaller solid layers are mostly walls and gaps between them, where whole beads do not add up."""
FULL_RATIO: Final = 1.5
VOID_RATIO: Final = 1.25
"""Of the distance between infill lines at the least density: lines of two directions in one layer
(grid) leave places one such distance away from both."""
AIR_NOTED_UM: Final = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Areas um2, volumes um3, lengths um. None where it does not apply to the layer.

    covered_area : of all beads together, at least. solid_ratio : deposited over section volume,
    in layers that must be solid throughout. skin_area, skin_bare : exposed skin and what of it
    lies bare; skin_spots : holes in it. shell_area, shell_bare : the same for all that must be
    solid, walls apart. wall_length, wall_bare : the innermost demanded wall's line and what no
    bead covers. sparse_area, sparse_volume : inside and what fills it; void_spots : where
    nothing does. air_length, air_spots : beads over nothing. must_volume : what walls, shells
    and the middle of the infill's window add up to.
    """

    covered_area: float
    solid_ratio: float | None
    skin_area: float
    skin_bare: float
    skin_spots: tuple[Spot, ...]
    shell_area: float
    shell_bare: float
    wall_length: float
    wall_bare: float
    wall_spots: tuple[Spot, ...]
    sparse_area: float
    sparse_volume: float
    must_volume: float
    void_spots: tuple[Spot, ...]
    air_length: float
    air_spots: tuple[Spot, ...]


def coverage_of(
    own: LayerBeads,
    stack: OutlineStack,
    layer: int,
    limits: IntegrityLimits,
    height: float,
    wall_width: float,
) -> Coverage:
    """Coverage of one layer by its part's beads."""
    outline = stack.coarse(layer)
    bottom, top = limits.solid_layers
    sparse = stack.sparse(layer, bottom, top) if bottom or top else None
    spacing = max(wall_width - height * ROUND_LOSS, 0.25 * wall_width)
    solid_ratio = None
    if (
        sparse is not None
        and outline.area >= SOLID_AREA_MIN_UM2
        and _is_solid(stack, layer, limits, wall_width)
        and (layer == 0 or _rests_on_solid(stack, layer, limits, wall_width))
    ):
        solid_ratio = own.volume / (outline.area * height)
    skin_area, skin_bare, skin_spots = _skin(own, stack, layer, limits, wall_width)
    shell_area, shell_bare = _shell(own, outline, sparse, wall_width)
    wall_length, wall_bare, wall_spots = _walls(own, outline, limits.min_wall_count, spacing)
    inner, sparse_volume, must, voids = _infill(own, outline, sparse, limits, height, spacing)
    air_length, air_spots = _air(own, stack, layer, wall_width)
    return Coverage(
        covered_area=_covered_area(own, height),
        solid_ratio=solid_ratio,
        skin_area=skin_area,
        skin_bare=skin_bare,
        skin_spots=skin_spots,
        shell_area=shell_area,
        shell_bare=shell_bare,
        wall_length=wall_length,
        wall_bare=wall_bare,
        wall_spots=wall_spots,
        sparse_area=inner,
        sparse_volume=sparse_volume,
        must_volume=must,
        void_spots=voids,
        air_length=air_length,
        air_spots=air_spots,
    )


def _covered_area(own: LayerBeads, height: float) -> float:
    """Area under the beads; exact only where it could matter whether they have room."""
    least = own.cover.area_at_least()
    return least if own.volume <= FULL_RATIO * least * height else own.cover.area()


def _is_solid(stack: OutlineStack, layer: int, limits: IntegrityLimits, wall_width: float) -> bool:
    """Nothing of the layer but walls may be sparse."""
    sparse = stack.sparse(layer, *limits.solid_layers)
    return bool(sparse.grown(-2 * wall_width, 2).is_empty)


def _rests_on_solid(
    stack: OutlineStack, layer: int, limits: IntegrityLimits, wall_width: float
) -> bool:
    """The layer below is solid too and reaches as far: no bridges, whose threads hold more."""
    import shapely

    if not _is_solid(stack, layer - 1, limits, wall_width):
        return False
    free = shapely.difference(stack.coarse(layer).region, stack.coarse(layer - 1).region)
    return bool(shapely.buffer(free, -wall_width, quad_segs=2).is_empty)


def _skin(
    own: LayerBeads, stack: OutlineStack, layer: int, limits: IntegrityLimits, wall_width: float
) -> tuple[float, float, tuple[Spot, ...]]:
    """What neither the layer above nor the one below covers: area, bare area, holes."""
    import shapely

    bottom, top = limits.solid_layers
    region = stack.coarse(layer).region
    gap = SKIN_GAP_RATIO * wall_width / 2
    wide = []
    for count, neighbour in ((top, layer + 1), (bottom, layer - 1)):
        if not count:
            continue
        exposed = region
        if 0 <= neighbour < stack.n_layers:
            exposed = shapely.difference(region, stack.coarse(neighbour).region)
        shrunk = shapely.buffer(exposed, -gap, quad_segs=2)
        if not shrunk.is_empty:
            wide.append(shapely.buffer(shrunk, gap, quad_segs=2))
    if not wide:
        return 0.0, 0.0, ()
    skin = wide[0] if len(wide) == 1 else shapely.union(*wide)
    bare = own.cover.bare(skin)
    holes = shapely.buffer(bare, -gap, quad_segs=2)
    spots = tuple(
        Spot(0.0, float(np.sqrt(part.area)), _first_point(part))
        for part in shapely.get_parts(holes)
        if not part.is_empty
    )
    return float(skin.area), float(shapely.buffer(holes, gap, quad_segs=2).area), spots


def _first_point(geometry: Region) -> tuple[float, float]:
    import shapely

    x, y = shapely.get_coordinates(geometry)[0].tolist()
    return x, y


def _shell(
    own: LayerBeads, outline: Outline, sparse: Outline | None, wall_width: float
) -> tuple[float, float]:
    """What must be solid, a bead from its edges: area, bare area."""
    import shapely

    if sparse is None:
        return 0.0, 0.0
    solid = shapely.difference(outline.region, sparse.grown(wall_width, 2))
    inner = shapely.intersection(
        shapely.buffer(shapely.buffer(solid, -wall_width, quad_segs=2), wall_width, quad_segs=2),
        outline.grown(-wall_width, 2),
    )
    if inner.is_empty:
        return 0.0, 0.0
    return float(inner.area), float(own.cover.bare(inner).area)


def _walls(
    own: LayerBeads, outline: Outline, count: int, spacing: float
) -> tuple[float, float, tuple[Spot, ...]]:
    """The line along which the innermost demanded wall must run, where the part is thick enough:
    length, bare length, long bare stretches."""
    import shapely

    if count < 1:
        return 0.0, 0.0, ()
    room = outline.grown(-(count + 0.25) * spacing, 4)
    if room.is_empty:
        return 0.0, 0.0, ()
    line = shapely.boundary(shapely.buffer(room, 0.75 * spacing, quad_segs=4))
    bare = own.cover.bare(line)
    spots = tuple(
        Spot(0.0, float(piece.length), _first_point(piece))
        for piece in shapely.get_parts(shapely.line_merge(bare))
        if piece.length > 10 * spacing
    )
    return float(line.length), float(bare.length), spots


def _infill(
    own: LayerBeads,
    outline: Outline,
    sparse: Outline | None,
    limits: IntegrityLimits,
    height: float,
    spacing: float,
) -> tuple[float, float, float, tuple[Spot, ...]]:
    """(area in which infill is measured, volume in it, volume that the layer must hold, voids)."""
    import shapely

    window = limits.infill_permille
    if sparse is None or window is None:
        return 0.0, 0.0, outline.area * height, ()
    walls = max(limits.min_wall_count, 1) * spacing
    inside = shapely.intersection(sparse.region, outline.grown(-walls, 2))
    must = (outline.area - float(inside.area) * (1 - sum(window) / 2000)) * height
    inner = shapely.buffer(inside, -SPARSE_MARGIN_UM, quad_segs=2)
    if inner.area < SPARSE_AREA_MIN_UM2 or not len(own.part):
        return 0.0, 0.0, must, ()
    beads, part = own.beads, own.part
    central = part[within(inner, beads.middle_um[part])]
    if not len(central):
        return float(inner.area), 0.0, must, ()
    length = beads.length_um[central]
    area = float((beads.area_um2[central] * length).sum() / length.sum())
    x0, y0, x1, y1 = inner.bounds
    low = np.minimum(beads.start_um[part], beads.end_um[part])
    high = np.maximum(beads.start_um[part], beads.end_um[part])
    near = part[(low[:, 0] < x1) & (high[:, 0] > x0) & (low[:, 1] < y1) & (high[:, 1] > y0)]
    lines = shapely.multilinestrings(
        lines_of(beads.start_um[near], beads.end_um[near], np.ones(len(near), bool))
    )
    laid = float(shapely.intersection(lines, inner).length)
    voids = _voids(inner, lines, VOID_RATIO * spacing * 1000 / max(window[0], 1))
    return float(inner.area), laid * area, must, voids


def _voids(inner: Region, lines: Region, radius: float) -> tuple[Spot, ...]:
    """Places inside which no infill comes within the radius, looked for on a grid of half of it."""
    import shapely

    x0, y0, x1, y1 = inner.bounds
    step = radius / 2
    x, y = np.meshgrid(np.arange(x0, x1, step), np.arange(y0, y1, step))
    points = np.column_stack([x.ravel(), y.ravel()])
    points = points[within(inner, points)]
    shapely.prepare(lines)
    far = points[~shapely.dwithin(lines, shapely.points(points), radius)]
    if not len(far):
        return ()
    return (Spot(radius, float(len(far)) ** 0.5 * step, (float(far[0, 0]), float(far[0, 1]))),)


def _air(
    own: LayerBeads, stack: OutlineStack, layer: int, wall_width: float
) -> tuple[float, tuple[Spot, ...]]:
    """Beads that lie over nothing of the layer below, half a bead aside: length, long stretches
    (deviation_um of a spot is the straight distance between its ends)."""
    import shapely

    rows = own.part[own.hanging]
    if not layer or not len(rows):
        return 0.0, ()
    beads = own.beads
    held = stack.coarse(layer - 1).grown(wall_width / 2, 4)
    rows = rows[~within(held, beads.middle_um[rows])]
    if not len(rows):
        return 0.0, ()
    is_head = np.ones(len(rows), bool)
    is_head[1:] = (np.diff(rows) != 1) | (beads.chain[rows[1:]] != beads.chain[rows[:-1]])
    free = shapely.difference(lines_of(beads.start_um[rows], beads.end_um[rows], is_head), held)
    free = free[~shapely.is_empty(free)]
    spots = []
    for piece in shapely.get_parts(free):
        ends = shapely.get_coordinates(piece)[[0, -1]]
        span = float(np.hypot(*(ends[1] - ends[0])))
        if piece.length > AIR_NOTED_UM:
            spots.append(Spot(span, float(piece.length), (float(ends[0, 0]), float(ends[0, 1]))))
    spots.sort(key=lambda spot: -spot.length_um)
    return float(shapely.length(free).sum()), tuple(spots[:8])
