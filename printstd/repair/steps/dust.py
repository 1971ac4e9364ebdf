"""REP-07: shells smaller than the bound left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from printstd.artifacts.repair import RepairClass
from printstd.repair.shells import shells_of
from printstd.repair.working import Working
from printstd.words import said


def without_dust(work: Working, bound_mm: float) -> Working:
    """Shells whose box has a diagonal of the bound at most, open or closed, unless all are."""
    shells = shells_of(work)
    size = shells.high - shells.low
    diagonal = np.sqrt((size * size).sum(axis=1))
    is_dust = diagonal <= bound_mm
    if not is_dust.any() or is_dust.all():
        return work
    gone = is_dust[shells.label]
    marked = work.is_dust.copy()
    marked[work.origin[gone & (work.origin >= 0)]] = True
    return replace(work.kept(~gone), is_dust=marked).did(
        work,
        "REP-07",
        RepairClass.BOUNDED,
        said(
            "shells too small to be anything, left out: {count}, the largest {mm:.2g} mm across",
            count=int(is_dust.sum()),
            mm=float(diagonal[is_dust].max()),
        ),
        facets=work.origin[gone],
        points=[work.corners[shells.label == number] for number in np.flatnonzero(is_dust)],
        displacement_mm=float(diagonal[is_dust].max()),
        rules=("GEO-02", "GEO-09"),
    )
