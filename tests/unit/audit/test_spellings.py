"""One program in many spellings: what is measured of the part is the same in all of them, and what
the grammar or the modes refuse is refused besides."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from printstd.artifacts.audit import Audit
from printstd.artifacts.demand import AuditDemand, CommandRule
from printstd.artifacts.finding import Finding, Status
from printstd.audit import audit_program
from tests.mutation.demands import placed, plain_demand
from tests.mutation.own_programs import own_case
from tests.mutation.tiny_slicer import Recipe, as_bytes, plate_with_pin, prism_stl, slice_prism

Lines = list[str]
_WORD = re.compile(r"([A-Z])(-?[0-9]*\.?[0-9]+)")


def words_of(text: str) -> dict[str, float]:
    return {letter: float(number) for letter, number in _WORD.findall(text)[1:]}


def is_move(text: str) -> bool:
    return text.startswith(("G0 ", "G1 "))


def without_comments(lines: Lines) -> Lines:
    return [text.split(";")[0].rstrip() for text in lines if text.split(";")[0].strip()]


def absolute_e(lines: Lines) -> Lines:
    """E counts up from each G92 E0, as long as it lasts."""
    out, reached = [], 0.0
    for text in lines:
        if text == "M83":
            out.append("M82")
            continue
        if text == "G92 E0":
            reached = 0.0
        match = re.search(r" E(-?[0-9]*\.?[0-9]+)", text) if is_move(text) else None
        if match:
            reached = round(reached + float(match.group(1)), 5)
            text = text[: match.start()] + f" E{reached:.5f}" + text[match.end() :]
        out.append(text)
    return out


def relative_xyz(lines: Lines) -> Lines:
    """Relative positions from the second layer to the last bead, E relative as it was."""
    start = lines.index(";LAYER:1")
    stop = lines.index("M104 S0")
    at: dict[str, float] = {}
    out = []
    for index, text in enumerate(lines):
        words = words_of(text) if is_move(text) else {}
        there = {letter: words[letter] for letter in "XYZ" if letter in words}
        if start <= index < stop and there:
            assert all(letter in at for letter in there), text
            moved = {letter: round(value - at[letter], 5) for letter, value in there.items()}
            rest = {letter: value for letter, value in words.items() if letter not in "XYZ"}
            text = " ".join(
                ["G1", *(f"{k}{v:.5f}".rstrip("0").rstrip(".") for k, v in (moved | rest).items())]
            )
        at |= there
        out.append(text)
    out[stop:stop] = ["G90", "M83"]
    out[start:start] = ["G91", "M83"]
    return out


def inches(lines: Lines) -> Lines:
    out = []
    for text in lines:
        if is_move(text):
            words = {k: v / 25.4 for k, v in words_of(text).items()}
            text = " ".join(["G1", *(f"{k}{v:.9f}" for k, v in words.items())])
        out.append("G20" if text == "G21" else text)
    return out


def lower_case(lines: Lines) -> Lines:
    return [text.lower() if re.match(r"[GMT][0-9]", text) else text for text in lines]


def numbered(lines: Lines) -> Lines:
    out = []
    for number, text in enumerate(without_comments(lines), 1):
        line = f"N{number} {text}"
        checksum = int(np.bitwise_xor.reduce(np.frombuffer(line.encode(), np.uint8)))
        out.append(f"{line}*{checksum}")
    return out


def firmware_retraction(lines: Lines) -> Lines:
    """Strokes of 0.8 mm by the machine's own."""
    swapped = {"G1 E-0.8 F2400": "G10", "G1 E0.8 F2400": "G11"}
    return [swapped.get(text, text) for text in lines]


def spaces_and_comments(lines: Lines) -> Lines:
    return [f"{text}   ; G1 X0 Y0 E99" if text[:1] in "GM" else text for text in lines]


RECIPE = Recipe(layers=12)
MODEL = prism_stl(plate_with_pin(), 2.4)
HONEST = slice_prism(plate_with_pin(), RECIPE)


def demand() -> AuditDemand:
    base = placed(plain_demand(count=12), 125_000, 105_000)
    own = (CommandRule("G10", "", "retract"), CommandRule("G11", "", "unretract"))
    rest = (CommandRule("G20", "", "units_inch"), CommandRule("G91", "", "relative_xyz"))
    return replace(base, commands=(*base.commands, *own, *rest))


def geometry(audit: Audit) -> list[tuple[str, Status, str]]:
    return [(f.rule_id, f.status, f.message) for f in audit.findings if f.rule_id[0] == "G"]


def numbers(findings: tuple[Finding, ...]) -> list[float]:
    return [f.measured or 0.0 for f in findings if f.rule_id[0] == "G"]


SPELLINGS: dict[str, tuple[Callable[[Lines], Lines], set[str]]] = {
    "without comments": (without_comments, set()),
    "spaces and comments": (spaces_and_comments, set()),
    "absolute filament": (absolute_e, set()),
    "firmware retraction": (firmware_retraction, set()),
    "relative positions": (relative_xyz, {"M-02"}),
    "inches": (inches, {"M-02"}),
    "lower case": (lower_case, {"L-03"}),
    "line numbers and checksums": (numbered, {"L-03"}),
}
"""Spelling -> (how it is made, the rules that refuse it)."""


@pytest.mark.parametrize("name", SPELLINGS)
def test_one_part_in_every_spelling(name: str) -> None:
    respelled, refused = SPELLINGS[name]
    lines = respelled(list(HONEST))
    assert lines != HONEST
    honest = audit_program(as_bytes(HONEST), MODEL, demand())
    other = audit_program(as_bytes(lines), MODEL, demand())
    assert {f.rule_id for f in other.findings if f.status is Status.FAIL} == refused
    assert geometry(other) == geometry(honest)
    assert numbers(other.findings) == pytest.approx(numbers(honest.findings), rel=1e-5, abs=2e-4)
    assert np.array(other.per_layer) == pytest.approx(np.array(honest.per_layer), rel=1e-5, abs=200)
    ours, theirs = other.measured, honest.measured
    assert (ours.layers, ours.extents_um) == (theirs.layers, theirs.extents_um)
    assert (ours.placement_um, ours.quarter_turns) == (theirs.placement_um, theirs.quarter_turns)
    assert ours.deposited_mm3_e3 == pytest.approx(theirs.deposited_mm3_e3, abs=2)


@pytest.mark.parametrize("name", ["without comments", "absolute filament", "relative positions"])
@pytest.mark.parametrize("printer", ["ender3-v2", "mk4s"])
def test_our_own_program_in_other_spellings(printer: str, name: str) -> None:
    case = own_case(printer, "pla")
    respelled, refused = SPELLINGS[name]
    extra = (CommandRule("G91", "", "relative_xyz"), CommandRule("M82", "", "absolute_e"))
    listed = {rule.command for rule in case.demand.commands}
    commands = (*case.demand.commands, *(rule for rule in extra if rule.command not in listed))
    # A mode may be said again here.
    freed = tuple(replace(rule, max_count=0, where="any") for rule in commands)
    allowed = replace(case.demand, commands=freed)
    honest = audit_program(case.program, case.model, allowed)
    other = audit_program(as_bytes(respelled(list(case.lines))), case.model, allowed)
    assert {f.rule_id for f in other.findings if f.status is Status.FAIL} == refused
    assert geometry(other) == geometry(honest)
    assert numbers(other.findings) == pytest.approx(numbers(honest.findings), rel=1e-5, abs=2e-4)


def test_a_wrong_checksum_is_said() -> None:
    lines = numbered(list(HONEST))
    lines[40] = re.sub(r"\*[0-9]+$", "*0", lines[40])
    found = audit_program(as_bytes(lines), MODEL, demand()).findings
    assert any(f.rule_id == "L-03" for f in found if f.status is Status.FAIL)


def test_numbers_mean_the_same_whoever_spells_them() -> None:
    """Leading and trailing zeros, signs and missing digits."""
    respelled = [
        re.sub(r"([XYZE])(-?)0?(\.[0-9]+)", r"\g<1>\g<2>00\g<3>0", text) if is_move(text) else text
        for text in HONEST
    ]
    assert respelled != HONEST
    honest = audit_program(as_bytes(HONEST), MODEL, demand())
    other = audit_program(as_bytes(respelled), MODEL, demand())
    assert other.findings == honest.findings
    assert other.measured == replace(honest.measured)
