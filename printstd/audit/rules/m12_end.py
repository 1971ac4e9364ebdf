"""M-12: A safe end

What it demands
    At the end the heaters and the part fan are off and the motors are switched off; after that
    nothing moves and nothing is heated.

Why
    The machine stands alone when the print is done.

How it is measured
    The last target of each heater, the last fan command, and everything after the first command
    that switches the motors off.

Example
    A file cut off at 60 % leaves nozzle and bed hot.

Source
    practice; EN ISO 12100:2010, 6.2.11 (safe state at the end of a function)
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.audit.machine import HOMING, Event
from printstd.audit.rule import Evidence, Rule, at_line, at_lines
from printstd.audit.rules.heating import is_for
from printstd.audit.verbs import Verb
from printstd.words import said

_HEATERS = (
    ("nozzle", (Verb.NOZZLE_TEMP, Verb.NOZZLE_TEMP_WAIT)),
    ("bed", (Verb.BED_TEMP, Verb.BED_TEMP_WAIT)),
    ("chamber", (Verb.CHAMBER_TEMP,)),
)


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    run = evidence.run
    is_clean = True
    for name, events in _heaters(evidence):
        values = [
            (event, event.command.get("S"))
            for event in events
            if event.command.get("S") is not None
        ]
        if values and values[-1][1]:
            is_clean = False
            event, value = values[-1]
            yield rule.says(
                Status.FAIL,
                said("the {name} is left at {value:g} degC", name=name, value=value),
                measured=value,
                limit=0,
                unit="degC",
                where=[at_line(event.line)],
            )
    fans = run.of(Verb.FAN, Verb.FAN_OFF)
    if fans and fans[-1].verb is Verb.FAN and fans[-1].command.get("S") != 0:
        is_clean = False
        yield rule.says(
            Status.FAIL, said("the part fan is left running"), where=[at_line(fans[-1].line)]
        )
    last_move = int(evidence.track.seq.max(initial=0))
    begin, _ = evidence.print_span
    # Before the part they may be switched off, too: what follows has to be homed then (M-01).
    stops = [event for event in run.of(Verb.MOTORS_OFF) if event.seq > begin]
    resting = run.of(Verb.MOTORS_OFF, Verb.MOTOR_CURRENT)
    final = [event for event in resting if event.seq >= last_move]
    if not final:
        is_clean = False
        yield rule.says(Status.FAIL, said("the motors are left on"))
    if stops:
        after = stops[0].seq
        track = evidence.track
        real = (track.end_um != track.start_um).any(axis=1) | (track.e_um != 0)
        late = np.flatnonzero((track.seq > after) & real)
        lines = track.line[late].tolist()
        lines += [
            event.line
            for event in run.events
            if event.seq > after
            and (
                event.verb in _MOVING
                or (event.verb in _WARMING and (event.command.get("S") or 0.0) > 0.0)
            )
        ]
        if lines:
            is_clean = False
            yield rule.says(
                Status.FAIL,
                said("the machine moves or heats after its motors are switched off"),
                where=at_lines(sorted(lines)),
            )
    if is_clean:
        yield from rule.passes(said("heaters, fan and motors are off at the end"))


def _heaters(evidence: Evidence) -> Iterable[tuple[str, list[Event]]]:
    """Name and commands of each."""
    run = evidence.run
    for name, verbs in _HEATERS:
        if name != "nozzle" or not evidence.demand.tools:
            yield name, run.of(*verbs)
            continue
        for tool in evidence.demand.tools:
            events = [event for event in run.of(*verbs) if is_for(run, event, tool)]
            yield said("{heater} of T{tool}", heater=name, tool=tool.number), events


_MOVING = frozenset(
    {
        *HOMING,
        Verb.MACRO,
        Verb.MESH_BED,
        Verb.ROUTINE,
        Verb.RETRACT,
        Verb.UNRETRACT,
    }
)
_WARMING = frozenset(verb for _, verbs in _HEATERS for verb in verbs) | {Verb.FAN}

RULE = Rule("M-12", said("A safe end"), said("practice: heaters, fan, motors off"), check)
