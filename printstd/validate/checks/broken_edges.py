"""DIM-02: Radii and chamfers outside the tolerance table

What it demands
    Nothing; it reports external radii and chamfers that no general tolerance covers, and says how
    many there are that one covers.

Why
    Broken edges have their own table, with wider deviations than sizes. It begins at 0.5 mm; below
    that the deviation has to be stated with the dimension.

How it is measured
    Radii of arcs that bend outward and heights of flat chamfers, as recognised on the mesh
    (FEA-01), against the first row of the table. Radii that bend inward (fillets) and conical
    chamfers are in no table, and are not judged.

Example
    A lid with edges rounded by 0.3 mm: 0.3 mm has no general tolerance.

Standard and clause
    ISO 2768-1:1989, table 2 (external radii and chamfer heights)
"""

from __future__ import annotations

from printstd.artifacts.features import FeatureKind
from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check, Reason
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.needs import facets, tolerance_table
from printstd.words import said


def edge_table(context: CheckContext) -> Reason | None:
    """The pack carries the table of external radii and chamfers, with the chosen class."""
    if context.resolved.edge_bands:
        return None
    return (
        Status.NOT_APPLICABLE,
        said(
            "pack {pack} carries no table of external radii and chamfers",
            pack=context.resolved.pack.id,
        ),
    )


def run(context: CheckContext) -> tuple[Finding, ...]:
    edges = [
        (round(feature.size, 3), feature)
        for feature in context.features.of_kind(FeatureKind.ROUNDING, FeatureKind.CHAMFER)
    ]
    if not edges:
        return (
            CHECK.says(
                Status.NOT_APPLICABLE, said("no external radius and no chamfer is recognised")
            ),
        )
    edges.sort(key=lambda pair: pair[0])
    outside = [pair for pair in edges if context.resolved.radius_deviation_mm(pair[0]) is None]
    least = min(band.over_mm for band in context.resolved.edge_bands)
    smallest = (outside or edges)[0]
    if not outside:
        return (
            CHECK.says(
                Status.PASS,
                said(
                    "{count} external radii and chamfers have a general tolerance", count=len(edges)
                ),
                measured=smallest[0],
                limit=least,
                unit="mm",
                source=context.resolved.indication,
            ),
        )
    return (
        CHECK.says(
            Status.WARN,
            said(
                "{count} of {all} external radii and chamfers, the smallest {size:g} mm ({id}), "
                "have no general tolerance in class {of}; state them with the order",
                count=len(outside),
                all=len(edges),
                size=smallest[0],
                id=smallest[1].id,
                of=context.resolved.tolerance_class,
            ),
            measured=smallest[0],
            limit=least,
            unit="mm",
            where=tuple(context.where(facets=found.facets) for _, found in outside[:MOST_PLACES]),
            source=context.resolved.indication,
        ),
    )


CHECK = Check(
    "DIM-02",
    said("Radii and chamfers outside the tolerance table"),
    said("ISO 2768-1, table 2"),
    run,
    (facets, tolerance_table, edge_table),
)
