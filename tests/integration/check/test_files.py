"""Which files `printstd check` looks at, and which it refuses."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.integration.check.parts import GOOD, OTHER, POINTER, RULES
from tests.integration.command import says
from tests.repositories import Repository


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
