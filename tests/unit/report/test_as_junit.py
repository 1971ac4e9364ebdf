"""JUnit XML: what servers count adds up, and no run that is not a yes is green."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from printstd.artifacts.finding import Status
from printstd.report.as_junit import render
from printstd.report.redaction import redact
from tests.unit.report.documents import FINDINGS, HOSTILE, PAGES, document, hostile


def suites_of(made):
    root = ElementTree.fromstring(render(made, pages=PAGES).encode())
    for counted in (root, *root):
        cases = list(counted.iter("testcase"))
        assert int(counted.get("tests")) == len(cases)
        for kind, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            if (counted.tag, kind) == ("testsuites", "skipped"):
                assert kind not in counted.attrib  # Jenkins's schema knows none there
                continue
            assert int(counted.get(kind)) == sum(case.find(tag) is not None for case in cases)
    return list(root)


@pytest.mark.parametrize("made", [document(*FINDINGS), hostile(), document(), redact(hostile())])
def test_the_counts_are_those_of_the_cases(made):
    suites_of(made)


def test_each_rule_is_a_case_and_ends_as_it_ended():
    (suite,) = suites_of(document(*FINDINGS))
    ends = {case.get("name").split()[0]: case for case in suite.iter("testcase")}
    assert [*ends] == [*(f.rule_id for f in FINDINGS), "GEO-99", "verdict"]
    failure = ends["GEO-02"].find("failure")
    assert failure.get("type") == "FAIL"
    assert failure.get("message") == "3 open edges; measured 3 edges; limit 0 edges"
    assert "limit from: 3MF Core 1.4.0, 4.1" in failure.text
    for rule in ("PRN-07", "DIM-01", "GEO-99"):
        assert ends[rule].find("skipped") is not None
    for rule in ("THK-01", "FEA-02", "G-06", "G-12"):
        assert ends[rule].find("system-out") is not None
    told = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert told["sha256"] == "ab" * 32
    assert told["geometry_sha256"] == "cd" * 32
    assert told["pack"] == "kz"


@pytest.mark.parametrize(
    ("findings", "end"),
    [
        (FINDINGS, "failure"),
        (FINDINGS[2:], "error"),
        (FINDINGS[4:], "error"),  # a rule that said nothing
    ],
)
def test_what_is_no_yes_is_red(findings, end):
    (suite,) = suites_of(document(*findings))
    verdict = [case for case in suite.iter("testcase") if case.get("name") == "verdict"]
    assert [child.tag for child in verdict[0]] == [end]


def test_a_yes_is_green_although_something_optional_was_not_evaluated():
    made = document(*FINDINGS[2:], mandatory=("G-06",))
    assert made.exit_code == 0
    (suite,) = suites_of(made)
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")


def test_a_file_that_was_refused_is_an_error():
    suite = suites_of(hostile())[-1]
    (case,) = suite.iter("testcase")
    assert case.find("error").get("message") == "[PAR-02] cut short"


def test_names_stay_what_they_are_and_what_no_xml_may_hold_is_an_escape():
    names = [suite.get("name") for suite in suites_of(hostile())]
    for name, given in zip(names, HOSTILE, strict=False):
        shown = "".join(
            c if c.isprintable() else c.encode("unicode_escape").decode() for c in given
        )
        assert name == f"{shown}: validate"


def test_a_worse_place_of_a_rule_is_not_hidden_by_a_better_one():
    good = replace(FINDINGS[0], status=Status.PASS)
    (suite,) = suites_of(document(good, FINDINGS[0]))
    assert next(suite.iter("testcase")).find("failure") is not None
