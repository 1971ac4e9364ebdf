"""What a machine does on lines of start or end code, as far as the lines say it."""

from __future__ import annotations

import math
from typing import NamedTuple

from printstd.profiles.machine_code import command_of

Point = tuple[float, float, float]


class Step(NamedTuple):
    """One line. before, after : x, y, z, mm, absolute. filament_mm : pushed out, below zero drawn
    back. e : the E word as written. feed_mm_min : in force. is_homed : before the line.
    is_relative : x, y, z are."""

    line: str
    command: str
    words: dict[str, str]
    before: Point
    after: Point
    filament_mm: float
    e: float
    feed_mm_min: float
    is_homed: bool
    is_relative: bool

    @property
    def is_move(self) -> bool:
        return self.command in ("G0", "G1")

    @property
    def way_mm(self) -> float:
        """Over the bed."""
        return math.dist(self.before[:2], self.after[:2])


def walk(lines: list[str], home: tuple[float, float]) -> list[Step]:
    """One step a line. home : x, y after homing; before it the nozzle is taken to be there too.
    A word with a placeholder moves nothing. ValueError names a word that is no number."""
    state = _State(home)
    return [state.step(line) for line in lines]


class _State:
    def __init__(self, home: tuple[float, float]) -> None:
        self.home = (*home, 0.0)
        self.at: Point = self.home
        self.e = 0.0
        self.is_relative = self.is_relative_e = self.is_homed = False
        self.feed_mm_min = 1500.0

    def step(self, line: str) -> Step:
        command = command_of(line)
        words = {word[0]: word[1:] for word in line.split(";", 1)[0].split()[1:]}
        before, was_homed = self.at, self.is_homed
        filament = e = 0.0
        if command in ("G90", "G91"):
            self.is_relative = self.is_relative_e = command == "G91"
        elif command in ("M82", "M83"):
            self.is_relative_e = command == "M83"
        elif command == "G92":
            self.e = float(words.get("E") or self.e)
        elif command == "G28":
            named = [letter in words for letter in "XYZ"]
            self.at = self._moved(
                [
                    h if n or not any(named) else a
                    for h, n, a in zip(self.home, named, self.at, strict=True)
                ]
            )
            self.is_homed = True
        elif command in ("G0", "G1"):
            filament, e = self._move({k: float(v) for k, v in words.items() if "{" not in v})
        return Step(
            line,
            command,
            words,
            before,
            self.at,
            filament,
            e,
            self.feed_mm_min,
            was_homed,
            self.is_relative,
        )

    def _move(self, words: dict[str, float]) -> tuple[float, float]:
        self.feed_mm_min = words.get("F", self.feed_mm_min)
        at = [
            words[letter] + (old if self.is_relative else 0.0) if letter in words else old
            for letter, old in zip("XYZ", self.at, strict=True)
        ]
        self.at = self._moved(at)
        e = words.get("E", 0.0 if self.is_relative_e else self.e)
        filament = e if self.is_relative_e else e - self.e
        self.e = self.e + e if self.is_relative_e else e
        return filament, e

    @staticmethod
    def _moved(at: list[float]) -> Point:
        return (at[0], at[1], at[2])
