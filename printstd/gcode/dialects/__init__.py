"""How each firmware is spoken to: one module per dialect."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Final

from printstd.gcode.dialects.base import Label, Phrases
from printstd.profiles.machine_code import allowed_letters
from printstd.profiles.models import Allowlist, Firmware, Macro

__all__ = ["Label", "Phrases", "phrases_of"]

_DIALECTS: Final[dict[Firmware, str]] = {
    Firmware.MARLIN2: "marlin2.Marlin2",
    Firmware.PRUSA_BUDDY: "prusa_buddy.PrusaBuddy",
    Firmware.KLIPPER: "klipper.Klipper",
    Firmware.REPRAPFIRMWARE: "reprapfirmware.RepRapFirmware",
    Firmware.BAMBU: "bambu.Bambu",
}
"""Firmware -> module and class here: a program is in one dialect, and the others are not read."""


def phrases_of(firmware: Firmware, allowlist: Allowlist, macros: Sequence[Macro] = ()) -> Phrases:
    """The dialect of a firmware, as far as the machine's list and its declared macros allow it."""
    allowed = {rule.command: allowed_letters(rule) for rule in allowlist.commands}
    module, _, name = _DIALECTS[firmware].partition(".")
    dialect: type[Phrases] = getattr(import_module(f"{__name__}.{module}"), name)
    return dialect(allowed | {own.name: set(own.parameters) for own in macros})
