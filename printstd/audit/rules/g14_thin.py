"""G-14: Features thinner than a bead

What it demands
    Nothing: it tells how much of the model is thinner than the program's beads (INFO), since
    beads are not required there.

Why
    What no bead can make is missing from the print, whatever the program does.

How it is measured
    Section area that a disc as wide as the walls' beads does not reach, corners apart.

Example
    A tube with a wall of 0.3 mm under a bead of 0.45 mm.

Source
    the integrity limits' own precondition
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.rule import Evidence, Rule
from printstd.words import said

NOTED_UM2 = 0.5e6


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    figures = evidence.figures or ()
    area = sum(f.deviation.thin_area_um2 for f in figures)
    whole = sum(f.section_area for f in figures)
    if area < NOTED_UM2:
        yield from rule.passes(said("every feature takes a bead"), measured=area / 1e6, unit="mm2")
        return
    worst = max(figures, key=lambda f: f.deviation.thin_area_um2)
    yield rule.says(
        Status.INFO,
        said(
            "{area:.2%} of the sections is thinner than a bead of {wall_width_mm:.2f} mm, "
            "most of it in layer {layer}",
            area=area / whole,
            wall_width_mm=worst.wall_width_um / 1000,
            layer=worst.layer,
        ),
        measured=area / 1e6,
        unit="mm2",
        where=[Where(frame="bed", layer=worst.layer)],
    )


RULE = Rule("G-14", said("Features thinner than a bead"), said("precondition of G-04"), check, True)
