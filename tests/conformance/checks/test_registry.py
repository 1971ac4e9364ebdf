"""The list of checks is closed, complete and explained."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import printstd.validate.checks as checks_package
from printstd.adapters.profile_files import default_source
from printstd.pipeline import resolve
from printstd.profiles.resolved import Request
from printstd.validate.blockers import BLOCKERS
from printstd.validate.registry import all_rules, explain
from tests import meshes
from tests.conformance.checks.judging import validated

DEMANDED = {
    "parse findings": "PAR-01",
    "units": "UNT-01",
    "welding": "GEO-01",
    "boundary and non-manifold edges": "GEO-02",
    "winding": "GEO-03",
    "degenerate facets": "GEO-06",
    "duplicate facets": "GEO-07",
    "inside-out shells": "GEO-08",
    "shells and loose bits": "GEO-09",
    "self-intersection": "GEO-10",
    "build volume": "PRN-07",
    "supports": "PRN-01",
    "minimum wall": "THK-01",
    "chordal error": "FEA-02",
    "sizes below the table": "DIM-01",
    "characteristics of the drawing": "DRW-01",
}
SECTIONS = (
    "What it demands",
    "Why",
    "How it is measured",
    "Example",
    "Standard and clause",
)


def test_every_check_that_is_demanded_is_there_and_no_other() -> None:
    found = [check.id for check in all_rules()]
    assert len(found) == len(set(found))
    assert set(found) == set(DEMANDED.values())


def test_every_file_of_checks_is_registered() -> None:
    folder = Path(inspect.getfile(checks_package)).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    registered = {check.run.__module__.rpartition(".")[2] for check in all_rules()}
    assert files == registered


@pytest.mark.parametrize("check", all_rules(), ids=lambda check: check.id)
def test_every_check_has_its_page(check: object) -> None:
    rule = getattr(check, "id", "")
    page = explain(rule)
    assert page is not None
    assert page.splitlines()[0] == f"{rule}: {getattr(check, 'title', '')}"
    places = [page.index(f"\n{section}\n") for section in SECTIONS]
    assert places == sorted(places)
    for section, start in zip(SECTIONS, places, strict=True):
        body = page[start + len(section) + 2 :].split("\n\n")[0].strip()
        assert len(body) > 10, section


def test_unknown_rules_have_no_page() -> None:
    assert explain("GEO-99") is None


def test_every_rule_runs_in_order_and_says_something() -> None:
    report = validated(meshes.bracket())
    in_order = [check.id for check in all_rules()]
    assert list(report.rules_run) == in_order
    assert report.missing_rules() == ()
    assert list(dict.fromkeys(finding.rule_id for finding in report.findings)) == in_order


@pytest.mark.parametrize("pack", ["int", "kz"])
def test_packs_demand_only_rules_that_exist(pack: str) -> None:
    demanded = resolve(Request(pack=pack), default_source()).pack.mandatory_checks
    assert set(demanded) <= set(DEMANDED.values())
    # DRW-01 is mandatory where a drawing is given, whatever the pack (`pipeline.validate`).
    assert set(DEMANDED.values()) - set(demanded) <= {"PRN-01", "PRN-07", "DRW-01"}
    assert set(BLOCKERS) <= set(DEMANDED.values())


def test_only_names_what_exists() -> None:
    assert validated(meshes.cube(), only=("GEO-02",)).rules_run == ("GEO-02",)
    with pytest.raises(KeyError, match="GEO-99"):
        validated(meshes.cube(), only=("GEO-99",))


def test_every_check_has_a_test_here_of_a_pass_and_of_what_is_worse() -> None:
    """The rule's id stands in a test file of this folder beside a PASS and beside another state."""
    texts = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    states: dict[str, set[str]] = {}
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                body = ast.get_source_segment(text, node) or ""
                for rule in set(re.findall(r"[A-Z]{3}-\d\d", body)):
                    states.setdefault(rule, set()).update(re.findall(r"Status\.([A-Z_]+)", body))
    for rule in set(DEMANDED.values()) - {"GEO-10", "FEA-02"}:  # these go through helpers
        assert "PASS" in states[rule], rule
        assert states[rule] - {"PASS"}, rule
