"""How hot a printer gets by the filaments that its maker has presets for."""

from __future__ import annotations

from typing import Final

from printstd.importing.choose import fits
from printstd.importing.foreign import Choice, Kind, Library, Preset

_NOZZLE: Final = (
    "temperature", "first_layer_temperature", "nozzle_temperature",
    "nozzle_temperature_initial_layer",
)  # fmt: skip
_BED: Final = (
    "bed_temperature", "first_layer_bed_temperature", "hot_plate_temp",
    "hot_plate_temp_initial_layer",
)  # fmt: skip


def hottest(library: Library, choice: Choice) -> tuple[int, int] | None:
    """Degrees of nozzle and bed; None without a printer or a filament that goes with it."""
    printer = choice.get(Kind.PRINTER)
    if printer is None:
        return None
    chosen = {Kind.PRINTER: printer}
    found = [
        (_highest(preset, _NOZZLE), _highest(preset, _BED))
        for preset in library.of(Kind.MATERIAL)
        if fits(preset, chosen)
    ]
    if not found:
        return None
    return (max(nozzle for nozzle, _ in found), max(bed for _, bed in found))


def _highest(preset: Preset, keys: tuple[str, ...]) -> int:
    degrees = [0]
    for key in keys:
        text = preset.values.get(key, "").split(",")[0].strip().strip('"')
        if text.isdigit():
            degrees.append(int(text))
    return max(degrees)
