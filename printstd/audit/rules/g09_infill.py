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
    distances of lines at the least density.

Example
    No infill in layers 10 to 20, or every second line of it.

Source
    process profile, infill.density_ratio and integrity.infill_window_ratio
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.rule import Evidence, Rule, at_spot, counted

STRETCH = 5
LEAST_AREA_UM2 = 100e6


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    windows = [limits.infill_permille for limits in evidence.limits]
    if not any(windows):
        yield from rule.does_not_apply("no density was declared")
        return
    figures = evidence.figures or ()
    lows, highs = np.array([window or (0, 0) for window in windows]).T / 1000
    area = np.array([f.coverage.sparse_area for f in figures])
    volume = np.array([f.coverage.sparse_volume for f in figures])
    line = np.array([f.coverage.sparse_line_volume for f in figures])
    room = area * evidence.heights.height_um
    wanted = lows * room
    if area.sum() < LEAST_AREA_UM2:
        yield from rule.does_not_apply("the part has no inside to fill")
        return
    ones = np.ones(min(STRETCH, len(area)))
    in_area, laid, space, luck, least = (
        np.convolve(values, ones, "same") for values in (area, volume, room, line, wanted)
    )
    density = laid / np.maximum(space, 1.0)
    thin = np.flatnonzero((laid + luck < least) & (in_area >= LEAST_AREA_UM2) & (area > 0))
    whole = float(volume.sum() / room.sum())
    low, high = (float((ratio * room).sum() / room.sum()) for ratio in (lows, highs))
    whole_luck = float(line.sum() / room.sum() / np.sqrt(np.count_nonzero(area)))
    voids = [(f.layer, spot) for f in figures for spot in f.coverage.void_spots]
    if len(thin):
        worst = thin[np.argmin(density[thin])]
        yield rule.says(
            Status.FAIL,
            f"too little infill around {counted(len(thin), 'layer')}",
            measured=float(density[worst]) * 100,
            limit=float((least[worst] - luck[worst]) / space[worst]) * 100,
            unit="%",
            where=[Where(frame="bed", layer=int(worst))],
        )
    elif whole + whole_luck < low:
        yield rule.says(
            Status.FAIL,
            "too little infill on the whole",
            measured=whole * 100,
            limit=(low - whole_luck) * 100,
            unit="%",
        )
    elif voids:
        spot = voids[0][1]
        yield rule.says(
            Status.FAIL,
            f"a void in the infill of {counted(len(voids), 'layer')}, wider than its lines are "
            "apart",
            measured=2 * spot.deviation_um / 1000,
            limit=2 * spot.deviation_um / 1000,
            unit="mm",
            where=[at_spot(evidence, layer, spot.at_um) for layer, spot in voids[:5]],
        )
    elif whole > high:
        yield rule.says(
            Status.WARN,
            "more infill on the whole than declared",
            measured=whole * 100,
            limit=high * 100,
            unit="%",
        )
    else:
        yield from rule.passes(
            f"infill of {whole:.1%} on the whole", measured=whole * 100, limit=low * 100, unit="%"
        )


RULE = Rule("G-09", "Infill density", "process: infill.density_ratio", check, True)
