"""Records and their bytes: there and back, and nothing else is taken for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hn
from numpy.typing import NDArray

from printstd.artifacts.layers import LayerStack
from printstd.reuse.packed import NotPacked, unpack
from printstd.words import Counted, Said, counted, said
from tests.caches import packed_bytes
from tests.stacks import box, stack_of


class Kind(Enum):
    ROUND = "round"
    FLAT = "flat"


@dataclass(frozen=True)
class Inner:
    kind: Kind
    text: str
    share: float


class Whole(NamedTuple):
    count: int
    is_open: bool
    maybe: int | None
    pair: tuple[int, float]
    inner: tuple[Inner, ...]
    blob: bytes
    numbers: NDArray[np.int64]
    plane: NDArray[np.float64]
    flags: list[NDArray[np.bool_]]


arrays = hn.arrays(np.int64, st.integers(0, 9))
planes = hn.arrays(np.float64, st.tuples(st.integers(0, 4), st.just(2)))
wholes = st.builds(
    Whole,
    st.integers(),
    st.booleans(),
    st.none() | st.integers(),
    st.tuples(st.integers(), st.floats()),
    st.lists(st.builds(Inner, st.sampled_from(Kind), st.text(), st.floats()), max_size=3).map(
        tuple
    ),
    st.binary(max_size=99),
    arrays,
    planes,
    st.lists(hn.arrays(np.bool_, st.integers(0, 70)), max_size=3),
)


def shown(record: Any) -> str:
    """All of it, to the bit."""
    if isinstance(record, np.ndarray):
        return f"{record.dtype}{record.shape}{record.tobytes()!r}"
    if isinstance(record, (tuple, list)):
        return f"{type(record).__name__}({', '.join(map(shown, record))})"
    return repr(record)


def test_sentences_remember_what_they_were_made_of() -> None:
    part = said("the bore {name}", name="B{1}")
    share = float(np.float64(0.1))
    told = said("{part}: {size:.3f} mm, {count} times", part=part, size=share, count=2)
    data = packed_bytes(Inner, Inner(Kind.FLAT, told, 0.5))
    (again,) = [unpack(Inner, data).text]
    assert again == "the bore B{1}: 0.100 mm, 2 times"
    assert isinstance(again, Said)
    assert again.template == told.template
    assert dict(again.values) == dict(told.values)
    inner = again.values["part"]
    assert isinstance(inner, Said)
    assert inner.template == "the bore {name}"


@pytest.mark.parametrize(
    "forged",
    [
        '{"template":"{a.b}","values":{"a":1}}',
        '{"template":"{0}","values":{}}',
        '{"template":"{a","values":{"a":1}}',
        '{"template":5,"values":{}}',
        '{"template":"a","values":[]}',
        '{"template":"{a}","values":{"a":[1]}}',
        '{"template":"a"}',
        '{"float":"no"}',
        '{"float":1}',
    ],
)
def test_forged_sentences_are_refused(forged: str) -> None:
    outline = f'["FLAT",{forged},"0x1p-1"]'.encode()
    with pytest.raises(NotPacked):
        unpack(Inner, len(outline).to_bytes(8, "little") + outline)


@given(wholes)
def test_there_and_back(record: Whole) -> None:
    found = unpack(Whole, packed_bytes(Whole, record))
    assert shown(found) == shown(record)
    for array in (found.numbers, found.plane, *found.flags):
        assert not array.flags.writeable or not array.size
    assert packed_bytes(Whole, found) == packed_bytes(Whole, record)


@given(wholes, st.data())
def test_bytes_that_were_cut_or_grew_are_refused(record: Whole, data: st.DataObject) -> None:
    packed = packed_bytes(Whole, record)
    cut = data.draw(st.integers(0, len(packed) - 1))
    for wrong in (packed[:cut], packed + b"\0", packed + packed):
        with pytest.raises(NotPacked):
            unpack(Whole, wrong)


@given(wholes, st.data())
def test_bytes_that_were_changed_are_refused_or_such_a_record(
    record: Whole, data: st.DataObject
) -> None:
    """The digest keeps accidents away; here even a forgery may be no more than a wrong record."""
    packed = bytearray(packed_bytes(Whole, record))
    at = data.draw(st.integers(0, len(packed) - 1))
    packed[at] ^= data.draw(st.integers(1, 255))
    try:
        found = unpack(Whole, bytes(packed))
    except NotPacked:
        return
    assert isinstance(found, Whole)


@given(st.binary(max_size=200))
def test_no_bytes_are_more_than_refused(data: bytes) -> None:
    with pytest.raises(NotPacked):
        unpack(Whole, data)


def test_a_record_that_holds_what_it_does_not_declare_is_not_written() -> None:
    good = Inner(Kind.FLAT, "", 0.5)
    for wrong in (1, "0.5", None, np.float64(0.5)):
        with pytest.raises(TypeError):
            packed_bytes(Inner, Inner(good.kind, good.text, wrong))  # type: ignore[arg-type]


def test_another_record_is_not_taken_for_it() -> None:
    stack = stack_of(*box((4, 4, 1)))
    packed = packed_bytes(LayerStack, stack)
    assert shown(unpack(LayerStack, packed).xy_nm) == shown(stack.xy_nm)
    with pytest.raises(NotPacked):
        unpack(Whole, packed)
    with pytest.raises(NotPacked):
        unpack(LayerStack, packed_bytes(Inner, Inner(Kind.FLAT, "", 0.5)))


def test_a_record_that_its_own_rules_refuse_is_refused() -> None:
    """`LayerStack` checks its borders whoever makes one."""
    stack = stack_of(*box((4, 4, 1)))
    packed = packed_bytes(LayerStack, stack)
    at = packed.rindex(np.int64(stack.layer_offsets[-1]).tobytes())
    with pytest.raises(NotPacked):
        unpack(LayerStack, packed[:at] + np.int64(9999).tobytes() + packed[at + 8 :])


class Told(NamedTuple):
    unit: Literal["mm", "deg"]
    text: str


@pytest.mark.parametrize("count", [1, 3])
def test_a_sentence_with_a_number_comes_back_with_both_its_forms(count):
    sentence = counted("{count} edge is open", "{count} edges are open", count=count)
    found = unpack(Told, packed_bytes(Told, Told("mm", sentence)))
    assert found.text == sentence
    assert isinstance(found.text.template, Counted)
    own, other = found.text.template, sentence.template
    assert (own.one, own.many, own.number) == (other.one, other.many, other.number)


def test_a_whole_number_of_an_array_is_a_whole_number():
    found = unpack(Told, packed_bytes(Told, Told("mm", said("{n} facets", n=np.int64(7)))))
    assert found.text == "7 facets"
    assert type(found.text.values["n"]) is int


def test_a_word_that_is_none_of_the_few_is_refused():
    data = packed_bytes(Told, Told("deg", "x"))
    assert unpack(Told, data).unit == "deg"
    with pytest.raises(NotPacked):
        unpack(Told, data.replace(b'"deg"', b'"rad"'))
    with pytest.raises(TypeError):
        packed_bytes(Told, Told("rad", "x"))
