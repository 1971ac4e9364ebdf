"""The worked example: a pull request changes a part and gets its verdict."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

from printstd.adapters.profile_files import PROFILES_VARIABLE
from tests.integration.check.parts import EXAMPLE
from tests.integration.command import environment
from tests.repositories import Repository
from tests.unit.report.test_as_sarif import VALIDATOR
from tests.unit.report.test_ci_forms import COMMAND


def test_the_pull_request_of_the_example_changes_a_part_and_gets_its_verdict(
    tmp_path, monkeypatch, check
):
    monkeypatch.setenv(PROFILES_VARIABLE, "")
    made = Repository(tmp_path / "example")
    shutil.copytree(EXAMPLE, made.folder, dirs_exist_ok=True)
    monkeypatch.chdir(made.folder)
    made.commit(message="the parts")
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    code, out, _ = check()
    assert code == 0
    rows = {line.split()[0]: " ".join(line.split()) for line in out.splitlines()[2:6]}
    assert "FAILED passes: expected" in rows["fixtures/too_thin.stl"]
    assert "FAILED passes: known" in rows["parts/legacy_tray.stl"]
    assert "validate, slice, audit PASSED passes" in rows["parts/plate.stl"]
    assert "PASSED passes" in rows["parts/tray.stl"]
    assert "4 of 4 files pass" in out
    assert not summary.exists()

    made.git("switch", "-q", "-c", "thinner")
    maker = [sys.executable, "make_parts.py", "--wall", "0.3"]
    subprocess.run(maker, check=True, cwd=made.folder, env=environment())
    changed = [line[3:] for line in made.git("status", "--porcelain").splitlines()]
    assert changed == ["parts/tray.stl"]  # the other parts come out of it bit for bit
    made.commit(message="a thinner partition")

    code, out, _ = check("--changed-since", "main", "--format", "github")
    assert code == 1
    found = [COMMAND.match(line).groups() for line in out.splitlines()]
    assert {(path, line) for _, path, line, *_ in found} == {("parts/tray.stl", "1")}
    errors = {title: text for kind, _, _, title, text in found if kind == "error"}
    assert set(errors) == {"THK-01 FAIL", "FEA-07 FAIL"}
    assert "0.300 mm" in errors["THK-01 FAIL"]
    assert "(30.00 20.00 7.50) mm" in errors["THK-01 FAIL"]
    text = summary.read_text("utf-8")
    assert text.startswith("## ❌ printstd check: 0 of 1 files pass")
    assert "| `parts/tray.stl` | ❌ FAILED |  | THK-01, FEA-07 |" in text

    code, out, _ = check("--changed-since", "main", "--format", "sarif")
    log = json.loads(out)
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    places = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for r in log["runs"][0]["results"]
        if r["level"] == "error"
    }
    assert places == {"parts/tray.stl"}
    assert log["runs"][0]["invocations"][0]["exitCode"] == code == 1
