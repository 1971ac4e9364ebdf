"""G-01: Where the part stands

What it demands
    The program prints this model: at the declared place, or, where none is declared, at one
    place on the bed and one of four quarter turns under which its layers fit. The model's
    sections are closed, or, where the demand lets them be healed, over no wider gaps than that.

Why
    Everything else is measured against the model where it stands.

How it is measured
    Without a declared place each layer's bead box votes for a shift; the densest cluster of
    votes wins, and beads inside the sections decide between turns. Where supports are allowed
    they may reach beyond the box, so each side votes for itself, and one that is exceeded fits.

Example
    A program for another part, or a mirrored one, does not fit anywhere.

Source
    placement of the request
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule
from printstd.audit.sections import JOIN_UM, OPEN_UM
from printstd.words import said

LEAST_AGREEING = 0.5


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    standing = evidence.standing
    if standing is None:
        yield rule.says(
            Status.FAIL, said("no place was found where this program could be making this model")
        )
        return
    x, y, z = (value / 1000 for value in standing.translation_um)
    place = said("at {x:.3f}, {y:.3f}, {z:.3f} mm", x=x, y=y, z=z)
    if evidence.unhealed:
        yield rule.says(Status.INDETERMINATE, evidence.unhealed)
    elif evidence.healed_um > JOIN_UM and evidence.demand.placement is not None:
        yield rule.says(
            Status.WARN,
            said(
                "the model stands as declared, {place}; it is not closed, and its sections "
                "were closed over gaps within what the demand allows",
                place=place,
            ),
            measured=evidence.healed_um / 1000,
            limit=evidence.demand.heal_um / 1000,
            unit="mm",
        )
    elif evidence.open_section_um > OPEN_UM:
        yield rule.says(
            Status.FAIL,
            said("the model is not closed: its sections have open ends; repair the model"),
            measured=evidence.open_section_um / 1000,
            limit=OPEN_UM / 1000,
            unit="mm",
        )
    elif evidence.demand.placement is not None:
        yield from rule.passes(said("the model stands as declared, {place}", place=place))
    elif standing.agreeing < LEAST_AGREEING:
        yield rule.says(
            Status.FAIL,
            said(
                "only {agreeing:.0%} of the layers fit the model at its best place, {place}",
                agreeing=standing.agreeing,
                place=place,
            ),
            measured=standing.agreeing,
            limit=LEAST_AGREEING,
        )
    else:
        yield rule.says(
            Status.PASS,
            said(
                "the model was found {place}, turned by {degrees} degrees",
                place=place,
                degrees=90 * standing.quarter_turns,
            )
            if standing.quarter_turns
            else said("the model was found {place}", place=place),
            measured=standing.agreeing,
            limit=LEAST_AGREEING,
        )


RULE = Rule("G-01", said("Where the part stands"), said("placement of the request"), check)
