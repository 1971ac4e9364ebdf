"""One table, one exit code; what is expected, and what is called beside it."""

from __future__ import annotations

import json
import os

from printstd.adapters.profile_files import PROFILES_VARIABLE
from printstd.certify.keys import public_pem
from printstd.cli.main import run
from tests import small_part
from tests.integration.check.parts import GOOD, OTHER, RULES, THIN
from tests.integration.command import printstd, says
from tests.repositories import Repository
from tests.unit.certify.signing import signer
from tests.unit.report.test_ci_forms import COMMAND


def test_one_table_and_the_exit_code_of_the_gravest(repository, check):
    repository.commit({"parts/thin.stl": THIN, "parts/cut.stl": GOOD[:-7]})
    code, out, _ = check()
    assert code == 4
    rows = [line.split()[:3] for line in out.splitlines()[2:5]]
    assert [row[0] for row in rows] == ["parts/cut.stl", "parts/good.stl", "parts/thin.stl"]
    assert "1 of 3 files pass" in out
    (repository.folder / "parts/cut.stl").unlink()
    repository.commit()
    code, out, _ = check()
    assert code == 1
    assert "THK-01 FAIL" in out
    assert "limit from: " in out


def test_what_is_expected_passes_and_only_that(repository, report):
    expecting = RULES + (
        '[[rules]]\nfiles = ["bad/thin*"]\nexpect = "failed"\n'
        '[[rules]]\nfiles = ["bad/cut*"]\nexpect = "refused"\n'
    )
    files = {"bad/thin.stl": THIN, "bad/thin-no.stl": GOOD, "bad/cut.stl": GOOD[:-7],
             "bad/cut-no.stl": OTHER}  # fmt: skip
    repository.commit({"printstd.toml": expecting, **files})
    code, found = report()
    assert code == 1
    assert {name: s["exit_code"] for name, s in found.items()} == {
        "bad/cut-no.stl": 1,
        "bad/cut.stl": 0,
        "bad/thin-no.stl": 1,
        "bad/thin.stl": 0,
        "parts/good.stl": 0,
    }


def test_a_rule_that_contradicts_itself_for_a_file_is_that_file_s_problem(repository, report):
    wrong = RULES.replace('printer = "mk4s"', "") + (
        '[[rules]]\nfiles = ["a.stl"]\nstage = "slice"\n'
        '[[rules]]\nfiles = ["b.stl"]\nextruder = 3\n'
        '[[rules]]\nfiles = ["c.stl"]\nallow_undecided = ["GEO-0"]\n'
        '[[rules]]\nfiles = ["d.stl"]\nmodel = "a.stl"\n'
        '[[rules]]\nfiles = ["*"]\n'
    )
    files = {"a.stl": GOOD, "b.stl": GOOD, "c.stl": GOOD, "d.gcode": "G28\n"}
    repository.commit({"printstd.toml": wrong.replace('["d.stl"]', '["d.*"]'), **files})
    code, found = report("a.stl", "b.stl", "c.stl", "d.gcode")
    assert code == 3 or found["d.gcode"]["exit_code"] == 1
    for name, line in (("a.stl", 10), ("b.stl", 13), ("c.stl", 16)):
        assert found[name]["exit_code"] == 3, found[name]
        message = found[name]["problem"]["message"]
        assert f"printstd.toml:{line}" in says(message, "where", "what to do")["where"]
    repository.commit({"d.gcode": "G28\n", "d.stl": GOOD})
    _, found = report("d.stl")
    assert "`model` is of a program's rule" in found["d.stl"]["problem"]["message"]


def test_programs_are_audited_against_their_models_and_certificates_verified(repository, report):
    key = signer()
    pair = small_part.pair(key)
    program_rules = """
[defaults]
printer = "peer"
material = "peer"
process = "peer-0.20"
[[rules]]
files = ["*.stl"]
[[rules]]
files = ["*.gcode"]
model = "small.stl"
trust = "shop.pub"
"""
    files = {"printstd.toml": program_rules, "small.stl": small_part.model(),
             "a.gcode": pair.program, "a.gcode.cert.json": pair.generation,
             "a.gcode.recheck.json": pair.recheck, "shop.pub": public_pem(key.public),
             "wrong.gcode": small_part.wrong_program()}  # fmt: skip
    (repository.folder / "parts/good.stl").unlink()
    repository.commit(files)
    code, found = report("a.gcode")
    assert code == 0, found
    (subject,) = found.values()
    assert [s["stage"] for s in subject["sections"]] == ["audit", "verify"]
    code, found = report()
    assert code == 6  # wrong.gcode has no certificate, and one was demanded
    assert found["wrong.gcode"]["exit_code"] == 6
    repository.commit({"printstd.toml": program_rules.replace('trust = "shop.pub"', "")})
    code, found = report()
    assert (code, found["wrong.gcode"]["exit_code"]) == (1, 1)
    facts = {fact["name"]: fact["value"] for fact in found["a.gcode"]["facts"]}
    assert facts["certificates"] == "not verified: the rule names neither trust nor policy"
    # A change of the model, of a certificate or of the key is a change of the program's verdict.
    repository.commit({"printstd.toml": program_rules})
    for name in ("small.stl", "a.gcode.recheck.json", "shop.pub"):
        assert "a.gcode" in report(name)[1], name


def test_validate_and_audit_annotate_under_the_path_of_the_call(repository, capfd, monkeypatch):
    repository.write({"parts/thin.stl": THIN})
    summary = repository.folder / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert run(["validate", str(repository.folder / "parts/thin.stl"), "--format", "github"]) == 1
    out, _ = capfd.readouterr()
    assert "::error file=parts/thin.stl,line=1,title=THK-01 FAIL::" in out
    assert "`parts/thin.stl`" in summary.read_text("utf-8")
    repository.write({"m.stl": small_part.model(), "out/w.gcode": small_part.wrong_program()})
    call = ["audit", "out/w.gcode", "--model", "m.stl", *small_part.PEER, "--format", "gitlab"]
    assert run(call) == 1
    issues = json.loads(capfd.readouterr()[0])
    assert {issue["location"]["path"] for issue in issues} == {"out/w.gcode"}
    assert {"G-04", "G-05"} & {issue["check_name"] for issue in issues}


def test_the_command_as_a_user_starts_it(repository):
    repository.commit({"parts/thin.stl": THIN, "::error file=x::.stl": GOOD})
    done = printstd("check", "--format", "github", "--quiet", cwd=repository.folder)
    assert done.code == 3
    for line in (*done.out.splitlines(), *done.err.splitlines()):
        assert not line.lstrip().startswith("::") or COMMAND.match(line)
    assert "file=%3A%3Aerror file=x%3A%3A.stl" in done.out
    assert os.environ.get("GITHUB_STEP_SUMMARY") is None


def test_servers_are_told_paths_from_the_root_of_the_repository(tmp_path, monkeypatch, check):
    """Where printstd.toml lies deeper than .git."""
    monkeypatch.setenv(PROFILES_VARIABLE, "")
    made = Repository(tmp_path / "whole")
    made.commit({"hard ware/printstd.toml": RULES, "hard ware/parts/thin.stl": THIN})
    monkeypatch.chdir(made.folder / "hard ware")
    _, out, _ = check("--format", "github")
    assert "::error file=hard ware/parts/thin.stl,line=1," in out
    issues = json.loads(check("--format", "gitlab")[1])
    assert {issue["location"]["path"] for issue in issues} == {"hard ware/parts/thin.stl"}
    (run_,) = json.loads(check("--format", "sarif")[1])["runs"]
    assert [one["location"]["uri"] for one in run_["artifacts"]] == ["hard%20ware/parts/thin.stl"]
    assert [s["name"] for s in json.loads(check("--format", "json")[1])["subjects"]] == [
        "parts/thin.stl"
    ]
    made.git("switch", "-q", "-c", "work")
    made.commit({"hard ware/parts/thin.stl": OTHER, "elsewhere.stl": THIN})
    code, out, _ = check("--changed-since", "main")
    assert (code, "parts/thin.stl" in out, "elsewhere" in out) == (0, True, False)
