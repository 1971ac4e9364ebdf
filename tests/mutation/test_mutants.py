"""Every mutant is killed by the rule that was named for it; the honest program by none."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from printstd.artifacts.audit import Audit
from printstd.artifacts.demand import AuditDemand, CommandRule
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from tests.mutation.demands import placed, plain_demand
from tests.mutation.operators import MUTANTS, Mutant
from tests.mutation.tiny_slicer import Recipe, as_bytes, plate_with_pin, prism_stl, slice_prism

Judge = Callable[[bytes], Audit]


@pytest.fixture(scope="module")
def honest() -> list[str]:
    return slice_prism(plate_with_pin(), Recipe())


@pytest.fixture(scope="module")
def demand() -> AuditDemand:
    base = placed(plain_demand(count=30), 125_000, 105_000)
    once = CommandRule("T0", "", "tool", max_count=1)
    commands = tuple(once if rule.command == "T0" else rule for rule in base.commands)
    machine = replace(base.machine, max_accel_mm_s2=5_000)
    return replace(base, commands=commands, machine=machine)


@pytest.fixture(scope="module")
def judge(demand: AuditDemand) -> Judge:
    model = prism_stl(plate_with_pin(), 6.0)
    return lambda program: audit_program(program, model, demand)


def failed_rules(audit: Audit) -> set[str]:
    return {f.rule_id for f in audit.findings if f.status is Status.FAIL}


def test_the_honest_program_passes_every_rule(honest: list[str], judge: Judge) -> None:
    audit = judge(as_bytes(honest))
    assert audit.verdict is Status.PASS, [f for f in audit.findings if f.status != "PASS"]
    assert {f.rule_id for f in audit.findings} == set(audit.rules_run)


def test_mutant_ids_are_unique() -> None:
    assert len({mutant.id for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_mutant_is_killed_by_its_rule(mutant: Mutant, honest: list[str], judge: Judge) -> None:
    lines = mutant.operator(list(honest), random.Random(1))
    assert lines != honest, "the operator changed nothing"
    failed = failed_rules(judge(as_bytes(lines)))
    assert mutant.expected_rule in failed, f"expected {mutant.expected_rule}, failed {failed}"


def test_missing_final_newline_is_killed(honest: list[str], judge: Judge) -> None:
    assert "L-01" in failed_rules(judge(as_bytes(honest)[:-1]))


def test_a_mirrored_or_foreign_program_finds_no_place(honest: list[str]) -> None:
    """Without a declared place the search must not talk itself into one."""
    model = prism_stl(plate_with_pin(), 6.0)
    searching = plain_demand()
    assert audit_program(as_bytes(honest), model, searching).verdict is Status.PASS
    mirror = next(mutant for mutant in MUTANTS if mutant.id == "A25")
    lines = mirror.operator(list(honest), random.Random(1))
    failed = failed_rules(audit_program(as_bytes(lines), model, searching))
    assert failed & {"G-03", "G-04", "G-11"}


@pytest.mark.parametrize(
    ("fault", "rule"), [(Recipe(wall_offset=0.06), "G-03"), (Recipe(wall_offset=-0.06), "G-04")]
)
def test_a_slicer_that_offsets_its_walls_is_caught(
    fault: Recipe, rule: str, judge: Judge
) -> None:
    assert rule in failed_rules(judge(as_bytes(slice_prism(plate_with_pin(), fault))))
