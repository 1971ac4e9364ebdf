"""M-11: Flat layers, clear travel

What it demands
    From the part's first bead to its last, no bead climbs or falls while it is laid, and no
    travel runs lower than what has been printed.

Why
    A bead that climbs has no known height, so its width cannot be known either. A nozzle that
    travels below the top of the print drives through it.

How it is measured
    Z at both ends of every bead; for travels along XY, Z against the highest bead before.

Example
    "Spiral vase" prints climb all along: they are refused as long as no layer plan declares
    them.

Source
    planar layers: ISO/ASTM 52900:2021, 3.1 (layer)
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, at_lines, counted

ROUNDING_UM = 1.0


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    track = evidence.track
    begin, end = evidence.print_span
    inside = (track.seq >= begin) & (track.seq <= end)
    laid = evidence.is_laid & inside
    climb = np.abs(track.end_um[:, 2] - track.start_um[:, 2])
    ramps = np.flatnonzero(laid & (climb > ROUNDING_UM))
    is_clean = True
    if len(ramps):
        is_clean = False
        yield rule.says(
            Status.FAIL,
            f"{counted(len(ramps), 'bead')} laid while Z changes",
            measured=float(climb[ramps].max()) / 1000,
            limit=0,
            unit="mm",
            where=at_lines(track.line[ramps].tolist()),
        )
    z = np.where(laid, track.end_um[:, 2], -np.inf)
    top = np.maximum.accumulate(z) if len(z) else z
    moving = (track.end_um[:, :2] != track.start_um[:, :2]).any(axis=1)
    lowest = np.minimum(track.start_um[:, 2], track.end_um[:, 2])
    low = np.flatnonzero(inside & moving & ~laid & (lowest < top - ROUNDING_UM))
    if len(low):
        is_clean = False
        yield rule.says(
            Status.FAIL,
            f"{counted(len(low), 'travel')} lower than the top of the print",
            measured=float((top - lowest)[low].max()) / 1000,
            limit=0,
            unit="mm",
            where=at_lines(track.line[low].tolist()),
        )
    if is_clean:
        yield from rule.passes("every bead lies flat and no travel runs below the print")


RULE = Rule("M-11", "Flat layers, clear travel", "ISO/ASTM 52900:2021, 3.1", check)
