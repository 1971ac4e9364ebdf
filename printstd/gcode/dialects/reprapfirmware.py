"""RepRapFirmware 3: limits per minute, quoted names, numbered fans and extruders."""

from __future__ import annotations

from collections.abc import Sequence

from printstd.gcode.dialects.base import Label, Phrases, axes_text, number
from printstd.profiles.models import MotionLimits


class RepRapFirmware(Phrases):
    """Sources: Duet3D documentation of each command; facts of slicers 3.6.

    Temperatures are set by M104, which RepRapFirmware knows too: hosts that follow a program take
    ``G10 P0 S210`` for a retraction.
    """

    def limits(self, motion: MotionLimits) -> list[str]:
        lines = [
            f"M201 {axes_text(motion.max_accel_mm_s2)}",
            f"M203 {axes_text(motion.max_speed_mm_s, 60.0)}",
            f"M204 P{number(motion.print_accel_mm_s2)} T{number(motion.travel_accel_mm_s2)}",
        ]
        return [*lines, f"M566 {axes_text(motion.jerk_mm_s, 60.0)}"] if motion.jerk_mm_s else lines

    def pressure_advance(self, advance_s: float, tool: int = 0) -> str:
        return f"M572 D{tool} S{number(advance_s, 5)}"

    def nozzle(self, target_c: int, tool: int | None = None) -> str:
        """Of a tool that waits both targets are set: it is the program that lowers them."""
        if tool is None:
            return super().nozzle(target_c)
        return f"G10 P{tool} S{target_c} R{target_c}"

    def nozzle_reached(self, target_c: int, tool: int | None = None) -> list[str]:
        if tool is None:
            return super().nozzle_reached(target_c)
        return [self.nozzle(target_c, tool), f"M116 P{tool}"]

    def declare_objects(self, labels: Sequence[Label]) -> list[str]:
        named = [f'M486 S{label.number} A"{label.name}"' for label in labels]
        return [f"M486 T{len(labels)}", *named, "M486 S-1"]

    def fan(self, step: int) -> str:
        return f"M106 P0 S{step}"
