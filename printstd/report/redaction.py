"""A report for somebody who may know what was found and not what the part looks like.

Verdicts, measured figures, limits, sources and hashes stay. What goes: places (points, boxes,
facets, layers, lines and bytes of the file, which lead to a place), rows of features and
characteristics keep their figures and lose their positions, and triples of coordinates in sentences
are struck out. Pictures are never made for such a report.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from printstd.artifacts.finding import Finding
from printstd.report.document import Fact, ReportDocument, Section, Subject
from printstd.words import Said

GEOMETRY: Final = "geometry"
STRUCK: Final = "[redacted]"
_NUMBER: Final = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_TRIPLE: Final = rf"\(?(?<![\w.]){_NUMBER}(?:(?:, ?| ){_NUMBER}){{2,}}(?![\w.])\)?"
"""Three or more numbers with nothing but commas or blanks between them: a point or a box."""
_ALONG: Final = rf"\b[XYZ] ?{_NUMBER}"
"""A coordinate along one axis."""
_COORDINATES: Final = re.compile(f"{_TRIPLE}|{_ALONG}")
_FIELD: Final = r"\{\w+[^{}]*\}"
_COORDINATE_FIELDS: Final = re.compile(rf"{_FIELD}(?:(?:, ?| ){_FIELD}){{2,}}|\b[XYZ] ?{_FIELD}")
"""The same in a template whose values are filled in later."""
_NAME_OF_FIELD: Final = re.compile(r"\{(\w+)")
_LOCATING: Final = re.compile(r"(^|_)(where|point|axis|facets?|box|centre|position|places?)(_|$)")
"""Names of fields that say where something is."""
_PLACES: Final = frozenset(
    {
        "placed at",
        "from",
        "to",
        "region",
        "facets of the source",
        "furthest out at",
        "furthest in at",
    }
)
"""Facts that are coordinates, or lead to them."""


def redact(document: ReportDocument) -> ReportDocument:
    """The document without geometry; one that has none already stays as it is."""
    if GEOMETRY in document.redacted:
        return document
    return replace(
        document,
        **_rows_struck(document),
        subjects=tuple(_subject(subject) for subject in document.subjects),
        redacted=(*document.redacted, GEOMETRY),
    )


class _Struck:
    """A value that is not told, however it is to be formatted."""

    def __format__(self, spec: str) -> str:
        return STRUCK


def struck(text: str) -> str:
    """A sentence without coordinates, in every language that it can be put in."""
    if not isinstance(text, Said):
        return _COORDINATES.sub(STRUCK, text)
    values = {name: _value_struck(value) for name, value in text.values.items()}
    for fields_ in _COORDINATE_FIELDS.findall(text.template):
        for name in _NAME_OF_FIELD.findall(fields_):
            # Three sentences side by side are a list, three numbers are a point.
            if not isinstance(values[name], str):
                values[name] = _Struck()
    return Said(text.template, values)


def _value_struck(value: object) -> object:
    return struck(value) if isinstance(value, str) else value


def _subject(subject: Subject) -> Subject:
    problem = subject.problem
    if problem is not None:
        problem = replace(problem, message=struck(problem.message))
    return replace(
        subject,
        **_rows_struck(subject),
        facts=tuple(_fact(fact) for fact in subject.facts),
        sections=tuple(_section(section) for section in subject.sections),
        problem=problem,
        hints=tuple(struck(hint) for hint in subject.hints),
        # Area upon area they would be the shape.
        layers=tuple(replace(row, section_mm2=None, deposited_mm3=None) for row in subject.layers),
    )


def _fact(fact: Fact) -> Fact:
    is_place = str(fact.name).rsplit(": ", 1)[-1] in _PLACES
    return replace(fact, value=STRUCK if is_place else struck(fact.value))


def _section(section: Section) -> Section:
    return replace(section, findings=tuple(_finding(finding) for finding in section.findings))


def _finding(finding: Finding) -> Finding:
    return replace(
        finding,
        message=struck(finding.message),
        where=(),
        details=tuple(
            (name, STRUCK if str(name) in _PLACES else struck(text))
            for name, text in finding.details
        ),
    )


_OWN: Final = frozenset({"facts", "sections", "problem", "hints", "outputs", "subjects", "layers"})
"""Fields that are seen to by name."""


def _rows_struck(record: ReportDocument | Subject) -> dict[str, Any]:
    """The record's tables of other records (features, characteristics), without places."""
    changed = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if field.name in _OWN or not isinstance(value, tuple):
            continue
        if value and all(is_dataclass(row) for row in value):
            changed[field.name] = tuple(_row_struck(row) for row in value)
    return changed


def tells_a_place(name: str) -> bool:
    """Whether a field of a row that is called so says where something is."""
    return _LOCATING.search(name) is not None


def _row_struck(row: Any) -> Any:
    changed: dict[str, object] = {}
    for field in fields(row):
        value = getattr(row, field.name)
        if tells_a_place(field.name):
            changed[field.name] = _emptied(value)
        elif isinstance(value, str):
            changed[field.name] = struck(value)
    return replace(row, **changed) if changed else row


def _emptied(value: object) -> object:
    """What says nothing and has the same shape, so that the record keeps to its schema."""
    empty: dict[type, Callable[[], object]] = {str: lambda: STRUCK, int: int, float: float}
    if isinstance(value, tuple):
        is_vector = bool(value) and all(isinstance(part, float) for part in value)
        return tuple(0.0 for _ in value) if is_vector else ()
    return empty.get(type(value), lambda: value)()
