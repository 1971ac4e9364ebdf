"""What a CI server is to show of a report: problems and findings, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from printstd.artifacts.finding import Finding, Status, Where
from printstd.report.as_text import place, plain
from printstd.report.document import ReportDocument, Subject
from printstd.report.labels import OUTCOMES
from printstd.report.speech import OPEN, Speech
from printstd.words import listed, said

Level = Literal["error", "warning", "note"]
_RANKS: Final = ("problem", *(status.value for status in Status))


class Remark(NamedTuple):
    """rank : place among the others, the worst has the least. subject : its number. rule, stage :
    empty where a file was refused. finding : None there."""

    rank: int
    level: Level
    subject: int
    file: str
    stage: str
    rule: str
    text: str
    line: int
    finding: Finding | None


def remarks(
    document: ReportDocument, speech: Speech, files: Sequence[str] | None = None
) -> list[Remark]:
    """All but what is known, passed or does not apply. files : paths of the subjects, where they
    are called otherwise."""
    found = [
        remark
        for number, subject in enumerate(document.subjects)
        for remark in _of_subject(number, subject, files[number] if files else subject.name, speech)
    ]
    return sorted(found, key=lambda remark: remark.rank)


def _of_subject(number: int, subject: Subject, file: str, speech: Speech) -> Iterator[Remark]:
    is_told = False
    problem = subject.problem
    if problem is not None and subject.exit_code:
        is_told = True
        text = " ".join(plain(line.strip()) for line in speech.say(problem.message).split("\n"))
        yield Remark(0, "error", number, file, "", "", text, 1, None)
    for section in subject.sections:
        mandatory = frozenset(section.open_rules)
        for finding in section.new_findings():
            level = _level(finding, is_mandatory=finding.rule_id in mandatory)
            if level is None:
                continue
            is_told = is_told or level == "error"
            yield Remark(
                _RANKS.index(finding.status.value),
                level,
                number,
                file,
                section.stage,
                finding.rule_id,
                told(finding, speech),
                _line(finding),
                finding,
            )
        for rule in section.silent_rules:
            is_told = True
            text = speech.say(said("{rule}: NOT_EVALUATED, the rule said nothing", rule=rule))
            rank = _RANKS.index(Status.NOT_EVALUATED.value)
            yield Remark(rank, "error", number, file, section.stage, rule, text, 1, None)
    if subject.exit_code and not is_told:
        text = speech.say(unexpected(subject))
        yield Remark(1, "error", number, file, "", "", text, 1, None)


def unexpected(subject: Subject) -> str:
    """Why a file does not pass that has nothing against it."""
    return said(
        "the verdict is {verdict}, and {expected} was expected",
        verdict=OUTCOMES[verdict_of(subject)],
        expected=OUTCOMES[(subject.expected or "passed").upper()],
    )


def verdict_of(subject: Subject) -> str:
    """``PASSED``, ``FAILED``, ``UNDECIDED``, or ``REFUSED`` where nothing could be judged."""
    outcomes = [section.outcome for section in subject.sections if section.outcome is not None]
    if subject.problem is not None:
        return "REFUSED"
    for outcome in ("FAILED", "UNDECIDED"):
        if any(found.value == outcome for found in outcomes):
            return outcome
    return "PASSED"


def _level(finding: Finding, *, is_mandatory: bool) -> Level | None:
    if finding.status is Status.FAIL or (finding.status in OPEN and is_mandatory):
        return "error"
    if finding.status is Status.WARN:
        return "warning"
    return "note" if finding.status in OPEN or finding.status is Status.INFO else None


def told(finding: Finding, speech: Speech) -> str:
    """The sentence, what was measured, the limit and the place, in one line."""
    parts = [plain(speech.say(finding.message))]
    if finding.measured is not None:
        value = speech.figure(finding.measured, finding.unit)
        parts.append(speech.say(said("measured {value}", value=value)))
    if finding.limit is not None:
        value = speech.figure(finding.limit, finding.unit)
        parts.append(speech.say(said("limit {value}", value=value)))
    where = place(finding.where)
    if where:
        parts.append(plain(speech.say(said("at {place}", place=where))))
    return speech.say(listed(parts, "; "))


def _line(finding: Finding) -> int:
    """Of the file itself, 1 where the finding has none: without a line nothing is shown beside the
    change. Lines of records are not the file's."""
    first = finding.where[0] if finding.where else Where()
    return first.line if first.line and not first.frame.endswith(".toml") else 1
