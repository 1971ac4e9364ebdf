"""Lines of priming in start code, held to what every bead of a program is held to.

Vendors' start code presses out more than a nozzle lays (0.75 mm2 by one of 0.4 mm, where firmware
and audit stop at four diameters squared) or than the filament of the moment melts. Such a line is
laid thinner, or slower; where it goes does not change.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from printstd.profiles.machine_code import command_of

MAX_AREA: Final = 4.0
"""Times the nozzle's diameter squared: Klipper's limit of a cross-section."""
_MARGIN: Final = 0.95


class Primed(NamedTuple):
    """lines : all of them. changed : those that say less than before, as they were."""

    lines: list[str]
    changed: list[str]


def held_priming(
    lines: list[str],
    nozzle_mm: float,
    filament_mm: float,
    max_flow_mm3_s: float,
    home_mm: tuple[float, float],
) -> Primed:
    """Follow the lines and bring down what is too much. home_mm : x, y after homing."""
    state = _State(list(home_mm))
    filament_mm2 = math.pi / 4 * filament_mm * filament_mm
    area_mm2 = _MARGIN * MAX_AREA * nozzle_mm * nozzle_mm
    out: list[str] = []
    changed: list[str] = []
    for line in lines:
        step = state.step(line)
        if step is None or step.filament_mm <= 0 or step.way_mm <= 0:
            out.append(line)
            continue
        filament = min(step.filament_mm, area_mm2 * step.way_mm / filament_mm2)
        flow_mm2 = filament * filament_mm2 / step.way_mm
        feed = min(state.feed_mm_min, _MARGIN * max_flow_mm3_s / flow_mm2 * 60)
        held = line
        if filament < step.filament_mm:
            held = _with(held, "E", math.floor((step.e - step.filament_mm + filament) * 1e4) / 1e4)
        if feed < state.feed_mm_min:
            held = _with(held, "F", max(1.0, math.floor(feed)))
        out.append(held)
        if held != line:
            changed.append(line)
            if feed < state.feed_mm_min and "F" not in line:
                # What follows goes on as fast as it was told.
                out.append(f"G1 F{state.feed_mm_min:g}")
    return Primed(out, changed)


class _Step(NamedTuple):
    """A move over the bed. e : the word as written."""

    way_mm: float
    filament_mm: float
    e: float


class _State:
    """Where the nozzle is, as far as the code says."""

    def __init__(self, at: list[float]) -> None:
        self.home = tuple(at)
        self.at = at
        self.e = 0.0
        self.is_relative = self.is_relative_e = False
        self.feed_mm_min = 1500.0

    def step(self, line: str) -> _Step | None:
        command = command_of(line)
        words = {word[0]: word[1:] for word in line.split(";", 1)[0].split()[1:]}
        if command in ("G90", "G91"):
            self.is_relative = self.is_relative_e = command == "G91"
        elif command in ("M82", "M83"):
            self.is_relative_e = command == "M83"
        elif command == "G92":
            self.e = float(words.get("E", self.e))
        elif command == "G28":
            for axis, letter in enumerate("XY"):
                if letter in words or not {"X", "Y", "Z"} & set(words):
                    self.at[axis] = self.home[axis]
        elif command in ("G0", "G1"):
            return self._move({k: float(v) for k, v in words.items() if "{" not in v})
        return None

    def _move(self, words: dict[str, float]) -> _Step:
        self.feed_mm_min = words.get("F", self.feed_mm_min)
        before = list(self.at)
        for axis, letter in enumerate("XY"):
            if letter in words:
                self.at[axis] = words[letter] + (self.at[axis] if self.is_relative else 0.0)
        e = words.get("E", 0.0 if self.is_relative_e else self.e)
        filament = e if self.is_relative_e else e - self.e
        self.e = self.e + e if self.is_relative_e else e
        return _Step(math.dist(before, self.at), filament, e)


def _with(line: str, letter: str, value: float) -> str:
    """The line with another value of one word, which stands at its end where there was none."""
    text = f"{letter}{value:.4f}".rstrip("0").rstrip(".")
    words = [text if word[0] == letter else word for word in line.split()]
    return " ".join(words if text in words else [*words, text])
