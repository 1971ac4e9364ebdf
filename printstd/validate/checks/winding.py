"""GEO-03: Winding

What it demands
    Neighbouring facets run round their corners the same way, so that one side of the surface
    is the outside everywhere.

Why
    Where the order of corners flips, inside and outside change places. Slicers that fill by
    winding leave a hole there; others repair it in silence and may choose the wrong side.

How it is measured
    At every edge with two facets or more, as many uses must run one way as the other. A mesh
    with that property has a whole winding number everywhere. The facets are then grouped across
    edges that agree; within each shell all groups but the largest by area are named as flipped.

Example
    A box of which one side of two facets is turned over has four such edges.

Standard and clause
    3MF Core 1.4.0, 4.1 (consistent orientation); Zhou et al. 2016, Mesh Arrangements (balance)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status
from printstd.kernels.components import component_labels
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    edges = context.edges
    clashing = np.flatnonzero(~edges.is_balanced & (edges.counts > 1))
    if not len(clashing):
        return (
            CHECK.says(
                Status.PASS,
                said("all facets are wound alike"),
                measured=0,
                limit=0,
                unit="edges",
            ),
        )
    flipped = _flipped(context)
    return (
        CHECK.says(
            Status.FAIL,
            said(
                "edges at which the facets are wound against each other: {count}; facets probably "
                "turned over: {flipped}",
                count=len(clashing),
                flipped=len(flipped),
            ),
            measured=len(clashing),
            limit=0,
            unit="edges",
            where=(*context.where_facets(flipped), *context.where_edges(clashing))[:8],
            details=((said("facets turned over"), str(len(flipped))),),
        ),
    )


def _flipped(context: CheckContext) -> NDArray[np.int64]:
    """Facets outside the largest evenly wound group of their shell."""
    edges, shell = context.edges, context.shells.labels
    edge, first, second = edges.two_facet_edges()
    agrees = edges.is_balanced[edge]
    group, count = component_labels(len(shell), first[agrees], second[agrees])
    area = np.bincount(group, weights=context.shapes.area, minlength=count)
    shell_of_group = np.full(count, -1, np.int64)
    shell_of_group[group] = shell
    order = np.lexsort((np.arange(count), -area, shell_of_group))
    is_largest = np.zeros(count, bool)
    is_largest[order[np.unique(shell_of_group[order], return_index=True)[1]]] = True
    return np.flatnonzero(~is_largest[group] & (shell >= 0))


CHECK = Check("GEO-03", said("Winding"), "3MF Core 1.4.0, 4.1", run, (facets,))
