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

    PASS: with 3 % less and more plastic the limits are kept with U (2 um of a place, 0.5 um of a
    median). FAIL: under every model of a bead (stadium, rectangle, 3 % less and more) one is broken
    by more than U (5 um of a place). Between the two nobody can tell: INDETERMINATE. Flat sides lie
    further in on all walls of all layers alike: on the whole they are held to the inward limit, and
    whether a layer is laid as the others does not depend on them.

Example
    The outer wall of one layer left out.

Source
    process profile, integrity.inward_mm, contiguous_mm
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.deviation import FINE_UNCERTAINTY_UM, UNCERTAINTY_UM
from printstd.audit.quantiles import median, percentile
from printstd.audit.rule import Evidence, Rule, at_spot, parts_of_u
from printstd.audit.spot import Spot
from printstd.words import counted, said

THIN_LENGTH_UM = 3000.0
BIAS_BOUNDARY_UM = 10_000.0
BIAS_SAMPLES = 16
ODD_SHARE = 0.5
"""Of the outward limit: the walls of honest layers differ by less than 10 um (medians), a layer fed
8 % short by 16."""
U_MEDIAN_UM = 0.5
"""Of the median of 16 samples and more, k = 2, apart from what models of a bead differ by."""
LUCK_SIGMAS = 4.0
SAMPLES_PER_PLACE = 6.0
"""Samples lie half a mm apart, places where fuzzy skin turns about 0.8 mm, and each of those has to
do with its neighbours; medians of honest layers scatter by as much."""


def _luck(n_samples: int) -> float:
    """By how much of the thickness the median of evenly drawn offsets may be off: four times its
    standard deviation, 1/sqrt(n), over places that have nothing to do with each other."""
    alone = n_samples / SAMPLES_PER_PLACE
    return min(1.0, LUCK_SIGMAS / float(np.sqrt(max(alone, 1.0))))


class _Bias(NamedTuple):
    """Median of how far a layer's walls lie inside the outline, um, under each model of a bead.
    slack : by how much more it may be."""

    layer: int
    usual: float
    lean: float
    rich: float
    rectangle: float
    slack: float

    def less(self, usual: _Bias) -> tuple[float, float, float]:
        """Off those of the other layers. A rectangle's side lies as much further in on all."""
        return self.lean - usual.lean, self.usual - usual.usual, self.rich - usual.rich


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    found = [*_unreached(rule, evidence), *_displaced(rule, evidence)]
    yield from found
    if not found:
        limits, figures = evidence.demand.integrity, evidence.figures or ()
        short = [
            percentile(f.deviation.samples_um, 99) for f in figures if len(f.deviation.samples_um)
        ]
        yield from rule.passes(
            said("the outline is reached everywhere"),
            measured=float(np.clip(max(short, default=0.0), 0.0, limits.inward_um)) / 1000,
            limit=limits.inward_um / 1000,
            unit="mm",
            details=parts_of_u(evidence.spread, FINE_UNCERTAINTY_UM),
        )


def _unreached(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    """Stretches of the outline that no bead reaches."""
    limits = evidence.demand.integrity
    every = [(f.layer, f.deviation.inward) for f in evidence.figures or ()]
    spots = [(layer, spot) for layer, own in every for spot in own.usual]
    spots.sort(key=lambda item: (-item[1].length_um, item[0]))
    failed = [(layer, spot) for layer, spot in spots if _is_over(spot)]
    doubtful = [(layer, spot) for layer, own in every for spot in own.worst if _is_over(spot)]
    doubtful.sort(key=lambda item: (-item[1].length_um, item[0]))
    if failed and any(_is_over(spot) for _, own in every for spot in own.best):
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
            details=parts_of_u(evidence.spread, UNCERTAINTY_UM),
        )
    elif failed or doubtful:
        shown = failed or doubtful
        spot = shown[0][1]
        yield rule.says(
            Status.INDETERMINATE,
            said(
                "whether {length_mm:.2f} mm of the outline is reached depends on how the sides of "
                "beads lie; {places} in all",
                length_mm=spot.length_um / 1000,
                places=counted("{count} such place", "{count} such places", count=len(shown)),
            ),
            measured=min(spot.deviation_um, 1e7) / 1000,
            limit=limits.inward_um / 1000,
            unit="mm",
            where=[at_spot(evidence, layer, spot.at_um) for layer, spot in shown[:5]],
            details=parts_of_u(evidence.spread, FINE_UNCERTAINTY_UM),
        )
    elif spots:
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
            details=parts_of_u(evidence.spread, FINE_UNCERTAINTY_UM),
        )


def _is_over(spot: Spot) -> bool:
    return not spot.is_thin or spot.length_um > THIN_LENGTH_UM


def _displaced(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    """Walls that lie off the outline on the whole, or not where those of other layers do."""
    limits = evidence.demand.integrity
    biased = _biases(evidence)
    if not biased:
        return
    out, in_ = float(limits.outward_um), float(limits.inward_um)
    wholly = [one for one in biased if _is_off(one, out)]
    maybe = [one for one in biased if _may_be_off(one, out, in_)]
    middle = _Bias(*(float(np.median(column)) for column in zip(*biased, strict=True)))  # type: ignore[arg-type]
    odd_limit = ODD_SHARE * out
    odd = [
        (one, off)
        for one in biased
        for off in [one.less(middle)]
        if min(abs(off[0]), abs(off[1]), abs(off[2])) > odd_limit + one.slack + U_MEDIAN_UM
    ]
    maybe_odd = [
        (one, off)
        for one in biased
        for off in [one.less(middle)]
        if max(abs(off[0]), abs(off[1]), abs(off[2])) > odd_limit + one.slack - U_MEDIAN_UM
    ]
    details = parts_of_u(evidence.spread, U_MEDIAN_UM)
    if wholly:
        bias = max((one.usual for one in wholly), key=abs)
        yield rule.says(
            Status.FAIL,
            counted(
                "the walls of {count} layer lie {bias_mm:.3f} mm inside the outline on the whole",
                "the walls of {count} layers lie {bias_mm:.3f} mm inside the outline on the whole",
                count=len(wholly),
                bias_mm=bias / 1000,
            )
            if bias > 0
            else counted(
                "the walls of {count} layer lie {bias_mm:.3f} mm outside the outline on the whole",
                "the walls of {count} layers lie {bias_mm:.3f} mm outside the outline on the whole",
                count=len(wholly),
                bias_mm=-bias / 1000,
            ),
            measured=abs(bias) / 1000,
            limit=out / 1000,
            unit="mm",
            details=details,
        )
    elif odd:
        one, off = max(odd, key=lambda item: abs(item[1][1]))
        bias = off[1]
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
            limit=odd_limit / 1000,
            unit="mm",
            where=[Where(frame="bed", layer=one.layer)],
            details=details,
        )
    elif maybe:
        bias = max((one.usual for one in maybe), key=abs)
        yield rule.says(
            Status.INDETERMINATE,
            said(
                "whether the walls of {layers} lie where the outline is on the whole depends on "
                "how the sides of beads lie",
                layers=counted("{count} layer", "{count} layers", count=len(maybe)),
            ),
            measured=abs(bias) / 1000,
            limit=out / 1000,
            unit="mm",
            where=[Where(frame="bed", layer=one.layer) for one in maybe[:5]],
            details=details,
        )
    elif maybe_odd:
        one, off = max(maybe_odd, key=lambda item: abs(item[1][1]))
        yield rule.says(
            Status.INDETERMINATE,
            said(
                "whether the walls of {layers} lie as those of the others is within U of the limit",
                layers=counted("{count} layer", "{count} layers", count=len(maybe_odd)),
            ),
            measured=abs(off[1]) / 1000,
            limit=odd_limit / 1000,
            unit="mm",
            where=[Where(frame="bed", layer=one.layer) for one, _ in maybe_odd[:5]],
            details=details,
        )


def _biases(evidence: Evidence) -> list[_Bias]:
    figures = evidence.figures or ()
    rough = float(evidence.demand.compensations.fuzzy_um)
    # Of rough walls the median itself is a matter of luck; a smooth turn of a spiral lies on the
    # mean half-way between two outlines, which the flat layers and the level turn do not.
    between = float(np.median([f.between_um for f in figures])) if figures else 0.0
    found = []
    for f in figures:
        own = f.deviation
        if own.boundary_um <= BIAS_BOUNDARY_UM or len(own.samples_um) < BIAS_SAMPLES:
            continue
        luck = rough * _luck(len(own.samples_um)) if rough else 0.0
        found.append(
            _Bias(
                f.layer,
                median(own.samples_um),
                # As much less plastic draws a side in as more puts it out.
                median(own.samples_um + own.outwards_um),
                median(own.samples_um - own.outwards_um),
                median(own.samples_um + own.inwards_um),
                luck + max(f.between_um, between),
            )
        )
    return found


def _is_off(one: _Bias, limit: float) -> bool:
    """Beyond the limit, whatever the model."""
    bound = limit + one.slack + U_MEDIAN_UM
    return one.rich > bound or -one.rectangle > bound


def _may_be_off(one: _Bias, out: float, in_: float) -> bool:
    """Beyond it under some model. Sides that are flat lie further in than round ones on every wall
    of every program; that is a deviation to the inside, and held to its limit."""
    bound = out + one.slack - U_MEDIAN_UM
    return (
        one.lean > bound
        or -one.rich > bound
        or one.rectangle > max(in_, out) + one.slack - U_MEDIAN_UM
    )


RULE = Rule(
    "G-04", said("The outline is reached"), said("process: integrity.inward_mm"), check, True
)
