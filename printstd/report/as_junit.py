"""The report as JUnit XML, for the CI servers that draw tables of tests from it.

A suite is one stage over one file under one set of profiles, a case is one rule. FAIL is a
failure, NOT_EVALUATED and INDETERMINATE are skipped: none of the two is a success, and a server
that shows only failures would hide them. So each suite ends in a case of its own for the
verdict, which is an error where it is undecided: a run that is not a yes is never green.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from printstd.artifacts.finding import Finding, Status, worst
from printstd.profiles.decision import Outcome
from printstd.report.as_text import place
from printstd.report.document import ReportDocument, Section, Subject
from printstd.report.labels import STATUSES
from printstd.report.markup import Markup, el
from printstd.report.rule_page import Pages
from printstd.report.speech import ENGLISH, OPEN, Speech
from printstd.words import said

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def render(document: ReportDocument, *, pages: Pages, speech: Speech = ENGLISH) -> str:
    suites = [
        suite
        for subject in document.subjects
        for suite in _suites(document, subject, pages, speech)
    ]
    cases = [case for suite in suites for case in suite.cases]
    root = el(
        "testsuites",
        [_suite(suite) for suite in suites],
        name=f"{document.tool} {document.command}",
        tests=len(cases),
        failures=sum(case.end == "failure" for case in cases),
        errors=sum(case.end == "error" for case in cases),
    )
    return (
        _HEAD
        + root.replace("><testsuite ", ">\n<testsuite ").replace("><testcase ", ">\n<testcase ")
        + "\n"
    )


class _Case(NamedTuple):
    """One rule, or the verdict. end : ``failure``, ``error``, ``skipped`` or "" for a success."""

    name: str
    end: str
    kind: str
    message: str
    text: str


class _Suite(NamedTuple):
    name: str
    properties: list[tuple[str, str]]
    cases: list[_Case]


def _suites(
    document: ReportDocument, subject: Subject, pages: Pages, speech: Speech
) -> Iterator[_Suite]:
    properties = [
        ("tool", f"{document.tool} {document.tool_version}"),
        ("command", document.command),
        ("standard", speech.say(document.standard)),
        *((speech.say(fact.name), speech.say(fact.value)) for fact in document.basis),
        ("sha256", subject.sha256 or ""),
        ("geometry_sha256", subject.geometry_sha256 or ""),
        ("exit_code", str(subject.exit_code)),
    ]
    properties = [(name, value) for name, value in properties if value]
    if subject.problem is not None:
        message = speech.say(subject.problem.message)
        head = message.split("\n", 1)[0]
        case = _Case("input", "error" if subject.exit_code else "", "Problem", head, message)
        yield _Suite(f"{subject.name}: {document.command}", properties, [case])
    for section in subject.sections:
        cases = [*_cases(section, pages, speech), *_verdict(section)]
        if cases:
            yield _Suite(f"{subject.name}: {section.stage}", properties, cases)


def _cases(section: Section, pages: Pages, speech: Speech) -> Iterator[_Case]:
    by_rule: dict[str, list[Finding]] = {rule: [] for rule in section.rules_run}
    known = frozenset(section.known)
    new = {id(f) for number, f in enumerate(section.findings) if number not in known}
    for finding in section.findings:
        by_rule.setdefault(finding.rule_id, []).append(finding)
    for rule in section.silent_rules:
        by_rule.setdefault(rule, [])
    for rule, findings in by_rule.items():
        name = f"{rule} {speech.say(pages[rule].title)}" if rule in pages else rule
        if not findings:
            silence = speech.say(said("the rule said nothing"))
            yield _Case(name, "skipped", Status.NOT_EVALUATED.value, silence, silence)
            continue
        counted = [finding for finding in findings if id(finding) in new] or findings
        status = worst(finding.status for finding in counted)
        end = {Status.FAIL: "failure"}.get(status, "skipped" if status in OPEN else "")
        first = next(finding for finding in counted if finding.status is status)
        text = "\n\n".join(_told(finding, speech) for finding in findings)
        if id(first) not in new:
            end = ""
        yield _Case(name, end, status.value, _in_short(first, speech), text)


def _verdict(section: Section) -> Iterator[_Case]:
    outcome = section.standing()
    if section.outcome is None or outcome is None:
        return
    end = {Outcome.FAILED: "failure", Outcome.UNDECIDED: "error"}.get(outcome, "")
    rules = ", ".join(dict.fromkeys([*section.blocking, *section.silent_rules]))
    told = section.outcome.value + (f": {rules}" if rules else "")
    if outcome is not section.outcome:
        told += f"; {len(section.known)} known"
    yield _Case("verdict", end, section.outcome.value, told, told)


def _in_short(finding: Finding, speech: Speech) -> str:
    """The sentence, with what was measured and the limit."""
    parts = [speech.say(finding.message)]
    if finding.measured is not None:
        value = speech.figure(finding.measured, finding.unit)
        parts.append(speech.say(said("measured {value}", value=value)))
    if finding.limit is not None:
        parts.append(
            speech.say(said("limit {value}", value=speech.figure(finding.limit, finding.unit)))
        )
    return "; ".join(parts)


def _told(finding: Finding, speech: Speech) -> str:
    lines = [f"{speech.say(STATUSES[finding.status])}: {_in_short(finding, speech)}"]
    where = place(finding.where)
    if where:
        lines.append(speech.say(said("at {place}", place=where)))
    lines.append(speech.say(said("limit from: {source}", source=finding.source)))
    lines += [f"{speech.say(name)}: {speech.say(value)}" for name, value in finding.details]
    return "\n".join(lines)


def _suite(suite: _Suite) -> Markup:
    return el(
        "testsuite",
        el(
            "properties", [el("property", name=name, value=text) for name, text in suite.properties]
        ),
        [_case(suite, case) for case in suite.cases],
        name=suite.name,
        tests=len(suite.cases),
        failures=sum(case.end == "failure" for case in suite.cases),
        errors=sum(case.end == "error" for case in suite.cases),
        skipped=sum(case.end == "skipped" for case in suite.cases),
    )


def _case(suite: _Suite, case: _Case) -> Markup:
    if case.end == "skipped":
        inside = el("skipped", message=f"{case.kind}: {case.message}")
    elif case.end:
        inside = el(case.end, case.text, message=case.message, type=case.kind)
    else:
        inside = el("system-out", case.text)
    return el("testcase", inside, name=case.name, classname=suite.name)
