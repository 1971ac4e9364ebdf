"""Patterns of three families of lines that cross each other and are joined along the walls
together.

Lines of families at 0, 60 and 120 degrees through common points bound triangles; with one family
half a pitch aside they bound stars. Planes that stand as the sides of cubes on their corners cut
each layer in three such families, which move as the height grows. Source: facts of slicers 2.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.crossings import Crossings, Pieces, paired
from printstd.kernels.hatch import Lines, hatched, lengths
from printstd.kernels.linking import Reach, Strokes, linked
from printstd.kernels.turns import direction
from printstd.toolpath.infill.connect import NOTHING_LAID, Laid, worth
from printstd.toolpath.infill.jobs import Job, Sparse

Found = tuple[Sequence[Job], Laid]
_FAMILIES: Final = (0.0, 60.0, 120.0)
_RISE: Final = (0.7071067811865476, -0.7071067811865476, 0.7071067811865476)
"""How far the lines of each family move across themselves for each nm of height."""


def triangles(areas: Sequence[Sparse]) -> Found:
    return _laid(areas, [(0.0, 0.0, 0.0)] * len(areas))


def stars(areas: Sequence[Sparse]) -> Found:
    """Hexagons with a triangle on every side."""
    return _laid(areas, [(0.0, 0.0, 1.5 * a.pitch_nm) for a in areas])


def cubic(areas: Sequence[Sparse]) -> Found:
    """Cubes that stand on their corners."""
    return _laid(areas, [tuple(rise * a.z_nm for rise in _RISE) for a in areas])


class Cut(NamedTuple):
    """Pieces of all families: crossings of one set of rings, and pieces between them."""

    crossings: Crossings
    pieces: Pieces


def families(a: Sparse) -> list[Job]:
    """One job for each family, each of a third of the density."""
    return [a.job(direction(a.spec.angle_deg + turn), 3.0 * a.pitch_nm) for turn in _FAMILIES]


def _laid(areas: Sequence[Sparse], shift_nm: Sequence[tuple[float, ...]]) -> Found:
    """shift_nm : of each area, how far each family's lines lie from the bed's origin."""
    jobs = [families(a) for a in areas]
    first = [of_area[0] for of_area in jobs]
    islands = clip.inset_islands(
        [job.area for job in first], [job.bead.spacing_nm // 2 for job in first]
    )
    if islands.rings.is_empty:
        return first, NOTHING_LAID
    part = islands.part
    cuts = []
    for number in range(len(_FAMILIES)):
        along = np.array([of_area[number].along for of_area in jobs], np.int64)[part]
        pitch = np.array([of_area[number].pitch_nm for of_area in jobs])[part]
        shift = np.array([of_area[number] for of_area in shift_nm])[part]
        lines = Lines(along, lengths(along), shift, pitch)
        crossings = hatched(islands.rings, islands.island, lines)
        cuts.append(Cut(crossings, paired(crossings)))
    return first, joined(first, islands, _strokes(cuts))


def _strokes(cuts: Sequence[Cut]) -> Strokes:
    """Family after family: both ends of all pieces."""
    both = [np.stack([cut.pieces.start, cut.pieces.end], axis=1).ravel() for cut in cuts]

    def column(name: str) -> NDArray[np.int64]:
        found = [getattr(cut.crossings, name)[ends] for cut, ends in zip(cuts, both, strict=True)]
        return np.concatenate(found)

    return Strokes(column("xy_nm"), column("edge"), column("run_nm"))


def joined(jobs: Sequence[Job], islands: clip.Islands, strokes: Strokes) -> Laid:
    """Strokes of all islands as paths, linked along the borders as their jobs want it.

    Every stroke has an end on its island's border. jobs : one per area.
    """
    rings = islands.rings
    ends = strokes.edge.reshape(-1, 2).max(axis=1)
    ring = np.searchsorted(rings.offsets, ends, side="right") - 1
    island = islands.island[ring]
    order = np.argsort(island, kind="stable")
    both = (2 * order[:, None] + np.arange(2)).ravel()
    strokes = Strokes(*(column[both] for column in strokes))
    island = island[order]
    of_ring = islands.part[islands.island]
    reach = Reach(
        np.array([job.longest_nm for job in jobs], np.int64)[of_ring],
        np.array([job.hook_nm for job in jobs], np.int64)[of_ring],
        np.array([job.bead.spacing_nm for job in jobs], np.int64)[of_ring],
    )
    paths = linked(rings, strokes, reach)
    of_path = island[paths.piece]
    spacing = np.array([job.bead.spacing_nm for job in jobs], np.float64)[islands.part]
    is_strip = np.zeros(len(of_path), bool)
    return worth(Laid(paths, islands.part[of_path], of_path, spacing[of_path], is_strip))
