"""Strict DER: one text has one reading, and what BER allows besides is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.certify import der
from printstd.certify.der import DerError

trees = st.recursive(
    st.binary(max_size=300), lambda inner: st.lists(inner, max_size=4), max_leaves=12
)


def _written(tree) -> bytes:
    if isinstance(tree, bytes):
        return der.write(der.OCTET_STRING, tree)
    return der.write(der.SEQUENCE, *map(_written, tree))


def _read(value: der.Value):
    if value.tag == der.OCTET_STRING:
        return value.body
    return [_read(one) for one in value.want(der.SEQUENCE).children()]


@given(trees)
@settings(max_examples=150, derandomize=True)
def test_what_is_written_reads_back(tree):
    assert _read(der.read(_written(tree))) == tree


@given(st.binary(max_size=40))
@settings(max_examples=300, derandomize=True)
def test_any_bytes_are_read_whole_in_the_shortest_way_or_refused(data):
    try:
        value = der.read(data)
    except DerError:
        return
    assert der.write(value.tag, value.body) == data == value.raw


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x01",
        b"\x30\x00\x00",
        b"\x30\x80\x00\x00",
        b"\x30\x81\x01\x00",
        b"\x30\x82\x00\x81" + bytes(129),
        b"\x30\x85\x00\x00\x00\x00\x01\x00",
        b"\x3f\x81\x01\x00",
    ],
)
def test_cut_trailing_indefinite_padded_and_long_forms_are_refused(data):
    with pytest.raises(DerError):
        der.read(data)


@pytest.mark.parametrize("text", ["1.2.840.113549.1.7.2", "2.999.3", "1.3.101.112", "0.9.0"])
def test_object_identifiers_are_as_they_are_written(text):
    assert der.read(der.write_oid(text)).oid() == text


@pytest.mark.parametrize(
    "body", [b"", b"\x2a\x86", b"\x2a\x80\x01", b"\x80\x01"], ids=["none", "cut", "padded", "first"]
)
def test_odd_object_identifiers_are_refused(body):
    with pytest.raises(DerError):
        der.read(der.write(der.OID, body)).oid()


@given(st.integers(-(2**70), 2**70))
@settings(max_examples=80, derandomize=True)
def test_integers_have_one_spelling(number):
    size = max(1, (number.bit_length() + 8) // 8)
    body = number.to_bytes(size, "big", signed=True)
    shortest = len(body) == 1 or not (
        (body[0] == 0 and body[1] < 0x80) or (body[0] == 0xFF and body[1] >= 0x80)
    )
    value = der.read(der.write(der.INTEGER, body))
    if shortest:
        assert value.integer() == number
    padded = der.write(der.INTEGER, (b"\xff" if number < 0 else b"\x00") + body)
    if shortest and (number < 0) == (body[0] >= 0x80):
        with pytest.raises(DerError):
            der.read(padded).integer()


def test_times_are_utc_of_der():
    def time(text: str) -> str:
        return der.read(der.write(der.GENERALIZED_TIME, text.encode())).time()

    assert time("20261126080421Z") == "2026-11-26T08:04:21Z"
    assert time("20261126080421.5Z") == "2026-11-26T08:04:21Z"
    for text in ("202611260804Z", "20261126080421", "20261126080421+0500", "20261126080421,5Z"):
        with pytest.raises(DerError):
            time(text)


def test_a_flood_of_elements_is_refused():
    with pytest.raises(DerError, match="more than"):
        der.read(der.write(der.SEQUENCE, b"\x05\x00" * 1001)).children()
