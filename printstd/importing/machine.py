"""What the settings of a machine mean, whoever calls them what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from printstd.importing import keep_out
from printstd.importing.convert import Converter, Lost, Unreadable, Values, rounded
from printstd.importing.filament import least_flow
from printstd.importing.foreign import Kind
from printstd.importing.priming import Limits
from printstd.profiles.models import Firmware

FLAVORS: Final[Mapping[str, Firmware]] = {
    "marlin": Firmware.MARLIN2,
    "marlin2": Firmware.MARLIN2,
    "klipper": Firmware.KLIPPER,
    "reprap": Firmware.REPRAPFIRMWARE,
    "reprapfirmware": Firmware.REPRAPFIRMWARE,
}
_BUDDY: Final = re.compile(r"(MINI|MK3\.[59]|MK4|XL|COREONE|CORE ?ONE|HT90)", re.IGNORECASE)
_OLD_PRUSA: Final = re.compile(r"MK(2|2\.5|3)(S|SMM|MM|MMU2|MMU2S|SMMU2S|SMMU2|MMU1)*$")
_REAL: Final = r"([+-]?\d+\.?\d*(?:e[+-]?\d+)?)"
_CORNER: Final = re.compile(rf"\s*{_REAL}\s*x\s*{_REAL}\s*$", re.IGNORECASE)
_PICTURE: Final = re.compile(r"\s*(\d+)x(\d+)(?:/(\w+))?\s*$")
MIN_ARC_DEVIATION_MM: Final = 0.001
MAX_ARC_DEVIATION_MM: Final = 0.1
MAX_PICTURES: Final = 8
MAX_PICTURE_PX: Final = 1000
SQUARE_CORNER_MM_S: Final = 5.0
"""Klipper's own; presets say nothing of it."""
MINIMUM_CRUISE_RATIO: Final = 0.5

NO_LIMIT: Final = 10_000.0
"""mm/s, mm/s2 of an axis: for presets that set none."""

Box = tuple[float, float, float, float]


def firmware(values: Values, key: str) -> str:
    """Unreadable where it is a firmware that printstd does not speak."""
    flavor = values.first(key)
    if flavor not in FLAVORS:
        raise Unreadable(key, repr(flavor), f"one of {', '.join(FLAVORS)}")
    found = FLAVORS[flavor]
    if (
        found is Firmware.MARLIN2
        and is_prusa(values)
        and _BUDDY.search(values.get("printer_model"))
    ):
        found = Firmware.PRUSA_BUDDY
    return found.value


def is_prusa(values: Values) -> bool:
    said = values.get("printer_vendor") + values.get("printer_notes")
    return "Prusa Research" in said or "PRINTER_VENDOR_PRUSA3D" in said


def allowlist(values: Values, key: str) -> str:
    """What a program for the machine may say."""
    found = firmware(values, key)
    if found == Firmware.MARLIN2:
        if is_prusa(values) and _OLD_PRUSA.match(values.get("printer_model")):
            return "prusa-mk3"
        return "generic-marlin"
    return found


def has_arcs(values: Values, key: str) -> bool:
    """Whether programs for the machine may say G2 and G3."""
    return {"G2", "G3"} <= set(values.allowed(allowlist(values, key)))


def arcs(is_on: Callable[[Values, str], bool], resolution_key: str) -> Converter:
    """How far arcs may stray, mm: as far as the path may anyway; 0 without them."""

    def convert(values: Values, key: str) -> float:
        if not is_on(values, key):
            return 0.0
        flavor = "gcode_flavor"
        if Kind.PRINTER in values.names and not has_arcs(values, flavor):
            raise Lost(f"the allow-list {allowlist(values, flavor)!r} has no arcs", 0.0)
        deviation = values.number(resolution_key)
        if not 0 < deviation <= MAX_ARC_DEVIATION_MM:
            least = max(MIN_ARC_DEVIATION_MM, min(deviation, MAX_ARC_DEVIATION_MM))
            raise Lost(f"arcs may stray by {deviation:g} mm in the preset", least)
        return deviation

    return convert


def detour(values: Values, key: str) -> float:
    """mm; of a share of each way there is no one number."""
    if values.first(key).endswith("%") and values.of(key, 1.0) > 0:
        raise Lost("the longest way round is a length, not a share of the way", 0.0)
    return values.of(key, 1.0)


def slope(values: Values, *keys: str) -> float:
    """Degrees, of the first key that says some; upright is 0."""
    for key in keys:
        if key in values and values.first(key) not in ("nil", ""):
            found = values.number(key)
            return found if found < 90 else 0.0
    return 0.0


def bed(values: Values, key: str) -> Box:
    """x and y from, x and y to, mm: the largest box on the bed. Of a bed with corners elsewhere
    (a round one) that is the square inside it."""
    corners = []
    for item in values.text(key).split(","):
        match = _CORNER.match(item.strip().strip('"'))
        if match is None:
            raise Unreadable(key, repr(item), "corners, as 0x0,200x0,200x200,0x200")
        corners.append((float(match.group(1)), float(match.group(2))))
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    box = (min(xs), min(ys), max(xs), max(ys))
    if box[0] >= box[2] or box[1] >= box[3]:
        raise Unreadable(key, values.text(key)[:60], "a bed with an area")
    if all(x in (box[0], box[2]) and y in (box[1], box[3]) for x, y in corners):
        return box
    return _inside(corners, box)


def _inside(corners: list[tuple[float, float]], box: Box) -> Box:
    """The box of the same shape about the middle of `box`, as large as the polygon has room for:
    each edge of a convex bed keeps all four corners on its inner side."""
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    half = ((box[2] - box[0]) / 2, (box[3] - box[1]) / 2)
    factor = 1.0
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        normal = (y1 - y0, x0 - x1)
        reach = abs(normal[0]) * half[0] + abs(normal[1]) * half[1]
        room = abs(normal[0] * (x0 - middle[0]) + normal[1] * (y0 - middle[1]))
        if reach > 0:
            factor = min(factor, room / reach)
    # Rounded towards the middle: no corner may lie outside by a rounding.
    sides = [int(length * factor * 1000) / 1000 for length in half]
    return (
        rounded(middle[0] - sides[0]),
        rounded(middle[1] - sides[1]),
        rounded(middle[0] + sides[0]),
        rounded(middle[1] + sides[1]),
    )


def limits_of(bed_key: str, e_key: str, height_key: str) -> Callable[[Values], Limits]:
    """What start and end code are held to."""

    def found(values: Values) -> Limits:
        box = bed(values, bed_key)
        return Limits(
            values.number("nozzle_diameter"),
            values.number("filament_diameter"),
            least_flow(values),
            limit(values, e_key),
            (min(max(0.0, box[0]), box[2]), min(max(0.0, box[1]), box[3])),
            values.number(height_key),
            keep_out.boxes(values),
        )

    return found


def side(number: int) -> Converter:
    """One of the four numbers of the bed's box."""
    return lambda values, key: bed(values, key)[number]


def bed_of(key: str) -> Converter:
    """The bed's box, for a row of another key."""
    return lambda values, _: bed(values, key)


def room(values: Values, key: str) -> float:
    """mm, of what moves with the nozzle: more than none."""
    found = values.number(key)
    if found <= 0:
        raise Lost("whatever moves with the nozzle takes some room")
    return found


def max_layer(values: Values, key: str) -> float:
    """0: three quarters of the nozzle (facts of slicers 2.2)."""
    return values.number(key) or rounded(0.75 * values.number("nozzle_diameter"))


def overridden(own: Converter, *filament_keys: str) -> Converter:
    """A machine's value, unless the filament has its own."""

    def convert(values: Values, key: str) -> Any:
        for other in filament_keys:
            if other in values and values.first(other) not in ("nil", ""):
                return own(values, other)
        return own(values, key)

    return convert


def as_far_as(limit_key: str) -> Converter:
    """A filament speed, mm/s, as far as the extruder's axis goes along."""
    return lambda values, key: min(values.number(key), values.number(limit_key))


def deretract(speed_key: str, filament_key: str, limit_key: str) -> Converter:
    """0: as fast as drawing back."""

    def convert(values: Values, key: str) -> float:
        found = values.number(key)
        if found <= 0:
            own = filament_key in values and values.first(filament_key) not in ("nil", "")
            found = values.number(filament_key if own else speed_key)
        return min(found, values.number(limit_key))

    return convert


def pictures(values: Values, key: str) -> list[list[int]]:
    """``160x120, 16x16/PNG``: printstd draws PNG, whatever form is asked for."""
    found: list[list[int]] = []
    others: list[str] = []
    for item in values.text(key).split(","):
        if not item.strip():
            continue
        match = _PICTURE.match(item)
        if match is None:
            raise Unreadable(key, repr(item), "sizes, as 160x120 or 16x16/PNG")
        size = [int(match.group(1)), int(match.group(2))]
        if match.group(3) not in (None, "PNG"):
            others.append(item.strip())
        elif size not in found and all(0 < side <= MAX_PICTURE_PX for side in size):
            found.append(size)
    found = found[:MAX_PICTURES]
    if others:
        raise Lost(f"pictures are PNG alone, not {', '.join(others)}", found)
    return found


def limit(values: Values, key: str) -> float:
    """Of an axis; 0 is none of the preset's: what no axis reaches."""
    return values.number(key) or NO_LIMIT


def jerk(flavor_key: str = "gcode_flavor") -> Converter:
    """Klipper has none."""

    def convert(values: Values, key: str) -> float:
        if firmware(values, flavor_key) == Firmware.KLIPPER:
            raise Lost("Klipper goes round corners by another rule")
        return limit(values, key)

    return convert


def one_nozzle(values: Values, key: str) -> float:
    nozzles = values.text(key).split(",")
    if len(nozzles) > 1:
        raise Lost(f"printstd prints with one tool, not {len(nozzles)}", values.number(key))
    return values.number(key)


def never_above(top_key: str) -> Callable[[Values, str], bool]:
    """Whether lifting ends nowhere, or within a millimetre of the machine's top."""

    def is_off(values: Values, key: str) -> bool:
        below = values.number(key)
        return below == 0 or (top_key in values and below >= values.number(top_key) - 1.0)

    return is_off
