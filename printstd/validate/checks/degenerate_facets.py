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

Example
    A facet with corners at 0, 5 and 10 mm on one line.

Standard and clause
    3MF Core 1.4.0, 4.1.2 (three different indices); height ratio 1e-6: rounding of float32
"""

from __future__ import annotations

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.kernels.edges import has_three_vertices
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets
from printstd.validate.outcome import counted

_MANY_RATIO = 0.01
"""Above this share of all facets the export itself is in doubt ..."""

_FEW = 10
"""... unless they are no more than this."""


def run(context: CheckContext) -> tuple[Finding, ...]:
    is_collapsed = ~has_three_vertices(context.faces)
    flat = np.flatnonzero(is_collapsed | ~context.has_area)
    total = len(context.faces)
    if not len(flat):
        return (
            CHECK.says(Status.PASS, "every facet has an area", measured=0, limit=0, unit="facets"),
        )
    status = Status.WARN if len(flat) > max(_FEW, _MANY_RATIO * total) else Status.INFO
    return (
        CHECK.says(
            status,
            f"{len(flat)} of {counted(total, 'facet')} without area",
            measured=len(flat),
            limit=0,
            unit="facets",
            where=context.where_facets(flat),
            details=(("of these with two corners in one", str(int(is_collapsed.sum()))),),
        ),
    )


CHECK = Check("GEO-06", "Facets without area", "3MF Core 1.4.0, 4.1.2", run, (facets,))
