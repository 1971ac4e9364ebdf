"""L-02: Line length

What it demands
    A line without its comment has 95 bytes at most. Klipper's extended commands may have 2048.

Why
    Marlin reads MAX_CMD_SIZE - 1 bytes of a line, 95 by default, and runs what it has read: the
    end of a longer line is lost, and with it a coordinate or a digit of one.

How it is measured
    Bytes from the line's start to the last one that is neither blank nor comment.

Example
    A G1 with nine decimals in every word and trailing words comes to 96 bytes.

Source
    Marlin Configuration_adv.h, MAX_CMD_SIZE
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding
from printstd.audit.rule import Evidence, Rule
from printstd.audit.rules.lexical import problems_as_findings
from printstd.words import said


def check(rule: Rule, evidence: Evidence) -> list[Finding]:
    return problems_as_findings(rule, evidence, said("every line fits every firmware"), "line")


RULE = Rule("L-02", said("Line length"), "Marlin Configuration_adv.h, MAX_CMD_SIZE", check)
