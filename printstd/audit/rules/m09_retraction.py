"""M-09: Retraction

What it demands
    Filament is drawn back no further than the machine allows, is brought back before the next
    bead, and no more comes back than was drawn.

Why
    Drawn out of the melt zone it jams. A bead that starts with the filament drawn back is
    missing its beginning. What is pushed in place beyond what was drawn is a blob.

How it is measured
    The filament's position is followed; what is missing to its furthest point so far is drawn
    back. A move of filament alone that goes beyond that point by more than 0.1 mm is a blob,
    once the part has begun; before, up to 60 mm may be purged. Each of several tools has a
    filament of its own.

Example
    G1 E10 in place makes a ball of 24 mm3.

Source
    printer profile, retraction
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, at_lines
from printstd.audit.tools import rows_of_tools
from printstd.words import counted, said

STILL_DRAWN_UM = 50.0
BLOB_UM = 100.0
PURGE_UM = 60_000.0


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    track = evidence.track
    drawn_before, drawn = np.zeros(len(track.e_um)), np.zeros(len(track.e_um))
    for rows in rows_of_tools(track, evidence.demand):
        fed = track.e_um[rows]
        reached = np.cumsum(fed)
        furthest = np.maximum.accumulate(np.concatenate([[0.0], reached]))
        drawn_before[rows] = furthest[:-1] - (reached - fed)
        drawn[rows] = furthest[1:] - reached
    is_clean = True
    limit = float(evidence.demand.machine.max_retract_um)
    far = np.flatnonzero(drawn > limit + 1.0)
    if len(far):
        is_clean = False
        yield rule.says(
            Status.FAIL,
            said("filament is drawn back too far"),
            measured=float(drawn.max()) / 1000,
            limit=limit / 1000,
            unit="mm",
            where=at_lines(track.line[far].tolist()),
        )
    dry = np.flatnonzero(evidence.is_laid & (drawn_before > STILL_DRAWN_UM))
    if len(dry):
        is_clean = False
        yield rule.says(
            Status.FAIL,
            said(
                "{beads} laid while the filament is drawn back",
                beads=counted("{count} bead", "{count} beads", count=len(dry)),
            ),
            measured=float(drawn_before[dry].max()) / 1000,
            limit=STILL_DRAWN_UM / 1000,
            unit="mm",
            where=at_lines(track.line[dry].tolist()),
        )
    begin, _ = evidence.print_span
    still = (track.e_um > 0) & ~evidence.is_laid
    extra = np.where(still, track.e_um - drawn_before, 0.0)
    allowed = np.where(track.seq < begin, PURGE_UM, BLOB_UM)
    blobs = np.flatnonzero(extra > allowed)
    if len(blobs):
        is_clean = False
        yield rule.says(
            Status.FAIL,
            said("a blob: more filament is pushed in place than was drawn back"),
            measured=float(extra[blobs].max()) / 1000,
            limit=float(allowed[blobs].min()) / 1000,
            unit="mm",
            where=at_lines(track.line[blobs].tolist()),
        )
    if is_clean:
        yield from rule.passes(
            said("what is drawn back comes back"),
            measured=float(drawn.max(initial=0.0)) / 1000,
            limit=limit / 1000,
            unit="mm",
        )


RULE = Rule("M-09", said("Retraction"), said("printer profile: retraction"), check)
