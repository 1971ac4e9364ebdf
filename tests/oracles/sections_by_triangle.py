"""Plane sections one triangle at a time in exact fractions: slow and obviously right.

For meshes whose every edge has two facets, one each way.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Point = tuple[int, int]


def rings_at(
    vertices_nm: NDArray[np.int64], faces: NDArray[np.int32], plane_nm: int
) -> list[list[Point]]:
    """Closed rings of one plane, each from its smallest vertex on, sorted; material on the left.

    A vertex on the plane counts as above it. Vertices equal to the one before are left out, and
    rings of under three vertices.
    """
    vertices = vertices_nm.tolist()
    leaves: dict[frozenset[int], frozenset[int]] = {}
    for face in faces.tolist():
        up = down = None
        for a, b in zip(face, face[1:] + face[:1], strict=True):
            if vertices[a][2] < plane_nm <= vertices[b][2]:
                up = frozenset((a, b))
            if vertices[b][2] < plane_nm <= vertices[a][2]:
                down = frozenset((a, b))
        if up is not None and down is not None:
            leaves[down] = up
    rings = []
    while leaves:
        first = edge = next(iter(leaves))
        ring: list[Point] = []
        while True:
            point = _meet(vertices, edge, plane_nm)
            if not ring or ring[-1] != point:
                ring.append(point)
            edge = leaves.pop(edge)
            if edge == first:
                break
        while len(ring) > 1 and ring[0] == ring[-1]:
            ring.pop()
        if len(ring) >= 3:
            turn = ring.index(min(ring))
            rings.append(ring[turn:] + ring[:turn])
    return sorted(rings)


def _meet(vertices: list[list[int]], edge: frozenset[int], plane_nm: int) -> Point:
    low, high = sorted((vertices[i] for i in edge), key=lambda v: v[2])
    climbed = Fraction(plane_nm - low[2], high[2] - low[2])
    x, y = (low[k] + round((high[k] - low[k]) * climbed) for k in (0, 1))
    return x, y
