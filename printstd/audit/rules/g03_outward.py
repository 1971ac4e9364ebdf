"""G-03: Nothing beyond the outline

What it demands
    No bead reaches further outside the model's section than the process allows: by more than
    the limit over at least 1 mm of boundary, or by more than four times the limit anywhere.

Why
    A wall laid outside the model makes a hole too small or a size too large.

How it is measured
    Beads are thickened from their filament, united, and cut with the section grown by the
    limit; what is left is the violation, exactly. Slits under 0.1 mm count as filled. Where two
    beads do not fit side by side, and at a bead's own end, it is a WARN up to four times the
    limit: what to do there is the slicer's choice.

Example
    One layer shifted by 0.3 mm in X.

Source
    process profile, integrity.outward_mm
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.audit.deviation import UNCERTAINTY_UM
from printstd.audit.rule import Evidence, Rule, at_spot
from printstd.words import counted, said

FAR_RATIO = 4.0
THIN_RATIO = 0.375
"""Of the nozzle: what one bead in a wall meant for one and a half overhangs on both sides."""


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    limits = evidence.demand.integrity
    limit = float(limits.outward_um)
    far = FAR_RATIO * limit
    far_thin = max(far, THIN_RATIO * evidence.demand.machine.nozzle_um)
    spots = [
        (figures.layer, spot)
        for figures in evidence.figures or ()
        for spot in figures.deviation.outward
    ]
    spots.sort(key=lambda item: (-item[1].deviation_um, item[0]))
    failed = [
        (layer, spot)
        for layer, spot in spots
        if spot.deviation_um > (far_thin if spot.is_thin else far) + UNCERTAINTY_UM
        or (spot.length_um >= limits.contiguous_um and not spot.is_thin)
    ]
    samples = [-f.deviation.samples_um for f in evidence.figures or ()]
    reached = max((float(s.max()) for s in samples if len(s)), default=0.0)
    if failed:
        spot = failed[0][1]
        yield rule.says(
            Status.FAIL,
            said(
                "beads reach {deviation_mm:.3f} mm outside the model in {layers}",
                deviation_mm=spot.deviation_um / 1000,
                layers=counted(
                    "{count} layer", "{count} layers", count=len({layer for layer, _ in failed})
                ),
            ),
            measured=spot.deviation_um / 1000,
            limit=limit / 1000,
            unit="mm",
            where=[at_spot(evidence, layer, spot.at_um) for layer, spot in failed[:5]],
        )
    elif spots:
        spot = spots[0][1]
        yield rule.says(
            Status.WARN,
            said(
                "beads reach {deviation_mm:.3f} mm outside the model at {places}, where the "
                "part is thin or a bead ends",
                deviation_mm=spot.deviation_um / 1000,
                places=counted("{count} small place", "{count} small places", count=len(spots)),
            ),
            measured=spot.deviation_um / 1000,
            limit=far_thin / 1000,
            unit="mm",
            where=[at_spot(evidence, layer, spot.at_um) for layer, spot in spots[:5]],
        )
    else:
        yield from rule.passes(
            said("no bead beyond the outline"),
            measured=float(np.clip(reached, 0.0, limit)) / 1000,
            limit=limit / 1000,
            unit="mm",
        )


RULE = Rule(
    "G-03", said("Nothing beyond the outline"), said("process: integrity.outward_mm"), check, True
)
