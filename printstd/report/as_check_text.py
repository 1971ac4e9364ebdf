"""What `printstd check` and `printstd batch` print: one table, a row for each file (of a
batch for each that does not pass), and under it what keeps files from passing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from printstd.report.as_text import plain, styled
from printstd.report.cells import cells, padded, wrapped
from printstd.report.document import PRECEDENCE, ReportDocument, Subject
from printstd.report.labels import OUTCOMES
from printstd.report.loud import Remark, remarks, verdict_of
from printstd.report.speech import Speech
from printstd.words import said

_LONGEST_NAME: Final = 60
_STYLES: Final = {
    "PASSED": "bold green",
    "FAILED": "bold red",
    "UNDECIDED": "bold magenta",
    "REFUSED": "bold red",
}


def render(
    document: ReportDocument, *, color: bool, width: int, speech: Speech, is_short: bool = False
) -> str:
    """is_short : files that pass are counted, and have no row."""
    found = remarks(document, speech)
    lines = [
        styled(speech.say(said("warning: {notice}", notice=notice)), "yellow", color)
        for notice in document.notices
    ]
    shown = [n for n, one in enumerate(document.subjects) if one.exit_code or not is_short]
    if shown:
        lines += _table(document, shown, found, color, speech)
    grave: dict[int, list[Remark]] = {}
    for remark in found:
        if remark.level == "error":
            grave.setdefault(remark.subject, []).append(remark)
    order = sorted(grave, key=lambda n: (PRECEDENCE.index(document.subjects[n].exit_code), n))
    for number in order:
        lines += ["", styled(plain(document.subjects[number].name), "bold", color)]
        for remark in grave[number]:
            lines += _remark(remark, width, speech)
    lines += [*([""] if lines else []), speech.say(_sum(document))]
    return "\n".join(lines) + "\n"


def _table(
    document: ReportDocument,
    numbers: Sequence[int],
    found: list[Remark],
    color: bool,
    speech: Speech,
) -> Iterator[str]:
    heads = [
        speech.say(one)
        for one in (said("file"), said("stage"), said("verdict"), said("result"), said("rules"))
    ]
    rules: dict[int, dict[str, None]] = {}
    for remark in found:
        if remark.level in ("error", "warning") and remark.rule:
            rules.setdefault(remark.subject, {})[remark.rule] = None
    rows = []
    for number in numbers:
        subject = document.subjects[number]
        stages = ", ".join(speech.stage(section.stage) for section in subject.sections)
        known = sum(len(section.known) for section in subject.sections)
        named = ", ".join(rules.get(number, {}))
        if known:
            told = speech.say(said("{count} known", count=known))
            named = f"{named} ({told})" if named else told
        verdict, result = verdict_of(subject), speech.say(_result(subject))
        rows.append((plain(subject.name), stages, verdict, result, named))
    shown = [speech.say(OUTCOMES[row[2]]) for row in rows]
    widths = [
        max(cells(head), *(cells(row[column]) for row in rows), 0)
        for column, head in enumerate(heads)
    ]
    widths[0] = min(widths[0], _LONGEST_NAME)
    widths[2] = max(cells(heads[2]), *map(cells, shown), 0)
    yield "  ".join(padded(head, w) for head, w in zip(heads, widths, strict=True)).rstrip()
    yield "  ".join("-" * w for w in widths[:4]) + "  " + "-" * max(cells(heads[4]), 5)
    for row, word in zip(rows, shown, strict=True):
        verdict = styled(word, _STYLES[row[2]], color) + " " * (widths[2] - cells(word))
        parts = [padded(row[0], widths[0]), padded(row[1], widths[1]), verdict]
        parts += [padded(row[3], widths[3]), row[4]]
        yield "  ".join(parts).rstrip()


def _result(subject: Subject) -> str:
    """Whether the file passes, and why it does where the verdict alone would not let it."""
    verdict = verdict_of(subject)
    if subject.exit_code:
        return said("does not pass")
    if verdict == "PASSED":
        return said("passes")
    is_expected = subject.expected not in ("", "passed")
    return said("passes: expected") if is_expected else said("passes: known")


def _remark(remark: Remark, width: int, speech: Speech) -> Iterator[str]:
    text = remark.text
    if remark.rule and remark.finding is not None:
        text = f"{remark.rule} {remark.finding.status.value}: {text}"
        source = plain(speech.say(remark.finding.source))
        text += f"; {speech.say(said('limit from: {source}', source=source))}"
    for line in wrapped(text, max(width - 2, 40)):
        yield f"  {line}"


def _sum(document: ReportDocument) -> str:
    codes = [subject.exit_code for subject in document.subjects]
    known = sum(len(s.known) for subject in document.subjects for s in subject.sections)
    good = codes.count(0)
    if known:
        return said(
            "{good} of {all} files pass; findings that are known: {known}",
            good=good,
            all=len(codes),
            known=known,
        )
    return said("{good} of {all} files pass", good=good, all=len(codes))
