"""The table of measurements: read in one way or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.errors import InputError
from printstd.intake.measurements import read_measurements

HEAD = "characteristic;sense;along;nominal_mm;part;measured_mm"
GOOD = f"{HEAD}\r\nA;outside;xy;10;1;10.02\r\nA;outside;xy;10;2;9.98\r\n"


def test_lengths_are_exact() -> None:
    rows = read_measurements(GOOD.encode(), "t.csv").rows
    assert [(row.line, row.part, row.nominal_nm, row.measured_nm) for row in rows] == [
        (2, "1", 10_000_000, 10_020_000),
        (3, "2", 10_000_000, 9_980_000),
    ]


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace(".", ",").encode("utf-16"),
        ("sep=;\r\n" + GOOD).encode(),
        GOOD.replace(";", "\t").encode("utf-8-sig"),
        GOOD.replace(";", ",").encode("cp1251"),
    ],
)
def test_other_ways_to_write_it_say_the_same(data: bytes) -> None:
    rows = read_measurements(data, "t.csv").rows
    assert [row.measured_nm for row in rows] == [10_020_000, 9_980_000]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        (HEAD, "no row"),
        (GOOD.replace("measured_mm", "measured"), "no column is called"),
        (GOOD.replace("along;", "").replace("xy;", ""), "no column for along"),
        (GOOD.replace("part", "sense"), "two columns"),
        (GOOD.replace("9.98", "9,98"), "10.02"),
        (GOOD.replace("9.98", "-9.98"), "above 0"),
        (GOOD.replace("9.98", "nan"), "no plain decimal number"),
        (GOOD.replace("9.98", "1e1"), "no plain decimal number"),
        (GOOD.replace("9.98", ""), "no plain decimal number"),
        (GOOD.replace("9.98", "0.393"), "more than half of it off"),
        (GOOD.replace("outside", "outer"), "wanted one of outside, inside, step"),
        (GOOD.replace(";2;", ";1;"), "stands in line 2 too"),
        (GOOD.replace("9.98", "9.98;x"), "cells under a header"),
        (GOOD.replace(";", ",").replace(".", ","), "cells under a header"),
    ],
)
def test_what_is_no_such_table_is_refused_with_its_reason(text: str, word: str) -> None:
    with pytest.raises(InputError) as caught:
        read_measurements(text.encode(), "t.csv")
    assert word in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40), st.integers(0, len(GOOD)), st.integers(0, 30))
def test_no_bytes_do_anything_but_be_read_or_refused(noise: bytes, at: int, cut: int) -> None:
    data = GOOD.encode()
    try:
        table = read_measurements(data[:at] + noise + data[at + cut :], "t.csv")
    except InputError:
        return
    assert all(row.measured_nm > 0 and row.nominal_nm > 0 for row in table.rows)
