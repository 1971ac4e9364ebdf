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

from printstd.importing.walk import walk

MAX_AREA: Final = 4.0
"""Times the nozzle's diameter squared: Klipper's limit of a cross-section."""
MAX_DRAWN_MM: Final = 10.0
"""Filament drawn back further leaves the melt zone, or the tube."""
_MARGIN: Final = 0.95
_LEAST_DRAWN_MM: Final = 0.01
_WORD: Final = re.compile(r"[A-Z](-?(\d+\.?\d*|\.\d+))?$|[A-Z]\{[a-z_]+\}$|[A-Z_]+=[^\s=]+$")


class Limits(NamedTuple):
    """What is melted and moved. home_mm : x, y after homing. max_e_mm_s : the extruder's axis."""

    nozzle_mm: float
    filament_mm: float
    max_flow_mm3_s: float
    max_e_mm_s: float
    home_mm: tuple[float, float]


class Held(NamedTuple):
    """lines : all of them. changed : how some of them differ from what they were."""

    lines: list[str]
    changed: list[str]


def flaw(lines: list[str], home_mm: tuple[float, float], *, is_start: bool) -> str:
    """What the audit of every program would refuse, and no change of a number mends; or nothing."""
    for line in lines:
        for word in line.split()[1:]:
            if not _WORD.match(word):
                return f"{word!r} in {line!r} can be read in several ways"
        if re.match(r"T[1-9]", line):
            return f"{line!r} chooses another tool"
    drawn = 0.0
    for step in walk(lines, home_mm):
        if is_start and step.is_move and not step.is_homed and set(step.words) & set("XYZ"):
            return f"{step.line!r} moves before the machine is homed"
        if step.is_homed and step.command == "G28" and is_start and not step.words:
            return "it homes twice"
        drawn = max(0.0, drawn - step.filament_mm)
        if drawn > MAX_DRAWN_MM:
            return f"{step.line!r} draws back {drawn:g} mm"
    return ""


def held(lines: list[str], limits: Limits, *, is_start: bool) -> Held:
    """Bring down what is too much."""
    filament_mm2 = math.pi / 4 * limits.filament_mm * limits.filament_mm
    area_mm2 = _MARGIN * MAX_AREA * limits.nozzle_mm * limits.nozzle_mm
    out: list[str] = []
    changed: list[str] = []
    drawn = 0.0
    for step in walk(lines, limits.home_mm):
        drawn = max(0.0, drawn - step.filament_mm)
        feed, line = step.feed_mm_min, step.line
        is_asked = step.is_move and abs(step.filament_mm) > 0
        if is_asked and step.way_mm > 0 and step.filament_mm > 0:
            filament = min(step.filament_mm, area_mm2 * step.way_mm / filament_mm2)
            flow_mm2 = filament * filament_mm2 / step.way_mm
            feed = min(feed, _MARGIN * limits.max_flow_mm3_s / flow_mm2 * 60)
            if filament < step.filament_mm:
                e = step.e - step.filament_mm + filament
                line = _with(line, "E", math.floor(e * 1e4) / 1e4)
        elif is_asked and step.way_mm == 0:
            feed = min(feed, limits.max_e_mm_s * 60)
        if feed < step.feed_mm_min:
            line = _with(line, "F", max(1.0, math.floor(feed)))
        out.append(line)
        if line != step.line:
            changed.append(f"{step.line!r}, which is laid as {line!r}")
            if feed < step.feed_mm_min:
                # What follows goes on as fast as it was told.
                out.append(f"G1 F{step.feed_mm_min:g}")
    if is_start and drawn > _LEAST_DRAWN_MM:
        out += ["M83", f"G1 E{drawn:.4f}".rstrip("0").rstrip(".") + " F1200"]
        changed.append(f"{drawn:g} mm of filament that it leaves drawn back")
    return Held(out, changed)


def _with(line: str, letter: str, value: float) -> str:
    """The line with another value of one word, which stands at its end where there was none."""
    text = f"{letter}{value:.4f}".rstrip("0").rstrip(".")
    words = [text if word[0] == letter else word for word in line.split()]
    return " ".join(words if text in words else [*words, text])
