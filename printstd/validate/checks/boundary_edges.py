"""GEO-02: Open edges and edges with more than two facets

What it demands
    Every edge joins exactly two facets.

Why
    An edge with one facet is the rim of a hole: there the surface does not part inside from
    outside, and each slicer invents its own answer. An edge with more than two facets belongs
    to bodies that touch along a line; slicers disagree whether they are one.

How it is measured
    Facets are counted at every edge of the welded mesh. Facets that name one vertex twice are
    left out (GEO-06 reports them). Open edges are joined to runs, and each run is one place.

Example
    A box without its lid has four open edges in one run. Two boxes that share an edge have one
    edge with four facets: that fails too, but as many facets run one way as the other, so the
    inside is still known and the model can be sliced.

Standard and clause
    3MF Core 1.4.0, 4.1 (manifold edges by index)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets
from printstd.validate.outcome import SLICEABLE, counted


def run(context: CheckContext) -> tuple[Finding, ...]:
    counts = context.edges.counts
    found = (
        *_open(context, np.flatnonzero(counts == 1)),
        *_crowded(context, np.flatnonzero(counts > 2)),
    )
    if found:
        return found
    return (
        CHECK.says(
            Status.PASS,
            f"all {len(counts)} edges join two facets",
            measured=0,
            limit=0,
            unit="edges",
        ),
    )


def _open(context: CheckContext, edges: NDArray[np.int64]) -> tuple[Finding, ...]:
    if not len(edges):
        return ()
    ends = context.vertices_mm[context.edges.vertices[edges]]
    length_mm = float(np.sqrt(((ends[:, 0] - ends[:, 1]) ** 2).sum(axis=1)).sum())
    return (
        CHECK.says(
            Status.FAIL,
            f"{counted(len(edges), 'open edge')}: the surface has holes; "
            "close them in the CAD system",
            measured=len(edges),
            limit=0,
            unit="open edges",
            where=context.where_edges(edges),
            details=(("length of open edges", f"{length_mm:.3f} mm"),),
        ),
    )


def _crowded(context: CheckContext, edges: NDArray[np.int64]) -> tuple[Finding, ...]:
    if not len(edges):
        return ()
    is_balanced = bool(context.edges.is_balanced[edges].all())
    most = int(context.edges.counts[edges].max())
    return (
        CHECK.says(
            Status.FAIL,
            f"{counted(len(edges), 'edge')} with more than two facets (up to {most}): bodies "
            "touch along a line; unite them or move them apart",
            measured=len(edges),
            limit=0,
            unit="edges",
            where=context.where_edges(edges),
            details=(SLICEABLE,) if is_balanced else (),
        ),
    )


CHECK = Check(
    "GEO-02",
    "Open edges and edges with more than two facets",
    "3MF Core 1.4.0, 4.1",
    run,
    (facets,),
)
