"""A profile file as TOML says it: one flat tree of values, each with the line it came from.

`extends` names one parent of the same kind; parents may stand on a parent themselves, no deeper.
Tables are merged key by key, lists are replaced whole.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass as changing
from dataclasses import field
from functools import cached_property
from typing import Any, Final

from printstd import toml_text
from printstd.dataclass import dataclass
from printstd.errors import ProfileProblem
from printstd.ports import ProfileSource
from printstd.profiles.keys import dotted, nearest
from printstd.profiles.toml_lines import KeyPath, line_index
from printstd.words import said

MAX_DEPTH: Final = 2
"""Steps of `extends`: more than a parent and its parent and nobody can say what holds."""
MAX_FILE_BYTES: Final = 1 << 20
COMMAND_LINE: Final = "--set"
"""Stands for the file where the user set a value on the command line."""

KINDS: Final = {
    "pack": "packs",
    "standard": "standards",
    "geometrical": "standards/geometrical",
    "grades": "standards/grades",
    "moulding": "standards/moulding",
    "material": "materials",
    "process": "processes",
    "printer": "printers",
    "dialect": "dialects",
    "allowlist": "allowlists",
}
"""What a profile is called in keys -> the folder its files lie in."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from."""

    file: str
    line: int | None = None
    note: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}, {self.note}" if self.note else place


@changing
class RawProfile:
    """values : the merged tree. texts : (file, its text), parents first. told : keys that the
    user set over them."""

    kind: str
    name: str
    file: str
    values: dict[str, Any] = field(default_factory=dict)
    texts: list[tuple[str, str]] = field(default_factory=list)
    told: list[KeyPath] = field(default_factory=list)

    @cached_property
    def places(self) -> dict[KeyPath, Origin]:
        """Key path -> origin, of tables and list items too. Lines are looked for only when a
        report or an error asks for them: most runs never do."""
        found: dict[KeyPath, Origin] = {}
        for file, text in self.texts:
            found |= {path: Origin(file, line) for path, line in line_index(text).items()}
        for told in self.told:
            found = {path: o for path, o in found.items() if path[: len(told)] != told}
            found[told] = Origin(COMMAND_LINE)
        return found

    def is_told(self, path: KeyPath) -> bool:
        """The user set this key, or a table around it. Looks at no line of any file."""
        return any(path[: len(told)] == told for told in self.told)

    def origin(self, path: KeyPath) -> Origin:
        """The origin of a key, or of the nearest table around it that stands in a file."""
        for end in range(len(path), 0, -1):
            found = self.places.get(path[:end])
            if found is not None:
                return found
        return Origin(self.file)

    def problem(
        self, path: KeyPath, got: str, wanted: str, nearest: str | None = None
    ) -> ProfileProblem:
        place = self.origin(path)
        return ProfileProblem(
            place.file, place.line, dotted(path) or self.name, got, wanted, nearest
        )


def read_raw(
    source: ProfileSource, kind: str, name: str, problems: list[ProfileProblem]
) -> RawProfile | None:
    """The file `name` with what it extends; None where it cannot be read as TOML at all."""
    chain: list[RawProfile] = []
    wanted: str | None = name
    while wanted is not None:
        names = [link.name for link in chain]
        asked = chain[-1] if chain else None
        if wanted in names:
            _refuse(problems, chain[-1], wanted, said("a parent that does not come back here"))
            return None
        if len(chain) > MAX_DEPTH:
            _refuse(
                problems,
                chain[-1],
                wanted,
                said("at most {most} steps of extends", most=MAX_DEPTH),
            )
            return None
        link = _read_one(source, kind, wanted, asked, problems)
        if link is None:
            return None
        chain.append(link)
        parent = link.values.pop("extends", None)
        if parent is not None and not isinstance(parent, str):
            problems.append(
                link.problem(("extends",), _shown(parent), said("the name of a {kind}", kind=kind))
            )
            return None
        wanted = parent
    merged = RawProfile(kind, name, chain[0].file)
    for link in reversed(chain):
        _merge(merged.values, link.values)
        merged.texts += link.texts
    # A parent's own name is not the child's.
    if "id" not in chain[0].values and len(chain) > 1:
        merged.values.pop("id", None)
    return merged


def _refuse(problems: list[ProfileProblem], link: RawProfile, got: str, wanted: str) -> None:
    problems.append(link.problem(("extends",), repr(got), wanted))


def _read_one(
    source: ProfileSource,
    kind: str,
    name: str,
    asked: RawProfile | None,
    problems: list[ProfileProblem],
) -> RawProfile | None:
    folder = KINDS[kind]
    try:
        file, data = source.read(folder, name)
    except KeyError:
        known = source.names(folder)
        missing = (
            repr(name),
            said("one of {values}", values=", ".join(known)),
            nearest(name, known),
        )
        if asked is not None:
            problems.append(asked.problem(("extends",), *missing))
        else:
            problems.append(ProfileProblem(f"profiles/{folder}", None, kind, *missing))
        return None
    return parse(kind, name, file, data, problems)


def parse(
    kind: str, name: str, file: str, data: bytes, problems: list[ProfileProblem]
) -> RawProfile | None:
    """One file's bytes as TOML, by itself; None where they are none, and `problems` grew."""
    if len(data) > MAX_FILE_BYTES:
        wanted = said("at most {most} bytes", most=MAX_FILE_BYTES)
        problems.append(
            ProfileProblem(file, None, name, said("{count} bytes", count=len(data)), wanted)
        )
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(
            ProfileProblem(file, line, name, said("bytes that are no UTF-8"), said("UTF-8 text"))
        )
        return None
    try:
        values = toml_text.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+)", str(error))
        line = int(where.group(1)) if where else text.count("\n") + 1
        problems.append(ProfileProblem(file, line, name, str(error), said("TOML 1.0")))
        return None
    return RawProfile(kind, name, file, values, [(file, text)])


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        below = base.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            _merge(below, value)
        else:
            base[key] = value


def _shown(value: object) -> str:
    return repr(value)[:60]
