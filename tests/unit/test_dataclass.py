"""Records made quickly answer as the standard library's do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd import dataclass as quick

MAKERS = {"quick": quick._frozen_with_slots, "plain": dataclasses.dataclass}


def declared(make: Any, *, eq: bool = True) -> Any:
    """The same class, by either maker."""

    class Point:
        """A place."""

        x: int
        names: tuple[str, ...]
        y: int = 3
        seen: list[int] = dataclasses.field(default_factory=list)
        note: str = dataclasses.field(default="", compare=False, repr=False, metadata={"a": 1})

        def __post_init__(self) -> None:
            if self.x < 0:
                object.__setattr__(self, "x", 0)

        def twice(self) -> int:
            return 2 * self.x

    Point.__qualname__ = "Point"
    return make(frozen=True, slots=True, eq=eq)(Point)


@quick.dataclass(frozen=True, slots=True)
class Sent:
    """What goes to another process."""

    a: int
    b: str = "b"


@quick.dataclass(frozen=True, slots=True)
class Own:
    """Its own methods stay."""

    a: int

    def __repr__(self) -> str:
        return "own"

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 7


@given(st.integers(), st.tuples(st.text()), st.integers(), st.text())
def test_both_hold_show_compare_and_hash_the_same(x, names, y, note):
    quick_kind, plain_kind = (declared(make) for make in MAKERS.values())
    one, other = quick_kind(x, names, note=note), plain_kind(x, names, note=note)
    assert repr(one) == repr(other)
    assert dataclasses.asdict(one) == dataclasses.asdict(other)
    assert one.twice() == other.twice()
    assert one != other
    assert one == quick_kind(x, names)
    assert one != quick_kind(x, names, y + 4)
    changed, expected = (dataclasses.replace(own, y=y) for own in (one, other))
    assert dataclasses.astuple(changed) == dataclasses.astuple(expected)
    assert (changed == one) is (expected == other) is (y == 3)


def test_both_declare_the_same():
    quick_kind, plain_kind = (declared(make) for make in MAKERS.values())
    for told in ("__slots__", "__match_args__", "__doc__", "__qualname__", "__module__"):
        assert getattr(quick_kind, told) == getattr(plain_kind, told), told
    assert repr(quick_kind.__dataclass_params__) == repr(plain_kind.__dataclass_params__)
    assert [(f.name, f.default, f.metadata) for f in dataclasses.fields(quick_kind)] == [
        (f.name, f.default, f.metadata) for f in dataclasses.fields(plain_kind)
    ]
    assert not hasattr(quick_kind(1, ()), "__dict__")


@pytest.mark.parametrize("maker", MAKERS)
def test_frozen_records_take_what_they_declare_and_no_more(maker):
    kind = declared(MAKERS[maker])
    record = kind(-4, names=())
    assert (record.x, record.y, record.seen) == (0, 3, [])
    assert kind(1, ()).seen is not kind(1, ()).seen
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
        record.x = 5
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'x'"):
        del record.x
    with pytest.raises(TypeError):
        hash(record)  # it holds a list
    for arguments, named in (((1,), {}), ((1, (), 3, [], "", 6), {}), ((1, ()), {"x": 2})):
        with pytest.raises(TypeError):
            kind(*arguments, **named)
    with pytest.raises(TypeError, match="z"):
        kind(1, (), z=2)


def test_equal_only_to_themselves_where_that_is_asked():
    for make in MAKERS.values():
        kind = declared(make, eq=False)
        one, other = kind(1, ()), kind(1, ())
        assert one == one
        assert one != other
        assert len({one, other}) == 2


def test_records_can_be_copied_sent_and_put_in_sets():
    record = Sent(1)
    for again in (pickle.loads(pickle.dumps(record)), copy.copy(record), copy.deepcopy(record)):
        assert again == record
        assert hash(again) == hash(record) == hash((1, "b"))
    match record:
        case Sent(a, b):
            assert (a, b) == (1, "b")


def test_methods_that_a_class_writes_stay():
    assert repr(Own(1)) == "own"
    assert Own(1) == Own(2)
    assert hash(Own(1)) == 7


def test_nothing_else_is_made():
    with pytest.raises(TypeError):
        quick._frozen_with_slots(frozen=False, slots=True)

    class Named:
        a: int = dataclasses.field(kw_only=True)

    with pytest.raises(TypeError, match="place"):
        quick._frozen_with_slots(frozen=True, slots=True)(Named)
