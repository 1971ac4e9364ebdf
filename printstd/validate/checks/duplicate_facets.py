"""GEO-07: Duplicate facets

What it demands
    No three vertices carry more than one facet.

Why
    Two facets that lie on each other and face the same way count the surface twice: the inside
    is then wound twice and even-odd slicers empty it. Two that face opposite ways are a wall
    without thickness, which cannot be printed and hides a hole or a joint between bodies.

How it is measured
    Facets are compared by their three vertices; those without area are left to GEO-06.

Example
    A box in which one side was exported twice has two duplicate facets.

Standard and clause
    3MF Core 1.4.0, 4.1 (manifold edges: such facets put more than two at an edge)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    kept = np.flatnonzero(context.has_area)
    group, is_even = _same_vertices(context.faces[kept].astype(np.int64))
    n_even = np.bincount(group, weights=is_even).astype(np.int64)
    n_all = np.bincount(group)
    # In each group: what repeats one winding, and what faces a partner of the other winding.
    repeats = np.maximum(n_even - 1, 0) + np.maximum(n_all - n_even - 1, 0)
    is_wall = (n_even > 0) & (n_all > n_even)
    found = []
    if repeats.any():
        found.append(
            CHECK.says(
                Status.FAIL,
                said(
                    "facets that repeat another one: {count}; export each surface once",
                    count=int(repeats.sum()),
                ),
                measured=int(repeats.sum()),
                limit=0,
                unit="facets",
                where=context.where_facets(kept[(repeats > 0)[group]]),
            )
        )
    if is_wall.any():
        found.append(
            CHECK.says(
                Status.FAIL,
                said(
                    "pairs of facets back to back: {count}: a wall without thickness",
                    count=int(is_wall.sum()),
                ),
                measured=int(is_wall.sum()),
                limit=0,
                unit="pairs",
                where=context.where_facets(kept[is_wall[group]]),
            )
        )
    return tuple(found) or (
        CHECK.says(
            Status.PASS,
            said("no facet lies on another"),
            measured=0,
            limit=0,
            unit="facets",
        ),
    )


def _same_vertices(faces: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(group of equal vertex sets (f,), winding is an even permutation of the sorted set (f,))."""
    low = faces.min(axis=1)
    high = faces.max(axis=1)
    middle = faces.sum(axis=1) - low - high
    a, b, c = faces.T
    is_even = ((a < b) & (b < c)) | ((b < c) & (c < a)) | ((c < a) & (a < b))
    order = np.lexsort((high, middle, low))
    triple = np.stack([low, middle, high], axis=1)[order]
    is_new = np.ones(len(faces), bool)
    is_new[1:] = (triple[1:] != triple[:-1]).any(axis=1)
    group = np.empty(len(faces), np.int64)
    group[order] = np.cumsum(is_new) - 1
    return group, is_even


CHECK = Check("GEO-07", said("Duplicate facets"), "3MF Core 1.4.0, 4.1", run, (facets,))
