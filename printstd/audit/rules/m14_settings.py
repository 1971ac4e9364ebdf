"""M-14: Settings of the machine

What it demands
    Accelerations that the program sets are no greater than the printer's profile allows, and
    speed limits no greater than those of its axes; percentages of feed and flow are 100; tools are
    those of the print, 0 where there is one; pressure advance lies between 0 and 2 s; filament is
    not counted in mm3.
    speeds no greater than its axes'; percentages of feed and flow are 100; tools are those of the
    print, 0 where there is one; pressure advance lies between 0 and 2 s; heights are trimmed for
    the plate by 0.1 mm at most; filament is counted by its length (M200 S0).

Why
    Each of these changes what every later line does without changing the line.

How it is measured
    M204 P, T, S and R; M201 X and Y; M203 X, Y, Z and E; M220, M221; T; the number of the
    pressure-advance command; M200 other than S0. M203 is in mm/s, on RepRapFirmware in mm/min.

Example
    M221 S80 lays a fifth less of everything.

Source
    printer profile, motion limits
"""

from __future__ import annotations

from collections.abc import Iterable

from printstd.artifacts.finding import Finding, Status
from printstd.audit.machine import Event
from printstd.audit.rule import Evidence, Rule, at_lines
from printstd.audit.slow_lines import Command
from printstd.audit.verbs import Verb
from printstd.words import said


def check(rule: Rule, evidence: Evidence) -> Iterable[Finding]:
    run, machine = evidence.run, evidence.demand.machine
    per_minute = 60.0 if "reprap" in evidence.demand.dialect else 1.0
    wrong: dict[str, list[Event]] = {}

    def note(message: str, event: Event) -> None:
        wrong.setdefault(message, []).append(event)

    for event in run.of(Verb.ACCEL):
        if machine.max_accel_mm_s2 == 0:
            note(
                said("the program sets an acceleration, which this machine's profile leaves alone"),
                event,
            )
        elif _largest(event.command, "PTSR", "ACCEL") > machine.max_accel_mm_s2:
            note(
                said(
                    "an acceleration over {limit_mm_s2} mm/s2", limit_mm_s2=machine.max_accel_mm_s2
                ),
                event,
            )
    for event in run.of(Verb.LIMITS):
        largest = _largest(event.command, "XY")
        if event.command.name == "M203":
            limits = zip("XYZE", machine.max_feed_um_s, strict=True)
            if any(
                (event.command.get(axis) or 0.0) / per_minute * 1000 > most * 1.001
                for axis, most in limits
            ):
                note(said("a speed limit over the machine's own"), event)
        elif machine.max_accel_mm_s2 and largest > machine.max_accel_mm_s2:
            note(
                said(
                    "an acceleration limit over {limit_mm_s2} mm/s2",
                    limit_mm_s2=machine.max_accel_mm_s2,
                ),
                event,
            )
    for event in run.of(Verb.FEED_PERCENT, Verb.FLOW_PERCENT):
        if event.command.get("S") not in (None, 100.0):
            note(said("a percentage other than 100"), event)
    tools = {tool.number for tool in evidence.demand.tools} or {0}
    other = said("another tool than {tools}", tools=", ".join(map(str, sorted(tools))))
    for event in run.of(Verb.TOOL):
        if event.tool not in tools:
            note(other, event)
    for event in run.events:
        tool = event.command.get("T")
        is_off = evidence.demand.tools and event.command.get("S") == 0.0
        if event.verb in _TOOL_VERBS and not is_off and tool is not None and tool not in tools:
            note(other, event)
    for event in run.events:
        # M200 S1 and M200 D1.75 make every later E a volume.
        if event.command.name == "M200" and _largest(event.command, "SD") > 0.0:
            note(said("filament is counted in mm3 from here on"), event)
    for event in run.of(Verb.PRESSURE_ADVANCE):
        if not 0.0 <= _largest(event.command, "KS", "ADVANCE") <= 2.0:
            note(said("pressure advance outside 0 to 2 s"), event)
    for event in run.events:
        if event.command.name == "M200" and event.command.get("S") != 0.0:
            note(said("filament is counted as volume, not as length"), event)
    for event in run.of(Verb.Z_TRIM):
        if not abs(event.command.get("Z") or 0.0) <= Z_TRIM_MM:
            note(
                said("all heights are moved by more than {limit_mm} mm", limit_mm=Z_TRIM_MM), event
            )
    for message, events in wrong.items():
        yield rule.says(Status.FAIL, message, where=at_lines(event.line for event in events))
    if not wrong:
        yield from rule.passes(said("nothing is set that changes what the lines mean"))


Z_TRIM_MM = 0.1
"""For plates with a texture vendors have 0.02 to 0.04 mm."""
_TOOL_VERBS = (Verb.NOZZLE_TEMP, Verb.NOZZLE_TEMP_WAIT, Verb.FLOW_PERCENT)


def _largest(command: Command, letters: str, key: str = "") -> float:
    """The largest number among some letters, or of one KEY; infinite where it is no number."""
    found = [value for name, value in command.words if name in letters and value is not None]
    for name, text in command.keys:
        if name == key:
            try:
                found.append(float(text))
            except ValueError:
                found.append(float("inf"))
    return max(found, default=0.0)


RULE = Rule("M-14", said("Settings of the machine"), said("printer profile: motion limits"), check)
