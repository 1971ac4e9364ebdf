"""What git knows of a repository: its files, and which of them changed. Git is asked, never told:
nothing here writes in the repository.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from printstd.errors import InputError, OutsideError, UsageError
from printstd.words import said

_WAIT_S: Final = 120
_OF_A_HOOK: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


class Listing(NamedTuple):
    """Of the files under a folder, by paths with slashes relative to it.

    files : tracked ones, and those that are neither tracked nor ignored. absent : submodules of
    which nothing is there.
    """

    files: tuple[str, ...]
    absent: tuple[str, ...]


def is_in_work_tree(folder: Path) -> bool:
    """Does the folder belong to a repository that git can be asked about. OutsideError where a
    repository is there and git is not, or refuses to look at it: its .gitignore would be passed
    over in silence."""
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return False
    done = _run(folder, "rev-parse", "--is-inside-work-tree")
    if done.returncode:
        raise OutsideError(
            said("git does not answer for this repository"),
            where=str(folder),
            got=_told(done),
            wanted=said("a repository that git can be asked about"),
            hint=said(
                "in a container: git config --global --add safe.directory {folder}", folder=folder
            ),
        )
    return done.stdout.strip() == b"true"


def listing(folder: Path) -> Listing:
    """See `Listing`; files within submodules that are there count as this repository's."""
    rows = _asked(folder, "ls-files", "-z", "--stage")
    files, absent = list[str](), list[str]()
    for row in rows:
        head, _, name = row.partition("\t")
        if not head.startswith("160000 "):
            files.append(name)
        elif (folder / name / ".git").exists():
            inner = listing(folder / name)
            files += [f"{name}/{path}" for path in inner.files]
            absent += [f"{name}/{path}" for path in inner.absent]
        else:
            absent.append(name)
    files += _asked(folder, "ls-files", "-z", "--others", "--exclude-standard")
    # A file in conflict has up to three stages.
    return Listing(tuple(sorted(set(files))), tuple(sorted(set(absent))))


def prefix(folder: Path) -> str:
    """What stands before the paths of a folder in its repository: ``parts/``, or nothing."""
    done = _run(folder, "rev-parse", "--show-prefix")
    return "" if done.returncode else os.fsdecode(done.stdout).removesuffix("\n")


def walked(folder: Path) -> Listing:
    """The files of a folder that is in no repository; folders whose names begin with a dot are
    left out, as .git would be."""
    found = []
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [(Path(top) / name).relative_to(folder).as_posix() for name in names]
    return Listing(tuple(sorted(found)), ())


def merge_base(folder: Path, reference: str) -> str:
    """The commit that the work tree and `reference` have in common. UsageError where there is
    none, or git does not know the reference."""
    # What begins with a dash would be an option of git.
    named = _run(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^0")
    if named.returncode:
        raise UsageError(
            said("--changed-since: git knows no such commit"),
            where=str(folder),
            got=reference,
            wanted=said("a branch, a tag or a commit of this repository"),
            hint=said(
                "a shallow clone has no other branches: fetch them (`git fetch origin "
                "{reference}`), in GitHub Actions with fetch-depth: 0",
                reference=reference,
            ),
        )
    commit = named.stdout.decode("ascii").strip()
    done = _run(folder, "merge-base", commit, "HEAD")
    if done.returncode:
        raise UsageError(
            said("--changed-since: the two have no commit in common"),
            where=str(folder),
            got=said("{reference} and HEAD", reference=reference),
            wanted=said("a reference that this branch was begun from"),
            hint=said(
                "a shallow clone lacks it: `git fetch --unshallow`, in GitHub Actions fetch-depth: "
                "0"
            ),
        )
    return done.stdout.decode("ascii").strip()


def changed_since(folder: Path, commit: str) -> frozenset[str]:
    """Paths under `folder` that differ between a commit and the work tree: of a renamed file both
    names, of a submodule that moved the submodule's; untracked files count as new."""
    names = _asked(folder, "diff", "--name-only", "-z", "--no-renames", "--relative", commit, "--")
    names += _asked(folder, "ls-files", "-z", "--others", "--exclude-standard")
    return frozenset(names)


def blob(folder: Path, commit: str, path: str) -> bytes | None:
    """A file's bytes at a commit, None where it was not there; path : relative to `folder`."""
    done = _run(folder, "cat-file", "blob", f"{commit}:./{path}")
    return None if done.returncode else done.stdout


def at_revision(path: Path, revision: str) -> bytes:
    """A file as it was at a revision. UsageError where git knows no such revision, InputError
    where it had no such file."""
    folder = path.parent
    if not folder.is_dir() or not is_in_work_tree(folder.resolve()):
        raise UsageError(
            said("--rev takes a file of a git repository"),
            where=str(path),
            got=said("a file of none"),
            wanted=said("a file in a work tree"),
            hint=said("name both files: `printstd diff OLD NEW`"),
        )
    named = _run(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^0")
    if named.returncode:
        raise UsageError(
            said("--rev: git knows no such commit"),
            where=str(folder),
            got=revision,
            wanted=said("a branch, a tag or a commit of this repository"),
            hint=said("`git log --oneline -- FILE` lists those that touched the file"),
        )
    data = blob(folder, named.stdout.decode("ascii").strip(), path.name)
    if data is None:
        raise InputError(
            said("there was no such file then"),
            where=f"{revision}:{path}",
            got=said("nothing"),
            wanted=said("a file that the commit has"),
            hint=said("name the old file by its old path: `printstd diff OLD NEW`"),
        )
    return data


def _asked(folder: Path, *arguments: str) -> list[str]:
    """What git lists, each ended by a NUL. OutsideError where it refuses."""
    done = _run(folder, *arguments)
    if done.returncode:
        raise OutsideError(
            said("git refused to list the files"),
            where=str(folder),
            got=_told(done),
            wanted=said("a repository in good order"),
            hint=said("`git status` in that folder tells more"),
        )
    return [name for name in os.fsdecode(done.stdout).split("\0") if name]


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    # A hook is told which repository and index are meant; here the folder says it, and may lie in a
    # submodule. Asking must not refresh the index beside a commit that is just being made.
    environment = {name: text for name, text in os.environ.items() if name not in _OF_A_HOOK}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", "GIT_PAGER": "cat"}
    command: Sequence[str] = ["git", "-C", str(folder), *arguments]
    try:
        return subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_WAIT_S,
            check=False,
        )
    except FileNotFoundError as error:
        raise OutsideError(
            said("git is not there to be asked"),
            where=str(folder),
            got=said("no program called git"),
            wanted=said("git, because this is a git repository"),
            hint=said("install git"),
        ) from error
    except subprocess.TimeoutExpired as error:
        raise OutsideError(
            said("git does not answer"),
            where=str(folder),
            got=said("nothing for {seconds} s", seconds=_WAIT_S),
            wanted=said("an answer"),
            hint=said("`git status` in that folder tells more"),
        ) from error


def _told(done: subprocess.CompletedProcess[bytes]) -> str:
    text = done.stderr.decode("utf-8", "backslashreplace").strip()
    return text.split("\n", 1)[0] or said("exit code {code}", code=done.returncode)
