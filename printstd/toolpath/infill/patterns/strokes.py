"""Straight pieces of several families in one area: cut where lines cross its border, cut up
further where a pattern wants it, and joined along the border together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.crossings import Crossings, Pieces, paired
from printstd.kernels.hatch import Lines, hatched, lengths
from printstd.kernels.linking import NO_CROSSING, Reach, Strokes, linked
from printstd.toolpath.infill.connect import Laid, worth
from printstd.toolpath.infill.jobs import Job


class Family(NamedTuple):
    """The pieces of one family of parallel lines in all islands.

    island : (n,) int64 of each piece. along, aside : (n, 2) float64, unit vectors along its line
    and across it. number : (n,) int64, which line of the family. across_nm : (n,) float64, where
    that lies. start_nm, end_nm : (n,) float64, places along it.
    """

    crossings: Crossings
    pieces: Pieces
    island: NDArray[np.int64]
    along: NDArray[np.float64]
    aside: NDArray[np.float64]
    number: NDArray[np.int64]
    across_nm: NDArray[np.float64]
    start_nm: NDArray[np.float64]
    end_nm: NDArray[np.float64]


class Parts(NamedTuple):
    """Parts of a family's pieces, in order of the pieces. piece : (k,) int64. start_nm, end_nm :
    (k,) float64, along its line."""

    piece: NDArray[np.int64]
    start_nm: NDArray[np.float64]
    end_nm: NDArray[np.float64]


def family(
    islands: clip.Islands,
    along: NDArray[np.int64],
    first_nm: NDArray[np.float64],
    pitch_nm: NDArray[np.float64],
) -> Family:
    """along : (i, 2) int64; first_nm, pitch_nm : (i,) float64, of each island's lines."""
    length = lengths(along)
    lines = Lines(along, length, first_nm, pitch_nm)
    crossings = hatched(islands.rings, islands.island, lines)
    pieces = paired(crossings)
    ring = np.searchsorted(islands.rings.offsets, crossings.edge[pieces.start], side="right") - 1
    island = islands.island[ring]
    unit = along.astype(np.float64) / length[:, None]
    unit = unit[island]
    aside = np.stack([-unit[:, 1], unit[:, 0]], axis=1)
    start, end = crossings.xy_nm[pieces.start], crossings.xy_nm[pieces.end]
    across = start[:, 0] * aside[:, 0] + start[:, 1] * aside[:, 1]
    number = np.rint((across - first_nm[island]) / pitch_nm[island]).astype(np.int64)
    return Family(
        crossings,
        pieces,
        island,
        unit,
        aside,
        number,
        first_nm[island] + number * pitch_nm[island],
        start[:, 0] * unit[:, 0] + start[:, 1] * unit[:, 1],
        end[:, 0] * unit[:, 0] + end[:, 1] * unit[:, 1],
    )


def broken(piece: NDArray[np.int64], at_nm: NDArray[np.float64], of: Family) -> Parts:
    """All pieces in parts between the places at which they are broken, ends included.

    piece, at_nm : (b,) of each break, inside its piece.
    """
    n = len(of.island)
    if not n:
        return whole(of)
    owner = np.concatenate([np.arange(n), piece])
    start = np.concatenate([of.start_nm, at_nm])
    order = np.lexsort((start, owner))
    owner, start = owner[order], start[order]
    end = np.append(start[1:], 0.0)
    last = np.append(owner[1:] != owner[:-1], True)
    end[last] = of.end_nm[owner[last]]
    return Parts(owner, start, end)


def merged(parts: Parts, kept: NDArray[np.bool_]) -> Parts:
    """The parts that are kept, those that follow one another without a gap as one."""
    piece, start, end = parts.piece[kept], parts.start_nm[kept], parts.end_nm[kept]
    if not len(piece):
        return Parts(piece, start, end)
    goes_on = (piece[1:] == piece[:-1]) & (start[1:] <= end[:-1])
    first = np.flatnonzero(~np.append(False, goes_on))
    last = np.flatnonzero(~np.append(goes_on, False))
    return Parts(piece[first], start[first], end[last])


def whole(of: Family) -> Parts:
    return Parts(np.arange(len(of.island)), of.start_nm, of.end_nm)


def joined(
    jobs: Sequence[Job], islands: clip.Islands, families: Sequence[tuple[Family, Parts]]
) -> Laid:
    """The parts of all families as paths, linked along the borders as their jobs want it.

    jobs : one per area.
    """
    island = np.concatenate([of.island[parts.piece] for of, parts in families])
    order = np.argsort(island, kind="stable")
    both = (2 * order[:, None] + np.arange(2)).ravel()
    found = [_strokes(of, parts) for of, parts in families]
    strokes = Strokes(*(np.concatenate(column)[both] for column in zip(*found, strict=True)))
    island = island[order]
    of_ring = islands.part[islands.island]
    reach = Reach(
        np.array([job.longest_nm for job in jobs], np.int64)[of_ring],
        np.array([job.hook_nm for job in jobs], np.int64)[of_ring],
        np.array([job.bead.spacing_nm for job in jobs], np.int64)[of_ring],
    )
    paths = linked(islands.rings, strokes, reach)
    of_path = island[paths.piece]
    spacing = np.array([job.bead.spacing_nm for job in jobs], np.float64)[islands.part]
    is_strip = np.zeros(len(of_path), bool)
    return worth(Laid(paths, islands.part[of_path], of_path, spacing[of_path], is_strip))


def _strokes(of: Family, parts: Parts) -> Strokes:
    piece = parts.piece
    ends = []
    for place, own, crossing in (
        (parts.start_nm, of.start_nm, of.pieces.start),
        (parts.end_nm, of.end_nm, of.pieces.end),
    ):
        at = crossing[piece]
        xy = of.along[piece] * place[:, None] + of.aside[piece] * of.across_nm[piece][:, None]
        is_border = place == own[piece]
        ends.append(
            (
                np.where(is_border[:, None], of.crossings.xy_nm[at], np.rint(xy).astype(np.int64)),
                np.where(is_border, of.crossings.edge[at], NO_CROSSING),
                np.where(is_border, of.crossings.run_nm[at], 0),
            )
        )
    columns = [np.stack(pair, axis=1) for pair in zip(*ends, strict=True)]
    region = np.repeat(of.island[piece], 2)
    return Strokes(columns[0].reshape(-1, 2), columns[1].ravel(), columns[2].ravel(), region)
