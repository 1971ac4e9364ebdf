"""GEO-01: Gaps bridged by welding

What it demands
    Nothing; it reports. Corners that lie closer than the weld tolerance are one vertex.

Why
    CAD systems write 2.7e-16 where the neighbouring facet says 0, so welding only equal bytes
    calls sound parts open. Welding moves nothing that a printer could show, but what was
    bridged is said, not hidden.

How it is measured
    The largest distance between a corner in the file and the vertex that it was joined to,
    beside the distance up to which open edges are joined.

Example
    A part whose 576 seemingly open edges close under a weld of 0.0000003 mm is closed.

Standard and clause
    Tolerance: 2^-21 of the largest coordinate, four to eight float32 steps; at open edges twice
    that, or 0.0002 mm where that is more (a fifth of what G-code can say) and no more than 2^-16
    of the largest coordinate.
"""

from __future__ import annotations

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.kernels.weld import tolerance_mm
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    gap_mm = context.mesh.weld_gap_mm * context.scale
    largest_mm = float(np.abs(context.box_mm).max()) / context.scale
    used = tolerance_mm(largest_mm) * context.scale
    if gap_mm == 0:
        return (
            CHECK.says(
                Status.PASS,
                said("corners meet exactly"),
                measured=0.0,
                limit=used,
                unit="mm",
            ),
        )
    return (
        CHECK.says(
            Status.INFO,
            said("corners up to {mm:.3g} mm apart were joined", mm=gap_mm),
            measured=gap_mm,
            limit=used,
            unit="mm",
        ),
    )


CHECK = Check("GEO-01", said("Gaps bridged by welding"), said("weld tolerance, our own"), run)
