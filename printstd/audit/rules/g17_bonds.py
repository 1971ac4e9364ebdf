"""G-17: Beads touch each other

What it demands
    Where several walls are declared, each touches the next: the gap between them may be wider
    than 0.05 mm along 15 % of a layer (where walls join or end), and nowhere for more than 10
    mm on end. Lines of the solid shell touch, too: what gaps leave open of a layer's shell beyond
    0.05 mm each is at most a tenth of its area.

Why
    Walls that only stand beside each other carry as little as the outer one alone, and leak; so
    does a skin of lines with gaps. The number of walls and layers is right, no hole is large, and
    so is nearly all of the volume.

How it is measured
    The line so far behind the place where each declared wall ends must be covered by the next,
    where the part is thick enough for all of them. Of the shell, a bead from walls and sparse
    infill, the cells count whose middles lie further than half a gap from every bead. PASS holds
    with 3 % less plastic, FAIL under every model of a bead (stadium, rectangle, 3 % less and more);
    between them it is INDETERMINATE. Flat sides meet where round ones overlap, and the gap that is
    allowed is wider than what models differ by.

Example
    Inner walls laid a tenth of a millimetre further in, or a skin fed with 60 %.

Source
    process profile, walls.count and shells; mutants A46, A49 and A52 of the mutation score
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.bead_models import Bracket
from printstd.audit.bonds import OPEN_UM2
from printstd.audit.layer_job import LayerFigures
from printstd.audit.rule import Evidence, Rule, at_spot, parts_of_u
from printstd.words import counted, said

BARE_SHARE = 0.15
BARE_UM = 5_000.0
STRETCH_UM = 10_000.0
OPEN_SHARE = 0.10


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    figures = evidence.figures or ()
    length = sum(f.joints.length_um for f in figures)
    shell = sum(f.joints.shell_um2 for f in figures)
    if not length and not shell:
        yield from rule.does_not_apply(said("no two walls and no solid shell were declared"))
        return
    if rule.is_left_open(evidence, "walls") or rule.is_left_open(evidence, "shells"):
        bare = sum(f.joints.bare_um.usual for f in figures)
        yield from rule.only_measured(
            evidence,
            said(
                "walls stand apart along {bare_mm:.1f} of {length_mm:.1f} mm",
                bare_mm=bare / 1000,
                length_mm=length / 1000,
            ),
            measured=bare / 1000,
            unit="mm",
        )
        return
    details = parts_of_u(evidence.spread)
    is_clean = True
    apart = Bracket(*(_walls_apart(figures, model) for model in Bracket._fields))
    if apart.worst:
        is_clean = False
        is_sure = bool(apart.best)
        model = "best" if is_sure else "worst"
        own = apart.best or apart.worst
        worst = max(own, key=lambda f: getattr(f.joints.bare_um, model))
        spots = getattr(worst.joints.spots, model)
        yield rule.says(
            Status.FAIL if is_sure else Status.INDETERMINATE,
            counted(
                "the walls of {count} layer do not touch each other",
                "the walls of {count} layers do not touch each other",
                count=len(own),
            )
            if is_sure
            else said(
                "whether the walls of {layers} touch each other depends on how the sides of beads "
                "lie",
                layers=counted("{count} layer", "{count} layers", count=len(own)),
            ),
            measured=getattr(worst.joints.bare_um, model) / 1000,
            limit=max(BARE_UM, BARE_SHARE * worst.joints.length_um) / 1000,
            unit="mm",
            where=[at_spot(evidence, worst.layer, spot.at_um) for spot in spots[:1]]
            + [Where(frame="bed", layer=f.layer) for f in own[:4]],
            details=details,
        )
    loose = Bracket(*(_shells_open(figures, model) for model in Bracket._fields))
    if loose.worst:
        is_clean = False
        is_sure = bool(loose.best)
        of_model = attrgetter("best" if is_sure else "worst")
        own = loose.best or loose.worst
        worst = max(own, key=lambda f: of_model(f.joints.open_um2) / f.joints.shell_um2)
        yield rule.says(
            Status.FAIL if is_sure else Status.INDETERMINATE,
            counted(
                "the lines of the solid shell in {count} layer do not touch each other",
                "the lines of the solid shell in {count} layers do not touch each other",
                count=len(own),
            )
            if is_sure
            else said(
                "whether the lines of the solid shell in {layers} touch each other depends on how "
                "the sides of beads lie",
                layers=counted("{count} layer", "{count} layers", count=len(own)),
            ),
            measured=of_model(worst.joints.open_um2) / worst.joints.shell_um2,
            limit=OPEN_SHARE,
            unit="of the area",
            where=[Where(frame="bed", layer=f.layer) for f in own[:5]],
            details=details,
        )
    if is_clean:
        bare = sum(f.joints.bare_um.usual for f in figures)
        yield from rule.passes(
            said("every bead of walls and shells touches the next"),
            measured=bare / length if length else 0.0,
            limit=BARE_SHARE,
            unit="of the walls' length",
            details=details,
        )


def _walls_apart(figures: Iterable[LayerFigures], model: str) -> list[LayerFigures]:
    """Layers whose walls do not touch for too long under one model of a bead."""
    return [
        f
        for f in figures
        if getattr(f.joints.bare_um, model) > max(BARE_UM, BARE_SHARE * f.joints.length_um)
        or any(spot.length_um > STRETCH_UM for spot in getattr(f.joints.spots, model))
    ]


def _shells_open(figures: Iterable[LayerFigures], model: str) -> list[LayerFigures]:
    return [
        f
        for f in figures
        if getattr(f.joints.open_um2, model) > max(OPEN_UM2, OPEN_SHARE * f.joints.shell_um2)
    ]


RULE = Rule(
    "G-17", said("Beads touch each other"), said("process: walls.count and shells"), check, True
)
