"""G-07: Closed skins

What it demands
    Every surface that faces up or down is covered, and so are the layers that must be solid
    beneath it.

Why
    A hole in a skin is a hole in the part; a shell of fewer layers than declared is a weak one.

How it is measured
    What the neighbouring layer's section does not cover must be covered by beads, down to holes
    of three quarters of a bead; what lies within the declared number of layers of a surface, a
    bead from the walls, must be covered to three quarters. PASS holds with 3 % less plastic, FAIL
    under every model of a bead (stadium, rectangle, 3 % less and more); between them it is
    INDETERMINATE.

Example
    The top layers printed as sparse infill.

Source
    process profile, shells
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.bead_models import Bracket
from printstd.audit.coverage import SHELL_BARE_UM2
from printstd.audit.layer_job import LayerFigures
from printstd.audit.rule import Evidence, Rule, at_spot, parts_of_u
from printstd.words import counted, said

HOLE_UM = 1000.0
BARE_SHARE = 0.05
BARE_UM2 = 2e6
SHELL_SHARE = 0.25


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    if not any(any(limits.solid_layers) for _, every in evidence.places for limits in every):
        yield from rule.does_not_apply(said("no solid layers are demanded"))
        return
    figures = evidence.figures or ()
    if rule.is_left_open(evidence, "shells"):
        skin = sum(f.coverage.skin_area for f in figures)
        open_ = sum(f.coverage.skin_bare.usual for f in figures)
        shell = sum(f.coverage.shell_area for f in figures)
        hollow = sum(f.coverage.shell_bare.usual for f in figures)
        yield from rule.only_measured(
            evidence,
            said(
                "{bare_mm2:.1f} of {skin_mm2:.0f} mm2 of skin lie bare; {hollow:.1%} behind it, as "
                "deep as the process has solid layers, are not filled",
                bare_mm2=open_ / 1e6,
                skin_mm2=skin / 1e6,
                hollow=hollow / shell if shell else 0.0,
            ),
            measured=open_ / 1e6,
            unit="mm2",
        )
        return
    details = parts_of_u(evidence.reach_spread)
    is_clean = True
    skins = Bracket(*(_bare_skins(figures, model) for model in Bracket._fields))
    if skins.worst:
        is_clean = False
        is_sure = bool(skins.best)
        model = "best" if is_sure else "worst"
        layers = skins.best or skins.worst
        holes = [
            (f.layer, spot)
            for f in figures
            for spot in getattr(f.coverage.skin_spots, model)
            if spot.length_um > HOLE_UM
        ]
        many = counted("{count} layer", "{count} layers", count=len(layers))
        area = max(getattr(f.coverage.skin_bare, model) for f in figures)
        yield rule.says(
            Status.FAIL if is_sure else Status.INDETERMINATE,
            said("holes in the skin of {layers}", layers=many)
            if is_sure
            else said(
                "whether there are holes in the skin of {layers} depends on how the sides of "
                "beads lie",
                layers=many,
            ),
            measured=area / 1e6,
            limit=BARE_UM2 / 1e6,
            unit="mm2",
            where=[at_spot(evidence, layer, spot.at_um) for layer, spot in holes[:5]]
            or [Where(frame="bed", layer=layer) for layer in layers[:5]],
            details=details,
        )
    shells = Bracket(*(_bare_shells(figures, model) for model in Bracket._fields))
    if shells.worst:
        is_clean = False
        is_sure = bool(shells.best)
        own = shells.best or shells.worst
        of_model = attrgetter("best" if is_sure else "worst")
        worst = max(own, key=lambda f: of_model(f.coverage.shell_bare))
        many = counted("{count} layer", "{count} layers", count=len(own))
        yield rule.says(
            Status.FAIL if is_sure else Status.INDETERMINATE,
            said("{layers} of the solid shell are not solid", layers=many)
            if is_sure
            else said(
                "whether {layers} of the solid shell are solid depends on how the sides of beads "
                "lie",
                layers=many,
            ),
            measured=of_model(worst.coverage.shell_bare) / worst.coverage.shell_area,
            limit=SHELL_SHARE,
            unit="of the area",
            where=[Where(frame="bed", layer=f.layer) for f in own[:5]],
            details=details,
        )
    if is_clean:
        area = sum(f.coverage.skin_area for f in figures)
        lost = sum(f.coverage.skin_bare.usual for f in figures)
        yield from rule.passes(
            said("{area:.0f} mm2 of skin closed", area=area / 1000000.0),
            measured=lost / 1e6,
            limit=BARE_UM2 / 1e6,
            unit="mm2",
            details=details,
        )


def _bare_skins(figures: Iterable[LayerFigures], model: str) -> list[int]:
    """Layers whose skin has too much that is bare under one model of a bead."""
    return [
        f.layer
        for f in figures
        for bare, spots in [
            (getattr(f.coverage.skin_bare, model), getattr(f.coverage.skin_spots, model))
        ]
        if bare > max(BARE_UM2, BARE_SHARE * f.coverage.skin_area)
        or any(spot.length_um > HOLE_UM for spot in spots)
    ]


def _bare_shells(figures: Iterable[LayerFigures], model: str) -> list[LayerFigures]:
    return [
        f
        for f in figures
        if getattr(f.coverage.shell_bare, model)
        > max(SHELL_BARE_UM2, SHELL_SHARE * f.coverage.shell_area)
    ]


RULE = Rule("G-07", said("Closed skins"), said("process: shells"), check, True)
