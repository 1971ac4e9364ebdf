"""The line protocol: what is sent, and what an answer means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.adapters.hosts.serial_lines import (
    Kind,
    capabilities,
    frame,
    program_of,
    takes_long,
    temperatures,
    understood,
    waits_for_heat,
)


def test_the_frame_that_every_marlin_begins_with():
    assert frame(0, b"M110 N0") == b"N0 M110 N0*125\n"


@given(st.integers(0, 10**7), st.binary(max_size=80).filter(lambda b: b"*" not in b))
def test_a_frame_is_its_body_and_the_xor_of_it(number: int, command: bytes):
    body, star, checksum = frame(number, command).rstrip(b"\n").rpartition(b"*")
    total = 0
    for byte in body:
        total ^= byte
    assert star == b"*"
    assert int(checksum) == total
    assert body == b"N%d " % number + command


@pytest.mark.parametrize(
    ("line", "kind", "number"),
    [
        ("ok", Kind.OK, None),
        ("ok N123 P15 B3", Kind.OK, None),
        ("ok T:20.0 /0.0 B:19.9 /0.0 @:0 B@:0", Kind.OK, None),
        ("okay then", Kind.OTHER, None),
        ("Resend: 3", Kind.RESEND, 3),
        ("Resend:100", Kind.RESEND, 100),
        ("rs N7", Kind.RESEND, 7),
        ("Error:checksum mismatch, Last Line: 2", Kind.LINE_GARBLED, 2),
        ("Error:No Checksum with line number, Last Line: 2", Kind.LINE_GARBLED, 2),
        ("Error:No Line Number with checksum, Last Line: 41", Kind.LINE_GARBLED, 41),
        (
            "Error:Line Number is not Last Line Number+1, Last Line: 2",
            Kind.LINE_OUT_OF_ORDER,
            2,
        ),
        ("Error: expected line 100 got 101", Kind.LINE_OUT_OF_ORDER, None),
        ("Error:Printer halted. kill() called!", Kind.FATAL, None),
        ("Error:Thermal Runaway, system stopped! Heater_ID: bed", Kind.FATAL, None),
        ("Error:volume.init failed", Kind.ECHO, None),
        ("!! Move out of range: 0.000 9999.000", Kind.FATAL, None),
        ('// Unknown command:"FOO"', Kind.ECHO, None),
        ("//action:pause", Kind.ACTION, None),
        ("// action:paused", Kind.ACTION, None),
        ("start", Kind.STARTED, None),
        ("echo:start", Kind.ECHO, None),
        ("echo:busy: processing", Kind.BUSY, None),
        ("wait", Kind.WAITING, None),
        (" T:20.5 /0.0 B:19.9 /0.0", Kind.TEMPERATURES, None),
        ("Cap:EMERGENCY_PARSER:1", Kind.CAPABILITY, None),
        ("echo:  G21    ; Units in mm (mm)", Kind.ECHO, None),
    ],
)
def test_what_a_board_says(line: str, kind: Kind, number: int | None):
    answer = understood(line)
    assert (answer.kind, answer.number) == (kind, number)


def test_temperatures_of_several_heaters():
    assert temperatures("T:210.1 /210.0 B:60 /60.0 C:31.5 /0 T0:210.1 /210 T1:25 /0 @:127") == {
        "tool0": (210.1, 210.0),
        "tool1": (25.0, 0.0),
        "bed": (60.0, 60.0),
        "chamber": (31.5, 0.0),
    }
    assert temperatures("T:-12.5") == {"tool0": (-12.5, 0.0)}


def test_capabilities_and_the_firmware_s_name():
    known: dict[str, bool] = {}
    line = "FIRMWARE_NAME:Marlin 2.1.2 (Nov 26 2026) SOURCE_CODE_URL:github.com PROTOCOL_VERSION:1"
    assert capabilities(line, known) == "Marlin 2.1.2 (Nov 26 2026)"
    for line in ("Cap:AUTOREPORT_TEMP:1", "Cap:EMERGENCY_PARSER:0"):
        assert capabilities(line, known) is None
    assert known == {"AUTOREPORT_TEMP": True, "EMERGENCY_PARSER": False}


def test_only_commands_are_sent_and_layers_are_where_the_program_marks_them():
    data = b"; head\r\nG28 ; home\r\n\r\n;LAYER_CHANGE\nG1 X1\n;LAYER_CHANGE\n  G1 X2  \nM107"
    program = program_of(data)
    assert program.commands == (b"G28", b"G1 X1", b"G1 X2", b"M107")
    assert [data[:end].splitlines()[-1].split(b";")[0].strip() for end in program.ends] == list(
        program.commands
    )
    assert program.size == program.ends[-1] == len(data)
    assert [program.layer(end) for end in program.ends] == [None, 1, 2, 2]
    assert program_of(b"").commands == ()


def test_what_may_take_long():
    assert waits_for_heat(b"M109 S210")
    assert not waits_for_heat(b"M1090")
    assert takes_long(b"g28 w")
    assert not takes_long(b"G1 X5")
