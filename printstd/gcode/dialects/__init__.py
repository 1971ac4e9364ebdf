"""How each firmware is spoken to: one module per dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from printstd.gcode.dialects.bambu import Bambu
from printstd.gcode.dialects.base import Label, Phrases
from printstd.gcode.dialects.klipper import Klipper
from printstd.gcode.dialects.marlin2 import Marlin2
from printstd.gcode.dialects.prusa_buddy import PrusaBuddy
from printstd.gcode.dialects.reprapfirmware import RepRapFirmware
from printstd.profiles.machine_code import allowed_letters
from printstd.profiles.models import Allowlist, Firmware, Macro

__all__ = ["Label", "Phrases", "phrases_of"]

_DIALECTS: Final[dict[Firmware, type[Phrases]]] = {
    Firmware.MARLIN2: Marlin2,
    Firmware.PRUSA_BUDDY: PrusaBuddy,
    Firmware.KLIPPER: Klipper,
    Firmware.REPRAPFIRMWARE: RepRapFirmware,
    Firmware.BAMBU: Bambu,
}


def phrases_of(firmware: Firmware, allowlist: Allowlist, macros: Sequence[Macro] = ()) -> Phrases:
    """The dialect of a firmware, as far as the machine's list and its declared macros allow it."""
    allowed = {rule.command: allowed_letters(rule) for rule in allowlist.commands}
    return _DIALECTS[firmware](allowed | {own.name: set(own.parameters) for own in macros})
