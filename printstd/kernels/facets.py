"""Normals, areas, heights and signed volumes of triangles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.vectors import crosses, norms
from printstd.named_tuple import NamedTuple


class FacetShapes(NamedTuple):
    """normal : (f, 3) float64, unit length, zero where the facet has no area.
    area : (f,) float64, square of the vertices' unit.
    longest : (f,) float64, longest edge. height : (f,) float64, over the longest edge.
    """

    normal: NDArray[np.float64]
    area: NDArray[np.float64]
    longest: NDArray[np.float64]
    height: NDArray[np.float64]


def used_vertices(n_vertices: int, faces: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """(n_vertices,) bool: some facet of `faces` (f, 3) names the vertex. What asks for the least
    and greatest of all corners needs each vertex once, not six times."""
    used = np.zeros(n_vertices, bool)
    used[faces.reshape(-1)] = True
    return used


def middles(vertices: NDArray[np.float64], faces: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """(f, 3) float64: mean of each facet's corners."""
    found: NDArray[np.float64] = vertices[faces[:, 0]]
    found += vertices[faces[:, 1]]
    found += vertices[faces[:, 2]]
    found /= 3
    return found


def facet_shapes(vertices: NDArray[np.float64], faces: NDArray[np.integer[Any]]) -> FacetShapes:
    """Of `faces` (f, 3) into `vertices` (v, 3)."""
    a, b, c = vertices[faces[:, 0]], vertices[faces[:, 1]], vertices[faces[:, 2]]
    ab, bc, ca = b - a, c - b, a - c
    longest = np.maximum(np.maximum(norms(ab), norms(bc)), norms(ca))
    cross = crosses(ab, c - a)
    double_area = norms(cross)
    with np.errstate(divide="ignore", invalid="ignore"):
        normal = np.where(double_area[:, None] > 0, cross / double_area[:, None], 0.0)
        height = np.where(longest > 0, double_area / longest, 0.0)
    return FacetShapes(normal, double_area / 2, longest, height)


def signed_volumes(
    vertices: NDArray[np.float64],
    faces: NDArray[np.integer[Any]],
    labels: NDArray[np.integer[Any]],
    n_labels: int,
) -> NDArray[np.float64]:
    """(n_labels,) float64: volume within the facets of each label, positive where they face
    outwards; facets labelled -1 are left out. Divergence theorem: sum of a.(b x c) / 6."""
    kept = labels >= 0
    origin = vertices[faces.reshape(-1)].mean(axis=0) if len(faces) else np.zeros(3)
    a, b, c = (vertices[faces[kept, k]] - origin for k in range(3))
    det = (a * np.cross(b, c)).sum(axis=1)
    volumes = np.bincount(labels[kept], weights=det / 6, minlength=n_labels)
    return np.asarray(volumes, np.float64)


def winding_numbers(
    points: NDArray[np.float64], corners: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(p,) float64: how often the closed surface of `corners` (f, 3, 3) winds round each point.

    Sum of solid angles over 4 pi (van Oosterom and Strackee 1983).
    """
    result = np.empty(len(points))
    for index, point in enumerate(points):
        a, b, c = (corners[:, k] - point for k in range(3))
        la, lb, lc = (np.sqrt((x * x).sum(axis=1)) for x in (a, b, c))
        det = (a * np.cross(b, c)).sum(axis=1)
        rest = (
            la * lb * lc
            + (a * b).sum(axis=1) * lc
            + (b * c).sum(axis=1) * la
            + (c * a).sum(axis=1) * lb
        )
        result[index] = np.arctan2(det, rest).sum() / (2 * np.pi)
    return result
