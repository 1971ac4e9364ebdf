"""How far estimates of printing time may be trusted, for each firmware.

Those for Klipper are held against Kalico's own planner, those for Marlin and Prusa's firmware
against PrusaSlicer's own estimates (``python -m benchmarks times``, docs/programs.md). There is no
planner of another firmware to compare with: those are made as for Marlin, and called unverified.
"""

from __future__ import annotations

from typing import Final

from printstd.profiles.models import Firmware, Printer

_COMPARED_WITH: Final = {
    Firmware.KLIPPER: "Kalico",
    Firmware.MARLIN2: "PrusaSlicer",
    Firmware.PRUSA_BUDDY: "PrusaSlicer",
}


def is_verified(printer: Printer) -> bool:
    """Whether estimates for the printer's firmware are held against times that others find."""
    return printer.firmware in _COMPARED_WITH


def how_estimated(printer: Printer) -> str:
    """For the program's settings: the model of corners, and what its times were compared with."""
    model = "classic jerk" if printer.motion.jerk_mm_s else "square corner velocity"
    if not is_verified(printer):
        return f"{model}, unverified for {printer.firmware.value}"
    return f"{model}, compared with {_COMPARED_WITH[printer.firmware]}"
