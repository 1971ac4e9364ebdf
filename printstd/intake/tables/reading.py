"""The one way in which a table's bytes can be read; where there are two, none of them is taken.

Nothing is guessed and nothing is skipped: every row is understood, or the table is refused with all
rows that are not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from printstd.errors import InputError
from printstd.intake.tables.encodings import Decoded, decoded, is_plausible
from printstd.intake.tables.numbers import could_be_thousands, has_comma, plain
from printstd.intake.tables.separated import (
    SEPARATORS,
    NoTableError,
    Table,
    stated_separator,
    table_of,
)
from printstd.words import Said, listed, said

_SHOWN: Final = 12

Row = TypeVar("Row")
NumberedRow = tuple[int, Mapping[str, str]]
"""Line of the file, 1-based, and its cells by the meaning of their columns."""


class BadRowError(ValueError):
    """Says what of the row cannot be understood."""

    def __init__(self, problem: Said) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class TableForm:
    """What a table of one kind is like, and how its errors are worded.

    columns_of : meaning of each cell of a header; raises NoTableError. numeric : columns that hold
    numbers. code : ``DRW``: errors are ``DRW-TABLE``, ``DRW-ROW``, ``DRW-AMBIGUOUS``. no_table,
    header, hint : what it is not, what is wanted of its first row, where one is shown. bad_rows,
    wanted_row, too_large : likewise for rows, and for too many of them.
    """

    columns_of: Callable[[Sequence[str]], tuple[str, ...]]
    numeric: frozenset[str]
    most_bytes: int
    most_rows: int
    code: str
    no_table: Said
    header: Said
    hint: Said
    bad_rows: Said
    wanted_row: Said
    too_large: Said

    def refused(self, name: str, got: str, wanted: str, hint: str | None = None) -> InputError:
        return InputError(
            self.no_table,
            where=name,
            got=got,
            wanted=wanted,
            hint=hint or self.hint,
            code=f"{self.code}-TABLE",
        )

    def check_size(self, name: str, n_bytes: int) -> None:
        if n_bytes > self.most_bytes:
            raise self.refused(
                name,
                said("{count} bytes", count=n_bytes),
                said("at most {most}", most=self.most_bytes),
                self.too_large,
            )

    def understood(
        self,
        rows: Sequence[NumberedRow],
        name: str,
        one: Callable[[int, Mapping[str, str]], Row],
        key: Callable[[Row], Hashable],
        twice: Callable[[int, Row, int], Said],
    ) -> tuple[Row, ...]:
        """Every row as `one` understands it (it raises BadRowError), no two of one `key`; `twice`
        says what is wrong with a row whose key stands in an earlier line too."""
        if not rows:
            raise self.refused(name, said("a header and no row"), self.wanted_row)
        if len(rows) > self.most_rows:
            raise self.refused(
                name,
                said("{count} rows", count=len(rows)),
                said("at most {most}", most=self.most_rows),
                self.too_large,
            )
        made: list[Row] = []
        problems: list[Said] = []
        seen: dict[Hashable, int] = {}
        for line, cells in rows:
            try:
                row = one(line, cells)
            except BadRowError as error:
                problems.append(said("line {line}: {problem}", line=line, problem=error.problem))
                continue
            if key(row) in seen:
                problems.append(twice(line, row, seen[key(row)]))
            seen[key(row)] = line
            made.append(row)
        if problems:
            shown = problems[:_SHOWN]
            if len(problems) > _SHOWN:
                shown.append(said("and {count} more", count=len(problems) - _SHOWN))
            raise InputError(
                self.bad_rows,
                where=name,
                got=listed(shown, "\n       "),
                wanted=self.wanted_row,
                hint=self.hint,
                code=f"{self.code}-ROW",
            )
        return tuple(made)


@dataclass(frozen=True, slots=True)
class ReadTable:
    """told : encoding, separator and decimal mark that were found, in words."""

    told: Said
    rows: tuple[NumberedRow, ...]


class _Read(NamedTuple):
    decoded: Decoded
    table: Table
    columns: tuple[str, ...]


def read_table(data: bytes, name: str, form: TableForm) -> ReadTable:
    """Raises InputError where the bytes are no such table, or could be two."""
    form.check_size(name, len(data))
    read = _only_reading(data, name, form)
    values = {
        "encoding": read.decoded.encoding,
        "separator": SEPARATORS.get(read.table.separator, read.table.separator),
    }
    told = (
        said("{encoding}, {separator}, decimal comma", **values)
        if _has_commas(read, name, form)
        else said("{encoding}, {separator}, decimal point", **values)
    )
    return ReadTable(
        told,
        tuple(
            (line, dict(zip(read.columns, cells, strict=True))) for line, cells in read.table.rows
        ),
    )


def _only_reading(data: bytes, name: str, form: TableForm) -> _Read:
    found: list[_Read] = []
    wrong: list[Said] = []
    for each in decoded(data, name):
        stated, text, skipped = stated_separator(each.text)
        if stated is not None and stated not in SEPARATORS:
            wrong.append(said("sep={mark}: a separator that no spreadsheet has", mark=stated))
            continue
        for separator in (stated,) if stated is not None else SEPARATORS:
            try:
                table = table_of(text, separator, skipped)
                found.append(_Read(each, table, form.columns_of(table.header)))
            except NoTableError as error:
                wrong.append(
                    said(
                        "{encoding}, {separator}: {problem}",
                        encoding=each.encoding,
                        separator=SEPARATORS[separator],
                        problem=error.problem,
                    )
                )
    if not found:
        raise form.refused(name, listed(wrong[:_SHOWN], "\n       "), form.header)
    # A code page that makes nonsense of words is not the one that they were written in.
    if len({read.decoded.text for read in found}) > 1:
        found = [read for read in found if is_plausible(read.decoded.text)] or found
    texts = {read.decoded.text: read.decoded.encoding for read in found}
    separators = {read.table.separator for read in found}
    if len(texts) > 1 or len(separators) > 1:
        what = (
            sorted(texts.values()) if len(texts) > 1 else sorted(SEPARATORS[s] for s in separators)
        )
        raise InputError(
            said("this table can be read in more than one way"),
            where=name,
            got=said("{first} and {others}", first=what[0], others=listed(what[1:])),
            wanted=said("one encoding and one separator that fit"),
            hint=said(
                "save it from the spreadsheet as `CSV UTF-8`; a first line `sep=;` says the "
                "separator"
            ),
            code=f"{form.code}-AMBIGUOUS",
        )
    return found[0]


def _has_commas(read: _Read, name: str, form: TableForm) -> bool:
    """What parts whole from broken is a comma. Raises InputError where cells disagree, or where
    commas may as well part thousands."""
    numeric = [at for at, column in enumerate(read.columns) if column in form.numeric]
    cells = [
        (line, cell)
        for line, row in read.table.rows
        for at in numeric
        for cell in plain(row[at]).split()[:1]
    ]
    commas = [(line, cell) for line, cell in cells if has_comma(cell)]
    points = [(line, cell) for line, cell in cells if "." in cell]
    if commas and points:
        raise form.refused(
            name,
            said(
                "{comma} in line {line} and {point} in line {other}",
                comma=commas[0][1],
                line=commas[0][0],
                point=points[0][1],
                other=points[0][0],
            ),
            said("one decimal mark in the whole table"),
            said("whether a comma parts thousands is not guessed"),
        )
    is_doubtful = read.table.separator != ";" and all(
        could_be_thousands(cell) for _, cell in commas
    )
    if commas and is_doubtful:
        raise form.refused(
            name,
            said(
                "{comma} in line {line}, which may be read as a thousand times as much",
                comma=commas[0][1],
                line=commas[0][0],
            ),
            said("decimal points, or decimal commas in a table of semicolons"),
            said("write sizes without marks between thousands"),
        )
    return bool(commas)
