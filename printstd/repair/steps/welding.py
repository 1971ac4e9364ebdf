"""REP-03: cracks: open vertices that lie within the bound of each other become one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from printstd.artifacts.repair import RepairClass
from printstd.kernels.edges import has_three_vertices
from printstd.kernels.weld import tolerance_mm, weld
from printstd.repair.working import Working
from printstd.words import said

_MOST_STEPS: Final = 64


def without_cracks(work: Working, bound_mm: float) -> Working:
    """Welded with a tolerance that begins at that of reading and is doubled up to the bound, as
    long as edges stay open: no crack is closed with more than about twice its width. A tolerance
    at which a facet would lose a corner ends it."""
    before = work
    tolerance = tolerance_mm(float(np.abs(work.vertices).max()))
    largest = 0.0
    for _ in range(_MOST_STEPS):
        if not work.open_edges():
            break
        tolerance = min(tolerance, bound_mm)
        trial, moved = _welded(work, tolerance)
        if not has_three_vertices(trial.faces).all() or moved > bound_mm:
            break
        if trial.open_edges() < work.open_edges():
            work, largest = trial, max(largest, moved)
        if tolerance >= bound_mm:
            break
        tolerance *= 2
    if work is before or work.open_edges() == before.open_edges():
        return before
    is_moved = (work.corners != before.corners).any(axis=(1, 2))
    return work.did(
        before,
        "REP-03",
        RepairClass.BOUNDED,
        said(
            "open edges joined to their neighbours across a crack: {count}, the widest {mm:.2g} mm",
            count=before.open_edges() - work.open_edges(),
            mm=largest,
        ),
        facets=work.origin[is_moved],
        points=[before.corners[is_moved]],
        displacement_mm=largest,
        rules=("GEO-02", "GEO-04"),
    )


def _welded(work: Working, tolerance: float) -> tuple[Working, float]:
    """(the mesh, the farthest that a vertex moved)."""
    found = weld(work.vertices, work.faces.astype(np.int32), crack=tolerance)
    return (
        replace(work, vertices=found.vertices, faces=found.faces.astype(np.int64)),
        found.largest_gap,
    )
