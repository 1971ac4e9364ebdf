"""The report as text: a table a person can read, the same words on a terminal and in a file.

Rich draws the tables and is imported only where there is one: a slice has none to draw.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator

from printstd.artifacts.finding import Finding, Status, Where
from printstd.report.characteristics_text import table_lines
from printstd.report.document import ReportDocument, Section, Subject

WIDE = 100
"""Columns from which measured value and limit have columns of their own."""
_LONGEST_UNIT = 8
_EXPLAINED = frozenset({Status.FAIL, Status.NOT_EVALUATED, Status.INDETERMINATE, Status.WARN})
"""Statuses whose rows also say where, and where the limit comes from."""

_STYLES = {
    Status.FAIL: "bold red",
    Status.NOT_EVALUATED: "bold magenta",
    Status.INDETERMINATE: "magenta",
    Status.WARN: "yellow",
    Status.INFO: "cyan",
    Status.PASS: "green",
    Status.NOT_APPLICABLE: "dim",
}
_SGR = {"bold": "1", "dim": "2", "green": "32", "red": "31", "magenta": "35", "yellow": "33"}
_OUTCOME_STYLES = {"PASSED": "bold green", "FAILED": "bold red", "UNDECIDED": "bold magenta"}


def number(value: float | None, unit: str) -> str:
    """Whole numbers whole, mm to the um, else four significant digits; a short unit behind."""
    if value is None:
        return ""
    if unit == "mm":
        text = f"{round(value, 3) + 0.0:.3f}".rstrip("0").rstrip(".")
    elif float(value).is_integer() and abs(value) < 1e15:
        text = f"{value + 0.0:.0f}"
    else:
        text = f"{value:.4g}"
    return f"{text} {unit}".strip() if len(unit) <= _LONGEST_UNIT else text


def place(where: tuple[Where, ...]) -> str:
    """The first place in words, and how many more there are."""
    if not where:
        return ""
    first = where[0]
    parts: list[str] = []
    if first.line is not None:
        parts.append(f"line {first.line}")
    if first.byte is not None:
        parts.append(f"byte {first.byte}")
    if first.layer is not None:
        parts.append(f"layer {first.layer}")
    if first.point_mm is not None:
        parts.append(f"{_point(first.point_mm)} mm")
    elif first.box_mm is not None:
        low, high = first.box_mm[:3], first.box_mm[3:]
        parts.append(f"{_point(low)} to {_point(high)} mm")
    if first.facets:
        more = "…" if len(first.facets) > 3 else ""
        parts.append("facets " + ", ".join(str(f) for f in first.facets[:3]) + more)
    if len(where) > 1:
        parts.append(f"and {len(where) - 1} more")
    return ", ".join(parts)


def _point(point_mm: tuple[float, ...]) -> str:
    return "(" + " ".join(f"{c + 0.0:.2f}" for c in point_mm) + ")"


def plain(text: str) -> str:
    """`text` without what could steer a terminal: names and comments come from files."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def render(document: ReportDocument, *, color: bool, width: int) -> str:
    """The whole report. `color` for terminals; `width` in columns."""
    head = [_styled(document.title, "bold", color)] if document.title else []
    if document.standard:
        head.append(document.standard)
    blocks = ["\n".join(_subject(subject, color, width)) for subject in document.subjects]
    if head:
        blocks.insert(0, "\n".join(head))
    return "\n\n".join(blocks) + "\n"


def _styled(text: str, style: str, color: bool) -> str:
    if not color:
        return text
    codes = ";".join(_SGR[word] for word in style.split())
    return f"\x1b[{codes}m{text}\x1b[0m"


def _subject(subject: Subject, color: bool, width: int) -> Iterator[str]:
    yield _styled(plain(subject.name), "bold", color)
    rows = [(fact.name, fact.value) for fact in subject.facts]
    if subject.sha256:
        rows.insert(0, ("sha256", subject.sha256))
    label = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        yield from _row(plain(name), plain(value), label, width)
    for section in subject.sections:
        yield from _section(section, color, width)
    if subject.characteristics:
        yield ""
        yield from table_lines(subject, color=color, width=width)
    if subject.problem:
        lines = [plain(line) for line in subject.problem.message.split("\n")]
        yield ""
        yield _styled(lines[0], "bold red", color)
        yield from lines[1:]
    ends = [("wrote", path) for path in subject.outputs]
    ends += [("next", hint) for hint in subject.hints]
    if ends:
        yield ""
    for name, value in ends:
        # Paths and commands are copied from here, so they are not folded.
        yield f"  {name.ljust(5)}  {plain(value)}"


def _row(name: str, value: str, label: int, width: int) -> Iterator[str]:
    """One fact; what does not fit goes on under its value."""
    label = max(label, len(name))
    room = max(width - label - 4, 24)
    first, *rest = textwrap.wrap(value, room, break_long_words=False) or [""]
    yield f"  {name.ljust(label)}  {first}".rstrip()
    yield from (f"  {' ' * label}  {line}" for line in rest)


def _section(section: Section, color: bool, width: int) -> Iterator[str]:
    # A stage that decides nothing is heard only where it has something to say.
    rows = [f for f in section.findings if section.outcome or f.status in _EXPLAINED]
    if rows:
        yield ""
        yield from _table(section.stage, rows, color, width)
    for rule in section.silent_rules:
        yield _styled(f"  {rule}: NOT_EVALUATED, the rule said nothing", "magenta", color)
    for rule in section.allowed_undecided:
        yield _styled(f"  {rule}: left undecided by --allow-undecided", "yellow", color)
    if section.outcome:
        yield ""
        verdict = section.outcome.value
        first, *rest = _row(f"{section.stage}: {verdict}", _because(section), 0, width)
        yield first.replace(verdict, _styled(verdict, _OUTCOME_STYLES[verdict], color), 1)
        yield from rest


def _because(section: Section) -> str:
    """How the findings add up, the worst named."""
    if not section.findings:
        return ""  # of a signature there is nothing to count
    counts = Counter(finding.status for finding in section.findings)
    parts = []
    for status in Status:
        if counts[status]:
            rules = sorted({f.rule_id for f in section.findings if f.status is status})
            named = f" ({', '.join(rules)})" if status in _EXPLAINED else ""
            parts.append(f"{counts[status]} {status.value}{named}")
    return ", ".join(parts)


def _table(stage: str, findings: list[Finding], color: bool, width: int) -> Iterator[str]:
    from io import StringIO

    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    out = StringIO()
    console = Console(
        file=out,
        force_terminal=color,
        color_system="standard" if color else None,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    is_wide = width >= WIDE
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(stage, no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    if is_wide:
        table.add_column("measured", justify="right", no_wrap=True)
        table.add_column("limit", justify="right", no_wrap=True)
    table.add_column("what was found", ratio=1)
    for finding in findings:
        cells = [Text(finding.rule_id), Text(finding.status.value, _STYLES[finding.status])]
        measured, limit = _measured(finding)
        if is_wide:
            cells += [Text(measured), Text(limit)]
        is_plain_zero = finding.measured == 0 and finding.status not in _EXPLAINED
        figures = "" if is_wide or is_plain_zero else _figures(measured, limit)
        cells.append(Text(_words(finding) + figures + _place_and_source(finding)))
        table.add_row(*cells)
    console.print(table)
    for line in out.getvalue().rstrip("\n").split("\n"):
        yield line.rstrip()


def _measured(finding: Finding) -> tuple[str, str]:
    return number(finding.measured, finding.unit), number(finding.limit, finding.unit)


def _figures(measured: str, limit: str) -> str:
    parts = [measured, f"limit {limit}" if limit else ""]
    text = ", ".join(part for part in parts if part)
    return f"  [{text}]" if text else ""


def _words(finding: Finding) -> str:
    """The message; a unit that is too long for a column is said here."""
    if len(finding.unit) > _LONGEST_UNIT and finding.measured is not None:
        return f"{plain(finding.message)} (measured: {plain(finding.unit)})"
    return plain(finding.message)


def _place_and_source(finding: Finding) -> str:
    if finding.status not in _EXPLAINED:
        return ""
    where = place(finding.where)
    lines = [f"at {where}"] if where else []
    lines.append(f"limit from: {plain(finding.source)}")
    return "".join(f"\n{line}" for line in lines)
