"""M-10: Strings

What it demands
    Where the nozzle travels more than 2 mm across the open, outside the part, it does so with
    the filament drawn back. A few that do not are a WARN; more than a tenth of all such
    travels, and more than twenty, are a FAIL.

Why
    An open nozzle draws a thread behind it. Slicers leave single ones on purpose; a print
    without any retraction is a web.

How it is measured
    Travels from the part to the part in one layer, longer than 2 mm, of which more than 1 mm
    lies outside the layer's section; drawn back by less than 0.2 mm counts as open.

Example
    A grille whose retractions were stripped has some thousand.

Source
    practice: retract_before_travel of common profiles is 1 to 2 mm
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, at_lines
from printstd.audit.tools import rows_of_tools
from printstd.words import said

OPEN_UM = 200.0
FEW = 20
SHARE = 0.1


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    if evidence.demand.machine.max_retract_um <= 0:
        yield from rule.does_not_apply(said("the machine does not retract"))
        return
    track = evidence.track
    begin, end = evidence.print_span
    rows = evidence.crossing
    rows = rows[(track.seq[rows] > begin) & (track.seq[rows] < end)]
    drawn = np.zeros(len(track.e_um))
    for own in rows_of_tools(track, evidence.demand):
        reached = np.cumsum(track.e_um[own])
        drawn[own] = np.maximum.accumulate(reached) - reached
    is_open = drawn[rows] < OPEN_UM
    count, whole = int(is_open.sum()), len(rows)
    share = count / whole if whole else 0.0
    where = at_lines(track.line[rows[is_open]].tolist())
    if count > FEW and share > SHARE:
        yield rule.says(
            Status.FAIL,
            said(
                "{count} of {whole} travels across the open are made with an open nozzle",
                count=count,
                whole=whole,
            ),
            measured=count,
            limit=FEW,
            unit="travels",
            where=where,
        )
    elif count:
        yield rule.says(
            Status.WARN,
            said(
                "{count} of {whole} travels across the open are made with an open nozzle",
                count=count,
                whole=whole,
            ),
            measured=count,
            limit=0,
            unit="travels",
            where=where,
        )
    else:
        yield from rule.passes(
            said("every travel across the open is made with the filament drawn back"),
            measured=0,
            limit=0,
            unit="travels",
        )


RULE = Rule(
    "M-10", said("Strings"), said("practice: retract before travel"), check, needs_geometry=True
)
