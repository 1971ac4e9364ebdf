"""The report as workflow commands of GitHub Actions: annotations beside the change.

    ::error file=parts/arm.stl,line=1,title=THK-01 FAIL::a wall of 0.42 mm ...

GitHub shows ten errors and ten warnings of a step and drops the rest without a word: so the worst
are written, and a notice says how many were not. All of them stand in the job's summary
(`report.as_summary`). Nothing of a file's name or of a finding can begin a command of its own: line
ends are escaped, and so are the separators of properties.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from printstd.report.document import ReportDocument
from printstd.report.loud import Level, Remark, remarks
from printstd.report.speech import ENGLISH, Speech
from printstd.words import said

MOST: Final = 10
"""Of one level, that GitHub shows of a step."""
_LEVELS: Final[tuple[tuple[Level, str], ...]] = (("error", "error"), ("warning", "warning"))
_LONGEST: Final = 2000


def render(
    document: ReportDocument, *, files: Sequence[str] | None = None, speech: Speech = ENGLISH
) -> str:
    """files : the subjects' paths from the root of the repository."""
    found = remarks(document, speech, files)
    lines = []
    left_out = 0
    for level, command in _LEVELS:
        own = [remark for remark in found if remark.level == level]
        lines += [_command(command, remark) for remark in own[:MOST]]
        left_out += len(own[MOST:])
    if left_out:
        text = said("{count} more are in the summary of the job", count=left_out)
        lines.append(f"::notice title=printstd::{data(speech.say(text))}")
    return "".join(f"{line}\n" for line in lines)


def _command(command: str, remark: Remark) -> str:
    title = " ".join(part for part in (remark.rule or "printstd", _status(remark)) if part)
    named = f"file={value(remark.file)},line={remark.line},title={value(title)}"
    return f"::{command} {named}::{data(remark.text[:_LONGEST])}"


def _status(remark: Remark) -> str:
    return remark.finding.status.value if remark.finding is not None else ""


def data(text: str) -> str:
    """As the message of a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def value(text: str) -> str:
    """As the value of a property."""
    return data(text).replace(":", "%3A").replace(",", "%2C")
