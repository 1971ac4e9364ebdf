"""What keys a profile may have, read from its model: for messages, `--set` and schemas."""

from __future__ import annotations

import difflib
import functools
import types
import typing
from collections.abc import Iterable
from enum import Enum
from typing import Any

from pydantic import BaseModel

from printstd.profiles.kinds import Date
from printstd.profiles.toml_lines import KeyPath
from printstd.words import said


def dotted(path: KeyPath) -> str:
    """``("commands", 3, "letters")`` -> ``commands[3].letters``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def split_key(key: str) -> KeyPath:
    """``commands[3].letters`` -> ``("commands", 3, "letters")``."""
    path: list[str | int] = []
    for part in key.split("."):
        name, *numbers = part.replace("]", "").split("[")
        path.append(name)
        path += [int(number) for number in numbers if number.isdigit()]
    return tuple(path)


@functools.cache
def fields_of(kind: Any) -> dict[str, Any] | None:
    """Key -> type of a table of type `kind`; None where it is no table with fixed keys."""
    kind = without_none(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
    return None


def type_at(model: type[BaseModel], path: KeyPath) -> Any:
    """The declared type of a key; None where the model has no such key."""
    kind: Any = model
    for part in path:
        kind = type_of_part(kind, part)
        if kind is None:
            return None
    return kind


def type_of_part(kind: Any, part: str | int) -> Any:
    """The declared type of one key of a table, or one item of a list, that is itself of type
    `kind`; None where it has no such part."""
    fields = fields_of(kind)
    if fields is not None:
        return fields.get(str(part)) if isinstance(part, str) else None
    kind = without_none(kind)
    origin = typing.get_origin(kind)
    if origin is tuple:
        items = typing.get_args(kind)
        if not isinstance(part, int):
            return None
        endless = len(items) == 2 and items[1] is Ellipsis
        if not endless and part >= len(items):
            return None
        return items[0] if endless else items[part]
    if origin is dict:
        return typing.get_args(kind)[1]
    return None


def settable_keys(model: type[BaseModel]) -> list[str]:
    """Every dotted key of the model that holds a value rather than a table."""
    found: list[str] = []

    def walk(kind: Any, path: KeyPath) -> None:
        fields = fields_of(kind)
        if fields is None:
            found.append(dotted(path))
            return
        for name, inner in fields.items():
            walk(inner, (*path, name))

    walk(model, ())
    return found


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was most likely meant to be, whatever its case."""
    by_folded: dict[str, str] = {}
    for other in known:
        by_folded.setdefault(other.casefold(), other)
    found = difflib.get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def nearest_key(model: type[BaseModel], path: KeyPath) -> str | None:
    """The valid key nearest to an unknown one: of its own table, else anywhere in the profile."""
    last = str(path[-1])
    siblings = fields_of(type_at(model, path[:-1]) if path[:-1] else model)
    close = nearest(last, siblings or ())
    if close is not None:
        return dotted((*path[:-1], close))
    everywhere = settable_keys(model)
    by_last: dict[str, list[str]] = {}
    for key in everywhere:
        by_last.setdefault(key.rpartition(".")[2], []).append(key)
    moved = nearest(last, by_last)
    if moved is not None:
        return nearest(dotted(path), by_last[moved]) or by_last[moved][0]
    return nearest(dotted(path), everywhere)


def type_text(kind: Any) -> str:
    """A type in words: ``a number``, ``one of 'aligned', 'rear'``."""
    kind = without_none(kind)
    origin = typing.get_origin(kind)
    if origin is tuple:
        return said("a list")
    if origin is dict or fields_of(kind) is not None:
        return said("a table")
    if origin is typing.Literal:
        return said("one of {values}", values=", ".join(map(repr, typing.get_args(kind))))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return said("one of {values}", values=", ".join(repr(member.value) for member in kind))
    names = {
        float: said("a number"),
        int: said("a whole number"),
        str: said("a text"),
        bool: said("true or false"),
    }
    return names.get(kind, said("a date") if kind is Date else said("a value"))


def choices(kind: Any) -> tuple[str, ...]:
    """The words that a key of this type may hold; empty where any value will do."""
    kind = without_none(kind)
    if typing.get_origin(kind) is typing.Literal:
        return tuple(str(value) for value in typing.get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(str(member.value) for member in kind)
    return ()


def without_none(kind: Any) -> Any:
    """The type without its constraints and without ``| None``."""
    while True:
        origin = typing.get_origin(kind)
        if origin is typing.Annotated:
            kind = typing.get_args(kind)[0]
        elif origin in (types.UnionType, typing.Union):
            options = [a for a in typing.get_args(kind) if a is not type(None)]
            if len(options) != 1:
                return kind
            kind = options[0]
        else:
            return kind
