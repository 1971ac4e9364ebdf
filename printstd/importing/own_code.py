"""Code before and after a print: the preset's where it can be carried, ours where it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from printstd.importing.convert import Converter, Lost, Values, rounded
from printstd.importing.custom_code import filled_lines
from printstd.importing.foreign import Kind
from printstd.importing.keep_out import free_stretch
from printstd.importing.machine import Box, bed
from printstd.importing.priming import Limits, flaw, held
from printstd.importing.walk import walk
from printstd.profiles.machine_code import command_of, letters_of

_HEATERS: Final = (
    ("M140", "M190", "{first_layer_bed_c}"),
    ("M104", "M109", "{first_layer_nozzle_c}"),
)
"""Of each heater: the command that sets it, the one that waits too, and what it is to reach."""
_RESETS: Final = ("M221", "M220")
"""Percentages of flow and speed: every program says 100 after the start code. That of flow goes
to the filament that is imported with it."""
_ABOUT_MACHINE: Final = re.compile(r"M862(\.\d)?$|M115$|M117$|M118$|M300$|M73$")
"""Checks of the machine, messages, beeps and progress: nothing that the part depends
on, and the texts in them a program must not have."""
_PLUS: Final = re.compile(r"(?<=\s)([A-Z])\+(?=[\d.])")
"""A sign that changes nothing: Z+0.5."""
_TOLD: Final = 3
_LINE_MM: Final = 60.0
"""Length of the line that our own start code draws beside the part."""
_MARGIN_MM: Final = 5.0
_LAYER_CODE: Final = ["G92 E0"]


def start_code(
    text_key: str, list_of: Converter, box_of: Converter, limits_of: Callable[[Values], Limits]
) -> Converter:
    """The preset's code. Where it heats nothing, heating stands around it, as the slicers put it:
    the bed first, the nozzle after homing."""

    def convert(values: Values, key: str) -> list[str]:
        box: Box = box_of(values, key)
        limits = limits_of(values)
        lines, problem = _carried(values, text_key, str(list_of(values, "gcode_flavor")))
        problem = problem or flaw(lines, limits, is_start=True)
        if not problem and "G28" not in {command_of(line) for line in lines}:
            problem = "it does not home the machine"
        if problem:
            ours = held(own_start(box, limits.keep_out_mm), limits, is_start=True).lines
            raise Lost(f"{problem}; our own code stands for it", ours)
        lines, changed = held(_heated(lines), limits, is_start=True)
        percents = [line for line in lines if command_of(line) in _RESETS]
        lines = [line for line in lines if line not in percents]
        kept = ("M221",) if Kind.MATERIAL in values.names else ()
        overruled = [
            line for line in percents if not line.endswith(" S100") and command_of(line) not in kept
        ]
        changed += [f"{line!r}, which programs set back to 100 %" for line in overruled]
        if changed:
            raise Lost(_all_but(changed), lines)
        return lines

    return convert


def flow(text_key: str, list_of: Converter) -> Converter:
    """A filament's multiplier times the percentage of flow that the start code leaves behind."""

    def convert(values: Values, key: str) -> float:
        found = values.number(key)
        if Kind.PRINTER not in values.names:
            return found
        lines, _ = _carried(values, text_key, str(list_of(values, "gcode_flavor")))
        percents = [line for line in lines if command_of(line) == "M221" and _asked(line)]
        for line in percents[-1:]:
            found *= values.parsed(text_key, _asked(line), "a percentage of flow") / 100.0
        return rounded(found)

    return convert


def _heated(lines: list[str]) -> list[str]:
    """What the code sets and does not wait for is waited for where it is set, though not before
    homing; what it does not set at all is set first."""
    home = next(i for i, line in enumerate(lines) if command_of(line) == "G28")
    out, first = list(lines), []
    after: dict[int, list[str]] = {}
    for sets, waits, degrees in _HEATERS:
        target = reached = ""
        place = home
        for number, line in enumerate(lines):
            if command_of(line) in (sets, waits) and (said := _asked(line)):
                target, place = said, max(home, number)
                reached = said if command_of(line) == waits else reached
        if not target:
            first.append(f"{sets} S{degrees}")
        if reached != target or not target:
            after.setdefault(place, []).append(f"{waits} S{target or degrees}")
    for place in sorted(after, reverse=True):
        out[place + 1 : place + 1] = after[place]
    return [*first, *out]


def _asked(line: str) -> str:
    """As written, a number or a placeholder; empty where the line sets none."""
    words = (word for word in line.split(";", 1)[0].split()[1:] if word[:1] in "SR")
    return next((word[1:] for word in words), "")


def _all_but(changed: list[str]) -> str:
    more = f"; and {len(changed) - _TOLD} lines more" if len(changed) > _TOLD else ""
    return f"all but {'; '.join(changed[:_TOLD])}{more}"


def end_code(text_key: str, list_of: Converter, limits_of: Callable[[Values], Limits]) -> Converter:
    """The preset's code. What it leaves on is switched off after it: the nozzle, the bed, the
    fan, the motors."""

    def convert(values: Values, key: str) -> list[str]:
        limits = limits_of(values)
        lines, problem = _carried(values, text_key, str(list_of(values, "gcode_flavor")))
        if not problem:
            problem = flaw(lines, limits, is_start=False) if lines else "it says nothing"
        if problem:
            ours = held(own_end(limits.keep_out_mm), limits, is_start=False).lines
            raise Lost(f"{problem}; our own code stands for it", ours)
        said = set(lines)
        motors = [line for line in lines if command_of(line) in ("M84", "M18")]
        lines = [line for line in lines if line not in motors]
        off = [line for line in ("M104 S0", "M140 S0", "M107") if line not in said]
        lines, changed = held(lines, limits, is_start=False)
        lines = [*lines, *off, *(motors[:1] or ["M84"])]
        if changed:
            raise Lost(_all_but(changed), lines)
        return lines

    return convert


def layer_code(text_keys: tuple[str, ...], list_of: Converter) -> Converter:
    """What is said at each layer, before and after its Z together."""

    def convert(values: Values, key: str) -> list[str]:
        found: list[str] = []
        for text_key in text_keys:
            lines, problem = _carried(values, text_key, str(list_of(values, "gcode_flavor")))
            if problem:
                raise Lost(problem, _LAYER_CODE)
            found += lines
        return list(dict.fromkeys(found)) or _LAYER_CODE

    return convert


def _carried(values: Values, key: str, allowlist: str) -> tuple[list[str], str]:
    """The lines, or why they cannot be carried."""
    text = values.first_text(key) if key in values else ""
    lines, problem = filled_lines(text, {**values.everything(), **_bed_facts(values)})
    if problem:
        return [], problem
    lines = [_PLUS.sub(r"\1", line) for line in lines if not _ABOUT_MACHINE.match(command_of(line))]
    allowed = values.allowed(allowlist)
    for line in lines:
        command = command_of(line)
        if command not in allowed:
            return [], f"{command!r} is not on the allow-list {allowlist!r}"
        for letter in letters_of(line):
            if letter not in allowed[command]:
                return [], f"{letter!r} in {line!r} is not on the allow-list {allowlist!r}"
    return lines, ""


def _bed_facts(values: Values) -> dict[str, str]:
    """What custom code may ask about the bed."""
    box = bed(values, "bed_shape" if "bed_shape" in values else "printable_area")
    return {
        "print_bed_min": f"{box[0]:g},{box[1]:g}",
        "print_bed_max": f"{box[2]:g},{box[3]:g}",
        "print_bed_size": f"{box[2] - box[0]:g},{box[3] - box[1]:g}",
    }


def own_start(box: Box, keep_out: Sequence[Box] = ()) -> list[str]:
    """Heat, home, draw a line along the front edge; plain commands that every firmware has.
    keep_out : where the line may not go."""
    y0 = box[1] + min(3.0, (box[3] - box[1]) / 10)
    left, _, right, _ = free_stretch(y0, box[0], box[2], keep_out)
    x0 = left + _MARGIN_MM
    x1 = min(x0 + _LINE_MM, right - _MARGIN_MM)
    return [
        "G21",
        "G90",
        "M83",
        "M140 S{first_layer_bed_c}",
        "M190 S{first_layer_bed_c}",
        "G28",
        "G1 Z10 F600",
        "M109 S{first_layer_nozzle_c}",
        "G92 E0",
        f"G1 X{x0:g} Y{y0:g} F6000",
        "G1 Z0.3 F600",
        f"G1 X{x1:g} E7 F1000",
        "G1 Z2 F600",
        "G92 E0",
    ]


def own_end(keep_out: Sequence[Box] = ()) -> list[str]:
    """Where something is kept free the head stays above the part: from where it ends nobody knows
    which way is free."""
    park = [] if keep_out else ["G1 X{park_x_mm} Y{park_y_mm} F6000"]
    return [
        "G1 E-1 F1800",
        "G1 Z{park_z_mm} F600",
        *park,
        "M104 S0",
        "M140 S0",
        "M107",
        "M84",
    ]


def reach_of(lines: list[str], box: Box) -> Box:
    """The bed's box, widened by where the code goes: the machine's travel is no smaller."""
    points = [step.after for step in walk(lines, (max(0.0, box[0]), max(0.0, box[1])))]
    return (
        min([box[0], *(x for x, _, _ in points)]),
        min([box[1], *(y for _, y, _ in points)]),
        max([box[2], *(x for x, _, _ in points)]),
        max([box[3], *(y for _, y, _ in points)]),
    )
