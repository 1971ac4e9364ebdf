"""The report as text: a table a person can read, the same words on a terminal and in a file.

Rich draws the tables and is imported only where there is one: a slice has none to draw. Every
sentence is put in the reader's language here, and only here: what it was made of is kept till then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from printstd.artifacts.finding import Finding, Status, Where
from printstd.report.alike import alike_runs, ids_of
from printstd.report.cells import cells, padded, wrapped
from printstd.report.document import ReportDocument, Section, Subject
from printstd.report.labels import OUTCOMES, STATUSES, unit
from printstd.report.labels import stage as stage_label
from printstd.words import Translate, english, listed, said, text_of

WIDE = 100
"""Columns from which measured value and limit have columns of their own."""
_LONGEST_UNIT = 8
_END_LABEL = 5
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


def number(value: float | None, unit_name: str, translate: Translate = english) -> str:
    """Whole numbers whole, mm to the um, else four significant digits; a short unit behind."""
    if value is None:
        return ""
    if unit_name == "mm":
        text = f"{round(value, 3) + 0.0:.3f}".rstrip("0").rstrip(".")
    elif float(value).is_integer() and abs(value) < 1e15:
        text = f"{value + 0.0:.0f}"
    else:
        text = f"{value:.4g}"
    if len(unit_name) > _LONGEST_UNIT:
        return text
    return f"{text} {text_of(unit(unit_name), translate)}".strip()


def place(where: tuple[Where, ...]) -> str:
    """The first place in words, and how many more there are."""
    if not where:
        return ""
    first = where[0]
    parts: list[str] = []
    if first.line is not None:
        # A line is of the model's file or of the program, unless it is of a record.
        if first.frame.endswith(".toml"):
            parts.append(said("line {line} of {file}", line=first.line, file=plain(first.frame)))
        else:
            parts.append(said("line {line}", line=first.line))
    if first.byte is not None:
        parts.append(said("byte {byte}", byte=first.byte))
    if first.layer is not None:
        parts.append(said("layer {layer}", layer=first.layer))
    if first.point_mm is not None:
        parts.append(said("{point} mm", point=_point(first.point_mm)))
    elif first.box_mm is not None:
        low, high = first.box_mm[:3], first.box_mm[3:]
        parts.append(said("{low} to {high} mm", low=_point(low), high=_point(high)))
    if first.facets:
        more = "…" if len(first.facets) > 3 else ""
        facets = ", ".join(str(f) for f in first.facets[:3]) + more
        parts.append(said("facets {facets}", facets=facets))
    if len(where) > 1:
        parts.append(said("and {count} more", count=len(where) - 1))
    return listed(parts)


def _point(point_mm: tuple[float, ...]) -> str:
    return "(" + " ".join(f"{c + 0.0:.2f}" for c in point_mm) + ")"


def plain(text: str) -> str:
    """`text` without what could steer a terminal: names and comments come from files."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def render(
    document: ReportDocument,
    *,
    color: bool,
    width: int,
    language: str = "en",
    translate: Translate = english,
) -> str:
    """The whole report. `color` for terminals; `width` in columns. `translate` is that of
    `language`, in which the pack may have worded the title."""
    return _Text(color, width, translate).whole(document, language)


def styled(text: str, style: str, color: bool) -> str:
    if not color:
        return text
    codes = ";".join(_SGR[word] for word in style.split())
    return f"\x1b[{codes}m{text}\x1b[0m"


@dataclass(frozen=True, slots=True)
class _Text:
    """How one report is written."""

    color: bool
    width: int
    translate: Translate

    def whole(self, document: ReportDocument, language: str) -> str:
        title = plain(document.titles.get(language) or self.translate(document.title))
        head = [self.styled(title, "bold")] if title else []
        if document.standard:
            head.append(self.put(document.standard))
        head += [
            self.styled(self.put(said("warning: {notice}", notice=notice)), "yellow")
            for notice in document.notices
        ]
        blocks = ["\n".join(self._subject(subject)) for subject in document.subjects]
        if head:
            blocks.insert(0, "\n".join(head))
        return "\n\n".join(blocks) + "\n"

    def put(self, sentence: str) -> str:
        """In the reader's language, and without what could steer a terminal."""
        return plain(text_of(sentence, self.translate))

    def styled(self, text: str, style: str) -> str:
        return styled(text, style, self.color)

    def _subject(self, subject: Subject) -> Iterator[str]:
        yield self.styled(plain(subject.name), "bold")
        rows = [(self.put(fact.name), self.put(fact.value)) for fact in subject.facts]
        if subject.sha256:
            rows.insert(0, ("sha256", subject.sha256))
        label = max((cells(name) for name, _ in rows), default=0)
        for name, value in rows:
            yield from self._row(name, value, label)
        for section in subject.sections:
            yield from self._section(section)
        if subject.characteristics:
            from printstd.report.characteristics_text import table_lines

            yield ""
            yield from table_lines(
                subject, color=self.color, width=self.width, translate=self.translate
            )
        if subject.problem:
            message = text_of(subject.problem.message, self.translate)
            first, *rest = (plain(line) for line in message.split("\n"))
            yield ""
            yield self.styled(first, "bold red")
            yield from rest
        ends = [(self.put(said("wrote")), path) for path in subject.outputs]
        ends += [(self.put(said("next")), hint) for hint in subject.hints]
        if ends:
            yield ""
        label = max((cells(name) for name, _ in ends), default=0)
        label = max(label, _END_LABEL)
        for name, value in ends:
            # Paths and commands are copied from here, so they are not folded.
            yield f"  {padded(name, label)}  {plain(value)}"

    def _row(self, name: str, value: str, label: int) -> Iterator[str]:
        """One fact; what does not fit goes on under its value."""
        label = max(label, cells(name))
        room = max(self.width - label - 4, 24)
        first, *rest = wrapped(value, room) or [""]
        yield f"  {padded(name, label)}  {first}".rstrip()
        yield from (f"  {' ' * label}  {line}" for line in rest)

    def _section(self, section: Section) -> Iterator[str]:
        # A stage that decides nothing is heard only where it has something to say.
        rows = [f for f in section.findings if section.outcome or f.status in _EXPLAINED]
        stage = self.put(stage_label(section.stage))
        if rows:
            yield ""
            yield from self._table(stage, rows)
        for rule in section.silent_rules:
            text = said("{rule}: NOT_EVALUATED, the rule said nothing", rule=rule)
            yield self.styled(f"  {self.put(text)}", "magenta")
        for rule in section.allowed_undecided:
            text = said("{rule}: left undecided by --allow-undecided", rule=rule)
            yield self.styled(f"  {self.put(text)}", "yellow")
        if section.outcome:
            yield ""
            verdict = self.put(OUTCOMES[section.outcome.value])
            first, *rest = self._row(f"{stage}: {verdict}", self._because(section), 0)
            style = _OUTCOME_STYLES[section.outcome.value]
            head = f"{stage}: "
            at = first.index(head) + len(head)
            yield first[:at] + first[at:].replace(verdict, self.styled(verdict, style), 1)
            yield from rest

    def _because(self, section: Section) -> str:
        """How the findings add up, the worst named."""
        if not section.findings:
            return ""  # of a signature there is nothing to count
        counts = Counter(finding.status for finding in section.findings)
        parts = []
        for status in Status:
            if counts[status]:
                rules = sorted({f.rule_id for f in section.findings if f.status is status})
                named = f" ({', '.join(rules)})" if status in _EXPLAINED else ""
                parts.append(f"{counts[status]} {self.put(STATUSES[status])}{named}")
        return ", ".join(parts)

    def _table(self, stage: str, findings: list[Finding]) -> Iterator[str]:
        from io import StringIO

        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        out = StringIO()
        console = Console(
            file=out,
            force_terminal=self.color,
            color_system="standard" if self.color else None,
            width=self.width,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )
        is_wide = self.width >= WIDE
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        table.add_column(stage, no_wrap=True)
        table.add_column(self.put(said("verdict")), no_wrap=True)
        if is_wide:
            table.add_column(self.put(said("measured")), justify="right", no_wrap=True)
            table.add_column(self.put(said("limit")), justify="right", no_wrap=True)
        table.add_column(self.put(said("what was found")), ratio=1)
        for alike in alike_runs(findings):
            finding = alike[0]
            status = Text(self.put(STATUSES[finding.status]), _STYLES[finding.status])
            row = [Text(ids_of(alike)), status]
            measured, limit = self._measured(finding)
            if is_wide:
                row += [Text(measured), Text(limit)]
            is_plain_zero = finding.measured == 0 and finding.status not in _EXPLAINED
            figures = "" if is_wide or is_plain_zero else self._figures(measured, limit)
            row.append(Text(self._words(finding) + figures + self._place_and_source(finding)))
            table.add_row(*row)
        console.print(table)
        for line in out.getvalue().rstrip("\n").split("\n"):
            yield line.rstrip()

    def _measured(self, finding: Finding) -> tuple[str, str]:
        return (
            number(finding.measured, finding.unit, self.translate),
            number(finding.limit, finding.unit, self.translate),
        )

    def _figures(self, measured: str, limit: str) -> str:
        bound = self.put(said("limit {limit}", limit=limit)) if limit else ""
        text = ", ".join(part for part in (measured, bound) if part)
        return f"  [{text}]" if text else ""

    def _words(self, finding: Finding) -> str:
        """The message; a unit that is too long for a column is said here."""
        if len(finding.unit) > _LONGEST_UNIT and finding.measured is not None:
            return self.put(
                said(
                    "{message} (measured: {unit})",
                    message=finding.message,
                    unit=unit(finding.unit),
                )
            )
        return self.put(finding.message)

    def _place_and_source(self, finding: Finding) -> str:
        if finding.status not in _EXPLAINED:
            return ""
        where = place(finding.where)
        lines = [self.put(said("at {place}", place=where))] if where else []
        lines.append(self.put(said("limit from: {source}", source=finding.source)))
        return "".join(f"\n{line}" for line in lines)
