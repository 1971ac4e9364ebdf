"""The files of a repository that are to be checked: found, governed, and chosen by what changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from printstd.errors import InputError, ProfileError, UsageError
from printstd.profiles.repository_models import CONFIG_NAME
from printstd.words import said

if TYPE_CHECKING:
    from printstd.profiles.repository import Governed, RepositoryRules

_SIDECARS = (".cert.json", ".recheck.json")


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A repository. root : the folder of printstd.toml. name : what printstd.toml is called there.
    prefix : of its paths, where git's repository begins above it.
    governed : files with their rules. ungoverned : of a kind that is checked, and no rule matches.
    absent : submodules of which nothing is there, and that no `ignore` covers."""

    root: Path
    name: str
    rules: RepositoryRules
    governed: tuple[Governed, ...]
    ungoverned: tuple[str, ...]
    absent: tuple[str, ...]
    is_git: bool
    prefix: str


def find(config: Path | None) -> Found:
    """The repository around the working folder, or around a named printstd.toml. Raises UsageError
    where there is none, RepositoryError with all that is wrong with it."""
    from printstd.adapters.files import read_file
    from printstd.adapters.git import is_in_work_tree, listing, prefix, walked
    from printstd.profiles.repository import is_checked, read_rules

    place = _config(config)
    root = place.parent
    rules = read_rules(read_file(place), place.name)
    is_git = is_in_work_tree(root)
    files, absent = listing(root) if is_git else walked(root)
    governed: list[Governed] = []
    ungoverned: list[str] = []
    for path in files:
        if not is_checked(path) or rules.is_ignored(path):
            continue
        one = rules.governing(path)
        if one is None:
            ungoverned.append(path)
        else:
            governed.append(one)
    missing = tuple(path for path in absent if not _is_wholly_ignored(rules, path))
    return Found(
        root,
        place.name,
        rules,
        tuple(governed),
        tuple(ungoverned),
        missing,
        is_git,
        prefix(root) if is_git else "",
    )


def _config(named: Path | None) -> Path:
    if named is not None:
        if named.is_file():
            return named.resolve()
        raise UsageError(
            said("there is no such file"),
            where=str(named),
            wanted=said("--config FILE: the rules of a repository"),
            hint=said("docs/ci.md tells how to write a printstd.toml"),
        )
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / CONFIG_NAME).is_file():
            return folder / CONFIG_NAME
        if (folder / ".git").exists():
            break
    raise UsageError(
        said("there is no printstd.toml"),
        where=str(here),
        got=said("none in this folder, nor above it in this repository"),
        wanted=said("the rules of a repository"),
        hint=said("docs/ci.md tells how to write one; --config names one that lies elsewhere"),
    )


def _is_wholly_ignored(rules: RepositoryRules, folder: str) -> bool:
    """`ignore` has a glob for all files of the folder."""
    return all(rules.is_ignored(f"{folder}/{name}") for name in ("a.stl", "b/c.3mf", "d.gcode"))


# ------------------------------------------------------------------------------------- what changed


def named_paths(found: Found, paths: Sequence[Path]) -> frozenset[str]:
    """Paths of a call as those of the repository; of a folder all that are under it. UsageError
    where one is not there, or lies elsewhere."""
    names: set[str] = set()
    top = os.path.realpath(found.root)
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(
                said("there is no such file"),
                where=str(path),
                got=said("nothing"),
                wanted=said("files or folders of the repository"),
                hint=said("without any, all files are checked"),
            )
        # The name itself, not what a link stands for: rules are of names.
        real = os.path.join(os.path.realpath(path.absolute().parent), path.name)
        inside = os.path.relpath(real, top).replace(os.sep, "/")
        if path.name in ("", ".", ".."):
            inside = os.path.relpath(os.path.realpath(path), top).replace(os.sep, "/")
        if inside.split("/")[0] == "..":
            raise UsageError(
                said("the file is not of this repository"),
                where=str(path),
                got=said("a path outside {root}", root=found.root),
                wanted=said("files or folders in it"),
                hint=said("--config names the printstd.toml of another repository"),
            )
        names.add("" if inside == "." else inside)
    return frozenset(names)


def changed_paths(found: Found, reference: str) -> tuple[frozenset[str], RepositoryRules | None]:
    """Paths that differ from where this branch and `reference` part, and the rules as they were
    there; None where there were none, or none that can be read."""
    from printstd.adapters.git import blob, changed_since, merge_base
    from printstd.profiles.repository import read_rules

    if not found.is_git:
        raise UsageError(
            said("--changed-since asks git"),
            where=str(found.root),
            got=said("a folder of no git repository"),
            wanted=said("a git repository"),
            hint=said("name the files that changed instead: `printstd check FILE...`"),
        )
    commit = merge_base(found.root, reference)
    changed = changed_since(found.root, commit)
    before = None
    if found.name in changed:
        old = blob(found.root, commit, found.name)
        try:
            before = read_rules(old, found.name) if old is not None else None
        except ProfileError:
            before = None
    return changed, before


def chosen(
    found: Found, changed: frozenset[str], before: RepositoryRules | None
) -> tuple[list[Governed], list[str]]:
    """Files that the changed ones are, or that they rest on; and those among the changed that no
    rule matches. before : the rules as they were, where those changed: then what is demanded of a
    file otherwise than before is checked again, and without them everything is."""
    rules = found.rules
    profiles = rules.says.repository.profiles
    is_all = profiles is not None and any(_is_within(path, (profiles,)) for path in changed)
    is_changed = found.name in changed
    if is_changed and before is None:
        is_all = True
    if before is not None and before.says.repository.profiles != profiles:
        is_all = True
    picked = []
    for one in found.governed:
        own = (one.path, *(one.path + ending for ending in _SIDECARS), *one.references())
        is_hit = is_all or any(_touches(changed, path) for path in own)
        if not is_hit and is_changed and before is not None:
            was = before.governing(one.path)
            is_ignored = before.is_ignored(one.path)
            is_hit = is_ignored or was is None or was.demands != one.demands
        if is_hit:
            picked.append(one)
    return picked, [p for p in found.ungoverned if is_changed or _touches(changed, p)]


def _touches(changed: frozenset[str], path: str) -> bool:
    """The path is a changed one, lies in one (a submodule), or holds one (a folder of keys)."""
    if path in changed or "" in changed:
        return True
    return _is_within(path, changed) or any(name.startswith(f"{path}/") for name in changed)


def _is_within(path: str, folders: Iterable[str]) -> bool:
    parts = path.split("/")
    wanted = frozenset(folders)
    return any("/".join(parts[:end]) in wanted for end in range(1, len(parts) + 1))


def nothing_to_check(found: Found) -> InputError:
    """A run that looked at nothing must not look like a yes."""
    return InputError(
        said("there is nothing to check"),
        where=found.name,
        got=said("no model and no program that its rules govern"),
        wanted=said("one file at least"),
        hint=said("check the globs, and that the files are added to the repository"),
    )
