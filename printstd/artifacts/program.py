"""Program: gcode -> pipeline, certify. The finished bytes and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
