"""Every mutant is killed by the rule that was named for it; the honest program by none."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from shapely.geometry.base import BaseGeometry

from printstd.artifacts.audit import Audit
from printstd.artifacts.demand import AuditDemand, CommandRule
from printstd.artifacts.finding import Status
from printstd.audit import all_rules, audit_program
from tests.mutation.demands import placed, plain_demand
from tests.mutation.operators import MUTANTS, Mutant, moved
from tests.mutation.tiny_slicer import (
    Recipe,
    as_bytes,
    plate_with_pin,
    prism_stl,
    slice_prism,
    two_blocks,
)


@dataclass(frozen=True)
class Case:
    """An honest program with everything that the auditor is given beside it."""

    lines: list[str]
    model: bytes
    demand: AuditDemand

    def audit(self, lines: list[str]) -> Audit:
        return audit_program(as_bytes(lines), self.model, self.demand)


def case_of(outline: BaseGeometry, recipe: Recipe) -> Case:
    base = placed(plain_demand(count=recipe.layers), 125_000, 105_000)
    once = CommandRule("T0", "", "tool", max_count=1)
    commands = tuple(once if rule.command == "T0" else rule for rule in base.commands)
    machine = replace(base.machine, max_accel_mm_s2=5_000)
    return Case(
        slice_prism(outline, recipe),
        prism_stl(outline, recipe.layers * recipe.height),
        replace(base, commands=commands, machine=machine),
    )


@pytest.fixture(scope="module")
def plate() -> Case:
    return case_of(plate_with_pin(), Recipe())


@pytest.fixture(scope="module")
def blocks() -> Case:
    return case_of(two_blocks(), Recipe(layers=14))


def failed_rules(audit: Audit) -> set[str]:
    return {f.rule_id for f in audit.findings if f.status is Status.FAIL}


@pytest.mark.parametrize("name", ["plate", "blocks"])
def test_the_honest_program_passes_every_rule(name: str, request: pytest.FixtureRequest) -> None:
    case: Case = request.getfixturevalue(name)
    audit = case.audit(case.lines)
    assert audit.verdict is Status.PASS, [f for f in audit.findings if f.status != "PASS"]
    assert {f.rule_id for f in audit.findings} == set(audit.rules_run)


def test_mutant_ids_are_unique() -> None:
    assert len({mutant.id for mutant in MUTANTS}) == len(MUTANTS)


def test_every_rule_that_can_fail_has_a_mutant() -> None:
    """Three rules only tell (G-12, G-14) or ask for a place on the bed (G-01); those of several
    tools have theirs in test_tools, the one of drawings in test_drawing_sizes, the one of
    conditions in test_dialects."""
    others = {"G-01", "G-12", "G-14", "G-05", "G-15", "G-16", "M-15", "L-08"}
    assert {mutant.expected_rule for mutant in MUTANTS} | others == set(all_rules())


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_mutant_is_killed_by_its_rule(mutant: Mutant, plate: Case, blocks: Case) -> None:
    case = plate if mutant.family == "material" else blocks
    lines = mutant.operator(list(case.lines), random.Random(1))
    assert lines != case.lines, "the operator changed nothing"
    failed = failed_rules(case.audit(lines))
    assert mutant.expected_rule in failed, f"expected {mutant.expected_rule}, failed {failed}"


def test_missing_final_newline_is_killed(blocks: Case) -> None:
    program = as_bytes(blocks.lines)[:-1]
    assert "L-01" in failed_rules(audit_program(program, blocks.model, blocks.demand))


def test_a_mirrored_program_finds_no_place(plate: Case) -> None:
    """Without a declared place the search must not talk itself into one."""
    searching = replace(plate.demand, placement=None)
    honest = audit_program(as_bytes(plate.lines), plate.model, searching)
    assert honest.verdict is Status.PASS
    assert honest.measured.placement_um == (125_000, 105_000, 0)
    mirror = next(mutant for mutant in MUTANTS if mutant.id == "A25")
    lines = mirror.operator(list(plate.lines), random.Random(1))
    failed = failed_rules(audit_program(as_bytes(lines), plate.model, searching))
    assert failed & {"G-03", "G-04", "G-11"}


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_program_is_found_turned(turns: int, plate: Case) -> None:
    c, s = [(0, 1), (-1, 0), (0, -1)][turns - 1]
    turn = moved(
        lambda x, y: (125 + c * (x - 125) - s * (y - 105), 105 + s * (x - 125) + c * (y - 105))
    )
    lines = turn(list(plate.lines), random.Random(1))
    audit = audit_program(as_bytes(lines), plate.model, replace(plate.demand, placement=None))
    assert audit.verdict is Status.PASS
    assert audit.measured.quarter_turns == turns


def test_a_size_out_of_its_class_is_killed(plate: Case) -> None:
    """The limits of integrity set aside, 1 % in X is 0.44 mm of 44 mm: class m allows 0.3."""
    loose = replace(plate.demand.integrity, outward_um=1_000, inward_um=1_000)
    lines = moved(lambda x, y: (125 + (x - 125) * 1.01, y))(list(plate.lines), random.Random(1))
    found = audit_program(as_bytes(lines), plate.model, replace(plate.demand, integrity=loose))
    assert "G-05" in failed_rules(found)


@pytest.mark.parametrize(
    ("fault", "rule"), [(Recipe(wall_offset=0.06), "G-03"), (Recipe(wall_offset=-0.06), "G-04")]
)
def test_a_slicer_that_offsets_its_walls_is_caught(fault: Recipe, rule: str, plate: Case) -> None:
    assert rule in failed_rules(plate.audit(slice_prism(plate_with_pin(), fault)))


def test_a_model_that_does_not_fit_has_no_place(plate: Case) -> None:
    """A program without a single bead cannot be placed, and says so."""
    lines = [text for text in plate.lines if " E" not in text or "E-" in text]
    audit = audit_program(as_bytes(lines), plate.model, replace(plate.demand, placement=None))
    assert {"G-01", "G-02"} <= failed_rules(audit)
    undecided = {f.rule_id for f in audit.findings if f.status is Status.NOT_EVALUATED}
    assert {"G-03", "G-04", "G-05", "G-07"} <= undecided
