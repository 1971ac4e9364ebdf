"""`typing.NamedTuple` for records that every call builds.

The standard library compiles the text of a constructor for each class, and the type of each field:
with a hundred such classes on its way that was a twentieth of a small part's slice. Here classes
with as many fields share one constructor's code, under the names of their own fields, and types
stay the text they are. Everything else is the same, also how fast records are made and read (tests
hold one against the other). It is for modules whose annotations are text, and for no generics.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable
from functools import cache
from operator import itemgetter
from types import FunctionType
from typing import TYPE_CHECKING, Any

_ONE: Any = collections.namedtuple("_ONE", "first")


_HIDDEN = {"__annotate__", "__annotate_func__"}
"""Where newer releases of Python keep the types of fields that are no text."""


def _reader(place: int, field: str) -> Any:
    """What reads a field by its place: the standard library's own, where it has one."""
    kind: Any = type(_ONE.first)
    if kind is property:
        return property(itemgetter(place), doc=f"Alias for field number {place}")
    return kind(place, f"Alias for field number {place}")


@cache
def _like(n_fields: int) -> Any:
    """A tuple of so many fields whose constructor's code others take."""
    return collections.namedtuple("_like", [f"field{place}" for place in range(n_fields)])


def _constructor(name: str, fields: tuple[str, ...], defaults: tuple[Any, ...]) -> Any:
    like = _like(len(fields)).__new__
    code = like.__code__.replace(co_varnames=("_cls", *fields))
    new = FunctionType(code, like.__globals__, "__new__", defaults or None)
    new.__qualname__ = f"{name}.__new__"
    new.__doc__ = f"Create new instance of {name}({', '.join(fields)})"
    return new


class _Declared(type):
    """Makes of a declaration what `typing.NamedTuple` does: a tuple with names."""

    def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> Any:
        if not bases:
            return super().__new__(cls, name, bases, space)
        types = space.get("__annotations__", {})
        if _HIDDEN & set(space) or not all(isinstance(kind, str) for kind in types.values()):
            raise TypeError(f"{name}: its module wants `from __future__ import annotations`")
        fields = tuple(types)
        if len(bases) > 1:
            raise TypeError(f"{name}: nothing but names can be added to a tuple")
        if any(field.startswith("_") for field in fields):
            raise TypeError(f"{name}: a field's name begins with no underscore")
        defaults = {field: space[field] for field in fields if field in space}
        if list(defaults) != list(fields[len(fields) - len(defaults) :]):
            raise TypeError(f"{name}: a field without a default follows one with a default")
        made = {own: value for own, value in space.items() if own not in defaults}
        made |= {
            "__slots__": (),
            "__new__": _constructor(name, fields, tuple(defaults.values())),
            "__match_args__": fields,
            "_fields": fields,
            "_field_defaults": defaults,
        }
        made |= {field: _reader(place, field) for place, field in enumerate(fields)}
        made.setdefault("__doc__", f"{name}({', '.join(fields)})")
        return type(name, (tuple,), _METHODS | made)


def _repr(self: Any) -> str:
    values = ", ".join(
        [f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True)]
    )
    return f"{type(self).__name__}({values})"


def _make(cls: Any, values: Iterable[Any]) -> Any:
    made = tuple.__new__(cls, values)
    if len(made) != len(cls._fields):
        raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
    return made


def _replace(self: Any, /, **given: Any) -> Any:
    made = self._make(map(given.pop, self._fields, self))
    if given:
        raise ValueError(f"Got unexpected field names: {list(given)!r}")
    return made


def _asdict(self: Any) -> dict[str, Any]:
    return dict(zip(self._fields, self, strict=True))


def _getnewargs(self: Any) -> tuple[Any, ...]:
    return tuple(self)


_METHODS: Any = {
    "__repr__": _repr,
    "__getnewargs__": _getnewargs,
    "_asdict": _asdict,
    "_make": classmethod(_make),
    "_replace": _replace,
}


if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    NamedTuple = _Declared("NamedTuple", (), {})
