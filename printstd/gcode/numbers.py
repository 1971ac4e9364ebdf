"""Whole numbers to decimal text, for one number and for whole columns of moves at once.

No floating point: coordinates come in whole um, filament in whole 1e-5 mm, and their digits are
written down. Trailing zeros are left out, the zero before the point is kept (some parsers need
it: facts of slicers 2.11).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_ROWS_AT_ONCE: Final = 8192
"""Rows formatted together: their bytes stay in the processor's cache."""
_ZERO: Final = ord("0")


def decimal_text(value: int, decimals: int, *, min_decimals: int = 0) -> str:
    """`value` / 10^decimals: ``decimal_text(-350, 3)`` is ``-0.35``."""
    sign = "-" if value < 0 else ""
    whole, part = divmod(abs(value), 10**decimals)
    digits = f"{part:0{decimals}d}".rstrip("0").ljust(min_decimals, "0") if decimals else ""
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def mm_text(value_um: int, *, min_decimals: int = 0) -> str:
    """Micrometres as millimetres."""
    return decimal_text(value_um, 3, min_decimals=min_decimals)


class Word(NamedTuple):
    """One letter with its numbers: a column of `format_lines`.

    values : (m,) int64, number times 10^decimals. is_given : (m,) bool, the lines that have it.
    """

    letter: str
    values: NDArray[np.int64]
    is_given: NDArray[np.bool_]
    decimals: int


class Text(NamedTuple):
    """Lines one after another. ends : (m,) int64, where each line ends in `data`, its newline in."""

    data: bytes
    ends: NDArray[np.int64]


def format_lines(head: str, words: Sequence[Word]) -> Text:
    """Lines of `head` and the given words, one blank before each word, a newline after the last.

    All words have one value per line.
    """
    n_lines = len(words[0].values)
    shapes = [_Shape.of(word) for word in words]
    parts, lengths = [], []
    for begin in range(0, n_lines, _ROWS_AT_ONCE):
        rows = slice(begin, min(n_lines, begin + _ROWS_AT_ONCE))
        text, shown = _block(head.encode("ascii"), words, shapes, rows)
        parts.append(text[shown].tobytes())
        lengths.append(shown.sum(axis=1))
    ends = np.cumsum(np.concatenate(lengths)) if lengths else np.empty(0)
    return Text(b"".join(parts), ends.astype(np.int64))


class _Shape(NamedTuple):
    """How many columns a word takes: blank, letter, sign, digits, point, decimals."""

    digits: int
    decimals: int
    width: int
    has_sign: bool

    @staticmethod
    def of(word: Word) -> _Shape:
        given = word.values[word.is_given]
        largest = int(np.abs(given).max(initial=0))
        digits = max(1, len(str(largest)) - word.decimals)
        has_sign = bool((given < 0).any())
        point = 1 if word.decimals else 0
        return _Shape(
            digits, word.decimals, 2 + has_sign + digits + point + word.decimals, has_sign
        )


def _block(
    head: bytes, words: Sequence[Word], shapes: Sequence[_Shape], rows: slice
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    n = rows.stop - rows.start
    width = len(head) + sum(shape.width for shape in shapes) + 1
    text = np.empty((n, width), np.uint8)
    shown = np.zeros((n, width), bool)
    text[:, : len(head)] = np.frombuffer(head, np.uint8)
    shown[:, : len(head)] = True
    text[:, -1] = ord("\n")
    shown[:, -1] = True
    at = len(head)
    for word, shape in zip(words, shapes, strict=True):
        given = np.flatnonzero(word.is_given[rows])
        if len(given) == n:
            _fill(word, shape, word.values[rows], text[:, at:], shown[:, at:])
        elif len(given):
            some = np.empty((len(given), shape.width), np.uint8)
            seen = np.zeros((len(given), shape.width), bool)
            _fill(word, shape, word.values[rows][given], some, seen)
            text[given, at : at + shape.width] = some
            shown[given, at : at + shape.width] = seen
        at += shape.width
    return text, shown


def _fill(
    word: Word,
    shape: _Shape,
    values: NDArray[np.int64],
    text: NDArray[np.uint8],
    shown: NDArray[np.bool_],
) -> None:
    """Write one word's columns, the last digit first."""
    text[:, 0], text[:, 1] = ord(" "), ord(word.letter)
    shown[:, :2] = True
    at = 2
    rest = np.abs(values)
    rest = rest.astype(np.uint32) if int(rest.max(initial=0)) < 2**32 else rest.astype(np.uint64)
    if shape.has_sign:
        text[:, 2], shown[:, 2] = ord("-"), values < 0
        at = 3
    column = shape.width - 1
    is_worth = np.zeros(len(values), bool)
    for _ in range(shape.decimals):
        rest, digit = _last_digit(rest)
        is_worth |= digit != 0
        text[:, column] = digit + _ZERO
        shown[:, column] = is_worth
        column -= 1
    if shape.decimals:
        text[:, column] = ord(".")
        shown[:, column] = is_worth
        column -= 1
    while column >= at:
        # The last digit before the point always stands, the others if there is anything left.
        shown[:, column] = (rest != 0) | (column == at + shape.digits - 1)
        rest, digit = _last_digit(rest)
        text[:, column] = digit + _ZERO
        column -= 1


def _last_digit(
    rest: NDArray[np.unsignedinteger],
) -> tuple[NDArray[np.unsignedinteger], NDArray[np.uint8]]:
    tenth = rest // np.uint8(10)
    return tenth, (rest - tenth * np.uint8(10)).astype(np.uint8)
