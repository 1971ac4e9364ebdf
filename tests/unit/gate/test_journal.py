"""A line that is changed, taken out or put in breaks the chain; a torn one is told, and no more."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from printstd.errors import OutsideError, VerificationError
from printstd.gate.journal import FIRST, Journal, last_started, read_journal

NOW = "2026-11-26T00:00:00Z"


def written(tmp_path: Path, count: int = 5) -> Path:
    journal = Journal(tmp_path / "j" / "journal.jsonl")
    for number in range(count):
        journal.append({"event": "decision", "file": f"№{number}.gcode"}, NOW)
    return journal.file


def test_lines_are_chained_and_numbered(tmp_path: Path) -> None:
    file = written(tmp_path)
    read = read_journal(file.read_bytes(), file.name)
    assert [record["number"] for record in read.records] == [1, 2, 3, 4, 5]
    assert read.records[0]["previous"] == FIRST
    assert read.torn == ()
    assert read_journal(b"", "empty").newest == FIRST


def test_every_changed_line_is_found(tmp_path: Path) -> None:
    file = written(tmp_path)
    lines = file.read_bytes().splitlines(keepends=True)
    for at in range(4):
        for changed in (
            [*lines[:at], *lines[at + 1 :]],
            [*lines[:at], lines[at].replace(b"2026", b"2027"), *lines[at + 1 :]],
            [*lines[:at], lines[at], lines[at], *lines[at + 1 :]],
            [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]],
        ):
            with pytest.raises(VerificationError, match="journal was changed"):
                read_journal(b"".join(changed), file.name)


def test_a_power_cut_leaves_a_torn_line_and_a_whole_chain(tmp_path: Path) -> None:
    file = written(tmp_path, 3)
    data = file.read_bytes()
    for kept in range(len(data) - 2, data.rindex(b"\n", 0, -1) + 1, -7):
        file.write_bytes(data[:kept])
        Journal(file).append({"event": "after"}, NOW)
        read = read_journal(file.read_bytes(), file.name)
        assert read.torn == (3,)
        assert [(r["number"], r["event"]) for r in read.records] == [
            (1, "decision"),
            (2, "decision"),
            (3, "after"),
        ]


def test_several_writers_make_one_chain(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: journal.append({"n": n}, NOW), range(40)))
    read = read_journal(journal.file.read_bytes(), "journal.jsonl")
    assert [record["number"] for record in read.records] == list(range(1, 41))
    assert sorted(record["n"] for record in read.records) == list(range(40))


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").mkdir()
    with pytest.raises(OutsideError, match="cannot be recorded"):
        Journal(tmp_path / "journal.jsonl").append({}, NOW)


def test_what_was_started_last_is_known_until_it_ends(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    assert last_started(journal.file) is None
    journal.append({"event": "started", "program_sha256": "a"}, NOW)
    journal.append({"event": "decision"}, NOW)
    started = last_started(journal.file)
    assert started is not None
    assert started["program_sha256"] == "a"
    journal.append({"event": "ended", "program_sha256": "a"}, NOW)
    assert last_started(journal.file) is None
    assert json.loads(journal.file.read_text().splitlines()[0])["number"] == 1
