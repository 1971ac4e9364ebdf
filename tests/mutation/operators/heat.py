"""Heat and air: nozzle, bed, chamber, fans."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tests.mutation.operators.base import Edit, MutationOperator, Size
from tests.mutation.operators.editing import Lines
from tests.mutation.operators.layering import inserted_in

if TYPE_CHECKING:
    from tests.mutation.subjects import Subject

FAMILY: Final = "heat"
_SETS: Final = re.compile(r"(M104|M109|M140|M190) S([0-9.]+)$")
_NOZZLE: Final = ("M104", "M109")
_BED: Final = ("M140", "M190")


def targets(subject: Subject, names: tuple[str, ...]) -> list[float]:
    """All that a heater is set to but off, degC, in order."""
    found = []
    for text in subject.lines:
        match = _SETS.match(text)
        if match and match[1] in names and float(match[2]) > 0:
            found.append(float(match[2]))
    return found


def _warmer(names: tuple[str, ...], sign: int) -> Edit:
    """All targets of a heater so many degrees higher or lower."""

    def edit(subject: Subject, rng: random.Random, size: float) -> Lines:
        def change(text: str) -> str:
            match = _SETS.match(text)
            if not match or match[1] not in names or float(match[2]) <= 0:
                return text
            return f"{match[1]} S{float(match[2]) + sign * size:.2f}"

        return [change(text) for text in subject.lines]

    return edit


def _room(names: tuple[str, ...], sign: int) -> Callable[[Subject], float]:
    def limit(subject: Subject) -> float:
        material = subject.demand.material
        low, high = material.nozzle_mc if names is _NOZZLE else material.bed_mc
        set_c = targets(subject, names)
        return high / 1000 - max(set_c) if sign > 0 else min(set_c) - low / 1000

    return limit


def without_line(pattern: str, last: bool = False) -> Edit:
    """The first (or last) line that matches left out; all where neither is asked."""

    def edit(subject: Subject, rng: random.Random, size: float) -> Lines:
        lines = list(subject.lines)
        at = [i for i, text in enumerate(lines) if re.match(pattern, text)]
        gone = set(at[-1:] if last else at)
        return [text for i, text in enumerate(lines) if i not in gone]

    return edit


def in_layer(*texts: str) -> Edit:
    """Lines put into a sparse layer."""
    return lambda subject, rng, size: inserted_in(subject, rng.choice(subject.sparse), *texts)


def _a_little_warmer(subject: Subject, rng: random.Random, size: float) -> Lines:
    middle = sum(subject.demand.material.nozzle_mc) / 2000
    return inserted_in(subject, rng.choice(subject.sparse), f"M104 S{middle + 1:.0f}")


def _fan_slower(subject: Subject, rng: random.Random, size: float) -> Lines:
    """Every fan speed by so many per cent lower."""

    def change(text: str) -> str:
        match = re.match(r"M106(?: P0)? S([0-9.]+)$", text)
        return f"M106 S{float(match[1]) * (1 - size / 100):.3f}" if match else text

    return [change(text) for text in subject.lines]


def _fan_room(subject: Subject) -> float:
    found = subject.honest_finding("M-08")
    assert found.measured
    return 100 * (1 - subject.demand.material.min_fan_permille / 10 / found.measured)


def _has_fan(subject: Subject) -> bool:
    return subject.demand.material.min_fan_permille > 0


def _fan_early(subject: Subject, rng: random.Random, size: float) -> Lines:
    at = subject.lines.index(";LAYER:0") + 4
    lines = [text for text in subject.lines if text != "M107"]
    return [*lines[:at], "M106 S255", *lines[at:], "M107"]


_FAN_LAYER: Final = (
    "what the fan blows in a single layer is not demanded, only the least on the whole and none in "
    "the first layers"
)

OPERATORS: Final = (
    MutationOperator(
        "B01", FAMILY, "M-06", _warmer(_NOZZLE, 1), "nozzle too hot", Size("K", _room(_NOZZLE, 1))
    ),
    MutationOperator(
        "B02",
        FAMILY,
        "M-06",
        _warmer(_NOZZLE, -1),
        "nozzle too cold",
        Size("K", _room(_NOZZLE, -1)),
    ),
    MutationOperator(
        "B03", FAMILY, "M-06", _a_little_warmer, "nozzle changed inside the window, not waited for"
    ),
    MutationOperator(
        "B04a", FAMILY, "M-07", _warmer(_BED, 1), "bed too hot", Size("K", _room(_BED, 1))
    ),
    MutationOperator(
        "B04b", FAMILY, "M-07", _warmer(_BED, -1), "bed too cold", Size("K", _room(_BED, -1))
    ),
    MutationOperator("B04", FAMILY, "M-07", in_layer("M140 S0"), "bed off in mid-print"),
    MutationOperator(
        "B05", FAMILY, "M-06", without_line(r"M109 S"), "the nozzle is not waited for"
    ),
    MutationOperator("B06", FAMILY, "M-12", without_line(r"M104 S0$", last=True), "nozzle left on"),
    MutationOperator("B07", FAMILY, "M-12", without_line(r"M140 S0$", last=True), "bed left on"),
    MutationOperator(
        "B08",
        FAMILY,
        "M-08",
        without_line(r"M106\b"),
        "no fan",
        applies=_has_fan,
    ),
    MutationOperator(
        "B08b",
        FAMILY,
        "M-08",
        _fan_slower,
        "the fan slower",
        Size("%", _fan_room),
        applies=lambda s: _has_fan(s) and _fan_room(s) > 3.0,
    ),
    MutationOperator("B09", FAMILY, "M-08", _fan_early, "the fan on in the first layer"),
    MutationOperator(
        "B59",
        FAMILY,
        {"klipper": "L-06", "*": "M-08"},
        in_layer("M106 P1 S255"),
        "another fan than the part's",
    ),
    MutationOperator(
        "B60",
        FAMILY,
        {"reprapfirmware": "M-14", "*": "L-06"},
        in_layer("M104 T1 S200"),
        "another tool's nozzle heated",
    ),
    MutationOperator("B61", FAMILY, "L-05", in_layer("M141 S60"), "the chamber heated"),
    MutationOperator(
        "B64",
        FAMILY,
        "",
        lambda s, rng, size: _one_cold_layer(s, rng),
        "full fan in one layer, whose bond is weaker",
        allowed_because=_FAN_LAYER,
    ),
)


def _one_cold_layer(subject: Subject, rng: random.Random) -> Lines:
    layer = rng.choice(subject.sparse[3:-1])
    lines = inserted_in(subject, layer, "M106 S255")
    before = [text for text in lines[: lines.index(f";LAYER:{layer}")] if text.startswith("M106")]
    at = lines.index(f";LAYER:{layer + 1}") + 4
    return [*lines[:at], before[-1] if before else "M107", *lines[at:]]
