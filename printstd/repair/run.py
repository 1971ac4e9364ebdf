"""The order of the repair: what loses nothing first, what needs a closed surface last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.repair import RepairedMesh, RepairPolicy
from printstd.repair.steps.dust import without_dust
from printstd.repair.steps.filling import without_small_holes
from printstd.repair.steps.spare_facets import (
    renumbered,
    without_duplicates,
    without_flat_facets,
)
from printstd.repair.steps.splitting import without_t_junctions
from printstd.repair.steps.turning import facing_outwards, wound_alike
from printstd.repair.steps.uniting import united
from printstd.repair.steps.welding import without_cracks
from printstd.repair.working import Working

_ROUNDS = 4
"""Welding lets edges meet vertices, and dividing lets cracks close: each a few times."""


def repaired(
    vertices_mm: NDArray[np.float64], faces: NDArray[np.int32], policy: RepairPolicy
) -> RepairedMesh:
    """The welded mesh (v, 3), (f, 3), mended as far as the policy goes. A sound mesh comes back as
    it is, with no action. What its distance from the source is, `proved` tells, not this."""
    scale_mm = float(np.abs(vertices_mm).max())
    count = len(faces)
    work = Working(
        np.asarray(vertices_mm, np.float64),
        np.asarray(faces, np.int64),
        np.arange(count),
        np.zeros(count, bool),
    )
    work = without_flat_facets(work, scale_mm)
    work = without_duplicates(work)
    for _ in range(_ROUNDS):
        n_open = work.open_edges()
        work = without_cracks(work, policy.bound_mm)
        work = without_t_junctions(work, policy.bound_mm)
        if work.open_edges() == n_open or not work.open_edges():
            break
    work = without_dust(work, policy.bound_mm)
    work = wound_alike(work)
    work = without_small_holes(work, policy)
    work = facing_outwards(work)
    work = united(work)
    work = renumbered(work)
    return RepairedMesh(
        work.vertices,
        work.faces.astype(np.int32),
        work.origin,
        work.is_dust,
        work.actions,
        work.refusals,
    )
