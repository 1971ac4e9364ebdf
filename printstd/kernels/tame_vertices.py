"""Vertices around which a surface is so even that its facets there cannot meet but where they are
neighbours.

Seen along the mean normal of a vertex, the facets around it lie side by side if all of them face
that way and go round it once. Then no two of them have a point in common but for those on common
edges, and the vertex. Of a smooth model that holds nearly everywhere, so nearly all pairs of facets
with a common corner need no look.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.edges import EdgeTable
from printstd.kernels.vectors import crosses, dots, norms

_FACING: Final = 0.05
"""Least cosine between a facet's normal and the vertex's: far above rounding."""

_BLOCK: Final = 1 << 18


def tame_vertices(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    normals: NDArray[np.float64],
    edges: EdgeTable,
    facets: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """(v,) bool. normals : (f, 3) unit. facets : those of `faces` with an area; where a vertex
    has others, it is not tame, nor on edges that do not join two facets wound alike."""
    n = len(vertices)
    used = np.asarray(faces, np.int64)[facets]
    flat = used.reshape(-1)
    mean: NDArray[np.float64] = np.stack(
        [np.bincount(flat, np.repeat(normals[facets, k], 3), minlength=n) for k in range(3)], 1
    )
    length = norms(mean)
    mean /= np.where(length > 0, length, 1.0)[:, None]
    turn = np.zeros(n)
    is_tame = length > 0
    for start in range(0, len(facets), _BLOCK):
        rows = used[start : start + _BLOCK]
        normal = normals[facets[start : start + _BLOCK]]
        corners = vertices[rows]
        for k in range(3):
            vertex = rows[:, k]
            axis = mean[vertex]
            facing = dots(normal, axis)
            is_tame[vertex[facing < _FACING]] = False
            one = corners[:, (k + 1) % 3] - corners[:, k]
            two = corners[:, (k + 2) % 3] - corners[:, k]
            # The angle between both, as it is seen along the axis.
            up_one, up_two = dots(one, axis), dots(two, axis)
            sine = dots(crosses(one, two), axis)
            cosine = dots(one, two) - up_one * up_two
            turn += np.bincount(vertex, np.arctan2(sine, cosine), minlength=n)
    is_tame &= np.abs(turn - 2 * np.pi) < 0.5
    is_odd = (edges.counts != 2) | ~edges.is_balanced
    is_tame[edges.vertices[is_odd].reshape(-1)] = False
    left_out = np.ones(len(faces), bool)
    left_out[facets] = False
    is_tame[np.asarray(faces, np.int64)[left_out].reshape(-1)] = False
    return np.asarray(is_tame, np.bool_)
