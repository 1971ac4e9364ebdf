"""What a quiet call leaves out."""

from __future__ import annotations

from pathlib import Path

from printstd.cli.main import run

CALL = ("slice", "small.stl", "--printer", "mk4s", "--process", "peer-0.20", "--quiet")


def test_what_nobody_reads_is_not_found_out_and_the_program_is_the_same(desk: Path, monkeypatch):
    monkeypatch.chdir(desk)
    assert run([*CALL, "-o", "told.gcode", "--report", "report.json", "--format", "json"]) == 0
    assert "orientation" in (desk / "report.json").read_text("utf-8")

    def asked(*_: object) -> None:
        raise AssertionError("nobody reads it")

    monkeypatch.setattr("printstd.stages.position_of", asked)
    assert run([*CALL, "-o", "quiet.gcode"]) == 0
    assert (desk / "quiet.gcode").read_bytes() == (desk / "told.gcode").read_bytes()
    assert run([*CALL, "-o", "a.gcode", "--report", "b.txt"]) == 70
