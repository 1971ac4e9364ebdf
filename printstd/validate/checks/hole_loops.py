"""GEO-04: Holes in the surface, one by one

What it demands
    Nothing more than GEO-02 does; it tells of each hole how large it is and whether it is flat.

Why
    A flat hole with one rim can be closed in one way. One whose rim is bent can be closed in
    many, and each of them is a guess at a shape that nobody has drawn.

How it is measured
    Open edges that hang together are one rim. Its length is that of its edges; its area that of
    the flat polygon with the same vector area; its bend the largest distance of a corner from the
    plane through the rim's middle. It is one loop if each of its corners has two open edges. A hole
    is flat up to 0.01 mm.

Example
    A box without its lid has one flat hole: four edges, 100 mm long, 600 mm2.

Standard and clause
    3MF Core 1.4.0, 4.1 (manifold edges); 0.01 mm: our own, a tenth of what the tightest printers
    hold
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels.components import component_labels
from printstd.kernels.distinct import distinct
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import facets
from printstd.words import said

_FLAT_MM = 0.01
"""What may be closed without a guess (facts of validation 4.1)."""


class _Loops(NamedTuple):
    """Of each rim, longest first. edges : (l,) int64. length_mm, bend_mm : (l,) float64. area_mm2 :
    (l,) float64. is_simple : (l,) bool. where : the first few."""

    edges: NDArray[np.int64]
    length_mm: NDArray[np.float64]
    area_mm2: NDArray[np.float64]
    bend_mm: NDArray[np.float64]
    is_simple: NDArray[np.bool_]
    where: tuple[Where, ...]


def run(context: CheckContext) -> tuple[Finding, ...]:
    open_edges = np.flatnonzero(context.edges.counts == 1)
    if not len(open_edges):
        return (
            CHECK.says(
                Status.PASS, said("the surface has no hole"), measured=0, limit=0, unit="holes"
            ),
        )
    loops = _loops(context, open_edges)
    bent = int(((loops.bend_mm > _FLAT_MM) | ~loops.is_simple).sum())
    count = len(loops.length_mm)
    message = said("holes in the surface: {count}, all of them flat", count=count)
    if bent:
        message = said(
            "holes in the surface: {count}, of which {bent} are bent or have no simple rim: what "
            "would close them is a guess",
            count=count,
            bent=bent,
        )
    details = [
        (
            said("hole {number}", number=number + 1),
            said(
                "{edges} edges, {length:.3f} mm long, {area:.3f} mm2, bent by {bend:.4f} mm",
                edges=int(loops.edges[number]),
                length=loops.length_mm[number],
                area=loops.area_mm2[number],
                bend=loops.bend_mm[number],
            ),
        )
        for number in range(min(count, MOST_PLACES))
    ]
    return (
        CHECK.says(
            Status.WARN if bent else Status.INFO,
            message,
            measured=count,
            limit=0,
            unit="holes",
            where=loops.where,
            details=tuple(details),
        ),
    )


def _loops(context: CheckContext, open_edges: NDArray[np.int64]) -> _Loops:
    edges = context.edges
    use = edges.offsets[open_edges]
    facet, corner = edges.facets[use], edges.corners[use]
    start = context.faces[facet, corner].astype(np.int64)
    end = context.faces[facet, (corner + 1) % 3].astype(np.int64)
    used, local = np.unique(np.concatenate([start, end]), return_inverse=True)
    n = len(start)
    label, count = component_labels(len(used), local[:n], local[n:])
    rim = label[local[:n]]
    a, b = context.vertices_mm[start], context.vertices_mm[end]
    length = np.sqrt(((b - a) ** 2).sum(axis=1))
    size = np.bincount(rim, minlength=count)
    middle = _by_rim(rim, (a + b) / 2, count) / size[:, None]
    vector = _by_rim(rim, np.cross(a - middle[rim], b - middle[rim]), count) / 2
    area = np.sqrt((vector * vector).sum(axis=1))
    normal = vector / np.where(area > 0, area, 1.0)[:, None]
    bend = np.zeros(count)
    np.maximum.at(bend, rim, np.abs(((a - middle[rim]) * normal[rim]).sum(axis=1)))
    # A rim without a vector area, a slit, has no plane: it is as bent as it is wide, which is not
    # told from here.
    degree = np.bincount(local, minlength=len(used))
    is_simple = np.ones(count, bool)
    is_simple[label[degree != 2]] = False
    total = np.asarray(np.bincount(rim, weights=length, minlength=count), np.float64)
    order = np.lexsort((np.arange(count), -np.round(area, 9), -np.round(total, 9)))
    places = []
    for index in order[:MOST_PLACES]:
        own = rim == index
        places.append(context.where(np.concatenate([a[own], b[own]]), distinct(facet[own])))
    return _Loops(
        size[order], total[order], area[order], bend[order], is_simple[order], tuple(places)
    )


def _by_rim(rim: NDArray[np.int64], rows: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """(count, 3) sums of the rows (n, 3) of each rim."""
    return np.stack([np.bincount(rim, weights=rows[:, k], minlength=count) for k in range(3)], 1)


CHECK = Check(
    "GEO-04", said("Holes in the surface, one by one"), "3MF Core 1.4.0, 4.1", run, (facets,)
)
