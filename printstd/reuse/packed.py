"""Records of numbers, texts and arrays <-> bytes, for what is kept on a disk.

    8 bytes     length of the outline, little-endian
    outline     JSON: the record's plain values; of arrays dtype and shape, of bytes the length
    blobs       arrays in C order and bytes, in the order of the outline, each from a multiple of 64

The bytes name no type: whoever reads says which record it wants, and each value must be of the type
that the record declares. So the worst that a forged file can do is to be a wrong record.
"""

from __future__ import annotations

import json
import math
import types
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar

import numpy as np

from printstd.words import Counted, Said

Record = TypeVar("Record")

_ALIGN: Final = 64
_DTYPES: Final = frozenset(
    ["|b1", "|u1", "|i1", "<i2", "<i4", "<i8", "<u2", "<u4", "<u8", "<f4", "<f8"]
)


class NotPacked(ValueError):
    """The bytes are not those of such a record."""


def pack(kind: type[Record], record: Record) -> list[bytes | memoryview]:
    """The bytes, in pieces: the record's arrays are not copied. TypeError where the record holds
    something else than it declares."""
    blobs: list[bytes | memoryview] = []
    outline = json.dumps(_plain(kind, record, blobs), separators=(",", ":"), allow_nan=False)
    text = outline.encode("utf-8", "surrogatepass")
    pieces: list[bytes | memoryview] = [len(text).to_bytes(8, "little"), text]
    at = 8 + len(text)
    for blob in blobs:
        padding = -at % _ALIGN
        pieces += [bytes(padding), blob]
        at += padding + len(blob)
    return pieces


def unpack(kind: type[Record], data: bytes | memoryview) -> Record:
    """The record that `pack` made the bytes of. Its arrays lie in them, and are read-only.

    NotPacked where they are of another record, or cut.
    """
    whole = memoryview(data).toreadonly()
    length = int.from_bytes(whole[:8], "little")
    if len(whole) < 8 or length > len(whole) - 8:
        raise NotPacked("cut in its outline")
    blobs = _Blobs(whole, 8 + length)
    try:
        outline = json.loads(bytes(whole[8 : 8 + length]).decode("utf-8", "surrogatepass"))
        found: Record = _record(kind, outline, blobs)
    except (TypeError, ValueError, RecursionError, OverflowError, KeyError) as error:
        raise NotPacked(str(error)) from error
    if blobs.at != len(whole):
        raise NotPacked("more bytes than its outline says")
    return found


class _Blobs:
    """The second part of the bytes, taken from front to back."""

    def __init__(self, data: memoryview, at: int) -> None:
        self._data, self.at = data, at

    def take(self, size: int) -> memoryview:
        begin = self.at + -self.at % _ALIGN
        if size < 0 or begin + size > len(self._data):
            raise ValueError("cut")
        if any(self._data[self.at : begin]):
            raise ValueError("padding that is not zero")
        self.at = begin + size
        return self._data[begin : self.at]


# --------------------------------------------------------------------------------- by type


def _plain(kind: Any, value: Any, blobs: list[bytes | memoryview]) -> Any:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _plain(_only(kind), value, blobs)
    if origin is np.ndarray:
        if type(value) is not np.ndarray or value.dtype.str not in _DTYPES:
            raise TypeError(f"{type(value).__name__}, wanted an array of numbers")
        flat = np.ascontiguousarray(value)
        blobs.append(flat.data.cast("B") if flat.size else b"")
        return [value.dtype.str, list(value.shape)]
    if origin in (tuple, list):
        of = _item_types(kind, len(value))
        return [_plain(item, one, blobs) for item, one in zip(of, value, strict=True)]
    if kind is bytes:
        blobs.append(value)
        return len(value)
    if origin is typing.Literal:
        return _one_of(kind, value)
    if _is_record(kind):
        if type(value) is not kind:
            raise TypeError(f"{type(value).__name__}, wanted {kind.__name__}")
        return [_plain(hint, getattr(value, name), blobs) for name, hint in _fields(kind)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value).name
    if kind is str and type(value) is Said:
        return _plain_said(value)
    if type(value) is not kind or kind not in (bool, int, float, str):
        raise TypeError(f"{type(value).__name__}, wanted {kind}")
    # To the bit, and where it is no number, too.
    return value.hex() if kind is float else value


def _plain_said(value: object) -> Any:
    """A sentence with what it was made of, so that it can be told in another language later; its
    values are texts, numbers and further sentences."""
    if isinstance(value, Said):
        values = {name: _plain_said(one) for name, one in value.values.items()}
        template: Any = value.template
        if isinstance(template, Counted):
            template = [template.one, template.many, template.number]
        return {"template": template, "values": values}
    if isinstance(value, float):
        return {"float": float(value).hex()}
    if isinstance(value, np.integer):
        return int(value)
    if type(value) not in (bool, int, str):
        raise TypeError(f"{type(value).__name__} in a sentence, wanted a text or a number")
    return value


def _said_again(value: Any) -> Any:
    if type(value) is not dict:
        if type(value) not in (bool, int, str):
            raise TypeError(f"{type(value).__name__} in a sentence")
        return value
    if set(value) == {"float"}:
        return float.fromhex(value["float"])
    if set(value) != {"template", "values"} or type(value["values"]) is not dict:
        raise TypeError("no sentence")
    template = value["template"]
    if type(template) is list and [type(one) for one in template] == [str, str, int]:
        template = Counted(*template)
    elif type(template) is not str:
        raise TypeError("a sentence without a template")
    values = {name: _said_again(one) for name, one in value["values"].items()}
    try:
        return Said(template, values)
    except (AttributeError, LookupError) as error:
        raise TypeError("a template that its values do not fill") from error


_Reader = Callable[[Any, _Blobs], Any]


def _record(kind: Any, value: Any, blobs: _Blobs) -> Any:
    return _reader(kind)(value, blobs)


@cache
def _reader(kind: Any) -> _Reader:
    """What reads a value of a type: found out once, because there are many values of few types."""
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        inner = _reader(_only(kind))
        return lambda value, blobs: None if value is None else inner(value, blobs)
    if origin is np.ndarray:
        return lambda value, blobs: _array(kind, value, blobs)
    if origin in (tuple, list):
        return _items_reader(kind, origin)
    if kind is bytes:
        return lambda value, blobs: bytes(blobs.take(_length(value)))
    if origin is typing.Literal:
        return lambda value, blobs: _one_of(kind, value)
    if _is_record(kind):
        return _record_reader(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value, blobs: kind[value]
    return _plain_reader(kind)


def _items_reader(kind: Any, origin: Any) -> _Reader:
    items = typing.get_args(kind)
    is_endless = origin is list or (len(items) == 2 and items[1] is Ellipsis)
    only = _reader(items[0]) if is_endless else None

    def read(value: Any, blobs: _Blobs) -> Any:
        if type(value) is not list:
            raise TypeError("wanted a list")
        if only is not None:
            return origin([only(one, blobs) for one in value])
        of = _item_types(kind, len(value))
        return origin([_reader(item)(one, blobs) for item, one in zip(of, value, strict=True)])

    return read


def _record_reader(kind: Any) -> _Reader:
    names = [name for name, _ in _fields(kind)]
    # A record may hold records of its own type: readers of fields are asked for when it is read.
    hints = [hint for _, hint in _fields(kind)]
    readers: list[_Reader] = []

    def read(value: Any, blobs: _Blobs) -> Any:
        if type(value) is not list or len(value) != len(names):
            raise TypeError(f"{kind.__name__}: other fields")
        if not readers:
            readers.extend(map(_reader, hints))
        parts = [own(one, blobs) for own, one in zip(readers, value, strict=True)]
        return kind(**dict(zip(names, parts, strict=True)))

    return read


def _plain_reader(kind: Any) -> _Reader:
    def read(value: Any, blobs: _Blobs) -> Any:
        if kind is float and type(value) is str:
            return float.fromhex(value)
        if kind is str and type(value) is dict:
            return _said_again(value)
        if type(value) is not kind or kind not in (bool, int, str):
            raise TypeError(f"{type(value).__name__}, wanted {kind}")
        return value

    return read


def _one_of(kind: Any, value: Any) -> Any:
    if not any(type(value) is type(one) and value == one for one in typing.get_args(kind)):
        raise TypeError(f"{value!r}, wanted one of {typing.get_args(kind)}")
    return value


def _array(kind: Any, value: Any, blobs: _Blobs) -> Any:
    if type(value) is not list or len(value) != 2 or type(value[1]) is not list:
        raise TypeError("wanted dtype and shape")
    name, shape = value
    if name not in _DTYPES or len(shape) > 4:
        raise TypeError(f"no array of {name!r}")
    dtype = np.dtype(name)
    wanted = typing.get_args(typing.get_args(kind)[1])[0]
    if isinstance(wanted, type) and not issubclass(dtype.type, wanted):
        raise TypeError(f"{name}, wanted {wanted.__name__}")
    count = math.prod(_length(size) for size in shape)
    data = blobs.take(count * dtype.itemsize)
    return np.frombuffer(data, dtype).reshape(shape) if count else np.empty(shape, dtype)


def _length(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("wanted a length")
    return value


def _item_types(kind: Any, count: int) -> list[Any]:
    items = typing.get_args(kind)
    if typing.get_origin(kind) is list or (len(items) == 2 and items[1] is Ellipsis):
        return [items[0]] * count
    if len(items) != count:
        raise TypeError(f"{count} items, wanted {len(items)}")
    return list(items)


def _only(kind: Any) -> Any:
    """What may stand there beside None."""
    (only,) = (option for option in typing.get_args(kind) if option is not type(None))
    return only


def _is_record(kind: Any) -> bool:
    is_named = isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")
    return is_named or (isinstance(kind, type) and is_dataclass(kind))


def _named(kind: Any) -> tuple[tuple[str, Any], ...]:
    """(name, type) of each."""
    names = [f.name for f in fields(kind)] if is_dataclass(kind) else list(kind._fields)
    hints = typing.get_type_hints(kind)
    return tuple((name, hints[name]) for name in names)


_fields: Callable[[Any], tuple[tuple[str, Any], ...]] = cache(_named)
