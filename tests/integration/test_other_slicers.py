"""`audit` of a program as any slicer might have made it, by the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.command import ROOT, printstd

MODEL = ROOT / "samples" / "cube20.stl"
MADE = ("--printer", "mk4s", "--set", "infill.density_ratio=0.3")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "cube.gcode"
    assert printstd("slice", MODEL, "-o", out, *MADE, cwd=out.parent).code == 0
    return out


def audited(program: Path, *more: str) -> tuple[int, list[dict[str, object]]]:
    command = ("audit", program, "--model", MODEL, "--printer", "mk4s", "--format", "json")
    done = printstd(*command, *more, cwd=program.parent)
    (section,) = json.loads(done.out)["subjects"][0]["sections"]
    return done.code, [f for f in section["findings"] if f["rule_id"] == "G-09"]


def test_infill_that_nobody_declared_is_told_and_leaves_the_run_open(program: Path) -> None:
    code, found = audited(program, "--undeclared", "infill")
    assert code == 8
    assert [finding["status"] for finding in found] == ["INFO", "NOT_EVALUATED"]
    assert found[0]["measured"] == pytest.approx(30, abs=3)
    code, found = audited(program, "--undeclared", "infill", "--allow-undecided", "G-09")
    assert code == 0
    code, (finding,) = audited(program, "--set", "infill.density_ratio=0.3")
    assert (code, finding["status"]) == (0, "PASS")


def test_what_cannot_be_left_undeclared_is_said(program: Path) -> None:
    done = printstd(
        "audit", program, "--model", MODEL, "--printer", "mk4s", "--undeclared", "speed",
        cwd=program.parent,
    )  # fmt: skip
    assert done.code == 2
    assert "'speed'" in done.err
    assert "infill" in done.err
