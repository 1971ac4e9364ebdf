"""Line by line at OctoPrint: only the program's next line passes."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.gate.octoprint.lines import SD_COMMANDS, LineGate, lines_of

PROGRAM = "﻿; head\nG21\r\n\n  G1 X1 ; to there\n;LAYER\nM117 Ғ\nG1 X1\n".encode()
LINES = ("G21", "G1 X1", "M117 Ғ", "G1 X1")
FILE = frozenset({"source:file", "filepos:1", "fileline:1"})


def opened() -> LineGate:
    gate = LineGate(wait_s=0)
    gate.open_for(PROGRAM)
    return gate


def test_lines_are_what_octoprint_makes_of_a_file() -> None:
    assert lines_of(PROGRAM) == LINES


def test_the_program_passes_whole_and_in_order_once() -> None:
    gate = opened()
    assert not gate.is_through
    for line in LINES:
        assert gate.passes(line, line.split()[0], FILE)
    assert gate.is_through
    assert not gate.passes("G21", "G21", FILE)
    assert gate.take_reason() == "changed"


@settings(max_examples=60)
@given(st.lists(st.sampled_from([*LINES, "G1 X2", "G1 X1 "]), max_size=8))
def test_what_passes_is_always_a_beginning_of_the_program(sent: list[str]) -> None:
    gate = opened()
    passed = [line for line in sent if gate.passes(line, None, FILE)]
    assert tuple(passed) == LINES[: len(passed)]
    # After the first that does not, none does.
    assert passed == sent[: len(passed)]


def test_nothing_of_a_file_passes_before_it_is_verified_or_after_it_is_refused() -> None:
    gate = LineGate(wait_s=0)
    assert not gate.passes("G21", "G21", FILE)
    assert gate.take_reason() == "unverified"
    assert not gate.passes("G21", "G21", FILE)
    assert gate.take_reason() == ""
    gate.close()
    gate.refuse()
    assert not gate.passes("G21", "G21", FILE)
    assert gate.take_reason() == "refused"
    assert not gate.passes("G21", "G21", FILE)
    assert gate.take_reason() == ""
    gate = opened()
    gate.close()
    assert not gate.passes("G21", "G21", FILE)


@pytest.mark.parametrize("command", sorted(SD_COMMANDS))
def test_the_card_s_commands_never_pass(command: str) -> None:
    for gate in (opened(), LineGate(wait_s=0)):
        assert not gate.passes(f"{command} x", command, frozenset({"source:api"}))
        assert gate.take_reason() == "sd"
        assert not gate.passes(f"{command} x", command, None)


def test_what_is_no_job_passes() -> None:
    gate = LineGate(wait_s=0)
    for tags in (None, frozenset(), frozenset({"source:api"}), {"source:script", "script:afterX"}):
        assert gate.passes("M105", "M105", tags)
    before = {"source:script", "script:beforePrintStarted"}
    assert not gate.passes("M109 S200", "M109", before)
    gate.open_for(PROGRAM)
    assert gate.passes("M109 S200", "M109", before)


def test_a_first_line_waits_for_its_verdict() -> None:
    gate = LineGate(wait_s=10)
    timer = threading.Timer(0.05, gate.open_for, [PROGRAM])
    timer.start()
    assert gate.passes("G21", "G21", FILE)
    timer.join()
