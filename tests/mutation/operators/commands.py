"""Modes, settings and commands that change what every later line means, or the machine itself."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from tests.mutation.operators.base import MutationOperator, Size
from tests.mutation.operators.editing import Lines
from tests.mutation.operators.heat import in_layer
from tests.mutation.operators.layering import inserted_in

if TYPE_CHECKING:
    from tests.mutation.subjects import Subject

FAMILY: Final = "commands"


def at_start(subject: Subject, *texts: str) -> Lines:
    """Lines put in right before the first layer, once per program: others of the kind go."""
    names = {text.split(" ", 1)[0] for text in texts}
    at = subject.lines.index(";LAYER:0")
    lines = [text for text in subject.lines[:at] if text.split(" ", 1)[0] not in names]
    return [*lines, *texts, *subject.lines[at:]]


def _fast_start(subject: Subject, rng: random.Random, size: float) -> Lines:
    return inserted_in(
        subject, rng.choice(subject.sparse), f"M204 {_accel_letters(subject)}{size:.0f}"
    )


def _accel_letters(subject: Subject) -> str:
    return "S" if subject.dialect == "klipper" else "P"


_REFUSED: Final = (
    ("B23", "M302 P1", "cold extrusion allowed"),
    ("B24", "M500", "settings stored"),
    ("B25", "M502", "settings reset"),
    ("B26", "M92 E400", "steps per mm"),
    ("B27", "M997", "firmware update"),
    ("B28", "M851 Z-1", "probe offset"),
    ("B29", "M206 Z1", "home offset"),
    ("B35", "M301 P10", "heater's PID"),
    ("B36", "M303 E0 S200", "PID tuning"),
    ("B37", "M42 P4 S255", "a pin switched"),
    ("B38", "M280 P0 S10", "a servo moved"),
    ("B39", "M28 a.g", "a file written"),
    ("B40", "M30 a.g", "a file deleted"),
    ("B41", "M32 a.g", "another file printed"),
    ("B42", "M808 L9", "a loop"),
    ("B43", "M112", "emergency stop"),
    ("B44", "M600", "filament change"),
    ("B45", "M0", "a stop for somebody"),
    ("B47", "M810", "a macro run"),
    ("B48", "M290 Z0.1", "baby steps"),
    ("B49", "SET_HEATER_TEMPERATURE HEATER=extruder TARGET=250", "Klipper's heater command"),
    ("B50", "RUN_SHELL_COMMAND CMD=x", "a shell command"),
    ("B51", "FORCE_MOVE STEPPER=stepper_z DISTANCE=5", "a motor moved past its limits"),
    ("B52", "M118 A1 action:cancel", "an action sent to the host"),
    ("B53", "M145 S0", "preheat constants"),
    ("B54", "G53", "machine coordinates"),
    ("B54b", "G54", "a workspace"),
    ("B54c", "G59", "another workspace"),
    ("B55", "M569 S1", "motor direction"),
    ("B65", "M428", "home offsets from here"),
    ("B66", "M593 F0", "input shaping off"),
    ("B67", "G5 I0 J3 P0 Q-3 X20 Y20", "a spline"),
    ("B68", "M420 S0", "bed levelling off"),
    ("B69", "M605 S2", "two heads in copy mode"),
    ("B70", "START_PRINT EXTRUDER_TEMP=290 BED_TEMP=120", "a macro with other arguments"),
    ("B71", "G11", "firmware unretraction"),
)

_BY_DIALECT: Final[tuple[tuple[str, str, str | Mapping[str, str], str], ...]] = (
    ("B18", "G20", "M-02", "inches"),
    ("B19", "G91", "M-02", "relative positions"),
    ("B20", "M82", "M-02", "E made absolute"),
    ("B21", "G92 X0 Y0", "M-02", "a zero point of X and Y"),
    ("B22", "G92 Z0", "M-02", "a zero point of Z"),
    ("B30", "M221 S80", "M-14", "flow at 80 %"),
    ("B31", "M220 S200", "M-14", "feed at 200 %"),
    ("B32", "T1", {"*": "L-05"}, "another tool"),
    ("B33", "M900 K9", {"marlin2": "M-14", "prusa-buddy": "M-14", "*": "L-05"}, "linear advance"),
    ("B72", "G10", {"reprapfirmware": "M-09", "*": "L-05"}, "firmware retraction"),
    ("B73", "M200 D1.75", {"klipper": "L-05", "reprapfirmware": "L-05", "*": "L-06"}, "E as mm3"),
    ("B74", "G29", {"klipper": "L-05", "*": "L-07"}, "the bed measured in mid-print"),
    ("B75", "M203 X900 Y900", {"klipper": "L-05", "*": "L-07"}, "speed limits in mid-print"),
    ("B76", "M201 X9000", {"klipper": "L-05", "*": "L-07"}, "acceleration limits in mid-print"),
)

_AT_START: Final[tuple[tuple[str, str, str | Mapping[str, str], str], ...]] = (
    ("B77", "M203 X90000 Y90000", {"klipper": "L-05", "*": "M-14"}, "speed limits above the axes'"),
    ("B78", "M203 Z9000", {"klipper": "L-05", "*": "M-14"}, "a speed limit above Z's own"),
    ("B79", "M203 E90000", {"klipper": "L-05", "*": "M-14"}, "a speed limit above E's own"),
    ("B80", "M201 X90000", {"klipper": "L-05", "*": "M-14"}, "acceleration limits too high"),
    (
        "B81",
        "M200 S1",
        {"klipper": "L-05", "reprapfirmware": "L-05", "*": "M-14"},
        "volumetric E switched on: every E means mm3",
    ),
    ("B82", "G29 S", {"klipper": "L-05", "marlin2": "L-06", "*": ""}, "a mesh taken from memory"),
)

OPERATORS: Final = (
    *(MutationOperator(id, FAMILY, "L-05", in_layer(text), about) for id, text, about in _REFUSED),
    *(
        MutationOperator(id, FAMILY, rule, in_layer(text), about)
        for id, text, rule, about in _BY_DIALECT
    ),
    *(
        MutationOperator(
            id,
            FAMILY,
            rule,
            lambda s, rng, size, text=text: at_start(s, text),  # type: ignore[misc]
            about,
            applies=lambda s, rule=rule: (
                isinstance(rule, str) or bool(rule.get(s.dialect, rule["*"]))
            ),  # type: ignore[misc]
        )
        for id, text, rule, about in _AT_START
    ),
    MutationOperator(
        "B34",
        FAMILY,
        "M-14",
        _fast_start,
        "an acceleration over the machine's",
        Size("mm/s2", lambda s: float(s.demand.machine.max_accel_mm_s2)),
    ),
    MutationOperator(
        "B83",
        FAMILY,
        "M-14",
        lambda s, rng, size: inserted_in(s, rng.choice(s.sparse), "M221 S99"),
        "flow at 99 %",
    ),
    MutationOperator(
        "B84",
        FAMILY,
        {"klipper": "L-06", "reprapfirmware": "L-06", "*": "L-06"},
        in_layer("M73 X1"),
        "a letter that progress has not",
    ),
)
