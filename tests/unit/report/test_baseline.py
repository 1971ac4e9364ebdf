"""The baseline: what is known stays known whatever it is called, what is new or worse is not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.artifacts.finding import Finding, Status, Where
from printstd.errors import InputError
from printstd.profiles.decision import Outcome, decide
from printstd.report.baseline import baseline_text, compared, fingerprint, read_baseline
from printstd.report.document import Problem, Subject, section_of

COORDINATE = st.floats(-300, 300, allow_nan=False)
POINT = st.tuples(COORDINATE, COORDINATE, COORDINATE)


def at(x: float, y: float, z: float, **more: object) -> Where:
    return Where(point_mm=(x, y, z), **more)


HERE = at(10.5, 20.5, 5.5)


def wall(where: Where = HERE, **changes: object) -> Finding:
    made = Finding("THK-01", Status.FAIL, "thin", "printer", 0.3, 0.4, "mm", (where,))
    return replace(made, **changes)


def subject(*findings: Finding, name: str = "a.stl", mandatory=("THK-01",), **changes) -> Subject:
    rules = tuple(dict.fromkeys([*(f.rule_id for f in findings), *mandatory]))
    heard = {f.rule_id for f in findings}
    spoken = (
        *findings,
        *(Finding(r, Status.PASS, "fine", "x") for r in mandatory if r not in heard),
    )
    decision = decide(spoken, rules_run=rules, mandatory=mandatory)
    section = section_of("validate", spoken, decision, rules)
    made = Subject(name, "ab" * 32, (), (section,), (), None, decision.exit_code)
    return replace(made, **changes)


def known_of(*subjects: Subject):
    return read_baseline(baseline_text(subjects).encode(), "known.json")


def code(known, *subjects: Subject) -> list[int]:
    return [one.exit_code for one in compared(subjects, known).subjects]


def test_what_is_known_is_let_by_and_keeps_its_outcome():
    before = subject(wall())
    (after,) = compared([before], known_of(before)).subjects
    assert before.exit_code == 1
    assert after.exit_code == 0
    (section,) = after.sections
    assert section.known == (0,)
    assert section.outcome is Outcome.FAILED
    assert section.standing() is Outcome.PASSED
    assert section.new_findings() == before.sections[0].findings[1:]


@pytest.mark.parametrize(
    "now",
    [
        wall(message="said otherwise"),
        wall(at(10.5, 20.5, 5.5, facets=(7, 8), line=12, byte=99)),
        wall(at(10.51, 20.5, 5.5)),
        wall(measured=0.35),
        wall(measured=0.2995),
        wall(status=Status.INDETERMINATE),
        wall(source="another clause"),
        wall(Where(box_mm=(10, 20, 5, 11, 21, 6))),
    ],
)
def test_the_same_finding_told_otherwise_or_no_worse_is_known(now):
    assert code(known_of(subject(wall())), subject(now)) == [0]


@pytest.mark.parametrize(
    ("now", "name"),
    [
        (wall(at(12.5, 20.5, 5.5)), "a.stl"),
        (wall(measured=0.2), "a.stl"),
        (wall(), "b.stl"),
        (wall(rule_id="THK-02"), "a.stl"),
        (wall(at(10.5, 20.5, 5.5, frame="bed")), "a.stl"),
    ],
)
def test_another_place_file_or_rule_and_a_worse_one_are_new(now, name):
    assert code(known_of(subject(wall())), subject(now, name=name)) == [1]


def test_a_question_that_became_a_no_is_new():
    was = subject(wall(status=Status.INDETERMINATE))
    assert was.exit_code == 8
    assert code(known_of(was), was) == [0]
    assert code(known_of(was), subject(wall())) == [1]


def test_a_mandatory_question_behind_a_known_no_is_still_asked():
    question = Finding("PRN-07", Status.NOT_EVALUATED, "no printer", "x")
    both = subject(wall(), question, mandatory=("THK-01", "PRN-07"))
    assert both.exit_code == 1
    assert code(known_of(subject(wall())), both) == [8]
    assert code(known_of(both), both) == [0]


def test_a_rule_that_said_nothing_is_never_known():
    silent = subject(wall())
    section = replace(silent.sections[0], silent_rules=("GEO-02",))
    silent = replace(silent, sections=(section,))
    assert code(known_of(silent), silent) == [8]


def test_of_several_without_a_place_as_many_as_were_known_are():
    def loose() -> Finding:
        return replace(wall(), where=())

    known = known_of(subject(loose(), loose()))
    assert [entry.count for entry in known] == [2]
    assert code(known, subject(loose())) == [0]
    assert code(known, subject(loose(), loose())) == [0]
    assert code(known, subject(loose(), loose(), loose())) == [1]


def test_a_refused_file_is_known_while_its_bytes_are_the_same():
    refused = subject(problem=Problem("cut", 4), exit_code=4, sections=())
    known = known_of(refused)
    assert code(known, refused) == [0]
    assert code(known, replace(refused, sha256="cd" * 32)) == [4]
    outside = replace(refused, problem=Problem("disk", 7), exit_code=7)
    assert known_of(outside) == ()
    assert code(known, outside) == [7]


def test_what_is_mended_is_told_as_gone_only_of_files_that_were_looked_at():
    known = known_of(subject(wall()), subject(wall(), name="b.stl"))
    now = compared([subject()], known)
    assert [entry.file for entry in now.gone] == ["a.stl"]


def test_what_is_expected_to_fail_needs_no_baseline():
    fixture = subject(wall(), expected="failed", exit_code=0)
    assert known_of(fixture) == ()
    assert compared([fixture], ()).subjects == (fixture,)


@given(POINT, st.tuples(*[st.floats(-0.049, 0.049)] * 3))
def test_the_last_digit_of_a_place_makes_nothing_new(point, off):
    moved = tuple(a + b for a, b in zip(point, off, strict=True))
    known = known_of(subject(wall(at(*point))))
    assert code(known, subject(wall(at(*moved)))) == [0]


@given(POINT, st.sampled_from([0, 1, 2]), st.floats(1.06, 50))
def test_a_place_more_than_a_cube_away_is_new(point, axis, off):
    moved = list(point)
    moved[axis] += off
    known = known_of(subject(wall(at(*point))))
    assert code(known, subject(wall(at(*moved)))) == [1]


@given(st.permutations([wall(at(x + 0.5, 0.5, 0.5)) for x in range(4)]))
def test_the_file_does_not_depend_on_the_order_and_reads_back(findings):
    wanted = baseline_text([subject(*[wall(at(x + 0.5, 0.5, 0.5)) for x in range(4)])])
    text = baseline_text([subject(*findings)])
    assert text == wanted
    rows = json.loads(text)["known"]
    assert len(text.splitlines()) == len(rows) + 5  # one a line: branches merge
    marks = [row["fingerprint"] for row in rows]
    assert set(marks) == {fingerprint("a.stl", "validate", finding) for finding in findings}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"schema_version": "2.0", "known": []}',
        '{"schema_version": "1.0", "known": [{"file": "a"}]}',
        '{"schema_version": "1.0", "known": [], "more": 1}',
    ],
)
def test_what_is_no_baseline_is_refused(text):
    with pytest.raises(InputError, match="no baseline"):
        read_baseline(text.encode(), "known.json")
