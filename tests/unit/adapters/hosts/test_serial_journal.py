"""The history that no board keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from printstd.adapters.hosts.serial_journal import Holding, Journal
from printstd.artifacts.host import RunOutcome


def outcomes(journal: Journal, **told: object) -> list[RunOutcome]:
    return [run.outcome for run in journal.runs(**told)]  # type: ignore[arg-type]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    ticks = iter(range(1000, 2000))
    return Journal(tmp_path / "printer" / "journal.jsonl", lambda: float(next(ticks)))


def test_runs_are_numbered_and_end_as_it_was_written(journal: Journal):
    first = journal.began("a.gcode", "sha256:00")
    journal.last_line(first)
    journal.ended(first, RunOutcome.COMPLETED)
    second = journal.began("b.gcode", "sha256:01")
    assert (first, second) == ("1", "2")
    assert outcomes(journal, running=second) == [RunOutcome.COMPLETED, RunOutcome.RUNNING]
    assert journal.runs()[0].began_utc_s == 1000
    assert journal.runs()[0].ended_utc_s == 1002


def test_a_run_without_an_end_failed_or_nobody_knows(journal: Journal):
    journal.began("a.gcode", "sha256:00")
    assert outcomes(journal) == [RunOutcome.FAILED]
    journal.last_line("1")
    assert outcomes(journal) == [RunOutcome.UNKNOWN]
    assert outcomes(journal, is_last_on=True) == [RunOutcome.RUNNING]


def test_a_line_that_was_cut_swallows_nothing_and_is_no_end(journal: Journal, tmp_path: Path):
    journal.began("a.gcode", "sha256:00")
    path = tmp_path / "printer" / "journal.jsonl"
    whole = path.read_bytes()
    journal.ended("1", RunOutcome.COMPLETED)
    cut = path.read_bytes()
    for length in range(len(whole), len(cut) - 1, 9):
        path.write_bytes(cut[:length])
        assert outcomes(journal) == [RunOutcome.FAILED]
        assert journal.began("b.gcode", "sha256:01") == "2"
        assert outcomes(journal, running="2") == [RunOutcome.FAILED, RunOutcome.RUNNING]


def test_a_line_is_held_by_one(tmp_path: Path):
    mine, other = Holding(tmp_path / "held"), Holding(tmp_path / "held")
    assert not other.is_elsewhere()
    mine.take()
    assert other.is_elsewhere()
    assert not mine.is_elsewhere()
    with pytest.raises(OSError, match="another program"):
        other.take()
    mine.release()
    other.take()
    other.release()
