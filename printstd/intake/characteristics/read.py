"""A drawing's table of characteristics from its bytes: CSV of any locale, or TOML.

Nothing is guessed: where the bytes can be read as two different tables, none of them is taken.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from printstd import toml_text
from printstd.artifacts.characteristics import Characteristic, CharacteristicList
from printstd.intake.characteristics.columns import (
    LARGEST,
    LOWER,
    NAMES,
    NOMINAL,
    REQUIRED,
    SMALLEST,
    UPPER,
    column_of,
)
from printstd.intake.characteristics.row import characteristic_of
from printstd.intake.tables import TableForm, read_table
from printstd.intake.tables.separated import NoTableError
from printstd.words import Said, said


def _columns(header: Sequence[str]) -> tuple[str, ...]:
    """The meaning of each column. Raises NoTableError where one has none, two have the same, or
    one that must be there is missing."""
    columns: list[str] = []
    for cell in header:
        column = column_of(cell)
        if column is None:
            raise NoTableError(said("no column is called {name!r}", name=cell[:40]))
        if column in columns:
            raise NoTableError(said("two columns mean {name!r}", name=column))
        columns.append(column)
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise NoTableError(said("no column for {names}", names=", ".join(missing)))
    for one, other in (("lower", "upper"), ("smallest", "largest")):
        if (one in columns) != (other in columns):
            raise NoTableError(
                said("of {one!r} and {other!r} only one is there", one=one, other=other)
            )
    return tuple(columns)


def _twice(line: int, row: Characteristic, before: int) -> Said:
    return said(
        "line {line}: characteristic {number} stands in line {before}, too",
        line=line,
        number=row.number,
        before=before,
    )


FORM: Final = TableForm(
    columns_of=_columns,
    numeric=frozenset({NOMINAL, LOWER, UPPER, SMALLEST, LARGEST}),
    most_bytes=4_000_000,
    most_rows=5_000,
    code="DRW",
    no_table=said("this is no table of characteristics"),
    header=said(
        "a header with number, feature and nominal (or their names in ru, kk, de, zh, fr), and rows"
    ),
    hint=said("docs/drawings.md shows a table"),
    bad_rows=said("rows of this table of characteristics cannot be understood"),
    wanted_row=said("a number, a feature, a nominal size and limits in every row"),
    too_large=said("split the drawing"),
)


def read_characteristics(data: bytes, name: str) -> CharacteristicList:
    """Every row of the table, exactly. Raises InputError where the file is no such table, could be
    read in two ways, or a row says something that cannot be understood: all such rows are named."""
    if name.casefold().endswith(".toml"):
        FORM.check_size(name, len(data))
        told, rows = _of_toml(data, name)
    else:
        table = read_table(data, name, FORM)
        told, rows = table.told, list(table.rows)
    found = FORM.understood(
        rows,
        name,
        lambda line, cells: characteristic_of(cells, line),
        lambda row: row.number,
        _twice,
    )
    return CharacteristicList(name, hashlib.sha256(data).hexdigest(), told, found)


def _of_toml(data: bytes, name: str) -> tuple[str, list[tuple[int, Mapping[str, str]]]]:
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        value = toml_text.loads(text, parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FORM.refused(name, str(error), said("TOML in UTF-8"), FORM.hint) from error
    rows = value.pop("characteristic", None)
    if value or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        got = (
            said("unknown keys {names}", names=", ".join(sorted(value)))
            if value
            else said("no [[characteristic]]")
        )
        raise FORM.refused(
            name,
            got,
            said("a list of [[characteristic]] and nothing else"),
            FORM.hint,
        )
    known = sorted(set(NAMES.values()))
    lines = [
        number
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip() == "[[characteristic]]"
    ]
    found: list[tuple[int, Mapping[str, str]]] = []
    for nth, row in enumerate(rows):
        line = lines[nth] if nth < len(lines) else nth + 1
        odd = sorted(set(row) - set(known))
        missing = [column for column in REQUIRED if column not in row]
        if odd or missing:
            raise FORM.refused(
                name,
                said("line {line}: unknown {names}", line=line, names=", ".join(odd))
                if odd
                else said("line {line}: no {name}", line=line, name=missing[0]),
                said("of {names}", names=", ".join(known)),
                FORM.hint,
            )
        found.append((line, {key: _text(item, name, line) for key, item in row.items()}))
    return "TOML", found


def _text(value: Any, name: str, line: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    raise FORM.refused(
        name,
        said("line {line}: {value!r}", line=line, value=value),
        said("a number or a text"),
        said("lists and tables say nothing here"),
    )
