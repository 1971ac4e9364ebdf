"""action.yml and the pre-commit hook: by their schemas, and without a way into the shell."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import typer
import yaml

from printstd.cli import options
from printstd.cli.application import application
from printstd.profiles.repository import MODEL_ENDINGS, PROGRAM_ENDINGS
from printstd.profiles.repository_models import CONFIG_NAME

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads(
    (Path(__file__).with_name("schemas") / "github-actions.json").read_text("utf-8")
)
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]
SCRIPTS = {step["name"]: step for step in STEPS if "run" in step}
EXAMPLE = ROOT / "docs" / "examples" / "repository"


def test_the_action_keeps_to_its_schema_and_the_schema_refuses_what_is_wrong():
    validator = jsonschema.Draft7Validator(SCHEMA)
    assert [error.message for error in validator.iter_errors(ACTION)] == []
    assert not validator.is_valid(ACTION | {"runs": {"using": "composite"}})


def test_no_input_reaches_a_shell_but_as_a_variable():
    """An input is what a pull request may name itself; in a script it would be run."""
    for step in SCRIPTS.values():
        assert "${{" not in step["run"]
    used = set(re.findall(r"inputs\.([a-z-]+)", json.dumps(STEPS)))
    assert used == set(ACTION["inputs"])


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_are_bash(name):
    step = SCRIPTS[name]
    assert step["shell"] == "bash"
    done = subprocess.run(["bash", "-n"], input=step["run"].encode(), capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


def test_every_option_that_the_action_gives_is_one():
    command = typer.main.get_command(application(["check"]))
    command = command.commands["check"] if hasattr(command, "commands") else command
    known = {name for parameter in command.params for name in parameter.opts}
    given = set(re.findall(r"(--[a-z-]+)", SCRIPTS["Check"]["run"]))
    assert given <= known
    assert set(options.Format) >= {"github", "sarif", "junit"}


def test_the_hook_is_called_for_all_that_a_verdict_rests_on():
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    files = re.compile(hook["files"])
    for name in (*(f"a{end}" for end in (*MODEL_ENDINGS, *PROGRAM_ENDINGS)), CONFIG_NAME,
                 "A.STL", "drawing.csv", "order.toml", "key.pub", "a.gcode.cert.json"):  # fmt: skip
        assert files.search(name), name
    assert not files.search("README.md")
    assert hook["entry"] == "printstd check"
    assert hook["require_serial"] is True


def test_the_examples_are_yaml_and_call_what_is_there():
    workflow = yaml.safe_load((EXAMPLE / ".github/workflows/parts.yml").read_text("utf-8"))
    steps = workflow["jobs"]["check"]["steps"]
    (used,) = [step for step in steps if step["uses"].startswith("printstd/")]
    assert set(used["with"]) <= set(ACTION["inputs"])
    assert steps[0]["with"]["fetch-depth"] == 0
    hooks = yaml.safe_load((EXAMPLE / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [hook["id"] for hook in hooks["repos"][0]["hooks"]] == ["printstd-check"]
    job = yaml.safe_load((EXAMPLE / ".gitlab-ci.yml").read_text("utf-8"))["parts"]
    script = "\n".join(job["script"])
    done = subprocess.run(["bash", "-n"], input=script.encode(), capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert job["artifacts"]["reports"] == {
        "codequality": "gl-code-quality-report.json",
        "junit": "printstd-junit.xml",
    }
    jenkins = (EXAMPLE / "Jenkinsfile").read_text("utf-8")
    script = re.search(r"sh '''(.*?)'''", jenkins, re.DOTALL)[1]
    done = subprocess.run(["bash", "-n"], input=script.encode(), capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_parts_of_the_example_are_those_that_its_script_makes(tmp_path):
    import sys

    from tests.integration.command import environment

    command = [sys.executable, str(EXAMPLE / "make_parts.py"), "--into", str(tmp_path)]
    subprocess.run(command, check=True, env=environment())
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*.stl")}
    kept = {p.relative_to(EXAMPLE): p.read_bytes() for p in EXAMPLE.rglob("*.stl")}
    assert made == kept
