"""A table of measurements from its bytes: CSV of any locale, with the column names of the template
that `printstd artefact` writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from printstd.artifacts.capability import ALONG, SENSES, MeasuredRow, MeasuredTable
from printstd.intake.tables import BadRowError, TableForm, read_table
from printstd.intake.tables.numbers import NotANumberError, e6_of
from printstd.intake.tables.separated import NoTableError
from printstd.words import Said, said

REQUIRED: Final = ("characteristic", "sense", "along", "nominal_mm", "part", "measured_mm")
OPTIONAL: Final = ("u_mm", "instrument", "what")
COLUMNS: Final = (*REQUIRED, *OPTIONAL)
_MOST_TEXT: Final = 80


def _columns(header: Sequence[str]) -> tuple[str, ...]:
    columns = tuple(cell.casefold() for cell in header)
    odd = [cell for cell in columns if cell not in COLUMNS]
    if odd:
        raise NoTableError(said("no column is called {column}", column=repr(odd[0][:40])))
    if len(set(columns)) != len(columns):
        raise NoTableError(said("two columns have one name"))
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise NoTableError(said("no column for {columns}", columns=", ".join(missing)))
    return columns


FORM: Final = TableForm(
    columns_of=_columns,
    numeric=frozenset({"nominal_mm", "measured_mm", "u_mm"}),
    most_bytes=8_000_000,
    most_rows=50_000,
    code="CAP",
    no_table=said("this is no table of measurements"),
    header=said("a header with {columns}", columns=", ".join(REQUIRED)),
    hint=said("`printstd artefact -o FOLDER` writes a template; docs/capability.md shows one"),
    bad_rows=said("rows of this table of measurements cannot be understood"),
    wanted_row=said("one measurement of one characteristic of one part in every row"),
    too_large=said("qualify each machine, material and process by a table of its own"),
)


def read_measurements(data: bytes, name: str) -> MeasuredTable:
    """Raises InputError where the file is no such table, can be read in more than one way, or has
    rows that say something that cannot be understood."""
    table = read_table(data, name, FORM)
    rows = FORM.understood(
        table.rows, name, _row, lambda row: (row.characteristic, row.part), _twice
    )
    return MeasuredTable(name, hashlib.sha256(data).hexdigest(), rows)


def _twice(line: int, row: MeasuredRow, other: int) -> Said:
    return said(
        "line {line}: {characteristic} of part {part} stands in line {other} too; a part that is "
        "measured twice is no second part",
        line=line,
        characteristic=row.characteristic,
        part=row.part,
        other=other,
    )


def _row(line: int, cells: Mapping[str, str]) -> MeasuredRow:
    for column in ("characteristic", "part", "sense", "along"):
        if not cells[column] or len(cells[column]) > _MOST_TEXT:
            raise BadRowError(said("{column} is empty or too long", column=column))
    for column, known in (("sense", SENSES), ("along", ALONG)):
        if cells[column].casefold() not in known:
            raise BadRowError(
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
        raise BadRowError(said("sizes and uncertainties are above 0"))
    if abs(row.measured_nm - row.nominal_nm) * 2 > row.nominal_nm:
        raise BadRowError(
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
        raise BadRowError(said("{column}: {why}", column=column, why=error.problem)) from error
