"""Concentric infill: loops at equal distances inside the area."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from printstd.kernels.clip import Area
from printstd.kernels.rings import Rings
from printstd.kernels.zigzag import Paths
from printstd.toolpath.infill.connect import NOTHING_LAID, Laid, worth
from printstd.toolpath.infill.jobs import Job, Sparse

Found = tuple[Sequence[Job], Laid]


def concentric(areas: Sequence[Sparse]) -> Found:
    """Every loop lies in the middle of a band of its own of the lines' distance."""
    jobs = [a.job((1, 0), a.pitch_nm) for a in areas]
    xy, sizes, job = [], [], []
    for number, of_area in enumerate(jobs):
        for ring in _loops(of_area):
            xy += [ring, ring[:1]]
            sizes.append(len(ring) + 1)
            job.append(number)
    if not job:
        return jobs, NOTHING_LAID
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    of_path = np.array(job, np.int64)
    spacing = np.array([j.bead.spacing_nm for j in jobs], np.float64)[of_path]
    paths = Paths(np.concatenate(xy), offsets, np.arange(len(of_path)))
    return jobs, worth(Laid(paths, of_path, of_path, spacing, np.zeros(len(of_path), bool)))


def _loops(job: Job) -> list[np.ndarray[tuple[int, int], np.dtype[np.int64]]]:
    """The rings of one area, from outside."""
    pitch = round(job.pitch_nm)
    inset = Area.of(job.area).offset(-max(pitch // 2, job.bead.spacing_nm // 2))
    found = []
    while not inset.is_empty:
        rings: Rings = inset.rings()
        found += [rings.ring(i) for i in range(rings.n_rings)]
        inset = inset.offset(-pitch)
    return found
