"""Text of separated values to rows of cells, whichever separator the spreadsheet's locale has."""

from __future__ import annotations

import csv
import io
from typing import Final, NamedTuple

from printstd.words import Said, said

SEPARATORS: Final = {";": said("semicolon"), ",": said("comma"), "\t": said("tab")}
MOST_CELL_CHARS: Final = 4_000


class Table(NamedTuple):
    """separator : one character. header : its cells. rows : (line, cells) of every row that is not
    empty, as long as the header."""

    separator: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


class NoTableError(ValueError):
    """Says what is wrong with the text as a table of this separator."""

    def __init__(self, problem: Said) -> None:
        super().__init__(problem)
        self.problem = problem


def stated_separator(text: str) -> tuple[str | None, str, int]:
    """(what a first line ``sep=;`` says, the text after it, how many lines it took)."""
    first, _, rest = text.partition("\n")
    line = first.strip().strip('"')
    if not line.casefold().startswith("sep=") or len(line) not in (4, 5):
        return None, text, 0
    # strip() took a tab with it.
    separator = line[4:] or "\t"
    return separator, rest, 1


def table_of(text: str, separator: str, skipped_lines: int) -> Table:
    """Raises NoTableError where quotes do not close or a row has more cells than the header."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )
    header: tuple[str, ...] | None = None
    rows = []
    while True:
        line = reader.line_num + 1 + skipped_lines
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise NoTableError(
                said("line {line}: {problem}", line=line, problem=str(error))
            ) from error
        if cells is None:
            break
        own = tuple(cell.strip().strip("\N{NO-BREAK SPACE}").strip() for cell in cells)
        if not any(own):
            continue
        if max(map(len, own)) > MOST_CELL_CHARS:
            raise NoTableError(
                said(
                    "line {line}: a cell of more than {most} characters",
                    line=line,
                    most=MOST_CELL_CHARS,
                )
            )
        if header is None:
            while own and not own[-1]:
                own = own[:-1]
            header = own
            continue
        if any(own[len(header) :]):
            raise NoTableError(
                said(
                    "line {line}: {count} cells under a header of {columns} (a number with a "
                    "decimal comma in a table of commas stands in quotes)",
                    line=line,
                    count=len(own),
                    columns=len(header),
                )
            )
        rows.append((line, (own + ("",) * len(header))[: len(header)]))
    if header is None:
        raise NoTableError(said("it is empty"))
    return Table(separator, header, tuple(rows))
