"""Mutants are killed by the rule that was named for them, and honest programs by none: a fixed
share of the catalogue on one part. `make mutation` takes all of it on all parts and machines."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from shapely.geometry.base import BaseGeometry

from printstd.artifacts.audit import Audit
from printstd.artifacts.demand import AuditDemand, CommandRule
from printstd.artifacts.finding import Status
from printstd.audit import all_rules, audit_program
from tests import shares
from tests.mutation import campaign
from tests.mutation.demands import placed, plain_demand
from tests.mutation.operators import container_operators, moved, program_operators
from tests.mutation.operators.base import KILLS_AT, PASSES_AT, MutationOperator
from tests.mutation.operators.certified import ContainerOperator, honest
from tests.mutation.operators.placement import about
from tests.mutation.subjects import failed_rules, other_subject, subject
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


ON = "plate/marlin2"
ELSEWHERE = {"A14", "A49", "B08b"}
"""Not for a part whose layers are all alike, nor for a material that wants all of the fan."""
FOUND_BY_MUTANTS = {"A23", "A27", "A46", "A52", "B78", "B79", "B81"}
"""Survived until the rules were mended: a stretched or turned part (each edge ends in a corner, and
corners counted as thin places), walls that do not touch, limits of Z and E, volumetric E."""


def share() -> list[MutationOperator]:
    """Of each family one operator for every rule that it must wake, and those that once lived."""
    chosen: dict[tuple[str, str], MutationOperator] = {}
    for operator in program_operators():
        if operator.id not in ELSEWHERE:
            chosen.setdefault((operator.family, operator.rule_for("marlin2")), operator)
    ids = {operator.id for operator in chosen.values()} | FOUND_BY_MUTANTS
    return [operator for operator in program_operators() if operator.id in ids]


SHARE = share()
CONTINUOUS = [one for one in SHARE if one.size and one.id not in FOUND_BY_MUTANTS]


@pytest.mark.parametrize("name", ["plate", "blocks"])
def test_the_honest_program_passes_every_rule(name: str, request: pytest.FixtureRequest) -> None:
    case: Case = request.getfixturevalue(name)
    audit = case.audit(case.lines)
    assert audit.verdict is Status.PASS, [f for f in audit.findings if f.status != "PASS"]
    assert {f.rule_id for f in audit.findings} == set(audit.rules_run)


def test_operators_have_ids_of_their_own_and_say_why_they_may_pass() -> None:
    every = [*program_operators(), *container_operators()]
    assert len({operator.id for operator in every}) == len(every) >= 200
    for operator in every:
        assert bool(operator.allowed_because) == (not operator.expected), operator.id


def test_every_rule_that_can_fail_has_a_mutant() -> None:
    """Three rules only tell (G-12, G-14) or ask for a place on the bed (G-01); those of several
    tools have theirs in test_tools, the one of drawings in test_drawing_sizes."""
    others = {"G-01", "G-12", "G-14", "G-05", "G-15", "G-16", "M-15", "L-08"}
    named = {rule for operator in program_operators() for rule in operator.rules}
    assert named | others == set(all_rules())


@pytest.mark.parametrize("operator", SHARE, ids=lambda operator: operator.id)
def test_mutant_is_killed_by_its_rule(operator: MutationOperator) -> None:
    on = subject(ON)
    assert operator.ends_open or operator.mutant(on, 0) != on.lines, "nothing was changed"
    found = campaign.judged(operator.id, ON, KILLS_AT if operator.size else None, 0)
    assert found is not None
    assert found.is_right, f"expected {found.expected or 'none'}, failed {found.failed}"


@pytest.mark.parametrize("operator", shares.share(CONTINUOUS, 2), ids=lambda operator: operator.id)
def test_half_of_the_limit_passes(operator: MutationOperator) -> None:
    found = campaign.judged(operator.id, ON, PASSES_AT, 0)
    assert found is not None
    assert found.is_right, found.failed


def test_certificates_verify_before_anything_is_done_to_them() -> None:
    assert honest().refusal == honest("rsa").refusal == ""


@pytest.mark.parametrize("operator", container_operators(), ids=lambda operator: operator.id)
def test_a_spoiled_certificate_is_refused_for_its_reason(operator: ContainerOperator) -> None:
    refusal = operator.mutant().refusal
    if operator.expected:
        assert operator.expected in refusal
    else:
        assert refusal == ""


def test_a_limit_is_found_between_what_lives_and_what_dies() -> None:
    """Filament may be drawn back by 2 mm on that machine, wherever it is."""
    step = (campaign.RANGE[1] / campaign.RANGE[0]) ** (0.5**campaign.BISECTIONS)
    found = campaign.threshold("B57", "plate/other", 0)
    assert found is not None
    assert 1.0 < found <= 1.0005 * step
    sizes = campaign.power("B57", "plate/other", [1.0, 1.1, 1.2, 1.1])
    assert sizes.limit == 2.0
    assert 2.0 < sizes.half < sizes.power95 < sizes.sure95 < 4.0
    assert campaign.power("B57", "plate/other", [1.0, None]).never == 1


def test_a_mirrored_program_finds_no_place(plate: Case) -> None:
    """Without a declared place the search must not talk itself into one."""
    searching = replace(plate.demand, placement=None)
    honest = audit_program(as_bytes(plate.lines), plate.model, searching)
    assert honest.verdict is Status.PASS
    assert honest.measured.placement_um == (125_000, 105_000, 0)
    lines = about(side=-1)(other_subject())
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
