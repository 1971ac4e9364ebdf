"""`printstd check` on real git repositories: what is looked at, what fails, what is kept, what is
known."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from printstd.adapters.profile_files import PROFILES_VARIABLE
from printstd.certify.keys import public_pem
from printstd.cli.main import run
from tests import meshes, small_part
from tests.integration.command import environment, printstd, says
from tests.repositories import Repository
from tests.unit.certify.signing import signer
from tests.unit.report.test_as_sarif import VALIDATOR
from tests.unit.report.test_ci_forms import COMMAND

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "repository"
GOOD = meshes.stl_binary(meshes.cube(10.0))
OTHER = meshes.stl_binary(meshes.box((12.0, 10.0, 8.0)))
THIN = meshes.stl_binary(meshes.box((20.0, 0.3, 10.0)))
POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)
RULES = """
[repository]
cache = ".printstd-cache"

[defaults]
printer = "mk4s"

[[rules]]
files = ["parts/*.stl"]
"""


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


# --------------------------------------------------------------------------- the worked example


def test_the_pull_request_of_the_example_changes_a_part_and_gets_its_verdict(
    tmp_path, monkeypatch, check
):
    monkeypatch.setenv(PROFILES_VARIABLE, "")
    made = Repository(tmp_path / "example")
    shutil.copytree(EXAMPLE, made.folder, dirs_exist_ok=True)
    monkeypatch.chdir(made.folder)
    made.commit(message="the parts")
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    code, out, _ = check()
    assert code == 0
    rows = {line.split()[0]: " ".join(line.split()) for line in out.splitlines()[2:6]}
    assert "FAILED passes: expected" in rows["fixtures/too_thin.stl"]
    assert "FAILED passes: known" in rows["parts/legacy_tray.stl"]
    assert "validate, slice, audit PASSED passes" in rows["parts/plate.stl"]
    assert "PASSED passes" in rows["parts/tray.stl"]
    assert "4 of 4 files pass" in out
    assert not summary.exists()

    made.git("switch", "-q", "-c", "thinner")
    maker = [sys.executable, "make_parts.py", "--wall", "0.3"]
    subprocess.run(maker, check=True, cwd=made.folder, env=environment())
    changed = [line[3:] for line in made.git("status", "--porcelain").splitlines()]
    assert changed == ["parts/tray.stl"]  # the other parts come out of it bit for bit
    made.commit(message="a thinner partition")

    code, out, _ = check("--changed-since", "main", "--format", "github")
    assert code == 1
    found = [COMMAND.match(line).groups() for line in out.splitlines()]
    assert {(path, line) for _, path, line, *_ in found} == {("parts/tray.stl", "1")}
    errors = {title: text for kind, _, _, title, text in found if kind == "error"}
    assert set(errors) == {"THK-01 FAIL", "FEA-07 FAIL"}
    assert "0.300 mm" in errors["THK-01 FAIL"]
    assert "(30.00 20.00 7.50) mm" in errors["THK-01 FAIL"]
    text = summary.read_text("utf-8")
    assert text.startswith("## ❌ printstd check: 0 of 1 files pass")
    assert "| `parts/tray.stl` | ❌ FAILED |  | THK-01, FEA-07 |" in text

    code, out, _ = check("--changed-since", "main", "--format", "sarif")
    log = json.loads(out)
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    places = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for r in log["runs"][0]["results"]
        if r["level"] == "error"
    }
    assert places == {"parts/tray.stl"}
    assert log["runs"][0]["invocations"][0]["exitCode"] == code == 1


# ------------------------------------------------------------------------------- what is looked at


def test_a_file_that_no_rule_governs_is_refused_until_it_is_ignored(repository, report):
    repository.write({"loose.stl": GOOD, "notes.txt": "x", "parts/deep/x.stl": GOOD})
    code, found = report()
    assert code == 3
    assert {name: s["exit_code"] for name, s in found.items()} == {
        "loose.stl": 3,
        "parts/deep/x.stl": 3,
        "parts/good.stl": 0,
    }
    assert "no rule governs this file" in found["loose.stl"]["problem"]["message"]
    ignoring = RULES.replace("[repository]", '[repository]\nignore = ["loose.stl", "parts/deep/"]')
    repository.write({"printstd.toml": ignoring})
    code, found = report()
    assert (code, list(found)) == (0, ["parts/good.stl"])


def test_a_pointer_a_hole_and_a_link_are_refused_with_what_to_do(repository, report, tmp_path):
    (tmp_path / "outside.stl").write_bytes(GOOD)
    repository.commit({"parts/gone.stl": GOOD, "parts/large.stl": POINTER})
    (repository.folder / "parts/gone.stl").unlink()
    (repository.folder / "parts/link.stl").symlink_to(tmp_path / "outside.stl")
    code, found = report()
    assert code == 4
    told = {name: says(s["problem"]["message"], "what to do") for name, s in found.items()
            if s["problem"]}  # fmt: skip
    assert "git lfs pull" in told["parts/large.stl"]["what to do"]
    assert "git checkout" in told["parts/gone.stl"]["what to do"]
    assert "not a link to it" in told["parts/link.stl"]["what to do"]
    assert found["parts/good.stl"]["exit_code"] == 0
    for subject in found.values():
        assert str(repository.folder) not in json.dumps(subject).replace(str(tmp_path / "o"), "")


def test_a_submodule_that_is_not_there_is_refused(repository, report, tmp_path):
    library = Repository(tmp_path / "library")
    library.commit({"bolt.stl": OTHER})
    allowed = ("-c", "protocol.file.allow=always")
    repository.git(*allowed, "submodule", "--quiet", "add", str(library.folder), "parts/lib")
    repository.write({"printstd.toml": RULES.replace("parts/*.stl", "parts/**")})
    assert set(report()[1]) == {"parts/good.stl", "parts/lib/bolt.stl"}
    repository.git("submodule", "--quiet", "deinit", "-f", "parts/lib")
    code, found = report()
    assert code == 4
    message = found["parts/lib"]["problem"]["message"]
    assert "git submodule update --init" in says(message, "what to do")["what to do"]


def test_a_run_that_looks_at_nothing_is_no_yes(repository, check):
    repository.commit()
    (repository.folder / "parts/good.stl").unlink()
    repository.commit()
    code, _, err = check()
    assert code == 4
    assert "nothing to check" in err
    repository.write({"parts/good.stl": GOOD, "printstd.toml": RULES + '[[rules]]\nfiles=["x"]\n'})
    code, out, _ = check()
    assert code == 0
    assert "printstd.toml:10: the rule governs no file" in out


def test_it_is_called_from_within_and_of_some_files(repository, report, monkeypatch):
    repository.commit({"parts/other.stl": OTHER})
    monkeypatch.chdir(repository.folder / "parts")
    assert set(report()[1]) == {"parts/good.stl", "parts/other.stl"}
    assert set(report("other.stl")[1]) == {"parts/other.stl"}
    assert set(report(".")[1]) == {"parts/good.stl", "parts/other.stl"}
    assert set(report("../printstd.toml")[1]) == {"parts/good.stl", "parts/other.stl"}
    monkeypatch.chdir(repository.folder.parent)
    assert set(report("--config", "repo/printstd.toml")[1]) == {"parts/good.stl", "parts/other.stl"}


def test_without_git_the_folder_is_walked(repository, report):
    shutil.rmtree(repository.folder / ".git")
    assert report()[0] == 0
    assert set(report()[1]) == {"parts/good.stl"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing.stl"], "no such file"),
        (["/"], "not of this repository"),
        (["--config", "nothing.toml"], "no such file"),
        (["--changed-since", "nowhere"], "no such commit"),
        (["--update-baseline"], "no baseline to be written"),
        (["--update-baseline", "--baseline", "b.json", "parts"], "of the whole repository"),
        (["--format", "csv"], "table of one drawing"),
    ],
)
def test_a_call_that_cannot_be_is_said_to_be(repository, check, arguments, words):
    code, out, err = check(*arguments)
    assert (code, out) == (2, "")
    assert words in err
    says(err, "got" if "such" not in words or "commit" in words else "wanted", "what to do")


def test_a_folder_without_rules_is_told_how_to_get_some(tmp_path, check, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = check()
    assert code == 2
    assert "docs/ci.md" in err


def test_rules_that_are_wrong_end_the_run(repository, check):
    repository.write({"printstd.toml": RULES.replace("printer", "priner")})
    code, _, err = check()
    assert code == 3
    assert "did you mean 'defaults.printer'" in err
    repository.write({"printstd.toml": RULES.replace("mk4s", "mk4")})
    code, _, err = check()
    assert code == 3
    assert "'mk4s'" in err


# ------------------------------------------------------------------------------------- the verdict


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


# --------------------------------------------------------------------------------------- the cache


def counted(err: str) -> tuple[int, int]:
    """How many verdicts came out of the cache, and of how many."""
    (line,) = [line for line in err.splitlines() if "from the cache" in line]
    words = line.split()
    return int(words[1]), int(words[3])


def entries(repository: Repository) -> list[Path]:
    return sorted((repository.folder / ".printstd-cache").rglob("*.kept"))


def test_what_is_kept_says_the_same_and_is_only_that_very_verdict(repository, check):
    repository.commit({"parts/thin.stl": THIN})
    cold = check("--format", "json")
    assert counted(cold[2]) == (0, 2)
    warm = check("--format", "json")
    assert warm[:2] == cold[:2]
    assert counted(warm[2]) == (2, 2)
    assert check("--format", "json", "--no-cache")[:2] == cold[:2]
    assert check("--lang", "ru")[:2] == check("--lang", "ru", "--no-cache")[:2]
    assert repository.git("status", "--porcelain") == ""  # the folder hides itself
    repository.write({"parts/good.stl": OTHER})
    assert counted(check()[2]) == (1, 2)
    repository.git("mv", "parts/thin.stl", "parts/else.stl")
    assert counted(check()[2]) == (1, 2)  # a name may tell the unit


@pytest.mark.parametrize(
    "change",
    [
        ('printer = "mk4s"', 'printer = "mk4s"\nunits = "mm"'),
        ('printer = "mk4s"', 'printer = "ender3-v2"'),
        ('printer = "mk4s"', 'printer = "mk4s"\nclass = "f"'),
        ('printer = "mk4s"', 'printer = "mk4s"\nset = {"process.layer_height_mm" = 0.25}'),
        ('printer = "mk4s"', 'printer = "mk4s"\norder = "order.toml"'),
    ],
)
def test_another_demand_is_another_verdict(repository, check, change):
    repository.write({"order.toml": '[order]\nid = "A-1"\n'})
    check()
    repository.write({"printstd.toml": RULES.replace(*change)})
    assert counted(check()[2]) == (0, 1)
    assert counted(check()[2]) == (1, 1)
    if "order" in change[1]:
        repository.write({"order.toml": '[order]\nid = "A-2"\n'})
        assert counted(check()[2]) == (0, 1)


def test_an_entry_that_was_damaged_or_moved_is_judged_anew(repository, check):
    repository.commit({"parts/thin.stl": THIN})
    honest = check("--format", "json")[:2]
    one, other = entries(repository)
    good, bad = one.read_bytes(), other.read_bytes()
    for forged in (b"", good[:-9], good[:200] + b"\0" + good[201:], bad, b"x" * len(good)):
        one.write_bytes(forged)
        again = check("--format", "json")
        assert again[:2] == honest
        assert counted(again[2]) == (1, 2)
        assert one.read_bytes() == good


def test_two_runs_at_once_agree(repository):
    repository.commit({"parts/other.stl": OTHER})
    command = [sys.executable, "-m", "printstd.cli.main", "check", "--format", "json"]
    runs = [
        subprocess.Popen(
            command, cwd=repository.folder, env=environment(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]  # fmt: skip
    outputs = [run_.communicate(timeout=120)[0] for run_ in runs]
    assert [run_.returncode for run_ in runs] == [0, 0]
    assert outputs[0] == outputs[1]
    assert len(entries(repository)) == 2
    assert not list((repository.folder / ".printstd-cache").rglob("*.part"))


# -------------------------------------------------------------------------------- what has changed

SEVERAL = """
[repository]
profiles = "profiles"
[[rules]]
files = ["parts/drawn.stl"]
characteristics = "{folder}/{stem}.csv"
[[rules]]
files = ["parts/*.stl"]
[[rules]]
files = ["more/*.stl"]
class = "f"
"""
DRAWING = "number,feature,nominal,limits\n1,extent X,10,m\n"


@pytest.fixture
def branch(repository) -> Repository:
    repository.commit(
        {
            "printstd.toml": SEVERAL,
            "parts/drawn.stl": GOOD,
            "parts/drawn.csv": DRAWING,
            "more/x.stl": OTHER,
            "more/bad.stl": GOOD,
            "profiles/materials/README": "x",
        }
    )
    repository.git("switch", "-q", "-c", "work")
    return repository


def changed(check) -> set[str]:
    """The files that a run over the change looks at."""
    _, out, _ = check("--changed-since", "main", "--format", "json")
    return {subject["name"] for subject in json.loads(out)["subjects"]}


def test_only_what_changed_is_looked_at_and_what_rests_on_it(branch, check):
    assert changed(check) == set()
    branch.commit({"README.md": "x", "more/new.stl": GOOD})
    assert changed(check) == {"more/new.stl"}
    branch.commit({"parts/drawn.csv": DRAWING.replace("10,m", "10,f")})
    assert changed(check) == {"more/new.stl", "parts/drawn.stl"}
    branch.git("mv", "parts/good.stl", "parts/renamed.stl")
    assert changed(check) == {"more/new.stl", "parts/drawn.stl", "parts/renamed.stl"}
    branch.commit({"profiles/materials/README": "y"})
    assert len(changed(check)) == 5


def test_a_change_of_the_rules_checks_what_they_now_demand_otherwise(branch, check):
    branch.commit({"printstd.toml": SEVERAL.replace('class = "f"', 'class = "m"')})
    assert changed(check) == {"more/x.stl", "more/bad.stl"}
    ignoring = SEVERAL.replace("[repository]", '[repository]\nignore = ["more/bad.stl"]')
    branch.commit({"printstd.toml": "# a comment\n" + ignoring})
    assert changed(check) == set()
    branch.commit({"printstd.toml": SEVERAL.replace('files = ["parts/*.stl"]', 'files = ["no"]')})
    assert changed(check) == {"parts/good.stl"}  # now governed by no rule


def test_a_part_that_is_gone_and_one_that_main_changed_are_not_looked_at(branch, check):
    (branch.folder / "more/x.stl").unlink()
    branch.commit()
    branch.git("switch", "-q", "main")
    branch.commit({"parts/good.stl": OTHER})
    branch.git("switch", "-q", "work")
    assert changed(check) == set()


def test_the_gate_looks_at_the_change_alone_for_better_and_worse(branch, check):
    branch.git("switch", "-q", "main")
    branch.commit({"parts/thin.stl": THIN})
    branch.git("switch", "-q", "work")
    branch.git("rebase", "-q", "main")
    branch.commit({"more/x.stl": GOOD})
    assert check()[0] == 1
    assert check("--changed-since", "main")[0] == 0
    code, out, _ = check("--changed-since", "main", "parts")
    assert (code, "nothing that is checked has changed" in out) == (0, True)


# ------------------------------------------------------------------------------------ the baseline


def test_only_new_findings_fail(repository, check):
    repository.commit({"parts/thin.stl": THIN})
    assert check()[0] == 1
    code, out, _ = check("--baseline", "known.json", "--update-baseline")
    assert code == 0
    assert "passes: known" in out
    first = (repository.folder / "known.json").read_bytes()
    assert check("--baseline", "known.json", "--update-baseline")[0] == 0
    assert (repository.folder / "known.json").read_bytes() == first
    assert check("--baseline", "known.json")[0] == 0
    # The same part exported again, its facets in another order: known.
    vertices, faces = meshes.box((20.0, 0.3, 10.0))
    repository.write({"parts/thin.stl": meshes.stl_binary((vertices, faces[::-1]))})
    assert check("--baseline", "known.json")[0] == 0
    thinner = meshes.stl_binary(meshes.box((20.0, 0.2, 10.0)))
    repository.write({"parts/thin.stl": thinner})
    assert check("--baseline", "known.json")[0] == 1  # worse than it was
    repository.write({"parts/thin.stl": THIN, "parts/second.stl": THIN})
    code, out, _ = check("--baseline", "known.json")
    assert code == 1
    assert "1 of 3 files pass" not in out
    assert "2 of 3 files pass" in out
    (repository.folder / "parts/second.stl").unlink()
    repository.write({"parts/thin.stl": GOOD})
    code, out, _ = check("--baseline", "known.json")
    assert code == 0
    assert "entries of the baseline are gone" in out


def test_a_baseline_that_is_named_must_be_there_and_be_one(repository, check):
    code, _, err = check("--baseline", "nothing.json")
    assert code == 4
    assert "no such file" in err
    repository.write({"known.json": "{}"})
    code, _, err = check("--baseline", "known.json")
    assert code == 4
    assert "this is no baseline" in err
    code, _, err = check("--baseline", "printstd.toml", "--update-baseline")
    assert code == 2


# ------------------------------------------------------------------------- other commands and forms


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
