"""A drawing's table of characteristics from its bytes: CSV of any locale, or TOML.

Nothing is guessed: where the bytes can be read as two different tables, none of them is taken.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from printstd.artifacts.characteristics import Characteristic, CharacteristicList
from printstd.errors import InputError
from printstd.intake.characteristics.columns import NAMES, REQUIRED, column_of
from printstd.intake.characteristics.encodings import Decoded, decoded, is_plausible
from printstd.intake.characteristics.numbers import could_be_thousands, has_comma, plain
from printstd.intake.characteristics.row import BadRowError, characteristic_of
from printstd.intake.characteristics.separated import (
    SEPARATORS,
    NoTableError,
    Table,
    stated_separator,
    table_of,
)

MOST_BYTES: Final = 4_000_000
MOST_ROWS: Final = 5_000


class _Read(NamedTuple):
    decoded: Decoded
    table: Table
    columns: tuple[str, ...]


def read_characteristics(data: bytes, name: str) -> CharacteristicList:
    """Every row of the table, exactly. Raises InputError where the file is no such table, could be
    read in two ways, or a row says something that cannot be understood: all such rows are named."""
    if len(data) > MOST_BYTES:
        raise _refused(name, f"{len(data)} bytes", f"at most {MOST_BYTES}", "split the drawing")
    if name.casefold().endswith(".toml"):
        told, rows = _of_toml(data, name)
    else:
        told, rows = _of_table(data, name)
    if not rows:
        raise _refused(name, "a header and no row", "one row for each characteristic", "fill it in")
    if len(rows) > MOST_ROWS:
        raise _refused(name, f"{len(rows)} rows", f"at most {MOST_ROWS}", "split the drawing")
    return CharacteristicList(
        name, hashlib.sha256(data).hexdigest(), told, _characteristics(rows, name)
    )


def _characteristics(
    rows: Sequence[tuple[int, Mapping[str, str]]], name: str
) -> tuple[Characteristic, ...]:
    made, problems = [], []
    seen: dict[str, int] = {}
    for line, cells in rows:
        try:
            row = characteristic_of(cells, line)
        except BadRowError as error:
            problems.append(f"line {line}: {error}")
            continue
        if row.number in seen:
            problems.append(
                f"line {line}: characteristic {row.number} stands in line {seen[row.number]}, too"
            )
        seen[row.number] = line
        made.append(row)
    if problems:
        shown = problems[:12] + ([f"and {len(problems) - 12} more"] if len(problems) > 12 else [])
        raise InputError(
            "rows of this table of characteristics cannot be understood",
            where=name,
            got="\n       ".join(shown),
            wanted="a number, a feature, a nominal size and limits in every row",
            hint="docs/drawings.md shows how each is written",
            code="DRW-ROW",
        )
    return tuple(made)


def _of_table(data: bytes, name: str) -> tuple[str, list[tuple[int, Mapping[str, str]]]]:
    read = _only_reading(data, name)
    numeric = [
        index
        for index, column in enumerate(read.columns)
        if column in ("nominal", "lower", "upper", "smallest", "largest")
    ]
    mark = _decimal_mark(read.table, numeric, name)
    told = f"{read.decoded.encoding}, {SEPARATORS.get(read.table.separator, read.table.separator)}"
    return f"{told}, decimal {mark}", [
        (line, dict(zip(read.columns, cells, strict=True))) for line, cells in read.table.rows
    ]


def _only_reading(data: bytes, name: str) -> _Read:
    found: list[_Read] = []
    wrong: list[str] = []
    for each in decoded(data, name):
        stated, text, skipped = stated_separator(each.text)
        if stated is not None and stated not in SEPARATORS:
            wrong.append(f"sep={stated}: a separator that no spreadsheet has")
            continue
        for separator in (stated,) if stated is not None else SEPARATORS:
            try:
                table = table_of(text, separator, skipped)
                found.append(_Read(each, table, _columns(table.header)))
            except NoTableError as error:
                wrong.append(f"{each.encoding}, {SEPARATORS[separator]}: {error}")
    if not found:
        raise _refused(
            name,
            "\n       ".join(wrong),
            "a header with number, feature and nominal (or their names in "
            "ru, kk, de, zh, fr), and rows",
            "docs/drawings.md shows a table",
        )
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
            "this table can be read in more than one way",
            where=name,
            got=" and ".join(what),
            wanted="one encoding and one separator that fit",
            hint="save it from the spreadsheet as `CSV UTF-8`; a first line `sep=;` says the "
            "separator",
            code="DRW-AMBIGUOUS",
        )
    return found[0]


def _columns(header: Sequence[str]) -> tuple[str, ...]:
    """The meaning of each column. Raises NoTableError where one has none, two have the same, or
    one that must be there is missing."""
    columns: list[str] = []
    for cell in header:
        column = column_of(cell)
        if column is None:
            raise NoTableError(f"no column is called {cell[:40]!r}")
        if column in columns:
            raise NoTableError(f"two columns mean {column!r}")
        columns.append(column)
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise NoTableError(f"no column for {', '.join(missing)}")
    for one, other in (("lower", "upper"), ("smallest", "largest")):
        if (one in columns) != (other in columns):
            raise NoTableError(f"of {one!r} and {other!r} only one is there")
    return tuple(columns)


def _decimal_mark(table: Table, numeric: Sequence[int], name: str) -> str:
    """What parts whole from broken. Raises InputError where cells disagree, or where commas may as
    well part thousands."""
    cells = [
        (line, cell)
        for line, row in table.rows
        for index in numeric
        for cell in plain(row[index]).split()[:1]
    ]
    commas = [(line, cell) for line, cell in cells if has_comma(cell)]
    points = [(line, cell) for line, cell in cells if "." in cell]
    if commas and points:
        raise _refused(
            name,
            f"{commas[0][1]} in line {commas[0][0]} and {points[0][1]} in line {points[0][0]}",
            "one decimal mark in the whole table",
            "whether a comma parts thousands is not guessed",
        )
    if commas and table.separator != ";" and all(could_be_thousands(cell) for _, cell in commas):
        raise _refused(
            name,
            f"{commas[0][1]} in line {commas[0][0]}, which may be read as a thousand times as much",
            "decimal points, or decimal commas in a table of semicolons",
            "write sizes without marks between thousands",
        )
    return "comma" if commas else "point"


def _of_toml(data: bytes, name: str) -> tuple[str, list[tuple[int, Mapping[str, str]]]]:
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        value = tomllib.loads(text, parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused(name, str(error), "TOML in UTF-8", "docs/drawings.md shows one") from error
    rows = value.pop("characteristic", None)
    if value or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        got = f"unknown keys {', '.join(sorted(value))}" if value else "no [[characteristic]]"
        raise _refused(
            name, got, "a list of [[characteristic]] and nothing else", "docs/drawings.md shows one"
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
            raise _refused(
                name,
                f"line {line}: " + (f"unknown {', '.join(odd)}" if odd else f"no {missing[0]}"),
                f"of {', '.join(known)}",
                "docs/drawings.md shows one",
            )
        found.append((line, {key: _text(item, name, line) for key, item in row.items()}))
    return "TOML", found


def _text(value: Any, name: str, line: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    raise _refused(
        name, f"line {line}: {value!r}", "a number or a text", "lists and tables say nothing here"
    )


def _refused(name: str, got: str, wanted: str, hint: str) -> InputError:
    return InputError(
        "this is no table of characteristics",
        where=name,
        got=got,
        wanted=wanted,
        hint=hint,
        code="DRW-TABLE",
    )
