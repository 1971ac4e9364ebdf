"""L-07: Commands in their place

What it demands
    A command comes no more often than the allow-list says, and where it says: before the part's
    first bead, after its last, or anywhere.

Why
    Modes, homing and calibration are set once, at the start. The same commands in the middle of
    a print change what every later line means.

How it is measured
    Commands, those inside macros too, are counted and compared with the first and last bead that
    makes the part.

Example
    A second G90 is harmless; a second G28 in layer 40 drives the nozzle through the part.

Source
    profiles/allowlists of the printer
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.demand import CommandRule
from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, at_lines
from printstd.words import said


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    first, last = evidence.print_span
    is_clean = True
    by_rule: dict[str, tuple[CommandRule, list[tuple[int, int]]]] = {}
    for event in evidence.run.events:
        listed = evidence.meanings.rule_of(event.command)
        if listed is not None:
            _, places = by_rule.setdefault(listed.command, (listed, []))
            places.append((event.seq, event.line))
    for name, (listed, places) in by_rule.items():
        if listed.max_count and len(places) > listed.max_count:
            is_clean = False
            yield rule.says(
                Status.FAIL,
                said("{name} comes too often", name=name),
                measured=len(places),
                limit=listed.max_count,
                unit="times",
                where=at_lines(line for _, line in places[listed.max_count :]),
            )
        misplaced = {
            "before": [line for seq, line in places if seq > first],
            "after": [line for seq, line in places if seq < last],
        }.get(listed.where, [])
        if misplaced:
            is_clean = False
            yield rule.says(
                Status.FAIL,
                said("{name} belongs before the part's beads", name=name)
                if listed.where == "before"
                else said("{name} belongs after the part's beads", name=name),
                measured=len(misplaced),
                limit=0,
                unit="lines",
                where=at_lines(misplaced),
            )
    if is_clean:
        yield from rule.passes(said("every command is in its place"))


RULE = Rule(
    "L-07", said("Commands in their place"), said("allow-list of the printer's profile"), check
)
