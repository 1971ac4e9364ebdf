"""G-06: Solid layers are full

What it demands
    A layer that must be solid throughout holds the volume of its section, within the process's
    window, give or take 25 um of each boundary.

Why
    Under-fed solid layers leak and break; over-fed ones push the nozzle up and the walls out.

How it is measured
    Filament of the part's beads over section area times layer height, on layers of 100 mm2 and
    more that rest on solid ones (bridges hold more, in round threads). What shape a bead has does
    not matter to a volume, and the window is what is allowed to flow: a layer passes within it, by
    2 um of each boundary. It fails where 3 % of flow in its favour do not bring it back; between
    the two it is INDETERMINATE.

Example
    Everything fed at 90 %.

Source
    process profile, integrity.solid_fill_ratio
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.bead_models import FLOW_RATIO
from printstd.audit.deviation import FINE_UNCERTAINTY_UM
from printstd.audit.rule import Evidence, Rule, parts_of_volume
from printstd.words import counted, said

BOUNDARY_UM = 25.0
SOLID_PERMILLE = 960


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    low, high = (value / 1000 for value in evidence.demand.integrity.solid_fill_permille)
    judged: list[tuple[float, float, int, float]] = []
    sure: list[float] = []
    for figures in evidence.figures or ():
        ratio = figures.coverage.solid_ratio
        if ratio is not None:
            slack = BOUNDARY_UM * figures.deviation.boundary_um / max(figures.section_area, 1.0)
            # As well as the section's area is known.
            u = slack * FINE_UNCERTAINTY_UM / BOUNDARY_UM
            excess = max(low - slack + u - ratio, ratio - high - slack + u)
            judged.append((excess, ratio, figures.layer, slack))
            less, more = ratio * (1 - FLOW_RATIO), ratio * (1 + FLOW_RATIO)
            sure.append(max(low - slack - more, less - high - slack))
    if not judged:
        yield from rule.does_not_apply(said("no layer must be solid throughout"))
        return
    # Where the request's infill is solid, too, every layer is one that nobody declared.
    has_solid_infill = any(
        limits.infill_permille is not None and limits.infill_permille[1] >= SOLID_PERMILLE
        for limits in evidence.limits
    )
    names = ("shells", "infill") if has_solid_infill else ("shells",)
    if rule.is_left_open(evidence, *names):
        ratios = [ratio for _, ratio, _, _ in judged]
        yield from rule.only_measured(
            evidence,
            said(
                "layers that the process has solid hold {least:.3f} to {most:.3f} of their section",
                least=min(ratios),
                most=max(ratios),
            ),
            measured=min(ratios),
            unit=said("of the section's volume"),
        )
        return
    failed = sorted((item for item in judged if item[0] > 0), reverse=True)
    if failed and max(sure) <= 0:
        _, ratio, _, slack = failed[0]
        yield rule.says(
            Status.INDETERMINATE,
            counted(
                "{count} solid layer of {all} is so near to the window's end that its flow decides",
                "{count} solid layers of {all} are so near to the window's end that their flow "
                "decides",
                count=len(failed),
                all=len(judged),
            ),
            measured=ratio,
            limit=low - slack if ratio < 1 else high + slack,
            unit="of the section's volume",
            where=[Where(frame="bed", layer=item[2]) for item in failed[:5]],
            details=parts_of_volume(),
        )
        return
    if failed:
        failed = sorted(
            (one for one, surely in zip(judged, sure, strict=True) if surely > 0), reverse=True
        )
        _, ratio, _, slack = failed[0]
        yield rule.says(
            Status.FAIL,
            counted(
                "{count} solid layer of {all} underfilled",
                "{count} solid layers of {all} underfilled",
                count=len(failed),
                all=len(judged),
            )
            if ratio < 1
            else counted(
                "{count} solid layer of {all} overfilled",
                "{count} solid layers of {all} overfilled",
                count=len(failed),
                all=len(judged),
            ),
            measured=ratio,
            limit=low - slack if ratio < 1 else high + slack,
            unit="of the section's volume",
            where=[Where(frame="bed", layer=item[2]) for item in failed[:5]],
            details=parts_of_volume(),
        )
        return
    worst = max(judged)
    yield from rule.passes(
        counted("{count} solid layer filled", "{count} solid layers filled", count=len(judged)),
        measured=worst[1],
        limit=low if worst[1] < 1 else high,
        unit="of the section's volume",
        details=parts_of_volume(),
    )


RULE = Rule(
    "G-06", said("Solid layers are full"), said("process: integrity.solid_fill_ratio"), check, True
)
