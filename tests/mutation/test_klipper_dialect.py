"""One honest part as OrcaSlicer writes it for Klipper: macros with what they run. Nothing is found;
a macro that does something else is."""

from __future__ import annotations

from typing import Final

import pytest

from printstd.artifacts.demand import CommandRule
from printstd.audit.gather import read
from tests.mutation.dialects import Lines, body, demand, found_in, rules_failed

START_PRINT: Final = CommandRule(
    "START_PRINT",
    "EXTRUDER_TEMP BED_TEMP",
    "macro",
    expansion=(
        "SAVE_GCODE_STATE NAME=start",
        "M140 S{BED_TEMP}",
        "G28",
        "_PURGE LENGTH=40",
        "RESTORE_GCODE_STATE NAME=start",
        "M190 S{BED_TEMP}",
        "M109 S{EXTRUDER_TEMP}",
        "G90",
    ),
)
PURGE: Final = CommandRule(
    "_PURGE",
    "LENGTH HEIGHT",
    "macro",
    expansion=("G91", "G1 Z{HEIGHT=5} F600", "G90", "G1 X{LENGTH} Y5 F6000"),
)
END_PRINT: Final = CommandRule(
    "END_PRINT", "", "macro", expansion=("G91", "G1 Z5 F600", "G90", "M104 S0", "M140 S0", "M107")
)
FRAME: Final = CommandRule("TIMELAPSE_TAKE_FRAME", "", "macro", expansion=("M400",))
LOOP: Final = CommandRule("LOOP", "", "macro", expansion=("G4 P1", "LOOP"))
MACROS: Final = (START_PRINT, PURGE, END_PRINT, FRAME, LOOP)


def orca(
    *,
    start: str = "START_PRINT EXTRUDER_TEMP=210 BED_TEMP=60",
    in_third: Lines = (),
    end: str = "END_PRINT",
) -> list[str]:
    out = [
        "EXCLUDE_OBJECT_DEFINE NAME=plate_1 CENTER=125,105 POLYGON=[[110,95],[140,95],[140,115]]",
        start,
        "G21",
        "G90",
        "M83",
        "SET_VELOCITY_LIMIT ACCEL=500 ACCEL_TO_DECEL=500",
        "SET_PRESSURE_ADVANCE ADVANCE=0.03",
        "SET_PRINT_STATS_INFO TOTAL_LAYER=14",
    ]
    for text in body():
        out.append(text)
        if text.startswith(";LAYER:"):
            out += [
                "TIMELAPSE_TAKE_FRAME",
                f"SET_PRINT_STATS_INFO CURRENT_LAYER={int(text[7:]) + 1}",
                "EXCLUDE_OBJECT_START NAME=plate_1",
            ]
        if text == ";LAYER:3":
            out += in_third
    return [*out, "EXCLUDE_OBJECT_END NAME=plate_1", end, "M84"]


def failed(lines: Lines) -> set[str]:
    return rules_failed(found_in(lines, demand("klipper", "generic-klipper", MACROS)))


def test_a_program_of_macros_is_what_they_run() -> None:
    assert failed(orca()) == set()


MACRO_FAULTS: Final = {
    "a macro without its expansion": (orca(start="PRINT_START EXTRUDER_TEMP=210"), "L-05"),
    "a word that it does not have": (
        orca(start="START_PRINT EXTRUDER_TEMP=210 BED_TEMP=60 SOAK=3"),
        "L-06",
    ),
    "a parameter left out": (orca(start="START_PRINT EXTRUDER_TEMP=210"), "L-05"),
    "altered arguments": (orca(start="START_PRINT EXTRUDER_TEMP=280 BED_TEMP=60"), "M-06"),
    "cold": (orca(start="START_PRINT EXTRUDER_TEMP=21 BED_TEMP=60"), "M-06"),
    "homing in mid-print": (
        orca(in_third=["START_PRINT EXTRUDER_TEMP=210 BED_TEMP=60"]),
        "M-01",
    ),
    "one that calls itself": (orca(in_third=["LOOP"]), "L-05"),
    "an offset that no line shows": (orca(in_third=["SET_GCODE_OFFSET Z=0.3"]), "L-05"),
    "heated by another name": (
        orca(in_third=["SET_HEATER_TEMPERATURE HEATER=extruder TARGET=300"]),
        "L-05",
    ),
    "a comment inside a value": (
        orca(in_third=["SET_PRESSURE_ADVANCE ADVANCE=0.03#9"]),
        "L-03",
    ),
    "a move back that no line shows": (
        orca(in_third=["RESTORE_GCODE_STATE NAME=start MOVE=1"]),
        "L-05",
    ),
    "modes brought back from another time": (
        orca(
            start="START_PRINT EXTRUDER_TEMP=210 BED_TEMP=60\nM82\nSAVE_GCODE_STATE NAME=a",
            in_third=["RESTORE_GCODE_STATE NAME=a"],
        ),
        "M-02",
    ),
    "relative positions from a macro": (
        orca(in_third=["_PURGE LENGTH=125"]),
        "M-02",
    ),
    "heaters left on": (orca(end="M107"), "M-12"),
}


@pytest.mark.parametrize("name", MACRO_FAULTS)
def test_a_macro_that_does_something_else_is_found(name: str) -> None:
    lines, rule = MACRO_FAULTS[name]
    text = "\n".join(lines).split("\n")
    assert rule in failed(text)


def test_a_state_that_is_brought_back_is_the_one_that_was_kept() -> None:
    text = (
        "M83\nG1 X10 F600\nSAVE_GCODE_STATE NAME=a\nM82\nG91\nG92 E5\nM221 S50\nG1 X5 E6\n"
        "RESTORE_GCODE_STATE NAME=a\nG1 X20 E1\n"
    )
    track = read(text.encode(), demand("klipper", "generic-klipper")).track
    assert track.end_um[:, 0].tolist() == [10_000.0, 15_000.0, 20_000.0]
    assert track.e_um.tolist() == [0.0, 500.0, 1_000.0]
