"""L-01: Plain text

What it demands
    The program is UTF-8 text of lines that end in LF, the last one too. No carriage return,
    NUL, tab, backspace or other control byte and no byte order mark, in comments neither.

Why
    Firmwares disagree about every one of these bytes, so a file that holds one may do on the
    machine what no reader of the file sees: Klipper drops a last line that has no newline (a
    final M104 S0 then never runs), Marlin erases the byte before a backspace, a bad byte in a
    comment aborts a Klipper print.

How it is measured
    Every byte of the file is looked at.

Example
    A file saved by a Windows editor has a carriage return at the end of each line.

Source
    Marlin queue.cpp and parser.cpp, Klipper virtual_sdcard.py and gcode.py
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding
from printstd.audit.rule import Evidence, Rule
from printstd.audit.rules.lexical import problems_as_findings
from printstd.words import said


def check(rule: Rule, evidence: Evidence) -> list[Finding]:
    return problems_as_findings(rule, evidence, said("plain text throughout"), "byte")


RULE = Rule("L-01", said("Plain text"), "Marlin queue.cpp, Klipper virtual_sdcard.py", check)
