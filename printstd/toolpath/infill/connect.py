"""Pieces of line joined along the walls into paths, with hooks at ends that stay free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.toolpath import Role
from printstd.kernels.chaining import Border, Ends, border, joins, lower_ends, upper_ends
from printstd.kernels.clip import Islands
from printstd.kernels.crossings import Crossings, Pieces
from printstd.kernels.strips import bare_strips
from printstd.kernels.sweep import swept
from printstd.kernels.tangents import bare_nm, without_tips
from printstd.kernels.zigzag import Hooks, Inside, Paths, paths, point_at
from printstd.named_tuple import NamedTuple
from printstd.toolpath.infill.jobs import UNLIMITED_NM, Job


class Laid(NamedTuple):
    """paths : in order of jobs. job : (k,) int64. island : (k,) int64, ascending.
    spacing_nm : (k,) float64, nm: what the flow of each path is meant for. is_strip : (k,) bool, it
    lies between a line and the border and may be laid at any time."""

    paths: Paths
    job: NDArray[np.int64]
    island: NDArray[np.int64]
    spacing_nm: NDArray[np.float64]
    is_strip: NDArray[np.bool_]


_BARE_RATIO: Final = 0.3
"""Where the border touches a line's neighbourhood without being crossed, a strip stays bare between
them. A solid line's free end covers it, if it is this share of a spacing wide."""
_SPACINGS_OF_TEETH: Final = 4
"""A solid line shorter than a spacing over this is a point: where an area is hardly wider than one
bead, its lines would be teeth on the way along it."""
_STRIP_RATIO: Final = 0.5
"""A strip between a line and the border gets a path of its own where it is this share of a spacing
wide: less than half of it is then laid twice."""
_NO_ROWS: Final = np.empty(0, np.int64)
NOTHING_LAID: Final = Laid(
    Paths(np.empty((0, 2), np.int64), np.zeros(1, np.int64), _NO_ROWS),
    _NO_ROWS,
    _NO_ROWS,
    np.empty(0),
    np.empty(0, np.bool_),
)


def connected(
    jobs: Sequence[Job],
    islands: Islands,
    crossings: Crossings,
    pieces: Pieces,
    spacing_nm: NDArray[np.float64],
    inside: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
) -> Laid:
    """Paths through all pieces of all islands.

    islands : of the jobs' areas, `part` being the job. spacing_nm : (i,) float64 of each island.
    inside : vertices of curved pieces and their (n + 1,) borders (kernels.gyroid).
    """
    spacing = np.array([job.bead.spacing_nm for job in jobs], np.int64)
    job_of_ring = islands.part[islands.island]
    swept_job = np.array([job.is_swept for job in jobs], bool)
    at = border(islands.rings, crossings)
    upper, lower = upper_ends(at, pieces), lower_ends(at, pieces)
    if swept_job.any():
        job = job_of_ring[at.ring[pieces.start]]
        tip = np.where(swept_job[job], spacing[job], -1)
        crossings, pieces = without_tips(crossings, pieces, upper, lower, tip)
        at = border(islands.rings, crossings)
        upper, lower = upper_ends(at, pieces), lower_ends(at, pieces)
    longest = np.array([job.longest_nm for job in jobs], np.int64)
    joined = joins(at, pieces, upper, lower, longest[job_of_ring])
    island = islands.island[at.ring[pieces.start]]
    is_swept = swept_job[islands.part[island]]
    hook = np.array([job.hook_nm for job in jobs], np.int64)[islands.part[island]]
    hooks = [hook, hook]
    if any(job.hollow is not None for job in jobs):
        tips = [_tips(at, ends_, hook) for ends_ in (lower, upper)]
        in_air, *tips_in_air = _in_air(jobs, job_of_ring, [(at.ring, crossings.xy_nm), *tips])
        lower_in_air, upper_in_air = in_air[lower.crossing], in_air[upper.crossing]
        loose = upper_in_air | ((joined.successor >= 0) & lower_in_air[joined.successor])
        joined = joined._replace(successor=np.where(loose, -1, joined.successor))
        if inside is None:
            drawn = _drawn_back(jobs, job_of_ring, at, pieces, in_air)
            at = at._replace(crossings=crossings._replace(xy_nm=drawn))
        hooks = [
            np.where(of_end | of_tip, 0, hook)
            for of_end, of_tip in zip((lower_in_air, upper_in_air), tips_in_air, strict=True)
        ]
    if is_swept.any():
        longest = spacing[islands.part[island]] // _SPACINGS_OF_TEETH
        xy = _without_teeth(at.crossings.xy_nm, pieces, is_swept, longest)
        at = at._replace(crossings=at.crossings._replace(xy_nm=xy))
    ends = (
        crossings.xy_nm.take(lower.crossing, axis=0),
        crossings.xy_nm.take(upper.crossing, axis=0),
    )
    chains = swept(crossings, pieces, joined.successor, island, is_swept, ends)
    if is_swept.any():
        of_piece = spacing[islands.part[island]]
        hooks = [
            np.where(
                bare_nm(at, pieces, ends_, among=is_swept, spacing_nm=of_piece)
                > _BARE_RATIO * of_piece,
                UNLIMITED_NM,
                hook,
            )
            for ends_ in (lower, upper)
        ]
    curves = None if inside is None else Inside(*inside, upper.crossing == pieces.end)
    found = paths(
        at,
        upper,
        lower,
        joined,
        chains,
        # What covers a bare strip comes closer than what only holds on to the wall.
        hooks=Hooks(hooks[0], hooks[1], (spacing // np.where(swept_job, 2, 1))[job_of_ring]),
        inside=curves,
    )
    is_strip = np.zeros(len(found.piece), bool)
    if is_swept.any():
        of_ring = np.where(swept_job, spacing, 0)[job_of_ring]
        strips = bare_strips(at, pieces, upper, lower, joined, chains, of_ring, _STRIP_RATIO)
        found, is_strip = _joined(found, strips, island)
    of_path = island[found.piece]
    return worth(Laid(found, islands.part[of_path], of_path, spacing_nm[of_path], is_strip))


def _in_air(
    jobs: Sequence[Job],
    job_of_ring: NDArray[np.int64],
    places: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> list[NDArray[np.bool_]]:
    """Of each set of places on borders (ring, xy_nm): (n,) bool, at which a line would turn over
    nothing."""
    from printstd.toolpath.infill.free_ends import are_in_air

    ring = np.concatenate([of for of, _ in places])
    xy = np.concatenate([xy_nm for _, xy_nm in places])
    borders = np.cumsum([len(of) for of, _ in places])[:-1]
    return np.split(are_in_air(xy, job_of_ring[ring], jobs), borders)


def _without_teeth(
    xy_nm: NDArray[np.int64],
    pieces: Pieces,
    among: NDArray[np.bool_],
    longest_nm: NDArray[np.int64],
) -> NDArray[np.int64]:
    """(m, 2) int64: the ends of pieces, those of pieces that are too short to be lines both in
    their middle. among : (n,) bool, and longest_nm : (n,), of the pieces."""
    way = (xy_nm[pieces.end] - xy_nm[pieces.start]).astype(np.float64)
    is_tooth = among & ((way * way).sum(axis=1) <= longest_nm * longest_nm)
    if not is_tooth.any():
        return xy_nm
    one, other = pieces.start[is_tooth], pieces.end[is_tooth]
    xy = xy_nm.copy()
    xy[one] = xy[other] = (xy_nm[one] + xy_nm[other]) // 2
    return xy


def _drawn_back(
    jobs: Sequence[Job],
    job_of_ring: NDArray[np.int64],
    at: Border,
    pieces: Pieces,
    in_air: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """(m, 2) int64: the ends of pieces, those that no wall holds back on the lines below."""
    xy = at.crossings.xy_nm.copy()
    other = np.empty(len(xy), np.int64)
    other[pieces.start], other[pieces.end] = pieces.end, pieces.start
    job_of = job_of_ring[at.ring]
    for number in dict.fromkeys(job_of[in_air].tolist()):
        hollow = jobs[number].hollow
        if hollow is not None and jobs[number].role is Role.INTERNAL_INFILL:
            rows = np.flatnonzero(in_air & (job_of == number))
            ends = at.crossings.xy_nm
            beyond = jobs[number].bead.spacing_nm
            xy[rows] = hollow.drawn_back(ends[rows], ends[other[rows]], beyond)
    return xy


def _tips(
    at: Border, ends: Ends, hook_nm: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(ring, place) of where hooks of all ends would end."""
    ring = at.ring[ends.crossing]
    place = at.place_nm[at.crossings.edge[ends.crossing]] + at.crossings.run_nm[ends.crossing]
    return ring, point_at(at, ring, place + np.where(ends.with_ring, hook_nm, -hook_nm))[1]


def _joined(one: Paths, other: Paths, island: NDArray[np.int64]) -> tuple[Paths, NDArray[np.bool_]]:
    """Island by island (island : (n,) of the pieces) the paths of one, then those of the other;
    and (k,) which are of the other."""
    piece = np.concatenate([one.piece, other.piece])
    order = np.argsort(island[piece], kind="stable")
    is_other = order >= len(one.piece)
    if not len(other.piece):
        return one, is_other
    starts = np.concatenate([one.offsets[:-1], other.offsets[:-1] + one.offsets[-1]])[order]
    counts = np.concatenate([np.diff(one.offsets), np.diff(other.offsets)])[order]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    index = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], counts)
    paths = Paths(
        np.concatenate([one.xy_nm, other.xy_nm]).take(index, axis=0), offsets, piece[order]
    )
    return paths, is_other


def worth(laid: Laid) -> Laid:
    """Without paths shorter than half a spacing: not even a dot."""
    xy, offsets = laid.paths.xy_nm, laid.paths.offsets
    step = np.zeros((len(xy), 2))
    step[1:] = xy[1:] - xy[:-1]
    step[offsets[:-1]] = 0.0
    length = np.rint(np.sqrt(step[:, 0] * step[:, 0] + step[:, 1] * step[:, 1])).astype(np.int64)
    total = np.concatenate([[0], np.cumsum(length)])[offsets]
    keep = np.diff(total) * 2 >= laid.spacing_nm
    if keep.all():
        return laid
    counts = np.diff(offsets)[keep]
    kept = Paths(
        xy.compress(np.repeat(keep, np.diff(offsets)), axis=0),
        np.concatenate([[0], np.cumsum(counts)]),
        laid.paths.piece[keep],
    )
    return Laid._make([kept, *(column[keep] for column in laid[1:])])
