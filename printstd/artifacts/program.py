"""Program: gcode -> pipeline, certify. The finished bytes and what they add up to."""

from __future__ import annotations

from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.codec import LEFT_OUT_WHEN_EMPTY
from printstd.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ToolTotals:
    """What one of several tools feeds, units as in `Totals`. tool : from 0. tower_mg : of it, laid
    on the prime tower."""

    tool: int
    filament_um: int
    filament_mm3_e3: int
    filament_mg: int
    tower_mg: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a program, as integers so that they can be signed."""

    n_layers: int
    filament_um: int
    """Net filament fed: extrusions and un-retractions less retractions."""
    filament_mm3_e3: int
    """Volume of that filament in thousandths of mm3."""
    filament_mg: int
    print_time_ms: int
    first_layer_time_ms: int
    max_z_um: int
    tools: tuple[ToolTotals, ...] = field(default=(), metadata=LEFT_OUT_WHEN_EMPTY)
    """On a machine with several tools, those that are used, rising."""
    tool_changes: int = field(default=0, metadata=LEFT_OUT_WHEN_EMPTY)


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """G-code."""

    data: bytes
    dialect: str
    totals: Totals

    def line_offsets(self) -> NDArray[np.int64]:
        """(n + 1,) int64, byte where each line starts, then the end."""
        ends = np.flatnonzero(np.frombuffer(self.data, np.uint8) == ord("\n")) + 1
        return np.concatenate([np.zeros(1, np.int64), ends])


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A rendered picture: `png` bytes are part of what we digest."""

    width_px: int
    height_px: int
    png: bytes
