"""Files that mean two things in two firmwares: each row of the table is refused by the rule that is
named for it, and by what it would do as well where that can be followed.

The table is what Marlin's queue.cpp and parser.cpp and Klipper's gcode.py and virtual_sdcard.py do
with bytes that the other reads otherwise.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

import pytest

from printstd.artifacts.demand import AuditDemand, CommandRule
from printstd.artifacts.finding import Finding, Status
from printstd.audit import audit_program
from printstd.audit.gather import read
from printstd.audit.verbs import Verb
from tests.mutation.demands import placed, plain_demand
from tests.mutation.tiny_slicer import Recipe, as_bytes, plate_with_pin, prism_stl, slice_prism

LAYERS: Final = 10
MODEL: Final = prism_stl(plate_with_pin(), LAYERS * 0.2)
LINES: Final = slice_prism(plate_with_pin(), Recipe(layers=LAYERS))
HONEST: Final = as_bytes(LINES)
_BEAD: Final = re.compile(rb"^G1 X[0-9.]+ Y[0-9.]+ E[0-9.]+$", re.MULTILINE)


def demand(dialect: str = "marlin2") -> AuditDemand:
    base = placed(plain_demand(count=LAYERS), 125_000, 105_000)
    own = CommandRule("SET_PRESSURE_ADVANCE", "ADVANCE", "pressure_advance")
    label = CommandRule("EXCLUDE_OBJECT_START", "NAME", "object_label")
    return replace(base, dialect=dialect, commands=(*base.commands, own, label))


def findings(data: bytes, dialect: str = "marlin2") -> list[Finding]:
    audit = audit_program(data, MODEL, demand(dialect))
    return [finding for finding in audit.findings if finding.status is Status.FAIL]


@functools.cache
def middle() -> re.Match[bytes]:
    """A bead in the middle of the print."""
    beads = list(_BEAD.finditer(HONEST))
    return beads[len(beads) // 2]


def spoiled(change: Callable[[bytes], bytes]) -> bytes:
    bead = middle()
    return HONEST[: bead.start()] + change(bead.group()) + HONEST[bead.end() :]


def line_before(line: bytes) -> bytes:
    return spoiled(lambda bead: line + b"\n" + bead)


class Row(NamedTuple):
    """A behaviour that firmwares differ in. rule : that refuses the file. marlin, klipper : what
    each does."""

    rule: str
    data: bytes
    marlin: str
    klipper: str
    dialect: str = "marlin2"


ROWS: Final = {
    "no newline at the end": Row("L-01", HONEST[:-1], "runs the line", "drops it"),
    "no newline after the heater's end": Row(
        "L-01", as_bytes([*LINES, "M104 S0"])[:-1], "switches off", "leaves it on"
    ),
    "a line of 96 bytes": Row(
        "L-02",
        spoiled(lambda bead: bead + b" F" + b"0" * (96 - len(bead) - 2)),
        "cuts it",
        "reads it",
    ),
    "a backslash before the comment": Row(
        "L-03", spoiled(lambda bead: bead + b" \\; M104 S280"), "no comment begins", "one does"
    ),
    "a backslash in a message": Row("L-03", line_before(b"M117 a\\;b"), "shows a;b", "shows a\\"),
    "a backspace": Row("L-01", spoiled(lambda bead: bead + b"9\b"), "erases the 9", "reads both"),
    "a backspace in a comment": Row(
        "L-01", spoiled(lambda bead: bead + b" ;a\b\b"), "ignores it", "ignores it"
    ),
    "parentheses": Row(
        "L-03", spoiled(lambda bead: bead + b" (M104 S280)"), "a comment, if built so", "words"
    ),
    "quotes": Row(
        "L-03", spoiled(lambda bead: b'"' + bead + b'"'), "quoted, if built so", "no command"
    ),
    "a semicolon inside quotes": Row(
        "L-03",
        line_before(b'SET_PRESSURE_ADVANCE ADVANCE="0.04;9"'),
        "inside",
        "a comment",
        "klipper",
    ),
    "lower case": Row("L-03", spoiled(bytes.lower), "ignores the line", "runs it"),
    "lower case, one letter": Row(
        "L-03", spoiled(lambda bead: bead.replace(b" E", b" e")), "dry", "extrudes"
    ),
    "lower case, a command": Row("L-03", line_before(b"m104 s280"), "ignores it", "heats"),
    "an exponent": Row(
        "L-03", spoiled(lambda bead: bead.split(b" E")[0] + b"e2"), "stops at e", "extrudes 2"
    ),
    "an exponent in capitals": Row(
        "L-03", spoiled(lambda bead: bead.split(b" E")[0] + b"E2"), "stops at E", "extrudes 2"
    ),
    "two words alike": Row(
        "L-04", spoiled(lambda bead: bead + b" X100"), "the last one", "the last one"
    ),
    "two keys alike": Row(
        "L-04",
        line_before(b"SET_PRESSURE_ADVANCE ADVANCE=0.04 ADVANCE=9"),
        "-",
        "the last one",
        "klipper",
    ),
    "a word without a number": Row("L-04", spoiled(lambda bead: bead + b" F"), "0", "an error"),
    "two commands on a line": Row(
        "L-03",
        spoiled(lambda bead: bead + b" M104 S280"),
        "a letter M",
        "RepRapFirmware: runs both",
    ),
    "two commands, no blank": Row(
        "L-03", spoiled(lambda bead: bead + b"M104 S280"), "ends the number", "a letter M"
    ),
    "an unknown command": Row("L-05", line_before(b"M5000"), "a warning", "a message"),
    "an unknown name": Row(
        "L-05", line_before(b"PREPARE"), "an echo", "a macro of printer.cfg, if there is one"
    ),
    "no UTF-8 in a comment": Row(
        "L-01", spoiled(lambda bead: bead + b" ; \xff\xfe"), "ignores it", "ends the print"
    ),
    "an emergency stop": Row(
        "L-05", line_before(b"M112"), "acts while it reads ahead", "in its turn"
    ),
    "a wait that is ended": Row(
        "L-05", line_before(b"M108"), "acts while it reads ahead", "unknown"
    ),
    "a quick stop": Row("L-05", line_before(b"M410"), "acts while it reads ahead", "unknown"),
    **{
        f"files, loops and macros: {name}": Row(
            "L-05", line_before(name.encode()), "runs something else", "unknown"
        )
        for name in ("M23 A.GCO", "M28 A.GCO", "M30 A.GCO", "M32 A.GCO", "M808 L3", "M810", "M819")
    },
    "a comment within a value": Row(
        "L-03",
        line_before(b"SET_PRESSURE_ADVANCE ADVANCE=0.0#4"),
        "-",
        "the value ends at #",
        "klipper",
    ),
    "a checksum within a value": Row(
        "L-03",
        line_before(b"EXCLUDE_OBJECT_START NAME=a*71"),
        "-",
        "the value ends at *",
        "klipper",
    ),
    "an open quote within a value": Row(
        "L-03", line_before(b"EXCLUDE_OBJECT_START NAME='a"), "-", "an error", "klipper"
    ),
    "a carriage return inside a line": Row(
        "L-01", spoiled(lambda bead: bead + b" ;\rM104 S280"), "a new line", "a comment"
    ),
    "carriage returns at the ends": Row(
        "L-01", HONEST.replace(b"\n", b"\r\n"), "blank", "blank; other readers: a part of a word"
    ),
    "NUL": Row("L-01", spoiled(lambda bead: bead + b"\0"), "ends the text", "a byte"),
    "a byte order mark": Row("L-01", b"\xef\xbb\xbf" + HONEST, "no command", "no command"),
    "a tab": Row("L-01", spoiled(lambda bead: bead.replace(b" ", b"\t", 1)), "no blank", "a blank"),
    "a line number and its checksum": Row(
        "L-03", spoiled(lambda bead: b"N7 " + bead + b"*99"), "asks again", "drops both"
    ),
    "a command with a leading zero": Row(
        "L-03", spoiled(lambda bead: bead.replace(b"G1", b"G01")), "G1", "no command"
    ),
    "a subcode": Row(
        "L-05", spoiled(lambda bead: bead.replace(b"G1", b"G1.0")), "G1", "no command"
    ),
    "hexadecimal": Row("L-03", spoiled(lambda bead: bead + b" F0x10"), "0", "an error"),
    "a plus sign": Row(
        "L-03",
        spoiled(lambda bead: bead.replace(b" E", b" E+")),
        "reads it",
        "reads it; others do not",
    ),
    "full-width digits": Row(
        "L-03", spoiled(lambda bead: bead.replace(b"G1 X", "G1 X１".encode())), "0", "an error"
    ),
    "no blanks": Row("L-03", spoiled(lambda bead: bead.replace(b" ", b"")), "reads it", "reads it"),
}


def test_the_honest_file_is_refused_by_nothing() -> None:
    assert findings(HONEST) == []
    assert findings(HONEST, "klipper") == []


@pytest.mark.parametrize("name", ROWS)
def test_a_file_of_two_meanings_is_refused_by_its_rule(name: str) -> None:
    row = ROWS[name]
    assert row.data != HONEST
    found = [f for f in findings(row.data, row.dialect) if f.rule_id == row.rule]
    assert found, f"Marlin: {row.marlin}; Klipper: {row.klipper}"
    if row.rule != "L-05" and name != "a byte order mark":
        assert found[0].where[0].byte is not None


def test_a_line_of_95_bytes_is_read_by_all() -> None:
    data = spoiled(lambda bead: bead + b" F" + b"1200".rjust(95 - len(bead) - 2, b"0"))
    assert max(map(len, data.split(b"\n"))) == 95
    # The number itself is too long for exact reading where it has more than 15 characters.
    assert "L-02" not in {f.rule_id for f in findings(data)}


@pytest.mark.parametrize("data", [HONEST, HONEST.replace(b"\n", b"\r\n")], ids=["LF", "CRLF"])
def test_what_lines_say_does_not_depend_on_how_they_end(data: bytes) -> None:
    """A carriage return is refused (L-01), and is no part of the last word: not of a move's, a
    heater's nor a bare command's."""
    unix, other = read(HONEST, demand()), read(data, demand())
    assert other.track.e_um.tolist() == unix.track.e_um.tolist()
    assert other.track.end_um.tolist() == unix.track.end_um.tolist()
    heat = (Verb.NOZZLE_TEMP, Verb.NOZZLE_TEMP_WAIT, Verb.BED_TEMP, Verb.BED_TEMP_WAIT)
    assert [e.command.get("S") for e in other.run.of(*heat)] == [
        e.command.get("S") for e in unix.run.of(*heat)
    ]
    assert [e.verb for e in other.run.events] == [e.verb for e in unix.run.events]
