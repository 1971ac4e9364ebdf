"""Is the inside of a layer filled as it must be: skins, solid layers, walls, sparse infill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from printstd.artifacts.demand import IntegrityLimits
from printstd.audit.bead_models import ROUND_LOSS, Bracket
from printstd.audit.beads import Beads
from printstd.audit.cells import Bits, Grid, counted_cells
from printstd.audit.inside import Inside
from printstd.audit.layer_beads import LayerBeads
from printstd.audit.outline import FINE_UM, Outline, OutlineStack
from printstd.audit.regions import Region, lines_of, within
from printstd.audit.room import covered_areas
from printstd.audit.spot import Spot
from printstd.audit.tracing import Trace

SKIN_GAP_RATIO: Final = 0.75
"""A hole in a skin counts where a disc of this many bead widths across fits in it."""
SPARSE_AREA_MIN_UM2: Final = 20e6
SOLID_AREA_MIN_UM2: Final = 100e6
"""Smaller solid layers are mostly walls and gaps between them, where whole beads do not add up."""
SHELL_BARE_UM2: Final = 10e6
"""So much of a solid shell may lie bare, however small it is."""
VOID_RATIO: Final = 1.25
"""Of the distance between infill lines at the least density: lines of two directions in one layer
(grid) leave places one such distance away from both."""
AIR_NOTED_UM: Final = 1000.0
BESIDE_RATIO: Final = 1.5
CHAINED: Final = 1
"""Beads this near in time to another are the same line, not one beside it."""
LOOSE_UM: Final = 5000.0
"""Infill on nothing is a fault from this length in a layer on: ends of branches are held by what
they come from."""
EVEN: Final = ("middle", "whole")
"""Where infill shows (`IntegrityLimits.infill_shows`) if it has its density everywhere."""


_NONE_BARE: Final = Bracket(0.0, 0.0, 0.0)
_NO_SPOTS: Final[Bracket[tuple[Spot, ...]]] = Bracket((), (), ())


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """Walls and infill of one layer where the same limits hold: all of it, or a zone.

    wall_length, wall_bare : the innermost demanded wall's line and what no bead covers, under each
    model of a bead.
    sparse_area, sparse_volume : inside and what fills it; sparse_line_volume : what one line of
    infill more or less comes to there; void_spots : where nothing does. spared_area : by how much
    less plastic than a solid layer has the infill may hold.
    """

    limits: IntegrityLimits
    wall_length: float = 0.0
    wall_bare: Bracket[float] = _NONE_BARE
    wall_spots: Bracket[tuple[Spot, ...]] = _NO_SPOTS
    sparse_area: float = 0.0
    sparse_volume: float = 0.0
    sparse_line_volume: float = 0.0
    void_spots: tuple[Spot, ...] = ()
    spared_area: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Areas um2, volumes um3, lengths um. None where it does not apply to the layer.

    covered_area : of all beads together, least_area and most_area : no less and no more under any
    model of a bead; flat_volume : of theirs, what fills the layer.
    solid_ratio : deposited over section volume, in layers that must be solid throughout.
    skin_area, skin_bare : exposed skin and what of it lies bare; skin_spots : holes in it.
    shell_area, shell_bare : the same for all that must be solid, walls apart. filled : of the part
    outside all zones, then of each zone. loose : what of the infill lies on nothing, where that is
    asked. must_volume : what walls, shells and the middle of the infill's window add up to.
    air_length, air_spots : beads over nothing.
    """

    covered_area: float
    least_area: float
    most_area: float
    flat_volume: float
    solid_ratio: float | None
    skin_area: float
    skin_bare: Bracket[float]
    skin_spots: Bracket[tuple[Spot, ...]]
    shell_area: float
    shell_bare: Bracket[float]
    filled: tuple[Filled, ...]
    must_volume: float
    loose: Spot | None
    air_length: float
    air_spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """region : None where it is the whole layer. walls : the least number that any place has."""

    limits: IntegrityLimits
    region: Region | None = None
    walls: int = 0


@dataclass(frozen=True, slots=True)
class Around:
    """Beads of other layers, and places of this one. above : of those that may hold this layer's
    infill as well. below : of the one below, on which this layer's infill lies. places : where the
    same limits hold, the part outside all zones first. carried : where supports carry beads of this
    layer; None where they are not allowed."""

    above: Sequence[Beads]
    below: Beads | None
    places: Sequence[Place]
    carried: Callable[[Beads], Region] | None


def coverage_of(
    own: LayerBeads,
    stack: OutlineStack,
    insides: dict[int, Inside],
    layer: int,
    height: float,
    wall_width: float,
    walls: Sequence[Bracket[Trace]],
    around: Around,
) -> Coverage:
    """Coverage of one layer by its part's beads; `insides` holds its own and the one below.
    walls : the traces of `innermost_wall` of each of the places."""
    outline, inside = stack.coarse(layer), insides.get(layer)
    spacing = spacing_of(wall_width, height)
    solid_ratio = None
    if (
        inside is not None
        and inside.is_solid
        and outline.area >= SOLID_AREA_MIN_UM2
        and (layer == 0 or (_is_solid(insides, layer - 1) and _rests(stack, layer, wall_width)))
    ):
        solid_ratio = own.volume / (outline.area * height)
    places = around.places
    own_insides = [inside, *(inside.zones if inside and inside.zones else ())]
    own_insides += [None] * (len(places) - len(own_insides))
    skin_area, skin_bare, skin_spots = _skin(own, stack, own_insides, places, layer, wall_width)
    filled = tuple(
        _filled(own, around.above, its, place, line, height, spacing)
        for its, place, line in zip(own_insides, places, walls, strict=True)
    )
    air_length, air_spots = _air(own, stack, layer, wall_width, around.carried)
    least_area, covered_area, most_area = covered_areas(own, height)
    return Coverage(
        covered_area=covered_area,
        least_area=least_area,
        most_area=most_area,
        flat_volume=own.flat_volume(height),
        solid_ratio=solid_ratio,
        skin_area=skin_area,
        skin_bare=skin_bare,
        skin_spots=skin_spots,
        shell_area=inside.shell_area if inside else 0.0,
        shell_bare=_shell_bare(own, inside) if inside and inside.shell_area else _NONE_BARE,
        filled=filled,
        must_volume=(outline.area - sum(one.spared_area for one in filled)) * height,
        loose=_loose(own, around.below, inside, wall_width),
        air_length=air_length,
        air_spots=air_spots,
    )


def _is_solid(insides: dict[int, Inside], layer: int) -> bool:
    inside = insides.get(layer)
    return inside is not None and inside.is_solid


def _shell_bare(own: LayerBeads, inside: Inside) -> Bracket[float]:
    """Under the usual model and the best one only where the worst leaves so much that it matters:
    what a rule may be told of it is then an upper bound."""
    worst = inside.shell_bare(own, own.laid_lean_um)
    if worst <= SHELL_BARE_UM2:
        return Bracket(worst, worst, worst)
    usual = inside.shell_bare(own, own.laid_um)
    best = inside.shell_bare(own, own.laid_most_um) if usual > SHELL_BARE_UM2 else usual
    return Bracket(worst, usual, best)


def _rests(stack: OutlineStack, layer: int, wall_width: float) -> bool:
    """The layer below reaches as far: no bridges, whose threads hold more."""
    import shapely

    free = shapely.difference(stack.coarse(layer).region, stack.coarse(layer - 1).region)
    return bool(shapely.buffer(free, -wall_width, quad_segs=2).is_empty)


def _filled(
    own: LayerBeads,
    above: Sequence[Beads],
    inside: Inside | None,
    place: Place,
    line: Bracket[Trace],
    height: float,
    spacing: float,
) -> Filled:
    length, bare, spots = _walls(line, place, spacing)
    filled = Filled(place.limits, length, bare, spots)
    if place.region is not None and inside is not None and not place.limits.infill_permille:
        # A zone that may be hollow: the rest of the part is still to hold what it must.
        walls = max(place.limits.min_wall_count, 1) * spacing
        return replace(filled, spared_area=inside.sparse_share * own.area_behind(walls))
    return _infill(filled, own, above, inside, height, spacing)


def _skin(
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
        return 0.0, _NONE_BARE, _NO_SPOTS
    skin = skins[0]
    for other in skins[1:]:
        skin = shapely.union(skin, other)
    if not own.may_leave_a_hole(skin, own.laid_lean_um, gap):
        return float(skin.area), _NONE_BARE, _NO_SPOTS
    # What narrower beads cover wider ones do: where nothing is bare, no other model need be asked.
    found = [_holes(own.bare(skin, own.laid_lean_um), gap)]
    for laid in (own.laid_um, own.laid_most_um):
        found.append(_holes(own.bare(skin, laid), gap) if found[-1][0] else found[-1])
    (worst, worst_spots), (usual, usual_spots), (best, best_spots) = found
    spots = Bracket(worst_spots, usual_spots, best_spots)
    return float(skin.area), Bracket(worst, usual, best), spots


def _holes(bare: Region, gap: float) -> tuple[float, tuple[Spot, ...]]:
    """Area and places of what is bare, where a disc of the radius `gap` fits."""
    import shapely

    holes = shapely.buffer(bare, -gap, quad_segs=2)
    spots = tuple(
        Spot(0.0, float(np.sqrt(part.area)), _first_point(part))
        for part in shapely.get_parts(holes)
        if not part.is_empty
    )
    return float(shapely.buffer(holes, gap, quad_segs=2).area), spots


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


def _first_point(geometry: Region) -> tuple[float, float]:
    import shapely

    x, y = shapely.get_coordinates(geometry)[0].tolist()
    return x, y


def spacing_of(wall_width: float, height: float) -> float:
    """From one wall's middle to the next, at such a width."""
    return max(wall_width - height * ROUND_LOSS, 0.25 * wall_width)


def innermost_wall(outline: Outline, count: int, spacing: float) -> Region:
    """Around it the innermost demanded wall must run, where the part is thick enough; empty where
    none is demanded or none fits."""
    import shapely

    if count < 1:
        return shapely.Polygon()

    def made() -> Region:
        room = outline.grown(-(count + 0.25) * spacing, 4)
        middle = shapely.buffer(room, 0.75 * spacing, quad_segs=4)
        return shapely.simplify(middle, FINE_UM, preserve_topology=False)

    return outline.once(("innermost wall", count, spacing), made)


def _walls(
    lines: Bracket[Trace], place: Place, spacing: float
) -> tuple[float, Bracket[float], Bracket[tuple[Spot, ...]]]:
    """Along the innermost demanded wall: length, bare length, long bare stretches."""
    found = [_wall(lines.worst, place, spacing)]
    for before, line in ((lines.worst, lines.usual), (lines.usual, lines.best)):
        found.append(found[-1] if line is before else _wall(line, place, spacing))
    worst, usual, best = found
    return usual[0], Bracket(worst[1], usual[1], best[1]), Bracket(worst[2], usual[2], best[2])


def _wall(line: Trace, place: Place, spacing: float) -> tuple[float, float, tuple[Spot, ...]]:
    """The same of one trace."""
    import shapely

    if place.region is None:
        length, bare, pieces = (
            float(line.length_um.sum()),
            line.bare_um,
            line.bare_lines(10 * spacing),
        )
    else:
        # Near a border walls that others have not turn off along it.
        turned_off = (place.limits.min_wall_count - place.walls + 1) * spacing
        inner = shapely.buffer(place.region, -turned_off, quad_segs=2)
        length, bare, pieces = line.within(inner, 10 * spacing)
    spots = tuple(Spot(0.0, float(piece.length), _first_point(piece)) for piece in pieces)
    return length, bare, spots


def _infill(
    filled: Filled,
    own: LayerBeads,
    above: Sequence[Beads],
    inside: Inside | None,
    height: float,
    spacing: float,
) -> Filled:
    """With the area in which infill is measured, the volume in it, that of one line there, and
    voids."""
    limits = filled.limits
    window = limits.infill_permille
    if inside is None or window is None:
        return filled
    walls = max(limits.min_wall_count, 1) * spacing
    sparse = inside.sparse_share * own.area_behind(walls)
    # Where infill thins out, how much of it there is cannot be told from the sections.
    is_even = limits.infill_shows in EVEN
    filled = replace(filled, spared_area=sparse * (1 - (sum(window) / 2000 if is_even else 0.0)))
    if not len(own):
        return filled
    radius = VOID_RATIO * spacing * 1000 / max(window[0], 1)
    voids = tuple(
        spot
        for cells, times in inside.watched
        if counted_cells(cells) * inside.grid.cell_um**2 >= SPARSE_AREA_MIN_UM2
        for spot in _voids(own, above, inside.grid, cells, times * radius)
    )
    area = inside.measured_area
    if area < SPARSE_AREA_MIN_UM2:
        return replace(filled, void_spots=voids)
    return replace(
        filled,
        sparse_area=area,
        sparse_volume=inside.volume_measured(own),
        sparse_line_volume=spacing * height * inside.measured_edge_um / 2,
        void_spots=voids,
    )


def _voids(
    own: LayerBeads, above: Sequence[Beads], grid: Grid, cells: Bits, radius: float
) -> tuple[Spot, ...]:
    """Places in the cells within whose radius no infill comes: on a grid of half of it those are
    found between which there may be one, and around them it is looked for on one of an eighth."""
    import shapely

    step = max(int(radius / 2 / grid.cell_um), 1)
    fine = max(step // 4, 1)
    # No place is further than half a diagonal from a point of the grid.
    between = step * grid.cell_um * 2**-0.5
    points = grid.middles(cells, step)
    extra = [shapely.linestrings(np.stack([b.start_um, b.end_um], axis=1)) for b in above]
    lines = shapely.multilinestrings(np.concatenate([own.lines, *extra]))
    shapely.prepare(lines)
    doubtful = points[~shapely.dwithin(lines, shapely.points(points), radius - between)]
    if not len(doubtful):
        return ()
    points = grid.middles(cells, fine)
    around = shapely.multipoints(doubtful)
    shapely.prepare(around)
    points = points[shapely.dwithin(around, shapely.points(points), 2 * between)]
    far = points[~shapely.dwithin(lines, shapely.points(points), radius)]
    if not len(far):
        return ()
    size = float(len(far)) ** 0.5 * fine * grid.cell_um
    return (Spot(radius, size, (float(far[0, 0]), float(far[0, 1]))),)


def _loose(
    own: LayerBeads, below: Beads | None, inside: Inside | None, reach: float
) -> Spot | None:
    """Infill whose middle is further than `reach` from all beads of the layer below."""
    import shapely

    if below is None or inside is None or inside.carried is None or not len(own):
        return None
    rows = np.flatnonzero(inside.grid.has(inside.carried, own.beads.middle_um))
    middle = own.beads.middle_um[rows]
    tree = shapely.STRtree(shapely.linestrings(np.stack([below.start_um, below.end_um], axis=1)))
    held = tree.query(shapely.points(middle), predicate="dwithin", distance=reach)[0]
    is_loose = np.ones(len(rows), bool)
    is_loose[held] = False
    # Lines side by side span from rib to rib: a bridge, or a skin on one.
    loose = np.flatnonzero(is_loose)
    own_tree = shapely.STRtree(
        shapely.linestrings(np.stack([own.beads.start_um, own.beads.end_um], axis=1))
    )
    asked, other = own_tree.query(
        shapely.points(middle[loose]), predicate="dwithin", distance=BESIDE_RATIO * reach
    )
    is_loose[loose[asked[np.abs(other - rows[loose[asked]]) > CHAINED]]] = False
    length = float(own.beads.length_um[rows][is_loose].sum())
    if length <= LOOSE_UM:
        return None
    x, y = middle[np.flatnonzero(is_loose)[0]].tolist()
    return Spot(reach, length, (x, y))


def _air(
    own: LayerBeads,
    stack: OutlineStack,
    layer: int,
    wall_width: float,
    carried: Callable[[Beads], Region] | None,
) -> tuple[float, tuple[Spot, ...]]:
    """Beads that lie over nothing of the layer below, half a bead aside, and over no supports:
    length, long stretches (deviation_um of a spot is the straight distance between its ends)."""
    import shapely

    rows = np.flatnonzero(own.hanging)
    if not layer or not len(rows):
        return 0.0, ()
    held = stack.coarse(layer - 1).grown(wall_width / 2, 4)
    rows = rows[~within(held, own.beads.middle_um[rows])]
    if not len(rows):
        return 0.0, ()
    free_beads = own.beads.chosen(rows)
    start, end = free_beads.start_um, free_beads.end_um
    is_head = np.ones(len(rows), bool)
    is_head[1:] = (np.diff(free_beads.chain) != 0) | (start[1:] != end[:-1]).any(axis=1)
    free = shapely.difference(lines_of(start, end, is_head), held)
    free = free[~shapely.is_empty(free)]
    if carried is not None and len(free):
        free = shapely.difference(free, carried(free_beads))
        free = free[~shapely.is_empty(free)]
    spots = []
    for piece in shapely.get_parts(free):
        ends = shapely.get_coordinates(piece)[[0, -1]]
        span = float(np.hypot(*(ends[1] - ends[0])))
        if piece.length > AIR_NOTED_UM:
            spots.append(Spot(span, float(piece.length), (float(ends[0, 0]), float(ends[0, 1]))))
    spots.sort(key=lambda spot: -spot.length_um)
    return float(shapely.length(free).sum()), tuple(spots[:8])
