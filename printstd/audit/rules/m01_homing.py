"""M-01: Homed first, and once

What it demands
    All three axes are homed before the first move, and none is homed while the part is printed.
    Where the motors were switched off before the part, all are homed again; after a routine of
    the firmware's own (probing, shaking) the program says X, Y and Z before the first bead.

Why
    A machine that is not homed does not know where it is; one that homes in mid-print drives
    through the part and loses its Z.

How it is measured
    Homing commands, also those inside macros, are followed axis by axis. What stands before the
    first homing as a routine (lowering the bed until it touches) is the firmware's own matter.

Example
    A program that starts with G1 X10 Y10 moves from wherever the last print ended.

Source
    Marlin HOME_BEFORE_FILAMENT and NO_MOTION_BEFORE_HOMING; Klipper "Must home axis first"
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.audit.machine import HOMING
from printstd.audit.rule import Evidence, Rule, at_line
from printstd.audit.verbs import Verb
from printstd.words import said


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    track = evidence.track
    moving = (track.end_um != track.start_um) & track.has_axis | (
        track.has_axis & evidence.is_laid[:, None]
    )
    homes = evidence.run.of(*HOMING)
    probes = evidence.run.of(Verb.ROUTINE)
    begin, end = evidence.print_span
    is_clean = True
    for axis, letter in enumerate("XYZ"):
        rows = np.flatnonzero(moving[:, axis])
        found = [event.seq for event in homes if letter in event.homes]
        touched = [event.seq for event in probes if event.command.has(letter)]
        # An axis that was driven until it touched may move on; the part needs it homed.
        homed = sorted(found + touched) if found and found[0] < begin else found
        first = int(track.seq[rows[0]]) if len(rows) else None
        if first is not None and (not homed or homed[0] > first):
            is_clean = False
            yield rule.says(
                Status.FAIL,
                said("{letter} moves before it is homed", letter=letter),
                where=[at_line(track.line[rows[0]])],
            )
    for finding in (*_lost(rule, evidence, begin), *_unsaid(rule, evidence, begin)):
        is_clean = False
        yield finding
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


def _lost(rule: Rule, evidence: Evidence, begin: int) -> Iterable[Finding]:
    """Motors that were switched off hold nothing: each axis is homed again before the part."""
    stops = [event for event in evidence.run.of(Verb.MOTORS_OFF) if event.seq < begin]
    if not stops:
        return
    homed = [event for event in evidence.run.of(*HOMING) if stops[-1].seq < event.seq < begin]
    lost = [letter for letter in "XYZ" if not any(letter in event.homes for event in homed)]
    if lost:
        yield rule.says(
            Status.FAIL,
            said("{axes} not homed again after the motors were switched off", axes=", ".join(lost)),
            where=[at_line(stops[-1].line)],
        )


def _unsaid(rule: Rule, evidence: Evidence, begin: int) -> Iterable[Finding]:
    """A routine of the firmware's own ends where only the machine knows: before the part's first
    bead the program says each axis."""
    routines = [
        event for event in evidence.run.of(Verb.ROUTINE, Verb.MESH_BED) if event.seq < begin
    ]
    if not routines:
        return
    track, last = evidence.track, routines[-1]
    since = (track.seq > last.seq) & (track.seq < begin)
    unsaid = [letter for axis, letter in enumerate("XYZ") if not track.has_axis[since, axis].any()]
    if unsaid:
        yield rule.says(
            Status.FAIL,
            said(
                "{axes} not said after {command}, which ends where only the machine knows",
                axes=", ".join(unsaid),
                command=last.command.name,
            ),
            where=[at_line(last.line)],
        )


RULE = Rule("M-01", said("Homed first, and once"), "Marlin NO_MOTION_BEFORE_HOMING", check)
