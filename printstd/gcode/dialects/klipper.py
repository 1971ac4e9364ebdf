"""Klipper: extended commands for objects and layers, one acceleration for every move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from printstd.gcode.dialects.base import Label, Phrases, number
from printstd.gcode.numbers import mm_text
from printstd.gcode.outline import FINEST_UM, coarser, polygon_text
from printstd.profiles.models import MotionLimits

_DEFINE_MAX: Final = 1024
"""Bytes of an object's definition. Klipper's limit is memory; outlines beyond it help nobody."""


class Klipper(Phrases):
    """Sources: Klipper documentation of G-Codes; facts of slicers 3.6."""

    shares_acceleration: ClassVar[bool] = True
    says_minutes_left: ClassVar[bool] = False

    def limits(self, motion: MotionLimits) -> list[str]:
        """Those that the allow-list lets a program set; the others stand in printer.cfg."""
        keys = {
            "VELOCITY": min(motion.max_speed_mm_s.x, motion.max_speed_mm_s.y),
            "ACCEL": motion.print_accel_mm_s2,
            "MINIMUM_CRUISE_RATIO": motion.minimum_cruise_ratio,
            "SQUARE_CORNER_VELOCITY": motion.square_corner_velocity_mm_s,
        }
        allowed = self.allowed.get("SET_VELOCITY_LIMIT", set())
        words = [
            f"{key}={number(value)}"
            for key, value in keys.items()
            if value is not None and key in allowed
        ]
        return [f"SET_VELOCITY_LIMIT {' '.join(words)}"] if words else []

    def modes(self, start_commands: Iterable[str], tool: int | None = None) -> list[str]:
        """No T0 where there is one tool: what that runs stands in printer.cfg, which no file
        vouches for."""
        lines = super().modes(start_commands, tool)
        return lines if tool is not None else [line for line in lines if line != "T0"]

    def change_tool(self, tool: int) -> str:
        """T commands are macros of the machine's owner; lists without them have Klipper's own."""
        if f"T{tool}" in self.allowed or "ACTIVATE_EXTRUDER" not in self.allowed:
            return f"T{tool}"
        return f"ACTIVATE_EXTRUDER EXTRUDER=extruder{tool or ''}"

    def pressure_advance(self, advance_s: float, tool: int = 0) -> str:
        del tool
        return f"SET_PRESSURE_ADVANCE ADVANCE={number(advance_s, 5)}"

    def declare_objects(self, labels: Sequence[Label]) -> list[str]:
        return [_definition(label) for label in labels]

    def declare_layers(self, count: int) -> list[str]:
        return self._layer_info(f"TOTAL_LAYER={count}")

    def layer(self, layer_number: int) -> list[str]:
        return self._layer_info(f"CURRENT_LAYER={layer_number}")

    def _layer_info(self, word: str) -> list[str]:
        name = "SET_PRINT_STATS_INFO"
        return [f"{name} {word}"] if name in self.allowed else []

    def change_object(self, before: Label | None, after: Label | None) -> list[str]:
        lines = [f"EXCLUDE_OBJECT_END NAME={before.name}"] if before else []
        return [*lines, f"EXCLUDE_OBJECT_START NAME={after.name}"] if after else lines

    def print_acceleration(self, accel_mm_s2: int) -> str:
        return f"M204 S{accel_mm_s2}"

    def travel_acceleration(self, accel_mm_s2: int) -> str:
        return f"M204 S{accel_mm_s2}"

    def progress(self, percent: int, minutes_left: int) -> str:
        del minutes_left
        return f"M73 P{percent}"


def _definition(label: Label) -> str:
    head = f"EXCLUDE_OBJECT_DEFINE NAME={label.name}"
    if not len(label.outline_um):
        return head
    low, high = label.outline_um.min(axis=0), label.outline_um.max(axis=0)
    x, y = ((low + high) // 2).tolist()
    head += f" CENTER={mm_text(x)},{mm_text(y)} POLYGON="
    outline, tolerance_um = label.outline_um, FINEST_UM
    while len(head) + len(polygon_text(outline)) > _DEFINE_MAX:
        tolerance_um += FINEST_UM
        outline = coarser(label.outline_um, tolerance_um)
    return head + polygon_text(outline)
