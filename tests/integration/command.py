"""The command as a user runs it: its exit code, and what it said where."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from printstd.cli.main import run
from printstd.cli.speech import Language, speak

ROOT = Path(__file__).parents[2]
LABELS = ("where", "got", "wanted", "what to do")


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


def environment(**changes: str) -> dict[str, str]:
    """The tests' own, apart from what would make a difference: the user's profiles and keys."""
    kept = {key: text for key, text in os.environ.items() if not key.startswith("PRINTSTD_")}
    return kept | {"XDG_CONFIG_HOME": os.devnull, "PYTHONPATH": str(ROOT)} | changes


def printstd(*arguments: object, cwd: Path, **env: str) -> Done:
    """Run it in this process, with the folder, environment and streams that a process of its own
    would have: starting one takes longer than most calls. What `main` adds to `run` is tested by
    those who ask `in_a_process`."""
    out, err = io.BytesIO(), io.BytesIO()
    stdin, stdout, stderr = (
        io.TextIOWrapper(to, encoding="utf-8") for to in (io.BytesIO(), out, err)
    )
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, environment(**env), clear=True),
        mock.patch.multiple(sys, stdin=stdin, stdout=stdout, stderr=stderr),
    ):
        try:
            code = run([str(argument) for argument in arguments])
        finally:
            speak(Language.EN)
            stdout.flush()
            stderr.flush()
    return Done(code, out.getvalue().decode("utf-8"), err.getvalue().decode("utf-8"))


def in_a_process(*arguments: object, cwd: Path, code: str | None = None, **env: str) -> Done:
    """Run it as a user does. `code`: Python that is executed in the process before the command, for
    faults that no input can bring about."""
    texts = [str(argument) for argument in arguments]
    start = ["-m", "printstd"]
    if code is not None:
        start = ["-c", f"{code}\nfrom printstd.cli.main import main; main()"]
    done = subprocess.run(
        [sys.executable, *start, *texts],
        cwd=cwd,
        env=environment(**env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
    )
    return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def listing(folder: Path) -> dict[str, bytes]:
    """Every file under a folder with its bytes: what a failed run must leave as it was."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def says(text: str, *labels: str) -> dict[str, str]:
    """The labelled lines of an error; every one of `labels` is there and says something."""
    found = {}
    for line in text.splitlines():
        label, sign, words = line.strip().partition(": ")
        if sign and label in LABELS:
            found.setdefault(label, words)
    missing = [label for label in labels if not found.get(label)]
    assert not missing, f"nothing is said of {missing}:\n{text}"
    return found
