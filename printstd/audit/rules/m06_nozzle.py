"""M-06: Nozzle temperature

What it demands
    Whenever a bead is laid, the nozzle's target lies in the material's window and was waited
    for. One change without waiting is allowed, with the second layer. No target is over the
    machine's limit. Of several tools each is held to the window of its own material.

Why
    Cold plastic does not bond and may strip the drive; hot plastic burns, and PTFE in the hot
    end gives off poison. A target that is not waited for is a wish.

How it is measured
    Every command that sets the nozzle (M104, M109, G10 P S, macros) is followed in order; the
    one in force at each bead counts.

Example
    M104 S222 in layer 30, inside the window, still prints some layers at an unknown
    temperature.

Source
    material profile, nozzle_window_c; printer profile, max_nozzle_c
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
    for tool in evidence.demand.tools or (None,):
        material = tool.material if tool else evidence.demand.material
        yield from temperature_findings(
            rule,
            evidence,
            heater_of(evidence.run, Verb.NOZZLE_TEMP, Verb.NOZZLE_TEMP_WAIT, tool),
            name=said("nozzle of T{tool}", tool=tool.number) if tool else said("nozzle"),
            window_mc=material.nozzle_mc,
            highest_mc=evidence.demand.machine.max_nozzle_mc,
            tool=tool.number if tool else None,
        )


RULE = Rule("M-06", said("Nozzle temperature"), said("material profile: nozzle_window_c"), check)
