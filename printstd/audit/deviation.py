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

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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
    within,
)
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


def deviation_of(
    own: LayerBeads,
    outline: Outline,
    outer_outline: Outline,
    coarse: Outline,
    limits: IntegrityLimits,
    wall_width_um: float,
    bead_um: float,
    drawn_in: Region,
    inner: Bracket[Trace],
) -> Deviation:
    """Deviations of one layer's beads from `outline`; `outer_outline` is what they may reach;
    `coarse` is the outline where only areas matter. `bead_um` is the program's usual width.
    `drawn_in` : `inward_limit` of the outline, and `inner` its traces."""
    slack = limits.inward_um + UNCERTAINTY_UM
    samples, inwards, outwards, places = _samples(
        own, inner.usual, slack, outline, TWO_BEADS_RATIO * bead_um
    )
    return Deviation(
        outward=_outward(own, outer_outline, limits, wall_width_um),
        inward=_inward(own, inner, outline, limits, wall_width_um),
        samples_um=samples,
        inwards_um=inwards,
        outwards_um=outwards,
        places_um=places,
        boundary_um=float(outline.region.length),
        thin_area_um2=coarse.once(
            ("thin", wall_width_um, slack), lambda: _thin_area(coarse, drawn_in, slack)
        ),
    )


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


def _outward(
    own: LayerBeads, outline: Outline, limits: IntegrityLimits, wall_width_um: float
) -> Bracket[tuple[Spot, ...]]:
    """Of honest programs the widest beads stay within the limit less U, and no other model need be
    asked."""
    thread, hangs = own.beads.thread_um, own.hanging
    widest = np.where(hangs, thickest(thread), own.most_um)
    limit = float(limits.outward_um)
    about = outline, limits, wall_width_um
    worst = _reaching(own, widest, limit - FINE_UNCERTAINTY_UM, *about, is_fine=True)
    if not worst:
        return Bracket((), (), ())
    usual, narrowest = own.beads.width_um, np.where(hangs, thinnest(thread), own.least_um)
    found = _reaching(own, np.where(hangs, thread, usual), limit + UNCERTAINTY_UM, *about)
    best = _reaching(own, narrowest, limit + UNCERTAINTY_UM, *about) if found else ()
    return Bracket(worst, found, best)


def _reaching(
    own: LayerBeads,
    width_um: NDArray[np.float64],
    slack: float,
    outline: Outline,
    limits: IntegrityLimits,
    wall_width_um: float,
    *,
    is_fine: bool = False,
) -> tuple[Spot, ...]:
    """Where beads so wide reach further outside than `slack`."""
    import shapely

    doubtful = _may_reach_beyond(own, width_um, outline, slack)
    if not doubtful.any():
        return ()
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


def _may_reach_beyond(
    own: LayerBeads, width_um: NDArray[np.float64], outline: Outline, slack: float
) -> NDArray[np.bool_]:
    """(n,) beads on a line that is not sure to stay within the outline grown by `slack`.
    width_um : (n,) of each.

    A bead whose middle line lies in the outline drawn in by its half width less the slack stays
    there: all walls of honest programs do, so the exact question is asked of few.
    """
    import shapely

    if not len(own.lines):
        return np.zeros(0, bool)
    head = np.flatnonzero(np.append(True, np.diff(own.line_of) > 0))
    widest = np.maximum.reduceat(width_um, head) + WIDTH_STEP_UM / 2
    depth = np.maximum(widest / 2 - slack, 0.0)
    # Lines in the outline drawn in for `is_edge_line` lie deep enough, unless they are very wide.
    doubtful = own.is_edge_line | (depth > DRAWN_IN_RATIO * own.depth_um - COARSE_UM)
    rows = np.flatnonzero(doubtful)
    if not len(rows):
        return np.asarray(doubtful[own.line_of], bool)
    # A wall lies `slack` deeper than it must: what is a little wider than usual is asked with it.
    deep = depth[rows]
    middle = np.sort(deep)[len(deep) // 2]
    usual = float(deep[deep <= middle + slack / 2].max())
    core = outline.grown(-usual)
    shapely.prepare(core)
    asked = rows[depth[rows] <= usual]
    doubtful[asked] = ~np.asarray(shapely.covers(core, own.lines[asked]), bool)
    rows = np.flatnonzero(doubtful)
    if len(rows):
        region, lines = outline.region, own.lines[rows]
        edge = shapely.boundary(region)
        shapely.prepare(region)
        shapely.prepare(edge)
        stays = shapely.covers(region, lines) & ~shapely.dwithin(edge, lines, depth[rows])
        doubtful[rows[stays]] = False
    return np.asarray(doubtful[own.line_of], bool)


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


_Samples = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
_NO_SAMPLES: Final = (np.zeros(0), np.zeros(0), np.zeros(0), np.zeros((0, 2)))


def _samples(
    own: LayerBeads, inner: Trace, depth_um: float, outline: Outline, radius_um: float
) -> _Samples:
    """Signed distances bead - boundary at places spread evenly along the boundary, where a disc of
    the radius fits beside it, by how much further in and out other models put the side of that
    bead, and the places. `inner` lies `depth_um` inside the boundary."""
    if not len(inner.a) or not len(own):
        return _NO_SAMPLES
    chosen = _spread(inner.length_um)
    middle, way = (inner.a + inner.b)[chosen] / 2, (inner.b - inner.a)[chosen]
    to_inside = np.stack([-way[:, 1], way[:, 0]], axis=1) / inner.length_um[chosen, None]
    # Such a disc has its middle straight inside; at corners and in thin walls another side is
    # nearer to that point.
    deep = middle + to_inside * (radius_um - depth_um + ON_EDGE_UM)
    fits = within(outline.grown(-radius_um), deep)
    chosen, times = np.unique(chosen[fits], return_counts=True)
    a, b = inner.a[chosen], inner.b[chosen]
    edge, row = own.edge_beads_beside(a, b)
    if not len(edge):
        return _NO_SAMPLES
    middle, way = (a + b) / 2, b - a
    to_inside = np.stack([-way[:, 1], way[:, 0]], axis=1) / inner.length_um[chosen, None]
    beads = own.beads
    distance = distances(middle[edge], beads.start_um[row], beads.end_um[row])
    border = np.flatnonzero(np.append(True, edge[1:] != edge[:-1]))
    nearest = np.repeat(np.minimum.reduceat(distance, border), np.diff([*border, len(edge)]))
    # The first of those that are as near.
    is_nearest = np.flatnonzero(distance == nearest)
    is_nearest = is_nearest[np.append(True, np.diff(edge[is_nearest]) > 0)]
    edge, row, distance = edge[is_nearest], row[is_nearest], distance[is_nearest]
    # How wide a bead is that hangs in air is not known well enough for this.
    known = ~own.hanging[row]
    edge, row = edge[known], row[known]
    width = beads.width_um[row]
    columns = (
        distance[known] + depth_um - width / 2,
        (width - own.least_um[row]) / 2,
        (own.most_um[row] - width) / 2,
    )
    signed, inwards, outwards = (np.repeat(column, times[edge]) for column in columns)
    outside = middle[edge] - to_inside[edge] * depth_um
    return signed, inwards, outwards, np.repeat(outside, times[edge], axis=0)


def _spread(length: NDArray[np.float64]) -> NDArray[np.int64]:
    """(n,) the edges at places `SAMPLE_UM` apart along all of them, fewer on a long way."""
    along = np.cumsum(length)
    step = max(SAMPLE_UM, float(along[-1]) / SAMPLES_MAX)
    at = (np.arange(max(int(along[-1] / step), 1)) + 0.5) * step
    return np.minimum(np.searchsorted(along, at), len(along) - 1)
