"""The report as PDF, for archives and tenders: numbered pages, each with the document's number and
digest, in one language or two, fonts embedded.

The bytes follow from the document and the pictures alone: no date, no random name.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable, Image, KeepTogether, Spacer, Table, TableStyle
from reportlab.platypus.doctemplate import LayoutError

from printstd.artifacts.finding import Finding, Status
from printstd.profiles.decision import Outcome
from printstd.report import wording
from printstd.report.alike import alike_runs, ids_of
from printstd.report.as_text import place
from printstd.report.document import Fact, ReportDocument, Section, Subject
from printstd.report.labels import OUTCOMES, STATUSES, standing
from printstd.report.legend import legend_words
from printstd.report.pdf.cut_flowable import CutFlowable
from printstd.report.pdf.faces import LATIN, Faces, ReadFont
from printstd.report.pdf.ramp_flowable import RampFlowable
from printstd.report.pdf.setting import PADDING, STATUS_COLOURS, Setter
from printstd.report.pdf.sheet import PALE, RULE, WIDTH, Foot, Numbered, Sheet
from printstd.report.pictures import Cut, PartPicture, Pictures
from printstd.report.redaction import GEOMETRY
from printstd.report.speech import ENGLISH, OPEN, Speech
from printstd.report.still import HEIGHT_PX, WIDTH_PX, still_png
from printstd.report.tables import Table as Rows
from printstd.report.tables import tables_of
from printstd.words import said

_OUTCOME_COLOURS: Final = {
    Outcome.PASSED: HexColor("#0072b2"),
    Outcome.FAILED: HexColor("#d55e00"),
    Outcome.UNDECIDED: HexColor("#e69f00"),
}
_PAGE: Final = said("page {number} of {total}", number="{number}", total="{total}")
_WITH_SOURCE: Final = frozenset({Status.FAIL, Status.WARN, *OPEN})


FOR_SCREENS: Final = ("layers",)
"""Lists too long for paper: a row for each layer of a program."""


def render(
    document: ReportDocument,
    *,
    fonts: ReadFont,
    pictures: Pictures,
    speeches: Sequence[Speech] = (ENGLISH,),
) -> bytes:
    """speeches : one language or two. pictures : not used where geometry is redacted."""
    if GEOMETRY in document.redacted:
        pictures = {}
    faces = Faces(fonts)
    sha256 = wording.document_sha256(document)
    first = speeches[0]
    foot = Foot(
        wording.document_number(sha256),
        _settable(wording.DIGEST, first, faces),
        sha256,
        _settable(_PAGE, first, faces),
    )
    try:
        return _built(document, pictures, foot, Setter(faces, speeches))
    except LayoutError:
        # Rows that are cut look worse, so they are cut only where one is higher than a page.
        return _built(document, pictures, foot, Setter(faces, speeches, splits_rows=True))


def _built(document: ReportDocument, pictures: Pictures, foot: Foot, setter: Setter) -> bytes:
    first = setter.speeches[0]
    title = document.titles.get(first.language) or document.title or wording.TITLE
    out = io.BytesIO()
    sheet = Sheet(
        out,
        title=first.say(title),
        creator=f"{document.tool} {document.tool_version}",
        language=first.language,
        foot=foot,
    )
    sheet.build(list(_story(document, setter, pictures, foot.number)), canvasmaker=Numbered)
    return out.getvalue()


def _settable(sentence: str, speech: Speech, faces: Faces) -> str:
    """For the foot, which is set in one face: English where that face lacks letters."""
    words = speech.say(sentence)
    return words if faces.has_all(words) else str(sentence)


def _story(
    document: ReportDocument, setter: Setter, pictures: Pictures, document_number: str
) -> Iterator[Flowable]:
    yield from _title(document, setter, document_number)
    for subject in document.subjects:
        yield from _verdicts(subject, setter)
    yield from _not_decided(document, setter)
    if document.basis:
        yield from setter.heading(wording.BASIS)
        yield _facts(document.basis, setter)
    if document.decision_rule:
        yield from setter.heading(wording.DECISION_RULE, size=10)
        yield from setter.say(document.decision_rule)
    for index, subject in enumerate(document.subjects):
        yield from _subject(document, subject, setter)
        for part in pictures.get(index, ()):
            yield from _stills(part, setter)
        cuts = [cut for part in pictures.get(index, ()) for cut in part.cuts]
        for number_, cut in enumerate(cuts):
            head = setter.heading(wording.SECTIONS, size=10) if number_ == 0 else []
            yield KeepTogether([*head, *_figure(cut, setter)])
    yield from _tables(document, document, setter)
    yield from _standards(document, setter)
    yield Spacer(0, 10)
    yield from setter.say(wording.SCOPE, size=8, colour=PALE)
    yield setter.line(
        f"{document.tool} {document.tool_version}, {document.command}", size=8, colour=PALE
    )


def _title(document: ReportDocument, setter: Setter, number_: str) -> Iterator[Flowable]:
    def title(speech: Speech) -> str:
        return document.titles.get(speech.language) or speech.say(document.title or wording.TITLE)

    yield from setter.say(title, size=17, bold=True, after=3)
    if document.standard:
        yield from setter.say(document.standard)
    yield setter.line(number_, size=9, colour=PALE, after=4)
    for notice in wording.notices_of(document):
        yield from setter.say(notice, after=3)


def _verdicts(subject: Subject, setter: Setter) -> Iterator[Flowable]:
    if subject.problem is not None:
        yield setter.line(subject.name, bold=True, before=4)
        yield from setter.say(subject.problem.message)
    for section in subject.sections:
        if section.outcome is None:
            continue
        colour = _OUTCOME_COLOURS[section.outcome]
        word = OUTCOMES[section.outcome]
        told = [
            *setter.say(word, size=12, bold=True),
            *setter.say(partial(_named, subject.name, section.stage)),
            *setter.say(partial(_counts, section), size=8, colour=PALE),
        ]
        box = Table([["", told]], colWidths=[4, WIDTH - 4])
        box.setStyle(
            TableStyle(
                [
                    ("FONT", (0, 0), (-1, -1), LATIN),
                    ("BACKGROUND", (0, 0), (0, 0), colour),
                    ("BOX", (0, 0), (-1, -1), 0.5, RULE),
                    ("LEFTPADDING", (1, 0), (1, 0), 8),
                    ("TOPPADDING", (0, 0), (-1, -1), 4),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
                ]
            )
        )
        yield box
        yield Spacer(0, 4)


def _stage(section: Section, speech: Speech) -> str:
    return speech.stage(section.stage)


def _named(name: str, stage: str, speech: Speech) -> str:
    return f"{name} · {speech.stage(stage)}"


def _counts(section: Section, speech: Speech) -> str:
    found = []
    for status in Status:
        count = sum(finding.status is status for finding in section.findings)
        if count:
            found.append(f"{count} {speech.say(STATUSES[status])}")
    forced = dict.fromkeys([*section.blocking, *section.silent_rules])
    return ", ".join(found) + (f" ({', '.join(forced)})" if forced else "")


def _not_decided(document: ReportDocument, setter: Setter) -> Iterator[Flowable]:
    if not any(section.findings for subject in document.subjects for section in subject.sections):
        return
    yield from setter.heading(wording.NOT_DECIDED)
    rows = []
    for subject in document.subjects:
        for section in subject.sections:
            for rule, status, message in wording.undecided(section):
                rows.append(
                    [
                        [setter.line(rule, bold=True), setter.line(subject.name, size=7)],
                        setter.say(STATUSES[Status(status)]),
                        setter.say(message),
                    ]
                )
            for rule in section.allowed_undecided:
                rows.append(
                    [
                        [setter.line(rule, bold=True), setter.line(subject.name, size=7)],
                        [],
                        setter.say(wording.ALLOWED),
                    ]
                )
    if not rows:
        yield from setter.say(wording.NOTHING_OPEN)
        return
    heads = [setter.say(wording.HEADS[n], bold=True) for n in (0, 1, 4)]
    yield setter.table(heads, rows, (22, 20, 70))


def _facts(facts: Sequence[Fact], setter: Setter) -> Flowable:
    return setter.pairs(
        [(setter.say(fact.name, colour=PALE), setter.say(fact.value)) for fact in facts]
    )


def _subject(document: ReportDocument, subject: Subject, setter: Setter) -> Iterator[Flowable]:
    name = setter.line(subject.name, size=12, bold=True, before=10, after=3)
    name.keepWithNext = True
    yield name
    facts = list(subject.facts)
    if subject.sha256:
        facts.insert(0, Fact("SHA-256", subject.sha256))
    if subject.geometry_sha256:
        facts.insert(1, Fact(said("SHA-256 of the geometry"), subject.geometry_sha256))
    if facts:
        yield _facts(facts, setter)
    for section in subject.sections:
        if section.findings or section.silent_rules:
            yield from setter.heading(partial(_stage, section), size=10)
            yield _findings(section, setter)
    yield from _tables(document, subject, setter)


def _findings(section: Section, setter: Setter) -> Flowable:
    rows: list[list[Any]] = [_row(alike, setter) for alike in alike_runs(section.findings)]
    rows += [
        [
            setter.line(rule, bold=True),
            _status(Status.NOT_EVALUATED, setter),
            "",
            "",
            setter.say(wording.SILENT),
        ]
        for rule in section.silent_rules
    ]
    heads = [
        setter.say(head, bold=True, right=column in (2, 3))
        for column, head in enumerate(wording.HEADS)
    ]
    return setter.table(heads, rows, (17, 28, 20, 20, 89))


def _row(alike: Sequence[Finding], setter: Setter) -> list[Any]:
    finding = alike[0]
    told = setter.say(finding.message)
    small = partial(setter.say, size=7.2, colour=PALE)
    for name, value in finding.details:
        told += small(_joined(name, value))
    if finding.status in _WITH_SOURCE:
        where = place(finding.where)
        if where:
            told += small(where)
        told += small(_joined(wording.LIMIT_FROM, finding.source))
    return [
        setter.line(ids_of(alike), bold=True),
        _status(finding.status, setter),
        setter.say(_figure_of(finding.measured, finding.unit), right=True),
        setter.say(_figure_of(finding.limit, finding.unit), right=True),
        told,
    ]


def _joined(name: str, value: str) -> Callable[[Speech], str]:
    return lambda speech: f"{speech.say(name)}: {speech.say(value)}"


def _figure_of(value: float | None, unit: str) -> Callable[[Speech], str]:
    return lambda speech: speech.figure(value, unit)


def _status(status: Status, setter: Setter) -> list[Flowable]:
    return setter.say(STATUSES[status], bold=True, colour=STATUS_COLOURS[status])


def _stills(part: PartPicture, setter: Setter) -> Iterator[Flowable]:
    """Each field on the part, seen so that its worst places tend to show: what hangs from below."""
    cells = []
    wide = WIDTH / 2 - 6
    for field in part.fields:
        from_below = field.unit == "deg"
        picture = still_png(part, field, from_below=from_below)
        cells.append(
            [
                Image(io.BytesIO(picture), wide, wide * HEIGHT_PX / WIDTH_PX),
                *setter.say(field.name, bold=True),
                RampFlowable(field, wide),
                *setter.say(partial(legend_words, field), size=7.2, colour=PALE),
            ]
        )
    if cells:
        yield from setter.heading(wording.SURFACE, size=10)
        pair = Table([cells], colWidths=[WIDTH / 2] * len(cells))
        pair.setStyle(TableStyle(PADDING))
        yield pair


def _figure(cut: Cut, setter: Setter) -> list[Flowable]:
    finding = cut.finding
    across = said("section across {axis} at {at:.3f} mm", axis="XYZ"[cut.axis], at=cut.at_mm)
    return [
        CutFlowable(cut, WIDTH * 0.62),
        setter.line(f"{finding.rule_id} {finding.status.value}", bold=True),
        *setter.say(finding.message),
        *setter.say(across, size=7.2, colour=PALE, after=8),
    ]


def _tables(
    document: ReportDocument, record: ReportDocument | Subject, setter: Setter
) -> Iterator[Flowable]:
    """Lists of other records, in the first language."""
    is_redacted = GEOMETRY in document.redacted
    for table in tables_of(
        record, setter.speeches[0], is_redacted=is_redacted, without=FOR_SCREENS
    ):
        yield from setter.heading(table.title, size=10)
        # What is too wide for a page goes on below, its first column again in front.
        others = range(1, len(table.heads))
        for start in range(0, max(len(others), 1), _MOST_COLUMNS):
            yield _part_of(table, [0, *others[start : start + _MOST_COLUMNS]], setter)
            yield Spacer(0, 4)


_MOST_COLUMNS: Final = 8


def _part_of(table: Rows, columns: Sequence[int], setter: Setter) -> Flowable:
    heads = [
        setter.line(table.heads[c], size=7.2, bold=True, right=table.is_figure[c]) for c in columns
    ]
    rows = [
        [setter.line(row[c], size=7.2, right=table.is_figure[c]) for c in columns]
        for row in table.rows
    ]
    widths = [
        min(max(len(text) for text in (table.heads[c], *(row[c] for row in table.rows))), 44) + 4
        for c in columns
    ]
    return setter.table(heads, rows, widths)


def _standards(document: ReportDocument, setter: Setter) -> Iterator[Flowable]:
    if not document.standards:
        return
    yield from setter.heading(wording.STANDARDS)
    heads = [setter.say(head, bold=True) for head in wording.STANDARD_HEADS]
    rows = [
        [
            setter.line(cited.designation, bold=True),
            [
                *setter.say(cited.title),
                *(setter.say(cited.note, size=7.2, colour=PALE) if cited.note else ()),
            ],
            setter.say(cited.role),
            setter.say(standing(cited.status)),
            setter.say(cited.status_checked_on or wording.NO_DATE),
        ]
        for cited in document.standards
    ]
    yield setter.table(heads, rows, (34, 68, 34, 24, 22))
