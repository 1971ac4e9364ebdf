"""L-03: Grammar

What it demands
    A line is one command: G, M or T with a number, then words of one capital letter and one
    plain decimal number, one blank between them; or a Klipper command with KEY=value. No
    exponent, no hexadecimal, no quotes, no parentheses, no lower case, no line number, no
    checksum.

Why
    "X1e2" is X1 to Marlin, and X1 with an extrusion of 2 to Klipper. Parentheses are a comment
    to one firmware and words to another. Two commands on a line are one to Marlin and two to
    RepRapFirmware. What cannot be read in one way only is not read at all.

How it is measured
    Every line is parsed; what does not parse is listed.

Example
    "G1 X10 M104 S280" sets a heater to 280 degrees on some machines and moves on others.

Source
    NIST RS274NGC 3, restricted to what Marlin, Klipper and RepRapFirmware read alike
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding
from printstd.audit.rule import Evidence, Rule
from printstd.audit.rules.lexical import problems_as_findings
from printstd.words import said


def check(rule: Rule, evidence: Evidence) -> list[Finding]:
    return problems_as_findings(rule, evidence, said("every line reads in one way only"), "line")


RULE = Rule("L-03", said("Grammar"), "NIST RS274NGC 3, as all supported firmwares read it", check)
