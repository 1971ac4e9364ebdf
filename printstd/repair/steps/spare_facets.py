"""REP-01 and REP-02: facets that add nothing to the surface: without area, or there twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.repair import RepairClass
from printstd.kernels.components import component_labels
from printstd.kernels.edges import edge_table, has_three_vertices
from printstd.kernels.facets import facet_shapes
from printstd.repair.steps.splitting import split
from printstd.repair.working import Working
from printstd.words import said

_FLAT: Final = 1e-9
"""Of the largest coordinate: a facet that is lower is a line, to the rounding of float64."""

_ROUNDS: Final = 20


def without_flat_facets(work: Working, scale_mm: float) -> Working:
    """Facets that name a vertex twice are left out: their neighbours meet in the edge they had.
    Of facets whose third corner lies on the edge between the other two, the neighbour beyond that
    edge is divided at the corner, and they are left out."""
    before = work
    is_line = ~has_three_vertices(work.faces)
    gone = [work.origin[is_line]]
    places = [work.corners[is_line]]
    work = work.kept(~is_line)
    for _ in range(_ROUNDS):
        caps, edge_facet, edge_corner, middle = _caps(work, _FLAT * scale_mm)
        if not len(caps):
            break
        gone.append(work.origin[caps])
        places.append(work.corners[caps])
        work = split(work, edge_facet, edge_corner, middle)
        is_cap = np.zeros(len(work.faces), bool)
        is_cap[caps] = True
        work = work.kept(~is_cap)
    facets = np.concatenate(gone)
    if not len(facets):
        return before
    return work.did(
        before,
        "REP-01",
        RepairClass.LOSSLESS,
        said("facets without area, left out: {count}", count=len(facets)),
        facets=facets,
        points=[one[None] for some in places for one in some],
        displacement_mm=0.0,
        rules=("GEO-06",),
    )


def _caps(
    work: Working, height_mm: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """(caps (k,), facets beyond their longest edges (k,), the corner there that the edge begins
    with (k,), vertex to divide at (k,)): no facet twice."""
    shapes = facet_shapes(work.vertices, work.faces)
    is_flat = (shapes.height <= height_mm) & (shapes.longest > height_mm)
    nothing = np.empty(0, np.int64)
    if not is_flat.any():
        return nothing, nothing, nothing, nothing
    edges = work.edges
    _, first, second = edges.two_facet_edges()
    two = np.flatnonzero(edges.counts == 2)
    start = edges.offsets[two]
    c1, c2 = edges.corners[start], edges.corners[start + 1]
    facet = np.concatenate([first, second])
    corner = np.concatenate([c1, c2])
    other = np.concatenate([second, first])
    other_corner = np.concatenate([c2, c1])
    row = np.flatnonzero(is_flat[facet] & ~is_flat[other])
    corners = work.corners[facet[row]]
    sides = np.stack(
        [np.linalg.norm(corners[:, (k + 1) % 3] - corners[:, k], axis=1) for k in range(3)], axis=1
    )
    row = row[sides.argmax(axis=1) == corner[row]]
    # A facet is divided once a round, and a cap that has been told of is gone.
    _, once = np.unique(other[row], return_index=True)
    row = row[np.sort(once)]
    apex = work.faces[facet[row], (corner[row] + 2) % 3]
    is_own = (work.faces[other[row]] == apex[:, None]).any(axis=1)
    row, apex = row[~is_own], apex[~is_own]
    return facet[row], other[row], other_corner[row], apex


def without_duplicates(work: Working) -> Working:
    """Of facets with the same three vertices and the same winding the first is kept, where that
    leaves no edge out of balance that was in it."""
    spare = _repeated(work.faces)
    if not spare.any():
        return work
    before = work
    allowed = spare
    if work.kept(~spare).unbalanced_edges() > work.unbalanced_edges():
        allowed = np.zeros(len(spare), bool)
        for group in _groups(work, spare):
            trial = allowed.copy()
            trial[group] = True
            if work.kept(~trial).unbalanced_edges() <= work.kept(~allowed).unbalanced_edges():
                allowed = trial
    gone = np.flatnonzero(allowed)
    if not len(gone):
        return work
    work = work.kept(~allowed)
    return work.did(
        before,
        "REP-02",
        RepairClass.LOSSLESS,
        said("facets that were there twice, left out: {count}", count=len(gone)),
        facets=before.origin[gone],
        points=[before.corners[gone]],
        displacement_mm=0.0,
        rules=("GEO-02", "GEO-07", "GEO-09", "GEO-10", "GEO-11"),
    )


def _repeated(faces: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(f,) bool: a facet before has the same corners in the same order of rotation."""
    first = faces.argmin(axis=1)
    turned = np.take_along_axis(faces, (first[:, None] + np.arange(3)) % 3, axis=1)
    order = np.lexsort(turned.T[::-1])
    is_repeat = np.zeros(len(faces), bool)
    same = (turned[order][1:] == turned[order][:-1]).all(axis=1)
    is_repeat[order[1:][same]] = True
    return is_repeat


_MOST_GROUPS: Final = 200


def _groups(work: Working, spare: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Spare facets that hang together, the first few such groups."""
    own = np.flatnonzero(spare)
    edges = edge_table(work.faces[own])
    _, first, second = edges.two_facet_edges()
    label, count = component_labels(len(own), first, second)
    return [own[label == k] for k in range(min(count, _MOST_GROUPS))]


def renumbered(work: Working) -> Working:
    """The mesh without vertices that no facet names."""
    used, numbers = np.unique(work.faces, return_inverse=True)
    return replace(work, vertices=work.vertices[used], faces=numbers.reshape(-1, 3))
