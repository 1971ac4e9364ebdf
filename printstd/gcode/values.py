"""What the machine's own lines may ask for (`profiles.machine_code`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from printstd.gcode.numbers import mm_text
from printstd.profiles.models import Material, Printer
from printstd.units import um

PARK_ABOVE_UM: Final = 10_000
"""The nozzle parks this far above the part, where the machine reaches so high."""


def placeholder_values(
    last_z_um: int,
    printer: Printer,
    first_tool: int,
    first: Material,
    materials: Sequence[Material],
    top_um: int,
) -> dict[str, str]:
    """last_z_um : where the last move ends. first : of the tool that begins. materials : of all
    tools that are used, on one bed. top_um : of the finished part."""
    volume = printer.volume
    # Never lower than the nozzle is.
    park_z_um = max(last_z_um, min(top_um + PARK_ABOVE_UM, um(volume.z_max_mm)))
    return {
        **temperatures(first),
        "first_tool": f"{first_tool}",
        "bed_c": f"{max(one.bed_c for one in materials)}",
        "first_layer_bed_c": f"{max(one.first_layer_bed_c for one in materials)}",
        # At the back on the left: a bed that moves brings the part forward.
        "park_x_mm": mm_text(um(volume.x_min_mm)),
        "park_y_mm": mm_text(um(volume.y_max_mm)),
        "park_z_mm": mm_text(park_z_um),
    }


def temperatures(material: Material) -> dict[str, str]:
    """Of a tool that prints it."""
    return {
        "nozzle_c": f"{material.nozzle_c}",
        "first_layer_nozzle_c": f"{material.first_layer_nozzle_c}",
    }
