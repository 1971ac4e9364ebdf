"""How deep surfaces that cross along many small facets reach into each other.

Pairs of facets say how deep each pair is, which is little where facets are small. From the middle
of a crossing, the way into the space that is filled twice is -(n1 + n2), and for a cavity that
breaks out of its body +(n1 + n2). Half-way to where that leaves the space, its least width along
n1, n2, between them and along the crossing is its depth, if the space there is really wound
neither once nor not at all: a crossing of slivers at a fillet has ordinary material on all
sides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.facets import winding_numbers
from printstd.kernels.opposed_rays import cast
from printstd.kernels.triangle_pairs import Contacts
from printstd.validate.context import CheckContext

_PLACES = 24
"""Contacts of one crossing that rays start from: the longest."""

_TRIALS = 6
"""Places of one crossing whose winding is looked at, deepest first."""

_MOST_WORK = 8_000_000
"""Facets times places for all crossings together (about two seconds)."""


class _Ways(NamedTuple):
    """point : (p, 3) half-way through the space. depth : (p,). row : (p,) contact."""

    point: NDArray[np.float64]
    depth: NDArray[np.float64]
    row: NDArray[np.int64]


def deepened(
    context: CheckContext, found: Contacts, rows: NDArray[np.int64], label: NDArray[np.int64]
) -> tuple[dict[int, float], int]:
    """(crossing -> depth in mm, for those of `rows`' crossings that are measured; how many were
    left because it would take too long). label : (k,) crossing of each contact."""
    rows = _longest(found, rows, label)
    ways = [_across(context, found, rows, sign) for sign in (-1.0, 1.0)]
    merged = _Ways(*(np.concatenate(column) for column in zip(*ways, strict=True)))
    corners = context.vertices_mm[context.faces]
    trials = max(_MOST_WORK // max(len(corners), 1), _TRIALS)
    depths: dict[int, float] = {}
    left = 0
    for crossing in np.unique(label[rows]).tolist():
        own = np.flatnonzero((label[merged.row] == crossing) & (merged.depth > 0))
        own = own[np.argsort(-merged.depth[own], kind="stable")][:_TRIALS]
        if len(own) > trials:
            left += 1
            continue
        trials -= len(own)
        wound = winding_numbers(merged.point[own], corners)
        odd = np.flatnonzero(np.abs(wound - 0.5) > 1.0)
        depths[crossing] = float(merged.depth[own[odd[0]]]) if len(odd) else 0.0
    return depths, left


def _longest(
    found: Contacts, rows: NDArray[np.int64], label: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The `_PLACES` longest contacts of each crossing, among equally long ones the deepest."""
    order = rows[np.lexsort((-found.depth[rows], -found.length[rows], label[rows]))]
    crossing = label[order]
    start = np.flatnonzero(np.append(True, crossing[1:] != crossing[:-1]))
    rank = np.arange(len(order)) - np.repeat(start, np.diff(start, append=len(order)))
    return order[rank < _PLACES]


def _across(context: CheckContext, found: Contacts, rows: NDArray[np.int64], sign: float) -> _Ways:
    normal = context.shapes.normal
    n1, n2 = normal[found.first[rows]], normal[found.second[rows]]
    inward = _unit(sign * (n1 + n2))
    reach = float(context.extents_mm.max())
    through = _distance(context, found.middle[rows], inward, reach)
    middle = found.middle[rows] + inward * (through / 2)[:, None]
    depth = through
    for across in (n1, n2, _unit(n1 - n2), _unit(np.cross(n1, n2))):
        width = sum(_distance(context, middle, s * across, reach) for s in (-1.0, 1.0))
        depth = np.where((across != 0).any(axis=1), np.minimum(depth, width), depth)
    return _Ways(middle, depth, rows)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    norm = np.sqrt((vectors * vectors).sum(axis=1))
    return np.asarray(vectors / np.where(norm > 0, norm, 1.0)[:, None], np.float64)


def _distance(
    context: CheckContext,
    points: NDArray[np.float64],
    directions: NDArray[np.float64],
    reach: float,
) -> NDArray[np.float64]:
    """To the next facet; 0 where there is none within reach."""
    hits = cast(
        context.vertices_mm, context.faces, context.shapes.normal, points, directions, reach=reach
    )
    return np.asarray(np.where(hits.facet >= 0, hits.distance, 0.0), np.float64)
