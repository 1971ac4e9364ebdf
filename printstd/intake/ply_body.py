"""The rows behind a PLY header, binary or text.

Rows that are all alike (no lists, or lists of one length, as triangles are) come out as one
array; only where lengths differ are rows walked one by one. Memory is bounded by what the
file holds: a row that is declared and not there refuses the file first.
"""

from __future__ import annotations

from typing import NamedTuple, NoReturn, Protocol

import numpy as np
from numpy.typing import NDArray

from printstd.errors import InputError
from printstd.intake.numbers import BadNumber, integers, reals
from printstd.words import said


class Column(NamedTuple):
    name: str
    type: str
    """NumPy type without its byte order."""
    count_type: str
    """Type of a list's length; empty for a single value."""

    @property
    def is_list(self) -> bool:
        return bool(self.count_type)


class Table(Protocol):
    def scalars(self, column: int) -> NDArray[np.float64]:
        """(rows,) float64 of a single-valued column."""
        ...

    def lists(self, column: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(length of each row's list (rows,), all values, flat), int64."""
        ...


class Body(Protocol):
    def read(self, name: str, count: int, columns: tuple[Column, ...]) -> Table:
        """The next element's rows."""
        ...

    def surplus(self) -> tuple[int, int]:
        """(bytes behind the last element that was read, where they begin)."""
        ...


def binary_body(data: bytes, start: int, byte_order: str) -> Body:
    return _BinaryBody(data, start, byte_order)


def text_body(data: bytes, start: int) -> Body:
    return _TextBody(data, start)


def _refuse_short(name: str, row: int, count: int) -> NoReturn:
    raise InputError(
        said("the file ends before its last element"),
        where=said("element {name}, row {row}", name=name, row=row),
        wanted=said("{count} rows, as the header says", count=count),
        hint=said("copy or download the file again"),
        code="PLY-003",
    )


class _RowTable:
    """Rows of one structure: columns as arrays."""

    def __init__(self, columns: list[NDArray[np.generic]], widths: list[int]) -> None:
        self.columns, self.widths = columns, widths

    def scalars(self, column: int) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore"):  # signalling NaNs stay NaNs, and are refused later
            return np.asarray(self.columns[column], np.float64).reshape(-1)

    def lists(self, column: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        values = self.columns[column]
        counts = np.full(len(values), self.widths[column], np.int64)
        return counts, _whole(np.asarray(values).reshape(-1))


class _WalkedTable:
    """Rows of differing lengths, gathered one by one."""

    def __init__(self, values: list[list[float]], lists: dict[int, list[list[float]]]) -> None:
        self.values, self.of_lists = values, lists

    def scalars(self, column: int) -> NDArray[np.float64]:
        return np.array(self.values[column], np.float64)

    def lists(self, column: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rows = self.of_lists[column]
        counts = np.array([len(row) for row in rows], np.int64)
        return counts, _whole(np.array([value for row in rows for value in row], np.float64))


def _whole(values: NDArray[np.generic]) -> NDArray[np.int64]:
    """Indices as int64; -1, which no check lets pass, for what is no whole number."""
    if values.dtype.kind != "f":
        return values.astype(np.int64)
    reals_ = np.asarray(values, np.float64)
    with np.errstate(invalid="ignore"):
        is_index = (np.abs(reals_) < 2.0**53) & (np.floor(reals_) == reals_)
    return np.where(is_index, reals_, -1.0).astype(np.int64)


class _BinaryBody:
    def __init__(self, data: bytes, start: int, byte_order: str) -> None:
        self.data, self.at, self.byte_order = data, start, byte_order

    def surplus(self) -> tuple[int, int]:
        return len(self.data) - self.at, self.at

    def read(self, name: str, count: int, columns: tuple[Column, ...]) -> Table:
        if count == 0:
            return _WalkedTable([[] for _ in columns], {i: [] for i in range(len(columns))})
        widths = self._first_widths(name, count, columns)
        row = np.dtype(
            [
                field
                for i, column in enumerate(columns)
                for field in self._fields(i, column, widths[i])
            ]
        )
        fits = self.at + row.itemsize * count <= len(self.data)
        if fits or not any(column.is_list for column in columns):
            if not fits:
                _refuse_short(name, (len(self.data) - self.at) // max(row.itemsize, 1), count)
            rows = np.frombuffer(self.data, row, count, self.at)
            if all(
                (rows[f"n{i}"] == widths[i]).all()
                for i, column in enumerate(columns)
                if column.is_list
            ):
                self.at += row.itemsize * count
                return _RowTable([rows[f"c{i}"] for i in range(len(columns))], widths)
        return self._walked(name, count, columns)

    def _fields(
        self, index: int, column: Column, width: int
    ) -> list[tuple[str, str] | tuple[str, str, tuple[int, ...]]]:
        kind = self.byte_order + column.type
        if not column.is_list:
            return [(f"c{index}", kind)]
        return [(f"n{index}", self.byte_order + column.count_type), (f"c{index}", kind, (width,))]

    def _first_widths(self, name: str, count: int, columns: tuple[Column, ...]) -> list[int]:
        """Lengths of the first row's lists; 1 for a single value."""
        at, widths = self.at, []
        for column in columns:
            width = 1
            if column.is_list:
                width = self._length(name, 0, count, at, column)
                at += np.dtype(column.count_type).itemsize
            widths.append(width)
            at += np.dtype(column.type).itemsize * width
        if at > len(self.data):
            _refuse_short(name, 0, count)
        return widths

    def _length(self, name: str, row: int, count: int, at: int, column: Column) -> int:
        if at + np.dtype(column.count_type).itemsize > len(self.data):
            _refuse_short(name, row, count)
        length = int(np.frombuffer(self.data, self.byte_order + column.count_type, 1, at)[0])
        if length < 0 or length * np.dtype(column.type).itemsize > len(self.data) - at:
            _refuse_short(name, row, count)
        return length

    def _walked(self, name: str, count: int, columns: tuple[Column, ...]) -> Table:
        values: list[list[float]] = [[] for _ in columns]
        lists: dict[int, list[list[float]]] = {
            i: [] for i, column in enumerate(columns) if column.is_list
        }
        sizes = [np.dtype(column.type).itemsize for column in columns]
        kinds = [np.dtype(self.byte_order + column.type) for column in columns]
        for row in range(count):
            for i, column in enumerate(columns):
                length = 1
                if column.is_list:
                    length = self._length(name, row, count, self.at, column)
                    self.at += np.dtype(column.count_type).itemsize
                if self.at + sizes[i] * length > len(self.data):
                    _refuse_short(name, row, count)
                found = np.frombuffer(self.data, kinds[i], length, self.at).tolist()
                self.at += sizes[i] * length
                if column.is_list:
                    lists[i].append(found)
                else:
                    values[i].append(found[0])
        return _WalkedTable(values, lists)


class _TextBody:
    def __init__(self, data: bytes, start: int) -> None:
        self.words = data[start:].split()
        self.size = len(data)
        self.at = 0

    def surplus(self) -> tuple[int, int]:
        left = self.words[self.at :]
        return sum(len(word) for word in left), self.size - sum(len(word) + 1 for word in left)

    def read(self, name: str, count: int, columns: tuple[Column, ...]) -> Table:
        if count == 0 or not columns:
            return _WalkedTable([[] for _ in columns], {i: [] for i in range(len(columns))})
        widths = self._first_widths(name, count, columns)
        has_list = any(column.is_list for column in columns)
        per_row = sum(width + column.is_list for width, column in zip(widths, columns, strict=True))
        if self.at + per_row * count <= len(self.words):
            table = self._rows(name, count, columns, widths, per_row)
            if table is not None:
                self.at += per_row * count
                return table
        elif not has_list:
            _refuse_short(name, (len(self.words) - self.at) // per_row, count)
        return self._walked(name, count, columns)

    def _rows(
        self,
        name: str,
        count: int,
        columns: tuple[Column, ...],
        widths: list[int],
        per_row: int,
    ) -> Table | None:
        """All rows at once, or None where a list has another length."""
        words = self.words[self.at : self.at + per_row * count]
        # Lengths first: only where all are alike does a column hold what its name says.
        at = 0
        for column, width in zip(columns, widths, strict=True):
            if column.is_list and words[at::per_row] != [words[at]] * count:
                return None
            at += width + column.is_list
        found: list[NDArray[np.generic]] = []
        at = 0
        for column, width in zip(columns, widths, strict=True):
            at += column.is_list
            block = [
                self._values(name, words[k::per_row], column, per_row, k)
                for k in range(at, at + width)
            ]
            found.append(np.stack(block, axis=1) if block else np.empty((count, 0)))
            at += width
        return _RowTable(found, widths)

    def _values(
        self, name: str, words: list[bytes], column: Column, per_row: int, offset: int
    ) -> NDArray[np.generic]:
        try:
            return reals(words) if "f" in column.type else integers(words)
        except BadNumber as bad:
            self._refuse_word(name, bad.index, column, words[bad.index])

    def _first_widths(self, name: str, count: int, columns: tuple[Column, ...]) -> list[int]:
        at, widths = self.at, []
        for column in columns:
            width = 1
            if column.is_list:
                width = self._length(name, 0, count, at, column)
                at += 1
            widths.append(width)
            at += width
        if at > len(self.words):
            _refuse_short(name, 0, count)
        return widths

    def _length(self, name: str, row: int, count: int, at: int, column: Column) -> int:
        if at >= len(self.words):
            _refuse_short(name, row, count)
        try:
            length = int(integers([self.words[at]])[0])
        except BadNumber:
            self._refuse_word(name, row, column, self.words[at])
        if length < 0:
            self._refuse_word(name, row, column, self.words[at])
        if length > len(self.words) - at:
            _refuse_short(name, row, count)
        return length

    def _walked(self, name: str, count: int, columns: tuple[Column, ...]) -> Table:
        values: list[list[float]] = [[] for _ in columns]
        lists: dict[int, list[list[float]]] = {
            i: [] for i, column in enumerate(columns) if column.is_list
        }
        for row in range(count):
            for i, column in enumerate(columns):
                length = 1
                if column.is_list:
                    length = self._length(name, row, count, self.at, column)
                    self.at += 1
                if self.at + length > len(self.words):
                    _refuse_short(name, row, count)
                words = self.words[self.at : self.at + length]
                found = self._values(name, words, column, 1, 0).tolist()
                self.at += length
                if column.is_list:
                    lists[i].append(found)
                else:
                    values[i].append(found[0])
        return _WalkedTable(values, lists)

    def _refuse_word(self, name: str, row: int, column: Column, word: bytes) -> NoReturn:
        shown = word[:40].decode("utf-8", "backslashreplace")
        text = shown.lower().lstrip("+-")
        if text.startswith(("nan", "inf")):
            what, code = said("a coordinate is no finite number"), "PLY-010"
        elif b"," in word:
            what, code = said("a comma in a number"), "PLY-012"
        else:
            what, code = said("this is no number of the declared type"), "PLY-016"
        raise InputError(
            what,
            where=said(
                "element {name}, row {row}, property {property}",
                name=name,
                row=row,
                property=column.name,
            ),
            got=f"`{shown}`",
            wanted=column.type,
            hint=said("export the part again"),
            code=code,
        )
