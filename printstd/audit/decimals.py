"""Decimal numbers out of a byte buffer, all of them at once."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

LONGEST: Final = 15
"""Characters of a number; a longer one is refused. Fifteen digits are exact in float64."""

_POWERS: Final = np.array([10.0**k for k in range(LONGEST + 1)])
_MINUS, _DOT, _ZERO = 45, 46, 48
_WORD: Final = 8
"""Characters that one machine word holds: nearly every number of a program is that short."""


class Decimals(NamedTuple):
    """values : (n,) float64, the correctly rounded numbers, NaN where there is none.
    is_number : (n,) bool, the bytes are ``-? (digits [. digits?] | . digits)`` and nothing else.
    """

    values: NDArray[np.float64]
    is_number: NDArray[np.bool_]


def read_decimals(
    buffer: NDArray[np.uint8], start: NDArray[np.int64], end: NDArray[np.int64]
) -> Decimals:
    """Numbers at buffer[start:end] each. No exponent, no sign but minus, no blank, no hex.

    mantissa and power of ten are both exact in float64, so their quotient is the correctly
    rounded value (what strtod gives), with no string made of any of them.
    """
    n = len(start)
    mantissa = np.zeros(n, np.int64)
    decimals = np.zeros(n, np.int64)
    is_number = np.zeros(n, bool)
    is_full = (end > start) & (end - start <= LONGEST)
    is_negative = is_full & (buffer[start] == _MINUS)
    first = start + is_negative
    length = end - first
    is_short = is_full & (length <= _WORD) & (end >= _WORD)
    for rows, read in (
        (np.flatnonzero(is_short), _by_words),
        (np.flatnonzero(is_full & ~is_short), _by_columns),
    ):
        if len(rows):
            mantissa[rows], decimals[rows], is_number[rows] = read(buffer, first[rows], end[rows])
    values = mantissa / _POWERS[decimals]
    values = np.where(is_negative, -values, values)
    return Decimals(np.where(is_number, values, np.nan), is_number)


_Parts = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]


def _by_columns(
    buffer: NDArray[np.uint8], start: NDArray[np.int64], end: NDArray[np.int64]
) -> _Parts:
    """(mantissa, decimals, is a number) of unsigned numbers of any length, column by column."""
    length = end - start
    n = len(start)
    mantissa, decimals, digits = (np.zeros(n, np.int64) for _ in range(3))
    has_dot, is_bad = np.zeros(n, bool), np.zeros(n, bool)
    rows = np.arange(n)
    for column in range(int(length.max(initial=0))):
        # Short numbers fall out, so the work shrinks with the column.
        rows = rows[length[rows] > column]
        byte = buffer[start[rows] + column]
        digit = byte.astype(np.int64) - _ZERO
        is_digit = (digit >= 0) & (digit <= 9)
        is_dot = byte == _DOT
        mantissa[rows] = np.where(is_digit, mantissa[rows] * 10 + digit, mantissa[rows])
        digits[rows] += is_digit
        decimals[rows] += is_digit & has_dot[rows]
        is_bad[rows] |= ~is_digit & ~(is_dot & ~has_dot[rows])
        has_dot[rows] |= is_dot
    return mantissa, decimals, ~is_bad & (digits > 0)


def _u64(value: int) -> np.uint64:
    return np.uint64(value & 0xFFFF_FFFF_FFFF_FFFF)


_ONES: Final = 0x0101_0101_0101_0101
_ALL_ZEROS: Final = _u64(_ZERO * _ONES)
_ALL_DOTS: Final = _u64(_DOT * _ONES)
_LOW_BITS: Final = _u64(_ONES)
_HIGH_BITS: Final = _u64(0x80 * _ONES)
_HIGH_NIBBLES: Final = _u64(0xF0 * _ONES)
_SIXES: Final = _u64(0x06 * _ONES)
_PAIRS: Final = _u64(0x0000_00FF_0000_00FF)
_MUL_1: Final = _u64(100 + (1_000_000 << 32))
_MUL_2: Final = _u64(1 + (10_000 << 32))
_BIT: Final = np.uint64(1)


def _by_words(
    buffer: NDArray[np.uint8], start: NDArray[np.int64], end: NDArray[np.int64]
) -> _Parts:
    """The same of numbers of at most eight characters, each in one 64-bit word.

    The word ends with the number's last character (its highest byte); what lies before the
    number becomes zeros, the dot is taken out by moving what precedes it up by one byte, and
    eight digits are added up in three multiplications.
    """
    words = np.ndarray((len(buffer) - _WORD + 1,), "<u8", buffer, strides=(1,))
    word = words[end - _WORD].astype(np.uint64)
    length = end - start
    fill = (_BIT << (8 * np.minimum(_WORD - length, 7)).astype(np.uint64)) - _BIT
    # A shift by 64 is undefined: a number of no character (a lone minus) is no number anyway.
    word = (word & ~fill) | (_ALL_ZEROS & fill)
    # The lowest zero byte of `dots` is the first dot.
    dots = word ^ _ALL_DOTS
    zero = (dots - _LOW_BITS) & ~dots & _HIGH_BITS
    mark = zero & (~zero + _BIT)
    has_dot = mark != 0
    before = np.where(has_dot, (mark >> np.uint64(7)) - _BIT, np.uint64(0))
    after = np.where(has_dot, ~((mark << _BIT) - _BIT), ~np.uint64(0))
    digits = np.where(
        has_dot,
        (word & after) | ((word & before) << np.uint64(8)) | np.uint64(_ZERO),
        word,
    )
    is_digits = (
        ((digits & _HIGH_NIBBLES) ^ _ALL_ZEROS) | (((digits + _SIXES) & _HIGH_NIBBLES) ^ _ALL_ZEROS)
    ) == 0
    value = digits - _ALL_ZEROS
    value = value * np.uint64(10) + (value >> np.uint64(8))
    value = ((value & _PAIRS) * _MUL_1 + ((value >> np.uint64(16)) & _PAIRS) * _MUL_2) >> np.uint64(
        32
    )
    decimals = np.where(has_dot, 7 - (np.bitwise_count(before) >> 3).astype(np.int64), 0)
    is_number = is_digits & (length - has_dot > 0)
    return np.where(is_number, value, 0).astype(np.int64), decimals, is_number
