"""L-08: What runs under a condition

What it demands
    Lines that a machine runs only if something holds which no file says (a flag that the user set
    on the machine, a changer of filaments that is there) make no difference to the part: between
    the part's first and last bead they only tell or photograph. Before and after it they may move
    and heat, but modes are the same behind them as before, and temperature, fan and the place of
    the first bead are said again outside. Each such block is closed.

Why
    The auditor measures one course of a program. A machine that takes the other branch prints
    something that nobody has measured.

How it is measured
    The commands that the allow-list calls conditions are paired (M622 and M623, M620 and M621 of
    Bambu Lab machines), blocks within blocks, and what stands in them is followed as if it were
    run. Then it is asked whether anything would be different if it were not.

Example
    M622 J1, G1 X100 Y100 E5 and M623 in layer 20 lay a strand on some machines.

Source
    allow-list of the printer; facts of Bambu Lab programs, read
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.audit.machine import HOMING, Event, MachineRun
from printstd.audit.rule import Evidence, Rule, at_line, at_lines
from printstd.audit.verbs import HARMLESS_VERBS, Verb
from printstd.words import counted, said

_MODES = (
    (Verb.ABSOLUTE_XYZ, Verb.RELATIVE_XYZ),
    (Verb.ABSOLUTE_E, Verb.RELATIVE_E),
    (Verb.UNITS_MM, Verb.UNITS_INCH),
)
_ONCE_FOR_ALL = (Verb.RESTORE_STATE, Verb.Z_TRIM)
_NEEDED = (
    (said("nozzle temperature"), (Verb.NOZZLE_TEMP, Verb.NOZZLE_TEMP_WAIT)),
    (said("bed temperature"), (Verb.BED_TEMP, Verb.BED_TEMP_WAIT)),
    (said("part fan"), (Verb.FAN, Verb.FAN_OFF)),
)


class Block(NamedTuple):
    """From one command to the other; both are outside. first, last : their seq. line : of the
    first."""

    first: int
    last: int
    line: int


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    blocks, loose = _blocks(evidence.run)
    if not blocks and not loose:
        yield from rule.does_not_apply(said("nothing in the program is conditional"))
        return
    found = list(_loose(rule, loose))
    begin, end = evidence.print_span
    found += _during(rule, evidence, [b for b in blocks if b.last > begin and b.first < end])
    around = [b for b in blocks if b.last <= begin or b.first >= end]
    found += _modes(rule, evidence.run, around)
    found += _unsaid(rule, evidence, [b for b in around if b.last <= begin], begin)
    yield from found
    if not found:
        yield from rule.passes(
            said("what is conditional makes no difference to the part"),
            measured=len(blocks),
            unit="blocks",
        )


def _blocks(run: MachineRun) -> tuple[list[Block], list[Event]]:
    """The outermost blocks, and commands that have no counterpart."""
    blocks, open_, loose = [], [], []
    for event in run.of(Verb.CONDITION, Verb.CONDITION_END):
        if event.verb is Verb.CONDITION:
            open_.append(event)
        elif open_:
            start = open_.pop()
            if not open_:
                blocks.append(Block(start.seq, event.seq, start.line))
        else:
            loose.append(event)
    return blocks, loose + open_


def _loose(rule: Rule, loose: Sequence[Event]) -> Iterable[Finding]:
    if loose:
        yield rule.says(
            Status.FAIL,
            said("a condition is not closed, or an end has no beginning"),
            measured=len(loose),
            limit=0,
            unit="commands",
            where=at_lines(event.line for event in loose),
        )


def _inside(run: MachineRun, blocks: Sequence[Block]) -> list[Event]:
    first = np.array([block.first for block in blocks], np.int64)
    last = np.array([block.last for block in blocks], np.int64)
    found = []
    for event in run.events:
        at = int(np.searchsorted(first, event.seq)) - 1
        if at >= 0 and first[at] < event.seq < last[at]:
            found.append(event)
    return found


def _during(rule: Rule, evidence: Evidence, blocks: Sequence[Block]) -> Iterable[Finding]:
    """In the part nothing conditional does anything."""
    if not blocks:
        return
    seq, first = evidence.track.seq, np.array([block.first for block in blocks])
    at = np.searchsorted(first, seq) - 1
    last = np.array([block.last for block in blocks])
    moves = np.flatnonzero((at >= 0) & (seq < last[np.maximum(at, 0)]))
    lines = evidence.track.line[moves].tolist()
    lines += [
        event.line
        for event in _inside(evidence.run, blocks)
        if event.verb not in HARMLESS_VERBS
        and event.verb not in (Verb.CONDITION, Verb.CONDITION_END, Verb.DWELL)
    ]
    if lines:
        yield rule.says(
            Status.FAIL,
            said(
                "{lines} of the part run only under a condition that no file decides",
                lines=counted("{count} line", "{count} lines", count=len(set(lines))),
            ),
            measured=len(set(lines)),
            limit=0,
            unit="lines",
            where=at_lines(sorted(set(lines))),
        )


def _modes(rule: Rule, run: MachineRun, blocks: Sequence[Block]) -> Iterable[Finding]:
    """Modes are behind a block as they were before it."""
    for verbs in _MODES:
        changes = run.of(*verbs)
        for block in blocks:
            before = [event for event in changes if event.seq < block.first]
            within = [event for event in changes if block.first < event.seq < block.last]
            if within and (not before or within[-1].verb is not before[-1].verb):
                yield rule.says(
                    Status.FAIL,
                    said("a mode is another one behind a conditional block"),
                    where=[at_line(within[-1].line)],
                )
    moved = [
        event
        for event in _inside(run, blocks)
        if event.verb in _ONCE_FOR_ALL
        or (
            event.verb is Verb.SET_POSITION
            and (any(event.command.has(axis) for axis in "XYZ") or not event.command.words)
        )
        or (
            event.verb in (Verb.FEED_PERCENT, Verb.FLOW_PERCENT)
            and event.command.get("S") not in (None, 100.0)
        )
    ]
    if moved:
        yield rule.says(
            Status.FAIL,
            said("what later lines mean is changed under a condition"),
            where=at_lines(event.line for event in moved),
        )


def _unsaid(
    rule: Rule, evidence: Evidence, blocks: Sequence[Block], begin: int
) -> Iterable[Finding]:
    """Before the part's first bead all that it depends on is said outside of blocks."""
    if not blocks:
        return
    inside = {id(event) for event in _inside(evidence.run, blocks)}
    for name, verbs in _NEEDED:
        events = [event for event in evidence.run.of(*verbs) if event.seq < begin]
        if events and id(events[-1]) in inside:
            yield rule.says(
                Status.FAIL,
                said("the {name} of the first bead is set under a condition", name=name),
                where=[at_line(events[-1].line)],
            )
    homed = [e for e in evidence.run.of(*HOMING) if e.seq < begin]
    surely = [event for event in homed if id(event) not in inside]
    unsure = [
        letter
        for letter in "XYZ"
        if any(letter in event.homes for event in homed)
        and not any(letter in event.homes for event in surely)
    ]
    if unsure:
        yield rule.says(
            Status.FAIL,
            said("{axes} homed only under a condition", axes=", ".join(unsure)),
            where=[at_line(homed[0].line)],
        )
    track, last = evidence.track, blocks[-1].last
    since = (track.seq > last) & (track.seq < begin)
    unsaid = [letter for axis, letter in enumerate("XYZ") if not track.has_axis[since, axis].any()]
    has_moves = [
        block
        for block in blocks
        if ((track.seq > block.first) & (track.seq < block.last)).any()
        or any(
            event.verb in (*HOMING, Verb.ROUTINE, Verb.MESH_BED)
            for event in _inside(evidence.run, [block])
        )
    ]
    if unsaid and has_moves:
        yield rule.says(
            Status.FAIL,
            said(
                "{axes} not said between a conditional block and the first bead",
                axes=", ".join(unsaid),
            ),
            where=[at_line(has_moves[-1].line)],
        )


RULE = Rule(
    "L-08", said("What runs under a condition"), said("allow-list of the printer's profile"), check
)
