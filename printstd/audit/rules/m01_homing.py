"""M-01: Homed first, and once

What it demands
    All three axes are homed before the first move, and none is homed while the part is printed.

Why
    A machine that is not homed does not know where it is; one that homes in mid-print drives
    through the part and loses its Z.

How it is measured
    Homing commands, also those inside macros, are followed axis by axis.

Example
    A program that starts with G1 X10 Y10 moves from wherever the last print ended.

Source
    Marlin HOME_BEFORE_FILAMENT and NO_MOTION_BEFORE_HOMING; Klipper "Must home axis first"
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, at_line
from printstd.audit.verbs import Verb
from printstd.words import said


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    track = evidence.track
    moving = (track.end_um != track.start_um) & track.has_axis | (
        track.has_axis & evidence.is_laid[:, None]
    )
    homes = evidence.run.of(Verb.HOME)
    is_clean = True
    for axis, letter in enumerate("XYZ"):
        rows = np.flatnonzero(moving[:, axis])
        homed = [
            event.seq
            for event in homes
            if event.command.has(letter) or not any(event.command.has(a) for a in "XYZ")
        ]
        first = int(track.seq[rows[0]]) if len(rows) else None
        if first is not None and (not homed or homed[0] > first):
            is_clean = False
            yield rule.says(
                Status.FAIL,
                said("{letter} moves before it is homed", letter=letter),
                where=[at_line(track.line[rows[0]])],
            )
    begin, end = evidence.print_span
    inside = [event for event in homes if begin < event.seq < end]
    if inside:
        is_clean = False
        yield rule.says(
            Status.FAIL,
            said("the machine is homed in the middle of the print"),
            measured=len(inside),
            limit=0,
            unit="times",
            where=[at_line(event.line) for event in inside],
        )
    if is_clean:
        yield from rule.passes(said("homed before the first move and not again"))


RULE = Rule("M-01", said("Homed first, and once"), "Marlin NO_MOTION_BEFORE_HOMING", check)
