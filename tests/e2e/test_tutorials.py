"""The tutorials as a newcomer follows them: every command, in order, with the exit code that the
text tells; in both languages the same commands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hosts.octoprint import octoprint

ROOT = Path(__file__).parents[2]
TUTORIALS = ROOT / "docs" / "tutorials"
NAMES = ("manufacturer", "farm", "ci")


def blocks(name: str, language: str) -> list[str]:
    text = (TUTORIALS / f"{name}.{language}.md").read_text("utf-8")
    return re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def script_of(name: str) -> str:
    """Each line that says ``# exit N`` must end so, every other with 0."""
    lines = ["set -eu", "set -m", 'status() { echo "line: $2: exit $1, wanted $3" >&2; exit 99; }']
    for block in blocks(name, "en"):
        for line in block.splitlines():
            told = re.search(r"   # exit (\d+)$", line)
            if told is None:
                lines.append(line)
                continue
            command = line[: told.start()]
            lines.append(f"code=0; {command} || code=$?")
            lines.append(f"[ $code = {told[1]} ] || status $code '{command}' {told[1]}")
    return "\n".join(lines) + "\n"


def follow(name: str, folder: Path, **environment: str) -> None:
    for sample in ("bracket.stl", "thin_tube.stl", "cube20.stl"):
        shutil.copy(ROOT / "samples" / sample, folder)
    tools = folder / ".tools"
    tools.mkdir()
    (tools / "printstd").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT}/cli.py" "$@"\n')
    (tools / "printstd").chmod(0o755)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PRINTSTD", "GIT"))}
    done = subprocess.run(
        ["bash", "-c", script_of(name)],
        cwd=folder,
        env={
            **kept,
            "PATH": f"{tools}:{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "init.defaultBranch",
            "GIT_CONFIG_VALUE_0": "main",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_commands(name: str) -> None:
    english = blocks(name, "en")
    assert len(english) >= 4
    assert blocks(name, "ru") == english


@pytest.mark.parametrize("name", ["manufacturer", "ci"])
def test_a_tutorial_can_be_followed(name: str, tmp_path: Path) -> None:
    follow(name, tmp_path)


def test_the_farms_tutorial_can_be_followed(tmp_path: Path) -> None:
    with octoprint(tmp_path / "octoprint") as host:
        folder = tmp_path / "mine"
        folder.mkdir()
        follow("farm", folder, OCTOPRINT=host.url, OCTOPRINT_KEY=host.key)


@pytest.mark.parametrize("file", sorted(TUTORIALS.glob("*.md")), ids=lambda file: file.name)
def test_links_lead_somewhere(file: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", file.read_text("utf-8")):
        assert (file.parent / target).exists(), target
