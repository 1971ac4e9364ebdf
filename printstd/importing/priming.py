"""Start and end code held to what the audit holds every program to.

Vendors' start code presses out more than a nozzle lays (0.75 mm2 by one of 0.4 mm, where firmware
and audit stop at four diameters squared), or than the filament of the moment melts, and leaves
filament drawn back. Such a line is laid thinner or slower, and what was drawn back is pushed
forward again; where the nozzle goes does not change. What cannot be mended so is not carried.
"""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple

from printstd.importing.keep_out import crossing
from printstd.importing.walk import Step, walk

MAX_AREA: Final = 4.0
"""Times the nozzle's diameter squared: Klipper's limit of a cross-section."""
MAX_DRAWN_MM: Final = 10.0
"""Filament drawn back further leaves the melt zone, or the tube."""
_MARGIN: Final = 0.95
_LEAST_DRAWN_MM: Final = 0.01
_WORD: Final = re.compile(r"[A-Z](-?(\d+\.?\d*|\.\d+))?$|[A-Z]\{[a-z_]+\}$|[A-Z_]+=[^\s=]+$")


class Limits(NamedTuple):
    """What is melted and moved. home_mm : x, y after homing. max_e_mm_s : the extruder's axis.
    keep_out_mm : boxes on the bed that are kept free."""

    nozzle_mm: float
    filament_mm: float
    max_flow_mm3_s: float
    max_e_mm_s: float
    home_mm: tuple[float, float]
    z_max_mm: float
    keep_out_mm: tuple[tuple[float, float, float, float], ...] = ()


class Held(NamedTuple):
    """lines : all of them. changed : how some of them differ from what they were."""

    lines: list[str]
    changed: list[str]


def flaw(lines: list[str], limits: Limits, *, is_start: bool) -> str:
    """What the audit of every program would refuse, and no change of a number mends; or nothing."""
    for line in lines:
        for word in line.split()[1:]:
            if not _WORD.match(word):
                return f"{word!r} in {line!r} can be read in several ways"
        # T of M204 is an acceleration.
        if re.match(r"T(?!0$)", line) or re.search(r"^(?!M204\b).*\sT(?!0\b)", line):
            return f"{line!r} chooses another tool"
        if re.match(r"G[23]\b", line):
            return f"{line!r} is an arc, which is not followed here"
        if line == "G20":
            return "it goes on in inches"
    if is_start and (line := crossing(lines, limits.home_mm, limits.keep_out_mm)):
        return f"{line!r} goes where the preset keeps the bed free"
    drawn = 0.0
    known = {"X", "Y"} if is_start else set()
    for step in walk(lines, limits.home_mm):
        if is_start and step.is_move and not step.is_homed and set(step.words) & set("XYZ"):
            return f"{step.line!r} moves before the machine is homed"
        if step.is_homed and step.command == "G28" and is_start and not step.words:
            return "it homes twice"
        across = set(step.words) & {"X", "Y"} if step.is_move else set()
        if step.is_relative and across - known:
            return f"{step.line!r} goes on from where the part ends, wherever that is"
        known |= across
        if not 0 <= step.after[2] <= limits.z_max_mm:
            return f"{step.line!r} goes to a height of {step.after[2]:g} mm"
        drawn = max(0.0, drawn - step.filament_mm)
        if drawn > MAX_DRAWN_MM:
            return f"{step.line!r} draws back {drawn:g} mm"
    return ""


def held(lines: list[str], limits: Limits, *, is_start: bool) -> Held:
    """Bring down what is too much."""
    out: list[str] = []
    changed: list[str] = []
    drawn, said = 0.0, 0.0
    for step in walk(lines, limits.home_mm):
        drawn = max(0.0, drawn - step.filament_mm)
        line, feed = _held_step(step, limits)
        told = float(step.words["F"]) if step.is_move and "F" in step.words else said
        if step.is_move and feed != told:
            # Slower than it was told, or as fast again as it was told before.
            line = _with(line, "F", feed)
            told = feed
        said = told if step.is_move else said
        out.append(line)
        if _with(line, "F", 0) != _with(step.line, "F", 0) or feed < step.feed_mm_min:
            changed.append(f"{step.line!r}, which is laid as {line!r}")
    if is_start and drawn > _LEAST_DRAWN_MM:
        out += ["M83", f"G1 E{drawn:.4f}".rstrip("0").rstrip(".") + " F600"]
        changed.append(f"{drawn:g} mm of filament that it leaves drawn back")
    return Held(out, changed)


def _held_step(step: Step, limits: Limits) -> tuple[str, float]:
    """The line with as much filament as there may be, and the feed that it may have, mm/min."""
    feed = step.feed_mm_min
    if not step.is_move or step.filament_mm == 0:
        return step.line, feed
    if step.way_mm == 0:
        return step.line, min(feed, math.floor(limits.max_e_mm_s * 60))
    if step.filament_mm < 0:
        return step.line, feed
    filament_mm2 = math.pi / 4 * limits.filament_mm * limits.filament_mm
    area_mm2 = _MARGIN * MAX_AREA * limits.nozzle_mm * limits.nozzle_mm
    filament = min(step.filament_mm, area_mm2 * step.way_mm / filament_mm2)
    flow_mm2 = filament * filament_mm2 / step.way_mm
    highest = max(1, math.floor(_MARGIN * limits.max_flow_mm3_s / flow_mm2 * 60))
    if filament == step.filament_mm:
        return step.line, min(feed, highest)
    e = step.e - step.filament_mm + filament
    return _with(step.line, "E", math.floor(e * 1e4) / 1e4), min(feed, highest)


def _with(line: str, letter: str, value: float) -> str:
    """The line with another value of one word, which stands at its end where there was none."""
    text = f"{letter}{value:.4f}".rstrip("0").rstrip(".")
    words = [text if word[0] == letter else word for word in line.split()]
    return " ".join(words if text in words else [*words, text])
