"""L-04: Words given once, with a number

What it demands
    No letter (or KEY) comes twice in a line. A letter stands without a number only where the
    command takes it so: G28 X, M84 X Y.

Why
    Of two equal words the last one wins in the firmwares of today, silently; a reader sees the
    first. An empty word is zero, absent or an error, depending on the firmware.

How it is measured
    Words of every line are counted.

Example
    "G1 X10 X250" goes to 250.

Source
    Marlin parser.cpp, Klipper gcode.py
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, at_lines
from printstd.audit.rules.lexical import problems_as_findings
from printstd.audit.verbs import VALUELESS_VERBS
from printstd.words import said


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    empty = [
        event
        for event in evidence.run.events
        if not event.is_in_macro
        and any(value is None for _, value in event.command.words)
        and event.verb not in VALUELESS_VERBS
    ]
    found = problems_as_findings(rule, evidence, said("every word once, with its number"), "line")
    if empty:
        found = [finding for finding in found if finding.status is not Status.PASS]
        found.append(
            rule.says(
                Status.FAIL,
                said("{name} has a letter without a number", name=empty[0].command.name),
                measured=len(empty),
                limit=0,
                unit="lines",
                where=at_lines(event.line for event in empty),
            )
        )
    return found


RULE = Rule("L-04", said("Words given once, with a number"), "Marlin parser.cpp", check)
