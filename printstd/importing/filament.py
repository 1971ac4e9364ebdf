"""What the settings of a filament mean, whoever calls them what (facts of slicers 2.8)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from printstd.importing.convert import Converter, Lost, Values, rounded, share
from printstd.importing.custom_code import filled_lines
from printstd.profiles.machine_code import command_of

NO_LIMIT_MM3_S: Final = 1000.0
"""Of flow: what no hot end reaches, for "no limit"."""
_FIRST_LIN_ADVANCE: Final = 10.0
"""Older Prusa firmware takes K from here on for its first kind of linear advance, and newer for
nothing at all; presets hold a line for each (knowledge, high)."""
_ADVANCE: Final = {"M900": "K", "M572": "S", "SET_PRESSURE_ADVANCE": "ADVANCE="}


def max_flow(values: Values, key: str) -> float:
    """0 is no limit."""
    return values.number(key) or NO_LIMIT_MM3_S


def least_flow(values: Values) -> float:
    """mm3/s that start code is held to: the filament's that it is imported with."""
    key = "filament_max_volumetric_speed"
    return max_flow(values, key) if key in values.stated else NO_LIMIT_MM3_S


def cost(values: Values, key: str) -> float | None:
    """0 is not known."""
    return values.number(key) or None


def density(values: Values, key: str) -> float:
    """0 is not known: what the material's kind weighs stays."""
    found = values.number(key)
    if found <= 0:
        raise Lost("the density is not known to the preset")
    return found


def first_layer_temperature(other: str) -> Converter:
    """0 leaves the temperature to the firmware: the other layers' counts."""

    def convert(values: Values, key: str) -> int:
        return round(values.number(key)) or round(values.number(other))

    return convert


def fan_min(cooling: str, always: str, low: str) -> Converter:
    """Where the fan runs in short layers alone, it stands still in long ones: the least is 0.
    Without cooling by layer time it has one speed."""

    def convert(values: Values, key: str) -> float:
        least = share(values, low)
        if values.is_on(always):
            return least
        if values.is_on(cooling) and least > 0:
            raise Lost("the fan's speed falls to 0, without a step at its least", 0.0)
        return 0.0

    return convert


def fan_max(cooling: str, always: str, low: str) -> Converter:
    def convert(values: Values, key: str) -> float:
        if values.is_on(cooling):
            return max(share(values, key), share(values, low) if values.is_on(always) else 0.0)
        return share(values, low) if values.is_on(always) else 0.0

    return convert


def orca_fan_min(always: str) -> Converter:
    """OrcaSlicer's fan runs from `fan_cooling_layer_time` down; above it it stands still, unless
    it is to run always."""

    def convert(values: Values, key: str) -> float:
        least = share(values, key)
        if values.is_on(always) or least == 0:
            return least
        raise Lost("the fan's speed falls to 0, without a step at its least", 0.0)

    return convert


def orca_fan_max() -> Converter:
    return lambda values, key: max(share(values, key), share(values, "fan_min_speed"))


def orca_layer_time(other: str) -> Converter:
    return lambda values, key: max(values.number(key), values.number(other))


def orca_slow_time(cooling: str) -> Converter:
    """The fan reaches its most at this time whether layers are slowed down or not; here the two
    are one number, so without slowing down it is 0."""

    def convert(values: Values, key: str) -> float:
        if values.is_on(cooling):
            return values.number(key)
        raise Lost("the fan is at its most in no layer, where none is slowed down", 0.0)

    return convert


def fan_full_layer(off: str) -> Converter:
    """1-based; one that is not after the last without a fan means the next."""
    return lambda values, key: max(round(values.number(key)), round(values.number(off)) + 1)


def layer_time(cooling: str, other: str | None = None) -> Converter:
    """s; 0 without cooling by layer time. other : a time that this one is never below."""

    def convert(values: Values, key: str) -> float:
        if not values.is_on(cooling):
            return 0.0
        found = values.number(key)
        return max(found, values.number(other)) if other else found

    return convert


def least_speed(values: Values, key: str) -> float:
    """0 is no least: the slowest that a firmware's whole mm/min allow."""
    return values.number(key) or 1.0


def left_over(values: Values, key: str) -> float:
    """OrcaSlicer says what is left of 100 %: ``99.4%`` shrinks by 0.6 %."""
    return _shrinkage(key, 1.0 - values.of(key, 1.0) if values.first(key).endswith("%") else 0.0)


def shrunk(values: Values, key: str) -> float:
    """PrusaSlicer says by how much: ``0.6%``."""
    return _shrinkage(key, values.of(key, 1.0))


def _shrinkage(key: str, found: float) -> float:
    if not 0 <= found < 0.05:
        raise Lost("printstd makes up for a shrinkage of 0 to 5 %", min(max(found, 0.0), 0.049))
    return rounded(found)


def advance_of_code(values: Values, key: str) -> float | None:
    """Pressure advance, s: all that is carried of what the filament's own code does."""
    lines, problem = filled_lines(values.first_text(key), values.everything(), {})
    if problem:
        raise Lost(f"custom code: {problem}")
    said = [(line.strip(), command_of(line)) for line in lines if command_of(line)]
    found = [value for line, command in said if (value := _advance(line, command)) is not None]
    other = [line for line, command in said if _advance(line, command) is None]
    small = [value for value in found if value < _FIRST_LIN_ADVANCE]
    if len(set(small)) > 1:
        raise Lost(f"pressure advance is set to {', '.join(f'{v:g}' for v in small)}")
    advance = small[0] if small else None
    if other:
        raise Lost(f"custom code of a filament: {other[0][:60]!r}", advance)
    return advance


def _advance(line: str, command: str) -> float | None:
    sign = _ADVANCE.get(command)
    if sign is None:
        return None
    match = re.search(rf"(?:\s){sign}(\d*\.?\d+)\s*$", line.split(";", 1)[0].rstrip())
    return float(match.group(1)) if match else None


KNOWN_TYPES: Final[Mapping[str, str]] = {
    "PLA": "pla", "PLA+": "pla", "PETG": "petg", "PET": "petg", "ABS": "abs",
}  # fmt: skip
"""Kind of filament -> the bundled material whose windows and walls it has."""
