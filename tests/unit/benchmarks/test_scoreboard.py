"""The score board: rows that miss their target fail the run, rows not measured are said."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks import scoreboard
from benchmarks.scoreboard import ROOT, ROWS, Row, _n_open, measure, page
from tests import meshes
from tests.conformance.stl import nasty

WITHOUT_MODELS = ("nasty", "3mf", "self-intersection", "thickness")


def setting(tmp_path: Path, **more: Any) -> Any:
    folder = {"scratch": tmp_path, "corpus": None, "dated": None, "models": lambda _: []}
    return SimpleNamespace(**{**folder, **more})


@pytest.mark.parametrize("name", WITHOUT_MODELS)
def test_what_needs_no_models_of_others_meets_its_target(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoreboard, "_PEERS", {})
    for row in ROWS[name](setting(tmp_path)):
        assert row.is_met, row


def test_what_cannot_be_measured_is_not_evaluated_and_no_success(tmp_path: Path) -> None:
    for name in ("alarms", "open"):
        (row,) = ROWS[name](setting(tmp_path))
        assert (row.measured, row.is_met) == ("", None)
        assert row.note
        assert "NOT EVALUATED: " + row.note in page([row], "2026-01-01")


def test_a_row_that_misses_its_target_fails_the_run_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = nasty.CASES[0]._replace(refused="STL-999")
    monkeypatch.setattr(nasty, "CASES", (wrong, *nasty.CASES[1:]))
    monkeypatch.setattr(scoreboard, "_PEERS", {})
    monkeypatch.setattr(scoreboard, "ROWS", {"nasty": scoreboard.nasty_stl})
    found = measure(setting(tmp_path))
    assert found["holds"] is False
    assert found["rows"][0]["measured"] == "46/47"
    assert found["rows"][0]["wrong"] == ("NaN vertex: refused with STL-010",)


def test_a_peer_that_says_another_number_of_facets_or_hangs_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that says twelve of everything is right about every file of twelve facets."""
    _, pattern, known = scoreboard._PEERS["prusa-slicer --info"]
    twelve = ["echo", "number_of_facets = 12"], pattern, known
    monkeypatch.setattr(scoreboard, "_PEERS", {"a clock": twelve})
    _, row = scoreboard.nasty_stl(setting(tmp_path))
    taken = [one for one in nasty.CASES if not one.refused]
    twelves = sum(len((one.mesh or nasty.CUBE)[1]) == 12 for one in taken)
    assert row.measured == f"{twelves}/47"


def test_the_page_says_what_was_given_and_nothing_of_the_clock() -> None:
    rows = [Row("a", "b", "c", "d", False, ("e",)), Row("f", "g", "h", "i", True)]
    text = page(rows, "2001-02-03")
    assert text == page(rows, "2001-02-03")
    assert "Measured 2001-02-03" in text
    assert "| a | b | c | d | NO |" in text
    assert "- a: e" in text


def test_open_edges_are_those_of_one_facet() -> None:
    cube = meshes.cube()
    assert _n_open(cube[1]) == 0
    assert _n_open(meshes.without(cube, [0])[1]) == 3
    flat = np.concatenate([cube[1], np.array([[0, 0, 1]], np.int32)])
    assert _n_open(flat) == 0


def test_the_page_of_the_checkout_holds_every_row() -> None:
    """Whatever they say: a target that is missed stands there with its cases."""
    text = (ROOT / "docs" / "scoreboard.md").read_text("utf-8")
    assert len(ROWS) <= sum(line.startswith("| ") for line in text.splitlines()) - 1
    assert ("| NO |" in text) is ("Missed:" in text)
