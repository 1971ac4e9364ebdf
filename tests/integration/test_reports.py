"""What every command reports, as JSON by the published schema and as text."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from printstd.cli.main import run
from tests import meshes
from tests.integration.command import printstd
from tests.small_part import PEER
from tests.unit.profiles.json_schema import violations

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "report.schema.json"
KEY = ("--key", "k.key")
CALLS = {
    "validate": ("validate", "cube.stl", "open.stl", "cut.stl", "--printer", "mk4s"),
    "slice": ("slice", "small.stl", "open.stl", *PEER, "--outdir", "."),
    "audit": ("audit", "wrong.gcode", "--model", "small.stl", *PEER),
    "certify": ("certify", "small.stl", *PEER, *KEY, "-o", "out.gcode"),
    "verify": ("verify", "small.gcode"),
    "inspect": ("inspect", "cube.stl", "small.gcode", "k.key"),
}
CODES = {"validate": 4, "slice": 5, "audit": 1, "certify": 0, "verify": 6, "inspect": 4}


@pytest.mark.parametrize("command", CALLS)
def test_json_keeps_to_the_published_schema_and_to_the_exit_code(desk, command):
    done = printstd(*CALLS[command], "--format", "json", cwd=desk)
    assert done.code == CODES[command], done.err
    report = json.loads(done.out)
    assert violations(json.loads(SCHEMA.read_text("utf-8")), report) == []
    assert (report["command"], report["exit_code"]) == (command, done.code)
    names = [name for name in CALLS[command][1:] if "." in name and (desk / name).is_file()]
    assert [subject["name"] for subject in report["subjects"]] == [
        name for name in names if name not in ("k.key",) or command == "inspect"
    ][: len(report["subjects"])]
    for subject in report["subjects"]:
        if subject["sha256"] is not None:
            data = (desk / subject["name"]).read_bytes()
            assert subject["sha256"] == hashlib.sha256(data).hexdigest()
        assert (subject["problem"] is None) == (subject["exit_code"] in (0, 1, 8))
        for path in subject["outputs"]:
            assert (desk / path).is_file()


def test_certify_reports_both_stages_with_every_rule(desk):
    report = json.loads(printstd(*CALLS["certify"], "--format", "json", cwd=desk).out)
    (subject,) = report["subjects"]
    assert [section["stage"] for section in subject["sections"]] == ["validate", "audit"]
    for section in subject["sections"]:
        assert section["outcome"] == "PASSED"
        assert {f["rule_id"] for f in section["findings"]} == set(section["rules_run"])
    assert subject["outputs"] == ["out.gcode", "out.gcode.cert.json", "out.gcode.recheck.json"]


def test_the_next_step_that_is_printed_works(desk):
    """Copied from the report, with the key's name filled in."""
    import shlex

    (desk / "small.stl").rename(desk / "мой кубик.stl")
    call = ("certify", "мой кубик.stl", *PEER, *KEY, "-o", "мой кубик.gcode")
    out = printstd(*call, cwd=desk).out
    (line,) = [line for line in out.splitlines() if line.startswith("  next")]
    words = shlex.split(line.replace("KEY.pub", "k.pub"))
    assert words[:2] == ["next", "printstd"]
    assert printstd(*words[2:], cwd=desk).code == 0
    out = printstd("validate", "open.stl", cwd=desk).out
    lines = [line.split() for line in out.splitlines() if line.startswith("  next")]
    assert lines
    for words in lines:
        assert printstd(*words[2:], cwd=desk).code == 0


def test_what_slice_makes_its_own_audit_passes_under_the_same_request(desk, monkeypatch, capsys):
    """Compensations, turns and sizes of the request are meant for the audit too."""
    monkeypatch.chdir(desk)
    (desk / "part.stl").write_bytes(meshes.stl_binary(meshes.cube(12.0)))
    part = ("part.stl", "--printer", "ender3-v2")
    for settings in (
        (),
        ("--rotate", "0,0,30"),
        ("--rotate", "90,0,0", "--scale", "1.2"),
        ("--set", "process.compensation.xy_mm=-0.05"),
        ("--material", "abs"),
        ("--units", "mm", "--process", "draft-0.30"),
    ):
        assert run(["slice", *part, *settings, "-o", "a.gcode", "-q"]) == 0
        code = run(["audit", "a.gcode", "--model", *part, *settings])
        assert code == 0, (settings, capsys.readouterr().out)
    assert run(["audit", "a.gcode", "--model", *part]) == 1
