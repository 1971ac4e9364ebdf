"""The list of checks is closed, complete and explained."""

from __future__ import annotations

import ast
import inspect
import re
import runpy
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
    "holes one by one": "GEO-04",
    "vertices in a point": "GEO-05",
    "what is filled": "GEO-11",
    "islands": "PRN-02",
    "bridges and cantilevers": "PRN-03",
    "stability": "PRN-04",
    "bed contact": "PRN-05",
    "trapped volumes": "PRN-06",
    "build volume": "PRN-07",
    "supports": "PRN-01",
    "minimum wall": "THK-01",
    "gaps and clearance": "THK-02",
    "printable line width": "THK-03",
    "floors and roofs": "THK-04",
    "chordal error": "FEA-02",
    "knife edges": "FEA-03",
    "text": "FEA-04",
    "holes": "FEA-05",
    "pins": "FEA-06",
    "ribs and slots": "FEA-07",
    "precision": "UNT-02",
    "sizes below the table": "DIM-01",
    "chamber": "MAT-01",
    "feedstock record complete": "FST-01",
    "feedstock's polymer": "FST-02",
    "filament diameter": "FST-03",
    "filament roundness": "FST-04",
    "filament dryness": "FST-05",
    "filament's dates": "FST-06",
    "order record complete": "ORD-01",
    "ordered geometry": "ORD-02",
    "drawing and index": "ORD-03",
    "zones": "ORD-04",
    "orientation": "ORD-05",
    "process and feedstock": "ORD-06",
    "tolerances": "ORD-07",
    "features of size": "FEA-01",
    "radii and chamfers below the table": "DIM-02",
    "characteristics of the drawing": "DRW-01",
    "earned class": "CAP-01",
}
ASKED = {rule for rule in DEMANDED.values() if rule[:3] in ("MAT", "FST", "ORD", "CAP")}
"""Of what the user gives beside the model: no pack demands it."""
NOT_MANDATORY = {
    *("UNT-02", "PRN-01", "PRN-07", "THK-02", "THK-03", "THK-04"),
    *("FEA-03", "FEA-04", "FEA-05", "FEA-06", "FEA-07"),
}
"""What neither pack demands: a design rule broken fails the part all the same."""
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


def test_the_table_in_the_docs_is_the_registrys() -> None:
    """Otherwise: `make docs`."""
    script = Path(__file__).parents[3] / "docs" / "make_checks.py"
    made = runpy.run_path(str(script))["text"]()
    assert script.with_name("checks.md").read_text("utf-8") == made
    assert all(f"| {check.id} {check.title} | " in made for check in all_rules())


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
    printing = {rule for rule in DEMANDED.values() if rule.startswith("PRN-")}
    topology = {"GEO-04", "GEO-05", "GEO-11"}
    # DRW-01 is mandatory where a drawing is given, whatever the pack (`pipeline.validate`).
    listed = {"FEA-01", "DIM-02", "DRW-01"}
    optional = NOT_MANDATORY | ASKED | printing | topology | listed
    assert set(DEMANDED.values()) - set(demanded) <= optional
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
    # These go through helpers, only report, or are tested with their records.
    for rule in set(DEMANDED.values()) - {"GEO-10", "FEA-01", "FEA-02", "PRN-03", "CAP-01"}:
        assert "PASS" in states[rule], rule
        assert states[rule] - {"PASS"}, rule
