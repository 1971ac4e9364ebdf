"""Patterns of three families of lines that cross each other and are joined along the walls
together.

Lines of families at 0, 60 and 120 degrees through common points bound triangles; with one family
half a pitch aside they bound stars. Planes that stand as the sides of cubes on their corners cut
each layer in three such families, which move as the height grows. Source: facts of slicers 2.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from printstd.kernels import clip
from printstd.kernels.turns import direction
from printstd.toolpath.infill.connect import NOTHING_LAID, Laid
from printstd.toolpath.infill.jobs import Job, Sparse
from printstd.toolpath.infill.patterns.strokes import Family, family, joined, whole

Found = tuple[Sequence[Job], Laid]
FAMILIES: Final = (0.0, 60.0, 120.0)
RISE: Final = (0.7071067811865476, -0.7071067811865476, 0.7071067811865476)
"""How far the lines of each family of cubes move across themselves for each nm of height."""


def triangles(areas: Sequence[Sparse]) -> Found:
    return _laid(areas, [(0.0, 0.0, 0.0)] * len(areas))


def stars(areas: Sequence[Sparse]) -> Found:
    """Hexagons with a triangle on every side."""
    return _laid(areas, [(0.0, 0.0, 1.5 * a.pitch_nm) for a in areas])


def cubic(areas: Sequence[Sparse]) -> Found:
    """Cubes that stand on their corners."""
    return _laid(areas, [tuple(rise * a.z_nm for rise in RISE) for a in areas])


def _laid(areas: Sequence[Sparse], first_nm: Sequence[tuple[float, ...]]) -> Found:
    jobs = jobs_of(areas)
    islands = clip.inset_islands(
        [job.area for job in jobs], [job.bead.spacing_nm // 2 for job in jobs]
    )
    if islands.rings.is_empty:
        return jobs, NOTHING_LAID
    found = families(areas, islands, first_nm)
    return jobs, joined(jobs, islands, [(of, whole(of)) for of in found])


def jobs_of(areas: Sequence[Sparse]) -> list[Job]:
    """One job per area, for all its families, each of a third of the density."""
    return [a.job(direction(a.spec.angle_deg), 3.0 * a.pitch_nm) for a in areas]


def families(
    areas: Sequence[Sparse], islands: clip.Islands, first_nm: Sequence[tuple[float, ...]]
) -> list[Family]:
    """The three families in the islands of all areas. first_nm : of each area, where each family's
    line 0 lies from the bed's origin."""
    part = islands.part
    pitch = np.array([3.0 * a.pitch_nm for a in areas])[part]
    found = []
    for number, turn in enumerate(FAMILIES):
        along = np.array([direction(a.spec.angle_deg + turn) for a in areas], np.int64)[part]
        first = np.array([of_area[number] for of_area in first_nm])[part]
        found.append(family(islands, along, first, pitch))
    return found
