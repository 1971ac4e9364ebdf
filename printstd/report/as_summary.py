"""The report as Markdown, for the summary of a job: a row for each file, the worst first, then
every finding that keeps a file from passing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from printstd.report.as_text import plain
from printstd.report.document import PRECEDENCE, ReportDocument
from printstd.report.labels import OUTCOMES
from printstd.report.loud import Remark, remarks, verdict_of
from printstd.report.speech import ENGLISH, Speech
from printstd.words import said

MOST_ROWS: Final = 400
MOST_REMARKS: Final = 400
"""A summary holds 1 MiB: GitHub refuses a longer one whole."""
_LONGEST: Final = 1200
_SIGNS: Final = ("✅", "❌")


def render(
    document: ReportDocument, *, files: Sequence[str] | None = None, speech: Speech = ENGLISH
) -> str:
    """files : the subjects' paths from the root of the repository."""
    names = files or [subject.name for subject in document.subjects]
    own = [subject.exit_code for subject in document.subjects]
    order = sorted(range(len(own)), key=lambda number: _gravity(own[number]))
    n_bad = sum(code != 0 for code in own)
    head = said(
        "{tool} {command}: {good} of {all} files pass",
        tool=document.tool,
        command=document.command,
        good=len(own) - n_bad,
        all=len(own),
    )
    lines = [f"## {_SIGNS[bool(n_bad)]} {cell(speech.say(head))}", ""]
    heads = [said("file"), said("verdict"), said("expected"), said("rules")]
    lines.append(_row([speech.say(one) for one in heads]))
    lines.append("|---|---|---|---|")
    found = remarks(document, speech, files)
    rules: dict[int, dict[str, None]] = {}
    for remark in found:
        if remark.level == "error" and remark.rule:
            rules.setdefault(remark.subject, {})[remark.rule] = None
    for number in order[:MOST_ROWS]:
        subject = document.subjects[number]
        sign = _SIGNS[bool(subject.exit_code)]
        verdict = speech.say(OUTCOMES[verdict_of(subject)])
        is_said = subject.expected not in ("", "passed")
        expected = speech.say(OUTCOMES[subject.expected.upper()]) if is_said else ""
        named = ", ".join(rules.get(number, {}))
        lines.append(_row([code(names[number]), f"{sign} {verdict}", expected, named]))
    if len(order) > MOST_ROWS:
        rest = said("{count} more files", count=len(order) - MOST_ROWS)
        lines.append(_row([speech.say(rest), "", "", ""]))
    grave = [remark for remark in found if remark.level == "error"]
    if grave:
        lines += ["", f"### {cell(speech.say(said('What keeps them from passing')))}", ""]
        lines += [_item(remark) for remark in grave[:MOST_REMARKS]]
        if len(grave) > MOST_REMARKS:
            rest = said("{count} more findings", count=len(grave) - MOST_REMARKS)
            lines.append(f"- {speech.say(rest)}")
    return "\n".join(lines) + "\n"


def _gravity(exit_code: int) -> int:
    return PRECEDENCE.index(exit_code)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _item(remark: Remark) -> str:
    rule = f" **{remark.rule}**" if remark.rule else ""
    return f"- {code(remark.file)}{rule} {cell(remark.text[:_LONGEST])}"


def code(name: str) -> str:
    """A file's name, whatever stands in it, as code in a cell of a table."""
    text = plain(name).replace("|", "\\|")
    ticks = "`"
    while ticks in text:
        ticks += "`"
    edge = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{ticks}{edge}{text}{edge}{ticks}"


def cell(text: str) -> str:
    """Words that are no markup and end no cell."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for sign in "\\`*_[]|#!~":
        text = text.replace(sign, f"\\{sign}")
    return text
