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
from printstd.words import Said, listed, said

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
        raise _refused(
            name,
            said("{count} bytes", count=len(data)),
            said("at most {most}", most=MOST_BYTES),
            said("split the drawing"),
        )
    if name.casefold().endswith(".toml"):
        told, rows = _of_toml(data, name)
    else:
        told, rows = _of_table(data, name)
    if not rows:
        raise _refused(
            name,
            said("a header and no row"),
            said("one row for each characteristic"),
            said("fill it in"),
        )
    if len(rows) > MOST_ROWS:
        raise _refused(
            name,
            said("{count} rows", count=len(rows)),
            said("at most {most}", most=MOST_ROWS),
            said("split the drawing"),
        )
    return CharacteristicList(
        name, hashlib.sha256(data).hexdigest(), told, _characteristics(rows, name)
    )


def _characteristics(
    rows: Sequence[tuple[int, Mapping[str, str]]], name: str
) -> tuple[Characteristic, ...]:
    made: list[Characteristic] = []
    problems: list[Said] = []
    seen: dict[str, int] = {}
    for line, cells in rows:
        try:
            row = characteristic_of(cells, line)
        except BadRowError as error:
            problems.append(said("line {line}: {problem}", line=line, problem=error.problem))
            continue
        if row.number in seen:
            problems.append(
                said(
                    "line {line}: characteristic {number} stands in line {before}, too",
                    line=line,
                    number=row.number,
                    before=seen[row.number],
                )
            )
        seen[row.number] = line
        made.append(row)
    if problems:
        shown = problems[:12]
        if len(problems) > 12:
            shown.append(said("and {count} more", count=len(problems) - 12))
        raise InputError(
            said("rows of this table of characteristics cannot be understood"),
            where=name,
            got=listed(shown, "\n       "),
            wanted=said("a number, a feature, a nominal size and limits in every row"),
            hint=said("docs/drawings.md shows how each is written"),
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
    values = {
        "encoding": read.decoded.encoding,
        "separator": SEPARATORS.get(read.table.separator, read.table.separator),
    }
    told = (
        said("{encoding}, {separator}, decimal comma", **values)
        if mark == "comma"
        else said("{encoding}, {separator}, decimal point", **values)
    )
    return told, [
        (line, dict(zip(read.columns, cells, strict=True))) for line, cells in read.table.rows
    ]


def _only_reading(data: bytes, name: str) -> _Read:
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
                found.append(_Read(each, table, _columns(table.header)))
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
        raise _refused(
            name,
            listed(wrong, "\n       "),
            said(
                "a header with number, feature and nominal (or their names in "
                "ru, kk, de, zh, fr), and rows"
            ),
            said("docs/drawings.md shows a table"),
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
            said("this table can be read in more than one way"),
            where=name,
            got=said("{first} and {others}", first=what[0], others=listed(what[1:])),
            wanted=said("one encoding and one separator that fit"),
            hint=said(
                "save it from the spreadsheet as `CSV UTF-8`; a first line `sep=;` says the "
                "separator"
            ),
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
    if commas and table.separator != ";" and all(could_be_thousands(cell) for _, cell in commas):
        raise _refused(
            name,
            said(
                "{comma} in line {line}, which may be read as a thousand times as much",
                comma=commas[0][1],
                line=commas[0][0],
            ),
            said("decimal points, or decimal commas in a table of semicolons"),
            said("write sizes without marks between thousands"),
        )
    return "comma" if commas else "point"


def _of_toml(data: bytes, name: str) -> tuple[str, list[tuple[int, Mapping[str, str]]]]:
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        value = tomllib.loads(text, parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused(
            name, str(error), said("TOML in UTF-8"), said("docs/drawings.md shows one")
        ) from error
    rows = value.pop("characteristic", None)
    if value or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        got = (
            said("unknown keys {names}", names=", ".join(sorted(value)))
            if value
            else said("no [[characteristic]]")
        )
        raise _refused(
            name,
            got,
            said("a list of [[characteristic]] and nothing else"),
            said("docs/drawings.md shows one"),
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
                said("line {line}: unknown {names}", line=line, names=", ".join(odd))
                if odd
                else said("line {line}: no {name}", line=line, name=missing[0]),
                said("of {names}", names=", ".join(known)),
                said("docs/drawings.md shows one"),
            )
        found.append((line, {key: _text(item, name, line) for key, item in row.items()}))
    return "TOML", found


def _text(value: Any, name: str, line: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    raise _refused(
        name,
        said("line {line}: {value!r}", line=line, value=value),
        said("a number or a text"),
        said("lists and tables say nothing here"),
    )


def _refused(name: str, got: str, wanted: str, hint: str) -> InputError:
    return InputError(
        said("this is no table of characteristics"),
        where=name,
        got=got,
        wanted=wanted,
        hint=hint,
        code="DRW-TABLE",
    )
