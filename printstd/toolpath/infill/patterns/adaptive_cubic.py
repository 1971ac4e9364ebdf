"""Cubic infill whose cubes double in size with every step away from the part's surface.

Near all that bounds the sparse infill, walls, roofs and floors, it is `crossed.cubic` of the
asked density; in the middle it is much less. The cubes are decided on for the whole print at once.
Source: facts of slicers D3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.lattice import lattice_over, sampled
from printstd.kernels.octree import Octree, octree
from printstd.kernels.turns import direction
from printstd.toolpath.infill.connect import NOTHING_LAID, Laid
from printstd.toolpath.infill.jobs import Job, Sparse
from printstd.toolpath.infill.patterns.crossed import FAMILIES, RISE, families, jobs_of
from printstd.toolpath.infill.patterns.strokes import Family, Parts, broken, joined, merged
from printstd.toolpath.infill.survey import Survey

Found = tuple[Sequence[Job], Laid]
_SIDE_RATIO: Final = 0.816496580927726
"""Side of a cube over the distance of its planes' lines in a layer, sqrt(2/3)."""
_SAMPLES: Final = 4
"""Places in a side of the finest cubes at which the sparse areas are looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class AdaptiveCubic:
    """A print's cubes, ready to be laid layer by layer."""

    cubes: Octree

    @classmethod
    def of(cls, survey: Survey) -> AdaptiveCubic:
        spec = survey.specs[-1]
        pitch = 3.0 * spec.sparse.spacing_nm / spec.density_ratio
        step = max(1, round(pitch * _SIDE_RATIO / _SAMPLES))
        stride = max(1, step // (2 * spec.height_nm))
        chosen = range(0, len(survey.sparse), stride)
        areas = [survey.sparse[i] for i in chosen]
        lattice = lattice_over(areas, step)
        layer, row, column = np.nonzero(_outermost(sampled(areas, lattice)))
        x = (column + lattice.first_column) * float(step)
        y = (row + lattice.first_row) * float(step)
        z = np.array([survey.z_nm[i] for i in chosen], np.float64)[layer]
        surface = np.stack(
            [
                (x * aside[0] + y * aside[1] - rise * z) / pitch
                for aside, rise in zip(_asides(spec.angle_deg), RISE, strict=True)
            ],
            axis=1,
        )
        extent = float(np.ptp(surface, axis=0).max()) if len(surface) else 1.0
        return cls(octree(surface, int(extent).bit_length() + 1))

    def __call__(self, areas: Sequence[Sparse]) -> Found:
        jobs = jobs_of(areas)
        islands = clip.inset_islands(
            [job.area for job in jobs], [job.bead.spacing_nm // 2 for job in jobs]
        )
        if islands.rings.is_empty:
            return jobs, NOTHING_LAID
        first = [tuple(rise * a.z_nm for rise in RISE) for a in areas]
        found = families(areas, islands, first)
        pitch = np.array([job.pitch_nm for job in jobs])[islands.part]
        height = np.array([float(a.z_nm) for a in areas])[islands.part]
        angle = np.array([_asides(a.spec.angle_deg) for a in areas])[islands.part]
        return jobs, joined(
            jobs,
            islands,
            [
                (of, self._shown(of, number, angle[of.island], pitch[of.island], height[of.island]))
                for number, of in enumerate(found)
            ],
        )

    def _shown(
        self,
        of: Family,
        own: int,
        asides: NDArray[np.float64],
        pitch: NDArray[np.float64],
        z: NDArray[np.float64],
    ) -> Parts:
        """What of a family's pieces lies in cubes that are divided by their planes.

        own : number of the family. asides : (n, 3, 2), of all families at each piece.
        """
        level = np.minimum(_halvings(of.number, self.cubes.top), self.cubes.top)
        side = (2 << level).astype(np.float64)
        others = [k for k in range(len(FAMILIES)) if k != own]
        slope, begin = {}, {}
        for k in others:
            way = (asides[:, k] * of.along).sum(axis=1)
            base = of.across_nm * (asides[:, k] * of.aside).sum(axis=1)
            slope[k], begin[k] = way / pitch, (base - RISE[k] * z) / pitch
        owner, at = [], []
        for k in others:
            ends = [(begin[k] + slope[k] * u) / side for u in (of.start_nm, of.end_nm)]
            low = np.floor(np.minimum(*ends)).astype(np.int64) + 1
            count = np.maximum(np.ceil(np.maximum(*ends)).astype(np.int64) - low, 0)
            piece = np.repeat(np.arange(len(count)), count)
            plane = low[piece] + np.arange(len(piece)) - (np.cumsum(count) - count)[piece]
            owner.append(piece)
            at.append((plane * side[piece] - begin[k][piece]) / slope[k][piece])
        breaks, place = np.concatenate(owner), np.concatenate(at)
        inside = (place > of.start_nm[breaks]) & (place < of.end_nm[breaks])
        parts = broken(breaks[inside], place[inside], of)
        piece, middle = parts.piece, (parts.start_nm + parts.end_nm) / 2.0
        cube = [np.empty(0, np.int64)] * len(FAMILIES)
        cube[own] = of.number[piece] >> (level[piece] + 1)
        for k in others:
            w = (begin[k][piece] + slope[k][piece] * middle) / side[piece]
            cube[k] = np.floor(w).astype(np.int64)
        is_outer = level[piece] >= self.cubes.top
        return merged(parts, is_outer | self.cubes.is_divided(level[piece] + 1, tuple(cube)))


def _asides(angle_deg: float) -> list[tuple[float, float]]:
    """Unit vectors across the lines of each family."""
    found = []
    for turn in FAMILIES:
        x, y = direction(angle_deg + turn)
        length = float(np.sqrt(float(x * x + y * y)))
        found.append((-y / length, x / length))
    return found


def _outermost(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Points (layers, rows, columns) of which one of the six neighbours lies outside."""
    padded = np.pad(inside, 1)
    core = (slice(1, -1),) * 3
    buried = inside.copy()
    for axis in range(3):
        for by in (-1, 1):
            buried &= np.roll(padded, by, axis)[core]
    return inside & ~buried


def _halvings(number: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """(n,) how often each number can be halved; 0 as often as one likes."""
    lowest = number & -number
    times = np.bitwise_count(np.maximum(lowest - 1, 0)).astype(np.int64)
    return np.where(number == 0, most, times)


survey_of = AdaptiveCubic.of
