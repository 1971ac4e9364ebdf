"""Which rule of `printstd.toml` governs a file, and which other files a verdict rests on.

Paths are those of the repository: relative to the folder of printstd.toml, with slashes. Globs are
matched against whole paths, case for case: ``*`` and ``?`` stay within one folder, ``**`` crosses
folders, ``[ab]`` is one of these; a glob without a slash is matched against the file's name, in
whatever folder it lies (as in .gitignore).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

from printstd.errors import ProfileProblem, RepositoryError
from printstd.profiles.load import typed
from printstd.profiles.raw import RawProfile, parse
from printstd.profiles.repository_models import Demands, RepositoryFile, Rule
from printstd.words import said

MODEL_ENDINGS: Final = (".stl", ".3mf", ".obj", ".ply", ".step", ".stp")
PROGRAM_ENDINGS: Final = (".gcode", ".gco")
RECORDS: Final = ("characteristics", "order", "feedstock", "capability", "capability_trust")
KEYS: Final = ("trust", "policy")
WITHOUT_DRAWING: Final = "recognised"
"""In place of a drawing's file: the sizes that the model itself shows."""
_OF_PROGRAMS: Final = ("model", "supports", "copies", "trust", "policy")
_OF_MODELS: Final = ("stage", "orient", "order", "feedstock", "capability", "capability_trust")
_PLACES: Final = (*RECORDS, "model", *KEYS)
_HOLDERS: Final = ("stem", "folder", "name")


@dataclass(frozen=True, slots=True)
class Governed:
    """A file and what is demanded of it. rule : number of the rule, from 0. line : of the rule in
    printstd.toml. demands : the rule's, with the defaults where it says nothing, and with the
    places of this file."""

    path: str
    rule: int
    line: int | None
    demands: Demands

    @property
    def is_program(self) -> bool:
        return is_program(self.path)

    @property
    def models(self) -> tuple[str, ...]:
        """Of a program, the models that it is audited against."""
        named = self.demands.model
        return (named,) if isinstance(named, str) else named or ()

    def references(self) -> Iterator[str]:
        """Files, and folders of keys, that the verdict rests on beside the file itself."""
        yield from self.models
        for key in (*RECORDS, *KEYS):
            place = getattr(self.demands, key)
            if place is not None and not (key == "characteristics" and place == WITHOUT_DRAWING):
                yield place


class RepositoryRules:
    """printstd.toml, read. sha256 : of its bytes."""

    def __init__(self, says: RepositoryFile, name: str, sha256: str, raw: RawProfile) -> None:
        self.says, self.name, self.sha256, self._raw = says, name, sha256, raw

    @cached_property
    def _merged(self) -> tuple[Demands, ...]:
        base = _stated(self.says.defaults)
        return tuple(
            Demands.model_construct(**base | _stated(rule, without=("files",)))
            for rule in self.says.rules
        )

    def is_ignored(self, path: str) -> bool:
        return matches(self.says.repository.ignore, path)

    def governing(self, path: str) -> Governed | None:
        """None where no rule matches the file."""
        for number, rule in enumerate(self.says.rules):
            if matches(rule.files, path):
                demands = _placed(self._merged[number], path)
                return Governed(path, number, self.line_of(number), demands)
        return None

    def line_of(self, number: int) -> int | None:
        return self._raw.origin(("rules", number)).line

    def idle(self, paths: Iterable[str]) -> list[int]:
        """Numbers of rules that govern none of the files: of typing slips, or behind a rule that
        takes all."""
        found = {self._first(path) for path in paths}
        return [number for number in range(len(self.says.rules)) if number not in found]

    def _first(self, path: str) -> int | None:
        numbers = (n for n, rule in enumerate(self.says.rules) if matches(rule.files, path))
        return next(numbers, None)


def read_rules(data: bytes, name: str) -> RepositoryRules:
    """Raises RepositoryError with everything that is wrong with it."""
    problems: list[ProfileProblem] = []
    raw = parse("repository", name, name, data, problems)
    found = typed(raw, RepositoryFile, problems) if raw else None
    if raw is not None and found is not None:
        problems += _problems(found, raw)
    if raw is None or found is None or problems:
        raise RepositoryError(tuple(problems))
    return RepositoryRules(found, name, hashlib.sha256(data).hexdigest(), raw)


def is_program(path: str) -> bool:
    return path.lower().endswith(PROGRAM_ENDINGS)


def is_checked(path: str) -> bool:
    """Is the file of a kind that `printstd check` judges."""
    return path.lower().endswith((*MODEL_ENDINGS, *PROGRAM_ENDINGS))


def matches(globs: Iterable[str], path: str) -> bool:
    return any(_pattern(glob).fullmatch(path) for glob in globs)


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    text = glob.removeprefix("./")
    if "/" not in text:
        text = f"**/{text}"
    elif text.endswith("/"):
        text += "**"
    parts: list[str] = []
    at = 0
    while at < len(text):
        if text.startswith("**/", at):
            parts.append("(?:[^/]+/)*")
            at += 3
        elif text.startswith("**", at):
            parts.append(".*")
            at += 2
        elif text[at] == "*":
            parts.append("[^/]*")
            at += 1
        elif text[at] == "?":
            parts.append("[^/]")
            at += 1
        elif text[at] == "[" and "]" in text[at + 2 :]:
            end = text.index("]", at + 2)
            inner = text[at + 1 : end]
            sign = "^" if inner[0] in "!^" else ""
            body = re.escape(inner[len(sign) :]).replace(r"\-", "-")
            # A folder's slash is never one of a set.
            parts.append(f"(?!/)[{sign}{body}]")
            at = end + 1
        else:
            parts.append(re.escape(text[at]))
            at += 1
    return re.compile("".join(parts), re.DOTALL)


# ------------------------------------------------------------------------------- one file's demands


def _stated(demands: Demands, without: Sequence[str] = ()) -> dict[str, Any]:
    """What a table says, by the names of fields."""
    found = {name: getattr(demands, name) for name in type(demands).model_fields}
    return {name: v for name, v in found.items() if v is not None and name not in without}


def _placed(demands: Demands, path: str) -> Demands:
    """The demands with the places of one file."""
    changed: dict[str, object] = {}
    for key in _PLACES:
        value = getattr(demands, key)
        if isinstance(value, str):
            changed[key] = place_for(value, path)
        elif isinstance(value, tuple):
            changed[key] = tuple(place_for(one, path) for one in value)
    return demands.model_copy(update=changed) if changed else demands


def place_for(template: str, path: str) -> str:
    """``{folder}/{stem}.csv`` for ``parts/arm.stl`` -> ``parts/arm.csv``."""
    folder, _, name = path.rpartition("/")
    values = {"stem": name.rpartition(".")[0] or name, "folder": folder or ".", "name": name}
    text = re.sub(r"\{(\w+)\}", lambda found: values[found[1]], template)
    parts = [part for part in text.split("/") if part not in ("", ".")]
    return "/".join(parts)


# ------------------------------------------------------------------------- what a model cannot say


def _problems(found: RepositoryFile, raw: RawProfile) -> Iterator[ProfileProblem]:
    if not found.rules:
        yield raw.problem(("rules",), said("nothing"), said("one [[rules]] table at least"))
    for key in ("profiles", "cache", "baseline"):
        place = getattr(found.repository, key)
        if place is not None:
            yield from _place_problems(("repository", key), place, raw, holders=())
    tables: list[tuple[tuple[str | int, ...], Demands]] = [(("defaults",), found.defaults)]
    tables += [(("rules", number), rule) for number, rule in enumerate(found.rules)]
    for at, table in tables:
        for key in _PLACES:
            value = getattr(table, key)
            named: tuple[str, ...] = (value,) if isinstance(value, str) else value or ()
            for place in named:
                yield from _place_problems((*at, key), place, raw, holders=_HOLDERS)
        yield from _contradictions(at, table, raw)
    for number, rule in enumerate(found.rules):
        yield from _kind_problems(number, rule, raw)


def _place_problems(
    path: tuple[str | int, ...], place: str, raw: RawProfile, *, holders: Sequence[str]
) -> Iterator[ProfileProblem]:
    unknown = [one for one in re.findall(r"\{([^}]*)\}?", place) if one not in holders]
    if unknown:
        names = ", ".join(f"{{{name}}}" for name in holders)
        wanted = said("one of {names}", names=names) if holders else said("no braces here")
        yield raw.problem(path, f"{{{unknown[0]}}}", wanted)
    is_outside = place.startswith("/") or re.match("[A-Za-z]:", place) or "\\" in place
    if is_outside or ".." in place.split("/"):
        yield raw.problem(
            path, repr(place), said("a path in the repository, with slashes and without ..")
        )


def _contradictions(
    at: tuple[str | int, ...], table: Demands, raw: RawProfile
) -> Iterator[ProfileProblem]:
    for one, other in (("trust", "policy"), ("orient", "rotate")):
        if getattr(table, one) and getattr(table, other) is not None:
            yield raw.problem(
                (*at, other),
                said("{one} and {other}", one=one, other=other),
                said("one of the two"),
            )
    if table.capability_trust is not None and table.capability is None:
        yield raw.problem(
            (*at, "capability_trust"),
            said("no capability"),
            said("capability = FILE with it"),
        )


def _kind_problems(number: int, rule: Rule, raw: RawProfile) -> Iterator[ProfileProblem]:
    """A key that a rule's files would never look at must not look as if they did."""
    ends = [glob.lower() for glob in rule.files]
    for keys, others, kind in (
        (_OF_PROGRAMS, MODEL_ENDINGS, said("a program's key only where programs are matched")),
        (_OF_MODELS, PROGRAM_ENDINGS, said("a model's key only where models are matched")),
    ):
        if not all(end.endswith(others) for end in ends):
            continue
        for key in keys:
            if getattr(rule, key) is not None:
                yield raw.problem(("rules", number, key), said("files of the other kind"), kind)
