"""G-04: The outline is reached

What it demands
    Along the model's boundary the beads fall short of it by no more than the process allows
    over any 1 mm; on no layer do they lie off it by more than the outward limit on the whole
    (median), nor by more than half of it off where those of the other layers lie.

Why
    A missing or displaced wall is a hole in the part, or a part too small.

How it is measured
    The section's boundary, drawn in by the limit, is cut with the united beads; stretches that
    no bead covers are measured. No bead fills a corner sharper than itself: w/2 (1/sin(a/2) - 1)
    is allowed there. Where two beads do not fit side by side, up to 3 mm of boundary may be
    missing (WARN).

Example
    The outer wall of one layer left out.

Source
    process profile, integrity.inward_mm, contiguous_mm
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.rule import Evidence, Rule, at_spot
from printstd.words import counted, said

THIN_LENGTH_UM = 3000.0
BIAS_BOUNDARY_UM = 10_000.0
BIAS_SAMPLES = 16
ODD_SHARE = 0.5
"""Of the outward limit: the walls of honest layers differ by less than 10 um (medians), a layer fed
8 % short by 16."""
LUCK_SIGMAS = 4.0
SAMPLES_PER_PLACE = 6.0
"""Samples lie half a mm apart, places where fuzzy skin turns about 0.8 mm, and each of those has to
do with its neighbours; medians of honest layers scatter by as much."""


def _luck(n_samples: int) -> float:
    """By how much of the thickness the median of evenly drawn offsets may be off: four times its
    standard deviation, 1/sqrt(n), over places that have nothing to do with each other."""
    alone = n_samples / SAMPLES_PER_PLACE
    return min(1.0, LUCK_SIGMAS / float(np.sqrt(max(alone, 1.0))))


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    limits = evidence.demand.integrity
    figures = evidence.figures or ()
    rough = float(evidence.demand.compensations.fuzzy_um)
    spots = [(f.layer, spot) for f in figures for spot in f.deviation.inward]
    spots.sort(key=lambda item: (-item[1].length_um, item[0]))
    failed = [
        (layer, spot)
        for layer, spot in spots
        if not spot.is_thin or spot.length_um > THIN_LENGTH_UM
    ]
    is_clean = True
    if failed:
        is_clean = False
        spot = failed[0][1]
        yield rule.says(
            Status.FAIL,
            said(
                "{length_mm:.2f} mm of the outline is not reached, by {deviation_mm:.3f} mm; "
                "{places} in all",
                length_mm=spot.length_um / 1000,
                deviation_mm=spot.deviation_um / 1000,
                places=counted("{count} such place", "{count} such places", count=len(failed)),
            ),
            measured=min(spot.deviation_um, 1e7) / 1000,
            limit=limits.inward_um / 1000,
            unit="mm",
            where=[at_spot(evidence, layer, spot.at_um) for layer, spot in failed[:5]],
        )
    elif spots:
        is_clean = False
        spot = spots[0][1]
        yield rule.says(
            Status.WARN,
            said(
                "{features} too thin for two beads left out, {length_mm:.2f} mm of outline at most",
                features=counted(
                    "{count} small feature", "{count} small features", count=len(spots)
                ),
                length_mm=spot.length_um / 1000,
            ),
            measured=spot.length_um / 1000,
            limit=THIN_LENGTH_UM / 1000,
            unit="mm",
            where=[at_spot(evidence, layer, spot.at_um) for layer, spot in spots[:5]],
        )
    biased = [
        (f.layer, float(np.median(f.deviation.samples_um)))
        for f in figures
        if f.deviation.boundary_um > BIAS_BOUNDARY_UM
        and len(f.deviation.samples_um) >= BIAS_SAMPLES
    ]
    usual = float(np.median([bias for _, bias in biased])) if biased else 0.0
    odd = [(layer, bias - usual) for layer, bias in biased]
    odd = [(layer, bias) for layer, bias in odd if abs(bias) > ODD_SHARE * limits.outward_um]
    off = [(layer, bias) for layer, bias in biased if abs(bias) > limits.outward_um]
    # Of rough walls the median itself is a matter of luck; a smooth turn of a spiral lies on the
    # mean half-way between two outlines, which the flat layers and the level turn do not.
    between = float(np.median([f.between_um for f in figures])) if figures else 0.0
    slack = {
        f.layer: (rough * _luck(len(f.deviation.samples_um)) if rough else 0.0)
        + max(f.between_um, between)
        for f in figures
    }
    odd = [
        (layer, bias)
        for layer, bias in odd
        if abs(bias) > ODD_SHARE * limits.outward_um + slack[layer]
    ]
    off = [(layer, bias) for layer, bias in off if abs(bias) > limits.outward_um + slack[layer]]
    if off:
        is_clean = False
        _, bias = max(off, key=lambda item: abs(item[1]))
        yield rule.says(
            Status.FAIL,
            counted(
                "the walls of {count} layer lie {bias_mm:.3f} mm inside the outline on the whole",
                "the walls of {count} layers lie {bias_mm:.3f} mm inside the outline on the whole",
                count=len(off),
                bias_mm=bias / 1000,
            )
            if bias > 0
            else counted(
                "the walls of {count} layer lie {bias_mm:.3f} mm outside the outline on the whole",
                "the walls of {count} layers lie {bias_mm:.3f} mm outside the outline on the whole",
                count=len(off),
                bias_mm=-bias / 1000,
            ),
            measured=abs(bias) / 1000,
            limit=limits.outward_um / 1000,
            unit="mm",
        )
    elif odd:
        is_clean = False
        layer, bias = max(odd, key=lambda item: abs(item[1]))
        yield rule.says(
            Status.FAIL,
            counted(
                "the walls of {count} layer are laid {bias_mm:.3f} mm further in than those of "
                "the others",
                "the walls of {count} layers are laid {bias_mm:.3f} mm further in than those of "
                "the others",
                count=len(odd),
                bias_mm=bias / 1000,
            )
            if bias > 0
            else counted(
                "the walls of {count} layer are laid {bias_mm:.3f} mm further out than those of "
                "the others",
                "the walls of {count} layers are laid {bias_mm:.3f} mm further out than those of "
                "the others",
                count=len(odd),
                bias_mm=-bias / 1000,
            ),
            measured=abs(bias) / 1000,
            limit=ODD_SHARE * limits.outward_um / 1000,
            unit="mm",
            where=[Where(frame="bed", layer=layer)],
        )
    if is_clean:
        short = [
            float(np.percentile(f.deviation.samples_um, 99))
            for f in figures
            if len(f.deviation.samples_um)
        ]
        yield from rule.passes(
            said("the outline is reached everywhere"),
            measured=float(np.clip(max(short, default=0.0), 0.0, limits.inward_um)) / 1000,
            limit=limits.inward_um / 1000,
            unit="mm",
        )


RULE = Rule(
    "G-04", said("The outline is reached"), said("process: integrity.inward_mm"), check, True
)
