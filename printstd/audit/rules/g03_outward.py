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

    PASS: with 3 % more plastic no bead comes within U of 2 um of the limit. FAIL: under every model
    of a bead (stadium, rectangle, 3 % less and more) one is beyond it by more than 5 um. Between
    the two nobody can tell: INDETERMINATE.

Example
    One layer shifted by 0.3 mm in X.

Source
    process profile, integrity.outward_mm
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.audit.deviation import FINE_UNCERTAINTY_UM, UNCERTAINTY_UM
from printstd.audit.rule import Evidence, Rule, at_spot, parts_of_u
from printstd.audit.spot import Spot
from printstd.words import counted, said

FAR_RATIO = 4.0
THIN_RATIO = 0.375
"""Of the nozzle: what one bead in a wall meant for one and a half overhangs on both sides."""


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    limits = evidence.demand.integrity
    limit = float(limits.outward_um)
    far = FAR_RATIO * limit
    far_thin = max(far, THIN_RATIO * evidence.demand.machine.nozzle_um)

    def is_over(spot: Spot, u_um: float) -> bool:
        """It breaks the limit with U of the far one; those of the limit itself are in the spot."""
        return spot.deviation_um > (far_thin if spot.is_thin else far) + u_um or (
            spot.length_um >= limits.contiguous_um and not spot.is_thin
        )

    every = [(f.layer, f.deviation.outward) for f in evidence.figures or ()]
    spots = [(layer, spot) for layer, own in every for spot in own.usual]
    spots.sort(key=lambda item: (-item[1].deviation_um, item[0]))
    failed = [(layer, spot) for layer, spot in spots if is_over(spot, UNCERTAINTY_UM)]
    is_sure = any(is_over(spot, UNCERTAINTY_UM) for _, own in every for spot in own.best)
    doubtful = [
        (layer, spot)
        for layer, own in every
        for spot in own.worst
        if is_over(spot, -FINE_UNCERTAINTY_UM)
    ]
    doubtful.sort(key=lambda item: (-item[1].deviation_um, item[0]))
    details = parts_of_u(evidence.spread, UNCERTAINTY_UM if failed else FINE_UNCERTAINTY_UM)
    samples = [-f.deviation.samples_um for f in evidence.figures or ()]
    reached = max((float(s.max()) for s in samples if len(s)), default=0.0)
    if failed and is_sure:
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
            details=details,
        )
    elif failed or doubtful:
        # Of wider beads it would be more: shown is what the usual ones reach, where they do.
        shown = failed or doubtful
        yield rule.says(
            Status.INDETERMINATE,
            said(
                "whether beads reach more than {limit_mm:.3f} mm outside the model in {layers} "
                "depends on how their sides lie: by up to {deviation_mm:.3f} mm",
                limit_mm=limit / 1000,
                layers=counted(
                    "{count} layer", "{count} layers", count=len({layer for layer, _ in shown})
                ),
                deviation_mm=shown[0][1].deviation_um / 1000,
            ),
            measured=shown[0][1].deviation_um / 1000,
            limit=limit / 1000,
            unit="mm",
            where=[at_spot(evidence, layer, spot.at_um) for layer, spot in shown[:5]],
            details=details,
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
            details=details,
        )
    else:
        yield from rule.passes(
            said("no bead beyond the outline"),
            measured=float(np.clip(reached, 0.0, limit)) / 1000,
            limit=limit / 1000,
            unit="mm",
            details=details,
        )


RULE = Rule(
    "G-03", said("Nothing beyond the outline"), said("process: integrity.outward_mm"), check, True
)
