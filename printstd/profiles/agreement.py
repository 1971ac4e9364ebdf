"""Relations between the profiles of one request: what no single file can know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from printstd.errors import ProfileProblem
from printstd.profiles.load import Loaded
from printstd.profiles.models import Dialect, Material, Printer, Process

THICKEST_LAYER_RATIO: Final = 0.8
"""Of the nozzle: a thicker layer is not pressed onto the one below (facts of standards 5.3,
layer height at most 75 to 80 % of the nozzle; knowledge, high)."""
BEAD_WIDTH_RATIO: Final = (0.8, 2.0)
"""Of the nozzle: what a round nozzle can lay. Common practice is 0.9 to 1.6 (facts of standards
5.3; knowledge, medium); beyond these bounds the process is meant for another nozzle."""

IRONING_PITCH_RATIO: Final = 0.5
"""Of the nozzle: its face passes everywhere at least twice, and what it lays is far less than any
bead of the part."""

Problems = Iterator[ProfileProblem]


def check_nozzle(process: Loaded[Process], nozzle_mm: float) -> Problems:
    """The process's layers and beads are ones that this nozzle can lay."""
    model = process.model
    thickest = round(THICKEST_LAYER_RATIO * nozzle_mm, 6)
    for key in ("layer_height_mm", "first_layer_height_mm"):
        height = getattr(model, key)
        if height > thickest:
            yield process.problem(key, height, f"at most {thickest} for a {nozzle_mm} mm nozzle")
    widest = round(IRONING_PITCH_RATIO * nozzle_mm, 6)
    if model.ironing.spacing_mm > widest:
        yield process.problem(
            "ironing.spacing_mm",
            model.ironing.spacing_mm,
            f"at most {widest} for a {nozzle_mm} mm nozzle",
        )
    low, high = (round(ratio * nozzle_mm, 6) for ratio in BEAD_WIDTH_RATIO)
    for key, width in model.widths:
        if not low <= width <= high:
            yield process.problem(
                f"widths.{key}", width, f"{low} to {high} for a {nozzle_mm} mm nozzle"
            )


def check_heat(material: Loaded[Material], printer: Loaded[Printer]) -> Problems:
    """The printer reaches the material's temperatures."""
    for limit_key, keys in (
        ("max_nozzle_c", ("nozzle_c", "first_layer_nozzle_c")),
        ("max_bed_c", ("bed_c", "first_layer_bed_c")),
    ):
        limit = getattr(printer.model, limit_key)
        for key in keys:
            value = getattr(material.model, key)
            if value > limit:
                where = printer.raw.origin((limit_key,))
                yield material.problem(key, value, f"at most {limit}, {limit_key} of {where}")


def check_dialect(dialect: Loaded[Dialect], printer: Loaded[Printer]) -> Problems:
    """The dialect's file is the one of the printer's firmware."""
    if dialect.model.id is not printer.model.firmware:
        yield dialect.problem(
            "id", repr(dialect.model.id.value), repr(printer.model.firmware.value)
        )
