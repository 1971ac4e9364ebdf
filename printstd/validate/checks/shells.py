"""GEO-09: Shells and loose bits

What it demands
    Nothing that is too small to print floats about the part.

Why
    Several bodies in one file are common and fine. Specks left by a boolean operation are not:
    they print as blobs, or not at all, and their travel moves string across the part.

How it is measured
    Facets joined through edges that two facets share make a shell. A shell whose box is smaller
    than one line width in every direction, or that has fewer than four facets, is debris. Shells
    that hang together by edges of more than two facets (GEO-02) count as one: they are not loose.

Example
    Two brackets in one file: INFO. A bracket with a 0.1 mm tetrahedron beside it: WARN.

Standard and clause
    Process profile, widths.external_perimeter_mm
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status
from printstd.kernels.components import component_labels
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import facets
from printstd.words import said

_FEWEST_FACETS = 4
"""No closed shell has fewer."""


def run(context: CheckContext) -> tuple[Finding, ...]:
    shells = context.shells
    bodies = _joined(context)
    size_mm = shells.box_mm[:, 1] - shells.box_mm[:, 0]
    is_small = size_mm.max(axis=1, initial=0.0) < context.line_width_mm
    facet_count = np.bincount(bodies, weights=shells.facet_count)
    is_large = np.bincount(bodies, weights=~is_small) > 0
    is_body = is_large & (facet_count >= _FEWEST_FACETS)
    debris = np.flatnonzero(~is_body)
    found = [_bodies(int(is_body.sum()))]
    if len(debris):
        of_facet = np.where(shells.labels < 0, -1, bodies[shells.labels])
        found.append(
            CHECK.says(
                Status.WARN,
                said("loose bits too small to print: {count}", count=len(debris)),
                measured=len(debris),
                limit=0,
                unit="shells",
                where=tuple(
                    context.where(
                        shells.box_mm[bodies == body].reshape(-1, 3),
                        np.flatnonzero(of_facet == body)[:4],
                    )
                    for body in debris[:MOST_PLACES]
                ),
                details=((said("smaller than"), said("{mm:g} mm", mm=context.line_width_mm)),),
            )
        )
    return tuple(found)


def _joined(context: CheckContext) -> NDArray[np.int64]:
    """(shells,) int64: shells that hang together by crowded edges share a number."""
    edges, shells = context.edges, context.shells
    crowded = edges.uses_of(np.flatnonzero(edges.counts > 2))
    shell = shells.labels[edges.facets[crowded]]
    crowded, shell = crowded[shell >= 0], shell[shell >= 0]
    edge = np.searchsorted(edges.offsets, crowded, side="right")
    is_same = edge[1:] == edge[:-1]
    joined, _ = component_labels(shells.count, shell[:-1][is_same], shell[1:][is_same])
    return joined


def _bodies(count: int) -> Finding:
    status = Status.INFO if count > 1 else Status.PASS
    return CHECK.says(
        status,
        said("shells of printable size in the file: {count}", count=count),
        measured=count,
        unit="shells",
    )


CHECK = Check(
    "GEO-09",
    said("Shells and loose bits"),
    said("process: widths.external_perimeter_mm"),
    run,
    (facets,),
)
