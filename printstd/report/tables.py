"""Rows that a report has beside its findings, whatever they are rows of.

A subject or a document may carry lists of records (recognised features, the characteristics of a
drawing, the predicted part). They are told by their fields, so a new list needs no new renderer.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from printstd.artifacts.finding import Status
from printstd.report.document import ReportDocument, Subject
from printstd.report.labels import STATUSES
from printstd.report.redaction import tells_a_place
from printstd.report.speech import Speech
from printstd.words import Said, said

_OWN: Final = frozenset({"facts", "sections", "outputs", "hints", "subjects", "basis", "standards"})
"""Lists that have a place of their own in every format."""
_UNREADABLE: Final = frozenset({"facets"})
"""Fields for machines."""


class Table(NamedTuple):
    """title : name of the list. rows : as texts, a figure right-aligned where `is_figure`."""

    title: str
    heads: tuple[str, ...]
    is_figure: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


def tables_of(
    record: ReportDocument | Subject,
    speech: Speech,
    *,
    is_redacted: bool = False,
    without: Container[str] = (),
) -> Iterator[Table]:
    """The lists of records that `record` has and that are not empty. is_redacted : their places say
    nothing and are left out. without : names of lists that are not wanted."""
    for field in fields(record):
        rows = getattr(record, field.name)
        if field.name in _OWN or field.name in without or not isinstance(rows, tuple) or not rows:
            continue
        if all(is_dataclass(row) for row in rows):
            yield _table(field.name, rows, speech, is_redacted)


def _table(name: str, rows: Sequence[Any], speech: Speech, is_redacted: bool) -> Table:
    own = [field.name for field in fields(rows[0])]
    chosen = [field for field in _CHOSEN.get(name, ()) if field in own]
    columns = [
        field
        for field in (chosen if len(chosen) > 1 else own)
        if field not in _UNREADABLE
        and not (is_redacted and tells_a_place(field))
        and any(getattr(row, field) not in _BLANK for row in rows)
    ]
    return Table(
        _spaced(name, speech),
        tuple(_spaced(column, speech) for column in columns),
        tuple(all(_is_number(getattr(row, column)) for row in rows) for column in columns),
        tuple(tuple(told(getattr(row, column), speech) for column in columns) for row in rows),
    )


_BLANK: Final = (None, "", ())
_CHOSEN: Final = MappingProxyType(
    {
        "characteristics": (
            "number",
            "reference",
            "designator",
            "requirement",
            "results",
            "u",
            "unit",
            "verdict",
            "result_of",
            "feature",
            "nominal_from",
            "forecast",
            "basis",
            "note",
        ),
        "features": (
            "id",
            "kind",
            "size",
            "nominal",
            "u",
            "deviation",
            "unit",
            "arc_deg",
            "residual_mm",
            "point_mm",
        ),
    }
)
"""Fields of lists whose readers want them in this order (AS9102 form 3, what is ours after it) and
find the others in the JSON."""
_YES: Final = said("yes")
_NO: Final = said("no")


def _spaced(name: str, speech: Speech) -> str:
    return speech.say(Said(name.replace("_", " "), {}))


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def told(value: object, speech: Speech) -> str:
    """A value of a row as text."""
    if value is None or value == ():
        return ""
    if isinstance(value, Status):
        return speech.say(STATUSES[value])
    if isinstance(value, Enum):
        return speech.say(str(value.value))
    if isinstance(value, bool):
        return speech.say(_YES if value else _NO)
    if isinstance(value, float):
        return f"{round(value, 4) + 0.0:.4f}".rstrip("0").rstrip(".")
    if isinstance(value, tuple):
        return ", ".join(told(part, speech) for part in value)
    if is_dataclass(value):
        parts = (told(getattr(value, field.name), speech) for field in fields(value))
        return " ".join(part for part in parts if part)
    return speech.say(value if isinstance(value, str) else str(value))
