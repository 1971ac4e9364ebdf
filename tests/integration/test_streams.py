"""Data on standard output, talk on standard error, whatever is at the other end."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.integration.command import environment, in_a_process, printstd
from tests.small_part import PEER

CHECK = ("validate", "cube.stl", "--printer", "mk4s")


def test_quiet_says_nothing_but_errors_and_json_is_data_that_quiet_keeps(desk):
    assert printstd(*CHECK, "-q", cwd=desk).out == ""
    assert printstd(*CHECK, "-q", cwd=desk).err == ""
    done = printstd("validate", "open.stl", "cut.stl", "--printer", "mk4s", "-q", cwd=desk)
    assert done.out == ""
    assert "printstd: open.stl: validate FAILED (GEO-02" in done.err
    assert "printstd: cut.stl: " in done.err
    done = printstd(*CHECK, "-q", "--format", "json", cwd=desk)
    assert json.loads(done.out)["exit_code"] == 0
    assert done.err == ""


def test_a_report_in_a_file_is_the_one_that_would_have_been_printed(desk):
    for form in ("text", "json"):
        printed = printstd(*CHECK, "--format", form, cwd=desk)
        done = printstd(*CHECK, "--format", form, "--report", "отчёт", cwd=desk)
        assert (done.code, done.out, done.err) == (0, "", "")
        assert (desk / "отчёт").read_text("utf-8") == printed.out
    done = printstd("validate", "open.stl", "--report", "отчёт", cwd=desk)
    assert (done.code, done.out) == (1, "")
    assert "validate FAILED (GEO-02" in done.err


@pytest.mark.skipif(os.name != "posix", reason="how a pipe breaks is POSIX's")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("validate", "open.stl", "--printer", "mk4s"), 1),
        (("validate", "open.stl", "--format", "json"), 1),
        (CHECK, 0),
        (("explain",), 0),
        (("profiles", "show"), 0),
        (("--help",), 0),
    ],
)
def test_a_reader_who_goes_away_changes_no_verdict_and_sees_no_traceback(desk, arguments, code):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "printstd.cli.main", *arguments],
            cwd=desk,
            env=environment(),
            stdout=writing,
            stderr=subprocess.PIPE,
        )
    finally:
        os.close(writing)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="closing a stream is the shell's")
def test_closed_streams_are_no_bug(desk):
    for closed, code in ((">&-", 0), ("2>&-", 0), ("<&-", 0)):
        line = f'"$0" -m printstd.cli.main validate cube.stl -q {closed}'
        done = subprocess.run(
            ["sh", "-c", line, sys.executable], cwd=desk, env=environment(), capture_output=True
        )
        assert done.returncode == code, (closed, done.stderr)


def test_the_c_locale_takes_names_of_any_script(desk):
    (desk / "cube.stl").rename(desk / "Кронштейн.stl")
    done = in_a_process(
        "validate", "Кронштейн.stl", cwd=desk, LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING=""
    )
    assert done.code == 0, done.err
    assert "Кронштейн.stl" in done.out


def test_no_bar_where_there_is_no_terminal(desk):
    done = printstd("slice", "small.stl", *PEER, "-o", "out.gcode", cwd=desk)
    assert done.code == 0
    assert done.err == ""
    assert "\x1b" not in done.out


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX's")
def test_on_a_terminal_the_report_has_colours_and_short_work_no_bar(desk):
    import pty

    parent, child = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "printstd.cli.main", *CHECK],
        cwd=desk,
        env=environment(TERM="xterm-256color", COLUMNS="80"),
        stdin=child,
        stdout=child,
        stderr=child,
    )
    os.close(child)
    seen = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:  # Linux's way of saying that the other end is closed
            break
        if not part:
            break
        seen += part
    os.close(parent)
    assert running.wait() == 0
    text = seen.decode("utf-8")
    assert "\x1b[32m" in text
    assert "\x1b[?25l" not in text  # no bar hid the cursor
    plain = printstd(*CHECK, cwd=desk).out
    assert "validate: PASSED" in plain
    assert max(len(line) for line in _bare(text)) <= 80


def _bare(text: str) -> list[str]:
    import re

    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\r", "").split("\n")
    return [line for line in lines if "sha256" not in line]
