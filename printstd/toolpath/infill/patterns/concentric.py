"""Concentric infill: loops at equal distances inside the area, and lines along the middle of what
is too narrow for another loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.clip import Area
from printstd.kernels.medial_axis import medial_axis
from printstd.kernels.rings import Rings
from printstd.kernels.zigzag import Paths
from printstd.toolpath.infill.connect import NOTHING_LAID, Laid, worth
from printstd.toolpath.infill.jobs import Job, Sparse

Found = tuple[Sequence[Job], Laid]
_SLACK_NM = 2_000
"""Areas that touch are told from areas that overlap by this much."""


class _Bands(NamedTuple):
    """Rings of all areas and what lies between their bands. job : (n,) of each."""

    loops: list[Rings]
    left: list[Rings]
    job: list[int]


def concentric(areas: Sequence[Sparse]) -> Found:
    """Every loop lies in the middle of a band of its own, as wide as lines are apart."""
    jobs = [a.job((1, 0), a.pitch_nm) for a in areas]
    found = [_bands(job) for job in jobs]
    bands = _Bands(
        [rings for of_job in found for rings in of_job[0]],
        [rings for of_job in found for rings in of_job[1]],
        [number for number, of_job in enumerate(found) for _ in of_job[0]],
    )
    lines: list[tuple[int, NDArray[np.int64]]] = []
    for number, rings in zip(bands.job, bands.loops, strict=True):
        for i in range(rings.n_rings):
            lines.append((number, _closed(rings.ring(i))))
    for pitch in dict.fromkeys(round(job.pitch_nm) for job in jobs):
        mine = [i for i, number in enumerate(bands.job) if round(jobs[number].pitch_nm) == pitch]
        lines += _middles(bands, jobs, mine, pitch)
    if not lines:
        return jobs, NOTHING_LAID
    lines.sort(key=lambda line: line[0])
    of_path = np.array([number for number, _ in lines], np.int64)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(xy) for _, xy in lines])])
    paths = Paths(np.concatenate([xy for _, xy in lines]), offsets, np.arange(len(of_path)))
    spacing = np.array([job.bead.spacing_nm for job in jobs], np.float64)[of_path]
    return jobs, worth(Laid(paths, of_path, of_path, spacing, np.zeros(len(of_path), bool)))


def _bands(job: Job) -> tuple[list[Rings], list[Rings]]:
    """(loops from outside, what is left of each band's room where no loop fits) of one area."""
    pitch = round(job.pitch_nm)
    inset = max(pitch // 2, job.bead.spacing_nm // 2)
    room = Area.of(job.area)
    loops, left = [], []
    while not room.is_empty:
        loop = room.offset(-inset)
        loops.append(loop)
        left.append(room - loop.offset(inset + _SLACK_NM))
        room, inset = loop.offset(-(pitch - pitch // 2)), pitch // 2
    rings = clip.rings_of([*loops, *left])
    return rings[: len(loops)], rings[len(loops) :]


def _middles(
    bands: _Bands, jobs: Sequence[Job], mine: Sequence[int], pitch: int
) -> list[tuple[int, NDArray[np.int64]]]:
    """Lines where what is left is at least half as wide as a loop's band, all of one pitch."""
    least = max(job.bead.spacing_nm for job in jobs)
    axis = medial_axis(
        [bands.left[i] for i in mine],
        min_width_nm=max(pitch // 2, least),
        max_width_nm=pitch + 2 * _SLACK_NM,
        min_length_nm=pitch,
        end_gap_ratio=1.0,
    )
    found = []
    for line in range(axis.n_lines):
        xy = axis.xy_nm[axis.offsets[line] : axis.offsets[line + 1]]
        number = bands.job[mine[int(axis.drawing[line])]]
        found.append((number, _closed(xy) if axis.is_closed[line] else xy))
    return found


def _closed(xy_nm: NDArray[np.int64]) -> NDArray[np.int64]:
    """A ring with its first vertex at its end as well."""
    return np.concatenate([xy_nm, xy_nm[:1]])
