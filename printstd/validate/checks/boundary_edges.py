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
from printstd.validate.outcome import SLICEABLE, counted


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
            f"all {len(counts)} edges join two facets",
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
            f"{counted(len(edges), 'open edge')}: the surface has holes; "
            "close them in the CAD system",
            measured=len(edges),
            limit=0,
            unit="open edges",
            where=context.where_edges(edges),
            details=(("length of open edges", f"{length_mm:.3f} mm"),),
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
            f"{counted(len(edges), 'edge')} with more than two facets (up to {most}): bodies "
            "touch along a line; unite them or move them apart",
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
    turned = f"; {counted(healed.turned_facets, 'facet')} turned over" * bool(healed.turned_facets)
    if not len(healed.layer):
        return CHECK.says(
            Status.PASS,
            f"every section closes by itself, nothing had to be healed{turned}",
            measured=0,
            limit=0,
            unit="gaps",
        )
    n_long = int((healed.gap_nm > limit_nm).sum())
    layers = np.flatnonzero(np.bincount(healed.layer))
    longest = np.argsort(-healed.gap_nm, kind="stable")[:MOST_PLACES]
    beyond = f", {n_long} of them over more than {limit_nm / NM_PER_MM:g} mm" * bool(n_long)
    return CHECK.says(
        Status.WARN,
        f"healed: {counted(len(healed.layer), 'gap')} closed on {counted(len(layers), 'layer')} "
        f"of {len(tops_mm)}{beyond}, the longest {healed.gap_nm.max() / NM_PER_MM:.3f} mm{turned}; "
        "look at the preview",
        measured=float(healed.gap_nm.max()) / NM_PER_MM,
        limit=limit_nm / NM_PER_MM,
        unit="mm",
        where=tuple(_closure(healed, row, tops_mm) for row in longest.tolist()),
        details=(("layers", _runs(layers)), ("gaps", str(len(healed.layer)))),
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
    "Open edges and edges with more than two facets",
    "3MF Core 1.4.0, 4.1",
    run,
    (facets,),
)
