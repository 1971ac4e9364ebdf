"""Records of integers, strings and tuples <-> plain JSON values, strictly.

Only for records that are signed: a float has no place in them, and a field that is missing,
unknown or of another type is an error, never a default. Two marks are the exceptions. A field with
`LEFT_OUT_WHEN_EMPTY` is written only where it says something. A field with `absent_means` was added
after records without it had been signed: it is always written, and where an older record does not
have it, it has the one value that leaves the record's meaning as it was. Whoever needs the signed
bytes keeps them: a record that was read is not what its digest is taken of.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar

from printstd.named_tuple import NamedTuple

Record = TypeVar("Record")

LEFT_OUT_WHEN_EMPTY: Final[Mapping[str, bool]] = MappingProxyType({"left_out_when_empty": True})
"""Metadata of a dataclass field that is empty or None unless there is something to say."""


_ABSENT: Final = "absent_means"


def absent_means(value: Any) -> Mapping[str, Any]:
    """Metadata of a dataclass field that older records do not have: they mean this value."""
    return MappingProxyType({_ABSENT: value})


class _Shape(NamedTuple):
    """A kind of record, looked up once and not for every record. names : of all fields. left_out :
    names of those that may be. older : what fields mean that an older record does not have."""

    names: tuple[str, ...]
    left_out: frozenset[str]
    older: Mapping[str, Any]


@functools.cache
def _shape(kind: type[Any]) -> _Shape | None:
    """None of what is no record."""
    if not is_dataclass(kind):
        return None
    known = fields(kind)
    return _Shape(
        tuple(f.name for f in known),
        frozenset(f.name for f in known if _may_be_left_out(f)),
        {f.name: f.metadata[_ABSENT] for f in known if _ABSENT in f.metadata},
    )


@functools.cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    """Reading a record's annotations takes three times as long as reading the record."""
    return typing.get_type_hints(kind)


def to_plain(value: Any) -> Any:
    """Dataclasses to dicts, tuples to lists; TypeError on anything that cannot be signed."""
    shape = _shape(value.__class__)
    if shape is not None:
        pairs = ((name, getattr(value, name)) for name in shape.names)
        return {name: to_plain(own) for name, own in pairs if own or name not in shape.left_out}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    if value is None or isinstance(value, (bool, int, str)):
        return value
    raise TypeError(f"{type(value).__name__} cannot be signed: integers and strings only")


def from_plain(record: type[Record], value: Any, where: str = "") -> Record:
    """The record that `to_plain` made `value` of; ValueError naming the place where it differs."""
    result: Record = _read(record, value, where or record.__name__)
    return result


def _may_be_left_out(field: Field[Any]) -> bool:
    return bool(field.metadata.get("left_out_when_empty"))


def _read(kind: Any, value: Any, where: str) -> Any:
    if (kind is str or kind is int or kind is bool) and type(value) is kind:
        return value
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        options = typing.get_args(kind)
        if value is None:
            if type(None) in options:
                return None
            raise ValueError(f"{where}: null")
        (only,) = (option for option in options if option is not type(None))
        return _read(only, value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{where}: {type(value).__name__}, wanted a list")
        items = typing.get_args(kind)
        if len(items) == 2 and items[1] is Ellipsis:
            return tuple(_read(items[0], item, f"{where}[{i}]") for i, item in enumerate(value))
        if len(items) != len(value):
            raise ValueError(f"{where}: {len(value)} items, wanted {len(items)}")
        pairs = zip(items, value, strict=True)
        return tuple(_read(item, v, f"{where}[{i}]") for i, (item, v) in enumerate(pairs))
    shape = _shape(kind) if isinstance(kind, type) else None
    if shape is not None:
        return _record(kind, shape, value, where)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        members = [member.value for member in kind]
        if type(value) is not str or value not in members:
            raise ValueError(f"{where}: {str(value)[:40]!r} is not one of {', '.join(members)}")
        return kind(value)
    if type(value) is not kind:
        raise ValueError(f"{where}: {type(value).__name__}, wanted {kind.__name__}")
    return value


def _record(kind: Any, shape: _Shape, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: {type(value).__name__}, wanted an object")
    absent = [name for name in shape.names if name not in value]
    wrong = {name for name in absent if name not in shape.left_out and name not in shape.older}
    wrong.update(name for name in value if name not in shape.names)
    if wrong:
        raise ValueError(f"{where}: missing or unknown {', '.join(sorted(wrong))}")
    for name in shape.left_out:
        if name in value and not value[name]:
            raise ValueError(f"{where}.{name}: empty, wanted nothing at all")
    hints = _hints(kind)
    known = {
        name: _read(hints[name], value[name], f"{where}.{name}")
        for name in shape.names
        if name in value
    }
    known.update((name, shape.older[name]) for name in absent if name in shape.older)
    return kind(**known)
