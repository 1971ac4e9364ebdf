"""The table of characteristics and the predicted part as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from printstd.artifacts.finding import Status
from printstd.report.characteristics import CharacteristicRow
from printstd.report.document import Subject

_STYLES = {Status.FAIL: "1;31", Status.PASS: "32"}
_WIDEST = 34


def table_lines(subject: Subject, *, color: bool, width: int) -> Iterator[str]:
    """Form 3 of AS9102 first (number, location, designator, requirement, results), then U and the
    verdict; under it the decision rule, why rows are undecided, and the forecast."""
    rows = subject.characteristics
    head = ("no.", "location", "designator", "requirement", "result", "U", "verdict")
    cells = [
        (
            _plain(row.number),
            _plain(row.reference),
            _plain(row.designator),
            _plain(row.requirement),
            _figure(row.results),
            _figure(row.u),
            row.verdict.value,
        )
        for row in rows
    ]
    widths = [
        min(_WIDEST, max(len(column) for column in columns))
        for columns in zip(head, *cells, strict=True)
    ]
    yield "characteristics"
    yield _line(head, widths)
    for row, own in zip(rows, cells, strict=True):
        line = _line(own, widths)
        style = _STYLES.get(row.verdict, "35")
        yield f"\x1b[{style}m{line}\x1b[0m" if color else line
    yield from _folded(f"decision rule: {rows[0].decision_rule}", width)
    sources = {row.nominal_from for row in rows}
    yield from _folded(f"nominal sizes from: {', '.join(sorted(sources))}", width)
    for row in rows:
        if row.verdict not in (Status.PASS, Status.INFO):
            yield from _folded(f"{row.number}: {row.basis}", width)
    yield from _predicted(subject, width)


def _predicted(subject: Subject, width: int) -> Iterator[str]:
    ahead = [row for row in subject.characteristics if row.forecast is not None]
    if not ahead:
        return
    yield ""
    yield "predicted part (a forecast: it decides nothing)"
    for row in ahead:
        yield from _folded(_ahead(row), width)
        terms = [term for term in subject.predicted if term.number == row.number]
        told = ", ".join(
            f"{term.term} {term.systematic:+.3f} +/- {term.random:.3f}" for term in terms
        )
        yield from _folded(f"    {told}", width)
        if row.suggestion:
            yield from _folded(f"    suggestion: {row.suggestion}", width)
    by_source = {
        f"{term.term}: {term.source} [{term.confidence}]": None for term in subject.predicted
    }
    for source in by_source:
        yield from _folded(source, width)


def _ahead(row: CharacteristicRow) -> str:
    off, u = row.predicted_deviation or 0.0, row.predicted_u or 0.0
    forecast = row.forecast.value if row.forecast is not None else ""
    return f"{row.number}: {row.requirement}: {off:+.3f}, U {u:.3f} -> {forecast}"


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return (
        "  "
        + "  ".join(
            textwrap.shorten(cell, size, placeholder="…").ljust(size)
            for cell, size in zip(cells, widths, strict=True)
        ).rstrip()
    )


def _folded(text: str, width: int) -> Iterator[str]:
    indent = " " * (len(text) - len(text.lstrip()) + 2)
    yield from textwrap.wrap(
        _plain(text.strip()), max(width, 40), initial_indent=indent, subsequent_indent=indent + "  "
    )


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _plain(text: str) -> str:
    """Without what could steer a terminal: cells come from a file."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
