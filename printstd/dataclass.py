"""`@dataclass(frozen=True, slots=True)` for records that every call builds.

The standard library writes and compiles the text of six methods for each class: with some seventy
records on its way that was a tenth of a small part's slice. Here the methods of all classes are the
same functions over a class's fields. Everything else is the standard library's: fields, defaults,
slots, `replace`, `fields`, `asdict`, and what its classes answer (tests hold one against the
other). It is for frozen records with slots alone, without fields by keyword only or `InitVar`;
making one takes about twice as long, so what is made by the ten thousand stays with `dataclasses`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

Record = TypeVar("Record")


def _frozen_with_slots(
    *, frozen: bool, slots: bool, eq: bool = True
) -> Callable[[type[Record]], type[Record]]:
    if not (frozen and slots):
        raise TypeError("records that may change are the standard library's")

    def made(declared: type[Record]) -> type[Record]:
        plain = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)
        own: Any = plain(declared)
        methods = {
            "__init__": _init_of(own),
            "__repr__": _repr_of(own),
            "__setattr__": _refuse_to_set,
            "__delattr__": _refuse_to_delete,
            "__getstate__": _getstate,
            "__setstate__": _setstate,
        }
        if eq:
            methods |= {"__eq__": _eq_of(own), "__hash__": _hash_of(own)}
        for name, method in methods.items():
            # A class with an `__eq__` of its own has a `__hash__` of None that nobody wrote.
            if declared.__dict__.get(name) is None:
                setattr(own, name, method)
        # Who asks how the class was declared (a class that inherits from it) is told the truth.
        own.__dataclass_params__.init = own.__dataclass_params__.repr = True
        own.__dataclass_params__.eq, own.__dataclass_params__.frozen = eq, True
        found: type[Record] = own
        return found

    return made


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    dataclass = _frozen_with_slots


def _init_of(cls: Any) -> Callable[..., None]:
    known = dataclasses.fields(cls)
    if any(own.kw_only or not own.init for own in known):
        raise TypeError(f"{cls.__qualname__}: every field of such a record is given by its place")
    names = tuple(own.name for own in known)
    defaults = {own.name: own.default for own in known if own.default is not dataclasses.MISSING}
    factories: dict[str, Callable[[], Any]] = {
        own.name: own.default_factory
        for own in known
        if own.default_factory is not dataclasses.MISSING
    }
    is_checked = hasattr(cls, "__post_init__")
    put = object.__setattr__

    def __init__(self: Any, /, *args: Any, **given: Any) -> None:
        if len(args) > len(names):
            raise TypeError(f"{cls.__qualname__} has {len(names)} fields, not {len(args)}")
        for name, value in zip(names, args, strict=False):
            put(self, name, value)
        for name in names[len(args) :]:
            if name in given:
                value = given.pop(name)
            elif name in defaults:
                value = defaults[name]
            elif name in factories:
                value = factories[name]()
            else:
                raise TypeError(f"{cls.__qualname__}: {name!r} is missing")
            put(self, name, value)
        if given:
            raise TypeError(
                f"{cls.__qualname__}: {', '.join(given)}: no such field, or given twice"
            )
        if is_checked:
            self.__post_init__()

    return __init__


def _repr_of(cls: Any) -> Callable[[Any], str]:
    shown = tuple(own.name for own in dataclasses.fields(cls) if own.repr)

    def __repr__(self: Any) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({values})"

    return __repr__


def _eq_of(cls: Any) -> Callable[[Any, object], Any]:
    values = _values_of(own.name for own in dataclasses.fields(cls) if own.compare)

    def __eq__(self: Any, other: object) -> Any:
        if type(other) is not type(self):
            return NotImplemented
        return values(self) == values(other)

    return __eq__


def _hash_of(cls: Any) -> Callable[[Any], int]:
    values = _values_of(
        own.name
        for own in dataclasses.fields(cls)
        if (own.compare if own.hash is None else own.hash)
    )

    def __hash__(self: Any) -> int:
        return hash(values(self))

    return __hash__


def _values_of(names: Iterable[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What takes the values of these fields out of a record."""
    wanted = tuple(names)
    if len(wanted) > 1:
        return attrgetter(*wanted)
    return lambda record: tuple([getattr(record, name) for name in wanted])


def _refuse_to_set(self: object, name: str, value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, own.name) for own in dataclasses.fields(self)]


def _setstate(self: Any, state: list[Any]) -> None:
    for own, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, own.name, value)
