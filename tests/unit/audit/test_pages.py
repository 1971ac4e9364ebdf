"""One file for each rule, and its docstring is the user's page."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Final

import pytest

from printstd.audit.registry import RULES, explain

ROOT: Final = Path(__file__).parents[3]
DOCS: Final = runpy.run_path(str(ROOT / "docs" / "make_rules.py"))


def test_the_table_of_rules_is_what_the_pages_say() -> None:
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == DOCS["text"]()


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_has_a_file_of_its_own_and_a_whole_page(rule_id: str) -> None:
    rule = RULES[rule_id]
    module = sys.modules[rule.check.__module__]
    name = module.__name__.rpartition(".")[2]
    assert name.partition("_")[0] == rule_id.replace("-", "").lower()
    page = explain(rule_id)
    assert page is not None
    assert page.splitlines()[0] == f"{rule_id}: {rule.title}"
    sections = DOCS["sections_of"](rule_id)
    others = [heading for heading in sections if heading not in DOCS["SECTIONS"]]
    assert [heading for heading in sections if heading not in others] == list(DOCS["SECTIONS"])
    assert others in ([], [DOCS["BEADS"]])
    assert all(body.strip() for body in sections.values())


def test_every_file_of_the_folder_is_in_the_registry_or_shared() -> None:
    folder = ROOT / "printstd" / "audit" / "rules"
    own = {rule_id.replace("-", "").lower() for rule_id in RULES}
    shared = {"__init__", "heating", "lexical", "temperature_check"}
    for path in folder.glob("*.py"):
        assert path.stem in shared or path.stem.partition("_")[0] in own, path.name
