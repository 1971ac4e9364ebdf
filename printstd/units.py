"""The units that cross stage borders, as exact integer ratios.

Lengths on the way to G-code are int64 nanometres; names carry their unit
(``_nm _um _mm _mm_s _mm2 _mm3_s _deg _c _s _ratio``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

NM_PER_UM: Final = 1_000
NM_PER_MM: Final = 1_000_000
UM_PER_MM: Final = 1_000
E5_PER_MM: Final = 100_000
"""Filament lengths are counted in 10^-5 mm, the resolution at which E is written."""


class LengthUnit(StrEnum):
    """Units a model file may be in (3MF core 3.4 names, plus none for STL)."""

    MICRON = "micron"
    MILLIMETER = "millimeter"
    CENTIMETER = "centimeter"
    INCH = "inch"
    FOOT = "foot"
    METER = "meter"


NM_PER_UNIT: Final[dict[LengthUnit, int]] = {
    LengthUnit.MICRON: 1_000,
    LengthUnit.MILLIMETER: 1_000_000,
    LengthUnit.CENTIMETER: 10_000_000,
    LengthUnit.INCH: 25_400_000,
    LengthUnit.FOOT: 304_800_000,
    LengthUnit.METER: 1_000_000_000,
}

_ALIASES: Final[dict[str, LengthUnit]] = {
    "um": LengthUnit.MICRON,
    "mm": LengthUnit.MILLIMETER,
    "cm": LengthUnit.CENTIMETER,
    "in": LengthUnit.INCH,
    "ft": LengthUnit.FOOT,
    "m": LengthUnit.METER,
} | {unit.value: unit for unit in LengthUnit}


def length_unit(name: str) -> LengthUnit | None:
    """The unit called `name` (long name or symbol, lower case), or None."""
    return _ALIASES.get(name)


def nm(length_mm: float) -> int:
    """Millimetres to the nearest whole nanometre (ties to even)."""
    return round(length_mm * NM_PER_MM)


def um(length_mm: float) -> int:
    """Millimetres to the nearest whole micrometre (ties to even)."""
    return round(length_mm * UM_PER_MM)
