"""Fuzzy skin is declared, and the auditor allows it that much, on the walls that have it; what goes
further, and everything else that may be wrong with a wall, is still found."""

from __future__ import annotations

import functools
import random
from dataclasses import replace

import pytest

from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from tests.mutation.operators import moved, without
from tests.mutation.own_programs import made, prepared, tagged
from tests.mutation.test_mutants import failed_rules
from tests.mutation.tiny_slicer import as_bytes

PRINTER = ("ender3-v2", "pla", "standard-0.20")


@functools.cache
def rough(walls: str = "all", thickness_mm: str = "0.3") -> tuple[bytes, bytes, AuditDemand]:
    settings = (
        ("fuzzy_skin.walls", walls),
        ("fuzzy_skin.thickness_mm", thickness_mm),
    )
    part = prepared(*PRINTER, *settings) if walls != "none" else prepared(*PRINTER)
    done = made(part)
    return done.program.data, part.model.data, done.demand


@pytest.mark.parametrize("walls", ["outer", "all"])
@pytest.mark.parametrize("thickness_mm", ["0.1", "0.3"])
def test_declared_fuzzy_skin_passes(walls: str, thickness_mm: str) -> None:
    assert audit_program(*rough(walls, thickness_mm)).verdict is Status.PASS


def test_one_wall_alone_may_be_rough() -> None:
    part = prepared(*PRINTER, ("fuzzy_skin.walls", "all"), ("walls.count", "1"))
    done = made(part)
    found = audit_program(done.program.data, part.model.data, done.demand)
    assert found.verdict is Status.PASS


def test_a_smooth_part_passes_under_a_rough_demand() -> None:
    smooth, model, _ = rough("none")
    assert audit_program(smooth, model, rough()[2]).verdict is Status.PASS


@pytest.mark.parametrize(
    ("declared_um", "wanted"), [(0, {"G-03", "G-04"}), (100, {"G-03", "G-04"}), (200, {"G-04"})]
)
def test_more_than_was_declared_fails(declared_um: int, wanted: set[str]) -> None:
    program, model, demand = rough()
    less = replace(demand.compensations, fuzzy_um=declared_um)
    failed = failed_rules(audit_program(program, model, replace(demand, compensations=less)))
    assert wanted <= failed


def test_a_rough_hole_fails_where_only_the_outside_may_be() -> None:
    program, model, demand = rough()
    less = replace(demand.compensations, fuzzy_holes=False)
    assert failed_rules(audit_program(program, model, replace(demand, compensations=less)))


def test_a_rough_first_layer_fails() -> None:
    """Nothing is allowed there: its walls off by less than those above may be."""
    program, model, demand = rough()
    operator = moved(lambda x, y: (x + 0.2, y), lambda row: row.layer == 0 and row.kind == "outer")
    mutant = operator(tagged(program), random.Random(1))
    assert failed_rules(audit_program(as_bytes(mutant), model, demand))


MUTANTS = {
    # What is done to the rough program, and a rule that must find it.
    "an outer wall left out": (
        without(lambda row: row.layer == 10 and row.kind == "outer"),
        {"G-04"},
    ),
    "inner walls left out": (
        without(lambda row: row.layer == 10 and row.kind == "inner"),
        {"G-08"},
    ),
    "one layer shifted": (
        moved(lambda x, y: (x + 0.3, y), lambda row: row.layer == 12 and row.kind != "skirt"),
        {"G-03"},
    ),
    "walls moved out": (
        moved(
            lambda x, y: (108 + (x - 108) * 1.02, 110 + (y - 110) * 1.02),
            lambda row: row.layer >= 1 and row.kind == "outer",
        ),
        {"G-03"},
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_wrong_walls_are_found_under_fuzzy_skin(name: str) -> None:
    program, model, demand = rough()
    operator, wanted = MUTANTS[name]
    mutant = operator(tagged(program), random.Random(1))
    assert wanted <= failed_rules(audit_program(as_bytes(mutant), model, demand))
