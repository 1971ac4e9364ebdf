"""A report without geometry tells no place, and still every result and figure."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.artifacts.finding import Finding, Status
from printstd.cli.main import run
from printstd.report import as_html, as_junit, as_sarif
from printstd.report.as_json import render as as_json
from printstd.report.as_text import render as as_text
from printstd.report.document import Fact
from printstd.report.pdf.render import render as as_pdf
from printstd.report.redaction import STRUCK, redact, struck
from printstd.words import said
from tests.unit.report.documents import (
    FINDINGS,
    FONTS,
    SAMPLES,
    TEXTS,
    document,
    picture,
    with_rows,
)

PLACES = re.compile(r"61\.24|61\.237|47\.52|47\.519|38\.64")


@pytest.mark.parametrize("made", [document(*FINDINGS), with_rows(document(*FINDINGS))])
def test_no_format_tells_a_place_or_a_shape(made):
    assert PLACES.search(as_json(made))
    hidden = redact(made)
    page = as_html.render(hidden, pages={}, texts=TEXTS, pictures={0: (picture(),)})
    for text in (
        as_json(hidden),
        as_text(hidden, color=False, width=120),
        as_sarif.render(hidden, pages={}),
        as_junit.render(hidden, pages={}),
        page,
    ):
        assert not PLACES.search(re.sub(r"[0-9a-f]{64}", "", text)), text
    for mark in ("<canvas", "<svg", "<figure", "view3d", 'type="text/plain"'):
        assert mark not in page
    assert "left out on purpose" in page
    assert as_pdf(hidden, fonts=FONTS, pictures={0: (picture(),)}) == as_pdf(
        hidden, fonts=FONTS, pictures={}
    )


def test_results_figures_limits_sources_and_digests_stay():
    made = document(*FINDINGS)
    hidden = redact(made)
    for before, after in zip(
        made.subjects[0].sections[0].findings, hidden.subjects[0].sections[0].findings, strict=True
    ):
        for name in ("rule_id", "status", "measured", "limit", "unit", "source"):
            assert getattr(before, name) == getattr(after, name)
    assert hidden.subjects[0].sha256 == made.subjects[0].sha256
    assert hidden.exit_code == made.exit_code
    assert hidden.redacted == ("geometry",)
    assert redact(hidden) == hidden


def test_rows_that_nobody_knows_keep_figures_and_lose_places():
    (row,) = redact(with_rows(document(*FINDINGS))).subjects[0].unheard_of
    assert (row.number, row.nominal_mm, row.is_met) == ("1", 12.5, True)
    assert (row.point_mm, row.facets) == ((0.0, 0.0, 0.0), ())


NUMBER = st.floats(-1e4, 1e4, allow_nan=False).map(lambda v: round(v, 3))


@given(st.tuples(NUMBER, NUMBER, NUMBER), st.sampled_from(["({} {} {})", "{}, {}, {}", "{} {} {}"]))
def test_three_numbers_side_by_side_are_struck_out(point, shape):
    text = struck(f"a wall at {shape.format(*point)} mm")
    assert text == f"a wall at {STRUCK} mm"


def test_sentences_are_struck_in_every_language_and_sizes_are_no_places():
    place = said("at {x:.2f}, {y:.2f}, {z:.2f} mm", x=1.0, y=2.0, z=3.0)
    hidden = struck(place)
    assert hidden == f"at {STRUCK}, {STRUCK}, {STRUCK} mm"
    assert hidden.in_words_of({place.template: "{x:.2f} {y:.2f} {z:.2f} мм"}.get) == (
        f"{STRUCK} {STRUCK} {STRUCK} мм"
    )
    assert struck(said("from Z {z:.2f} mm up", z=4.2)) == f"from Z {STRUCK} mm up"
    assert struck("from Z 4.20 mm up") == f"from {STRUCK} mm up"
    for kept in (
        "12 x 34 x 5.6 mm",
        "1 of 12, 0.5 mm",
        "ISO/ASTM 52900:2021",
        "3MF Core 1.4.0, 4.1",
    ):
        assert struck(kept) == kept


def test_where_a_part_stands_is_a_place():
    made = document(facts=(Fact("placed at", "1 mm"), Fact("A: placed at", "2 mm"), Fact("a", "3")))
    assert [fact.value for fact in redact(made).subjects[0].facts] == [STRUCK, STRUCK, "3"]


@pytest.mark.parametrize(
    "name", ["tee.stl", "thin_tube.stl", "open_box.stl", "crossing_bodies.stl"]
)
def test_the_command_hides_what_its_own_findings_tell(name, capsys):
    arguments = ["validate", str(SAMPLES / name), "--printer", "mk4s", "--format", "json"]
    run(arguments)
    (open_,) = json.loads(capsys.readouterr().out)["subjects"]
    run([*arguments, "--redact", "geometry"])
    told = capsys.readouterr().out
    (hidden,) = json.loads(told)["subjects"]
    findings = [f for section in open_["sections"] for f in section["findings"]]
    assert any(finding["where"] for finding in findings)
    for before, after in zip(
        findings, (f for section in hidden["sections"] for f in section["findings"]), strict=True
    ):
        assert after["where"] == []
        assert (before["measured"], before["status"]) == (after["measured"], after["status"])


def test_a_finding_is_left_alone_where_it_tells_no_place():
    plain = Finding("A-1", Status.PASS, said("{n} of {m} facets", n=3, m=4), "own")
    made = redact(document(plain))
    assert made.subjects[0].sections[0].findings[0] == replace(plain)
