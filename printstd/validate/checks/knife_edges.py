"""FEA-03: Knife edges

What it demands
    Nothing; it warns of edges whose material is sharper than 30 degrees.

Why
    A bead has a width. An edge that runs out thinner than that ends early and ragged, so a size
    that is measured up to it comes out short.

How it is measured
    The angle of material at a convex edge is 180 degrees less the angle between the two facets'
    normals. Sharp edges that share a corner are one run; runs shorter than the nozzle is wide are
    left out. What is lost is the distance from the edge to where the material is as wide as the
    nozzle, w / (2 tan(a/2)) for an angle a, and no more than the depth of the larger facet at the
    edge; edges that lose less than 0.01 mm, slivers, are left out. None of it depends on how the
    part lies.

Example
    A wedge of 20 degrees for a 0.4 mm nozzle loses 1.1 mm of its length.

Standard and clause
    Facts of validation, FEA-03. Process: design.knife_edge_deg; printer: nozzle_mm
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status
from printstd.kernels.components import component_labels
from printstd.kernels.distinct import distinct
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets, unit
from printstd.words import said

_SLACK_DEG = 0.01
"""An edge drawn at the limit may read this much less: float32."""

_LEAST_LOSS_MM = 0.01
"""Slivers that fillets leave lose less."""

_LEAST_DEG = 0.01
"""Two facets that lie on each other are a double wall, which other checks name."""


def run(context: CheckContext) -> tuple[Finding, ...]:
    limit = context.resolved.process.design.knife_edge_deg
    nozzle = context.resolved.nozzle_mm
    folds = context.folds
    material = 180.0 - folds.angle_deg
    sharp = folds.is_convex & (material < limit - _SLACK_DEG) & (material > _LEAST_DEG)
    rows = np.flatnonzero(sharp)
    edges = folds.edge[rows]
    ends = context.vertices_mm[context.edges.vertices[edges]]
    length = np.sqrt(((ends[:, 1] - ends[:, 0]) ** 2).sum(axis=1))
    blunt = nozzle / (2.0 * np.tan(np.deg2rad(material[rows]) / 2.0))
    area = context.shapes.area
    depth = 2.0 * np.maximum(area[folds.first[rows]], area[folds.second[rows]]) / length
    lost = np.minimum(blunt, depth)
    is_felt = lost > _LEAST_LOSS_MM
    rows, edges, length, lost = rows[is_felt], edges[is_felt], length[is_felt], lost[is_felt]
    run_of, run_length = _runs(context.edges.vertices[edges], length)
    kept = run_length[run_of] >= nozzle
    if not kept.any():
        return (
            CHECK.says(
                Status.PASS,
                said("no edge is sharper than {limit:g} degrees", limit=limit),
                limit=limit,
                unit="deg",
            ),
        )
    sharpest = int(np.flatnonzero(kept)[material[rows[kept]].argmin()])
    row = rows[sharpest]
    least = float(material[row])
    heights = 2.0 * area[[folds.first[row], folds.second[row]]] / length[sharpest]
    uncertainty = float(np.rad2deg((context.ulp_mm / heights).sum()))
    total = float(length[kept].sum())
    return (
        CHECK.says(
            Status.WARN,
            said(
                "edges as sharp as {least:.1f} degrees (runs: {runs}, {total:.1f} mm); they come "
                "out blunt and up to {lost:.2f} mm short",
                least=least,
                runs=len(distinct(run_of[kept])),
                total=total,
                lost=float(lost[kept].max()),
            ),
            measured=least,
            limit=limit,
            unit="deg",
            where=context.where_edges(edges[kept]),
            details=(
                (
                    said("longest run"),
                    said("{mm:.2f} mm", mm=float(run_length[run_of[kept]].max())),
                ),
                (said("uncertainty of the angle"), said("{deg:.2g} deg", deg=uncertainty)),
            ),
        ),
    )


def _runs(
    ends: NDArray[np.int64], length: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(run of each edge (n,), length of each run): edges that share a vertex, whichever."""
    used, local = np.unique(ends, return_inverse=True)
    local = local.reshape(ends.shape)
    label, count = component_labels(len(used), local[:, 0], local[:, 1])
    run_of = label[local[:, 0]]
    total = np.bincount(run_of, weights=length, minlength=count)
    return run_of, np.asarray(total, np.float64)


CHECK = Check(
    "FEA-03",
    said("Knife edges"),
    said("process: design.knife_edge_deg; printer: nozzle_mm"),
    run,
    (facets, unit),
)
