"""G-07: Closed skins

What it demands
    Every surface that faces up or down is covered, and so are the layers that must be solid
    beneath it.

Why
    A hole in a skin is a hole in the part; a shell of fewer layers than declared is a weak one.

How it is measured
    What the neighbouring layer's section does not cover must be covered by beads, down to holes
    of three quarters of a bead; what lies within the declared number of layers of a surface, a
    bead from the walls, must be covered to three quarters.

Example
    The top layers printed as sparse infill.

Source
    process profile, shells
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.rule import Evidence, Rule, at_spot
from printstd.words import counted, said

HOLE_UM = 1000.0
BARE_SHARE = 0.05
BARE_UM2 = 2e6
SHELL_SHARE = 0.25
SHELL_UM2 = 10e6


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    if not any(any(limits.solid_layers) for _, every in evidence.places for limits in every):
        yield from rule.does_not_apply(said("no solid layers are demanded"))
        return
    figures = evidence.figures or ()
    if rule.is_left_open(evidence, "shells"):
        skin = sum(f.coverage.skin_area for f in figures)
        open_ = sum(f.coverage.skin_bare for f in figures)
        shell = sum(f.coverage.shell_area for f in figures)
        hollow = sum(f.coverage.shell_bare for f in figures)
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
    holes = [
        (f.layer, spot)
        for f in figures
        for spot in f.coverage.skin_spots
        if spot.length_um > HOLE_UM
    ]
    bare = [
        f
        for f in figures
        if f.coverage.skin_bare > max(BARE_UM2, BARE_SHARE * f.coverage.skin_area)
    ]
    shells = [
        f
        for f in figures
        if f.coverage.shell_bare > max(SHELL_UM2, SHELL_SHARE * f.coverage.shell_area)
    ]
    is_clean = True
    if holes or bare:
        is_clean = False
        layers = sorted({layer for layer, _ in holes} | {f.layer for f in bare})
        area = max(f.coverage.skin_bare for f in figures)
        yield rule.says(
            Status.FAIL,
            said(
                "holes in the skin of {layers}",
                layers=counted("{count} layer", "{count} layers", count=len(layers)),
            ),
            measured=area / 1e6,
            limit=BARE_UM2 / 1e6,
            unit="mm2",
            where=[at_spot(evidence, layer, spot.at_um) for layer, spot in holes[:5]]
            or [Where(frame="bed", layer=layer) for layer in layers[:5]],
        )
    if shells:
        is_clean = False
        worst = max(shells, key=lambda f: f.coverage.shell_bare)
        yield rule.says(
            Status.FAIL,
            said(
                "{layers} of the solid shell are not solid",
                layers=counted("{count} layer", "{count} layers", count=len(shells)),
            ),
            measured=worst.coverage.shell_bare / worst.coverage.shell_area,
            limit=SHELL_SHARE,
            unit="of the area",
            where=[Where(frame="bed", layer=f.layer) for f in shells[:5]],
        )
    if is_clean:
        area = sum(f.coverage.skin_area for f in figures)
        lost = sum(f.coverage.skin_bare for f in figures)
        yield from rule.passes(
            said("{area:.0f} mm2 of skin closed", area=area / 1000000.0),
            measured=lost / 1e6,
            limit=BARE_UM2 / 1e6,
            unit="mm2",
        )


RULE = Rule("G-07", said("Closed skins"), said("process: shells"), check, True)
