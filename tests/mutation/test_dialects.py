"""One honest part in the dialects of other slicers: their start and end code, their words for
layers and objects, macros with what they run. Nothing is found; what stands in the same words and
changes the part is."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from printstd.artifacts.audit import Audit
from printstd.artifacts.demand import AuditDemand, CommandRule
from printstd.artifacts.finding import Finding, Status
from printstd.audit import audit_program
from tests.mutation.demands import placed, plain_demand
from tests.mutation.tiny_slicer import Recipe, as_bytes, plate_with_pin, prism_stl, slice_prism

LISTS: Final = Path(__file__).parents[2] / "profiles" / "allowlists"
LAYERS: Final = 14
MODEL: Final = prism_stl(plate_with_pin(), LAYERS * 0.2)
HONEST: Final = slice_prism(plate_with_pin(), Recipe(layers=LAYERS))

Lines = Sequence[str]


def rules_of(name: str) -> tuple[CommandRule, ...]:
    rows = tomllib.loads((LISTS / f"{name}.toml").read_text("utf-8"))["commands"]
    return tuple(
        CommandRule(
            row["command"],
            row["letters"],
            row["meaning"],
            row.get("max_count", 0),
            row.get("where", "any"),
        )
        for row in rows
    )


def demand(dialect: str, allowlist: str, macros: Sequence[CommandRule] = ()) -> AuditDemand:
    base = placed(plain_demand(count=LAYERS), 125_000, 105_000)
    machine = replace(base.machine, max_accel_mm_s2=20_000)
    commands = (*rules_of(allowlist), *macros)
    return replace(base, dialect=dialect, commands=commands, machine=machine)


def body() -> list[str]:
    """The part alone: from the first layer's mark to the last bead."""
    return HONEST[HONEST.index(";LAYER:0") : HONEST.index("M104 S0")]


# ------------------------------------------------------------------------------ Bambu Lab

BAMBU_START: Final = [
    "; what its own slicers do before a print, in the same order",
    "M73 P0 R9",
    "M201 X20000 Y20000 Z500 E5000",
    "M203 X100 Y100 Z10 E30",
    "M204 P20000 R5000 T20000",
    "M1002 gcode_claim_action : 2",
    "M1002 set_filament_type:PLA",
    "G392 S0",
    "M9833.2",
    "M140 S60",
    "G91",
    "M17 Z0.4 ; lower current",
    "G380 S2 Z30 F300",
    "G1 Z5 F300",
    "G90",
    "M17 X1.2 Y1.2 Z0.75",
    "M960 S5 P1",
    "M220 S100",
    "M221 S100",
    "M73.2   R1.0",
    "M221 X0 Y0 Z0",
    "G29.1 Z0.0",
    "M190 S60",
    "M106 P3 S180",
    "M106 P2 S100",
    "M104 S210",
    "G28 X",
    "M975 S1",
    "G1 X60 F6000",
    "G1 Y200",
    "M83",
    "M620 M",
    "M620 S0A   ; a filament changer",
    "    M109 S210",
    "    G1 X120 F6000",
    "    T0",
    "    G1 X54 F6000",
    "    M400",
    "M621 S0A",
    "M620.1 E F523 T240",
    "M412 S1",
    "M109 S210",
    "M106 P1 S0",
    "G92 E0",
    "G1 E20 F200",
    "M400",
    "M106 P1 S255",
    "G1 E-0.5 F300",
    "G28 Z P0 T300",
    "G29.2 S0",
    "M221 S",
    "M221 Z0",
    "M221 R",
    "G29.2 S1",
    "M106 S0",
    "M1002 judge_flag g29_before_print_flag",
    "M622 J1",
    "",
    "    M1002 gcode_claim_action : 1",
    "    G29 A X110 Y90 I30 J30",
    "    M400",
    "    M500",
    "",
    "M623",
    "M1002 judge_flag g29_before_print_flag",
    "M622 J0",
    "    G28",
    "M623",
    "G1 X128 Y128 Z10 F6000",
    "M400 P200",
    "M970.3 Q1 A7 B30 C80  H15 K0",
    "M974 Q1 S2 P0",
    "M104 S210",
    "M109 S210",
    "M106 S0",
    "M106 P2 S0",
    "M211 X0 Y0 Z0",
    "G90",
    "G21",
    "M83",
    "T1000",
    "G1 X18.0 Y5.0 Z0.8 F6000",
    "G1 Z0.2 F600",
    "G0 E2 F300",
    "G0 X60 E5 F1200",
    "M400 S1",
    "G29.1 Z-0.02",
    "M1007 S1",
]
BAMBU_LAYER: Final = [
    "M622.1 S1",
    "M1002 judge_flag timelapse_record_flag",
    "M622 J1",
    " M971 S11 C10 O0",
    "M623",
    "M73 L{layer}",
    "M991 S0 P{layer}",
    "M624 AQAAAAAAAAA=",
]
BAMBU_END: Final = [
    "M625",
    "M400",
    "G92 E0",
    "G1 E-0.8 F1800",
    "G1 Z10 F600",
    "G1 X65 Y200 F6000",
    "M140 S0",
    "M106 S0",
    "M106 P2 S0",
    "M106 P3 S0",
    "M104 S0",
    "M622.1 S1",
    "M1002 judge_flag timelapse_record_flag",
    "M622 J1",
    "    M400 ; wait",
    "    M991 S0 P-1",
    "    M400 S3",
    "M623",
    "M17 S",
    "M17 Z0.4",
    "G1 Z20 F600",
    "M400 P100",
    "M17 R",
    "M220 S100",
    "M201.2 K1.0",
    "M73.2   R1.0",
    "M1002 set_gcode_claim_speed_level : 0",
    "M17 X0.8 Y0.8 Z0.5",
]


def bambu(
    *, start: Lines = BAMBU_START, layer: Lines = BAMBU_LAYER, end: Lines = BAMBU_END
) -> list[str]:
    out = list(start)
    for text in body():
        out.append(text)
        if text.startswith(";LAYER:"):
            out += [line.replace("{layer}", text[7:]) for line in layer]
    return [*out, *end]


@functools.cache
def found_in(lines: tuple[str, ...], dialect: str) -> Audit:
    asked = {
        "bambu": lambda: demand("bambu", "bambu"),
        "klipper": lambda: demand("klipper", "generic-klipper", MACROS),
    }[dialect]()
    return audit_program(as_bytes(lines), MODEL, asked)


def failures(lines: Lines, dialect: str = "bambu") -> list[Finding]:
    audit = found_in(tuple(lines), dialect)
    return [f for f in audit.findings if f.status is Status.FAIL]


def failed(lines: Lines, dialect: str = "bambu") -> set[str]:
    return {finding.rule_id for finding in failures(lines, dialect)}


def test_a_program_in_bambu_s_words_is_read_to_the_end() -> None:
    assert failures(bambu()) == []
    audit = found_in(tuple(bambu()), "bambu")
    assert audit.verdict is Status.PASS
    (conditions,) = [f for f in audit.findings if f.rule_id == "L-08"]
    assert conditions.measured == 4 + LAYERS


def in_layer(number: int, *lines: str) -> list[str]:
    out = bambu()
    at = out.index(f";LAYER:{number}") + 1
    out[at:at] = lines
    return out


def in_start(before: str, *lines: str) -> list[str]:
    at = BAMBU_START.index(before)
    return bambu(start=[*BAMBU_START[:at], *lines, *BAMBU_START[at:]])


def before_first_bead(*lines: str) -> list[str]:
    """After the travel to where it begins."""
    out = bambu()
    layer = out.index(";LAYER:0")
    at = next(i for i in range(layer, len(out)) if out[i].startswith("G1 X") and " E" in out[i])
    return [*out[:at], *lines, *out[at:]]


ALTERED: Final = {
    "a strand under a condition": (
        in_layer(5, "M622 J1", "G1 X100 Y100 E5 F1200", "M623"),
        "L-08",
    ),
    "a temperature under a condition, in mid-print": (
        in_layer(5, "M622 J1", "M104 S200", "M623"),
        "L-08",
    ),
    "the whole of a layer under a condition": (
        bambu(layer=[*BAMBU_LAYER, "M622 J1"]),
        "L-08",
    ),
    "an end without a beginning": (in_layer(5, "M623"), "L-08"),
    "relative positions left behind a condition": (
        in_start(
            "G1 X18.0 Y5.0 Z0.8 F6000", "M622 J1", "G91", "M623", "G90", "M622 J1", "G91", "M623"
        ),
        "L-08",
    ),
    "the last temperature under a condition": (
        bambu(start=[*BAMBU_START, "M622 J1", "M109 S212", "M623"]),
        "L-08",
    ),
    "homed under a condition alone": (
        bambu(
            start=[
                line
                for text in BAMBU_START
                for line in (["M622 J1", text, "M623"] if text == "G28 Z P0 T300" else [text])
            ]
        ),
        "L-08",
    ),
    "nothing said after a routine": (before_first_bead("G380 S2 Z-5 F300"), "M-01"),
    "nothing said after levelling": (before_first_bead("G29 A"), "M-01"),
    "a scan of the first layer": (in_layer(1, "M976 S1 P1"), "L-07"),
    "heights moved far": (in_start("M1007 S1", "G29.1 Z-0.3"), "M-14"),
    "a pause for the user": (in_layer(5, "M400 U1"), "L-06"),
    "a command of nobody's list": (in_layer(5, "M980.3 A70.0"), "L-05"),
    "the scanner's coordinates": (in_layer(5, "T1100"), "L-05"),
    "another filament": (in_layer(5, "T1"), "L-05"),
    "the part's fan by its number, too slow": (
        [text.replace("M106 S255", "M106 P1 S20") for text in bambu()],
        "M-08",
    ),
    "modes kept and brought back": (in_layer(5, "M1002 pop_ref_mode"), "L-05"),
    "a text that nobody knows": (in_layer(5, "M1002 judge_flagged x"), "L-05"),
    "five turns for one": (in_layer(5, "G2 I1 J0 P5 E0.3"), "L-04"),
    "a turn and a part of one": (in_layer(5, "G2 X100 Y100 I1 J0 P1"), "L-04"),
    "motors off in the middle": (in_layer(5, "M18"), "M-12"),
}


@pytest.mark.parametrize("name", ALTERED)
def test_the_same_words_where_they_change_the_part_are_found(name: str) -> None:
    lines, rule = ALTERED[name]
    assert rule in failed(lines)


WIPE: Final = ("G0 X128 Y200 F6000", "G0 Z0.5", "G0 X128 Y206", "G0 Z-1.01", "G0 X131 F211")
"""On an edge behind the bed, which the machine of these tests has from Y205 on."""


def wiped(*lines: str) -> set[str]:
    at = BAMBU_START.index("G29.2 S1")
    start = [*BAMBU_START[:at], *lines, *BAMBU_START[at:]]
    asked = demand("bambu", "bambu")
    place = (120_000, 205_000, 140_000, 210_000, -1_600)
    asked = replace(asked, machine=replace(asked.machine, wipe_um=place))
    audit = audit_program(as_bytes(bambu(start=start)), MODEL, asked)
    return {f.rule_id for f in audit.findings if f.status is Status.FAIL}


def test_a_nozzle_may_be_wiped_below_zero_on_its_edge_alone() -> None:
    up = ("G0 Z10",)
    assert wiped(*WIPE, *up) == set()
    assert "M-03" in wiped("G0 X128 Y200 F6000", "G0 Z-1.01", *up)
    assert "M-03" in wiped(*WIPE[:-2], "G0 Z-2", *up)
    # Down before it is there, along the bed, and up only when it has left.
    assert "M-03" in wiped("G0 X128 Y150 F6000", "G0 Z0.2", "G0 X128 Y206 Z-1.01", *up)
    assert "M-03" in wiped(*WIPE, "G0 Y150", *up)
    assert "M-03" in wiped(*WIPE, "G0 Y150 Z2")
    assert failed(in_start("G29.2 S1", *WIPE, *up)) == {"M-03"}


def test_a_lift_on_a_helix_is_a_travel() -> None:
    """As their slicers lift: one turn around a point beside the nozzle, while Z rises."""
    lines = bambu()
    layer = lines.index(";LAYER:5")
    at = next(i for i in range(layer, len(lines)) if lines[i] == "G1 E-0.8 F2400")
    z = 6 * 0.2
    lifted = [*lines[: at + 1], f"G2 Z{z + 0.4:.1f} I0.86 J0.86 P1 F6000", f"G1 Z{z:.1f}"]
    assert failed([*lifted, *lines[at + 1 :]]) == set()


@pytest.mark.parametrize("word", ["S1", ""])
def test_filament_counted_as_volume_is_found(word: str) -> None:
    rules = (*rules_of("generic-marlin"),)
    asked = replace(placed(plain_demand(count=LAYERS), 125_000, 105_000), commands=rules)
    lines = ["M200 S0", *HONEST]
    honest = audit_program(as_bytes(lines), MODEL, asked)
    assert honest.verdict is Status.PASS
    other = audit_program(as_bytes([f"M200 {word}".strip(), *HONEST]), MODEL, asked)
    assert {f.rule_id for f in other.findings if f.status is Status.FAIL} == {"M-14"}


def test_motors_off_before_the_part_need_homing_again() -> None:
    early = in_start("G28 X", "M18")
    assert failed(early) == set()
    late = in_start("G1 X18.0 Y5.0 Z0.8 F6000", "M18")
    assert "M-01" in failed(late)


def test_indented_lines_are_this_dialect_s_alone() -> None:
    lines = [f"  {text}" if text.startswith("G1 X") else text for text in HONEST]
    plain = placed(plain_demand(count=LAYERS), 125_000, 105_000)
    audit = audit_program(as_bytes(lines), MODEL, plain)
    assert {f.rule_id for f in audit.findings if f.status is Status.FAIL} >= {"L-03"}


def test_places_of_lexical_findings_are_the_file_s_own() -> None:
    lines = in_layer(5, "    M400   S0 S0")
    data = as_bytes(lines)
    (finding,) = [f for f in failures(lines) if f.rule_id == "L-04"]
    (where,) = finding.where
    assert where.line is not None
    assert where.byte is not None
    assert lines[where.line - 1] == "    M400   S0 S0"
    assert data[where.byte :].startswith(b"M400   S0 S0")


# ------------------------------------------------------------------ OrcaSlicer for Klipper

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


def test_a_program_of_macros_is_what_they_run() -> None:
    assert failures(orca(), "klipper") == []


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
    assert rule in failed(text, "klipper")


def test_a_state_that_is_brought_back_is_the_one_that_was_kept() -> None:
    from printstd.audit.gather import read

    text = (
        "M83\nG1 X10 F600\nSAVE_GCODE_STATE NAME=a\nM82\nG91\nG92 E5\nM221 S50\nG1 X5 E6\n"
        "RESTORE_GCODE_STATE NAME=a\nG1 X20 E1\n"
    )
    track = read(text.encode(), demand("klipper", "generic-klipper")).track
    assert track.end_um[:, 0].tolist() == [10_000.0, 15_000.0, 20_000.0]
    assert track.e_um.tolist() == [0.0, 500.0, 1_000.0]


# ------------------------------------------------------------------------- lists as data


@pytest.mark.parametrize("name", ["bambu", "generic-klipper"])
def test_every_command_of_theirs_is_explained(name: str) -> None:
    rows = tomllib.loads((LISTS / f"{name}.toml").read_text("utf-8"))["commands"]
    assert len({row["command"] for row in rows}) == len(rows)
    for row in rows:
        assert row["does"], row
        assert row["confidence"].startswith("knowledge, "), row
        if name == "bambu":
            assert row["source"], row
        if row["meaning"] == "routine":
            assert row["where"] in ("before", "after"), row
            assert set(row["effects"]) & {"moves", "extrudes", "heats"}, row
        if row["meaning"] in ("no_effect", "message", "object_label", "progress", "machine_fan"):
            assert "effects" not in row, row
