"""The table of characteristics and the predicted part as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from printstd.artifacts.characteristics import NominalFrom
from printstd.artifacts.finding import Status
from printstd.report.cells import cells, padded, wrapped
from printstd.report.characteristics import CharacteristicRow
from printstd.report.document import Subject
from printstd.report.labels import STATUSES
from printstd.words import Said, Translate, english, listed, said, text_of

_STYLES = {Status.FAIL: "1;31", Status.PASS: "32"}
_WIDEST = 34
_NOMINALS: Final[Mapping[str, Said]] = MappingProxyType(
    {
        NominalFrom.DRAWING: said("drawing"),
        NominalFrom.MESH: said("nominal recovered from the mesh"),
        NominalFrom.STEP: said("size of the STEP file"),
    }
)


def table_lines(
    subject: Subject, *, color: bool, width: int, translate: Translate = english
) -> Iterator[str]:
    """Form 3 of AS9102 first (number, location, designator, requirement, results), then U and the
    verdict; under it the decision rule, why rows are undecided, and the forecast."""
    return _Table(color, width, translate).lines(subject)


@dataclass(frozen=True, slots=True)
class _Table:
    """How one table is written."""

    color: bool
    width: int
    translate: Translate

    def lines(self, subject: Subject) -> Iterator[str]:
        rows = subject.characteristics
        head = tuple(
            self._put(name)
            for name in (
                said("no."),
                said("location"),
                said("designator"),
                said("requirement"),
                said("result"),
                said("U"),
                said("verdict"),
            )
        )
        body = [
            (
                _plain(row.number),
                _plain(row.reference),
                _plain(row.designator),
                _plain(row.requirement),
                _figure(row.results),
                _figure(row.u),
                self._put(STATUSES[row.verdict]),
            )
            for row in rows
        ]
        widths = [
            min(_WIDEST, max(cells(cell) for cell in column))
            for column in zip(head, *body, strict=True)
        ]
        yield self._put(said("characteristics"))
        yield _line(head, widths)
        for row, own in zip(rows, body, strict=True):
            line = _line(own, widths)
            style = _STYLES.get(row.verdict, "35")
            yield f"\x1b[{style}m{line}\x1b[0m" if self.color else line
        yield from self._folded(said("decision rule: {rule}", rule=rows[0].decision_rule))
        sources = [_NOMINALS.get(name, name) for name in sorted({row.nominal_from for row in rows})]
        yield from self._folded(said("nominal sizes from: {sources}", sources=listed(sources)))
        for row in rows:
            if row.verdict not in (Status.PASS, Status.INFO):
                yield from self._folded(
                    said("{number}: {basis}", number=row.number, basis=row.basis)
                )
        yield from self._predicted(subject)

    def _predicted(self, subject: Subject) -> Iterator[str]:
        ahead = [row for row in subject.characteristics if row.forecast is not None]
        if not ahead:
            return
        yield ""
        yield self._put(said("predicted part (a forecast: it decides nothing)"))
        for row in ahead:
            yield from self._folded(_ahead(row))
            told = listed(
                said(
                    "{term} {systematic:+.3f} +/- {random:.3f}",
                    term=term.term,
                    systematic=term.systematic,
                    random=term.random,
                )
                for term in subject.predicted
                if term.number == row.number
            )
            yield from self._folded(told, deeper=4)
            if row.suggestion:
                text = said("suggestion: {suggestion}", suggestion=row.suggestion)
                yield from self._folded(text, deeper=4)
        by_source = {
            said(
                "{term}: {source} [{confidence}]",
                term=term.term,
                source=term.source,
                confidence=term.confidence,
            ): None
            for term in subject.predicted
        }
        for source in by_source:
            yield from self._folded(source)

    def _put(self, sentence: str) -> str:
        return _plain(text_of(sentence, self.translate))

    def _folded(self, sentence: str, deeper: int = 0) -> Iterator[str]:
        """What goes on under its first line is set in by two columns more."""
        indent = " " * (deeper + 2)
        room = max(self.width, 40) - len(indent) - 2
        for number, line in enumerate(wrapped(self._put(sentence), room)):
            yield f"{indent}{'  ' if number else ''}{line}"


def _ahead(row: CharacteristicRow) -> Said:
    return said(
        "{number}: {requirement}: {off:+.3f}, U {u:.3f} -> {forecast}",
        number=row.number,
        requirement=row.requirement,
        off=row.predicted_deviation or 0.0,
        u=row.predicted_u or 0.0,
        forecast=STATUSES[row.forecast] if row.forecast is not None else "",
    )


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    told = (padded(_short(cell, size), size) for cell, size in zip(row, widths, strict=True))
    return "  " + "  ".join(told).rstrip()


def _short(cell: str, columns: int) -> str:
    """Whole words of it, as many as have room; `…` for the others."""
    text = " ".join(cell.split())
    if cells(text) <= columns:
        return text
    first = wrapped(text, columns - 1)[0]
    while cells(first) > columns - 1:
        first = first[:-1]
    return f"{first}…"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _plain(text: str) -> str:
    """Without what could steer a terminal: cells come from a file."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
