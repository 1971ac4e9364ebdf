"""The report as SARIF 2.1.0, for code scanning and editors.

A rule stands for each check, with its page as help; a result for each finding. Levels: FAIL error,
WARN warning, INFO note. The standard lets a level stand with kind ``fail`` alone, so what is no
failure says its kind (PASS pass, NOT_APPLICABLE notApplicable, NOT_EVALUATED open, INDETERMINATE
review) and has the level none; because some readers show no such result, what was left open is
also a notification of the run, with the rule that it is about.

A place in a binary STL file is the bytes of its facet (84 + 50 i, 50 of them); every region also
has a line, without which code scanning shows nothing. Places in space stand in the properties.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from printstd.artifacts.finding import Finding, Status, Where
from printstd.report.as_text import plain
from printstd.report.document import ReportDocument, Section, Subject
from printstd.report.rule_page import Pages
from printstd.report.speech import ENGLISH, OPEN, Speech
from printstd.report.wording import notices_of
from printstd.words import said

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: Final = MappingProxyType(
    {
        Status.FAIL: ("fail", "error"),
        Status.WARN: ("fail", "warning"),
        Status.INFO: ("fail", "note"),
        Status.NOT_EVALUATED: ("open", "none"),
        Status.INDETERMINATE: ("review", "none"),
        Status.PASS: ("pass", "none"),
        Status.NOT_APPLICABLE: ("notApplicable", "none"),
    }
)
"""Status -> (kind, level)."""
_STL_HEAD: Final = 84
_STL_FACET: Final = 50
FINGERPRINT: Final = "geometryRulePlace/v1"


def render(
    document: ReportDocument,
    *,
    pages: Pages,
    files: Sequence[str] | None = None,
    speech: Speech = ENGLISH,
) -> str:
    """files : the subjects' paths from the root of the repository, where they are called
    otherwise."""
    if files is not None:
        named = (
            replace(one, name=file) for one, file in zip(document.subjects, files, strict=True)
        )
        document = replace(document, subjects=tuple(named))
    rules = _rule_ids(document)
    numbers = {rule: number for number, rule in enumerate(rules)}
    results = [
        result
        for index, subject in enumerate(document.subjects)
        for section in subject.sections
        for result in _results(subject, index, section, numbers, speech)
    ]
    driver = {
        "name": document.tool,
        "version": document.tool_version,
        "semanticVersion": document.tool_version,
        "language": speech.language,
        "rules": [_rule(rule, pages, speech) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(document, numbers, speech)],
        "artifacts": [_artifact(subject) for subject in document.subjects],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {
            "command": document.command,
            "standard": speech.say(document.standard),
            "decisionRule": speech.say(document.decision_rule),
            "outcomes": [
                {"subject": subject.name, "stage": section.stage, "outcome": section.outcome}
                for subject in document.subjects
                for section in subject.sections
                if section.outcome is not None
            ],
            "redacted": list(document.redacted),
        },
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _rule_ids(document: ReportDocument) -> list[str]:
    """Every rule that ran, spoke or should have, in report order."""
    return list(
        dict.fromkeys(
            rule
            for subject in document.subjects
            for section in subject.sections
            for rule in (
                *section.rules_run,
                *(finding.rule_id for finding in section.findings),
                *section.silent_rules,
            )
        )
    )


def _rule(rule: str, pages: Pages, speech: Speech) -> dict[str, Any]:
    page = pages.get(rule)
    if page is None:
        return {"id": rule}
    text = page.text.strip()
    return {
        "id": rule,
        "shortDescription": {"text": speech.say(page.title)},
        "fullDescription": {"text": page.demand},
        "help": {"text": text, "markdown": f"```text\n{text}\n```"},
    }


def _invocation(
    document: ReportDocument, numbers: dict[str, int], speech: Speech
) -> dict[str, Any]:
    notices: list[dict[str, Any]] = [
        {"level": "note", "message": {"text": plain(speech.say(notice))}}
        for notice in notices_of(document)
    ]
    for index, subject in enumerate(document.subjects):
        if subject.problem is not None:
            message = plain_lines(speech.say(subject.problem.message))
            level = "error" if subject.exit_code else "note"
            notices.append(_notice(level, message, subject, index))
        for section in subject.sections:
            for finding in section.findings:
                if finding.status in OPEN:
                    words = f"{finding.rule_id} {finding.status.value}: "
                    notice = _notice(
                        "warning", words + plain(speech.say(finding.message)), subject, index
                    )
                    number = numbers[finding.rule_id]
                    notice["associatedRule"] = {"id": finding.rule_id, "index": number}
                    notices.append(notice)
    is_done = not any(subject.problem and subject.exit_code for subject in document.subjects)
    return {
        "executionSuccessful": is_done,
        "exitCode": document.exit_code,
        "toolExecutionNotifications": notices,
    }


def _notice(level: str, message: str, subject: Subject, index: int) -> dict[str, Any]:
    location = {"physicalLocation": {"artifactLocation": _place_of(subject, index)}}
    return {"level": level, "message": {"text": message}, "locations": [location]}


def _place_of(subject: Subject, index: int) -> dict[str, Any]:
    return {"uri": quote(subject.name, safe="/"), "index": index}


def _artifact(subject: Subject) -> dict[str, Any]:
    found: dict[str, Any] = {
        "location": {"uri": quote(subject.name, safe="/")},
        "roles": ["analysisTarget"],
        "description": {"text": plain(subject.name)},
    }
    if subject.sha256:
        found["hashes"] = {"sha-256": subject.sha256}
    if subject.geometry_sha256:
        found["properties"] = {"geometry_sha256": subject.geometry_sha256}
    return found


def _results(
    subject: Subject, index: int, section: Section, numbers: dict[str, int], speech: Speech
) -> Iterator[dict[str, Any]]:
    seen: dict[str, int] = {}
    known = frozenset(section.known)
    for index_of_finding, finding in enumerate(section.findings):
        kind, level = LEVELS[finding.status]
        places = [_location(subject, index, where) for where in finding.where]
        properties: dict[str, Any] = {
            "status": finding.status.value,
            "stage": section.stage,
            "source": plain(speech.say(finding.source)),
        }
        for key in ("measured", "limit", "unit"):
            value = getattr(finding, key)
            if value is not None and value != "":
                properties[key] = value
        if finding.details:
            properties["details"] = {
                plain(speech.say(name)): plain(speech.say(value)) for name, value in finding.details
            }
        mark = _fingerprint(subject, finding)
        # Two findings of one rule without a place would otherwise be one to the reader.
        seen[mark] = seen.get(mark, 0) + 1
        result: dict[str, Any] = {
            "ruleId": finding.rule_id,
            "ruleIndex": numbers[finding.rule_id],
            "kind": kind,
            "level": level,
            "message": {"text": plain(speech.say(finding.message))},
            "locations": places[:1] or [_location(subject, index, Where())],
            "partialFingerprints": {FINGERPRINT: f"{mark}:{seen[mark]}"},
            "properties": properties,
        }
        if index_of_finding in known:
            result["suppressions"] = [
                {"kind": "external", "justification": speech.say(why_known(subject))}
            ]
        if places[1:]:
            result["relatedLocations"] = [
                {"id": number, **place} for number, place in enumerate(places[1:], 1)
            ]
        yield result
    for rule in section.silent_rules:
        yield {
            "ruleId": rule,
            "ruleIndex": numbers[rule],
            "kind": "open",
            "level": "none",
            "message": {"text": speech.say(said("the rule said nothing"))},
            "locations": [_location(subject, index, Where())],
        }


def why_known(subject: Subject) -> str:
    """Why what was found against a file keeps nothing from passing."""
    if subject.expected in ("", "passed"):
        return said("known: it stands in the baseline")
    return said("known: it is expected of this file")


def _location(subject: Subject, index: int, where: Where) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": where.line or 1}
    if where.byte is not None:
        region |= {"byteOffset": where.byte, "byteLength": 1}
    elif where.facets and subject.source_format == "stl-binary":
        region |= {
            "byteOffset": _STL_HEAD + _STL_FACET * where.facets[0],
            "byteLength": _STL_FACET,
        }
    found: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": _place_of(subject, index), "region": region},
        "logicalLocations": _logical(subject, where),
    }
    properties: dict[str, Any] = {}
    if where.point_mm is not None:
        properties["position_mm"] = list(where.point_mm)
    if where.box_mm is not None:
        properties["box_mm"] = list(where.box_mm)
    if where.facets:
        properties["facets"] = list(where.facets)
    if properties:
        found["properties"] = {"frame": where.frame, **properties}
    return found


def _logical(subject: Subject, where: Where) -> list[dict[str, Any]]:
    """Where in the part: its name, the layer, the facet."""
    name = plain(subject.name)
    found: list[dict[str, Any]] = [{"name": name, "fullyQualifiedName": name, "kind": "part"}]
    parts = [("layer", where.layer), ("facet", where.facets[0] if where.facets else None)]
    for kind, number in parts:
        if number is not None:
            name = f"{name}/{kind} {number}"
            found.append({"name": f"{kind} {number}", "fullyQualifiedName": name, "kind": kind})
    return found[::-1]  # readers show the first: the deepest


def _fingerprint(subject: Subject, finding: Finding) -> str:
    """The same for the same shape, rule and place, however the file writes them."""
    first = finding.where[0] if finding.where else Where()
    if first.point_mm is not None:
        place = " ".join(f"{value + 0.0:.3f}" for value in first.point_mm)
    elif first.box_mm is not None:
        place = " ".join(f"{value + 0.0:.3f}" for value in first.box_mm)
    else:
        place = f"{first.layer} {first.line} {first.byte} {first.facets[:1]}"
    shape = subject.geometry_sha256 or subject.sha256 or subject.name
    text = "|".join((shape, finding.rule_id, first.frame, place))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def plain_lines(text: str) -> str:
    """`plain` of every line."""
    return "\n".join(plain(line) for line in text.split("\n"))
