"""G-12: Laid on something

What it demands
    Beads lie on the layer below or span from one side to the other by no more than the process
    allows. More is a WARN with place and length: what hangs needs supports or another
    orientation, and the machine is still commanded to make the part.

Why
    A bead laid on nothing falls.

How it is measured
    Beads of the part over no section of the layer below, half a bead aside; the longest stretch
    of one bead. Where supports are allowed, what they carry does not count: beads beside the part
    whose top is no further below than the nozzle is wide, 1.5 mm to each side of them.

Example
    The underside of a table with one leg.

Source
    process profile, integrity.max_air_mm
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, at_spot
from printstd.words import counted, said


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    limits = evidence.demand.integrity
    spots = [(f.layer, spot) for f in evidence.figures or () for spot in f.coverage.air_spots]
    longest = max((spot.length_um for _, spot in spots), default=0.0)
    over = [(layer, spot) for layer, spot in spots if spot.length_um > limits.air_um]
    over.sort(key=lambda item: (-item[1].length_um, item[0]))
    total = sum(f.coverage.air_length for f in evidence.figures or ())
    if over:
        yield rule.says(
            Status.WARN,
            said(
                "{beads} laid over nothing for too long, {total:.0f} mm over nothing in all",
                beads=counted("{count} bead", "{count} beads", count=len(over)),
                total=total / 1000,
            ),
            measured=longest / 1000,
            limit=limits.air_um / 1000,
            unit="mm",
            where=[at_spot(evidence, layer, spot.at_um) for layer, spot in over[:5]],
        )
    else:
        yield from rule.passes(
            said(
                "{total_mm:.0f} mm laid over nothing in all, supports counted as something",
                total_mm=total / 1000,
            )
            if limits.supports_allowed
            else said("{total_mm:.0f} mm laid over nothing in all", total_mm=total / 1000),
            measured=longest / 1000,
            limit=limits.air_um / 1000,
            unit="mm",
        )


RULE = Rule("G-12", said("Laid on something"), said("process: integrity.max_air_mm"), check, True)
