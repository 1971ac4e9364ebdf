"""M-02: Units, modes and zero points

What it demands
    Millimetres and absolute positions throughout the print; absolute or relative filament
    chosen before the part's first bead and kept; zero points set for the filament alone. Each
    mode is said, not left to what the machine had before (WARN where it is not).

Why
    A change of units or mode alters the meaning of every later line. A zero point of X, Y or Z
    moves the rest of the part and takes the machine's own limits with it.

How it is measured
    Every command that sets a mode, or brings back a saved one, is listed with its place relative
    to the part's beads; those inside macros, too.
    Relative moves before the part starts and after it ends are allowed: start and end code lift
    with them.

Example
    G91 in layer 12 turns X100 from "to 100" into "by 100".

Source
    NIST RS274NGC 3.5 (modal groups 3, 6)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from printstd.artifacts.finding import Finding, Status
from printstd.audit.machine import Event, MachineRun
from printstd.audit.rule import Evidence, Rule, at_lines
from printstd.audit.verbs import Verb
from printstd.words import listed, said


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    run = evidence.run
    begin, _ = evidence.print_span
    # To the last bead of any kind: a change of mode may be what makes the rest no part any more.
    end = int(evidence.track.seq[evidence.is_laid].max(initial=begin))
    wrong: list[tuple[str, list[Event]]] = [
        (said("inches are chosen"), run.of(Verb.UNITS_INCH)),
        (
            said("a zero point of X, Y or Z is moved"),
            [
                event
                for event in run.of(Verb.SET_POSITION)
                if any(event.command.has(axis) for axis in "XYZ") or not event.command.words
            ],
        ),
    ]
    positions = _with_restored(run, (Verb.ABSOLUTE_XYZ, Verb.RELATIVE_XYZ))
    before = [e for e in positions if e.seq < begin]
    during = [e for e in positions if begin <= e.seq <= end]
    relative = [e for e in during if e.verb is Verb.RELATIVE_XYZ]
    if before and before[-1].verb is Verb.RELATIVE_XYZ:
        relative = [before[-1], *relative]
    wrong.append((said("the part is printed with relative positions"), relative))
    filament = _with_restored(run, (Verb.ABSOLUTE_E, Verb.RELATIVE_E))
    chosen = [event for event in filament if event.seq < begin]
    wrong.append(
        (
            said("the meaning of E changes while the part is printed"),
            [
                event
                for event in filament
                if begin <= event.seq <= end and (not chosen or event.verb is not chosen[-1].verb)
            ],
        )
    )
    is_clean = True
    for message, events in wrong:
        if events:
            is_clean = False
            yield rule.says(Status.FAIL, message, where=at_lines(event.line for event in events))
    silent = [
        name
        for name, known in (
            (said("units (G21)"), run.of(Verb.UNITS_MM)),
            (said("absolute positions (G90)"), before),
            (said("the meaning of E (M82 or M83)"), chosen),
        )
        if not known
    ]
    if silent and is_clean:
        yield rule.says(
            Status.WARN,
            said("the program relies on the machine's own: {silent}", silent=listed(silent)),
        )
    elif is_clean:
        yield from rule.passes(said("millimetres, absolute positions, one meaning of E"))


def _with_restored(run: MachineRun, verbs: tuple[Verb, ...]) -> list[Event]:
    """The commands that set one mode, and those that bring one back, each with the mode it sets."""
    kept: dict[str, Verb | None] = {}
    now: Verb | None = None
    found: list[Event] = []
    for event in run.of(*verbs, Verb.SAVE_STATE, Verb.RESTORE_STATE):
        name = dict(event.command.keys).get("NAME", "default")
        if event.verb is Verb.SAVE_STATE:
            kept[name] = now
        elif event.verb is Verb.RESTORE_STATE:
            if name in kept and kept[name] is not now:
                now = kept[name]
                found.append(replace(event, verb=now))
        else:
            now = event.verb
            found.append(event)
    return found


RULE = Rule("M-02", said("Units, modes and zero points"), "NIST RS274NGC 3.5", check)
