"""What CI servers are given: by the forms that they document, and nothing of a file can speak to
them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import jsonschema
import pytest

from printstd.artifacts.finding import Finding, Status, Where
from printstd.report import as_check_text, as_github, as_gitlab, as_summary
from printstd.report.as_junit import render as render_junit
from printstd.report.as_sarif import render as render_sarif
from printstd.report.baseline import baseline_text, compared, read_baseline
from printstd.report.document import Problem
from printstd.report.redaction import redact
from printstd.report.speech import ENGLISH
from tests.unit.report.documents import FINDINGS, HOSTILE, PAGES, document, hostile
from tests.unit.report.test_as_sarif import VALIDATOR

COMMAND = re.compile(
    r"^::(error|warning|notice) (?:file=([^,:\r\n]+),line=(\d+),)?title=([^,:\r\n]*)::([^\r\n]*)$"
)
"""A workflow command, with its properties escaped as GitHub documents it."""

CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./|/)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""The fields that GitLab documents for Code Quality, in our words: it publishes no schema."""


def commands(made, **more):
    text = as_github.render(made, **more)
    assert text == "" or text.endswith("\n")
    found = [COMMAND.match(line) for line in text.splitlines()]
    assert all(found), text
    return [match.groups() for match in found]


def failing(count: int, status: Status = Status.FAIL, rule: str = "GEO-02") -> list[Finding]:
    return [
        Finding(rule, status, f"number {n}", "x", where=(Where(point_mm=(n * 3.0, 0.0, 0.0)),))
        for n in range(count)
    ]


def test_annotations_are_worst_first_and_say_where():
    question = "DIM-01"
    made = document(*FINDINGS[1:], *failing(1), mandatory=(question, "PRN-07"))
    found = commands(made, files=["parts/part.stl"])
    assert [(kind, title) for kind, _, _, title, _ in found] == [
        ("error", "GEO-02 FAIL"),
        ("error", "PRN-07 NOT_EVALUATED"),
        ("error", "DIM-01 INDETERMINATE"),
        ("warning", "THK-01 WARN"),
    ]
    assert {path for _, path, *_ in found} == {"parts/part.stl"}
    assert "limit 10.2 mm" in found[2][4]


def test_no_more_are_written_than_are_shown_and_the_rest_is_counted():
    found = commands(document(*failing(25), *failing(13, Status.WARN, "THK-01")))
    kinds = [kind for kind, *_ in found]
    assert kinds == ["error"] * 10 + ["warning"] * 10 + ["notice"]
    # GEO-99 said nothing, which is an error, too.
    assert found[-1][4] == f"{15 + 1 + 3} more are in the summary of the job"


def test_lines_of_programs_are_theirs_and_lines_of_records_are_not():
    program = Finding("M-03", Status.FAIL, "out", "x", where=(Where(line=123, frame="bed"),))
    record = Finding("ORD-01", Status.FAIL, "no", "x", where=(Where(line=7, frame="order.toml"),))
    lines = {title.split()[0]: line for _, _, line, title, _ in commands(document(program, record))}
    assert lines["M-03"] == "123"
    assert lines["ORD-01"] == "1"


NASTY = (
    *HOSTILE,
    "::error file=x::y.stl",
    "a\n::set-env name=PATH::evil.stl",
    "a,line=2,title=x::b.stl",
    "100%0A.stl",
)


@pytest.mark.parametrize("name", NASTY)
def test_no_name_and_no_message_is_a_command_of_its_own(name):
    finding = Finding("GEO-02", Status.FAIL, f"found in {name}", "x")
    made = document(finding, name=name)
    before = commands(document(finding))
    after = commands(made)
    assert len(after) == len(before)
    text = as_github.render(made).split("::", 2)[1]
    path = re.search(r"file=([^,]*)", text)[1]
    for sign, plain in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        path = path.replace(sign, plain)
    assert path == name
    summary = as_summary.render(made)
    assert summary.count("\n") == as_summary.render(document(finding)).count("\n")
    assert "<script" not in re.sub(r"`+[^`]*`+", "", summary)


@pytest.mark.parametrize("made", [document(*FINDINGS), hostile(), document(), redact(hostile())])
def test_code_quality_keeps_to_its_documented_fields(made):
    issues = json.loads(as_gitlab.render(made))
    assert list(jsonschema.Draft202012Validator(CODE_QUALITY).iter_errors(issues)) == []
    marks = [issue["fingerprint"] for issue in issues]
    assert len(set(marks)) == len(marks)


def test_code_quality_tells_what_is_grave():
    made = document(*FINDINGS, mandatory=("DIM-01",))
    issues = {issue["check_name"]: issue for issue in json.loads(as_gitlab.render(made))}
    assert {rule: issue["severity"] for rule, issue in issues.items()} == {
        "GEO-02": "critical",
        "DIM-01": "major",
        "PRN-07": "info",
        "THK-01": "minor",
    }
    refused = document(problem=Problem("cut", 4), exit_code=4)
    (first, *_) = json.loads(as_gitlab.render(refused))
    assert first["severity"] == "blocker"


def test_code_quality_marks_do_not_hang_on_words_or_lines():
    finding = failing(1)[0]
    other = replace(finding, message="said otherwise", measured=3.0)
    marks = [
        json.loads(as_gitlab.render(document(one)))[0]["fingerprint"] for one in (finding, other)
    ]
    assert marks[0] == marks[1]


# ------------------------------------------------------------------------------- what is known


def known_and_new():
    """Two findings, of which the baseline knows the first."""
    first, second = failing(2)
    silenced = document(first, mandatory=("GEO-02",))
    known = read_baseline(baseline_text(silenced.subjects).encode(), "known.json")
    whole = document(first, second, mandatory=("GEO-02",))
    subjects = compared(whole.subjects, known).subjects
    return replace(whole, subjects=subjects, exit_code=1)


def all_known():
    first = failing(1)
    made = document(*first, mandatory=("GEO-02",))
    section = replace(made.subjects[0].sections[0], silent_rules=())
    made = replace(made, subjects=(replace(made.subjects[0], sections=(section,)),))
    known = read_baseline(baseline_text(made.subjects).encode(), "known.json")
    return replace(made, subjects=compared(made.subjects, known).subjects, exit_code=0)


def test_known_findings_are_suppressed_in_sarif_and_nowhere_shown_as_new():
    made = known_and_new()
    log = json.loads(render_sarif(made, pages=PAGES))
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    results = [r for r in log["runs"][0]["results"] if r["ruleId"] == "GEO-02"]
    kinds = [[s["kind"] for s in result.get("suppressions", [])] for result in results]
    assert kinds == [["external"], []]
    assert [text for *_, title, text in commands(made) if "GEO-02" in title] == [
        "number 1; at (3.00 0.00 0.00) mm"
    ]
    issues = json.loads(as_gitlab.render(made))
    assert [i["check_name"] for i in issues if i["severity"] == "critical"] == ["GEO-02"]


def test_a_run_whose_every_finding_is_known_is_green_everywhere():
    made = all_known()
    assert made.subjects[0].exit_code == 0
    assert as_github.render(made) == ""
    assert json.loads(as_gitlab.render(made)) == []
    root = ElementTree.fromstring(render_junit(made, pages=PAGES).encode())
    assert (root.get("failures"), root.get("errors")) == ("0", "0")
    verdict = [case for case in root.iter("testcase") if case.get("name") == "verdict"]
    assert verdict[0].find("system-out").text == "FAILED: GEO-02; 1 known"
    assert as_summary.render(made).startswith("## ✅")


def test_a_file_that_is_expected_to_pass_and_does_not_is_told_also_without_a_finding():
    made = document(Finding("GEO-02", Status.PASS, "fine", "x"), mandatory=("GEO-02",))
    section = replace(made.subjects[0].sections[0], silent_rules=())
    subject = replace(made.subjects[0], sections=(section,), expected="failed", exit_code=1)
    found = commands(replace(made, subjects=(subject,), exit_code=1))
    assert [(kind, text) for kind, *_, text in found] == [
        ("error", "the verdict is PASSED, and FAILED was expected")
    ]


# ---------------------------------------------------------------------------- JUnit and the table

JUNIT = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, set(), {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "group", "time", "timestamp", "hostname",
         "id", "package", "file", "log", "url"},
        {"name", "tests", "failures", "errors"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, {"name", "value"}, set()),
    "testcase": (
        {"name", "time", "classname", "group"},
        {"name"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": ({"type", "message"}, set(), set()),
    "error": ({"type", "message"}, set(), set()),
    "skipped": ({"type", "message"}, set(), set()),
    "system-out": (set(), set(), set()),
}  # fmt: skip
"""Element -> attributes, those of them that are required, elements within: what the schema of
Jenkins's xUnit plugin (junit-10.xsd) permits, in our words."""


@pytest.mark.parametrize(
    "made", [document(*FINDINGS), hostile(), document(), known_and_new(), all_known()]
)
def test_junit_keeps_to_what_jenkins_permits(made):
    root = ElementTree.fromstring(render_junit(made, pages=PAGES).encode())
    for element in root.iter():
        attributes, required, inside = JUNIT[element.tag]
        assert required <= set(element.attrib) <= attributes, element.tag
        assert {child.tag for child in element} <= inside, element.tag


def test_the_table_has_a_row_for_each_file_and_tells_what_is_new():
    made = known_and_new()
    other = replace(made.subjects[0], name="other.stl", expected="failed", exit_code=0)
    made = replace(made, command="check", subjects=(*made.subjects, other))
    text = as_check_text.render(made, color=False, width=100, speech=ENGLISH)
    rows = [line.split() for line in text.splitlines()[2:4]]
    assert [row[0] for row in rows] == ["part.stl", "other.stl"]
    assert "number 1" in text
    assert "number 0" not in text
    assert "\x1b" not in text
    assert "1 of 2 files pass" in text
    assert "\x1b[31m" not in as_check_text.render(made, color=False, width=60, speech=ENGLISH)
    assert "\x1b[1;31m" in as_check_text.render(made, color=True, width=60, speech=ENGLISH)
