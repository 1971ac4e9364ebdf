"""Decimal numbers out of a byte buffer, all of them at once."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

LONGEST: Final = 15
"""Characters of a number; a longer one is refused. Fifteen digits are exact in float64."""

_POWERS: Final = np.array([10.0**k for k in range(LONGEST + 1)])
_MINUS, _DOT, _ZERO = 45, 46, 48


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
    length = end - start
    mantissa = np.zeros(n, np.int64)
    decimals = np.zeros(n, np.int64)
    digits = np.zeros(n, np.int64)
    has_dot = np.zeros(n, bool)
    is_bad = (length <= 0) | (length > LONGEST)
    is_negative = np.zeros(n, bool)
    rows = np.flatnonzero(~is_bad)
    for column in range(int(length[rows].max(initial=0))):
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
        if column == 0:
            minus = rows[byte == _MINUS]
            is_negative[minus] = True
            is_bad[minus] = False
    is_number = ~is_bad & (digits > 0)
    values = mantissa / _POWERS[decimals]
    values = np.where(is_negative, -values, values)
    return Decimals(np.where(is_number, values, np.nan), is_number)
