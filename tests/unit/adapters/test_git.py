"""What git is asked: names of every kind, submodules, what changed, and who does not answer."""

from __future__ import annotations

import pytest

from printstd.adapters import git
from printstd.errors import InputError, OutsideError, UsageError
from tests.repositories import Repository


@pytest.fixture
def repository(tmp_path) -> Repository:
    made = Repository(tmp_path / "репо 1")
    made.commit({"a.stl": "a", "parts/деталь №4.stl": "b", "parts/line\nbreak.stl": "c"})
    return made


def test_files_are_those_that_git_knows_or_would_add(repository):
    repository.write({"new.stl": "d", "build/x.stl": "e", ".gitignore": "build/\n"})
    found = git.listing(repository.folder)
    assert found.files == (
        ".gitignore",
        "a.stl",
        "new.stl",
        "parts/line\nbreak.stl",
        "parts/деталь №4.stl",
    )
    assert found.absent == ()
    inner = git.listing(repository.folder / "parts")
    assert inner.files == ("line\nbreak.stl", "деталь №4.stl")


def test_what_changed_is_told_from_where_the_branches_part(repository):
    repository.git("switch", "-q", "-c", "work")
    repository.git("mv", "a.stl", "b.stl")
    repository.commit({"parts/деталь №4.stl": "other"})
    repository.git("switch", "-q", "main")
    repository.commit({"of-main.stl": "x"})
    repository.git("switch", "-q", "work")
    repository.write({"parts/line\nbreak.stl": "not committed", "untracked.stl": "y"})
    commit = git.merge_base(repository.folder, "main")
    assert git.changed_since(repository.folder, commit) == {
        *("a.stl", "b.stl", "parts/деталь №4.stl", "parts/line\nbreak.stl", "untracked.stl")
    }
    assert git.changed_since(repository.folder / "parts", commit) == {
        *("деталь №4.stl", "line\nbreak.stl")
    }
    assert git.blob(repository.folder, commit, "a.stl") == b"a"
    assert git.blob(repository.folder, commit, "b.stl") is None
    assert git.blob(repository.folder / "parts", commit, "деталь №4.stl") == b"b"


@pytest.mark.parametrize("reference", ["nothing", "--output=x", "", "main:a.stl"])
def test_a_reference_that_is_none_is_refused_and_never_an_option(repository, reference):
    with pytest.raises(UsageError, match="no such commit"):
        git.merge_base(repository.folder, reference)
    assert not (repository.folder / "x").exists()


def test_histories_that_never_met_have_nothing_in_common(repository):
    repository.git("switch", "-q", "--orphan", "other")
    repository.commit({"z.stl": "z"})
    with pytest.raises(UsageError, match="no commit in common"):
        git.merge_base(repository.folder, "main")


def test_submodules_that_are_there_count_and_those_that_are_not_are_named(repository, tmp_path):
    library = Repository(tmp_path / "library")
    library.commit({"bolt.stl": "x", "deep/nut.stl": "y"})
    allowed = ("-c", "protocol.file.allow=always")
    for name in ("lib", "gone"):
        repository.git(*allowed, "submodule", "--quiet", "add", str(library.folder), name)
    repository.commit()
    repository.git("submodule", "--quiet", "deinit", "-f", "gone")
    found = git.listing(repository.folder)
    assert {"lib/bolt.stl", "lib/deep/nut.stl"} <= set(found.files)
    assert not any(name.startswith("gone") for name in found.files)
    assert found.absent == ("gone",)


def test_a_hook_s_environment_is_not_followed(repository, tmp_path, monkeypatch):
    other = Repository(tmp_path / "other")
    other.commit({"other.stl": "x"})
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.folder / ".git" / "index"))
    assert "a.stl" in git.listing(repository.folder).files


def test_a_file_at_a_revision(repository):
    path = repository.folder / "a.stl"
    repository.commit({"a.stl": "second"})
    assert git.at_revision(path, "HEAD~1") == b"a"
    assert git.at_revision(path, "HEAD") == b"second"
    with pytest.raises(InputError, match="no such file then"):
        git.at_revision(repository.folder / "b.stl", "HEAD")
    with pytest.raises(UsageError, match="no such commit"):
        git.at_revision(path, "-x")


def test_a_folder_of_no_repository_is_walked(tmp_path):
    for name in ("a.stl", "parts/b.stl", ".hidden/c.stl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert not git.is_in_work_tree(tmp_path)
    assert git.walked(tmp_path).files == ("a.stl", "parts/b.stl")
    with pytest.raises(UsageError, match="git repository"):
        git.at_revision(tmp_path / "a.stl", "HEAD")


def test_a_git_that_is_not_there_is_said_to_be(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(OutsideError, match="git is not there"):
        git.is_in_work_tree(repository.folder)
