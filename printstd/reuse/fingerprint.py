"""The digest of any value that a stage may be given."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any
from weakref import ReferenceType, ref

import numpy as np
from pydantic import BaseModel

from printstd.reuse.kept import Kept
from printstd.reuse.withheld import Withheld
from printstd.words import Said


def fingerprint(*values: Any) -> str:
    """SHA-256, hexadecimal, over type and content of all values, however deep.

    Two values have one fingerprint only if they are equal to the bit and of the same types: every
    item is written with its type and its length. TypeError on what has no content of its own (a
    function, a file): a key must not rest on what only looks the same.
    """
    digest = hashlib.sha256()
    _write(digest, values)
    return digest.hexdigest()


def _write(digest: Any, value: Any) -> None:
    kind = type(value)
    if kind in _PLAIN:
        _leaf(digest, kind.__name__, _PLAIN[kind](value))
    elif isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            raise TypeError("an array of objects has no fingerprint")
        _leaf(digest, f"array {value.dtype.str} {value.shape}", b"")
        # An empty array cannot be cast to bytes where it has several axes.
        if value.size:
            digest.update(np.ascontiguousarray(value).data.cast("B"))
    elif isinstance(value, Said):
        # What is read of it, and in which catalogue's words.
        for text in (str(value), str(value.template)):
            _leaf(digest, "said", text.encode("utf-8", "surrogatepass"))
    elif isinstance(value, Kept):
        _leaf(digest, "kept", value.key.encode("ascii"))
    elif isinstance(value, Withheld):
        _leaf(digest, "withheld", b"")
    elif isinstance(value, Enum):
        _leaf(digest, _name(kind), value.name.encode("utf-8"))
    elif isinstance(value, BaseModel):
        _leaf(digest, _name(kind), _of_model(value))
    elif is_dataclass(value):
        _items(digest, _name(kind), {f.name: getattr(value, f.name) for f in fields(value)})
    elif isinstance(value, Mapping):
        _items(digest, "mapping", value)
    elif isinstance(value, (tuple, list, range)):
        _leaf(digest, f"{_name(kind)} {len(value)}", b"")
        for item in value:
            _write(digest, item)
    else:
        raise TypeError(f"{kind.__name__} has no fingerprint")


_KNOWN: dict[int, tuple[ReferenceType[BaseModel], bytes]] = {}
"""By identity. Settings are frozen, and most sections of them are the same in every stage's."""


def _of_model(model: BaseModel) -> bytes:
    known = _KNOWN.get(id(model))
    if known is not None and known[0]() is model:
        return known[1]
    if not model.model_config.get("frozen"):
        raise TypeError(f"{type(model).__name__} may change, and has no fingerprint")
    digest = hashlib.sha256()
    _items(digest, "", model.__dict__)
    of_model = digest.digest()
    number = id(model)
    _KNOWN[number] = (ref(model, lambda _: _KNOWN.pop(number, None)), of_model)
    return of_model


def _items(digest: Any, name: str, items: Mapping[Any, Any]) -> None:
    """Names with their values, in the order of the names."""
    _leaf(digest, f"{name} {len(items)}", b"")
    for key in sorted(items):
        _write(digest, key)
        _write(digest, items[key])


def _leaf(digest: Any, name: str, content: bytes) -> None:
    digest.update(f"{name}:{len(content)}:".encode())
    digest.update(content)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


_PLAIN: Mapping[type, Any] = {
    type(None): lambda _: b"",
    bool: lambda value: b"1" if value else b"0",
    int: lambda value: str(value).encode("ascii"),
    # To the bit: -0.0 is not 0.0, and NaN is written too.
    float: lambda value: value.hex().encode("ascii"),
    str: lambda value: value.encode("utf-8", "surrogatepass"),
    bytes: bytes,
    date: lambda value: value.isoformat().encode("ascii"),
}
