"""What the documents say around the findings, once for every format that prints it."""

from __future__ import annotations

import hashlib
from typing import Final

from printstd.report.as_json import render as render_json
from printstd.report.document import ReportDocument, Section
from printstd.words import Said, said

TITLE: Final = said("Report")
NOT_DECIDED: Final = said("What was not evaluated")
NOTHING_OPEN: Final = said("Every rule that ran gave an answer.")
BASIS: Final = said("What was demanded")
DECISION_RULE: Final = said("Decision rule")
FINDINGS: Final = said("Findings")
STANDARDS: Final = said("Standards cited")
METHODS: Final = said("How it was checked")
SECTIONS: Final = said("Sections at the worst places")
SURFACE: Final = said("The part")
FACTS: Final = said("The file")
HEADS: Final = (
    said("rule"),
    said("result"),
    said("measured"),
    said("limit"),
    said("what was found"),
)
STANDARD_HEADS: Final = (
    said("standard"),
    said("title"),
    said("cited for"),
    said("status"),
    said("checked on"),
)
SCOPE: Final = said(
    "This document tells what software can know: the geometry of the model, the program and the "
    "settings. It does not tell how the printed part turned out, and it is no certificate of "
    "conformity."
)
REDACTED: Final = said(
    "The geometry is left out on purpose: no shape, no sections, no places. Results, measured "
    "figures, limits and digests are complete."
)
SILENT: Final = said("the rule said nothing")
ALLOWED: Final = said("left undecided by --allow-undecided")
LIMIT_FROM: Final = said("limit from")
DOCUMENT: Final = said("document")
DIGEST: Final = said("SHA-256 of this report as JSON")
NO_DATE: Final = said("not recorded")


def document_sha256(document: ReportDocument) -> str:
    """Of what `--format json` writes for the same run: whoever has both can tell that they belong
    together."""
    return hashlib.sha256(render_json(document).encode("utf-8")).hexdigest()


def document_number(sha256: str) -> str:
    """A number that needs no register: the same run has the same one, another run another."""
    return f"PS-{sha256[:4]}-{sha256[4:8]}-{sha256[8:12]}".upper()


def notices_of(document: ReportDocument) -> tuple[str, ...]:
    """What a reader must know before anything else: what was left out, and what the document itself
    says of its standards."""
    left_out = (REDACTED,) if document.redacted else ()
    return (*left_out, *getattr(document, "notices", ()))


def undecided(section: Section) -> list[tuple[str, str, str]]:
    """(rule, status, message) of what a stage left open, the silent rules last."""
    found = [
        (finding.rule_id, finding.status.value, finding.message)
        for finding in section.findings
        if finding.status.value in ("NOT_EVALUATED", "INDETERMINATE")
    ]
    silent: list[tuple[str, str, Said]] = [
        (rule, "NOT_EVALUATED", SILENT) for rule in section.silent_rules
    ]
    return [*found, *silent]
