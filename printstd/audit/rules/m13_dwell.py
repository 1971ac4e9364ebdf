"""M-13: Pauses

What it demands
    From the part's first bead to its last, no pause is longer than 30 s and all together are
    not longer than 120 s.

Why
    A hot nozzle that stands on the part burns it and oozes; a pause in mid-print is also how a
    print is made to wait for somebody.

How it is measured
    G4 S in seconds, G4 P in milliseconds.

Example
    "G4 S600" waits ten minutes on the spot.

Source
    practice
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding, Status
from printstd.audit.machine import Event
from printstd.audit.rule import Evidence, Rule, at_lines
from printstd.audit.verbs import Verb
from printstd.words import said

LONGEST_S = 30.0
ALL_S = 120.0


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    begin, end = evidence.print_span
    pauses = [
        (event, _seconds(event))
        for event in evidence.run.of(Verb.DWELL)
        if begin <= event.seq <= end
    ]
    long = [(event, seconds) for event, seconds in pauses if seconds > LONGEST_S]
    total = sum(seconds for _, seconds in pauses)
    if long:
        yield rule.says(
            Status.FAIL,
            said("a long pause in the middle of the print"),
            measured=max(seconds for _, seconds in long),
            limit=LONGEST_S,
            unit="s",
            where=at_lines(event.line for event, _ in long),
        )
    elif total > ALL_S:
        yield rule.says(
            Status.FAIL,
            said("pauses add up in the middle of the print"),
            measured=total,
            limit=ALL_S,
            unit="s",
            where=at_lines(event.line for event, _ in pauses),
        )
    else:
        yield from rule.passes(said("no long pause"), measured=total, limit=ALL_S, unit="s")


def _seconds(event: Event) -> float:
    seconds = event.command.get("S")
    if seconds is not None:
        return seconds
    return (event.command.get("P") or 0.0) / 1000


RULE = Rule("M-13", said("Pauses"), said("practice"), check)
