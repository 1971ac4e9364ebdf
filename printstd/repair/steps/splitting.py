"""REP-04: edges that run past a vertex of their neighbour (T-junctions) divided there."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.repair import RepairClass
from printstd.kernels.box_tree import box_tree, boxes_met
from printstd.repair.working import Working
from printstd.words import said

_ROUNDS: Final = 40


def split(
    work: Working,
    facet: NDArray[np.int64],
    corner: NDArray[np.int64],
    vertex: NDArray[np.int64],
) -> Working:
    """Each of `facet` (k,), no one twice, divided in two at `vertex` on the edge that begins at its
    `corner`. The first half keeps the facet's row, the second is put at the end."""
    faces = work.faces.copy()
    end = (corner + 1) % 3
    second = faces[facet]
    second[np.arange(len(facet)), corner] = vertex
    faces[facet, end] = vertex
    return replace(
        work,
        faces=np.concatenate([faces, second]),
        origin=np.concatenate([work.origin, work.origin[facet]]),
    )


def without_t_junctions(work: Working, bound_mm: float) -> Working:
    """Open edges with an open vertex of somebody else's on them, within the bound, are divided
    there, as far as that closes edges."""
    before = work
    divided: list[NDArray[np.int64]] = []
    places: list[NDArray[np.float64]] = []
    largest = 0.0
    best, best_open = work, work.open_edges()
    told = (0, 0.0)
    for _ in range(_ROUNDS):
        facet, corner, vertex, off = _junctions(work, bound_mm)
        if not len(facet):
            break
        divided.append(work.origin[facet])
        places.extend(work.vertices[vertex][:, None])
        largest = max(largest, float(off.max()))
        work = split(work, facet, corner, vertex)
        if work.open_edges() < best_open:
            best, best_open = work, work.open_edges()
            told = (len(divided), largest)
    if best is before:
        return before
    facets = np.concatenate(divided[: told[0]])
    return best.did(
        before,
        "REP-04",
        RepairClass.BOUNDED,
        said(
            "edges divided where a vertex of the neighbour lies on them: {count}", count=len(facets)
        ),
        facets=facets,
        points=places[: len(facets)],
        displacement_mm=told[1],
        rules=("GEO-02", "GEO-04"),
    )


def _junctions(
    work: Working, bound_mm: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(facet (k,), corner at which its edge begins (k,), vertex on that edge (k,), its distance
    from it (k,)); every facet once, by the vertex nearest to its edge's beginning."""
    edges = work.edges
    open_ = np.flatnonzero(edges.counts == 1)
    nothing = np.empty(0, np.int64)
    if not len(open_):
        return nothing, nothing, nothing, np.empty(0)
    use = edges.offsets[open_]
    facet, corner = edges.facets[use], edges.corners[use]
    start = work.faces[facet, corner]
    end = work.faces[facet, (corner + 1) % 3]
    vertices = np.unique(edges.vertices[open_])
    a, b = work.vertices[start], work.vertices[end]
    points = work.vertices[vertices]
    tree = box_tree(np.minimum(a, b) - bound_mm, np.maximum(a, b) + bound_mm)
    pairs = list(boxes_met(tree, points, points))
    query = np.concatenate([q for q, _ in pairs])
    edge = np.concatenate([e for _, e in pairs])
    vertex = vertices[query]
    other = ~(work.faces[facet[edge]] == vertex[:, None]).any(axis=1)
    edge, vertex = edge[other], vertex[other]
    along = b[edge] - a[edge]
    length = np.linalg.norm(along, axis=1)
    off = work.vertices[vertex] - a[edge]
    at = (off * along).sum(axis=1) / np.where(length > 0, length, 1.0)
    away = np.linalg.norm(off - (at / np.where(length > 0, length, 1.0))[:, None] * along, axis=1)
    # Nearer to an end than to the edge, it would be a matter of welding.
    is_on = (away <= bound_mm) & (at > np.maximum(away, 0.0)) & (length - at > away) & (length > 0)
    edge, vertex, at, away = edge[is_on], vertex[is_on], at[is_on], away[is_on]
    rank = np.lexsort((vertex, at, facet[edge]))
    edge, vertex, away = edge[rank], vertex[rank], away[rank]
    is_first = np.ones(len(edge), bool)
    is_first[1:] = facet[edge][1:] != facet[edge][:-1]
    edge, vertex, away = edge[is_first], vertex[is_first], away[is_first]
    return facet[edge], corner[edge], vertex, away
