"""Our named tuples against the standard library's."""

from __future__ import annotations

import copy
import pickle
import typing
from typing import Any

import pytest

from printstd import named_tuple


class Ours(named_tuple.NamedTuple):
    """Of a thing."""

    first: int
    second: tuple[str, ...]
    third: float = 0.5
    fourth: Ours | None = None

    def double(self) -> int:
        """Twice the first."""
        return 2 * self.first

    @property
    def is_long(self) -> bool:
        return len(self.second) > 1


class Theirs(typing.NamedTuple):
    """Of a thing."""

    first: int
    second: tuple[str, ...]
    third: float = 0.5
    fourth: Theirs | None = None

    def double(self) -> int:
        """Twice the first."""
        return 2 * self.first

    @property
    def is_long(self) -> bool:
        return len(self.second) > 1


class Nothing(named_tuple.NamedTuple):
    pass


def told(kind: Any) -> list[Any]:
    """What a class and its records answer."""
    one = kind(1, ("a", "b"))
    other = kind(second=(), first=2, fourth=one)
    name = kind.__name__
    return [
        kind.__bases__,
        kind.__doc__,
        kind._fields,
        kind._field_defaults,
        kind.__match_args__,
        kind.__slots__,
        kind.__module__,
        {n: str(t).replace(name, "") for n, t in typing.get_type_hints(kind).items()},
        [getattr(kind, field).__doc__ for field in kind._fields],
        type(kind.first),
        kind.__new__.__defaults__,
        kind.__new__.__doc__.replace(name, ""),
        tuple(one),
        repr(other).replace(name, ""),
        one.first,
        one.double(),
        one.is_long,
        other.is_long,
        one == (1, ("a", "b"), 0.5, None),
        hash(one),
        tuple(one._replace(third=2.0)),
        one._asdict(),
        tuple(kind._make([1, 2, 3, 4])),
        one.__getnewargs__(),
        tuple(copy.deepcopy(other)),
        type(pickle.loads(pickle.dumps(one))) is kind,
        hasattr(one, "__dict__"),
    ]


def test_ours_are_as_the_standard_librarys():
    assert told(Ours) == told(Theirs)
    match Ours(1, ()):
        case Ours(first, second):
            assert (first, second) == (1, ())


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_both_refuse_the_same(kind):
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'second'"):
        kind(1)
    with pytest.raises(TypeError, match="unexpected keyword argument 'fifth'"):
        kind(1, (), fifth=2)
    with pytest.raises(TypeError):
        kind(1, (), 0.0, None, 5)
    with pytest.raises(TypeError, match="Expected 4 arguments, got 2"):
        kind._make([1, 2])
    with pytest.raises((TypeError, ValueError), match="fifth"):
        kind(1, ())._replace(fifth=2)
    with pytest.raises(AttributeError):
        kind(1, ()).first = 3


def test_a_tuple_of_nothing():
    assert Nothing() == ()
    assert repr(Nothing()) == "Nothing()"


def test_classes_with_as_many_fields_keep_their_own_names():
    class One(named_tuple.NamedTuple):
        left: int
        right: int

    class Other(named_tuple.NamedTuple):
        up: int
        down: int = 7

    assert One(right=1, left=2)._asdict() == {"left": 2, "right": 1}
    assert Other(3)._asdict() == {"up": 3, "down": 7}
    with pytest.raises(TypeError, match="right"):
        One(1)


def test_what_cannot_be_declared_is_refused():
    made = type(named_tuple.NamedTuple)
    bases = (named_tuple.NamedTuple,)
    with pytest.raises(TypeError, match="annotations"):
        made("Typed", bases, {"__annotations__": {"first": int}})
    with pytest.raises(TypeError, match="without a default"):
        made("Gap", bases, {"__annotations__": {"first": "int", "second": "int"}, "first": 1})
    with pytest.raises(TypeError, match="underscore"):
        made("Hidden", bases, {"__annotations__": {"_first": "int"}})
    with pytest.raises(TypeError, match="nothing but names"):
        made("Two", (*bases, dict), {"__annotations__": {"first": "int"}})
