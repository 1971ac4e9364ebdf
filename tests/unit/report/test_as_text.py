"""The text report: everything that was found is in it, and it fits the columns it is given."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.artifacts.finding import Finding, Status, Where
from printstd.profiles.decision import decide
from printstd.report.as_text import number, place, plain, render
from printstd.report.document import (
    SCHEMA_VERSION,
    Fact,
    Problem,
    ReportDocument,
    Subject,
    section_of,
)

FINDINGS = (
    Finding("GEO-02", Status.FAIL, "3 edges with one facet", "3MF Core 1.4.0, 4.1", 3, 0, "edges",
            (Where(facets=(1, 2, 3, 4)), Where())),
    Finding("THK-01", Status.WARN, "a wall of 0.5 mm", "printer: nozzle_mm", 0.51234, 0.8, "mm",
            (Where(point_mm=(1.0, -0.0, 2.5), layer=3, line=7),)),
    Finding("PRN-07", Status.NOT_EVALUATED, "no printer was named", "printer: volume"),
    Finding("FEA-02", Status.NOT_APPLICABLE, "no round surface", "table 1"),
    Finding("G-06", Status.PASS, "4 solid layers filled", "process", 1.0237, 1.06,
            "of the section's volume"),
    Finding("G-12", Status.INFO, "a bridge", "process", 0.0, None, "mm"),
)  # fmt: skip


def document(*findings: Finding, **subject: object) -> ReportDocument:
    rules = tuple(dict.fromkeys(f.rule_id for f in findings))
    decision = decide(findings, rules_run=rules, mandatory=())
    section = section_of("validate", findings, decision, rules)
    made = Subject("part.stl", "ab" * 32, (), (section,), (), None, decision.exit_code)
    return ReportDocument(
        SCHEMA_VERSION, "printstd", "0.1.0", "validate", "Report", "ISO 2768-m",
        (replace(made, **subject),), decision.exit_code,
    )  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 99, 100, 120, 160])
def test_every_finding_is_there_and_no_line_is_too_long(width):
    text = render(document(*FINDINGS), color=False, width=width)
    flat = " ".join(text.split())
    for finding in FINDINGS:
        assert finding.rule_id in text
        for word in finding.message.split():
            assert word in flat
    for line in text.splitlines():
        assert len(line) <= width or "sha256" in line
        assert line == line.rstrip()
    assert "validate: FAILED" in text
    assert "1 FAIL (GEO-02), 1 NOT_EVALUATED (PRN-07), 1 WARN (THK-01), 1 INFO, 1 PASS" in flat


def test_a_row_that_matters_says_where_and_by_whom_and_a_passing_one_does_not():
    text = render(document(*FINDINGS), color=False, width=120)
    assert "at facets 1, 2, 3…, and 1 more" in text
    assert "at line 7, layer 3, (1.00 0.00 2.50) mm" in text
    assert "limit from: printer: nozzle_mm" in text
    assert text.count("limit from:") == 3


def test_colour_is_the_only_difference_that_a_terminal_makes():
    plain_text = render(document(*FINDINGS), color=False, width=100)
    coloured = render(document(*FINDINGS), color=True, width=100)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in bare.splitlines()] == plain_text.splitlines()
    assert "\x1b[" not in plain_text
    assert "\x1b[1;31mFAILED" in coloured


def test_problems_products_and_what_to_do_next_are_at_the_end():
    text = render(
        document(
            outputs=("a.gcode",),
            problem=Problem("broken\n  where: part.stl", 4),
            hints=("printstd explain GEO-02",),
            facts=(Fact("layers", "3"), Fact("filament", "1 m")),
            sections=(),
        ),
        color=False,
        width=80,
    )
    assert text.endswith(
        "broken\n  where: part.stl\n\n  wrote  a.gcode\n  next   printstd explain GEO-02\n"
    )
    assert "  layers    3\n  filament  1 m\n" in text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "mm", ""),
        (0.0, "mm", "0 mm"),
        (-0.0, "mm", "0 mm"),
        (-4e-7, "mm", "0 mm"),
        (0.0021, "mm", "0.002 mm"),
        (12.3456, "mm", "12.346 mm"),
        (100.0, "mm", "100 mm"),
        (-0.0, "edges", "0 edges"),
        (1234567.0, "facets", "1234567 facets"),
        (83.333333, "mm/s", "83.33 mm/s"),
        (1.0237, "of the section's volume", "1.024"),
    ],
)
def test_numbers_are_written_as_people_write_them(value, unit, text):
    assert number(value, unit) == text


def test_a_place_without_anything_is_nothing():
    assert place(()) == ""
    assert place((Where(byte=84),)) == "byte 84"
    box = (0.0, 0.0, 0.0, 1.0, 2.0, 3.0)
    assert place((Where(box_mm=box),)) == "(0.00 0.00 0.00) to (1.00 2.00 3.00) mm"


@given(st.text(max_size=40))
@settings(max_examples=200, derandomize=True)
def test_no_text_of_a_file_steers_the_terminal(text):
    shown = plain(text)
    assert shown.isprintable()
    assert plain(shown) == shown
    report = render(document(facts=(Fact(text, text),), sections=(), name=text), color=False,
                    width=80)  # fmt: skip
    assert all(line.isprintable() for line in report.split("\n"))


def test_rules_that_do_not_apply_for_one_reason_share_a_row():
    def of(rule, status, message):
        return Finding(rule, status, message, "source")

    none = "no record was given"
    text = render(
        document(
            *(of(f"FST-0{n}", Status.NOT_APPLICABLE, none) for n in range(1, 7)),
            of("ORD-01", Status.NOT_APPLICABLE, "no order was given"),
            of("ORD-02", Status.PASS, none),
            of("ORD-03", Status.PASS, none),
        ),
        color=False,
        width=120,
    )
    assert text.count(none) == 3
    assert "FST-01…06" in text
    assert all(rule in text for rule in ("ORD-01", "ORD-02", "ORD-03"))
