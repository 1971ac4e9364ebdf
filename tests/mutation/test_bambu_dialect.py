"""One honest part in Bambu Lab's words: their start and end code, conditions, levelling, wiping.
Nothing is found; what stands in the same words and changes the part is."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Final

import pytest

from printstd.artifacts.audit import Audit
from printstd.artifacts.finding import Finding, Status
from tests.mutation.dialects import LAYERS, Lines, body, demand, found_in, rules_failed
from tests.mutation.tiny_slicer import as_bytes

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
def audit_of(lines: tuple[str, ...]) -> Audit:
    return found_in(lines, demand("bambu", "bambu"))


def failures(lines: Lines) -> list[Finding]:
    return [f for f in audit_of(tuple(lines)).findings if f.status is Status.FAIL]


def failed(lines: Lines) -> set[str]:
    return rules_failed(audit_of(tuple(lines)))


def test_a_program_in_bambu_s_words_is_read_to_the_end() -> None:
    assert failures(bambu()) == []
    audit = audit_of(tuple(bambu()))
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
    return rules_failed(found_in(bambu(start=start), asked))


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


def test_motors_off_before_the_part_need_homing_again() -> None:
    early = in_start("G28 X", "M18")
    assert failed(early) == set()
    late = in_start("G1 X18.0 Y5.0 Z0.8 F6000", "M18")
    assert "M-01" in failed(late)


def test_places_of_lexical_findings_are_the_file_s_own() -> None:
    lines = in_layer(5, "    M400   S0 S0")
    data = as_bytes(lines)
    (finding,) = [f for f in failures(lines) if f.rule_id == "L-04"]
    (where,) = finding.where
    assert where.line is not None
    assert where.byte is not None
    assert lines[where.line - 1] == "    M400   S0 S0"
    assert data[where.byte :].startswith(b"M400   S0 S0")
