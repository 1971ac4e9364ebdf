"""DIM-01: Sizes outside the tolerance table

What it demands
    Nothing; it reports sizes that no general tolerance covers.

Why
    The table of general tolerances begins at 0.5 mm and ends at a few metres. A size beyond it
    has no permissible deviation unless the order states one, so no verdict on it is possible.

How it is measured
    The extents of the model's box along its own axes, against the first and the last row of the
    chosen class. A pack without classes (us) takes the drawing's own tolerance, which holds for
    every size; where the request does not give it, nothing is evaluated.

Example
    A shim of 20 x 20 x 0.3 mm: 0.3 mm has no general tolerance.

Standard and clause
    ISO 2768-1:1989, table 1 (below 0.5 mm the deviation is to be stated with the size)
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets, tolerance_table


def run(context: CheckContext) -> tuple[Finding, ...]:
    bands = context.resolved.bands
    least, most = min(band.over_mm for band in bands), max(band.up_to_mm for band in bands)
    # To a micrometre: 0.5 mm drawn in float32 is not below 0.5 mm.
    sizes = {
        axis: round(float(size), 3) for axis, size in zip("XYZ", context.extents_mm, strict=True)
    }
    findings = [
        CHECK.says(
            Status.WARN,
            f"the extent in {axis}, {size:g} mm, has no general tolerance in class "
            f"{context.resolved.tolerance_class}; state it with the order",
            measured=size,
            limit=least if size < least else most,
            unit="mm",
            where=(context.where(context.box_mm),),
            source=context.resolved.indication,
        )
        for axis, size in sizes.items()
        if context.resolved.deviation_mm(size) is None
    ]
    return tuple(findings) or (
        CHECK.says(
            Status.PASS,
            "every extent has a general tolerance",
            measured=min(sizes.values()),
            limit=least,
            unit="mm",
            source=context.resolved.indication,
        ),
    )


CHECK = Check(
    "DIM-01",
    "Sizes outside the tolerance table",
    "ISO 2768-1, table 1",
    run,
    (facets, tolerance_table),
)
