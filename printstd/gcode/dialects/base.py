"""What a program has to say to a machine, whatever its firmware calls it.

The plain answers here are those of Marlin 2, from which the others differ. Every command stands
in one method, so a dialect is read in one place. A dialect knows the machine's allow-list: what is
only useful, and not on the list, is left unsaid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from printstd.gcode.numbers import decimal_text
from printstd.named_tuple import NamedTuple
from printstd.profiles.models import Axes, MotionLimits


class Label(NamedTuple):
    """One object of the print. outline_um : (k, 2) int64, um, bed frame, convex, anticlockwise,
    around all its beads; (0, 2) of an object without any."""

    number: int
    name: str
    outline_um: NDArray[np.int64]


class Phrases:
    """One firmware's way to say it; lines without newline."""

    shares_acceleration: ClassVar[bool] = False
    """Travel has no acceleration of its own: whoever moves sets the one there is."""
    says_minutes_left: ClassVar[bool] = True

    def __init__(self, allowed: Mapping[str, set[str]]) -> None:
        """allowed : command -> letters (or KEYs) that the machine's allow-list gives it."""
        self.allowed = allowed

    # ----------------------------------------------------------------------- before the print

    def limits(self, motion: MotionLimits) -> list[str]:
        """What the program was planned with."""
        accelerations = (
            ("P", motion.print_accel_mm_s2),
            ("R", motion.retract_accel_mm_s2),
            ("T", motion.travel_accel_mm_s2),
        )
        lines = [
            f"M201 {axes_text(motion.max_accel_mm_s2)}",
            f"M203 {axes_text(motion.max_speed_mm_s)}",
            f"M204 {' '.join(f'{letter}{number(value)}' for letter, value in accelerations)}",
        ]
        return [*lines, f"M205 {axes_text(motion.jerk_mm_s)}"] if motion.jerk_mm_s else lines

    def modes(self, start_commands: Iterable[str], tool: int | None = None) -> list[str]:
        """All that the meaning of later lines depends on, said again after the start code
        (`start_commands`), whatever that leaves behind. tool : None on a machine with one."""
        chosen = "T0" if tool is None else self.change_tool(tool)
        lines = [chosen, "G21", "G90", "M83", "M220 S100", "M221 S100", "G92 E0"]
        # Filament in mm, not in mm3; lists have it once.
        if "M200" in self.allowed and "M200" not in start_commands:
            lines.insert(-1, "M200 S0")
        return lines

    def pressure_advance(self, advance_s: float, tool: int = 0) -> str:
        """Of the tool at hand, which is `tool`."""
        del tool
        return f"M900 K{number(advance_s, 5)}"

    def declare_objects(self, labels: Sequence[Label]) -> list[str]:
        """No names: Marlin takes every capital letter of a name for a word of its own, and C
        cancels the object at hand."""
        return [f"M486 T{len(labels)}"]

    def declare_layers(self, count: int) -> list[str]:
        del count
        return []

    # ----------------------------------------------------------------------- during the print

    def layer(self, layer_number: int) -> list[str]:
        """layer_number counts from 1."""
        del layer_number
        return []

    def change_object(self, before: Label | None, after: Label | None) -> list[str]:
        """None: what belongs to no object, and is printed in any case."""
        del before
        return [f"M486 S{after.number if after else -1}"]

    def change_tool(self, tool: int) -> str:
        return f"T{tool}"

    def nozzle(self, target_c: int, tool: int | None = None) -> str:
        """Set and go on. tool : None for the one at hand."""
        return f"M104 S{target_c}" if tool is None else f"M104 T{tool} S{target_c}"

    def nozzle_reached(self, target_c: int, tool: int | None = None) -> list[str]:
        """Set and wait."""
        return [f"M109 S{target_c}" if tool is None else f"M109 T{tool} S{target_c}"]

    def bed(self, target_c: int) -> str:
        """Set and go on."""
        return f"M140 S{target_c}"

    def fan(self, step: int) -> str:
        """step : 0 to 255."""
        return f"M106 S{step}" if step else "M107"

    def print_acceleration(self, accel_mm_s2: int) -> str:
        return f"M204 P{accel_mm_s2}"

    def travel_acceleration(self, accel_mm_s2: int) -> str:
        return f"M204 T{accel_mm_s2}"

    def progress(self, percent: int, minutes_left: int) -> str:
        return f"M73 P{percent} R{minutes_left}"


def number(value: float, decimals: int = 3) -> str:
    """A profile's number as decimal text."""
    return decimal_text(round(value * 10**decimals), decimals)


def axes_text(values: Axes, factor: float = 1.0) -> str:
    """``X500 Y500 Z10 E60``."""
    pairs = (("X", values.x), ("Y", values.y), ("Z", values.z), ("E", values.e))
    return " ".join(f"{letter}{number(value * factor)}" for letter, value in pairs)
