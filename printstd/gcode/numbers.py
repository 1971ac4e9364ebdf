"""Whole numbers to decimal text, for one number and for whole columns of moves at once.

No floating point: coordinates come in whole um, filament in whole 1e-5 mm, and their digits are
written down. Trailing zeros are left out, the zero before the point is kept (some parsers need
it: facts of slicers 2.11).

Columns are written three digits at a time out of tables. A row of the block has room for the
longest number of each word; what a shorter one does not need is NUL, and all NULs are dropped in
one go.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from printstd.named_tuple import NamedTuple

Digits = NDArray[np.unsignedinteger[Any]]

_ROWS_AT_ONCE: Final = 8192
"""Rows formatted together: their bytes stay in the processor's cache."""
_GROUP: Final = 3
"""Digits of one table entry, which has four bytes: a point fits before them."""
_LEAD: Final = "lead"
"""How the fields begin of what stands in a line of its own."""


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

    values : (m,) integers, number times 10^decimals. is_given : (m,) bool, the lines that have it.
    """

    letter: str
    values: NDArray[np.signedinteger]
    is_given: NDArray[np.bool_]
    decimals: int

    def of(self, rows: NDArray[np.int64]) -> Word:
        """The same word of some lines alone."""
        return self._replace(values=self.values[rows], is_given=self.is_given[rows])


class Text(NamedTuple):
    """Lines one after another. ends : (m,) int64, where each ends in `data`, its newline in."""

    data: bytes
    ends: NDArray[np.int64]


def format_lines(
    head: str | NDArray[np.bytes_], words: Sequence[Word], lead: Word | None = None
) -> Text:
    """Lines of `head` (one for all, or one for each) and the given words, one blank before each
    word, a newline after the last.

    All words have one value per line. lead : a line of its own before each that has it, of its
    letters (any text) and its value with nothing between; it counts with the line that follows.
    """
    n_lines = len(words[0].values)
    shapes = [_Shape.of(word) for word in words]
    heads = np.full(n_lines, head.encode("ascii")) if isinstance(head, str) else head
    first = _lead_fields(lead) if lead else []
    row = np.dtype([*first, *_row_fields(heads.dtype.itemsize, shapes)])
    blocks, lengths = [], []
    for begin in range(0, n_lines, _ROWS_AT_ONCE):
        rows = slice(begin, min(n_lines, begin + _ROWS_AT_ONCE))
        block = np.zeros(rows.stop - begin, row)
        block["head"], block["newline"] = heads[rows], ord("\n")
        if lead:
            _fill(block, _LEAD, lead, _Shape.of(lead), rows, lead.letter)
            block[f"{_LEAD}end"][lead.is_given[rows]] = ord("\n")
        for number, (word, shape) in enumerate(zip(words, shapes, strict=True)):
            _fill(block, f"{number}", word, shape, rows, f" {word.letter}")
        text = block.tobytes().translate(None, b"\0")
        blocks.append(text)
        newline = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
        lengths.append(newline[np.cumsum(lead.is_given[rows] + 1) - 1] if lead else newline)
    before = np.cumsum([0, *map(len, blocks)])
    shifted = [length + at for length, at in zip(lengths, before[:-1].tolist(), strict=True)]
    ends = np.concatenate(shifted).astype(np.int64) if shifted else np.empty(0, np.int64)
    return Text(b"".join(blocks), ends)


def decimal_lines(head: str, values: NDArray[np.signedinteger], decimals: int) -> list[bytes]:
    """A line of `head` and `decimal_text` for each value, with its newline."""
    word = Word("=", values, np.ones(len(values), np.bool_), decimals)
    return format_lines(head, [word]).data.replace(b" =", b"").splitlines(keepends=True)


class _Shape(NamedTuple):
    """whole : groups of digits before the point. fraction : digits of each group after it."""

    whole: int
    fraction: tuple[int, ...]
    has_sign: bool

    @staticmethod
    def of(word: Word) -> _Shape:
        values = word.values if word.is_given.all() else word.values[word.is_given]
        low, high = int(values.min(initial=0)), int(values.max(initial=0))
        digits = max(1, len(str(max(-low, high))) - word.decimals)
        full, rest = divmod(word.decimals, _GROUP)
        return _Shape(-(-digits // _GROUP), (_GROUP,) * full + (rest,) * (rest > 0), low < 0)


def _row_fields(head_bytes: int, shapes: Sequence[_Shape]) -> list[tuple[str, str]]:
    fields = [("head", f"S{head_bytes}")]
    for number, shape in enumerate(shapes):
        fields += _word_fields(f"{number}", 2, shape)
    return [*fields, ("newline", "u1")]


def _lead_fields(lead: Word) -> list[tuple[str, str]]:
    return [*_word_fields(_LEAD, len(lead.letter), _Shape.of(lead)), (f"{_LEAD}end", "u1")]


def _word_fields(name: str, n_letters: int, shape: _Shape) -> list[tuple[str, str]]:
    fields = [(f"{name}letter", f"S{n_letters}"), (f"{name}sign", "u1")]
    fields += [(f"{name}whole{group}", "u4") for group in range(shape.whole)]
    return [*fields, *((f"{name}part{group}", "u4") for group in range(len(shape.fraction)))]


def _fill(
    block: NDArray[Any], name: str, word: Word, shape: _Shape, rows: slice, letters: str
) -> None:
    """Write one word's columns, the last digits first."""
    values, at = word.values[rows], word.is_given[rows]
    is_whole = bool(at.all())
    if not is_whole:
        values = values[at]
        if not len(values):
            return

    def put(field: str, column: Any) -> None:
        if is_whole:
            block[name + field] = column
        else:
            block[name + field][at] = column

    put("letter", letters.encode("ascii"))
    if shape.has_sign:
        put("sign", np.where(values < 0, np.uint8(ord("-")), np.uint8(0)))
        values = np.abs(values)
    rest: Digits = values.astype(np.uint32 if int(values.max()) < 2**32 else np.uint64)
    is_followed = np.zeros(len(rest), bool)
    for group in range(len(shape.fraction) - 1, -1, -1):
        n_digits = shape.fraction[group]
        rest, digits = _split(rest, 10**n_digits)
        table = _after_point(n_digits, group == 0)
        put(f"part{group}", table[digits + is_followed * np.uint32(10**n_digits)])
        is_followed |= digits != 0
    for group in range(shape.whole - 1, 0, -1):
        rest, digits = _split(rest, 1000)
        table = _before_point(group == shape.whole - 1)
        put(f"whole{group}", table[digits + (rest != 0) * np.uint32(1000)])
    put("whole0", _before_point(shape.whole == 1)[rest])


def _split(rest: Digits, base: int) -> tuple[Digits, Digits]:
    """All but the last digits, and those."""
    above = rest // np.uint32(base)
    return above, rest - above * np.uint32(base)


@cache
def _before_point(is_last: bool) -> NDArray[np.uint32]:
    """0..999 with no digit before them, then with digits before them; alone, only the last group
    shows its zero."""
    leading = [str(number) if number or is_last else "" for number in range(1000)]
    return _entries([*leading, *(f"{number:03d}" for number in range(1000))])


@cache
def _after_point(digits: int, is_first: bool) -> NDArray[np.uint32]:
    """Decimals with nothing but zeros after them, then with more to come."""
    point = "." if is_first else ""
    full = [f"{point}{number:0{digits}d}" for number in range(10**digits)]
    return _entries([*(text.rstrip("0").rstrip(".") for text in full), *full])


def _entries(texts: Sequence[str]) -> NDArray[np.uint32]:
    return np.frombuffer(
        b"".join(text.encode("ascii").ljust(4, b"\0") for text in texts), np.uint32
    )
