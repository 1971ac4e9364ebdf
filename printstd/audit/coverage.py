"""Is the inside of a layer filled as it must be: skins, solid layers, walls, sparse infill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import IntegrityLimits
from printstd.audit.bead_models import ROUND_LOSS, Bracket
from printstd.audit.beads import Beads
from printstd.audit.bonds import OpenShell, open_reach
from printstd.audit.cells import Bits, Grid, counted_cells
from printstd.audit.inside import (
    Inside,
    gaps_closed,
    have_no_voids,
    infill_laid,
    shells_bare,
)
from printstd.audit.layer_beads import LayerBeads
from printstd.audit.limit_places import Place
from printstd.audit.outline import FINE_UM, Outline, OutlineStack
from printstd.audit.over_air import hanging_in_air, loose_infill
from printstd.audit.regions import Region
from printstd.audit.room import Areas, covered_areas
from printstd.audit.sheet import Sheet
from printstd.audit.skins import NO_SPOTS, NONE_BARE, skin_of
from printstd.audit.spot import Spot, first_point
from printstd.audit.tracing import Trace

SPARSE_AREA_MIN_UM2: Final = 20e6
SOLID_AREA_MIN_UM2: Final = 100e6
"""Smaller solid layers are mostly walls and gaps between them, where whole beads do not add up."""
SHELL_BARE_UM2: Final = 10e6
"""So much of a solid shell may lie bare, however small it is."""
VOID_RATIO: Final = 1.25
"""Of the distance between infill lines at the least density: lines of two directions in one layer
(grid) leave places one such distance away from both."""
EVEN: Final = ("middle", "whole")
"""Where infill shows (`IntegrityLimits.infill_shows`) if it has its density everywhere."""


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
    wall_bare: Bracket[float] = NONE_BARE
    wall_spots: Bracket[tuple[Spot, ...]] = NO_SPOTS
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


class Amounts(NamedTuple):
    """Of one layer: what is under its beads, what of the shell lies bare, the volume of beads in
    the cells where infill is measured, um3; whether infill is known to leave no void outside all
    zones."""

    areas: Areas
    shell_bare: Bracket[float]
    infill_um3: float
    has_no_voids: bool


def amounts_of(
    sheet: Sheet,
    insides: Sequence[Inside | None],
    shells: Sequence[OpenShell],
    spacings: Sequence[float],
    places: Sequence[Place],
) -> list[Amounts]:
    """Of each layer of a sheet. shells : how open its solid shell is; spacings : of its walls;
    places : each one's part outside all zones."""
    bare = _shells_bare(sheet, insides, shells)
    infill = infill_laid(sheet, insides, SPARSE_AREA_MIN_UM2)
    radii = [
        0.0
        if one is None or place.limits.infill_permille is None
        else _sure_radius(_void_radius(place.limits.infill_permille, spacing), one.grid)
        for one, place, spacing in zip(insides, places, spacings, strict=True)
    ]
    closed = have_no_voids(insides, infill, radii)
    volumes = [own.volume_um3 for own in infill]
    return [Amounts(*one) for one in zip(covered_areas(sheet), bare, volumes, closed, strict=True)]


def _shells_bare(
    sheet: Sheet, insides: Sequence[Inside | None], shells: Sequence[OpenShell]
) -> list[Bracket[float]]:
    """Under the usual model and the best one only where the worst leaves so much that it matters:
    what a rule may be told of it is then an upper bound."""

    def under(laid: NDArray[np.float64], before: Sequence[float]) -> list[float]:
        if max(before, default=0.0) <= SHELL_BARE_UM2:
            return list(before)
        asked = [
            one if bare > SHELL_BARE_UM2 else None
            for one, bare in zip(insides, before, strict=True)
        ]
        found = shells_bare(sheet, asked, gaps_closed(laid))
        return [
            bare if one is None else now
            for one, bare, now in zip(asked, before, found, strict=True)
        ]

    lean = sheet.column(lambda own: own.laid_lean_um)
    # Where nothing is open between beads that reach less far, nothing is bare.
    lacking = sheet.largest(
        np.where(gaps_closed(lean) < open_reach(sheet.column(lambda own: own.lean_um)), 1.0, 0.0)
    )
    asked = [
        one if shell.open_um2.worst > 0 or lacks else None
        for one, shell, lacks in zip(insides, shells, lacking.tolist(), strict=True)
    ]
    worst = shells_bare(sheet, asked, gaps_closed(lean))
    usual = under(sheet.column(lambda own: own.laid_um), worst)
    best = under(sheet.column(lambda own: own.laid_most_um), usual)
    return [Bracket(*one) for one in zip(worst, usual, best, strict=True)]


def coverage_of(
    own: LayerBeads,
    stack: OutlineStack,
    insides: dict[int, Inside],
    layer: int,
    wall_width: float,
    walls: Sequence[Bracket[Trace]],
    around: Around,
    amounts: Amounts,
) -> Coverage:
    """Coverage of one layer by its part's beads; `insides` holds its own and the one below.
    walls : the traces of `innermost_wall` of each of the places."""
    outline, inside, height = stack.coarse(layer), insides.get(layer), own.height_um
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
    skin_area, skin_bare, skin_spots = skin_of(own, stack, own_insides, places, layer, wall_width)
    infill = [(amounts.infill_um3, amounts.has_no_voids)]
    infill += (
        (infill_laid(Sheet([own]), [its], SPARSE_AREA_MIN_UM2)[0].volume_um3, False)
        for its in own_insides[1:]
    )
    filled = tuple(
        _filled(own, around.above, its, laid, place, line, spacing)
        for its, laid, place, line in zip(own_insides, infill, places, walls, strict=True)
    )
    air_length, air_spots = hanging_in_air(own, stack, layer, wall_width, around.carried)
    return Coverage(
        covered_area=amounts.areas.usual,
        least_area=amounts.areas.least,
        most_area=amounts.areas.most,
        flat_volume=own.flat_volume(height),
        solid_ratio=solid_ratio,
        skin_area=skin_area,
        skin_bare=skin_bare,
        skin_spots=skin_spots,
        shell_area=inside.shell_area if inside else 0.0,
        shell_bare=amounts.shell_bare,
        filled=filled,
        must_volume=(outline.area - sum(one.spared_area for one in filled)) * height,
        loose=loose_infill(own, around.below, inside, wall_width),
        air_length=air_length,
        air_spots=air_spots,
    )


def _is_solid(insides: dict[int, Inside], layer: int) -> bool:
    inside = insides.get(layer)
    return inside is not None and inside.is_solid


def _rests(stack: OutlineStack, layer: int, wall_width: float) -> bool:
    """The layer below reaches as far: no bridges, whose threads hold more."""
    import shapely

    free = shapely.difference(stack.coarse(layer).region, stack.coarse(layer - 1).region)
    return bool(shapely.buffer(free, -wall_width, quad_segs=2).is_empty)


def _filled(
    own: LayerBeads,
    above: Sequence[Beads],
    inside: Inside | None,
    infill: tuple[float, bool],
    place: Place,
    line: Bracket[Trace],
    spacing: float,
) -> Filled:
    length, bare, spots = _walls(line, place, spacing)
    filled = Filled(place.limits, length, bare, spots)
    if place.region is not None and inside is not None and not place.limits.infill_permille:
        # A zone that may be hollow: the rest of the part is still to hold what it must.
        walls = max(place.limits.min_wall_count, 1) * spacing
        return replace(filled, spared_area=inside.sparse_share * own.area_behind(walls))
    return _infill(filled, own, above, inside, infill, spacing)


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
    spots = tuple(Spot(0.0, float(piece.length), first_point(piece)) for piece in pieces)
    return length, bare, spots


def _infill(
    filled: Filled,
    own: LayerBeads,
    above: Sequence[Beads],
    inside: Inside | None,
    infill: tuple[float, bool],
    spacing: float,
) -> Filled:
    """With the area in which infill is measured, the volume in it, that of one line there, and
    voids. infill : that volume, and whether there are none."""
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
    infill_um3, has_no_voids = infill
    radius = _void_radius(window, spacing)
    voids = tuple(
        spot
        for cells, times in (() if has_no_voids else inside.watched)
        if counted_cells(cells) * inside.grid.cell_um**2 >= SPARSE_AREA_MIN_UM2
        for spot in _voids(own, above, inside.grid, cells, times * radius)
    )
    area = inside.measured_area
    if area < SPARSE_AREA_MIN_UM2:
        return replace(filled, void_spots=voids)
    return replace(
        filled,
        sparse_area=area,
        sparse_volume=infill_um3,
        sparse_line_volume=spacing * own.height_um * inside.measured_edge_um / 2,
        void_spots=voids,
    )


def _void_radius(window: tuple[int, int], spacing: float) -> float:
    return VOID_RATIO * spacing * 1000 / max(window[0], 1)


def _steps_apart(radius: float, grid: Grid) -> tuple[int, float]:
    """(cells between places that are looked at, um: no place is further than half a diagonal from
    one of them)."""
    step = max(int(radius / 2 / grid.cell_um), 1)
    return step, step * grid.cell_um * 2**-0.5


def _sure_radius(radius: float, grid: Grid) -> float:
    """Where all places that are looked at have infill so near, no void is looked for."""
    return radius - _steps_apart(radius, grid)[1]


def _voids(
    own: LayerBeads, above: Sequence[Beads], grid: Grid, cells: Bits, radius: float
) -> tuple[Spot, ...]:
    """Places in the cells within whose radius no infill comes: on a grid of half of it those are
    found between which there may be one, and around them it is looked for on one of an eighth."""
    import shapely

    step, between = _steps_apart(radius, grid)
    fine = max(step // 4, 1)
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
