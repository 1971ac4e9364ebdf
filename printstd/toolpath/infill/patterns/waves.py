"""Patterns of waves: gyroid and honeycomb."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from printstd.kernels import clip
from printstd.kernels.crossings import paired
from printstd.kernels.gyroid import DENSITY_FACTOR, waves_at
from printstd.kernels.honeycomb import comb
from printstd.kernels.turns import direction
from printstd.kernels.waves import Waves, crossed, inside, sheets
from printstd.toolpath.infill.connect import NOTHING_LAID, Laid, connected
from printstd.toolpath.infill.jobs import Job, Sparse

Found = tuple[Sequence[Job], Laid]


def gyroid(areas: Sequence[Sparse]) -> Found:
    """Waves that turn from X to Y and back with the height."""
    # The pattern's own axes lie half-way between the lines' directions.
    jobs = [a.job(direction(a.spec.angle_deg - 45.0), a.pitch_nm / DENSITY_FACTOR) for a in areas]
    waves = [waves_at(a.z_nm, job.pitch_nm, job.along) for a, job in zip(areas, jobs, strict=True)]
    return jobs, _laid(jobs, waves)


def honeycomb(areas: Sequence[Sparse]) -> Found:
    """Hexagonal cells, upright from bottom to top; two sides of each are double."""
    jobs = [a.job(direction(a.spec.angle_deg), a.pitch_nm) for a in areas]
    # A thick line's neighbour on a double side leaves it the room that a single one needs.
    waves = [comb(job.pitch_nm, float(job.bead.spacing_nm), job.along) for job in jobs]
    return jobs, _laid(jobs, waves)


def _laid(jobs: Sequence[Job], waves: list[Waves]) -> Laid:
    """Paths for all jobs, each along its own waves."""
    islands = clip.inset_islands(
        [job.area for job in jobs], [job.bead.spacing_nm // 2 for job in jobs]
    )
    if islands.rings.is_empty:
        return NOTHING_LAID
    over = sheets(waves, islands.part)
    crossings, wave = crossed(islands.rings, islands.island, over)
    pieces = paired(crossings)
    ring = np.searchsorted(islands.rings.offsets, crossings.edge[pieces.start], side="right") - 1
    island = islands.island[ring]
    between = inside(crossings, pieces, wave[pieces.start], island, over)
    spacing = np.array([job.bead.spacing_nm for job in jobs], np.float64)[islands.part]
    return connected(jobs, islands, crossings, pieces, spacing, between)
