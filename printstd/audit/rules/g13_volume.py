"""G-13: Volume adds up

What it demands
    The part's beads together hold no less than walls, solid shells and infill of the declared
    density come to, and no more than the solid part, both within the process's window.

Why
    Small shares taken everywhere show in no single place.

How it is measured
    All filament of the part's beads, against sections, shells and infill region layer by layer.
    Where no shells or density are declared only the upper bound holds. It passes as it is
    commanded, the window being what is allowed to flow, by 2 um of each boundary. It fails where 3
    % of flow in its favour do not bring it back; between the two it is INDETERMINATE.

Example
    Every move fed at 85 %.

Source
    process profile, integrity.volume_ratio
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding, Status
from printstd.audit.bead_models import FLOW_RATIO
from printstd.audit.deviation import FINE_UNCERTAINTY_UM
from printstd.audit.rule import Evidence, Rule, parts_of_volume
from printstd.words import said

BOUNDARY_UM = 25.0
NOTED_UM3 = 50e9
"""A surplus that matters on the smallest parts."""


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    low, high = (value / 1000 for value in evidence.demand.integrity.volume_permille)
    heights = evidence.heights.height_um
    figures = evidence.figures or ()
    laid = sum(f.part_volume + f.ironing.volume for f in figures)
    # Features too thin for a bead are judged by G-04, not here.
    least = sum(
        f.coverage.must_volume - f.deviation.thin_area_um2 * heights[f.layer] for f in figures
    )
    most = sum(
        (f.section_area + BOUNDARY_UM * f.deviation.boundary_um) * heights[f.layer] for f in figures
    )
    if most <= 0:
        yield rule.says(Status.NOT_EVALUATED, said("the model has no volume in any layer"))
        return
    is_sparse_known = all(limits.infill_permille is not None for limits in evidence.limits)
    is_sparse_known &= not rule.is_left_open(evidence, "infill", "walls", "shells")
    details = (
        (said("part's beads"), said("{volume_mm3:.3f} mm3", volume_mm3=laid / 1e9)),
        (
            said("walls, shells and infill as declared"),
            said("{volume_mm3:.3f} mm3", volume_mm3=least / 1e9),
        ),
        (said("solid part"), said("{volume_mm3:.3f} mm3", volume_mm3=most / 1e9)),
        *parts_of_volume(),
    )

    # As well as the sections' areas are known.
    border = sum(f.deviation.boundary_um * heights[f.layer] for f in figures)
    u = FINE_UNCERTAINTY_UM * float(border)

    def is_short(volume: float) -> bool:
        return bool(is_sparse_known and volume < low * least)

    def is_long(volume: float) -> bool:
        return bool(volume > high * most and volume - most > NOTED_UM3)

    if is_short(laid * (1 + FLOW_RATIO)):
        yield rule.says(
            Status.FAIL,
            said("less plastic than walls, shells and infill need"),
            measured=laid / least,
            limit=low,
            unit="of the volume",
            details=details,
        )
    elif is_long(laid * (1 - FLOW_RATIO)):
        yield rule.says(
            Status.FAIL,
            said("more plastic than the solid part holds"),
            measured=laid / most,
            limit=high,
            unit="of the volume",
            details=details,
        )
    elif is_short(laid - u) or is_long(laid + u):
        is_low = is_short(laid - u)
        yield rule.says(
            Status.INDETERMINATE,
            said("whether the part holds the right volume depends on its flow"),
            measured=laid / least if is_low else laid / most,
            limit=low if is_low else high,
            unit="of the volume",
            details=details,
        )
    else:
        yield rule.says(
            Status.PASS,
            said("{volume_mm3:.1f} mm3 in the part", volume_mm3=laid / 1e9),
            measured=laid / least if is_sparse_known and least > 0 else laid / most,
            limit=low if is_sparse_known else high,
            unit="of the volume",
            details=details,
        )


RULE = Rule("G-13", said("Volume adds up"), said("process: integrity.volume_ratio"), check, True)
