"""The report as text: a table a person can read, the same words on a terminal and in a file."""

from __future__ import annotations

from io import StringIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from printstd.artifacts.finding import Finding, Status, Where
from printstd.report.document import ReportDocument, Section, Subject

_STYLES = {
    Status.FAIL: "bold red",
    Status.NOT_EVALUATED: "bold magenta",
    Status.INDETERMINATE: "magenta",
    Status.WARN: "yellow",
    Status.INFO: "cyan",
    Status.PASS: "green",
    Status.NOT_APPLICABLE: "dim",
}


def number(value: float | None, unit: str) -> str:
    """Four significant digits, whole numbers whole, the unit behind."""
    if value is None:
        return ""
    text = f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.4g}"
    return f"{text} {unit}".strip()


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
        parts.append("at " + ", ".join(f"{c:.2f}" for c in first.point_mm))
    elif first.box_mm is not None:
        low, high = first.box_mm[:3], first.box_mm[3:]
        span = " to ".join("(" + ", ".join(f"{c:.2f}" for c in end) + ")" for end in (low, high))
        parts.append(span)
    if first.facets:
        more = "…" if len(first.facets) > 3 else ""
        parts.append("facets " + ", ".join(str(f) for f in first.facets[:3]) + more)
    if len(where) > 1:
        parts.append(f"(+{len(where) - 1} more)")
    return " ".join(parts)


def render(document: ReportDocument, *, color: bool, width: int) -> str:
    """The whole report. `color` for terminals; `width` in columns."""
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
    if document.title:
        console.print(Text(document.title, style="bold"))
    if document.standard:
        console.print(Text(document.standard))
    for subject in document.subjects:
        _subject(console, subject)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


def _subject(console: Console, subject: Subject) -> None:
    console.print()
    console.print(Text(subject.name, style="bold"))
    if subject.sha256:
        console.print(Text(f"  sha256 {subject.sha256}", style="dim"))
    label = max((len(fact.name) for fact in subject.facts), default=0)
    for fact in subject.facts:
        console.print(Text(f"  {fact.name.ljust(label)}  {fact.value}"))
    for section in subject.sections:
        _section(console, section)
    if subject.problem:
        console.print(Text(subject.problem.message, style="bold red"))
    for path in subject.outputs:
        console.print(Text(f"  wrote {path}"))


def _section(console: Console, section: Section) -> None:
    if section.findings:
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        table.add_column(section.stage, no_wrap=True)
        table.add_column("verdict", no_wrap=True)
        table.add_column("measured", justify="right", no_wrap=True)
        table.add_column("limit", justify="right", no_wrap=True)
        table.add_column("what was found")
        for finding in section.findings:
            table.add_row(*_row(finding))
        console.print(table)
    for rule in section.silent_rules:
        console.print(Text(f"  {rule}: NOT_EVALUATED, the rule said nothing", style="bold magenta"))
    for rule in section.allowed_undecided:
        console.print(Text(f"  {rule}: left undecided by --allow-undecided", style="yellow"))
    if section.outcome:
        style = {"PASSED": "bold green", "FAILED": "bold red"}.get(section.outcome, "bold magenta")
        console.print(Text(f"  {section.stage}: {section.outcome.value}", style=style))


def _row(finding: Finding) -> tuple[Text, ...]:
    where = place(finding.where)
    words = f"{finding.message}{'  ' + where if where else ''}  [{finding.source}]"
    return (
        Text(finding.rule_id),
        Text(finding.status.value, style=_STYLES[finding.status]),
        Text(number(finding.measured, finding.unit)),
        Text(number(finding.limit, finding.unit)),
        Text(words),
    )
