"""G-09: Infill density

What it demands
    The inside is filled to the declared density, without voids wider than its lines are apart:
    in every stretch of five layers not less than the window's lower end by more than one line,
    on the whole not less, and not more than its upper end (WARN, since slicers make small
    insides solid).

Why
    Infill carries the roof and the load. What is missing inside shows nowhere outside.

How it is measured
    Length of bead inside the region that is 1.5 mm away from walls and shells, times its
    cross-section, over that region's volume. How many lines fit into a region is a whole number:
    one more or less, half the region's border long, is no fault of a stretch; over n layers
    such luck shrinks by the root of n. A void is a place without infill within one and a quarter
    distances of lines at the least density. Where infill of n layers may be laid as one, stretches
    are whole numbers of n, and a void is one in n layers on end. Infill that follows the walls is
    measured up to them; infill that thins out away from the surface is measured next to it, and
    further inside voids may double with every such distance; infill that only carries roofs has
    voids nowhere right under them, and each of its beads lies on one of the layer below, walls and
    shells apart. A density passes as it is commanded, the window being what is allowed to flow, and
    fails if it does with 3 % more plastic; between the two it is INDETERMINATE. Voids and what lies
    on what are asked of middle lines, on which no model of a bead has a say.

Example
    No infill in layers 10 to 20, or every second line of it.

Source
    process profile, infill.density_ratio and integrity.infill_window_ratio
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from printstd.artifacts.demand import IntegrityLimits
from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.bead_models import FLOW_RATIO
from printstd.audit.rule import Evidence, Rule, at_spot, parts_of_volume
from printstd.words import counted, listed, said

STRETCH = 5
LEAST_AREA_UM2 = 100e6


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    asked = [
        number
        for number, (_, every) in enumerate(evidence.places)
        if any(limits.infill_permille for limits in every)
    ]
    if not asked:
        yield from rule.does_not_apply(said("no density was declared"))
        return
    if rule.is_left_open(evidence, "infill"):
        yield from _measured(rule, evidence)
        return
    found = [finding for number in asked for finding in _of_place(rule, evidence, number)]
    failed = [finding for finding in found if finding.status is Status.FAIL]
    if found:
        yield from failed[:1] or found
    else:
        yield from rule.does_not_apply(said("the part has no inside to fill"))


def _of_place(rule: Rule, evidence: Evidence, number: int) -> Iterable[Finding]:
    """What is to be said of one place, if anything: the part outside its zones, or a zone."""
    name, limits_of = evidence.places[number]
    for finding in _unnamed(rule, evidence, number, limits_of):
        yield replace(finding, message=listed((finding.message, name), " ")) if name else finding


def _unnamed(
    rule: Rule, evidence: Evidence, number: int, limits_of: Sequence[IntegrityLimits]
) -> Iterable[Finding]:
    figures = evidence.figures or ()
    voids = [(f.layer, spot) for f in figures for spot in f.coverage.filled[number].void_spots]
    loose = [
        (f.layer, f.coverage.loose) for f in figures if f.coverage.loose is not None and number == 0
    ]
    density = _density(rule, evidence, number, limits_of)
    if density is not None and density.status is Status.FAIL:
        yield density
    elif voids:
        radius = voids[0][1].deviation_um
        yield rule.says(
            Status.FAIL,
            said(
                "a void in the infill of {layers}, wider than its lines are apart",
                layers=counted("{count} layer", "{count} layers", count=len(voids)),
            ),
            measured=2 * radius / 1000,
            limit=2 * radius / 1000,
            unit="mm",
            where=[at_spot(evidence, layer, spot.at_um) for layer, spot in voids[:5]],
        )
    elif loose:
        yield rule.says(
            Status.FAIL,
            said(
                "infill laid on nothing in {layers}",
                layers=counted("{count} layer", "{count} layers", count=len(loose)),
            ),
            measured=max(spot.length_um for _, spot in loose) / 1000,
            limit=0.0,
            unit="mm",
            where=[at_spot(evidence, layer, spot.at_um) for layer, spot in loose[:5]],
        )
    elif density is not None:
        yield density
    elif any(limits.infill_shows == "under_roofs" for limits in limits_of):
        yield from rule.passes(said("infill under every roof, and under that infill"))


def _measured(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    """The density itself, and how it goes over stretches of layers."""
    figures, height = evidence.figures or (), evidence.heights.height_um
    area = sum(
        np.array([f.coverage.filled[number].sparse_area for f in figures])
        for number in range(len(evidence.places))
    )
    volume = sum(
        np.array([f.coverage.filled[number].sparse_volume for f in figures])
        for number in range(len(evidence.places))
    )
    area, volume = np.asarray(area, np.float64), np.asarray(volume, np.float64)
    if area.sum() < LEAST_AREA_UM2:
        yield from rule.does_not_apply(said("the part has no inside to fill"))
        return
    ones = np.ones(min(STRETCH, len(area)))
    space = np.convolve(area * height, ones, "same")
    there = (np.convolve(area, ones, "same") >= LEAST_AREA_UM2) & (area > 0)
    along = (np.convolve(volume, ones, "same") / np.maximum(space, 1.0))[there]
    whole = float(volume.sum() / (area * height).sum())
    yield from rule.only_measured(
        evidence,
        said(
            "infill of {whole:.1%} on the whole, {least:.1%} to {most:.1%} over five layers each",
            whole=whole,
            least=float(along.min(initial=whole)),
            most=float(along.max(initial=whole)),
        ),
        measured=whole * 100,
        unit="%",
    )


def _density(
    rule: Rule, evidence: Evidence, number: int, limits_of: Sequence[IntegrityLimits]
) -> Finding | None:
    """What is to be said of the density alone; nothing where there is too little to measure."""
    figures = evidence.figures or ()
    windows = [limits.infill_permille for limits in limits_of]
    lows, highs = np.array([window or (0, 0) for window in windows]).T / 1000
    area = np.array([f.coverage.filled[number].sparse_area for f in figures])
    volume = np.array([f.coverage.filled[number].sparse_volume for f in figures])
    line = np.array([f.coverage.filled[number].sparse_line_volume for f in figures])
    room = area * evidence.heights.height_um
    wanted = lows * room
    if area.sum() < LEAST_AREA_UM2:
        return None
    every = evidence.demand.integrity.infill_every_layers
    ones = np.ones(min(-(-STRETCH // every) * every, len(area)))
    in_area, laid, space, luck, least = (
        np.convolve(values, ones, "same") for values in (area, volume, room, line, wanted)
    )
    density = laid / np.maximum(space, 1.0)
    is_asked = (in_area >= LEAST_AREA_UM2) & (area > 0)
    if number and every > 1:
        # Where a zone begins and ends, a stretch may hold half of what is laid as one.
        is_asked &= np.convolve(area > 0, ones, "same") == len(ones)
    thin = np.flatnonzero((laid * (1 + FLOW_RATIO) + luck < least) & is_asked)
    unsure = np.flatnonzero((laid + luck < least) & is_asked)
    whole = float(volume.sum() / room.sum())
    low, high = (float((ratio * room).sum() / room.sum()) for ratio in (lows, highs))
    whole_luck = float(line.sum() / room.sum() / np.sqrt(np.count_nonzero(area)))
    if len(thin):
        worst = thin[np.argmin(density[thin])]
        return rule.says(
            Status.FAIL,
            said(
                "too little infill around {layers}",
                layers=counted("{count} layer", "{count} layers", count=len(thin)),
            ),
            measured=float(density[worst]) * 100,
            limit=float((least[worst] - luck[worst]) / space[worst]) * 100,
            unit="%",
            where=[Where(frame="bed", layer=int(worst))],
            details=parts_of_volume(),
        )
    if whole * (1 + FLOW_RATIO) + whole_luck < low:
        return rule.says(
            Status.FAIL,
            said("too little infill on the whole"),
            measured=whole * 100,
            limit=(low - whole_luck) * 100,
            unit="%",
            details=parts_of_volume(),
        )
    if len(unsure) or whole + whole_luck < low:
        at = unsure[np.argmin(density[unsure])] if len(unsure) else 0
        return rule.says(
            Status.INDETERMINATE,
            said("whether there is enough infill depends on its flow"),
            measured=float(density[at] if len(unsure) else whole) * 100,
            limit=float((least[at] - luck[at]) / space[at] if len(unsure) else low - whole_luck)
            * 100,
            unit="%",
            where=[Where(frame="bed", layer=int(at))] if len(unsure) else [],
            details=parts_of_volume(),
        )
    if whole > high:
        return rule.says(
            Status.WARN,
            said("more infill on the whole than declared"),
            measured=whole * 100,
            limit=high * 100,
            unit="%",
            details=parts_of_volume(),
        )
    return rule.says(
        Status.PASS,
        said("infill of {whole:.1%} on the whole", whole=whole),
        measured=whole * 100,
        limit=low * 100,
        unit="%",
        details=parts_of_volume(),
    )


RULE = Rule("G-09", said("Infill density"), said("process: infill.density_ratio"), check, True)
