"""The machine model: one print, written in different ways, is one print."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from printstd.artifacts.demand import CommandRule
from printstd.audit import read_motion
from printstd.audit.arcs import extreme_points, with_chords
from printstd.audit.lexer import lex
from printstd.audit.machine import Track, run_machine
from printstd.audit.verbs import Verb
from tests.mutation.demands import plain_demand
from tests.mutation.tiny_slicer import Recipe, as_bytes, slice_prism, two_blocks


def tracked(text: str | bytes) -> Track:
    data = text.encode() if isinstance(text, str) else text
    return run_machine(lex(data), plain_demand()).track


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return slice_prism(two_blocks(), Recipe(layers=6))


def same_print(a: Track, b: Track, tolerance_um: float = 1e-6) -> None:
    """Both lay the same beads along the same ways at the same speed."""
    laid_a, laid_b = a.e_um > 0, b.e_um > 0
    assert laid_a.sum() == laid_b.sum() > 0
    for name in ("start_um", "end_um", "e_um", "feed_um_s"):
        x, y = getattr(a, name)[laid_a], getattr(b, name)[laid_b]
        np.testing.assert_allclose(x, y, rtol=0, atol=tolerance_um, err_msg=name)


def test_absolute_filament_is_the_same_print(lines: list[str]) -> None:
    total, out = 0.0, []
    for text in lines:
        if text == "G92 E0":
            total = 0.0
        word = re.search(r" E(-?[0-9.]+)", text)
        if word and text.startswith("G1"):
            total += float(word.group(1))
            text = text.replace(word.group(0), f" E{total:.5f}")
        out.append("M82" if text == "M83" else text)
    same_print(tracked(as_bytes(lines)), tracked(as_bytes(out)), 0.02)


def test_relative_positions_are_the_same_print(lines: list[str]) -> None:
    at = {"X": 0.0, "Y": 0.0, "Z": 0.0}
    out = []
    for text in lines:
        if text.startswith("G28"):
            at = dict.fromkeys(at, 0.0)
        if text.startswith("G1 "):
            for axis in "XYZ":
                word = re.search(rf"{axis}(-?[0-9.]+)", text)
                if word:
                    value = float(word.group(1))
                    text = text.replace(word.group(0), f"{axis}{value - at[axis]:.6f}")
                    at[axis] = value
        out.append("G91\nM83" if text == "G90" else text)
    same_print(tracked(as_bytes(lines)), tracked(as_bytes(out)), 1e-3)


def test_inches_are_the_same_print(lines: list[str]) -> None:
    def in_inches(match: re.Match[str]) -> str:
        return f"{match.group(1)}{float(match.group(2)) / 25.4:.9f}"

    out = [
        re.sub(r"([XYZEF])(-?[0-9.]+)", in_inches, text) if text.startswith("G1 ") else text
        for text in lines
    ]
    out = ["G20" if text == "G21" else text for text in out]
    same_print(tracked(as_bytes(lines)), tracked(as_bytes(out)), 1e-3)


def test_a_moved_zero_point_with_moved_coordinates_is_the_same_print(lines: list[str]) -> None:
    """What M-02 refuses is still followed as the machine would."""

    def shifted(match: re.Match[str]) -> str:
        return f"X{float(match.group(1)) - 10:.3f}"

    at = lines.index(";LAYER:3")
    rest = [re.sub(r"X(-?[0-9.]+)", shifted, t) if "G28" not in t else t for t in lines[at:]]
    last = next(t for t in reversed(lines[:at]) if t.startswith("G1 X"))
    x = float(re.search(r"X([0-9.]+)", last).group(1))  # type: ignore[union-attr]
    out = [*lines[:at], f"G92 X{x - 10:.3f}", *rest]
    same_print(tracked(as_bytes(lines)), tracked(as_bytes(out)), 1e-6)


def test_flow_and_feed_percentages_are_followed() -> None:
    track = tracked("M83\nM221 S80\nM220 S50\nG1 X10 E1 F600\n")
    assert track.e_um.tolist() == [800.0]
    assert track.feed_um_s.tolist() == [5000.0]


def test_filament_that_is_fed_adds_up(lines: list[str]) -> None:
    words = [
        float(m.group(1))
        for text in lines
        if text.startswith("G1 ") and (m := re.search(r"E(-?[0-9.]+)", text))
    ]
    assert tracked(as_bytes(lines)).e_um.sum() == pytest.approx(sum(words) * 1000)


def test_a_circle_of_arcs_has_its_length_and_reach() -> None:
    track = tracked("G21\nG90\nM83\nG1 X10 Y0 F600\nG3 X10 Y0 I-10 J0 E5\n")
    chords, source = with_chords(track)
    arc = source == 1
    length = np.hypot(*(chords.end_um - chords.start_um)[arc, :2].T).sum()
    assert length == pytest.approx(2 * np.pi * 10_000, rel=2e-4)
    assert chords.e_um[arc].sum() == pytest.approx(5000)
    _, points = extreme_points(track)
    reached = sorted(map(tuple, (points / 1000).round(6).tolist()))
    assert (-10.0, 0.0) in reached
    assert {(0.0, 10.0), (0.0, -10.0)} <= {(round(x, 6) + 0.0, y) for x, y in reached}


@pytest.mark.parametrize(("command", "turn"), [("G2", -1), ("G3", 1)])
def test_quarter_arcs_turn_their_own_way(command: str, turn: int) -> None:
    track = tracked(f"G21\nG90\nG1 X10 Y0 F600\n{command} X0 Y{10 * turn} I-10 J0\n")
    chords, source = with_chords(track)
    middle = chords.end_um[source == 1][len(chords.end_um[source == 1]) // 2 - 1, :2]
    assert np.sign(middle[1]) == turn
    assert np.hypot(*middle) == pytest.approx(10_000, abs=3)


def test_a_macro_is_run_line_by_line() -> None:
    base = plain_demand()
    macro = CommandRule(
        "START_PRINT",
        "EXTRUDER_TEMP",
        "macro",
        expansion=("G28", "M109 S{EXTRUDER_TEMP}", "G90", "G1 X7 Y8 Z2 F3000"),
    )
    demand = replace(base, commands=(*base.commands, macro))
    run = run_machine(lex(b"START_PRINT EXTRUDER_TEMP=215\nG1 X9\n"), demand)
    assert run.track.end_um.tolist() == [[7000.0, 8000.0, 2000.0], [9000.0, 8000.0, 2000.0]]
    (heat,) = run.of(Verb.NOZZLE_TEMP_WAIT)
    assert heat.command.get("S") == 215
    assert heat.is_in_macro
    assert run.track.line.tolist() == [1, 2]


def test_motion_claims_roles_by_comment_only(lines: list[str]) -> None:
    text = [t.replace(";TYPE:outer", ";TYPE:External perimeter") for t in lines]
    motion = read_motion(as_bytes(text), plain_demand())
    silent = read_motion(as_bytes([t for t in text if not t.startswith(";")]), plain_demand())
    assert set(motion.claimed_role.tolist()) == {0, 1}
    assert set(silent.claimed_role.tolist()) == {0}
    assert motion.e_um.tolist() == silent.e_um.tolist()
