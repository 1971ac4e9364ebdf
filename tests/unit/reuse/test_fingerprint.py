"""Two values have one fingerprint only if they are equal to the bit and of the same types."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from printstd.reuse.fingerprint import fingerprint
from printstd.reuse.kept import Kept
from printstd.reuse.withheld import Withheld
from printstd.words import said
from tests.unit.toolpath.planning import profiles


class Pair(NamedTuple):
    a: Any
    b: Any


@dataclass(frozen=True)
class Couple:
    a: Any
    b: Any


def kept(stage: str, *inputs: object) -> Kept[int]:
    return Kept(None, stage, lambda: int, inputs, lambda: 1)


DIFFERENT: list[object] = [
    *(None, False, True, 0, 1, 0.0, -0.0, 1.0, float("nan"), "", "0", "1", b"", b"0", b"1"),
    *((), [], (None,), ((),), ((), ()), ("",), ("", ""), ("ab", "c"), ("a", "bc"), {}, {"a": 1}),
    *(Pair(1, 2), Pair(2, 1), (1, 2), [1, 2], Couple(1, 2), Couple(1, None), range(2)),
    *({"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": "1"}, {1: "a"}),
    np.zeros(0),
    np.zeros((0, 2)),
    np.zeros(2),
    np.zeros(2, np.int64),
    np.zeros(2, np.uint64),
    np.zeros((1, 2)),
    np.zeros((2, 1)),
    -np.zeros(2),
    np.arange(4.0).reshape(2, 2),
    np.arange(4.0).reshape(2, 2).T,
    kept("a"),
    kept("b"),
    kept("a", 1),
    kept("a", kept("a", 1)),
    Withheld("a"),
    profiles().process,
    profiles().material,
    profiles(("process.infill.density_ratio", "0.31")).process,
]


def test_what_differs_has_another_fingerprint() -> None:
    found = [fingerprint(value) for value in DIFFERENT]
    for (i, a), (j, b) in itertools.combinations(enumerate(found), 2):
        assert a != b, (DIFFERENT[i], DIFFERENT[j])
    assert fingerprint(1, 2) != fingerprint((1, 2)) != fingerprint(1, (2,))


def test_what_is_equal_has_the_same() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    strided = np.arange(8)[::2]
    assert fingerprint(strided) == fingerprint(strided.copy())
    once, again = profiles.__wrapped__(), profiles.__wrapped__()
    assert once.process is not again.process
    assert fingerprint(once.process, once.printer) == fingerprint(again.process, again.printer)
    # Copied models are others, whatever was known of what they were copied from.
    copied = once.process.model_copy(update={"resolution_mm": 0.1})
    assert fingerprint(copied) != fingerprint(once.process)
    assert fingerprint(kept("a", 1)) == fingerprint(kept("a", 1))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_fingerprints_are_equal_where_values_are(a: Any, b: Any) -> None:
    # `repr` tells 1, 1.0 and True apart; a NaN is a NaN.
    assert (fingerprint(a) == fingerprint(b)) == (repr(a) == repr(b))


class Loose(BaseModel):
    a: int = 1


@pytest.mark.parametrize(
    "value", [object(), len, {1, 2}, np.array([None]), Loose(), open, np.float64(1)]
)
def test_what_has_no_content_of_its_own_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="fingerprint"):
        fingerprint(value)


def test_a_withheld_setting_is_in_no_key() -> None:
    resolved = profiles()
    process = resolved.process.model_copy(update={"speeds": Withheld("process.speeds")})
    faster = profiles(("speeds.infill_mm_s", "99")).process
    other = faster.model_copy(update={"speeds": Withheld("process.speeds")})
    assert fingerprint(faster) != fingerprint(resolved.process)
    assert fingerprint(process) == fingerprint(other)
    assert fingerprint(replace(resolved, process=process, request=None, origins={}, digests={}))


def test_sentences_count_by_what_is_read_of_them() -> None:
    told = said("{n} holes", n=2)
    assert fingerprint(told) == fingerprint(said("{n} holes", n=2))
    others = [said("{n} holes", n=3), said("{m} holes", m=2), "2 holes"]
    assert len({fingerprint(one) for one in (told, *others)}) == 4
