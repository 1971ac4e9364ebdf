"""GEO-05: Vertices where parts of the surface touch

What it demands
    The facets at a vertex form one fan: one can walk from each to each across their edges.

Why
    Two bodies, or two parts of one, that touch in a point have no thickness there. They come apart
    or stay together as a slicer pleases, and offsets of the outline meet in a point.

How it is measured
    The corners of facets at one vertex are joined across edges that two facets share. A vertex
    with more than one group is counted, unless it lies on an edge that is open or has more than two
    facets: GEO-02 tells of those.

Example
    Two cubes that share a corner, and nothing else, have one such vertex.

Standard and clause
    3MF Core 1.4.0, 4.1 demands manifold edges only; that vertices be so, too, is what mesh
    libraries demand of a two-manifold
"""

from __future__ import annotations

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.kernels.corner_fans import fans_per_vertex
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import facets
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    edges = context.edges
    fans = fans_per_vertex(len(context.vertices_mm), context.faces, edges)
    fans[edges.vertices[edges.counts != 2].reshape(-1)] = 1
    shared = np.flatnonzero(fans > 1)
    if not len(shared):
        return (
            CHECK.says(
                Status.PASS,
                said("the facets at every vertex hang together"),
                measured=0,
                limit=0,
                unit="vertices",
            ),
        )
    return (
        CHECK.says(
            Status.WARN,
            said(
                "vertices where parts of the surface touch in a point: {count}; unite the parts or "
                "move them apart",
                count=len(shared),
            ),
            measured=len(shared),
            limit=0,
            unit="vertices",
            where=tuple(
                context.where(
                    context.vertices_mm[[vertex]],
                    np.flatnonzero((context.faces == vertex).any(axis=1))[:4],
                )
                for vertex in shared[:MOST_PLACES]
            ),
        ),
    )


CHECK = Check(
    "GEO-05",
    said("Vertices where parts of the surface touch"),
    said("two-manifold surface"),
    run,
    (facets,),
)
