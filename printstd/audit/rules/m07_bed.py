"""M-07: Bed temperature

What it demands
    Whenever a bead is laid, the bed's target lies in the material's window and was waited for.
    One change without waiting is allowed, with the second layer. No target is over the
    machine's limit.

Why
    A part comes off a bed that cools in mid-print.

How it is measured
    As M-06, for M140 and M190.

Example
    M140 S0 in layer 20 saves power and loses the part.

Source
    material profile, bed_window_c; printer profile, max_bed_c
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding
from printstd.audit.rule import Evidence, Rule
from printstd.audit.rules.heating import heater_of
from printstd.audit.rules.temperature_check import temperature_findings
from printstd.audit.verbs import Verb
from printstd.words import said


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    return temperature_findings(
        rule,
        evidence,
        heater_of(evidence.run, Verb.BED_TEMP, Verb.BED_TEMP_WAIT),
        name=said("bed"),
        window_mc=evidence.demand.material.bed_mc,
        highest_mc=evidence.demand.machine.max_bed_mc,
    )


RULE = Rule("M-07", said("Bed temperature"), said("material profile: bed_window_c"), check)
