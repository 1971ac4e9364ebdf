"""How far the deposited region and the section are apart, both ways.

Outward: the part of the deposited region's boundary that lies outside the section grown by the
limit. Inward: the part of the section's boundary that lies outside the deposited region grown by
the limit. Both are cut out exactly, as lines, not sampled. The figures for the report (median,
95th percentile) are sampled along the boundary.

No bead reaches into a corner sharper than itself or a wall thinner than itself, so inward is
measured from the section after an opening with the bead: at a corner of angle a that allows
w/2 (1/sin(a/2) - 1), which is the corner allowance of the integrity limits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import IntegrityLimits
from printstd.audit.bead_models import Bracket, thickest, thinnest
from printstd.audit.layer_beads import LayerBeads, distances
from printstd.audit.outline import COARSE_UM, FINE_UM, Outline
from printstd.audit.regions import (
    QUARTER_SEGMENTS,
    WIDTH_STEP_UM,
    Cover,
    Region,
    cover_of_beads,
)
from printstd.audit.sheet import Sheet, within_each
from printstd.audit.spot import Spot
from printstd.audit.tracing import Trace

UNCERTAINTY_UM: Final = 5.0
"""Of one measured distance, apart from what models of a bead differ by: chords of round ends (2
um), width classes (2.5 um), numbers of three decimals (0.5 um). A limit is broken where it is
exceeded by more."""
FINE_UNCERTAINTY_UM: Final = 2.0
"""The same (k = 2) where it is asked whether a limit is kept, with finer chords and classes: the
outline's vertices (1 um left out, whole um: 0.65 um standard), chords and classes (0.45), numbers
of three decimals (0.3), in quadrature. A limit is kept where it is not reached by so much."""
SLIT_UM: Final = 50.0
"""Slits and notches up to twice this wide are filled by the beads on their sides; what is laid in
them is not outside. A quarter of the narrowest nozzle in use."""
OPENING_UM: Final = 5.0
"""The opening's radius over half the bead: a wall of exactly one bead may be missing."""
THIN_NOISE_UM: Final = 50.0
"""Slivers narrower than twice this are corners, no thin walls."""
THIN_ROOM_RATIO: Final = 3.0
"""Beads around a place within which it is looked for whether the part is thin there."""
TWO_BEADS_RATIO: Final = 0.8
"""Radius, in beads, of the disc that fits where two beads side by side are sure to be laid: with a
spacing of 0.9 w two take 1.9 w, and a slicer collapses its loops below about 1.5 w."""
MEASURE_UM: Final = 200.0
"""Along what lies beyond a limit the distance is measured this often."""
SAMPLE_UM: Final = 500.0
SAMPLES_MAX: Final = 240
ON_EDGE_UM: Final = 2.0
FINE_STEP_UM: Final = 2.0
"""Beads this near in width are one where it is asked whether a limit is kept."""
DRAWN_IN_RATIO: Final = 0.9
"""A region drawn in with two chords to a quarter circle is drawn in at least so much of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Deviation:
    """outward, inward : places beyond the limits, under each model of a bead: what `worst` does not
    have keeps the limit with U, what `best` has breaks it with U. samples_um : (s,) float64, signed
    distance from points of the section's boundary to the bead nearest to them, positive = bead
    falls short. inwards_um, outwards_um : (s,) float64, by how much further in or out other models
    put its side. places_um : (s, 2) float64, of those points.
    thin_area_um2 : section in which no bead fits, corners apart."""

    outward: Bracket[tuple[Spot, ...]]
    inward: Bracket[tuple[Spot, ...]]
    samples_um: NDArray[np.float64]
    inwards_um: NDArray[np.float64]
    outwards_um: NDArray[np.float64]
    places_um: NDArray[np.float64]
    boundary_um: float
    thin_area_um2: float


class Beside(NamedTuple):
    """What a layer's beads are compared with. outer : what they may reach; coarse : the outline
    where only areas matter; drawn_in : `inward_limit` of the outline, and inner : its traces."""

    outline: Outline
    outer: Outline
    coarse: Outline
    limits: IntegrityLimits
    wall_width_um: float
    drawn_in: Region
    inner: Bracket[Trace]

    @property
    def slack_um(self) -> float:
        return self.limits.inward_um + UNCERTAINTY_UM

    @property
    def thin_area_um2(self) -> float:
        slack = self.slack_um
        return self.coarse.once(
            ("thin", self.wall_width_um, slack),
            lambda: _thin_area(self.coarse, self.drawn_in, slack),
        )


def deviations_of(sheet: Sheet, layers: Sequence[Beside], bead_um: float) -> list[Deviation]:
    """Of each layer of a sheet, the deviations of its beads from its outline. `bead_um` is the
    program's usual width."""
    samples = _samples(sheet, layers, TWO_BEADS_RATIO * bead_um)
    outward = _outward(sheet, layers)
    return [
        Deviation(
            outward=beyond,
            inward=_inward(own, one.inner, one.outline, one.limits, one.wall_width_um),
            samples_um=its.signed_um,
            inwards_um=its.inwards_um,
            outwards_um=its.outwards_um,
            places_um=its.places_um,
            boundary_um=float(one.outline.region.length),
            thin_area_um2=one.thin_area_um2,
        )
        for own, one, its, beyond in zip(sheet.layers, layers, samples, outward, strict=True)
    ]


def inward_limit(outline: Outline, limits: IntegrityLimits, wall_width_um: float) -> Region:
    """What the beads must reach around: the outline where beads fit, drawn in by the limit."""
    import shapely

    radius = wall_width_um / 2 + OPENING_UM
    slack = limits.inward_um + UNCERTAINTY_UM

    def made() -> Region:
        opened = shapely.buffer(outline.grown(-radius), radius - slack)
        return shapely.simplify(opened, FINE_UM, preserve_topology=False)

    return outline.once(("inward", radius, slack), made)


def _thin_area(outline: Outline, drawn_in: Region, slack: float) -> float:
    """Area in which no bead fits; `drawn_in` is where beads fit, less `slack`."""
    import shapely

    # Further from the opening than the noise: corners apart, that is where no bead fits.
    wide = shapely.buffer(drawn_in, slack + THIN_NOISE_UM, quad_segs=2)
    shapely.prepare(wide)
    if shapely.covers(wide, outline.region):
        return 0.0
    thin = shapely.buffer(shapely.difference(outline.region, wide), -THIN_NOISE_UM / 2, quad_segs=2)
    return float(shapely.buffer(thin, THIN_NOISE_UM / 2, quad_segs=2).area)


def _thin_zone(outline: Outline, wall_width_um: float, near: Sequence[Region]) -> Region:
    """Where two beads side by side do not fit, and a bead around it, as far as it may touch what
    lies within a bead of some geometries."""
    import shapely

    thick = outline.opened(TWO_BEADS_RATIO * wall_width_um)
    x0, y0, x1, y1 = np.array([shapely.bounds(one) for one in near]).T
    room = THIN_ROOM_RATIO * wall_width_um + 2 * THIN_NOISE_UM
    # Both have nearly the same border everywhere, which is what differences are slow on.
    boxes = shapely.union_all(shapely.box(x0 - room, y0 - room, x1 + room, y1 + room))
    own, thick = (shapely.intersection(one, boxes) for one in (outline.region, thick))
    rest = shapely.buffer(shapely.difference(own, thick), -THIN_NOISE_UM, quad_segs=2)
    zone = shapely.buffer(rest, THIN_NOISE_UM + wall_width_um / 2, quad_segs=4)
    shapely.prepare(zone)
    return zone


def _outward(sheet: Sheet, layers: Sequence[Beside]) -> list[Bracket[tuple[Spot, ...]]]:
    """Of honest programs the widest beads stay within the limit less U, and no other model need be
    asked."""
    thread, hangs = (
        sheet.column(lambda own: own.beads.thread_um),
        sheet.column(lambda own: own.hanging),
    )
    widest = np.where(hangs, thickest(thread), sheet.column(lambda own: own.most_um))
    slack = np.array([one.limits.outward_um - FINE_UNCERTAINTY_UM for one in layers])
    doubtful = may_reach_beyond(sheet, widest, [one.outer for one in layers], slack)
    found: list[Bracket[tuple[Spot, ...]]] = []
    for at, (own, one) in enumerate(zip(sheet.layers, layers, strict=True)):
        rows = slice(*sheet.offsets[at : at + 2].tolist())
        found.append(
            _reaching_under(own, one, widest[rows], doubtful[rows])
            if doubtful[rows].any()
            else Bracket((), (), ())
        )
    return found


def _reaching_under(
    own: LayerBeads, one: Beside, widest: NDArray[np.float64], doubtful: NDArray[np.bool_]
) -> Bracket[tuple[Spot, ...]]:
    limit = float(one.limits.outward_um)
    thread, hangs = own.beads.thread_um, own.hanging
    fine = limit - FINE_UNCERTAINTY_UM
    worst = _reaching(own, widest, doubtful, fine, one, is_fine=True)
    if not worst:
        return Bracket((), (), ())
    slack = limit + UNCERTAINTY_UM

    def under(width_um: NDArray[np.float64]) -> tuple[Spot, ...]:
        still = may_reach_beyond(Sheet([own]), width_um, [one.outer], np.array([slack]))
        return _reaching(own, width_um, still, slack, one) if still.any() else ()

    usual, narrowest = own.beads.width_um, np.where(hangs, thinnest(thread), own.least_um)
    found = under(np.where(hangs, thread, usual))
    return Bracket(worst, found, under(narrowest) if found else ())


def _reaching(
    own: LayerBeads,
    width_um: NDArray[np.float64],
    doubtful: NDArray[np.bool_],
    slack: float,
    one: Beside,
    *,
    is_fine: bool = False,
) -> tuple[Spot, ...]:
    """Where of the `doubtful` beads, so wide, something reaches further outside than `slack`."""
    import shapely

    outline, limits, wall_width_um = one.outer, one.limits, one.wall_width_um
    allowed = outline.closed(SLIT_UM, slack)
    beyond = _surely_covered(own, doubtful, width_um, is_fine=is_fine).beyond(allowed)
    if beyond.is_empty:
        return ()
    true = outline.closed(SLIT_UM)
    outside = shapely.get_parts(beyond)
    thin = _thin_zone(outline, wall_width_um, outside)
    near_thin = shapely.buffer(thin, wall_width_um / 2, quad_segs=4)
    spots = []
    for piece in outside:
        points = _measured_points(piece)
        far = shapely.distance(shapely.points(points), true) if not true.is_empty else [np.inf]
        worst = int(np.argmax(far))
        at = (float(points[worst, 0]), float(points[worst, 1]))
        # Sharp corners are thin places, too: what leads from one to the next is none.
        thick = float(shapely.difference(shapely.boundary(piece), near_thin).length) / 2
        is_thin = thick < limits.contiguous_um
        spots.append(Spot(float(far[worst]), float(piece.length) / 2, at, is_thin))
    return tuple(spots)


def _measured_points(piece: Region) -> NDArray[np.float64]:
    """(n, 2) the vertices of a piece and points between them."""
    import shapely

    step = max(MEASURE_UM, float(piece.length) / SAMPLES_MAX)
    points: NDArray[np.float64] = shapely.get_coordinates(shapely.segmentize(piece, step))
    return points


def may_reach_beyond(
    sheet: Sheet,
    width_um: NDArray[np.float64],
    outlines: Sequence[Outline],
    slack_um: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """(n,) beads on a line that is not sure to stay within its layer's outline grown by
    `slack_um` (l,). width_um : (n,) of each.

    A bead whose middle line lies in the outline drawn in by its half width less the slack stays
    there: all walls of honest programs do, so the exact question is asked of few.
    """
    import shapely

    if not len(sheet):
        return np.zeros(0, bool)
    line_of, of_line, lines = sheet.line_of, sheet.layer_of_line, sheet.lines
    head = np.flatnonzero(np.append(True, np.diff(line_of) > 0))
    widest = np.maximum.reduceat(width_um, head) + WIDTH_STEP_UM / 2
    slack = slack_um[of_line]
    depth = np.maximum(widest / 2 - slack, 0.0)
    # Lines in the outline drawn in for `is_edge_line` lie deep enough, unless they are very wide.
    drawn_in = np.array([own.depth_um for own in sheet.layers])[of_line]
    doubtful = sheet.column(lambda own: own.is_edge_line)
    doubtful |= depth > DRAWN_IN_RATIO * drawn_in - COARSE_UM
    rows = np.flatnonzero(doubtful)
    # A wall lies `slack` deeper than it must: what is a little wider than usual is asked with it.
    cores = np.empty(len(outlines), object)
    usual = np.zeros(len(outlines))
    borders = np.searchsorted(of_line[rows], np.arange(len(outlines) + 1)).tolist()
    for at, (first, last) in enumerate(pairwise(borders)):
        if first < last:
            deep = depth[rows[first:last]]
            middle = np.sort(deep)[len(deep) // 2]
            usual[at] = deep[deep <= middle + slack_um[at] / 2].max()
            cores[at] = outlines[at].grown(-float(usual[at]))
    shapely.prepare(cores)
    asked = rows[depth[rows] <= usual[of_line[rows]]]
    doubtful[asked] = ~np.asarray(shapely.covers(cores[of_line[asked]], lines[asked]), bool)
    rows = np.flatnonzero(doubtful)
    if len(rows):
        asked_of = np.zeros(len(outlines), bool)
        asked_of[of_line[rows]] = True
        regions = np.empty(len(outlines), object)
        regions[asked_of] = [
            outline.region for outline, is_asked in zip(outlines, asked_of, strict=True) if is_asked
        ]
        edges = shapely.boundary(regions)
        shapely.prepare(regions)
        shapely.prepare(edges)
        of_line, lines = of_line[rows], lines[rows]
        stays = shapely.covers(regions[of_line], lines)
        stays &= ~shapely.dwithin(edges[of_line], lines, depth[rows])
        doubtful[rows[stays]] = False
    return np.asarray(doubtful[line_of], bool)


def _surely_covered(
    own: LayerBeads, wanted: NDArray[np.bool_], width_um: NDArray[np.float64], *, is_fine: bool
) -> Cover:
    """What the `wanted` beads cover however they are laid.

    A bead that hangs in air may be a round thread as well as a flat bead (`width_um` is that of a
    thread), and how far a bead's own end reaches beyond its last point is not commanded: each chain
    counts from where its round end touches that point.
    """
    whole = np.isin(own.beads.chain, own.beads.chain[wanted])
    beads = own.beads.chosen(np.flatnonzero(whole))
    width = width_um[whole]
    start, end, kept = _without_ends(
        beads.start_um, beads.end_um, beads.length_um, beads.chain, width / 2
    )
    kept &= wanted[whole]
    step, segments = (FINE_STEP_UM, 2 * QUARTER_SEGMENTS) if is_fine else (None, None)
    return cover_of_beads(start[kept], end[kept], width[kept], beads.chain[kept], step, segments)


def _without_ends(
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    length: NDArray[np.float64],
    chain: NDArray[np.int64],
    cut_um: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """(start, end, kept) of moves whose chains are shortened by `cut_um` at both ends."""
    border = np.flatnonzero(np.append(True, chain[1:] != chain[:-1])) if len(chain) else chain
    total = np.repeat(
        np.add.reduceat(length, border) if len(border) else length,
        np.diff(np.append(border, len(chain))),
    )
    run = np.cumsum(length)
    origin = np.repeat(run[border] - length[border], np.diff(np.append(border, len(chain))))
    upto = run - origin
    since = upto - length
    first = np.maximum(since, cut_um)
    last = np.minimum(upto, total - cut_um)
    kept = last > first
    way = (end - start) / np.maximum(length, 1e-9)[:, None]
    return (
        np.where((first > since)[:, None], start + way * (first - since)[:, None], start),
        np.where((last < upto)[:, None], end - way * (upto - last)[:, None], end),
        kept,
    )


def _inward(
    own: LayerBeads,
    inner: Bracket[Trace],
    outline: Outline,
    limits: IntegrityLimits,
    wall_width_um: float,
) -> Bracket[tuple[Spot, ...]]:
    """Stretches of the boundary, drawn in by the limit, that no bead covers."""
    found = [_bare_spots(own, inner.worst, outline, limits, wall_width_um)]
    for before, trace in ((inner.worst, inner.usual), (inner.usual, inner.best)):
        found.append(
            found[-1]
            if trace is before
            else _bare_spots(own, trace, outline, limits, wall_width_um)
        )
    return Bracket(*found)


def _bare_spots(
    own: LayerBeads,
    inner: Trace,
    outline: Outline,
    limits: IntegrityLimits,
    wall_width_um: float,
) -> tuple[Spot, ...]:
    import shapely

    pieces = inner.bare_lines(limits.contiguous_um)
    if not pieces:
        return ()
    thin = _thin_zone(outline, wall_width_um, pieces)
    spots = []
    for piece in pieces:
        points = _measured_points(piece)
        far = own.distance(points) + limits.inward_um + UNCERTAINTY_UM
        worst = int(np.argmax(far))
        at = (float(points[worst, 0]), float(points[worst, 1]))
        thick = float(shapely.difference(piece, thin).length)
        spots.append(Spot(float(far[worst]), float(piece.length), at, thick < limits.contiguous_um))
    return tuple(spots)


class _Samples(NamedTuple):
    """(s,) um each, as of `Deviation`."""

    signed_um: NDArray[np.float64]
    inwards_um: NDArray[np.float64]
    outwards_um: NDArray[np.float64]
    places_um: NDArray[np.float64]


def _samples(sheet: Sheet, layers: Sequence[Beside], radius_um: float) -> list[_Samples]:
    """Of each layer, signed distances bead - boundary at places spread evenly along the boundary,
    where a disc of the radius fits beside it, by how much further in and out other models put the
    side of that bead, and the places. The inner lines lie inside the boundary by the slack."""
    spread = [
        _spread(one.inner.usual.length_um)
        if len(one.inner.usual.a) and len(own)
        else np.zeros(0, np.int64)
        for own, one in zip(sheet.layers, layers, strict=True)
    ]
    counts = [len(one) for one in spread]
    layer = np.repeat(np.arange(len(layers)), counts)

    def column(of: Callable[[Trace], NDArray[np.float64]]) -> NDArray[np.float64]:
        pairs = zip(layers, spread, strict=True)
        return np.concatenate([of(one.inner.usual)[chosen] for one, chosen in pairs])

    a, b = column(lambda line: line.a), column(lambda line: line.b)
    length = column(lambda line: line.length_um)
    depth = np.array([one.slack_um for one in layers])[layer]
    middle, way = (a + b) / 2, b - a
    to_inside = np.stack([-way[:, 1], way[:, 0]], axis=1) / length[:, None]
    # Such a disc has its middle straight inside; at corners and in thin walls another side is
    # nearer to that point.
    deep = middle + to_inside * (radius_um - depth + ON_EDGE_UM)[:, None]
    cores = [
        one.outline.grown(-radius_um) if n else None for one, n in zip(layers, counts, strict=True)
    ]
    fits = np.flatnonzero(within_each(cores, layer, deep))
    # An edge may be chosen several times, one after the other.
    chosen = np.concatenate([np.zeros(0, np.int64), *spread])[fits]
    is_new = np.ones(len(fits), bool)
    is_new[1:] = (np.diff(chosen) != 0) | (np.diff(layer[fits]) != 0)
    first = np.flatnonzero(is_new)
    times = np.diff(np.append(first, len(fits)))
    fits = fits[first]
    a, b, middle, to_inside = (one.take(fits, axis=0) for one in (a, b, middle, to_inside))
    layer, depth = layer[fits], depth[fits]
    edge, row = sheet.edge_beads_beside(a, b, layer)
    distance = distances(
        middle.take(edge, axis=0), sheet.start_um.take(row, axis=0), sheet.end_um.take(row, axis=0)
    )
    # Of those that are as near the first.
    order = np.lexsort((row, distance, edge))
    nearest = order[np.append(True, np.diff(edge[order]) > 0)[: len(order)]]
    # How wide a bead is that hangs in air is not known well enough for this.
    nearest = nearest[~sheet.column(lambda own: own.hanging)[row[nearest]]]
    edge, row, distance = edge[nearest], row[nearest], distance[nearest]
    width = sheet.width_um[row]
    columns = (
        distance + depth[edge] - width / 2,
        (width - sheet.column(lambda own: own.least_um)[row]) / 2,
        (sheet.column(lambda own: own.most_um)[row] - width) / 2,
        middle[edge] - to_inside[edge] * depth[edge, None],
    )
    repeated = [np.repeat(one, times[edge], axis=0) for one in columns]
    of_sample = np.repeat(layer[edge], times[edge])
    borders = np.searchsorted(of_sample, np.arange(len(layers) + 1)).tolist()
    return [_Samples(*(one[first:last] for one in repeated)) for first, last in pairwise(borders)]


def _spread(length: NDArray[np.float64]) -> NDArray[np.int64]:
    """(n,) the edges at places `SAMPLE_UM` apart along all of them, fewer on a long way."""
    along = np.cumsum(length)
    step = max(SAMPLE_UM, float(along[-1]) / SAMPLES_MAX)
    at = (np.arange(max(int(along[-1] / step), 1)) + 0.5) * step
    return np.minimum(np.searchsorted(along, at), len(along) - 1)
