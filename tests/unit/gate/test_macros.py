"""What a print can reach in printer.cfg is held to what was approved; calibrating is no change."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.errors import VerificationError
from printstd.gate.macros import (
    Approved,
    check_macros,
    digests,
    reachable,
    read_approved,
    runs_just,
    write_approved,
)

PROGRAM = b"; START_OTHER\nG28\n start_print BED=60\nG1 X1 ; END_PRINT\nM117 UNREACHED\n"
SETTINGS = {
    "printer": {"kinematics": "cartesian", "max_velocity": 300.0},
    "extruder": {
        "nozzle_diameter": 0.4,
        "rotation_distance": 33.5,
        "pressure_advance": 0.04,
        "pid_kp": 22.2,
        "control": "pid",
    },
    "stepper_z": {"position_endstop": 0.1, "position_max": 250.0},
    "bed_mesh": {"speed": 50.0},
    "bed_mesh default": {"points": [[0.1, 0.2]]},
    "input_shaper": {"shaper_freq_x": 50.0},
    "probe": {"z_offset": 1.2, "samples": 3, "speed": 5.0},
    "homing_override": {"gcode": "HOME_ALL"},
    "idle_timeout": {"gcode": "{% if 1 %}\nON_IDLE\n{% endif %}", "timeout": 600.0},
    "delayed_gcode later": {"gcode": "LATER", "initial_duration": 0.0},
    "gcode_macro start_print": {"gcode": "_heat BED={params.BED}\nG28", "variable_x": 1},
    "gcode_macro _heat": {"gcode": "M190 S60\n{% set x = printer['gcode_macro DEEP'] %}"},
    "gcode_macro deep": {"gcode": "G1 X0"},
    "gcode_macro home_all": {"gcode": "G28"},
    "gcode_macro on_idle": {"gcode": "M84"},
    "gcode_macro later": {"gcode": "M84"},
    "gcode_macro pause": {"gcode": "BASE_PAUSE", "rename_existing": "BASE_PAUSE"},
    "gcode_macro unreached": {"gcode": "M84"},
}


def changed(section: str, option: str, value: object) -> dict:
    found = copy.deepcopy(SETTINGS)
    found.setdefault(section, {})[option] = value
    return found


def check(settings: dict, program: bytes = PROGRAM, **more: object) -> tuple[str, ...]:
    return check_macros(settings, program, digests(SETTINGS), printer="p", **more)


def test_reachable_is_what_the_program_the_firmware_and_an_operator_can_call() -> None:
    assert reachable(SETTINGS, PROGRAM) == {
        "START_PRINT",
        "_HEAT",
        "DEEP",
        "HOME_ALL",
        "ON_IDLE",
        "LATER",
        "PAUSE",
    }
    assert "START_PRINT" not in reachable(SETTINGS, b"G28\n")
    assert check(SETTINGS) == tuple(sorted(reachable(SETTINGS, PROGRAM)))


@pytest.mark.parametrize("name", sorted(reachable(SETTINGS, PROGRAM)))
def test_a_changed_macro_is_named(name: str) -> None:
    section = f"gcode_macro {name.lower()}"
    with pytest.raises(VerificationError, match=f"macro {name} "):
        check(changed(section, "gcode", SETTINGS[section]["gcode"] + "\nM104 S300"))
    without = {key: value for key, value in SETTINGS.items() if key != section}
    if name == "START_PRINT":
        with pytest.raises(VerificationError, match=f"macro {name} "):
            check(without)


def test_a_macro_that_nobody_approved_is_named() -> None:
    for section, value in (
        ("gcode_macro g1", "M104 S300"),  # a command of the program, taken over
        ("gcode_macro g28", "M104 S300"),
    ):
        with pytest.raises(VerificationError, match=section.split()[1].upper()):
            check(changed(section, "gcode", value))


def test_what_no_print_can_reach_may_change() -> None:
    assert check(changed("gcode_macro unreached", "gcode", "M104 S1"))


@pytest.mark.parametrize(
    ("section", "option", "value"),
    [
        ("extruder", "pressure_advance", 0.05),
        ("extruder", "pid_kp", 25.0),
        ("stepper_z", "position_endstop", 0.2),
        ("probe", "z_offset", 1.3),
        ("bed_mesh default", "points", [[0.3]]),
        ("bed_mesh other", "points", [[0.3]]),
        ("input_shaper", "shaper_freq_x", 61.0),
    ],
)
def test_calibrating_is_no_change(section: str, option: str, value: object) -> None:
    assert check(changed(section, option, value))


@pytest.mark.parametrize(
    ("section", "option", "value"),
    [
        ("extruder", "rotation_distance", 30.0),
        ("printer", "max_velocity", 500.0),
        ("homing_override", "gcode", "HOME_ALL\nM104 S300"),
        ("heater_fan x", "pin", "P1"),
        ("probe", "samples", 1),
    ],
)
def test_another_change_of_the_configuration_is_named(
    section: str, option: str, value: object
) -> None:
    with pytest.raises(VerificationError, match=rf"section \[{section}\]"):
        check(changed(section, option, value))


def test_a_machine_may_name_more_that_calibrating_changes() -> None:
    settings = changed("probe", "samples", 1)
    approved = digests(SETTINGS, ["probe.samples"])
    check_macros(settings, PROGRAM, approved, printer="p", calibration=["probe.samples"])


EXPANSION = ("M190 S{BED}", "G28", "G1 Z{UP=5} F600")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("M190 S{params.BED}\nG28\nG1 Z{params.UP|default(5)} F600", True),
        (
            "\n M190 S{ params.BED|int } ;x\n\n# x\nG28\nG1  Z{params.UP|default(5)|float} F600",
            True,
        ),
        ("M190 S{params.BED}\nG28", False),
        ("M190 S{params.BED}\nG28\nG1 Z{params.UP|default(6)} F600", False),
        ("M190 S{params.BED}\nG28\nG1 Z{params.UP} F600", False),
        ("M190 S{params.BED}\nG28\nG1 Z{params.UP|default(5)} F600\nM104 S290", False),
        ("{% if 1 %}\nM190 S{params.BED}\n{% endif %}\nG28\nG1 Z{params.UP|default(5)} F600", None),
        ("M190 S{printer.x}\nG28\nG1 Z{params.UP|default(5)} F600", None),
        ("!emit('G28')", None),
        ("", False),
    ],
)
def test_a_macro_is_held_to_the_lines_that_were_audited(text: str, wanted: bool | None) -> None:
    assert runs_just(text, EXPANSION) is wanted
    settings = changed("gcode_macro start_print", "gcode", text)

    def checked(approved: Approved) -> None:
        check_macros(settings, PROGRAM, approved, printer="p", audited={"START_PRINT": EXPANSION})

    if wanted is True:
        checked(digests(SETTINGS))  # whatever was approved
    elif wanted is False:
        with pytest.raises(VerificationError, match="START_PRINT does not run the lines"):
            checked(digests(settings))  # approved even so
    else:
        checked(digests(settings))
        with pytest.raises(VerificationError, match="START_PRINT of the printer's"):
            checked(digests(SETTINGS))


def test_a_macro_that_was_audited_must_be_there() -> None:
    settings = {key: value for key, value in SETTINGS.items() if key != "gcode_macro start_print"}
    with pytest.raises(VerificationError, match="START_PRINT of the printer's"):
        check_macros(
            settings, PROGRAM, digests(settings), printer="p", audited={"START_PRINT": EXPANSION}
        )


@settings(max_examples=40)
@given(st.text(alphabet="START_PRINTstart print;\n\t ", max_size=30))
def test_a_macro_at_the_head_of_a_line_is_always_found(noise: str) -> None:
    program = f"{noise}\n \tStArT_pRiNt\n".encode()
    assert "START_PRINT" in reachable(SETTINGS, program)


def test_the_file_of_what_was_approved_is_read_as_it_was_written() -> None:
    approved = digests(SETTINGS)
    data = write_approved(approved)
    assert read_approved(data, "m.json") == approved
    for broken in (b"", b"{}", b"[]", data.replace(b'"version": 1', b'"version": 2'), data[:-9]):
        with pytest.raises(VerificationError, match="approved macros"):
            read_approved(broken, "m.json")
