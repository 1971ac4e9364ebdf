"""The report as one HTML file that loads nothing: verdict, findings, the part in 3D, sections.

The page's policy allows its own style and scripts by their digests and no address at all. What
comes from files is text (`markup`), never markup; the data of the 3D view stand in elements that
are not run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from printstd.artifacts.finding import Finding, Status
from printstd.report import wording
from printstd.report.as_text import place
from printstd.report.document import Fact, ReportDocument, Section, Subject
from printstd.report.labels import OUTCOMES, STATUSES, standing
from printstd.report.markup import Markup, el, joined
from printstd.report.part_view import cuts, status_mark, surface
from printstd.report.pictures import Pictures
from printstd.report.redaction import GEOMETRY
from printstd.report.rule_page import Pages
from printstd.report.scene import Scene, scene_of, script_json
from printstd.report.speech import ENGLISH, Speech
from printstd.report.tables import Table, tables_of
from printstd.words import said

_EXPLAINED: Final = frozenset(
    {Status.FAIL, Status.NOT_EVALUATED, Status.INDETERMINATE, Status.WARN, Status.INFO}
)


@dataclass(frozen=True, slots=True)
class PageTexts:
    """The page's own style and scripts."""

    style: str
    table: str
    view3d: str


def render(
    document: ReportDocument,
    *,
    pages: Pages,
    texts: PageTexts,
    pictures: Pictures,
    speech: Speech = ENGLISH,
) -> str:
    """The page. pictures : not used where the document's geometry is redacted."""
    if GEOMETRY in document.redacted:
        pictures = {}
    parts = [(n, part) for n in sorted(pictures) for part in pictures[n]]
    scene = scene_of([part for _, part in parts], speech)
    title = speech.say(document.titles.get(speech.language) or document.title or wording.TITLE)
    sha256 = wording.document_sha256(document)
    body = el(
        "body",
        _head(document, title, sha256, speech),
        _not_decided(document, speech),
        _basis(document, speech),
        [_subject(document, subject, n, speech) for n, subject in enumerate(document.subjects)],
        [_table(table) for table in _lists(document, document, speech)],
        surface([part for _, part in parts], scene, speech) if parts else None,
        cuts([part for _, part in parts], speech),
        _standards(document, speech),
        _methods(document, pages, speech),
        _foot(document, sha256, speech),
        _data(scene) if parts else None,
        _script(texts.table),
        _script(texts.view3d) if parts else None,
    )
    scripts = [texts.table, *([texts.view3d] if parts else [])]
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_policy(texts.style, scripts)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="generator", content=f"{document.tool} {document.tool_version}"),
        el("title", title),
        el("style", Markup(texts.style)),
    )
    page = el("html", head, body, lang=speech.language)
    return f"<!DOCTYPE html>\n{page}\n"


def _policy(style: str, scripts: Sequence[str]) -> str:
    allowed = " ".join(_digest(script) for script in scripts)
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src {_digest(style)}; script-src {allowed}"
    )


def _digest(text: str) -> str:
    """What lets one inline text pass a content security policy (CSP level 3, 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _script(text: str) -> Markup:
    return el("script", Markup(text))


def _data(scene: Scene) -> Markup:
    return joined(
        el("script", Markup(script_json(scene.meta)), type="application/json", id="scene"),
        [
            el("script", Markup(data), type="text/plain", id=name)
            for name, data in scene.blocks.items()
        ],
    )


def _head(document: ReportDocument, title: str, sha256: str, speech: Speech) -> Markup:
    others = [
        el("p", text, class_="other", lang=language)
        for language, text in document.titles.items()
        if language != speech.language and language in document.languages
    ]
    return el(
        "header",
        el("h1", title),
        others,
        el("p", speech.say(document.standard)) if document.standard else None,
        el("p", f"{wording.document_number(sha256)}", class_="number"),
        [el("p", speech.say(n), class_="notice") for n in wording.notices_of(document)],
        [_verdict(subject, speech) for subject in document.subjects],
    )


def _verdict(subject: Subject, speech: Speech) -> Markup:
    outcomes = [section for section in subject.sections if section.outcome is not None]
    if subject.problem is not None:
        message = speech.say(subject.problem.message)
        return el("div", el("strong", subject.name), el("div", message, class_="problem"))
    if not outcomes:
        return joined()
    return joined(
        [
            el(
                "div",
                el("strong", speech.say(OUTCOMES[section.outcome])),
                el("span", f"{subject.name} · {speech.stage(section.stage)}"),
                el("span", _counts(section, speech), class_="other"),
                class_=f"verdict {section.outcome.value}",
            )
            for section in outcomes
            if section.outcome is not None
        ]
    )


def _counts(section: Section, speech: Speech) -> str:
    """How many findings of each status, worst first, and which rules forced the outcome."""
    found = []
    for status in Status:
        count = sum(finding.status is status for finding in section.findings)
        if count:
            found.append(f"{count} {speech.say(STATUSES[status])}")
    forced = [*section.blocking, *section.silent_rules]
    rules = f" ({', '.join(dict.fromkeys(forced))})" if forced else ""
    return ", ".join(found) + rules


def _not_decided(document: ReportDocument, speech: Speech) -> Markup:
    rows = [
        (subject.name, rule, status, message)
        for subject in document.subjects
        for section in subject.sections
        for rule, status, message in wording.undecided(section)
    ]
    waived = [
        (subject.name, rule)
        for subject in document.subjects
        for section in subject.sections
        for rule in section.allowed_undecided
    ]
    is_several = len(document.subjects) > 1
    told = [
        el(
            "li",
            el("strong", rule),
            " ",
            el("span", speech.say(STATUSES[Status(status)]), class_=f"status {status}"),
            f" {name}: " if is_several else " ",
            speech.say(message),
        )
        for name, rule, status, message in rows
    ]
    allowed = [
        el(
            "li",
            el("strong", rule),
            f" {name}: " if is_several else " ",
            speech.say(wording.ALLOWED),
        )
        for name, rule in waived
    ]
    if not any(section.findings for subject in document.subjects for section in subject.sections):
        return joined()
    return el(
        "section",
        el("h2", speech.say(wording.NOT_DECIDED)),
        el("ul", told, allowed) if told or allowed else el("p", speech.say(wording.NOTHING_OPEN)),
        id="open",
    )


def _facts(facts: Sequence[Fact], speech: Speech) -> Markup:
    return el(
        "dl", [joined(el("dt", speech.say(f.name)), el("dd", speech.say(f.value))) for f in facts]
    )


def _basis(document: ReportDocument, speech: Speech) -> Markup | None:
    if not document.basis and not document.decision_rule:
        return None
    return el(
        "section",
        el("h2", speech.say(wording.BASIS)),
        _facts(document.basis, speech),
        (el("h3", speech.say(wording.DECISION_RULE)), el("p", speech.say(document.decision_rule)))
        if document.decision_rule
        else None,
    )


def _subject(document: ReportDocument, subject: Subject, index: int, speech: Speech) -> Markup:
    facts = list(subject.facts)
    if subject.sha256:
        facts.insert(0, Fact("SHA-256", subject.sha256))
    if subject.geometry_sha256:
        facts.insert(1, Fact(said("SHA-256 of the geometry"), subject.geometry_sha256))
    return el(
        "section",
        el("h2", subject.name),
        _facts(facts, speech) if facts else None,
        _filter(document, speech) if index == 0 and _has_rows(document) else None,
        [_section(section, speech) for section in subject.sections],
        [_table(table) for table in _lists(document, subject, speech)],
        el("ul", [el("li", path) for path in subject.outputs]) if subject.outputs else None,
    )


def _lists(
    document: ReportDocument, record: ReportDocument | Subject, speech: Speech
) -> Iterator[Table]:
    return tables_of(record, speech, is_redacted=GEOMETRY in document.redacted)


def _has_rows(document: ReportDocument) -> bool:
    return any(section.findings for subject in document.subjects for section in subject.sections)


def _filter(document: ReportDocument, speech: Speech) -> Markup:
    """One filter for all tables of findings."""
    found = {
        finding.status
        for subject in document.subjects
        for section in subject.sections
        for finding in section.findings
    }
    if any(section.silent_rules for subject in document.subjects for section in subject.sections):
        found.add(Status.NOT_EVALUATED)
    boxes = [
        el(
            "label",
            el("input", type="checkbox", data_status=status.value, checked=True),
            " ",
            el("span", speech.say(STATUSES[status]), class_=f"status {status.value}"),
        )
        for status in Status
        if status in found
    ]
    return el(
        "div",
        boxes,
        el("input", type="search", id="words", placeholder=speech.say(said("filter by text"))),
        el("span", "", id="told", class_="other", aria_live="polite"),
        class_="filter",
    )


def _section(section: Section, speech: Speech) -> Markup | None:
    if not section.findings and not section.silent_rules:
        return None
    heads = el("tr", [el("th", speech.say(head)) for head in wording.HEADS])
    silent = [
        el(
            "tr",
            el("td", rule, class_="rule"),
            el("td", status_mark(Status.NOT_EVALUATED, speech)),
            el("td"),
            el("td"),
            el("td", speech.say(wording.SILENT)),
            data_status=Status.NOT_EVALUATED.value,
        )
        for rule in section.silent_rules
    ]
    rows = [_row(finding, speech) for finding in section.findings]
    body = el("table", el("thead", heads), el("tbody", rows, silent))
    return joined(el("h3", speech.stage(section.stage)), el("div", body, class_="scroll"))


def _row(finding: Finding, speech: Speech) -> Markup:
    where = speech.say(place(finding.where))
    under = [
        el("span", f"{speech.say(name)}: {speech.say(value)}", class_="detail")
        for name, value in finding.details
    ]
    if finding.status in _EXPLAINED:
        if where:
            under.append(el("span", f"{where}", class_="place"))
        source = f"{speech.say(wording.LIMIT_FROM)}: {speech.say(finding.source)}"
        under.append(el("span", source, class_="source"))
    return el(
        "tr",
        el("td", finding.rule_id, class_="rule"),
        el("td", status_mark(finding.status, speech)),
        el("td", speech.figure(finding.measured, finding.unit), class_="figure"),
        el("td", speech.figure(finding.limit, finding.unit), class_="figure"),
        el("td", speech.say(finding.message), under, class_="what"),
        data_status=finding.status.value,
    )


def _table(table: Table) -> Markup:
    classes = ["figure" if is_figure else None for is_figure in table.is_figure]
    rows = [
        el("tr", [el("td", cell, class_=c) for cell, c in zip(row, classes, strict=True)])
        for row in table.rows
    ]
    heads = el("tr", [el("th", head) for head in table.heads])
    body = el("table", el("thead", heads), el("tbody", rows))
    return joined(el("h3", table.title), el("div", body, class_="scroll"))


def _standards(document: ReportDocument, speech: Speech) -> Markup | None:
    if not document.standards:
        return None
    rows = [
        el(
            "tr",
            el("td", cited.designation, class_="rule"),
            el("td", speech.say(cited.title), el("span", speech.say(cited.note), class_="detail")),
            el("td", speech.say(cited.role)),
            el("td", speech.say(standing(cited.status))),
            el("td", cited.status_checked_on or speech.say(wording.NO_DATE)),
        )
        for cited in document.standards
    ]
    heads = el("tr", [el("th", speech.say(head)) for head in wording.STANDARD_HEADS])
    table = el("table", el("thead", heads), el("tbody", rows))
    return el(
        "section",
        el("h2", speech.say(wording.STANDARDS)),
        el("div", table, class_="scroll"),
    )


def _methods(document: ReportDocument, pages: Pages, speech: Speech) -> Markup | None:
    ran = dict.fromkeys(
        rule
        for subject in document.subjects
        for section in subject.sections
        for rule in (*section.rules_run, *(finding.rule_id for finding in section.findings))
    )
    told = [
        el(
            "details",
            el("summary", el("strong", rule), " ", speech.say(pages[rule].title)),
            el(
                "dl",
                [
                    joined(el("dt", head), el("dd", text))
                    for head, text in pages[rule].parts.items()
                ],
            ),
        )
        for rule in ran
        if rule in pages
    ]
    return el("section", el("h2", speech.say(wording.METHODS)), told) if told else None


def _foot(document: ReportDocument, sha256: str, speech: Speech) -> Markup:
    return el(
        "footer",
        el("p", speech.say(wording.SCOPE)),
        el("p", f"{document.tool} {document.tool_version}, {document.command}"),
        el("p", f"{speech.say(wording.DIGEST)}: ", el("span", sha256, class_="hash")),
    )
