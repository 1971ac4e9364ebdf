"""A table of measurements from its bytes: CSV of any locale, with the column names of the template
that `printstd artefact` writes.

Nothing is guessed and nothing is skipped: every row is understood, or the table is refused with all
rows that are not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from printstd.artifacts.capability import ALONG, SENSES, MeasuredRow, MeasuredTable
from printstd.errors import InputError
from printstd.intake.characteristics.encodings import decoded, is_plausible
from printstd.intake.characteristics.numbers import (
    NotANumberError,
    could_be_thousands,
    e6_of,
    has_comma,
)
from printstd.intake.characteristics.separated import (
    SEPARATORS,
    NoTableError,
    Table,
    stated_separator,
    table_of,
)
from printstd.words import listed, said

MOST_BYTES: Final = 8_000_000
MOST_ROWS: Final = 50_000
REQUIRED: Final = ("characteristic", "sense", "along", "nominal_mm", "part", "measured_mm")
OPTIONAL: Final = ("u_mm", "instrument", "what")
COLUMNS: Final = (*REQUIRED, *OPTIONAL)
_NUMBERS: Final = ("nominal_mm", "measured_mm", "u_mm")
_SHOWN: Final = 12
_MOST_TEXT: Final = 80


class _BadRowError(ValueError):
    """Says what is wrong with it."""


def read_measurements(data: bytes, name: str) -> MeasuredTable:
    """Raises InputError where the file is no such table, can be read in more than one way, or has
    rows that say something that cannot be understood."""
    if len(data) > MOST_BYTES:
        raise _refused(
            name,
            said("{size} bytes", size=len(data)),
            said("at most {most} bytes", most=MOST_BYTES),
        )
    table = _only_reading(data, name)
    _check_decimal_mark(table, name)
    if not table.rows:
        raise _refused(name, said("a header and no row"), said("one row for each measurement"))
    if len(table.rows) > MOST_ROWS:
        raise _refused(
            name,
            said("{count} rows", count=len(table.rows)),
            said("at most {most} rows", most=MOST_ROWS),
        )
    columns = tuple(cell.casefold() for cell in table.header)
    made: list[MeasuredRow] = []
    problems: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for line, cells in table.rows:
        try:
            row = _row(line, dict(zip(columns, cells, strict=True)))
        except ValueError as error:
            problems.append(said("line {line}: {why}", line=line, why=_why(error)))
            continue
        key = (row.characteristic, row.part)
        if key in seen:
            problems.append(
                said(
                    "line {line}: {characteristic} of part {part} stands in line {other} too; a "
                    "part that is measured twice is no second part",
                    line=line,
                    characteristic=row.characteristic,
                    part=row.part,
                    other=seen[key],
                )
            )
        seen[key] = line
        made.append(row)
    if problems:
        raise _bad_rows(name, problems)
    return MeasuredTable(name, hashlib.sha256(data).hexdigest(), tuple(made))


def _why(error: ValueError) -> str:
    """What was raised, still a sentence that can be put in another language."""
    return error.args[0] if error.args and isinstance(error.args[0], str) else str(error)


def _row(line: int, cells: Mapping[str, str]) -> MeasuredRow:
    for column in ("characteristic", "part", "sense", "along"):
        if not cells[column] or len(cells[column]) > _MOST_TEXT:
            raise _BadRowError(said("{column} is empty or too long", column=column))
    for column, known in (("sense", SENSES), ("along", ALONG)):
        if cells[column].casefold() not in known:
            raise _BadRowError(
                said(
                    "{column} is {got}, wanted one of {known}",
                    column=column,
                    got=repr(cells[column]),
                    known=", ".join(known),
                )
            )
    u = cells.get("u_mm", "")
    row = MeasuredRow(
        line=line,
        characteristic=cells["characteristic"],
        sense=cells["sense"].casefold(),
        along=cells["along"].casefold(),
        nominal_nm=_length(cells, "nominal_mm"),
        part=cells["part"],
        measured_nm=_length(cells, "measured_mm"),
        u_nm=_length(cells, "u_mm") if u else None,
        instrument=cells.get("instrument", ""),
    )
    if row.nominal_nm <= 0 or row.measured_nm <= 0 or (row.u_nm is not None and row.u_nm <= 0):
        raise _BadRowError(said("sizes and uncertainties are above 0"))
    if abs(row.measured_nm - row.nominal_nm) * 2 > row.nominal_nm:
        raise _BadRowError(
            said(
                "{measured} mm measured for {nominal} mm: more than half of it off, another unit "
                "or another characteristic",
                measured=cells["measured_mm"],
                nominal=cells["nominal_mm"],
            )
        )
    return row


def _length(cells: Mapping[str, str], column: str) -> int:
    try:
        return e6_of(cells[column])
    except NotANumberError as error:
        raise _BadRowError(said("{column}: {why}", column=column, why=str(error))) from error


def _only_reading(data: bytes, name: str) -> Table:
    found: dict[tuple[str, str], Table] = {}
    wrong: list[str] = []
    for each in decoded(data, name):
        stated, text, skipped = stated_separator(each.text)
        for separator in (stated,) if stated is not None else SEPARATORS:
            if separator not in SEPARATORS:
                wrong.append(said("sep={separator} is no separator", separator=separator))
                continue
            try:
                table = table_of(text, separator, skipped)
                _check_header(table)
            except NoTableError as error:
                wrong.append(listed((each.encoding, SEPARATORS[separator], _why(error)), ": "))
                continue
            found[each.text, separator] = table
    if len(found) > 1:
        plausible = {key: table for key, table in found.items() if is_plausible(key[0])}
        found = plausible or found
    if not found:
        raise _refused(
            name,
            listed(wrong[:_SHOWN], "\n       "),
            said("a header with {columns}", columns=", ".join(REQUIRED)),
        )
    if len(found) > 1:
        raise _refused(
            name,
            said("a table that can be read in {count} ways", count=len(found)),
            said("one encoding and one separator that fit; `sep=;` in a first line says it"),
        )
    return next(iter(found.values()))


def _check_header(table: Table) -> None:
    columns = [cell.casefold() for cell in table.header]
    odd = [cell for cell in columns if cell not in COLUMNS]
    if odd:
        raise NoTableError(said("no column is called {column}", column=repr(odd[0][:40])))
    if len(set(columns)) != len(columns):
        raise NoTableError(said("two columns have one name"))
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise NoTableError(said("no column for {columns}", columns=", ".join(missing)))


def _check_decimal_mark(table: Table, name: str) -> None:
    """One mark in the whole table, and none that may part thousands."""
    columns = [cell.casefold() for cell in table.header]
    cells = [
        (line, row[at])
        for line, row in table.rows
        for at, column in enumerate(columns)
        if column in _NUMBERS
    ]
    commas = [(line, cell) for line, cell in cells if has_comma(cell)]
    points = [(line, cell) for line, cell in cells if "." in cell]
    if commas and points:
        raise _refused(
            name,
            said(
                "{comma} in line {comma_line} and {point} in line {point_line}",
                comma=commas[0][1],
                comma_line=commas[0][0],
                point=points[0][1],
                point_line=points[0][0],
            ),
            said("one decimal mark in the whole table"),
        )
    if commas and table.separator != ";" and all(could_be_thousands(cell) for _, cell in commas):
        raise _refused(
            name,
            said(
                "{cell} in line {line}, which may be read as a thousand times as much",
                cell=commas[0][1],
                line=commas[0][0],
            ),
            said("decimal points, or decimal commas in a table of semicolons"),
        )


def _bad_rows(name: str, problems: list[str]) -> InputError:
    shown = problems[:_SHOWN]
    if len(problems) > _SHOWN:
        more = len(problems) - _SHOWN
        shown.append(said("and {count} more", count=more))
    return InputError(
        said("rows of this table of measurements cannot be understood"),
        where=name,
        got=listed(shown, "\n       "),
        wanted=said("one measurement of one characteristic of one part in every row"),
        hint=said("docs/capability.md shows a table"),
        code="CAP-ROW",
    )


def _refused(name: str, got: str, wanted: str) -> InputError:
    return InputError(
        said("this is no table of measurements"),
        where=name,
        got=got,
        wanted=wanted,
        hint=said("`printstd artefact -o FOLDER` writes a template; docs/capability.md shows one"),
        code="CAP-TABLE",
    )
