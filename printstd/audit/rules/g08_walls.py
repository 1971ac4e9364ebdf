"""G-08: Walls

What it demands
    As many walls as declared, one within the other, wherever the part is thick enough for them.

Why
    Walls carry the load, and an outer wall alone has nothing to lean on.

How it is measured
    The line along which the innermost declared wall must run is cut with the united beads. It
    may lie bare along 15 % of a layer (where walls join or end), and nowhere for more than 10
    mm on end. PASS holds with 3 % less plastic, FAIL under every model
    of a bead (stadium, rectangle, 3 % less and more); between them it is INDETERMINATE.

Example
    The inner walls of one layer left out.

Source
    process profile, walls.count
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.coverage import Filled
from printstd.audit.rule import Evidence, Rule, at_spot, parts_of_u
from printstd.words import counted, listed, said

BARE_SHARE = 0.15
BARE_UM = 5_000.0
STRETCH_UM = 10_000.0


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    wanted = [limits.min_wall_count for _, every in evidence.places for limits in every]
    if max(wanted, default=0) < 1:
        yield from rule.does_not_apply(said("no number of walls was declared"))
        return
    figures = evidence.figures or ()
    if rule.is_left_open(evidence, "walls"):
        length = sum(filled.wall_length for f in figures for filled in f.coverage.filled)
        bare = sum(filled.wall_bare.usual for f in figures for filled in f.coverage.filled)
        covered = 1.0 - bare / length if length else 0.0
        yield from rule.only_measured(
            evidence,
            said(
                "the line of wall {count} is covered along {covered:.1%} of its length",
                count=max(wanted),
                covered=covered,
            ),
            measured=covered,
            unit=said("of their length"),
        )
        return
    details = parts_of_u(evidence.spread)
    doubtful = None
    for number, (place, limits) in enumerate(evidence.places):
        every = [(f.layer, f.coverage.filled[number]) for f in figures]
        if doubtful is None:
            unsure = [(layer, filled) for layer, filled in every if _is_bare(filled, "worst")]
            doubtful = (place, unsure) if unsure else None
        failed = [(layer, filled) for layer, filled in every if _is_bare(filled, "best")]
        if failed:
            layer, worst = max(failed, key=lambda one: one[1].wall_bare.usual)
            yield rule.says(
                Status.FAIL,
                listed(
                    [
                        said(
                            "fewer than {min_wall_count} walls in {layers}",
                            min_wall_count=limits[layer].min_wall_count,
                            layers=counted("{count} layer", "{count} layers", count=len(failed)),
                        ),
                        *([place] if place else []),
                    ],
                    " ",
                ),
                measured=worst.wall_bare.usual / 1000,
                limit=max(BARE_UM, BARE_SHARE * worst.wall_length) / 1000,
                unit="mm",
                where=[at_spot(evidence, layer, spot.at_um) for spot in worst.wall_spots.usual[:1]]
                + [Where(frame="bed", layer=layer) for layer, _ in failed[:4]],
                details=details,
            )
            return
    if doubtful is not None:
        place, unsure = doubtful
        layer, worst = max(unsure, key=lambda one: one[1].wall_bare.worst)
        yield rule.says(
            Status.INDETERMINATE,
            listed(
                [
                    said(
                        "whether all walls are there in {layers} depends on how the sides of "
                        "beads lie",
                        layers=counted("{count} layer", "{count} layers", count=len(unsure)),
                    ),
                    *([place] if place else []),
                ],
                " ",
            ),
            measured=worst.wall_bare.worst / 1000,
            limit=max(BARE_UM, BARE_SHARE * worst.wall_length) / 1000,
            unit="mm",
            where=[at_spot(evidence, layer, spot.at_um) for spot in worst.wall_spots.worst[:1]]
            + [Where(frame="bed", layer=layer) for layer, _ in unsure[:4]],
            details=details,
        )
        return
    length = sum(filled.wall_length for f in figures for filled in f.coverage.filled)
    bare = sum(filled.wall_bare.usual for f in figures for filled in f.coverage.filled)
    least, most = min(wanted), max(wanted)
    yield from rule.passes(
        said("{walls} walls everywhere", walls=most)
        if least == most
        else said(
            "{least} to {most}, as their ranges and regions want, walls everywhere",
            least=least,
            most=most,
        ),
        measured=bare / length if length else 0.0,
        limit=BARE_SHARE,
        unit="of their length",
        details=details,
    )


def _is_bare(filled: Filled, model: str) -> bool:
    """Too much of the innermost wall is not there, under one model of a bead."""
    return getattr(filled.wall_bare, model) > max(BARE_UM, BARE_SHARE * filled.wall_length) or any(
        spot.length_um > STRETCH_UM for spot in getattr(filled.wall_spots, model)
    )


RULE = Rule("G-08", said("Walls"), said("process: walls.count"), check, True)
