"""Every rule of docs/3mf.md on files that break it and files that keep to it."""

from __future__ import annotations

import pytest

from docs.make_3mf import TARGET, text
from tests.conformance.threemf.chapters import RULES, Case, wrong

CASES = {f"{rule.chapter}: {case.name}": case for rule in RULES for case in rule.cases}


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_with_its_code_or_taken(name: str) -> None:
    assert wrong(CASES[name]) == ""


def test_every_rule_is_shown_on_files_that_keep_to_it_and_files_that_break_it() -> None:
    assert len(CASES) == sum(len(rule.cases) for rule in RULES)
    for rule in RULES:
        codes = [case.code for case in rule.cases]
        assert "" in codes, rule.says
        assert any(codes), rule.says


def test_the_judgement_itself_sees_a_wrong_outcome() -> None:
    good, bad = (
        next(c for c in CASES.values() if not c.code),
        next(c for c in CASES.values() if c.code),
    )
    assert wrong(Case(good.name, good.data, "3MF-016")) == "taken"
    assert wrong(Case(bad.name, bad.data)).startswith("refused with")


def test_the_page_has_the_table_of_these_rules() -> None:
    assert TARGET.read_text("utf-8") == text(), "run `make docs`"
