"""How far a set of triangles lies from a surface at most: an interval whose upper end is proved.

The largest distance is bounded on pieces that are divided further until the bound is as tight as
asked for (facts of validation, 4.2). On a piece with corners v, middle c and radius r about it,

    sup d <= min( d(c) + r, max over v of d(v, t) )     for every facet t of the surface,

because the distance to a convex set is convex and so has its maximum at a corner. The second bound
is exact where t covers the piece. So a piece that reaches over a border of its nearest facet is cut
along that border, which leaves a part that t covers; other pieces are divided in four. Pieces of a
flat face that was divided into other triangles than before are settled by a few cuts, where
halving alone would go on along every new edge down to the interval's width.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.nearest_facets import FacetTree, distances, nearest_facets

MOST_QUERIES: Final = 400_000
"""Nearest facets asked for at most; the bound is then as wide as it is, and still a bound."""

ROUNDING: Final = 1e-9
"""Of the largest coordinate, added for float64: products of three differences of it lose less."""

Vectors = NDArray[np.float64]


class Bounds(NamedTuple):
    """lower <= sup of the distance <= upper. queries : nearest facets that were asked for.
    place : (3,) where `lower` was found."""

    lower: float
    upper: float
    queries: int
    place: Vectors


def largest_distance(
    triangles: Vectors,
    surface: FacetTree,
    *,
    width: float,
    width_ratio: float = 0.0,
    most_queries: int = MOST_QUERIES,
) -> Bounds:
    """Bounds of the largest distance of a point of `triangles` (k, 3, 3) from `surface`.

    width : the interval is not divided further once it is as narrow, or as `width_ratio` of its
    lower end: what is far needs not be known closely. most_queries : nearest facets
    asked for; where they are not enough the interval is wider, and still an interval.
    """
    scale = _largest(triangles, surface.corners)
    added = ROUNDING * scale
    left = np.asarray(triangles, np.float64)
    lower, upper, queries = 0.0, 0.0, 0
    place = left[0].mean(axis=0) if len(left) else np.zeros(3)
    while len(left):
        middle = left.mean(axis=1)
        nearest = nearest_facets(middle, surface)
        queries += len(left)
        off = left - middle[:, None, :]
        radius = np.sqrt((off * off).sum(axis=2)).max(axis=1)
        own = surface.corners[nearest.facet]
        at_corners = np.stack([distances(left[:, k], own) for k in range(3)], axis=1)
        bound = np.minimum(nearest.distance + radius, at_corners.max(axis=1))
        top = int(nearest.distance.argmax())
        if nearest.distance[top] > lower:
            lower, place = float(nearest.distance[top]), middle[top]
        open_ = bound > lower + max(width, width_ratio * lower)
        if queries + 4 * int(open_.sum()) > most_queries:
            open_ = np.zeros(len(left), bool)
        upper = max(upper, float(bound[~open_].max(initial=0.0)))
        left = _divided(left[open_], own[open_], width / 4)
    upper = max(upper, lower) + added if len(triangles) else 0.0
    return Bounds(lower, upper, queries, place)


def _largest(*arrays: Vectors) -> float:
    return max((float(np.abs(one).max()) for one in arrays if one.size), default=0.0)


def _divided(pieces: Vectors, nearest: Vectors, least: float) -> Vectors:
    """(m, 3, 3). nearest : (k, 3, 3), the facet along whose border a piece is cut. least : a cut
    takes off more than a strip of this width."""
    if not len(pieces):
        return pieces
    side, above = _beyond_borders(pieces, nearest)  # (k, border, corner), (k,)
    reach = np.minimum(side.max(axis=2), -side.min(axis=2))
    border = reach.argmax(axis=1)
    rows = np.arange(len(pieces))
    # A piece that leaves the facet's plane comes nearer to other facets: a cut wins nothing.
    is_cut = (reach[rows, border] > least) & (above <= 4 * least)
    cut = np.flatnonzero(is_cut)
    return np.concatenate(
        [in_four(pieces[~is_cut]), _in_three(pieces[cut], side[cut, border[cut]])]
    )


def _beyond_borders(pieces: Vectors, facets: Vectors) -> tuple[Vectors, Vectors]:
    """(k, 3, 3) float64: how far outside border e of its facet corner v of each piece lies, seen
    along the facet's normal; 0 where the facet has no area. (k,): how far the piece leaves the
    facet's plane."""
    normal = np.cross(facets[:, 1] - facets[:, 0], facets[:, 2] - facets[:, 0])
    side = np.empty((len(pieces), 3, 3))
    for edge in range(3):
        start, end = facets[:, edge], facets[:, (edge + 1) % 3]
        outward = np.cross(end - start, normal)
        length = np.sqrt((outward * outward).sum(axis=1))
        outward /= np.where(length > 0, length, 1.0)[:, None]
        side[:, edge] = ((pieces - start[:, None, :]) * outward[:, None, :]).sum(axis=2)
    size = np.sqrt((normal * normal).sum(axis=1))
    normal /= np.where(size > 0, size, 1.0)[:, None]
    off = ((pieces - facets[:, :1]) * normal[:, None, :]).sum(axis=2)
    return side, np.abs(off).max(axis=1)


def in_four(pieces: Vectors) -> Vectors:
    """(4 k, 3, 3): each triangle divided at the middles of its edges."""
    a, b, c = pieces[:, 0], pieces[:, 1], pieces[:, 2]
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    parts = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    stacked = np.stack([np.stack(part, axis=1) for part in parts], axis=1)
    return np.asarray(stacked.reshape(-1, 3, 3), np.float64)


def _in_three(pieces: Vectors, side: Vectors) -> Vectors:
    """Cut where `side` (k, 3) of the corners is 0: the corner that is alone on its side, and the
    rest in two."""
    is_out = side > 0
    lone_is_out = is_out.sum(axis=1) == 1
    lone = np.where(lone_is_out, is_out.argmax(axis=1), (~is_out).argmax(axis=1))
    turned = (lone[:, None] + np.arange(3)) % 3
    rows = np.arange(len(pieces))[:, None]
    p, s = pieces[rows, turned], side[rows, turned]
    a, b, c = p[:, 0], p[:, 1], p[:, 2]
    to_b = (s[:, 0] / (s[:, 0] - s[:, 1]))[:, None]
    to_c = (s[:, 0] / (s[:, 0] - s[:, 2]))[:, None]
    ab, ac = a + np.clip(to_b, 0, 1) * (b - a), a + np.clip(to_c, 0, 1) * (c - a)
    parts = [(a, ab, ac), (ab, b, c), (ab, c, ac)]
    stacked = np.stack([np.stack(part, axis=1) for part in parts], axis=1)
    return np.asarray(stacked.reshape(-1, 3, 3), np.float64)
