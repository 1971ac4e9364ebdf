"""The corners of flat regions: where three of them meet, however the mesh divides them.

A vertex within a region, or on the straight border between two, says nothing of the shape: it is
there because somebody divided a facet. On a round shape it lies off the surface, as the middle of a
chord does. So shapes are fitted through corners alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.edges import EdgeTable
from printstd.kernels.planes import Planes
from printstd.kernels.recognition.grouped import Ints, distinct_pairs


class Regions(NamedTuple):
    """What belongs to each of p flat regions.

    is_corner : (v,) bool. facet_offsets, corner_offsets : (p + 1,) int64, borders of each region's
    part of facets (n,) and corners (m,), both int64, ascending within a region.
    """

    is_corner: NDArray[np.bool_]
    facet_offsets: Ints
    facets: Ints
    corner_offsets: Ints
    corners: Ints

    def facets_of(self, regions: Ints) -> tuple[Ints, Ints]:
        """(place in `regions`, facet), of every facet of the regions."""
        return _members(self.facet_offsets, self.facets, regions)

    def corners_of(self, regions: Ints) -> tuple[Ints, Ints]:
        """(place in `regions`, vertex), of every corner of the regions."""
        return _members(self.corner_offsets, self.corners, regions)


def _members(offsets: Ints, members: Ints, regions: Ints) -> tuple[Ints, Ints]:
    number = offsets[regions + 1] - offsets[regions]
    ends = np.cumsum(number)
    steps = np.arange(ends[-1] if len(ends) else 0)
    rows = steps + np.repeat(offsets[regions] - ends + number, number)
    return np.repeat(np.arange(len(regions)), number), members[rows]


def regions_of(
    n_vertices: int, faces: NDArray[np.integer[Any]], edges: EdgeTable, flat: Planes
) -> Regions:
    """What lies beyond an open or branching edge counts as one more region. All three vertices of a
    triangle that is a region by itself are corners."""
    count = len(flat.area)
    order = np.argsort(flat.labels, kind="stable")
    facet_offsets = np.searchsorted(flat.labels[order], np.arange(count + 1))
    size = np.diff(facet_offsets)
    owned = np.flatnonzero(flat.labels >= 0)
    is_alone = np.zeros(len(faces), bool)
    is_alone[owned] = size[flat.labels[owned]] == 1
    is_corner = np.zeros(n_vertices, bool)
    is_corner[faces[is_alone].reshape(-1)] = True
    own = np.flatnonzero((flat.labels >= 0) & ~is_alone)
    vertex = faces[own].reshape(-1).astype(np.int64)
    region = np.repeat(flat.labels[own], 3)
    ends = edges.vertices[edges.counts != 2].reshape(-1)
    # Triangles that are alone have made corners already, so that they need not be counted.
    vertex, region = distinct_pairs(
        np.concatenate([vertex, ends]), np.concatenate([region, np.full(len(ends), count)])
    )
    is_corner |= np.bincount(vertex, minlength=n_vertices) >= 3
    kept = is_corner[vertex] & (region < count)
    alone = np.flatnonzero(is_alone)
    vertex = np.concatenate([vertex[kept], faces[alone].reshape(-1)])
    region = np.concatenate([region[kept], np.repeat(flat.labels[alone], 3)])
    ranked = np.lexsort((vertex, region))
    corner_offsets = np.searchsorted(region[ranked], np.arange(count + 1))
    return Regions(is_corner, facet_offsets, order, corner_offsets, vertex[ranked])
