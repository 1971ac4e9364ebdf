"""What nobody declared is measured and told, with the value that was really made; nothing is passed
for it, and everything else is judged as ever."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import pytest

from printstd.artifacts.audit import Audit
from printstd.artifacts.codec import from_plain, to_plain
from printstd.artifacts.demand import UNDECLARED, AuditDemand
from printstd.artifacts.finding import Finding, Status
from printstd.audit import audit_program
from printstd.profiles.decision import Outcome, decide
from tests.mutation.demands import placed, plain_demand
from tests.mutation.tiny_slicer import Recipe, as_bytes, plate_with_pin, prism_stl, slice_prism

LAYERS: Final = 14
MODEL: Final = prism_stl(plate_with_pin(), LAYERS * 0.2)


def demand(*undeclared: str) -> AuditDemand:
    base = placed(plain_demand(count=LAYERS), 125_000, 105_000)
    return replace(base, undeclared=undeclared)


def audited(recipe: Recipe, *undeclared: str, **changes: object) -> Audit:
    asked = replace(demand(*undeclared), **changes)  # type: ignore[arg-type]
    return audit_program(as_bytes(slice_prism(plate_with_pin(), recipe)), MODEL, asked)


def of(audit: Audit, rule_id: str) -> list[Finding]:
    return [finding for finding in audit.findings if finding.rule_id == rule_id]


def failed(audit: Audit) -> set[str]:
    return {f.rule_id for f in audit.findings if f.status is Status.FAIL}


def told(audit: Audit, rule_id: str) -> Finding:
    first, second = of(audit, rule_id)
    assert (first.status, second.status) == (Status.INFO, Status.NOT_EVALUATED)
    return first


def test_infill_that_nobody_declared_is_told_as_dense_as_it_is() -> None:
    thin = Recipe(layers=LAYERS, density=0.10)
    assert "G-09" in failed(audited(thin))
    audit = audited(thin, "infill")
    assert failed(audit) == set()
    assert told(audit, "G-09").measured == pytest.approx(10.0, abs=1.5)
    dense = audited(Recipe(layers=LAYERS, density=0.40), "infill")
    assert failed(dense) == set()
    assert told(dense, "G-09").measured == pytest.approx(40.0, abs=3)


def test_temperatures_that_nobody_declared_stay_within_the_machine() -> None:
    hot = Recipe(layers=LAYERS, nozzle_c=250)
    assert failed(audited(hot)) == {"M-06"}
    audit = audited(hot, "nozzle")
    assert failed(audit) == set()
    assert told(audit, "M-06").measured == 250
    assert failed(audited(Recipe(layers=LAYERS, nozzle_c=290), "nozzle")) == {"M-06"}
    assert told(audited(Recipe(layers=LAYERS, bed_c=95), "bed"), "M-07").measured == 95


def test_a_fan_that_nobody_declared_is_told_as_fast_as_it_runs() -> None:
    lines = slice_prism(plate_with_pin(), Recipe(layers=LAYERS))
    slow = [line.replace("M106 S255", "M106 S51") for line in lines]
    audit = audit_program(as_bytes(slow), MODEL, demand("fan"))
    assert failed(audit) == set()
    # It runs from the fourth layer on.
    assert 10 < (told(audit, "M-08").measured or 0) < 20
    other = [line.replace("M106 S255", "M106 P1 S255") for line in lines]
    assert failed(audit_program(as_bytes(other), MODEL, demand("fan"))) == {"M-08"}


def test_walls_and_shells_that_nobody_declared() -> None:
    few = Recipe(layers=LAYERS, solid_layers=1)
    assert failed(audited(few)) >= {"G-07"}
    audit = audited(few, "shells")
    assert failed(audit) == set()
    assert told(audit, "G-07").measured == pytest.approx(0, abs=2)
    one = Recipe(layers=LAYERS, walls=1)
    assert "G-08" in failed(audited(one))
    # Its second wall is missing: about as much of that line is covered as infill meets.
    assert (told(audited(one, "walls", "infill"), "G-08").measured or 1) < 0.6


def test_heights_of_layers_that_nobody_declared() -> None:
    base = demand("layers")
    thick = replace(base.layers, height_um=250, first_um=250, count=None, is_varied=True)
    asked = replace(base, layers=replace(thick, window_um=(70, 300)))
    program = as_bytes(slice_prism(plate_with_pin(), Recipe(layers=LAYERS)))
    audit = audit_program(program, MODEL, asked)
    assert failed(audit) == set()
    assert "0.200 to 0.200" in told(audit, "G-02").message
    assert told(audit, "G-02").measured == LAYERS


def test_what_lies_beside_the_part_is_told_by_its_length() -> None:
    lines = slice_prism(plate_with_pin(), Recipe(layers=LAYERS))
    at = lines.index(";LAYER:1")
    skirt = ["G1 X100 Y80 F6000", "G1 E0.8 F2400", "G1 X150 Y80 E1.9 F1200", "G1 X150 Y130 E1.9"]
    skirt += ["G1 E-0.8 F2400"]
    program = as_bytes([*lines[:at], *skirt, *lines[at:]])
    assert failed(audit_program(program, MODEL, demand())) == {"G-11"}
    asked = demand("adhesion")
    asked = replace(asked, integrity=replace(asked.integrity, adhesion_allowed=True))
    audit = audit_program(program, MODEL, asked)
    assert failed(audit) == set()
    assert told(audit, "G-11").measured == pytest.approx(100.0, abs=1)


def on_raft(lines: list[str], floor_mm: float) -> list[str]:
    """The program raised by `floor_mm`, over two layers of lines."""
    out: list[str] = []
    first = lines.index(";LAYER:0")
    for number, line in enumerate(lines):
        word = re.search(r" Z([0-9.]+)", line) if line.startswith("G1 ") else None
        if number == first:
            for z in (0.3, 0.6):
                out += [f"G1 Z{z} F600", "G1 E0.8 F2400"]
                for row in range(30):
                    y = 88 + 1.2 * row
                    out += [f"G1 X100 Y{y:.2f} F6000", f"G1 X150 Y{y:.2f} E4.2 F1200"]
                out += ["G1 E-0.8 F2400"]
        if word and number > first:
            line = line.replace(word.group(0), f" Z{float(word.group(1)) + floor_mm:.3f}")
        out.append(line)
    return out


def test_a_raft_that_nobody_declared_is_found_by_where_the_part_ends() -> None:
    lines = slice_prism(plate_with_pin(), Recipe(layers=LAYERS))
    raised = as_bytes(on_raft(lines, 0.8))
    loose = replace(demand("supports"), placement=None)
    loose = replace(loose, integrity=replace(loose.integrity, supports_allowed=True))
    loose = replace(loose, layers=replace(loose.layers, count=None))
    audit = audit_program(raised, MODEL, loose)
    assert failed(audit) == set()
    assert "a raft of 2 layers" in told(audit, "G-11").message
    assert audit.measured.placement_um[2] == 800
    # Nothing under the part is no raft.
    hung = [line for line in on_raft(lines, 0.8) if " E4.2 " not in line]
    assert "G-02" in failed(audit_program(as_bytes(hung), MODEL, loose))


def test_nothing_is_passed_for_what_was_not_declared() -> None:
    """A rule about it that must decide leaves the run open, unless it is allowed by name; one that
    the pack does not ask for only tells."""
    audit = audited(Recipe(layers=LAYERS), "infill")
    ran = audit.rules_run
    assert decide(audit.findings, rules_run=ran, mandatory=()).outcome is Outcome.UNDECIDED
    allowed = decide(audit.findings, rules_run=ran, mandatory=(), allowed_undecided=["G-09"])
    assert allowed.outcome is Outcome.PASSED
    others = tuple(rule for rule in ran if rule != "G-09")
    lenient = audited(Recipe(layers=LAYERS), "infill", mandatory_rules=others)
    assert [f.status for f in of(lenient, "G-09")] == [Status.INFO]
    assert decide(lenient.findings, rules_run=ran, mandatory=others).outcome is Outcome.PASSED


def test_a_demand_says_what_was_not_declared_and_older_ones_say_nothing() -> None:
    asked = demand("infill", "fan")
    written = to_plain(asked)
    assert from_plain(AuditDemand, written) == asked
    assert "undeclared" not in to_plain(demand())
    assert set(UNDECLARED) >= {"infill", "fan"}
