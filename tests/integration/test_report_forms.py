"""Every format of every command: the same exit code, whole files, and what is no text kept off
terminals."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from printstd.cli.main import run
from printstd.cli.options import Format
from tests.integration.command import environment, printstd, says
from tests.integration.test_reports import CALLS, CODES


def check(form: str, data: bytes) -> None:
    """That it is one of its kind, from its first byte to its last."""
    if form in ("json", "sarif"):
        json.loads(data)
    elif form == "junit":
        ElementTree.fromstring(data)
    elif form == "html":
        assert data.startswith(b"<!DOCTYPE html>")
        assert data.endswith(b"</html>\n")
    elif form == "pdf":
        assert data.startswith(b"%PDF-")
        assert data.rstrip().endswith(b"%%EOF")
    else:
        assert data.endswith(b"\n")


@pytest.mark.parametrize("form", [form.value for form in Format if form is not Format.CSV])
@pytest.mark.parametrize("command", CALLS)
def test_every_command_reports_in_every_form(desk, command, form, monkeypatch, capsys):
    monkeypatch.chdir(desk)
    file = desk / f"report.{form}"
    assert run([*CALLS[command], "--format", form, "--report", str(file)]) == CODES[command]
    assert capsys.readouterr().out == ""
    check(form, file.read_bytes())


@pytest.mark.parametrize("form", ["sarif", "junit", "html", "pdf"])
def test_standard_output_takes_the_same_bytes_as_a_file(desk, form):
    call = [sys.executable, "-m", "printstd.cli.main", "validate", "open.stl", "--format", form]
    done = subprocess.run(call, cwd=desk, env=environment(), capture_output=True, check=False)
    assert done.returncode == 1
    again = printstd("validate", "open.stl", "--format", form, "--report", "a", cwd=desk)
    assert again.code == 1
    assert (desk / "a").read_bytes() == done.stdout


def test_a_terminal_gets_no_pdf(desk):
    leader, follower = pty.openpty()
    call = [sys.executable, "-m", "printstd.cli.main", "validate", "cube.stl", "--format", "pdf"]
    done = subprocess.run(
        call,
        cwd=desk,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(follower)
    os.close(leader)
    assert done.returncode == 2
    told = says(done.stderr.decode(), "got", "wanted", "what to do")
    assert "--report FILE" in told["wanted"]


@pytest.mark.parametrize("option", [("--format", "docx"), ("--redact", "names")])
def test_a_form_that_is_none_is_a_usage_error(desk, option):
    assert printstd("validate", "cube.stl", *option, cwd=desk).code == 2


@pytest.mark.parametrize("command", [("list",), ("show",)])
def test_what_is_no_report_has_no_form_of_one(desk, command):
    assert printstd("profiles", *command, "--format", "json", cwd=desk).code == 0
    assert printstd("profiles", *command, "--format", "pdf", cwd=desk).code == 2


def test_the_page_and_the_printed_report_name_the_json_that_they_belong_to(desk):
    call = ("validate", "open.stl", "--pack", "kz", "--printer", "mk4s")
    for form in ("json", "html"):
        printstd(*call, "--format", form, "--report", form, cwd=desk)
    digest = hashlib.sha256((desk / "json").read_bytes()).hexdigest()
    assert digest in (desk / "html").read_text("utf-8")


def test_a_report_says_who_chose_the_class(desk):
    def chosen(*more: str) -> str:
        done = printstd("validate", "cube.stl", *more, "--format", "json", cwd=desk)
        basis = {fact["name"]: fact["value"] for fact in json.loads(done.out)["basis"]}
        return basis["tolerance class"]

    assert "default" in chosen()
    assert chosen("--class", "c") == "c, chosen with --class"


def test_a_model_from_a_pipe_is_reported_without_a_picture(desk):
    """It cannot be read a second time."""
    os.mkfifo(desk / "pipe.stl")
    call = [sys.executable, "-m", "printstd.cli.main", "validate", "pipe.stl", "--format", "html"]
    with subprocess.Popen(call, cwd=desk, env=environment(), stdout=subprocess.PIPE) as process:
        (desk / "pipe.stl").write_bytes((desk / "cube.stl").read_bytes())
        page = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 0
    assert "GEO-02" in page
    assert "<canvas" not in page


def test_the_part_is_drawn_as_it_stands_on_the_bed(desk):
    """Turned by the request, where the file has it lying."""
    call = ("validate", "small.stl", "--printer", "mk4s", "--format", "html")
    boxes = []
    for number, turn in enumerate(((), ("--rotate", "90,0,0"), ("--scale", "2"))):
        printstd(*call, *turn, "--report", f"{number}.html", cwd=desk)
        text = (desk / f"{number}.html").read_text("utf-8")
        (meta,) = json.loads(re.search(r'id="scene">(.*?)</script>', text).group(1))["parts"]
        boxes.append((meta["low_mm"], meta["step_mm"] * 65535))
    assert all(abs(low[2]) < 1e-6 for low, _ in boxes)
    assert boxes[0] != boxes[1]
    assert boxes[2][1] == pytest.approx(2 * boxes[0][1])
