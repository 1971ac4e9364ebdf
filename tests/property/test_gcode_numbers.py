"""Numbers of a program against decimal arithmetic: what is written is what was meant, exactly."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.gcode.numbers import Word, decimal_lines, decimal_text, format_lines, mm_text

quick = settings(max_examples=150, deadline=None, derandomize=True)

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")
WIDE = st.one_of(
    st.integers(-(10**12), 10**12),
    st.integers(-1_100, 1_100),
    st.sampled_from([10**k for k in range(13)]),
)


@given(WIDE, st.integers(0, 9))
@quick
def test_one_number_is_its_decimal_in_shortest_form(value: int, decimals: int) -> None:
    text = decimal_text(value, decimals)
    assert Decimal(text) == Decimal(value).scaleb(-decimals)
    assert NUMBER.fullmatch(text)


@given(WIDE, st.integers(1, 6), st.integers(0, 6))
@quick
def test_decimals_that_are_asked_for_are_there(value: int, decimals: int, least: int) -> None:
    text = decimal_text(value, decimals, min_decimals=least)
    assert Decimal(text) == Decimal(value).scaleb(-decimals)
    assert len(text.partition(".")[2]) >= least


def test_lengths_in_print() -> None:
    assert mm_text(-350) == "-0.35"
    assert mm_text(10_000, min_decimals=1) == "10.0"
    assert mm_text(0) == "0"


@st.composite
def words(draw: st.DrawFn) -> list[Word]:
    n = draw(st.integers(0, 12))
    found = []
    for letter in draw(st.permutations("XYZEF"))[: draw(st.integers(1, 5))]:
        values = draw(st.lists(WIDE, min_size=n, max_size=n))
        given_ = draw(st.lists(st.booleans(), min_size=n, max_size=n))
        found.append(
            Word(
                letter, np.array(values, np.int64), np.array(given_, bool), draw(st.integers(0, 7))
            )
        )
    return found


@given(words())
@quick
def test_a_block_of_lines_is_its_numbers_one_by_one(columns: list[Word]) -> None:
    text = format_lines("G1", columns)
    expected = []
    for row in range(len(columns[0].values)):
        shown = [
            f" {word.letter}{decimal_text(int(word.values[row]), word.decimals)}"
            for word in columns
            if word.is_given[row]
        ]
        expected.append(f"G1{''.join(shown)}\n")
    assert text.data.decode("ascii") == "".join(expected)
    assert text.ends.tolist() == np.cumsum([len(line) for line in expected]).tolist()


@pytest.mark.parametrize("decimals", [0, 3, 5])
def test_many_lines_are_written_like_few(decimals: int) -> None:
    """More than are written at once, every length of number among them."""
    rng = np.random.default_rng(3)
    n = 20_000
    values = rng.integers(-(10**9), 10**9, n) // 10 ** rng.integers(0, 9, n)
    is_given = rng.random(n) < 0.5
    text = format_lines("M", [Word("E", values, is_given, decimals)])
    expected = [
        f"M E{decimal_text(value, decimals)}\n" if shown else "M\n"
        for value, shown in zip(values.tolist(), is_given.tolist(), strict=True)
    ]
    assert text.data.decode("ascii") == "".join(expected)
    assert text.ends.tolist() == np.cumsum([len(line) for line in expected]).tolist()


def test_the_zero_has_no_sign() -> None:
    text = format_lines("G1", [Word("X", np.array([0, -1, 1]), np.ones(3, bool), 3)])
    assert text.data == b"G1 X0\nG1 X-0.001\nG1 X0.001\n"


@given(st.lists(st.integers(0, 10**10), min_size=0, max_size=20), st.integers(1, 7))
def test_lines_of_one_number_are_its_text_behind_their_head(
    values: list[int], decimals: int
) -> None:
    found = decimal_lines(";WIDTH:", np.array(values, np.int64), decimals)
    wanted = [f";WIDTH:{decimal_text(value, decimals)}\n".encode() for value in values]
    assert found == wanted


@given(words(), st.data())
@quick
def test_what_leads_stands_in_a_line_of_its_own_and_counts_with_the_next(
    columns: list[Word], data: st.DataObject
) -> None:
    n = len(columns[0].values)
    values = data.draw(st.lists(WIDE, min_size=n, max_size=n))
    given_ = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    lead = Word(";WIDTH:", np.array(values, np.int64), np.array(given_, bool), 6)
    text = format_lines("G1", columns, lead)
    plain = format_lines("G1", columns).data.splitlines(keepends=True)
    wanted = [
        (f";WIDTH:{decimal_text(value, 6)}\n".encode() if is_led else b"") + line
        for value, is_led, line in zip(values, given_, plain, strict=True)
    ]
    assert text.data == b"".join(wanted)
    assert text.ends.tolist() == np.cumsum([len(lines) for lines in wanted]).tolist()
