"""A plate is judged part by part: a fault is said of the part that has it, and never averaged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from printstd.artifacts.codec import from_plain, to_plain
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from printstd.errors import InputError
from printstd.pipeline import foreign_demand
from printstd.profiles.decision import Outcome, decide
from tests.plates import audited, dried, failures, made_of, part, plate

NAMES = ("block", "low", "post", "angle")


@pytest.fixture(scope="module")
def own():
    return plate(*NAMES)


@pytest.fixture(scope="module")
def made():
    return made_of(*NAMES)


def outcome(audit, demand):
    return decide(
        audit.findings, rules_run=audit.rules_run, mandatory=demand.mandatory_rules
    ).outcome


def test_an_honest_plate_passes_and_every_part_is_heard(own, made):
    audit = audited(made.program.data, own, made.demand)
    assert outcome(audit, made.demand) is Outcome.PASSED
    labels = [stand.label for stand in own.stands]
    for rule in audit.rules_run:
        said = [f.message for f in audit.findings if f.rule_id == rule]
        if rule.startswith("G-"):
            assert [next(m for m in said if m.startswith(label)) for label in labels]
        else:
            assert not any(message.startswith("part_") for message in said)
    assert [measured.label for measured in audit.parts] == labels
    whole = sum(measured.measured.deposited_mm3_e3 for measured in audit.parts)
    assert audit.measured.deposited_mm3_e3 == whole


@pytest.mark.parametrize("missing", range(4))
def test_a_missing_part_fails_by_name(own, made, missing):
    audit = audited(dried(made.program.data, missing), own, made.demand)
    label = own.stands[missing].label
    assert {part for rule, part in failures(audit) if rule.startswith("G-")} == {label}
    assert ("G-02", label) in failures(audit)


def test_two_parts_swapped_fail_both(own, made):
    """A demand that wants each where the other stands."""
    first, second, *rest = made.demand.parts
    swapped = replace(
        made.demand,
        parts=(
            replace(first, placement=second.placement),
            replace(second, placement=first.placement),
            *rest,
        ),
    )
    found = failures(audited(made.program.data, own, swapped))
    assert {first.label, second.label} <= {label for _, label in found}


def test_a_part_too_many_is_stray():
    """The program has a copy that the demand does not know of."""
    own, made = plate("block", "post", "post"), made_of("block", "post", "post")
    fewer = replace(made.demand, parts=made.demand.parts[:2])
    audit = audited(made.program.data, own, fewer)
    assert "G-11" in {rule for rule, _ in failures(audit)}


def test_a_small_part_without_infill_is_not_averaged_away():
    own, made = plate("block", "post", copies=3), made_of("block", "post", copies=3)
    at = next(i for i, s in enumerate(own.stands) if own.models[s.model].model.name == "post.stl")
    program = dried(made.program.data, at, ["Internal infill"])
    found = failures(audited(program, own, made.demand))
    assert ("G-09", own.stands[at].label) in found
    assert {label for _, label in found} == {own.stands[at].label}


def test_places_are_found_where_nobody_declared_them(own, made):
    parts = [part(name) for name in reversed(NAMES)]
    demand = foreign_demand(parts, supports_allowed=False)
    audit = audited(made.program.data, own, demand)
    assert outcome(audit, demand) is Outcome.PASSED
    placed = {stand.label: stand.placement.translation_um for stand in own.stands}
    for measured in audit.parts:
        off = np.subtract(measured.measured.placement_um, placed[measured.label])
        assert np.abs(off).max() <= 2


def test_searched_or_not_a_missing_part_fails(own, made):
    demand = foreign_demand([part(name) for name in NAMES], supports_allowed=False)
    for missing, stand in enumerate(own.stands):
        audit = audited(dried(made.program.data, missing), own, demand)
        assert ("G-01", stand.label) in failures(audit)


def test_a_round_post_is_not_taken_for_the_square_that_holds_it():
    """Boxes alone would fit: 18 mm wide both, and each inside the other's box."""
    own, made = plate("low", "post"), made_of("low", "post")
    wrong = foreign_demand([part("post"), part("post")], supports_allowed=False)
    audit = audit_program(made.program.data, [part("post").model.data], wrong)
    assert outcome(audit, wrong) is Outcome.FAILED
    assert len(own.stands) == 2


def test_the_models_must_be_those_of_the_demand(own, made):
    data = [prepared.model.data for prepared in own.models]
    for models in (data[:-1], [*data, b"solid x\nendsolid x\n"]):
        with pytest.raises(InputError):
            audit_program(made.program.data, models, made.demand)
    # In any order, and twice the same one, they are the same models.
    again = audit_program(made.program.data, [*data[::-1], data[0]], made.demand)
    assert again == audited(made.program.data, own, made.demand)


def test_one_part_is_signed_as_it_always_was():
    """Nothing about plates in the demand of a single part; of a plate all comes back."""
    single = to_plain(made_of("block").demand)
    assert "parts" not in single
    assert from_plain(AuditDemand, single).parts == ()
    several = made_of("block", "post").demand
    assert from_plain(AuditDemand, to_plain(several)) == several
    with pytest.raises(ValueError, match="empty"):
        from_plain(AuditDemand, {**single, "parts": []})


def test_every_rule_about_geometry_is_asked_of_every_part(own, made):
    audit = audited(b"G28\n", own, made.demand)
    for label in (stand.label for stand in own.stands):
        said = {f.rule_id for f in audit.findings if f.message.startswith(label)}
        assert {"G-01", "G-02", "G-04"} <= said
    assert any(f.status is Status.FAIL for f in audit.findings)
