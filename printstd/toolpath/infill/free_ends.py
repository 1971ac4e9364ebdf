"""Which ends of lines lie over the hollow inside of a part, between the lines below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels import clip
from printstd.kernels.border_distance import inside_each
from printstd.kernels.rings import EMPTY, contains
from printstd.toolpath.infill.jobs import Job

_CUT_NM: Final = 2_000
"""Lines end so near to where their beads keep within the area."""


def are_in_air(
    ends_nm: NDArray[np.int64], owner: NDArray[np.int64], jobs: Sequence[Job]
) -> NDArray[np.bool_]:
    """(n,) bool: which ends of lines have nothing below them.

    ends_nm : (n, 2) int64, where lines meet the border that half a bead keeps from the area of
    their job. owner : (n,) int64, that job.
    """
    found = np.zeros(len(ends_nm), np.bool_)
    deep = [EMPTY if job.hollow is None else job.hollow.deep for job in jobs]
    rows = np.flatnonzero(np.array([not area.is_empty for area in deep], np.bool_)[owner])
    rows = rows[inside_each(ends_nm[rows], owner[rows], deep)]
    for job, mine in zip(jobs, _rows_of(owner[rows], len(jobs)), strict=True):
        if job.hollow is None or not len(mine):
            continue
        at = rows[mine]
        if clip.has_cut_corners(job.area):
            # There the border lies further inside: what turns there is held.
            within = clip.offset(job.area, -(job.bead.spacing_nm // 2) - _CUT_NM)
            at = at[~contains(within, ends_nm[at])]
        for family in job.hollow.families:
            across = family.across_nm(ends_nm[at])
            away = np.abs(across - np.rint(across / family.pitch_nm) * family.pitch_nm)
            at = at[away > job.hollow.width_nm / 2]
        found[at] = True
    return found


def _rows_of(owner: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """The rows of each owner."""
    order = np.argsort(owner, kind="stable")
    return np.split(order, np.searchsorted(owner[order], np.arange(1, count)))
