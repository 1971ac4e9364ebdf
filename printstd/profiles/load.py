"""From a raw profile to its typed model, with every problem found and where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from printstd.dataclass import dataclass
from printstd.errors import ProfileProblem
from printstd.ports import ProfileSource
from printstd.profiles.keys import (
    choices,
    nearest,
    nearest_key,
    split_key,
    type_at,
    type_of_part,
    type_text,
    without_none,
)
from printstd.profiles.kinds import Date
from printstd.profiles.raw import COMMAND_LINE, RawProfile, read_raw
from printstd.profiles.toml_lines import KeyPath
from printstd.words import said


class _Models(Mapping[str, type[BaseModel]]):
    """Building a model takes a while and a run needs few: each is imported when asked for."""

    _PLACES: Final = {
        "pack": "standard_models.Pack",
        "standard": "standard_models.ToleranceTable",
        "geometrical": "geometrical_models.GeometricalTable",
        "grades": "grade_models.GradeTable",
        "moulding": "moulding_models.MouldingTable",
        "material": "models.Material",
        "process": "models.Process",
        "printer": "models.Printer",
        "dialect": "models.Dialect",
        "allowlist": "models.Allowlist",
    }

    def __getitem__(self, kind: str) -> type[BaseModel]:
        module, _, name = self._PLACES[kind].partition(".")
        found: type[BaseModel] = getattr(import_module(f"printstd.profiles.{module}"), name)
        return found

    def __contains__(self, kind: object) -> bool:
        return kind in self._PLACES

    def __iter__(self) -> Iterator[str]:
        return iter(self._PLACES)

    def __len__(self) -> int:
        return len(self._PLACES)


MODELS: Final[Mapping[str, type[BaseModel]]] = _Models()
"""Kind of profile -> what it must be."""

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Model]):
    """A profile that its model accepts, and the tree it was read from."""

    model: Model
    raw: RawProfile

    def problem(
        self, key: str, got: object, wanted: str, nearest: str | None = None
    ) -> ProfileProblem:
        """A problem with one key (``motion.max_speed_mm_s.x``) of this profile."""
        return self.raw.problem(split_key(key), str(got), wanted, nearest)


def load(
    source: ProfileSource,
    model: type[Model],
    kind: str,
    name: str,
    problems: list[ProfileProblem],
    overrides: Mapping[str, Any] | None = None,
) -> Loaded[Model] | None:
    """Read, merge, override and check one profile; None where `problems` grew for it.

    overrides : valid dotted key of this profile -> value. Raises nothing: problems are collected.
    """
    raw = read_raw(source, kind, name, problems)
    if raw is None:
        return None
    before = len(problems)
    for key, value in (overrides or {}).items():
        _override(raw, key, value, problems)
    if raw.values.get("id", name) != name:
        problems.append(
            raw.problem(
                ("id",), repr(raw.values["id"]), said("the file's name, {name!r}", name=name)
            )
        )
    checked = typed(raw, model, problems)
    return Loaded(checked, raw) if checked and len(problems) == before else None


def typed(raw: RawProfile, model: type[Model], problems: list[ProfileProblem]) -> Model | None:
    """The tree as its model; None where that does not take it, and `problems` says why."""
    before = len(problems)
    problems += _date_problems(raw, model, raw.values, ())
    try:
        return model.model_validate_json(json.dumps(raw.values, default=_plain_date))
    except ValidationError as error:
        known = {problem.key for problem in problems[before:]}
        for detail in error.errors(include_url=False, include_context=False):
            problem = _translated(raw, model, detail)
            if problem.key not in known:
                known.add(problem.key)
                problems.append(problem)
        return None


def _override(raw: RawProfile, key: str, value: Any, problems: list[ProfileProblem]) -> None:
    """Set one value of the tree; whether it is a right one the model says. An item of a list must
    be there already: a list is begun by setting it whole."""
    path = split_key(key)
    table: Any = raw.values
    for part, following in zip(path, (*path[1:], None), strict=True):
        if isinstance(part, int) and not (isinstance(table, list) and part < len(table)):
            n_items = len(table) if isinstance(table, list) else 0
            place = ProfileProblem(
                COMMAND_LINE,
                None,
                key,
                said("item {part}", part=part),
                said("one of the {n_items} items of the list", n_items=n_items),
            )
            problems.append(place)
            return
        at = part if isinstance(part, int) else str(part)
        if following is None:
            table[at] = value
            continue
        if isinstance(table, dict):
            empty: Any = [] if isinstance(following, int) else {}
            if not isinstance(table.get(at), type(empty)):
                table[at] = empty
        table = table[at]
    raw.told.append(path)


def _date_problems(raw: RawProfile, kind: Any, value: Any, path: KeyPath) -> list[ProfileProblem]:
    """TOML has dates, JSON has not: here they are told from texts before they become one.

    kind : the declared type of what stands at `path`; None where its model knows no such key.
    """
    if isinstance(value, dict):
        parts: Iterable[tuple[str | int, Any]] = value.items()
    elif isinstance(value, list):
        if all(type(item) in (int, float) for item in value):
            return []  # Tables are long, and what is no date is no day: the model tells.
        parts = enumerate(value)
    else:
        wants_date = without_none(kind) is Date
        if type(value) is Date if wants_date else not _is_moment(value):
            return []
        wanted = said("a date, as 2026-09-25 without quotes") if wants_date else type_text(kind)
        return [raw.problem(path, str(value), wanted)]
    return [
        problem
        for part, inner in parts
        if (own := type_of_part(kind, part)) is not None
        for problem in _date_problems(raw, own, inner, (*path, part))
    ]


def _is_moment(value: object) -> bool:
    """TOML's dates, times and both together."""
    return hasattr(value, "isoformat")


def _plain_date(value: Any) -> str:
    return str(value.isoformat())


def _translated(raw: RawProfile, model: type[BaseModel], detail: ErrorDetails) -> ProfileProblem:
    """A finding of the model in the words of `errors.ProfileProblem`."""
    path: KeyPath = detail["loc"]
    kind = type_at(model, path)
    if detail["type"] == "extra_forbidden":
        return raw.problem(
            path, said("an unknown key"), said("a key that a profile has"), nearest_key(model, path)
        )
    if detail["type"] == "missing":
        return raw.problem(path, said("nothing"), type_text(kind))
    wanted = detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    value = detail["input"]
    close = None
    if isinstance(value, str) and choices(kind):
        wanted, close = type_text(kind), nearest(value, choices(kind))
    return raw.problem(path, json.dumps(value, ensure_ascii=False)[:60], wanted, close)
