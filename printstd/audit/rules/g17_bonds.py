"""G-17: Walls touch each other

What it demands
    Where several walls are declared, each touches the next: the gap between them may be wider
    than 0.05 mm along 15 % of a layer (where walls join or end), and nowhere for more than 10
    mm on end.

Why
    Walls that only stand beside each other carry as little as the outer one alone, and leak. The
    number of walls is right, and so is nearly all of the volume.

How it is measured
    The line so far behind the place where each declared wall ends must be covered by the next,
    where the part is thick enough for all of them.

Example
    Inner walls laid a tenth of a millimetre further in, or fed with half of their filament.

Source
    process profile, walls.count; mutants A46 and A52 of the mutation score
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.rule import Evidence, Rule, at_spot
from printstd.words import counted, said

BARE_SHARE = 0.15
BARE_UM = 5_000.0
STRETCH_UM = 10_000.0


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    wanted = [limits.min_wall_count for _, every in evidence.places for limits in every]
    if max(wanted, default=0) < 2:
        yield from rule.does_not_apply(said("not more than one wall was declared"))
        return
    figures = evidence.figures or ()
    failed = [
        f
        for f in figures
        if f.joints.bare_um > max(BARE_UM, BARE_SHARE * f.joints.length_um)
        or any(spot.length_um > STRETCH_UM for spot in f.joints.spots)
    ]
    if failed:
        worst = max(failed, key=lambda f: f.joints.bare_um)
        yield rule.says(
            Status.FAIL,
            counted(
                "the walls of {count} layer do not touch each other",
                "the walls of {count} layers do not touch each other",
                count=len(failed),
            ),
            measured=worst.joints.bare_um / 1000,
            limit=max(BARE_UM, BARE_SHARE * worst.joints.length_um) / 1000,
            unit="mm",
            where=[at_spot(evidence, worst.layer, spot.at_um) for spot in worst.joints.spots[:1]]
            + [Where(frame="bed", layer=f.layer) for f in failed[:4]],
        )
        return
    length = sum(f.joints.length_um for f in figures)
    bare = sum(f.joints.bare_um for f in figures)
    yield from rule.passes(
        said("each wall touches the next"),
        measured=bare / length if length else 0.0,
        limit=BARE_SHARE,
        unit="of their length",
    )


RULE = Rule("G-17", said("Walls touch each other"), said("process: walls.count"), check, True)
