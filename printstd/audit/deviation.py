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

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.demand import IntegrityLimits
from printstd.audit.layer_beads import LayerBeads
from printstd.audit.outline import Outline
from printstd.audit.regions import Cover, Region, cover_of_beads, within
from printstd.audit.spot import Spot

UNCERTAINTY_UM: Final = 5.0
"""Of one measured distance: chords of round ends (2 um), width classes (2.5 um), numbers of three
decimals (0.5 um). A limit is broken where it is exceeded by more."""
SLIT_UM: Final = 50.0
"""Slits and notches up to twice this wide are filled by the beads on their sides; what is laid in
them is not outside. A quarter of the narrowest nozzle in use."""
OPENING_UM: Final = 5.0
"""The opening's radius over half the bead: a wall of exactly one bead may be missing."""
THIN_NOISE_UM: Final = 50.0
"""Slivers narrower than twice this are corners, no thin walls."""
TWO_BEADS_RATIO: Final = 0.8
"""Radius, in beads, of the disc that fits where two beads side by side are sure to be laid: with a
spacing of 0.9 w two take 1.9 w, and a slicer collapses its loops below about 1.5 w."""
SAMPLE_UM: Final = 500.0
SAMPLES_MAX: Final = 600
ON_EDGE_UM: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Deviation:
    """outward, inward : places beyond the limits. samples_um : (s,) float64, signed distance from
    points of the section's boundary to the bead nearest to them, positive = bead falls short.
    thin_area_um2 : section in which no bead fits, corners apart."""

    outward: tuple[Spot, ...]
    inward: tuple[Spot, ...]
    samples_um: NDArray[np.float64]
    boundary_um: float
    thin_area_um2: float


def deviation_of(
    own: LayerBeads,
    outline: Outline,
    outer_outline: Outline,
    limits: IntegrityLimits,
    wall_width_um: float,
) -> Deviation:
    """Deviations of one layer's beads from `outline`; `outer_outline` is what they may reach."""
    import shapely

    radius = wall_width_um / 2 + OPENING_UM
    thin = shapely.buffer(
        shapely.difference(outline.region, outline.opened(radius)), -THIN_NOISE_UM, quad_segs=2
    )
    return Deviation(
        outward=_outward(own, outer_outline, limits, wall_width_um),
        inward=_inward(own, outline, radius, limits, wall_width_um),
        samples_um=_samples(own, outline, wall_width_um),
        boundary_um=float(outline.region.length),
        thin_area_um2=float(shapely.buffer(thin, THIN_NOISE_UM, quad_segs=2).area),
    )


def _thin_zone(outline: Outline, wall_width_um: float) -> Region:
    """Where two beads side by side do not fit, and a bead around it."""
    import shapely

    thick = outline.opened(TWO_BEADS_RATIO * wall_width_um)
    rest = shapely.buffer(shapely.difference(outline.region, thick), -THIN_NOISE_UM, quad_segs=2)
    zone = shapely.buffer(rest, THIN_NOISE_UM + wall_width_um / 2, quad_segs=4)
    shapely.prepare(zone)
    return zone


def _outward(
    own: LayerBeads, outline: Outline, limits: IntegrityLimits, wall_width_um: float
) -> tuple[Spot, ...]:
    import shapely

    allowed = outline.closed(SLIT_UM, limits.outward_um + UNCERTAINTY_UM)
    beyond = own.cover.beyond(allowed)
    if beyond.is_empty:
        return ()
    beyond = _surely_covered(own, beyond).beyond(allowed)
    if beyond.is_empty:
        return ()
    true = outline.closed(SLIT_UM)
    thin = _thin_zone(outline, wall_width_um)
    spots = []
    for piece in shapely.get_parts(beyond):
        points = shapely.get_coordinates(piece)
        far = shapely.distance(shapely.points(points), true) if not true.is_empty else [np.inf]
        worst = int(np.argmax(far))
        at = (float(points[worst, 0]), float(points[worst, 1]))
        is_thin = bool(shapely.dwithin(thin, piece, wall_width_um / 2))
        spots.append(Spot(float(far[worst]), float(piece.length) / 2, at, is_thin))
    return tuple(spots)


def _surely_covered(own: LayerBeads, near: Region) -> Cover:
    """What the beads at `near` cover however they are laid.

    A bead that hangs in air may be a round thread as well as a flat bead, and how far a bead's own
    end reaches beyond its last point is not commanded: each chain counts from where its round
    end touches that point.
    """
    import shapely

    beads, part = own.beads, own.part
    lines = shapely.linestrings(np.stack([beads.start_um[part], beads.end_um[part]], axis=1))
    shapely.prepare(near)
    touching = shapely.dwithin(near, lines, float(beads.width_um[part].max()) / 2 + 1.0)
    wanted = np.isin(beads.chain[part], beads.chain[part[touching]])
    rows = part[wanted]
    width = np.where(own.hanging[wanted], beads.thread_um[rows], beads.width_um[rows])
    start, end, kept = _without_ends(
        beads.start_um[rows],
        beads.end_um[rows],
        beads.length_um[rows],
        beads.chain[rows],
        width / 2,
    )
    return cover_of_beads(start[kept], end[kept], width[kept], beads.chain[rows][kept])


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
    outline: Outline,
    radius: float,
    limits: IntegrityLimits,
    wall_width_um: float,
) -> tuple[Spot, ...]:
    """Stretches of the boundary, drawn in by the limit, that no bead covers."""
    import shapely

    slack = limits.inward_um + UNCERTAINTY_UM
    inner = shapely.boundary(shapely.buffer(outline.grown(-radius), radius - slack))
    bare = own.cover.bare(inner)
    if bare.is_empty:
        return ()
    pieces = shapely.get_parts(shapely.line_merge(bare))
    pieces = pieces[shapely.length(pieces) >= limits.contiguous_um]
    if not len(pieces):
        return ()
    thin = _thin_zone(outline, wall_width_um)
    spots = []
    for piece in pieces:
        points = shapely.get_coordinates(shapely.segmentize(piece, 200.0))
        far = own.cover.distance(points)
        worst = int(np.argmax(far))
        at = (float(points[worst, 0]), float(points[worst, 1]))
        thick = float(shapely.difference(piece, thin).length)
        spots.append(
            Spot(float(far[worst]) + slack, float(piece.length), at, thick < limits.contiguous_um)
        )
    return tuple(spots)


def _samples(own: LayerBeads, outline: Outline, wall_width_um: float) -> NDArray[np.float64]:
    """Signed distances bead - boundary at points spread evenly along the boundary, where the part
    is thick enough for a wall on either side."""
    import shapely

    opened, beads, part = outline.opened(TWO_BEADS_RATIO * wall_width_um), own.beads, own.part
    if not len(part) or opened.is_empty:
        return np.zeros(0)
    is_near = ~within(outline.grown(-1.2 * wall_width_um, 2), beads.middle_um[part])
    near = part[is_near]
    if not len(near):
        return np.zeros(0)
    points = shapely.points(_spread(opened))
    edge = shapely.boundary(outline.region)
    shapely.prepare(edge)
    # The opening is rounder than the part at corners: there its boundary is not the part's.
    points = points[shapely.dwithin(edge, points, ON_EDGE_UM)]
    if not len(points):
        return np.zeros(0)
    lines = shapely.linestrings(np.stack([beads.start_um[near], beads.end_um[near]], axis=1))
    tree = shapely.STRtree(lines)
    found, distance = tree.query_nearest(points, return_distance=True, all_matches=False)
    # How wide a bead is that hangs in air is not known well enough for this.
    known = ~own.hanging[is_near][found[1]]
    signed: NDArray[np.float64] = distance[known] - beads.width_um[near][found[1][known]] / 2
    return signed


def _spread(region: Region) -> NDArray[np.float64]:
    """(n, 2) points along the boundary of a region, `SAMPLE_UM` apart, fewer on a long one."""
    import shapely

    rings = shapely.get_rings(shapely.get_parts(region))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    way = np.diff(points, axis=0)
    length = np.where(ring[1:] == ring[:-1], np.hypot(*way.T), 0.0)
    along = np.cumsum(length)
    step = max(SAMPLE_UM, float(along[-1]) / SAMPLES_MAX)
    at = (np.arange(max(int(along[-1] / step), 1)) + 0.5) * step
    side = np.minimum(np.searchsorted(along, at), len(along) - 1)
    back = (along[side] - at) / np.maximum(length[side], 1e-9)
    spread: NDArray[np.float64] = points[side + 1] - way[side] * np.clip(back, 0.0, 1.0)[:, None]
    return spread
