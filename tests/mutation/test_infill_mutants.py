"""Faults put into programs with the settings of infill and ironing on: the audit is told what was
asked for, and what is not that still fails."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from tests.mutation.operators import Lines, Operator, Row, dry, every, scaled_e
from tests.mutation.own_programs import LAYERS, OwnCase, own_case
from tests.mutation.test_mutants import failed_rules

IRONED = (("ironing.surfaces", "top"),)
COMBINED = (("infill.combine_layers", "2"),)
LIGHTNING = (("infill.pattern", "lightning"),)
ADAPTIVE = (("infill.pattern", "adaptivecubic"), ("infill.density_ratio", "0.25"))
CONCENTRIC = (("infill.pattern", "concentric"), ("infill.density_ratio", "0.25"))
TOP = LAYERS - 1
ROOF = LAYERS - 6
"""The last layer with sparse infill under five solid ones."""


def case_of(settings: tuple[tuple[str, str], ...]) -> OwnCase:
    return own_case("ender3-v2", "pla", "standard-0.20", *settings)


def block_of(lines: Lines, layer: int, kind: str = "") -> tuple[int, int]:
    """[first, last) line of a layer, or of all of it from a kind of path on."""
    first = lines.index(f";LAYER:{layer}")
    last = next(
        i
        for i in range(first + 1, len(lines))
        if lines[i] == "M104 S0" or lines[i].startswith(";LAYER:")
    )
    while kind and lines[first] != f";TYPE:{kind}":
        first += 1
    return first, last


def beads_of(lines: Lines, layer: int, kind: str = "") -> Lines:
    """The moves of a layer, or from a kind of path on, without lifting and drawing back."""
    first, last = block_of(lines, layer, kind)
    return [text for text in lines[first:last] if text.startswith("G1 X")]


def again(layer: int, kind: str = "") -> Operator:
    def operator(lines: Lines, rng: random.Random) -> Lines:
        _, last = block_of(lines, layer, kind)
        z = [text for text in lines[:last] if text.startswith("G1 Z")]
        down = min(z[-3:], key=lambda text: float(text.split()[1][1:]))
        return [*lines[:last], down, *beads_of(lines, layer, kind), *lines[last:]]

    return operator


def ironing_at(layer: int) -> Operator:
    """The top's ironing where nothing faces up."""

    def operator(lines: Lines, rng: random.Random) -> Lines:
        first, last = block_of(lines, TOP, "ironing")
        _, place = block_of(lines, layer)
        moves = beads_of(lines, TOP, "ironing")
        return [*lines[:place], *moves, *lines[place:first], *lines[last:]]

    return operator


def sparse_of(*layers: int) -> Operator:
    def is_one(row: Row) -> bool:
        return row.kind == "sparse" and row.layer in layers

    return dry(is_one)


@pytest.mark.parametrize(
    "settings", [IRONED, COMBINED, LIGHTNING, ADAPTIVE, CONCENTRIC], ids=lambda s: s[0][1]
)
def test_what_we_make_passes_every_rule(settings: tuple[tuple[str, str], ...]) -> None:
    case = case_of(settings)
    whole = audit_program(case.program, case.model, case.demand)
    assert whole.verdict is Status.PASS, [f for f in whole.findings if f.status != "PASS"]
    assert not failed_rules(case.audit(case.lines))


@pytest.mark.parametrize(
    ("name", "settings", "rule", "operator"),
    [
        ("the top layer twice", IRONED, "G-10", again(TOP)),
        ("ironing twice", IRONED, "G-10", again(TOP, "ironing")),
        ("three times its flow", IRONED, "G-06", scaled_e(3.0, lambda r: r.kind == "ironing")),
        ("ironing inside the part", IRONED, "G-10", ironing_at(10)),
        ("the top under-fed", IRONED, "G-06", scaled_e(0.8, lambda r: r.kind == "solid")),
        ("no top under it", IRONED, "G-07", dry(lambda r: r.kind == "solid" and r.layer == TOP)),
        ("two groups without infill", COMBINED, "G-09", sparse_of(*range(9, 13))),
        ("every other thick line", COMBINED, "G-09", every(2, "sparse")),
        ("as thin as single ones", COMBINED, "G-09", scaled_e(0.5, lambda r: r.kind == "sparse")),
        ("no ribs under the roof", LIGHTNING, "G-09", sparse_of(ROOF)),
        ("ribs on nothing", LIGHTNING, "G-09", sparse_of(*range(ROOF - 4, ROOF))),
        ("no infill for a while", ADAPTIVE, "G-09", sparse_of(*range(9, 13))),
        ("every other line", ADAPTIVE, "G-09", every(2, "sparse")),
        ("no loops for a while", CONCENTRIC, "G-09", sparse_of(*range(9, 13))),
        ("half the flow", CONCENTRIC, "G-09", scaled_e(0.5, lambda r: r.kind == "sparse")),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_a_fault_is_killed_by_its_rule(
    name: str, settings: tuple[tuple[str, str], ...], rule: str, operator: Operator
) -> None:
    case = case_of(settings)
    lines = operator(list(case.lines), random.Random(1))
    assert lines != case.lines, "the operator changed nothing"
    failed = failed_rules(case.audit(lines))
    assert rule in failed, f"{name}: expected {rule}, failed {failed}"


@pytest.mark.parametrize(
    ("settings", "changes", "rule"),
    [
        (IRONED, {"ironing": None}, "G-06"),
        (COMBINED, {"infill_every_layers": 1}, "G-09"),
        (LIGHTNING, {"infill_shows": "middle"}, "G-09"),
    ],
)
def test_what_was_not_declared_is_a_fault(
    settings: tuple[tuple[str, str], ...], changes: dict[str, object], rule: str
) -> None:
    case = case_of(settings)
    integrity = replace(case.demand.integrity, **changes)  # type: ignore[arg-type]
    audit = audit_program(case.program, case.model, replace(case.demand, integrity=integrity))
    assert rule in failed_rules(audit)
