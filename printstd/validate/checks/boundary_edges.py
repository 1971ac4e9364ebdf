"""GEO-02: Open edges and edges with more than two facets

What it demands
    Every edge joins exactly two facets.

Why
    An edge with one facet is the rim of a hole: there the surface does not part inside from
    outside, and each slicer invents its own answer. An edge with more than two facets belongs
    to bodies that touch along a line; slicers disagree whether they are one.

How it is measured
    Facets are counted at every edge of the welded mesh. Facets that name one vertex twice are
    left out (GEO-06 reports them). Open edges are joined to runs, and each run is one place.

Example
    A box without its lid has four open edges in one run. Two boxes that share an edge have one
    edge with four facets: that fails too, but as many facets run one way as the other, so the
    inside is still known and the model can be sliced.

With --heal
    The model is sliced all the same: on each layer open ends of the outline are joined, nearest
    first, and the report of `slice` says how many, on which layers, and the longest. A model so
    healed is undecided here, not sound: what is meant where the surface is missing is a guess.

Standard and clause
    3MF Core 1.4.0, 4.1 (manifold edges by index)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.artifacts.layers import Healed
from printstd.units import NM_PER_MM
from printstd.validate.check import Check
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import facets
from printstd.validate.outcome import SLICEABLE
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    counts = context.edges.counts
    found = (
        *_open(context, np.flatnonzero(counts == 1)),
        *_crowded(context, np.flatnonzero(counts > 2)),
    )
    if found:
        return found
    return (
        CHECK.says(
            Status.PASS,
            said("every edge joins two facets, of {count} edges", count=len(counts)),
            measured=0,
            limit=0,
            unit="edges",
        ),
    )


def _open(context: CheckContext, edges: NDArray[np.int64]) -> tuple[Finding, ...]:
    if not len(edges):
        return ()
    ends = context.vertices_mm[context.edges.vertices[edges]]
    length_mm = float(np.sqrt(((ends[:, 0] - ends[:, 1]) ** 2).sum(axis=1)).sum())
    return (
        CHECK.says(
            Status.FAIL,
            said(
                "the surface has holes: {count} open edges (GEO-04 tells of each); close them in "
                "the CAD system",
                count=len(edges),
            ),
            measured=len(edges),
            limit=0,
            unit="open edges",
            where=context.where_edges(edges),
            details=((said("length of open edges"), said("{mm:.3f} mm", mm=length_mm)),),
        ),
    )


def _crowded(context: CheckContext, edges: NDArray[np.int64]) -> tuple[Finding, ...]:
    if not len(edges):
        return ()
    is_balanced = bool(context.edges.is_balanced[edges].all())
    most = int(context.edges.counts[edges].max())
    return (
        CHECK.says(
            Status.FAIL,
            said(
                "edges with more than two facets: {count} (up to {most} facets): bodies touch "
                "along a line; unite them or move them apart",
                count=len(edges),
                most=most,
            ),
            measured=len(edges),
            limit=0,
            unit="edges",
            where=context.where_edges(edges),
            details=(SLICEABLE,) if is_balanced else (),
        ),
    )


def told_healed(healed: Healed, tops_mm: Sequence[float], limit_nm: int) -> Finding:
    """The finding about what `--heal` closed. tops_mm : of every layer. limit_nm : gaps beyond
    are more than gaps."""
    details: list[tuple[str, str]] = []
    if healed.turned_facets:
        details.append((said("facets turned over"), str(healed.turned_facets)))
    if not len(healed.layer):
        return CHECK.says(
            Status.PASS,
            said("every section closes by itself, nothing had to be healed"),
            measured=0,
            limit=0,
            unit="gaps",
            details=tuple(details),
        )
    n_long = int((healed.gap_nm > limit_nm).sum())
    layers = np.flatnonzero(np.bincount(healed.layer))
    longest = np.argsort(-healed.gap_nm, kind="stable")[:MOST_PLACES]
    longest_mm = float(healed.gap_nm.max()) / NM_PER_MM
    message = said(
        "healed: {gaps} gaps closed on {layers} layers of {all_layers}, the longest {mm:.3f} mm; "
        "look at the preview",
        gaps=len(healed.layer),
        layers=len(layers),
        all_layers=len(tops_mm),
        mm=longest_mm,
    )
    if n_long:
        message = said(
            "healed: {gaps} gaps closed on {layers} layers of {all_layers}, {long} of them over "
            "more than {limit:g} mm, the longest {mm:.3f} mm; look at the preview",
            gaps=len(healed.layer),
            layers=len(layers),
            all_layers=len(tops_mm),
            long=n_long,
            limit=limit_nm / NM_PER_MM,
            mm=longest_mm,
        )
    details += [(said("layers"), _runs(layers)), (said("gaps"), str(len(healed.layer)))]
    return CHECK.says(
        Status.WARN,
        message,
        measured=longest_mm,
        limit=limit_nm / NM_PER_MM,
        unit="mm",
        where=tuple(_closure(healed, row, tops_mm) for row in longest.tolist()),
        details=tuple(details),
    )


def _closure(healed: Healed, row: int, tops_mm: Sequence[float]) -> Where:
    layer = int(healed.layer[row])
    x, y = (round(value / NM_PER_MM, 3) + 0.0 for value in healed.xy_nm[row].tolist())
    return Where(frame="bed", point_mm=(x, y, round(tops_mm[layer], 3)), layer=layer)


def _runs(numbers: NDArray[np.int64]) -> str:
    """``0-12, 40, 42-43``."""
    starts = np.flatnonzero(np.r_[True, np.diff(numbers) != 1])
    stops = np.r_[starts[1:], len(numbers)] - 1
    runs = zip(numbers[starts].tolist(), numbers[stops].tolist(), strict=True)
    return ", ".join(f"{a}-{b}" if b > a else f"{a}" for a, b in runs)


CHECK = Check(
    "GEO-02",
    said("Open edges and edges with more than two facets"),
    "3MF Core 1.4.0, 4.1",
    run,
    (facets,),
)
