"""GEO-06: Facets without area

What it demands
    Nothing; it reports. Facets should have an area.

Why
    Needles and caps come from CAD tessellation and do no harm while the surface stays closed,
    but their normals mean nothing and they upset repair tools. Many of them say that the export
    went wrong.

How it is measured
    Relative to the facet itself, never as an absolute area: a facet is degenerate where its
    height is below 1e-6 of its longest edge, or where two of its corners were welded into one.
    A needle has two corners close together (its shortest edge is below 1e-3 of its longest), a cap
    has one corner on the opposite edge: repair collapses the one and flips the edge of the other.

Example
    A facet with corners at 0, 5 and 10 mm on one line.

Standard and clause
    3MF Core 1.4.0, 4.1.2 (three different indices); height ratio 1e-6: rounding of float32
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status
from printstd.kernels.edges import has_three_vertices
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets
from printstd.words import said

_MANY_RATIO = 0.01
"""Above this share of all facets the export itself is in doubt ..."""

_FEW = 10
"""... unless they are no more than this."""

_NEEDLE_RATIO = 1e-3
"""A facet without area whose shortest edge is less of its longest is a needle, else a cap."""


def run(context: CheckContext) -> tuple[Finding, ...]:
    is_collapsed = ~has_three_vertices(context.faces)
    flat = np.flatnonzero(is_collapsed | ~context.has_area)
    total = len(context.faces)
    if not len(flat):
        return (
            CHECK.says(
                Status.PASS,
                said("every facet has an area"),
                measured=0,
                limit=0,
                unit="facets",
            ),
        )
    needles, caps = _needles_and_caps(context, np.flatnonzero(~is_collapsed & ~context.has_area))
    status = Status.WARN if len(flat) > max(_FEW, _MANY_RATIO * total) else Status.INFO
    return (
        CHECK.says(
            status,
            said("facets without area: {count} of {total}", count=len(flat), total=total),
            measured=len(flat),
            limit=0,
            unit="facets",
            where=context.where_facets(flat),
            details=(
                (said("of these with two corners in one"), str(int(is_collapsed.sum()))),
                (said("needles, two corners close together"), str(len(needles))),
                (said("caps, one corner on the opposite edge"), str(len(caps))),
            ),
        ),
    )


def _needles_and_caps(
    context: CheckContext, flat: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of facets without area that have three corners, those with an edge that is nothing beside
    the longest, and the others."""
    corners = context.vertices_mm[context.faces[flat]]
    edges = corners[:, [1, 2, 0]] - corners
    shortest = np.sqrt((edges * edges).sum(axis=2)).min(axis=1, initial=np.inf)
    is_needle = shortest <= _NEEDLE_RATIO * context.shapes.longest[flat]
    return flat[is_needle], flat[~is_needle]


CHECK = Check("GEO-06", said("Facets without area"), "3MF Core 1.4.0, 4.1.2", run, (facets,))
