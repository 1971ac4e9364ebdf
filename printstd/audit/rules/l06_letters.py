"""L-06: Only listed letters

What it demands
    A command carries only the letters (or KEYs) that the allow-list gives it.

Why
    The letter makes the command: G92 E sets the filament's counter, G92 X moves the part; M106
    S is the part's fan, M106 P1 another one; G0 with an unknown letter is a move on one
    firmware and an error on the next.

How it is measured
    Letters of every line are compared with the list.

Example
    "G92 Z0" at 30 mm height drives the nozzle into the bed afterwards.

Source
    profiles/allowlists of the printer
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from printstd.artifacts.finding import Finding, Status
from printstd.audit.rule import Evidence, Rule, at_lines
from printstd.words import counted, said


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    rules = evidence.meanings.rules
    moves = evidence.lexed.moves
    lines: dict[tuple[str, str], list[int]] = {}
    for digit in range(4):
        listed = rules.get(f"G{digit}")
        if listed is None:
            continue
        allowed = sum(1 << (ord(letter) - 65) for letter in listed.letters if letter.isupper())
        extra = moves.letters & np.uint32(~allowed & 0x3FFFFFF)
        for row in np.flatnonzero((extra != 0) & (moves.kind == digit)).tolist():
            letters = "".join(chr(65 + i) for i in range(26) if int(extra[row]) >> i & 1)
            lines.setdefault((f"G{digit}", letters), []).append(int(moves.line[row]))
    for event in evidence.run.events:
        listed = evidence.meanings.rule_of(event.command)
        if listed is None or event.is_in_macro:
            continue
        wanted = set(listed.letters.split()) if event.command.keys else set(listed.letters)
        for letter in event.command.letters:
            if letter not in wanted:
                lines.setdefault((event.command.name, letter), []).append(event.line)
    if not lines:
        yield from rule.passes(said("every letter is on the machine's list"), measured=0, limit=0)
    for (name, letter), places in list(lines.items())[:20]:
        yield rule.says(
            Status.FAIL,
            said(
                "{name} may not carry {letter} here ({times})",
                name=name,
                letter=letter,
                times=counted("{count} time", "{count} times", count=len(places)),
            ),
            measured=len(places),
            limit=0,
            unit="lines",
            where=at_lines(places),
        )


RULE = Rule("L-06", said("Only listed letters"), said("allow-list of the printer's profile"), check)
