"""The record of a run beside a program, as `verify` and `inspect` take it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from printstd.adapters.keys import load_signer
from printstd.adapters.surroundings import tool_facts
from printstd.artifacts.as_run import AsRun
from printstd.certify.as_run_statement import as_run_statement
from printstd.certify.dsse import read_bundle, sign_bundle
from printstd.cli.main import run
from tests.integration.command import printstd, says
from tests.unit.farm import runs

CERTIFY = (
    *("certify", "small.gcode", "--model", "small.stl", "--printer", "peer", "--material", "peer"),
    *("--process", "peer-0.20", "-q", "--key", "k.key"),
)
RECORD = "small.gcode.asrun.json"
POLICY = '[keys]\ngenerator = ["k.pub"]\nrecheck = ["k.pub"]\n[as_run]\n'


def here(*arguments: str, cwd: Path) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out):
        code = run([*arguments])
    return code, out.getvalue()


@pytest.fixture
def recorded(desk: Path) -> Callable[..., None]:
    """Certifies the program and writes a record of a run of it."""
    assert here(*CERTIFY, cwd=desk)[0] == 0
    payload = read_bundle((desk / "small.gcode.recheck.json").read_bytes(), "").payload

    def write(change: Callable[[list], list] = list, by: str = "k.key", **of: str) -> AsRun:
        watch = runs.watch()
        record = runs.record_of(watch, change(runs.looks(watch)))
        own = {"statement_sha256": hashlib.sha256(payload).hexdigest(), **of}
        record = replace(record, run=replace(record.run, **own))
        statement = as_run_statement(record, tool=tool_facts(), issued_at="2026-09-21T15:14:00Z")
        (desk / RECORD).write_bytes(sign_bundle(statement, load_signer(desk / by)))
        return record

    return write


def faster(looks: list) -> list:
    return [
        replace(one, status=replace(one.status, speed_ratio=1.5)) if 30 <= number < 40 else one
        for number, one in enumerate(looks)
    ]


def test_a_run_as_certified_and_one_that_deviates(desk: Path, recorded: Callable) -> None:
    recorded()
    asked = ("verify", "small.gcode", "--as-run", RECORD, "--trust", "k.pub")
    code, out = here(*asked, cwd=desk)
    assert code == 0
    assert "conforms to the certificate in all that was seen" in out
    assert "NOT_EVALUATED: this host does not tell each line that it sends" in out
    recorded(faster)
    code, out = here(*asked, cwd=desk)
    assert code == 1
    told = " ".join(out.split())
    assert "deviates from 15.0 s to 20.0 s, layer 8: 150 %; wanted 100 %" in told
    # The program itself stands as it was certified.
    assert here("verify", "small.gcode", "--trust", "k.pub", "-q", cwd=desk)[0] == 0
    assert here("verify", RECORD, "--trust", "k.pub", "-q", cwd=desk)[0] == 1
    code, out = here(*asked, "--format", "json", cwd=desk)
    sections = json.loads(out)["subjects"][0]["sections"]
    assert [(one["stage"], one["outcome"]) for one in sections] == [
        ("verify", "PASSED"),
        ("as-run", "FAILED"),
    ]
    assert sections[1]["blocking"] == ["speed"]
    code, out = here("inspect", RECORD, cwd=desk)
    assert code == 0
    assert "not verified here" in out


def test_what_a_policy_wants_of_runs(desk: Path, recorded: Callable) -> None:
    def under(text: str, *more: str) -> int:
        (desk / "p.toml").write_text(POLICY + text)
        return here("verify", "small.gcode", "--policy", "p.toml", "-q", *more, cwd=desk)[0]

    assert under("required = true") == 6
    recorded()
    assert under("required = true") == 0
    assert under('required = true\nevaluated = ["speed", "program"]') == 0
    # Nobody saw each line that was sent, and this policy wants that.
    assert under('evaluated = ["commands"]', "--as-run", RECORD) == 8
    assert under('evaluated = ["commands"]') == 0
    assert under('keys = ["other.pub"]', "--as-run", RECORD) == 6
    recorded(by="other.key")
    assert under('keys = ["other.pub"]', "--as-run", RECORD) == 0
    assert under("required = true") == 6
    for wrong in ('evaluated = ["colour"]', "required = 1", "wanted = true"):
        assert under(wrong) == 3


def test_a_record_that_belongs_to_something_else(desk: Path, recorded: Callable) -> None:
    asked = ("verify", "small.gcode", "--trust", "k.pub", "-q", "--as-run")
    recorded(statement_sha256="1" * 64)
    assert here(*asked, RECORD, cwd=desk)[0] == 6
    recorded()
    (desk / "small.gcode.recheck.json").write_bytes((desk / RECORD).read_bytes())
    assert here(*asked, RECORD, cwd=desk)[0] == 6
    assert here(*asked, "nothing.json", cwd=desk)[0] == 6
    done = printstd(*asked, "small.gcode", cwd=desk)
    assert done.code == 6
    says(done.err, "got", "wanted", "what to do")


def test_a_passport_names_the_run(desk: Path, recorded: Callable) -> None:
    recorded(faster)
    (desk / "details.toml").write_text('[part]\nserial = "A-1"\n')
    make = ("passport", "small.gcode", "--details", "details.toml", "--key", "k.key", "-q")
    asked = (*make, "--as-run", RECORD, "-o", "p.json")
    assert here(*asked, cwd=desk)[0] == 0
    code, out = here("verify", "p.json", "--trust", "k.pub", cwd=desk)
    told = " ".join(out.split())
    assert code == 0
    sha256 = hashlib.sha256(read_bundle((desk / RECORD).read_bytes(), "").payload).hexdigest()
    assert f"deviates, completed, sha256 {sha256}" in told
    assert "print started 2026-09-21T14:13:20Z" in told
    recorded(statement_sha256="1" * 64)
    assert here(*asked, cwd=desk)[0] == 6
    recorded(by="other.key")
    assert here(*asked, cwd=desk)[0] == 6
