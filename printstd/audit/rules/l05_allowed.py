"""L-05: Only listed commands

What it demands
    Every command is on the allow-list of the machine's firmware, and the auditor knows what it
    does. The same holds for the lines of a macro that the program calls.

Why
    A firmware runs hundreds of commands: ones that write its memory, start other files, switch
    off its protections, send text to the host. A list of forbidden ones is never complete.

How it is measured
    The command's name is looked up; an unknown name on Klipper may be a macro of printer.cfg,
    so "unknown" is never "harmless".

Example
    "M302 P1" lets the machine extrude cold.

Source
    profiles/allowlists of the printer
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, at_lines
from printstd.words import counted, said


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    rules = evidence.meanings.rules
    moves = evidence.lexed.moves
    lines: dict[str, list[int]] = {}
    for digit in range(4):
        name = f"G{digit}"
        used = moves.line[moves.kind == digit]
        if len(used) and name not in rules:
            lines[name] = used.tolist()
    for event in evidence.run.events:
        name = event.command.name
        if event.is_in_macro:
            if event.verb is None:
                lines.setdefault(said("{command} (inside a macro)", command=name), []).append(
                    event.line
                )
        elif evidence.meanings.rule_of(event.command) is None or event.verb is None:
            lines.setdefault(name, []).append(event.line)
    if not lines:
        yield from rule.passes(said("every command is on the machine's list"), measured=0, limit=0)
    for name, places in list(lines.items())[:20]:
        yield rule.says(
            Status.FAIL,
            said(
                "{command} is not on the list of {machine} ({times}); take it out or have it "
                "listed",
                command=name,
                machine=evidence.demand.machine.name,
                times=counted("{count} time", "{count} times", count=len(places)),
            ),
            measured=len(places),
            limit=0,
            unit="lines",
            where=at_lines(places),
        )


RULE = Rule(
    "L-05", said("Only listed commands"), said("allow-list of the printer's profile"), check
)
