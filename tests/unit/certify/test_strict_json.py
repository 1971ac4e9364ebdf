"""JSON that could be read in two ways is not read at all (facts of certification 1)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.certify.strict_json import MAX_DEPTH, StrictJsonError, canonical, parse

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**38), 10**38)
    | st.text(st.characters(exclude_categories=["Cs"])),
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


@given(st.text(alphabet='"\\[]{}x', max_size=300))
@settings(max_examples=300, derandomize=True)
def test_depth_is_that_of_brackets_outside_strings_read_one_by_one(text):
    depth = deepest = 0
    in_string = is_escaped = False
    for sign in text:
        if in_string:
            in_string = is_escaped or sign != '"'
            is_escaped = sign == "\\" and not is_escaped
        elif sign == '"':
            in_string = True
        elif sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    with pytest.raises(StrictJsonError) as caught:
        parse(f"{text}\x00".encode(), max_bytes=1 << 20, what="x")
    assert ("deeper" in str(caught.value)) == (deepest > MAX_DEPTH)


def test_integers_are_bounded_and_zero_has_no_sign():
    assert parse(b"[1234567890, -1, 0]", max_bytes=100, what="x") == [1234567890, -1, 0]
    for text in (b"-0", b"9" * 41, b"[" + b"1" * 5000 + b"]"):
        with pytest.raises(StrictJsonError):
            parse(text, max_bytes=1 << 20, what="x")


@pytest.mark.parametrize("text", [b'["[[[["]', b'["\\"[[[["]', b'["\\\\", "]"]', b'{"a":"]}[{"}'])
def test_brackets_in_strings_do_not_nest(text):
    deep = b"[" * (MAX_DEPTH - 2) + text + b"]" * (MAX_DEPTH - 2)
    assert parse(deep, max_bytes=1 << 20, what="x")
    with pytest.raises(StrictJsonError, match="nested deeper"):
        parse(b"[[" + deep + b"]]", max_bytes=1 << 20, what="x")
