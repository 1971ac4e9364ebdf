"""Concentric infill: loops at equal distances inside the area, and lines along the middle of what
is too narrow for another loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

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
_SLACK_NM: Final = 4_000
"""Widths are no more exact than this."""
_TOLERANCE_NM: Final = 50_000
_DETAIL_NM: Final = 500_000
"""Lines along the middle of what is left need not be exact."""


class _Bands(NamedTuple):
    """loops : of one area, from outside. left : what of each loop's band no loop fits in."""

    loops: list[Rings]
    left: list[Rings]


def concentric(areas: Sequence[Sparse]) -> Found:
    """Every loop lies in the middle of a band of its own, as wide as lines are apart."""
    jobs = [a.job((1, 0), a.pitch_nm) for a in areas]
    # Layers that are alike are laid alike.
    kinds: dict[tuple[int, int, bytes, bytes], int] = {}
    first: list[Job] = []
    kind = []
    for job in jobs:
        shape = job.area.xy_nm.tobytes(), job.area.offsets.tobytes()
        key = (round(job.pitch_nm), job.bead.spacing_nm, *shape)
        if key not in kinds:
            first.append(job)
        kind.append(kinds.setdefault(key, len(kinds)))
    of_kind = _lines(first)
    lines = [(number, xy) for number, same in enumerate(kind) for xy in of_kind[same]]
    if not lines:
        return jobs, NOTHING_LAID
    of_path = np.array([number for number, _ in lines], np.int64)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(xy) for _, xy in lines])])
    paths = Paths(np.concatenate([xy for _, xy in lines]), offsets, np.arange(len(of_path)))
    spacing = np.array([job.bead.spacing_nm for job in jobs], np.float64)[of_path]
    return jobs, worth(Laid(paths, of_path, of_path, spacing, np.zeros(len(of_path), bool)))


def _lines(jobs: Sequence[Job]) -> list[list[NDArray[np.int64]]]:
    """The lines of each area: loops, then those along what they leave."""
    bands = [_bands(job) for job in jobs]
    found = [
        [_closed(rings.ring(i)) for rings in of_job.loops for i in range(rings.n_rings)]
        for of_job in bands
    ]
    for pitch in dict.fromkeys(round(job.pitch_nm) for job in jobs):
        left, owner = [], []
        for number, (job, of_job) in enumerate(zip(jobs, bands, strict=True)):
            if round(job.pitch_nm) == pitch:
                left += of_job.left
                owner += [number] * len(of_job.left)
        for drawing, xy in _middles(left, pitch, max(job.bead.spacing_nm for job in jobs)):
            found[owner[drawing]].append(xy)
    return found


def _bands(job: Job) -> _Bands:
    pitch = round(job.pitch_nm)
    inset = max(pitch // 2, job.bead.spacing_nm // 2)
    room = Area.of(job.area)
    loops, left = [], []
    while not room.is_empty:
        # Where it would come nearer to itself than half the pitch, one line does.
        loop = room.offset(-(inset + pitch // 4), pitch // 4)
        loops.append(loop)
        # Opened by what no line would follow.
        left.append((room - loop.offset(inset)).offset(-(pitch // 4), pitch // 4))
        room, inset = loop.offset(-(pitch - pitch // 2)), pitch // 2
    rings = clip.rings_of([*loops, *left])
    return _Bands(rings[: len(loops)], rings[len(loops) :])


def _middles(left: Sequence[Rings], pitch: int, least: int) -> list[tuple[int, NDArray[np.int64]]]:
    """(index of the drawing, line) where what is left is half to one and a half times as wide
    as a band."""
    axis = medial_axis(
        left,
        min_width_nm=max(pitch // 2, least),
        max_width_nm=3 * pitch // 2 + _SLACK_NM,
        min_length_nm=pitch,
        tolerance_nm=_TOLERANCE_NM,
        step_nm=_DETAIL_NM,
        end_gap_ratio=1.0,
    )
    found = []
    for line, drawing in enumerate(axis.drawing.tolist()):
        xy = axis.xy_nm[axis.offsets[line] : axis.offsets[line + 1]]
        found.append((drawing, _closed(xy) if axis.is_closed[line] else xy))
    return found


def _closed(xy_nm: NDArray[np.int64]) -> NDArray[np.int64]:
    """A ring with its first vertex at its end as well."""
    return np.concatenate([xy_nm, xy_nm[:1]])
