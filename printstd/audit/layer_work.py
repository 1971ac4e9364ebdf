"""What the geometry rules need to know of each layer, worked out layer by layer.

The work runs in whatever processes the executor has: `figures_of` is a function of `LayerJob` and
a range of layers, and looks at neighbouring layers only through their sections.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import Compensations, IntegrityLimits
from printstd.artifacts.layer_plan import LayerPlan
from printstd.audit.bead_models import ROUND_LOSS, Bracket, Spread, thickest, thinnest
from printstd.audit.beads import Beads, Heights, laid_widths
from printstd.audit.bonds import Joints, joint_lines, joints_of
from printstd.audit.cells import grid_over
from printstd.audit.coverage import (
    Around,
    Coverage,
    Place,
    coverage_of,
    innermost_wall,
    spacing_of,
)
from printstd.audit.crossings import Travels
from printstd.audit.deviation import (
    FINE_UNCERTAINTY_UM,
    TWO_BEADS_RATIO,
    UNCERTAINTY_UM,
    Deviation,
    deviation_of,
    inward_limit,
)
from printstd.audit.inside import Inside, insides
from printstd.audit.ironing import Ironed, ironed_of
from printstd.audit.layer_beads import NEAR_UM, LayerBeads
from printstd.audit.outline import (
    COARSE_UM,
    Outline,
    OutlineStack,
    apart_um,
    common,
    joined,
    tidied,
)
from printstd.audit.regions import Region, polygon_of, within
from printstd.audit.sections import Sections
from printstd.audit.sorting import Box, Sorted, sort_beads
from printstd.audit.supports import carried_by_supports
from printstd.audit.tracing import Border, Rough, Trace, traces
from printstd.audit.zones import NO_ZONES, Zones, divided, walls_in_layer

WIDEST_RATIO: Final = 1.5
"""A wall bead is taken to be this many nozzles wide at most: it sets how sharp a corner and how
thin a wall are allowed to be missing, which must not be the program's own choice."""

_BEYOND_UM: Final = 50_000.0
"""Further than anything that is measured from the border of a place lies from a section."""
SLAB: Final = 48
"""Layers whose insides are held at the same time."""
EDGE_RATIO: Final = 0.6
"""Of a bead: lines that come as near to the outline as this behind the last wall are looked at as
walls are."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerJob:
    """Everything a worker needs; sections stand where the model was found."""

    beads: Beads
    ironed: Beads
    elsewhere: Beads
    """At no planned height."""
    travels: Travels
    sections: Sections
    heights: Heights
    compensations: Compensations
    layers: LayerPlan
    limits: tuple[IntegrityLimits, ...]
    """Of each layer, outside its zones."""
    nozzle_um: float
    width_um: float
    """Typical bead of the whole program."""
    height_um: float
    """Ordinary layer."""
    axes: NDArray[np.float64]
    """(3, 3) rows: the model's own axes in the bed frame."""
    zones: Zones = NO_ZONES
    others: tuple[Sections, ...] = ()
    """Of the other parts of the plate, where beads may lie beside the parts."""

    @property
    def bead_um(self) -> float:
        """Width that a wall's bead has at least: the program's typical one, within reason."""
        return float(np.clip(self.width_um, 0.5 * self.nozzle_um, WIDEST_RATIO * self.nozzle_um))


@dataclass(frozen=True, slots=True, eq=False)
class LayerFigures:
    """One layer's measures. Lengths um, areas um2, volumes um3."""

    layer: int
    section_area: float
    part_volume: float
    sorted: Sorted
    deviation: Deviation
    coverage: Coverage
    crossing: NDArray[np.int64]
    """(k,) travels across the open, rows of the track."""
    reach: NDArray[np.float64]
    """(3, 2) lowest and highest reach of the layer's beads along the model's axes; NaN if none."""
    wall_width_um: float
    between_um: float
    """How far apart, on the mean, the two outlines are between which a smooth turn runs, or the
    walls of round holes and pins that may be circles or polygons."""
    ironing: Ironed
    joints: Joints
    spread: Spread
    """How far apart models of a bead put the sides of those along the outline."""
    reach_spread: Spread
    """The same of all beads, hanging ones as threads: what sizes may be off by on each side."""


def figures_of(job: LayerJob, layers: range) -> list[LayerFigures]:
    """The figures of a run of layers."""
    stack = OutlineStack(job.sections, job.compensations, len(job.heights))
    found = []
    for start in range(layers.start, layers.stop, SLAB):
        slab = range(start, min(start + SLAB, layers.stop))
        inside = _insides(job, stack, slab)
        found += [_figures(job, stack, inside, layer) for layer in slab]
    return found


def _insides(job: LayerJob, stack: OutlineStack, layers: range) -> dict[int, Inside]:
    """The insides of a run of layers and of the one below."""
    if not len(job.sections.xy_um):
        return {}
    low, high = job.sections.xy_um.min(axis=0), job.sections.xy_um.max(axis=0)
    reach = job.compensations.xy_um + job.compensations.hole_um
    low, high = low - max(reach, 0), high + max(reach, 0)
    grid = grid_over((*low.tolist(), *high.tolist()), job.nozzle_um)
    with_below = range(max(layers.start - 1, 0), layers.stop)
    spacing = job.bead_um - job.height_um * ROUND_LOSS
    found = insides(stack, grid, with_below, job.limits, spacing)
    if not job.zones:
        return found
    own = [
        insides(stack, grid, with_below, zone.limits, spacing, of_zone=True)
        for zone in job.zones.zones
    ]
    return divided(job.zones, with_below, grid, found, own, job.limits, spacing)


def _figures(
    job: LayerJob, stack: OutlineStack, inside: dict[int, Inside], layer: int
) -> LayerFigures:
    outline = stack.fine(layer)
    rows = job.beads.of_layer(layer)
    # All between the least and the most that it was told is right.
    outer, coarse, between = stack.widest(layer), stack.coarse(layer), 0.0
    if 0 < job.layers.spiral_from <= layer:
        # A turn comes from the layer below: between both outlines it is right.
        outer = joined(outer, stack.fine(layer - 1))
        if job.layers.is_smooth:
            between = apart_um(outline, stack.fine(layer - 1))
            outline = common(outline, stack.fine(layer - 1))
            coarse = Outline(tidied(outline.region, COARSE_UM))
    elif job.compensations.circles and job.compensations.polygons:
        between = apart_um(outline, stack.roundest(layer))
    rough = float(job.compensations.fuzzy_um) if layer else 0.0
    sides = (rough, rough if job.compensations.fuzzy_holes else 0.0)
    sorted_ = sort_beads(
        job.beads, rows, outer.region, lambda box: _others_near(job.others, layer, box)
    )
    is_all = bool(sorted_.is_part.all())
    beads = job.beads.chosen(rows if is_all else np.flatnonzero(sorted_.is_part) + rows.start)
    hanging, laid = np.zeros(len(beads.line), bool), beads.width_um
    if layer and len(hanging):
        hanging = ~within(stack.fine(layer - 1).region, beads.middle_um)
        over_air = hanging | _over_sparse(inside, layer, beads)
        laid = laid_widths(beads, over_air, job.bead_um, job.nozzle_um)
    limits = job.limits[layer]
    walls = max(limits.min_wall_count, 1) - 1 + EDGE_RATIO
    depth = walls * job.bead_um
    height = float(job.heights.height_um[layer])
    core = coarse.grown(-depth, 2)
    own = LayerBeads(beads, hanging, core, depth, laid, height, NEAR_UM + rough)
    width = _wall_width(job, outline, own)
    drawn_in = inward_limit(outline, limits, width)
    around = _around(job, stack, layer)
    spacing = spacing_of(width, height)
    walls_of = [place.limits.min_wall_count for place in around.places]
    middles = [innermost_wall(stack.coarse(layer), count, spacing) for count in walls_of]
    # Of one wall that is rough itself; inner ones are not.
    roughs = [sides if count == 1 else (0.0, 0.0) for count in walls_of]
    joints = [joint_lines(stack.coarse(layer), place, spacing, width) for place in around.places]
    inner_line, wall_lines, joint_traces = _traces(
        own, (drawn_in, sides), list(zip(middles, roughs, strict=True)), joints
    )
    return LayerFigures(
        layer=layer,
        section_area=outline.area,
        part_volume=own.volume,
        sorted=sorted_,
        deviation=deviation_of(
            own,
            outline,
            outer,
            coarse,
            limits,
            width,
            job.bead_um,
            drawn_in,
            inner_line,
        ),
        coverage=coverage_of(
            own,
            stack,
            inside,
            layer,
            height,
            width,
            wall_lines,
            around,
        ),
        crossing=job.travels.crossing(layer, stack.coarse(layer)),
        reach=_reach(job, layer, own),
        wall_width_um=width,
        between_um=between,
        ironing=ironed_of(job.ironed, layer, stack, job.bead_um),
        joints=joints_of(own, around.places, joint_traces, inside.get(layer), spacing),
        spread=own.spread,
        reach_spread=_reach_spread(own),
    )


def _traces(
    own: LayerBeads,
    inner: tuple[Region, Rough],
    walls: Sequence[tuple[Region, Rough]],
    joints: Sequence[Sequence[Region]],
) -> tuple[Bracket[Trace], list[Bracket[Trace]], list[list[Bracket[Trace]]]]:
    """The limit's line inside the outline, the walls' lines and the lines where walls meet beside
    the beads. What beads cover wider ones do, so others are asked only where the leanest leave
    something.

    The limit's line lies at the limit with the U of what breaks it; whether it is kept is asked
    with the U of that, so much nearer to the outline: beads must reach so much deeper than to the
    line.
    """
    (region, (outside, holes)), nearer = inner, UNCERTAINTY_UM + FINE_UNCERTAINTY_UM
    lean, usual, most = own.lean_um, own.beads.width_um, own.most_um
    borders = [
        Border(region, lean, (outside - nearer, holes - nearer)),
        *(Border(wall, lean, rough) for wall, rough in walls),
        *(Border(line, lean) for lines in joints for line in lines),
    ]
    found = traces(own, borders)
    brackets = []
    for worst, more in zip(found, [nearer, *(0.0 for _ in found[1:])], strict=True):
        as_usual = worst.under(own, usual, more)
        brackets.append(Bracket(worst, as_usual, as_usual.under(own, most)))
    rest = iter(brackets[1 + len(walls) :])
    between = [[next(rest) for _ in lines] for lines in joints]
    return brackets[0], brackets[1 : 1 + len(walls)], between


def _reach_spread(own: LayerBeads) -> Spread:
    beads, hangs = own.beads, own.hanging
    usual = np.where(hangs, beads.thread_um, beads.width_um)
    least = np.where(hangs, thinnest(beads.thread_um), own.least_um)
    most = np.where(hangs, thickest(beads.thread_um), own.most_um)
    return Spread(
        float((usual - least).max(initial=0.0)) / 2, float((most - usual).max(initial=0.0)) / 2
    )


def _others_near(others: Sequence[Sections], layer: int, box: Box) -> list[Region]:
    """Sections of other parts that a box meets."""
    x0, y0, x1, y1 = box
    found = []
    for sections in others:
        if layer >= len(sections.layer_offsets) - 1:
            continue
        rings = sections.rings_of(layer)
        if rings:
            points = np.concatenate(rings)
            (left, low), (right, high) = points.min(axis=0), points.max(axis=0)
            if left < x1 and right > x0 and low < y1 and high > y0:
                found.append(polygon_of(rings))
    return found


def _around(job: LayerJob, stack: OutlineStack, layer: int) -> Around:
    def beads_of(other: int) -> Beads:
        return job.beads.chosen(job.beads.of_layer(other))

    def carried(hanging: Beads) -> Region:
        return carried_by_supports(
            job.beads, job.elsewhere, job.heights, stack, layer, hanging, job.nozzle_um
        )

    limits = job.limits[layer]
    last = min(layer + limits.infill_every_layers, len(job.heights))
    is_carried = limits.infill_shows == "under_roofs" and layer > 0
    return Around(
        [beads_of(other) for other in range(layer + 1, last)],
        beads_of(layer - 1) if is_carried else None,
        _places(job, stack, layer),
        carried if limits.supports_allowed else None,
    )


def _places(job: LayerJob, stack: OutlineStack, layer: int) -> list[Place]:
    """The part outside its zones, then each zone, in every layer."""
    import shapely

    own, zones = job.limits[layer], job.zones
    if not zones:
        return [Place(own)]
    walls, beside = walls_in_layer(zones, job.limits, layer), zones.beside[layer]
    nothing = shapely.Polygon()
    if beside is None:
        return [Place(own), *(Place(zone.limits[layer], nothing) for zone in zones.zones)]
    everywhere = shapely.box(*shapely.bounds(shapely.union(beside, stack.coarse(layer).region)))
    everywhere = shapely.buffer(everywhere, _BEYOND_UM, join_style="mitre")
    return [
        Place(own, shapely.difference(everywhere, beside), walls),
        *(
            Place(zone.limits[layer], nothing if area is None else area, walls)
            for zone in zones.zones
            for area in [zone.areas[layer]]
        ),
    ]


def _over_sparse(inside: dict[int, Inside], layer: int, beads: Beads) -> NDArray[np.bool_]:
    """(n,) beads whose middle lies where the layer below may be sparse; all where no shells are
    demanded."""
    below = inside.get(layer - 1)
    if below is None:
        return np.ones(len(beads.line), bool)
    return below.grid.has(below.sparse, beads.middle_um)


def _wall_width(job: LayerJob, outline: Outline, own: LayerBeads) -> float:
    """Width of the beads that follow the outline, by length, in whole um; at least the program's
    own."""
    least, beads = job.bead_um, own.beads
    edge = np.flatnonzero(own.is_edge)
    core = outline.grown(-TWO_BEADS_RATIO * least)
    outer = edge[~within(core, beads.middle_um[edge])]
    if not len(outer):
        return round(least)
    width, length = beads.pitch_um[outer], beads.length_um[outer]
    order = np.argsort(width, kind="stable")
    half = int(np.searchsorted(np.cumsum(length[order]), length.sum() / 2))
    found = float(width[order][min(half, len(order) - 1)])
    # No more is known of a width, and outlines that are alike are then asked alike.
    return round(float(np.clip(found, least, min(WIDEST_RATIO * job.nozzle_um, 1.25 * least))))


def _reach(job: LayerJob, layer: int, own: LayerBeads) -> NDArray[np.float64]:
    """How far the beads' sides reach along each axis of the model.

    A bead's own end counts as cut off square: how round it ends is not commanded.
    """
    reach = np.full((3, 2), np.nan)
    beads = own.beads
    if not len(own):
        return reach
    start, end = beads.start_um, beads.end_um
    half = np.where(own.hanging, beads.thread_um, beads.width_um) / 2
    along = (end - start) / beads.length_um[:, None]
    is_joint = np.zeros(len(own), bool)
    is_joint[:-1] = (np.diff(beads.chain) == 0) & (start[1:] == end[:-1]).all(axis=1)
    top = float(job.heights.top_um[layer])
    z = np.array([top - float(job.heights.height_um[layer]), top])
    for axis in range(3):
        x, y, up = job.axes[axis].tolist()
        level = np.hypot(x, y)
        if level == 0.0:
            reach[axis] = (z * up).min(), (z * up).max()
            continue
        # A side leans on the axis by the sine of the angle between; a joint is round.
        side = half * np.abs(along[:, 0] * y - along[:, 1] * x)
        at_start = start[:, 0] * x + start[:, 1] * y
        at_end = end[:, 0] * x + end[:, 1] * y
        round_end = np.where(is_joint, half * level, side)
        low = min((at_start - side).min(), (at_end - round_end).min())
        high = max((at_start + side).max(), (at_end + round_end).max())
        reach[axis] = low + (z * up).min(), high + (z * up).max()
    return reach
