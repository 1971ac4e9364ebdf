"""A report in the form that was asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from printstd.cli.choices import Format
from printstd.cli.speech import Language, language, translate

if TYPE_CHECKING:
    from printstd.report.document import ReportDocument
    from printstd.report.pictures import Pictures
    from printstd.report.rule_page import Pages
    from printstd.report.speech import Speech

BINARY = frozenset({Format.PDF})
"""Forms that are no text and that no terminal shows."""
PICTURED = frozenset({Format.HTML, Format.PDF})


def rendered(
    document: ReportDocument,
    form: Format,
    *,
    pictures: Pictures | None = None,
    to_terminal: bool = False,
    files: Sequence[str] | None = None,
) -> bytes:
    """files : paths of the subjects, for servers that show findings beside the file."""
    if form is Format.PDF:
        from printstd.adapters.page_files import report_font
        from printstd.report.pdf.render import render as render_pdf

        return render_pdf(
            document,
            fonts=report_font,
            pictures=pictures or {},
            speeches=document_speeches(document),
        )
    if form is Format.GITHUB:
        from printstd.report.as_github import render as render_github

        return render_github(document, files=files, speech=reader_speech()).encode("utf-8")
    if form is Format.GITLAB:
        from printstd.report.as_gitlab import render as render_gitlab

        return render_gitlab(document, files=files, speech=reader_speech()).encode("utf-8")
    # Files of a repository or a batch are told by their paths; of other calls the report
    # does not say where its files lie.
    paths = files if is_of_many(document) else None
    text = _text(document, form, pictures or {}, paths, to_terminal=to_terminal)
    return text.encode("utf-8")


def _text(
    document: ReportDocument,
    form: Format,
    pictures: Pictures,
    files: Sequence[str] | None,
    *,
    to_terminal: bool,
) -> str:
    if form is Format.JSON:
        from printstd.report.as_json import render as render_json

        return render_json(document)
    if form is Format.CSV:
        from printstd.report.as_form3 import render as render_form3

        return render_form3(document)
    if form is Format.SARIF:
        from printstd.report.as_sarif import render as render_sarif

        return render_sarif(document, pages=pages_of(document), files=files, speech=reader_speech())
    if form is Format.JUNIT:
        from printstd.report.as_junit import render as render_junit

        return render_junit(document, pages=pages_of(document), speech=reader_speech())
    if form is Format.HTML:
        from printstd.adapters.page_files import report_texts
        from printstd.report.as_html import render as render_html

        return render_html(
            document,
            pages=pages_of(document),
            texts=report_texts(),
            pictures=pictures,
            speech=reader_speech(),
        )
    import shutil

    width = shutil.get_terminal_size((120, 24)).columns if to_terminal else 120
    color = to_terminal and not os.environ.get("NO_COLOR")
    if is_of_many(document):
        from printstd.report.as_check_text import render as render_check

        return render_check(
            document,
            color=color,
            width=min(max(60, width), 160),
            speech=reader_speech(),
            is_short=document.command != "check",
        )
    from printstd.report.as_text import render as render_text

    return render_text(
        document,
        color=color,
        width=min(max(60, width), 160),
        language=language(),
        translate=translate(),
    )


def is_of_many(document: ReportDocument) -> bool:
    """Is it of so many files that each is a row?"""
    return document.command == "check" or document.command.startswith("batch ")


def pages_of(document: ReportDocument) -> Pages:
    """The manual's pages of the rules that a report is about."""
    from printstd.cli.commands.explain import page_of, rule_titles
    from printstd.report.rule_page import RulePage

    asked = {
        rule
        for subject in document.subjects
        for section in subject.sections
        for rule in (
            *section.rules_run,
            *section.silent_rules,
            *(finding.rule_id for finding in section.findings),
        )
    }
    if not asked:
        return {}
    found: Mapping[str, str] = rule_titles()
    return {
        rule: RulePage(rule, title, page_of(rule)) for rule, title in found.items() if rule in asked
    }


def reader_speech() -> Speech:
    """The language of whoever asked for the report."""
    from printstd.report.speech import Speech

    return Speech(language().value, translate())


def document_speeches(document: ReportDocument) -> tuple[Speech, ...]:
    """The languages of a printed document: the reader's, where one was asked for, else the first
    two that the pack wants beside English, else English."""
    from printstd.adapters.languages import words_of
    from printstd.report.speech import Speech

    if language() is not Language.EN:
        return (reader_speech(),)
    wanted = [name for name in document.languages if name != "en"][:2]
    return tuple(Speech(name, words_of(name)) for name in wanted) or (reader_speech(),)
