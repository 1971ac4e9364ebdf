"""`printstd check` on a real git repository of the test's own."""

from __future__ import annotations

import json

import pytest

from printstd.adapters.profile_files import PROFILES_VARIABLE
from printstd.cli.main import run
from tests.integration.check.parts import GOOD, RULES
from tests.repositories import Repository


@pytest.fixture
def repository(tmp_path, monkeypatch) -> Repository:
    """With one part that passes, the working folder of the test."""
    # Set here, so that what the command sets is undone after the test.
    monkeypatch.setenv(PROFILES_VARIABLE, "")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    made = Repository(tmp_path / "repo")
    made.commit({"printstd.toml": RULES, "parts/good.stl": GOOD})
    monkeypatch.chdir(made.folder)
    return made


@pytest.fixture
def check(capfd):
    """Runs the command here: (exit code, what it printed, what it said beside)."""

    def call(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = run(["check", "--workers", "1", *arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return call


@pytest.fixture
def report(check):
    """Runs the command: exit code, and the subjects by name."""

    def call(*arguments: str) -> tuple[int, dict[str, dict]]:
        code, out, _ = check("--format", "json", *arguments)
        document = json.loads(out)
        assert document["exit_code"] == code
        return code, {subject["name"]: subject for subject in document["subjects"]}

    return call
