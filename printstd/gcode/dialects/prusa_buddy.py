"""Prusa Buddy: Marlin 2 with names for objects and its own pressure advance."""

from __future__ import annotations

from collections.abc import Sequence

from printstd.gcode.dialects.base import Label, Phrases, number


class PrusaBuddy(Phrases):
    """Source: facts of slicers 3.6."""

    def pressure_advance(self, advance_s: float, tool: int = 0) -> str:
        del tool
        return f"M572 S{number(advance_s, 5)}"

    def declare_objects(self, labels: Sequence[Label]) -> list[str]:
        named = [line for o in labels for line in (f"M486 S{o.number}", f"M486 A{o.name}")]
        return [*named, "M486 S-1"]
