"""Strict DER: the few shapes of ASN.1 that signatures of other formats are made of.

Read without recursion and without copying more than once; anything that BER allows and DER does
not (indefinite or padded lengths, long tags) is refused, so that one text has one reading.
Source: X.690 section 10.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31
MAX_CHILDREN: Final = 1000


class DerError(ValueError):
    """The bytes are not DER, or not of the shape that is wanted."""


def context(number: int, *, constructed: bool = True) -> int:
    """The tag ``[number]``."""
    return (0xA0 if constructed else 0x80) | number


@dataclass(frozen=True, slots=True)
class Value:
    """One element. raw : with its tag and length; body : without."""

    tag: int
    body: bytes
    raw: bytes

    def children(self) -> list[Value]:
        """Of a constructed element, in their order."""
        if not self.tag & 0x20:
            raise DerError(f"tag 0x{self.tag:02x} holds no elements")
        found: list[Value] = []
        at = 0
        while at < len(self.body):
            if len(found) == MAX_CHILDREN:
                raise DerError(f"more than {MAX_CHILDREN} elements")
            one, at = _element(self.body, at)
            found.append(one)
        return found

    def only(self) -> Value:
        """The one element inside."""
        found = self.children()
        if len(found) != 1:
            raise DerError(f"{len(found)} elements where one is wanted")
        return found[0]

    def want(self, tag: int) -> Value:
        if self.tag != tag:
            raise DerError(f"tag 0x{self.tag:02x} where 0x{tag:02x} is wanted")
        return self

    def oid(self) -> str:
        self.want(OID)
        numbers: list[int] = []
        value = 0
        if not self.body or self.body[-1] & 0x80:
            raise DerError("an object identifier that is cut")
        is_first = True
        for byte in self.body:
            if is_first and byte == 0x80:
                raise DerError("an object identifier with a padded number")
            value = value << 7 | byte & 0x7F
            is_first = not byte & 0x80
            if is_first:
                numbers.append(value)
                value = 0
        root = min(numbers[0] // 40, 2)
        return ".".join(map(str, (root, numbers[0] - 40 * root, *numbers[1:])))

    def integer(self) -> int:
        self.want(INTEGER)
        padded = len(self.body) > 1 and self.body[0] in (0, 0xFF)
        if not self.body or (padded and (self.body[0] ^ self.body[1]) < 0x80):
            raise DerError("an integer that is not written the shortest way")
        return int.from_bytes(self.body, "big", signed=True)

    def time(self) -> str:
        """A GeneralizedTime as ``YYYY-MM-DDTHH:MM:SSZ``; fractions of a second are dropped."""
        text = self.want(GENERALIZED_TIME).body.decode("ascii", "replace")
        digits, fraction, rest = text[:14], text[14:-1], text[-1:]
        whole = len(digits) == 14 and digits.isascii() and digits.isdigit() and rest == "Z"
        if not whole or (fraction and not (fraction[0] == "." and fraction[1:].isdigit())):
            raise DerError("a time that is no UTC time of DER")
        d = digits
        return f"{d[:4]}-{d[4:6]}-{d[6:8]}T{d[8:10]}:{d[10:12]}:{d[12:14]}Z"


def read(data: bytes) -> Value:
    """The one element that `data` is; DerError where it is none, or something follows."""
    found, end = _element(data, 0)
    if end != len(data):
        raise DerError(f"{len(data) - end} bytes after the end")
    return found


def _element(data: bytes, start: int) -> tuple[Value, int]:
    if len(data) - start < 2:
        raise DerError("cut short")
    tag, length, at = data[start], data[start + 1], start + 2
    if tag & 0x1F == 0x1F:
        raise DerError("a tag of several bytes")
    if length == 0x80:
        raise DerError("an indefinite length: this is BER and not DER")
    if length > 0x80:
        n = length & 0x7F
        digits = data[at : at + n]
        length, at = int.from_bytes(digits, "big"), at + n
        if n > 4 or len(digits) != n or length < 0x80 or digits[0] == 0:
            raise DerError("a length that is not written the shortest way")
    if at + length > len(data):
        raise DerError("cut short")
    return Value(tag, data[at : at + length], data[start : at + length]), at + length


def write(tag: int, *parts: bytes) -> bytes:
    """One element around the parts."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def write_oid(text: str) -> bytes:
    first, second, *others = (int(part) for part in text.split("."))
    return write(OID, *(_base128(number) for number in (40 * first + second, *others)))


def _base128(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(number & 0x7F | 0x80)
    return bytes(reversed(digits))


def find(elements: Iterable[Value], tag: int) -> Value | None:
    """The first element with this tag."""
    return next((one for one in elements if one.tag == tag), None)
