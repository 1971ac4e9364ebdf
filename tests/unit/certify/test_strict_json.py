"""JSON that could be read in two ways is not read at all (facts of certification 1)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.certify.strict_json import MAX_DEPTH, StrictJsonError, canonical, parse

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=6), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(plain)
@settings(max_examples=150, derandomize=True)
def test_what_is_written_canonically_reads_back_equal_and_writes_the_same_bytes(value):
    data = canonical(value)
    read = parse(data, max_bytes=1 << 20, what="x")
    assert read == value
    assert canonical(read) == data


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b'{"a":1,"a":1}', "stands twice"),
        (b'{"b":{"a":1,"a":2}}', "stands twice"),
        (b"[NaN]", "only integers"),
        (b"[Infinity]", "only integers"),
        (b"[-Infinity]", "only integers"),
        (b"[1.0]", "only integers"),
        (b"[1e3]", "only integers"),
        (b'\xef\xbb\xbf{"a":1}', "byte-order mark"),
        (b'{"a":1} x', "Extra data"),
        (b'{"a":1}{"a":1}', "Extra data"),
        (b'{"a":"\\ud800"}', "surrogates"),
        (b'{"a":"\xff"}', "decode"),
        (b'{"a":1', "delimiter"),
        (b"", "Expecting value"),
        (b"{'a':1}", "Expecting"),
    ],
)
def test_text_with_two_readings_is_refused(text, complaint):
    with pytest.raises(StrictJsonError, match=complaint):
        parse(text, max_bytes=1 << 20, what="x")


def test_depth_is_bounded_and_brackets_in_strings_do_not_count():
    at_limit = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert parse(at_limit, max_bytes=1 << 20, what="x")
    with pytest.raises(StrictJsonError, match="deeper"):
        parse(b"[" + at_limit + b"]", max_bytes=1 << 20, what="x")
    quoted = json.dumps({"a": "[" * 500 + '\\"' + "{" * 500}).encode()
    assert parse(quoted, max_bytes=1 << 20, what="x")
    with pytest.raises(StrictJsonError, match="deeper"):
        parse(b"[" * 100_000, max_bytes=1 << 20, what="a bomb")


def test_size_is_bounded_before_anything_is_parsed():
    with pytest.raises(StrictJsonError, match="at most 10"):
        parse(b"[" * 11, max_bytes=10, what="x")
