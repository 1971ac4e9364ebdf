"""The gate as it is really called: the steps of action.yml by a small runner in a new environment,
and the hook by pre-commit from a repository on this disk. Both install printstd as they would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import yaml

from tests.repositories import Repository
from tests.unit.report.test_as_sarif import VALIDATOR
from tests.unit.report.test_ci_forms import COMMAND

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "repository"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
INSTALL_S = 600


def clean(**more: str) -> dict[str, str]:
    """The environment of a runner: nothing of this checkout, of the user or of a hook."""
    kept = {
        name: text
        for name, text in os.environ.items()
        if name != "PYTHONPATH" and not name.startswith(("PRINTSTD_", "GIT_", "GITHUB_"))
    }
    identity = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return kept | identity | {"XDG_CONFIG_HOME": os.devnull} | more


@pytest.fixture
def example(tmp_path) -> Repository:
    made = Repository(tmp_path / "example")
    shutil.copytree(EXAMPLE, made.folder, dirs_exist_ok=True)
    made.commit(message="the parts")
    return made


def change(repository: Repository, *arguments: str) -> None:
    """As the author of a pull request does."""
    command = [sys.executable, "make_parts.py", *arguments]
    subprocess.run(command, check=True, cwd=repository.folder, env=clean())


# -------------------------------------------------------------------------------------- the action


class Runner:
    """The `run` steps of a composite action, in order; what it `uses` is somebody else's."""

    def __init__(self, home: Path, workspace: Path, **inputs: str) -> None:
        self._home, self._workspace = home, workspace
        self._values = {f"inputs.{n}": str(i["default"]) for n, i in ACTION["inputs"].items()}
        self._values |= {f"inputs.{n.replace('_', '-')}": text for n, text in inputs.items()}
        self._values["github.action_path"] = str(ROOT)
        self.summary, self._output = home / "summary.md", home / "output.txt"
        self.summary.write_text("")

    def step(self, name: str) -> subprocess.CompletedProcess[str]:
        (step,) = [step for step in ACTION["runs"]["steps"] if step.get("name") == name]
        self._output.write_text("")
        added = {name: self._put(text) for name, text in step.get("env", {}).items()}
        path = f"{self._home / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        environment = clean(
            PATH=path,
            GITHUB_OUTPUT=str(self._output),
            GITHUB_STEP_SUMMARY=str(self.summary),
            **added,
        )
        script = self._home / "script.sh"
        script.write_text(step["run"], "utf-8")
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self._workspace / self._put(step.get("working-directory", ".")),
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=INSTALL_S,
        )

    @property
    def outputs(self) -> dict[str, str]:
        lines = self._output.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def _put(self, text: str) -> str:
        return re.sub(r"\$\{\{\s*([\w.-]+)\s*\}\}", lambda found: self._values[found[1]], text)


@pytest.fixture(scope="module")
def machine(tmp_path_factory) -> Path:
    """With the action's own installation done."""
    home = tmp_path_factory.mktemp("runner")
    venv.create(home / "venv", with_pip=True)
    done = Runner(home, home).step("Install printstd")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("printstd ")
    return home


def test_the_action_judges_a_pull_request(machine, example):
    runner = Runner(machine, example.folder.parent, working_directory="example", junit="j.xml")
    done = runner.step("Check")
    assert (done.returncode, runner.outputs) == (0, {"exit-code": "0"}), done.stderr
    assert runner.summary.read_text("utf-8").startswith("## ✅ printstd check: 4 of 4 files pass")
    assert (example.folder / "j.xml").read_text("utf-8").startswith("<?xml")

    example.git("switch", "-q", "-c", "thinner")
    change(example, "--wall", "0.3")
    example.commit()
    runner = Runner(
        machine, example.folder.parent, working_directory="example", changed_since="main",
        sarif="out.sarif",
    )  # fmt: skip
    done = runner.step("Check")
    assert (done.returncode, runner.outputs) == (1, {"exit-code": "1"}), done.stderr
    found = [match.groups() for match in map(COMMAND.match, done.stdout.splitlines()) if match]
    assert {(kind, path) for kind, path, *_ in found if kind == "error"} == {
        ("error", "parts/tray.stl")
    }
    assert "`parts/tray.stl` **THK-01**" in runner.summary.read_text("utf-8")
    log = json.loads((example.folder / "out.sarif").read_text("utf-8"))
    assert list(VALIDATOR.iter_errors(log)) == []


def test_an_input_is_a_value_and_never_a_command(machine, example):
    trap = example.folder / "trap"
    hostile = f'main"; touch "{trap}"; echo "$(touch {trap})'
    runner = Runner(machine, example.folder, changed_since=hostile)
    done = runner.step("Check")
    assert (done.returncode, runner.outputs) == (2, {"exit-code": "2"})
    assert "no such commit" in done.stderr
    assert not trap.exists()


# ---------------------------------------------------------------------------------------- the hook


def test_pre_commit_installs_and_runs_the_hook(example, tmp_path_factory):
    """From the last commit of this checkout, as it would from a published one."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout: pre-commit has nothing to clone")
    head = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    hooks = {"repos": [{"repo": str(ROOT), "rev": head, "hooks": [{"id": "printstd-check"}]}]}
    example.commit({".pre-commit-config.yaml": yaml.safe_dump(hooks)})
    environment = clean(PRE_COMMIT_HOME=str(tmp_path_factory.mktemp("pre-commit")))

    def call(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=example.folder, env=environment, capture_output=True, encoding="utf-8",
            timeout=INSTALL_S,
        )  # fmt: skip

    pre_commit = [sys.executable, "-m", "pre_commit"]
    done = call(*pre_commit, "install", "--install-hooks")
    assert done.returncode == 0, done.stdout + done.stderr

    change(example, "--hole", "6.05")
    done = call("git", "commit", "-qam", "a wider hole")
    assert done.returncode == 0, done.stdout + done.stderr

    change(example, "--wall", "0.3", "--hole", "6.05")
    done = call("git", "commit", "-qam", "a thinner partition")
    assert done.returncode == 1
    assert "printstd check" in done.stderr
    assert "parts/tray.stl" in done.stderr
    assert "THK-01 FAIL" in done.stderr
    assert "plate.stl" not in done.stderr  # only what is committed is looked at
    assert example.git("log", "-1", "--format=%s").strip() == "a wider hole"

    change(example, "--hole", "6.05")
    example.write({"parts/plate.csv": 'number,feature,nominal,limits\n1,"hole @ 12,15",7,m\n'})
    done = call("git", "commit", "-qam", "a drawing that the part does not keep to")
    assert done.returncode == 1
    assert "DRW-01 FAIL" in done.stderr
