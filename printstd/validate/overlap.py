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

from printstd.kernels.distinct import distinct
from printstd.kernels.facets import winding_numbers
from printstd.kernels.opposed_rays import cast
from printstd.kernels.triangle_pairs import Contacts
from printstd.validate.context import CheckContext

_PLACES = 24
"""Contacts of one crossing that rays start from: the longest."""

_AT_ONCE = 6
"""Places whose winding is looked at together."""

_MOST_WORK = 8_000_000
"""Facets times places for all crossings together (about two seconds)."""


class _Ways(NamedTuple):
    """point : (p, 3) half-way through the space. depth : (p,). row : (p,) contact."""

    point: NDArray[np.float64]
    depth: NDArray[np.float64]
    row: NDArray[np.int64]


def deepened(
    context: CheckContext,
    found: Contacts,
    rows: NDArray[np.int64],
    label: NDArray[np.int64],
    *,
    above_mm: float,
) -> tuple[dict[int, float], int]:
    """(crossing -> depth in mm, for those of `rows`' crossings that are deeper than `above_mm`; how
    many were left because it would take too long). label : (k,) crossing of each contact."""
    rows = _longest(found, rows, label)
    ways = _across(context, found, rows)
    corners = context.vertices_mm[context.faces]
    places_left = max(_MOST_WORK // max(len(corners), 1), _AT_ONCE)
    depths: dict[int, float] = {}
    left = 0
    for crossing in distinct(label[rows]).tolist():
        own = np.flatnonzero((label[ways.row] == crossing) & (ways.depth > above_mm))
        own = own[np.argsort(-ways.depth[own], kind="stable")]
        # Deepest first: most are ways through ordinary material, and the first that is not decides.
        for start in range(0, len(own), _AT_ONCE):
            some = own[start : start + _AT_ONCE]
            places_left -= len(some)
            if places_left < 0:
                left += 1
                break
            odd = np.abs(winding_numbers(ways.point[some], corners) - 0.5) > 1.0
            if odd.any():
                depths[crossing] = float(ways.depth[some[int(odd.argmax())]])
                break
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


def _across(context: CheckContext, found: Contacts, rows: NDArray[np.int64]) -> _Ways:
    """Both ways from each of `rows`. Rays are gathered, since each cast builds its scene anew."""
    rows = np.concatenate([rows, rows])
    sign = np.repeat([-1.0, 1.0], len(rows) // 2)[:, None]
    normal = context.shapes.normal
    n1, n2 = normal[found.first[rows]], normal[found.second[rows]]
    inward = _unit(sign * (n1 + n2))
    through = _distance(context, found.middle[rows], inward)
    middle = found.middle[rows] + inward * (through / 2)[:, None]
    across = np.concatenate([n1, n2, _unit(n1 - n2), _unit(np.cross(n1, n2))])
    ends = _distance(context, np.tile(middle, (8, 1)), np.concatenate([across, -across]))
    width = ends.reshape(2, 4, -1).sum(axis=0)
    is_none = ~across.any(axis=1).reshape(4, -1)
    width[is_none] = np.inf
    return _Ways(middle, np.minimum(through, width.min(axis=0)), rows)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    norm = np.sqrt((vectors * vectors).sum(axis=1))
    return np.asarray(vectors / np.where(norm > 0, norm, 1.0)[:, None], np.float64)


def _distance(
    context: CheckContext, points: NDArray[np.float64], directions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """To the next facet; 0 where there is none."""
    reach = float(context.extents_mm.max())
    hits = cast(
        context.vertices_mm, context.faces, context.shapes.normal, points, directions, reach=reach
    )
    return np.asarray(np.where(hits.facet >= 0, hits.distance, 0.0), np.float64)
