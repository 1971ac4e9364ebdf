"""What the geometry rules need to know of each layer, worked out for a run of layers together.

The work runs in whatever processes the executor has: `figures_of` is a function of `LayerJob` and
a range of layers, and looks at neighbouring layers only through their sections.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import IntegrityLimits
from printstd.audit.bead_models import ROUND_LOSS, Bracket
from printstd.audit.beads import Beads, laid_widths
from printstd.audit.bonds import joint_lines, joints_of, shells_open
from printstd.audit.cells import grid_over
from printstd.audit.coverage import Around, amounts_of, coverage_of, innermost_wall, spacing_of
from printstd.audit.deviation import (
    FINE_UNCERTAINTY_UM,
    UNCERTAINTY_UM,
    Beside,
    deviations_of,
    inward_limit,
)
from printstd.audit.inside import Inside, insides
from printstd.audit.ironing import ironed_of
from printstd.audit.layer_around import around_of, others_near
from printstd.audit.layer_beads import NEAR_UM, Laid, layer_beads
from printstd.audit.layer_job import LayerFigures, LayerJob
from printstd.audit.layer_sides import reaches, side_spreads, wall_widths
from printstd.audit.outline import (
    COARSE_UM,
    Outline,
    OutlineStack,
    apart_um,
    common,
    joined,
    tidied,
)
from printstd.audit.regions import Region
from printstd.audit.sheet import Sheet, within_each
from printstd.audit.sorting import Sorted, sort_beads
from printstd.audit.tracing import Border, Rough, Trace, Wider, traces, traces_under
from printstd.audit.zones import divided

SLAB: Final = 48
"""Layers whose insides are held at the same time."""
BEADS_TOGETHER: Final = 8_000
"""So many beads are asked together: fewer, and what a call takes is most of it; more, and what is
worked on does not stay near the processor."""
EDGE_RATIO: Final = 0.6
"""Of a bead: lines that come as near to the outline as this behind the last wall are looked at as
walls are."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """What a layer's beads are compared with, and which of them are the part's. between_um,
    sorted : as of `LayerFigures`; laid : what is the part's; rough_um : how far off fuzzy skin may
    lie."""

    layer: int
    outline: Outline
    outer: Outline
    coarse: Outline
    between_um: float
    rough_um: Rough
    limits: IntegrityLimits
    sorted: Sorted
    laid: Laid


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """What the beads of a layer are to lie around. width_um : of its walls; drawn_in : the
    outline's limit; middles, joints : of each place, the innermost wall's middle and the lines
    where walls meet."""

    width_um: float
    spacing_um: float
    drawn_in: Region
    around: Around
    middles: list[Region]
    joints: list[list[Region]]


def figures_of(job: LayerJob, layers: range) -> list[LayerFigures]:
    """The figures of a run of layers."""
    stack = OutlineStack(job.sections, job.compensations, len(job.heights))
    found: list[LayerFigures] = []
    for start in range(layers.start, layers.stop, SLAB):
        slab = range(start, min(start + SLAB, layers.stop))
        inside = _insides(job, stack, slab)
        for together in _asked_together(job, slab):
            found += _figures(job, stack, inside, together)
    return found


def _asked_together(job: LayerJob, layers: range) -> list[range]:
    """Layers in runs of some `BEADS_TOGETHER` beads, at least one layer each."""
    before = (
        job.beads.layer_offsets[layers.start : layers.stop] - job.beads.layer_offsets[layers.start]
    )
    run = before // BEADS_TOGETHER
    heads = np.flatnonzero(np.append(True, np.diff(run) > 0)) + layers.start
    return [range(*pair) for pair in pairwise([*heads.tolist(), layers.stop])]


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
    job: LayerJob, stack: OutlineStack, inside: dict[int, Inside], layers: range
) -> list[LayerFigures]:
    grounds = _grounds(job, stack, inside, layers)
    sheet = Sheet(layer_beads([one.laid for one in grounds]))
    owns = sheet.layers
    widths = wall_widths(sheet, [one.outline for one in grounds], job.bead_um, job.nozzle_um)
    wanted = [_wanted(job, stack, one, width) for one, width in zip(grounds, widths, strict=True)]
    inner, walls, joints = _traces(sheet, grounds, wanted)
    deviations = deviations_of(
        sheet,
        [
            Beside(one.outline, one.outer, one.coarse, one.limits, its.width_um, its.drawn_in, line)
            for one, its, line in zip(grounds, wanted, inner, strict=True)
        ],
        job.bead_um,
    )
    insides_of = [inside.get(layer) for layer in layers]
    shells = shells_open(sheet, insides_of)
    amounts = amounts_of(
        sheet,
        insides_of,
        shells,
        [its.spacing_um for its in wanted],
        [its.around.places[0] for its in wanted],
    )
    spreads, reach_spreads = side_spreads(sheet)
    own_heights = slice(layers.start, layers.stop)
    reach = reaches(
        sheet, job.axes, job.heights.top_um[own_heights], job.heights.height_um[own_heights]
    )
    crossing = job.travels.crossing(layers, [stack.coarse(layer) for layer in layers])
    found = []
    for at, (one, its) in enumerate(zip(grounds, wanted, strict=True)):
        own, layer = owns[at], one.layer
        found.append(
            LayerFigures(
                layer=layer,
                section_area=one.outline.area,
                part_volume=own.volume,
                sorted=one.sorted,
                deviation=deviations[at],
                coverage=coverage_of(
                    own, stack, inside, layer, its.width_um, walls[at], its.around, amounts[at]
                ),
                crossing=crossing[at],
                reach=reach[at],
                wall_width_um=its.width_um,
                between_um=one.between_um,
                ironing=ironed_of(job.ironed, layer, stack, job.bead_um),
                joints=joints_of(its.around.places, joints[at], shells[at], its.spacing_um),
                spread=spreads[at],
                reach_spread=reach_spreads[at],
            )
        )
    return found


def _grounds(
    job: LayerJob, stack: OutlineStack, inside: dict[int, Inside], layers: range
) -> list[_Ground]:
    told = [_told(job, stack, layer) for layer in layers]
    borders = job.beads.layer_offsets[layers.start : layers.stop + 1]
    rows = slice(int(borders[0]), int(borders[-1]))
    of_layer = np.repeat(np.arange(len(layers)), np.diff(borders))
    middle = job.beads.middle_um[rows]
    is_in = within_each([outer.region for _, outer, _, _ in told], of_layer, middle)
    below = [stack.fine(layer - 1).region if layer else stack.fine(0).region for layer in layers]
    is_over = within_each(below, of_layer, middle)
    found = []
    for (outline, outer, coarse, between), layer in zip(told, layers, strict=True):
        rows_of = job.beads.of_layer(layer)
        own = slice(rows_of.start - rows.start, rows_of.stop - rows.start)
        sorted_ = sort_beads(
            job.beads,
            rows_of,
            outer.region,
            is_in[own],
            partial(others_near, job.others, layer),
        )
        chosen: slice | NDArray[np.int64] = rows_of
        hanging = ~is_over[own]
        if len(sorted_.outside):
            is_part = np.flatnonzero(sorted_.is_part)
            chosen, hanging = is_part + rows_of.start, hanging[is_part]
        beads, laid = job.beads.chosen(chosen), None
        if layer:

            def may_hang(
                some: NDArray[np.int64],
                hanging: NDArray[np.bool_] = hanging,
                layer: int = layer,
                beads: Beads = beads,
            ) -> NDArray[np.bool_]:
                return hanging[some] | _over_sparse(inside, layer, beads.middle_um[some])

            laid = laid_widths(beads, may_hang, job.bead_um, job.nozzle_um)
        limits = job.limits[layer]
        depth = (max(limits.min_wall_count, 1) - 1 + EDGE_RATIO) * job.bead_um
        rough = float(job.compensations.fuzzy_um) if layer else 0.0
        found.append(
            _Ground(
                layer,
                outline,
                outer,
                coarse,
                between,
                (rough, rough if job.compensations.fuzzy_holes else 0.0),
                limits,
                sorted_,
                Laid(
                    beads,
                    hanging if layer else np.zeros(len(hanging), bool),
                    coarse.grown(-depth, 2),
                    depth,
                    beads.width_um if laid is None else laid,
                    float(job.heights.height_um[layer]),
                    NEAR_UM + rough,
                ),
            )
        )
    return found


def _told(
    job: LayerJob, stack: OutlineStack, layer: int
) -> tuple[Outline, Outline, Outline, float]:
    """(the outline, what beads may reach, the outline where only areas matter, how far apart the
    two are between which all is right). All between the least and the most that it was told is
    right."""
    outline = stack.fine(layer)
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
    return outline, outer, coarse, between


def _wanted(job: LayerJob, stack: OutlineStack, one: _Ground, width: float) -> _Wanted:
    coarse = stack.coarse(one.layer)
    around = around_of(job, stack, one.layer)
    spacing = spacing_of(width, float(job.heights.height_um[one.layer]))
    return _Wanted(
        width,
        spacing,
        inward_limit(one.outline, one.limits, width),
        around,
        [innermost_wall(coarse, place.limits.min_wall_count, spacing) for place in around.places],
        [joint_lines(coarse, place, spacing, width) for place in around.places],
    )


def _traces(
    sheet: Sheet, grounds: Sequence[_Ground], wanted: Sequence[_Wanted]
) -> tuple[list[Bracket[Trace]], list[list[Bracket[Trace]]], list[list[list[Bracket[Trace]]]]]:
    """Of each layer, the limit's line inside the outline, the walls' lines and the lines where
    walls meet beside the beads. What beads cover wider ones do, so others are asked only where the
    leanest leave something.

    The limit's line lies at the limit with the U of what breaks it; whether it is kept is asked
    with the U of that, so much nearer to the outline: beads must reach so much deeper than to the
    line.
    """
    nearer = UNCERTAINTY_UM + FINE_UNCERTAINTY_UM
    borders: list[Border] = []
    for at, (one, its) in enumerate(zip(grounds, wanted, strict=True)):
        outside, holes = one.rough_um
        borders.append(Border(its.drawn_in, at, rough_um=(outside - nearer, holes - nearer)))
        for middle, place in zip(its.middles, its.around.places, strict=True):
            # Of one wall that is rough itself; inner ones are not.
            is_rough = place.limits.min_wall_count == 1
            borders.append(Border(middle, at, rough_um=one.rough_um if is_rough else (0.0, 0.0)))
        borders += (Border(line, at) for lines in its.joints for line in lines)
    found = traces(sheet, borders, sheet.column(lambda own: own.lean_um))
    rest = iter(found)
    worst: list[Wider] = []
    for at, its in enumerate(wanted):
        worst.append(Wider(next(rest), at, nearer))
        worst += (Wider(next(rest), at) for _ in its.middles)
        worst += (Wider(next(rest), at) for lines in its.joints for _ in lines)
    as_usual = traces_under(sheet, worst, sheet.width_um)
    best = traces_under(
        sheet,
        [Wider(own, one.layer) for own, one in zip(as_usual, worst, strict=True)],
        sheet.column(lambda own: own.most_um),
    )
    brackets = iter(
        [Bracket(one.trace, *rest) for one, *rest in zip(worst, as_usual, best, strict=True)]
    )
    inner, walls, joints = [], [], []
    for its in wanted:
        inner.append(next(brackets))
        walls.append([next(brackets) for _ in its.middles])
        joints.append([[next(brackets) for _ in lines] for lines in its.joints])
    return inner, walls, joints


def _over_sparse(
    inside: dict[int, Inside], layer: int, points: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(n,) points that lie where the layer below may be sparse; all where no shells are
    demanded."""
    below = inside.get(layer - 1)
    if below is None:
        return np.ones(len(points), bool)
    return below.grid.has(below.sparse, points)
