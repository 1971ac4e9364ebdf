"""What a change asks to be looked at again."""

from __future__ import annotations

import json

import pytest

from tests.integration.check.parts import GOOD, OTHER, THIN
from tests.repositories import Repository

SEVERAL = """
[repository]
profiles = "profiles"
[[rules]]
files = ["parts/drawn.stl"]
characteristics = "{folder}/{stem}.csv"
[[rules]]
files = ["parts/*.stl"]
[[rules]]
files = ["more/*.stl"]
class = "f"
"""
DRAWING = "number,feature,nominal,limits\n1,extent X,10,m\n"


@pytest.fixture
def branch(repository) -> Repository:
    repository.commit(
        {
            "printstd.toml": SEVERAL,
            "parts/drawn.stl": GOOD,
            "parts/drawn.csv": DRAWING,
            "more/x.stl": OTHER,
            "more/bad.stl": GOOD,
            "profiles/materials/README": "x",
        }
    )
    repository.git("switch", "-q", "-c", "work")
    return repository


def changed(check) -> set[str]:
    """The files that a run over the change looks at."""
    _, out, _ = check("--changed-since", "main", "--format", "json")
    return {subject["name"] for subject in json.loads(out)["subjects"]}


def test_only_what_changed_is_looked_at_and_what_rests_on_it(branch, check):
    assert changed(check) == set()
    branch.commit({"README.md": "x", "more/new.stl": GOOD})
    assert changed(check) == {"more/new.stl"}
    branch.commit({"parts/drawn.csv": DRAWING.replace("10,m", "10,f")})
    assert changed(check) == {"more/new.stl", "parts/drawn.stl"}
    branch.git("mv", "parts/good.stl", "parts/renamed.stl")
    assert changed(check) == {"more/new.stl", "parts/drawn.stl", "parts/renamed.stl"}
    branch.commit({"profiles/materials/README": "y"})
    assert len(changed(check)) == 5


def test_a_change_of_the_rules_checks_what_they_now_demand_otherwise(branch, check):
    branch.commit({"printstd.toml": SEVERAL.replace('class = "f"', 'class = "m"')})
    assert changed(check) == {"more/x.stl", "more/bad.stl"}
    ignoring = SEVERAL.replace("[repository]", '[repository]\nignore = ["more/bad.stl"]')
    branch.commit({"printstd.toml": "# a comment\n" + ignoring})
    assert changed(check) == set()
    branch.commit({"printstd.toml": SEVERAL.replace('files = ["parts/*.stl"]', 'files = ["no"]')})
    assert changed(check) == {"parts/good.stl"}  # now governed by no rule


def test_a_part_that_is_gone_and_one_that_main_changed_are_not_looked_at(branch, check):
    (branch.folder / "more/x.stl").unlink()
    branch.commit()
    branch.git("switch", "-q", "main")
    branch.commit({"parts/good.stl": OTHER})
    branch.git("switch", "-q", "work")
    assert changed(check) == set()


def test_the_gate_looks_at_the_change_alone_for_better_and_worse(branch, check):
    branch.git("switch", "-q", "main")
    branch.commit({"parts/thin.stl": THIN})
    branch.git("switch", "-q", "work")
    branch.git("rebase", "-q", "main")
    branch.commit({"more/x.stl": GOOD})
    assert check()[0] == 1
    assert check("--changed-since", "main")[0] == 0
    code, out, _ = check("--changed-since", "main", "parts")
    assert (code, "nothing that is checked has changed" in out) == (0, True)
