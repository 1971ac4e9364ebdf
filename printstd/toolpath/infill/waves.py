"""Gyroid infill of many areas at once: waves that turn from X to Y and back with the height."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from printstd.kernels import clip
from printstd.kernels.crossings import paired
from printstd.kernels.gyroid import crossed, inside, sheets, waves_at
from printstd.toolpath.infill.connect import NOTHING_LAID, Laid, connected
from printstd.toolpath.infill.jobs import Job


def lay_waves(jobs: Sequence[Job], z_nm: Sequence[int]) -> Laid:
    """Paths for all jobs at the heights z_nm, one per job; `Job.pitch_nm` is nm per radian."""
    islands = clip.inset_islands(
        [job.area for job in jobs], [job.bead.spacing_nm // 2 for job in jobs]
    )
    if islands.rings.is_empty:
        return NOTHING_LAID
    over = sheets(
        [waves_at(z, job.pitch_nm, job.along) for job, z in zip(jobs, z_nm, strict=True)],
        islands.part,
    )
    crossings, wave = crossed(islands.rings, islands.island, over)
    pieces = paired(crossings)
    ring = np.searchsorted(islands.rings.offsets, crossings.edge[pieces.start], side="right") - 1
    island = islands.island[ring]
    between = inside(crossings, pieces, wave[pieces.start], island, over)
    spacing = np.array([job.bead.spacing_nm for job in jobs], np.float64)[islands.part]
    return connected(jobs, islands, crossings, pieces, spacing, between)
