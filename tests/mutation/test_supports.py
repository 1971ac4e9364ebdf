"""Programs with supports and with a raft: the auditor tells them by where they lie, accepts them as
they are made, and finds what hurts the part.
"""

from __future__ import annotations

import functools
import random
import re
from collections import defaultdict
from collections.abc import Callable

import pytest

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from printstd.profiles.resolved import Request
from tests.meshes import box, merged, stl_binary
from tests.mutation.operators import (
    Operator,
    Row,
    dry,
    inserted,
    on_rows,
    rows_of,
    without,
    written,
)
from tests.mutation.own_programs import OwnCase, tagged
from tests.mutation.test_mutants import failed_rules
from tests.shares import crossed

SUPPORTS = (("supports.enabled", "true"),)
RAFT = (("raft.layers", "3"),)
BOTH = SUPPORTS + RAFT


@functools.cache
def tee_case(
    *overrides: tuple[str, str], printer: str = "ender3-v2", stem_mm: float = 6.0
) -> OwnCase:
    """A stem 6 mm wide with arms of 12 mm at 4 mm."""
    stem = box((stem_mm, 8, 4.2), (-stem_mm / 2, -4, 0))
    model = stl_binary(merged(stem, box((30, 8, 2), (-15, -4, 4))))
    request = Request(printer=printer, overrides=overrides)
    resolved = pipeline.resolve(request, default_source())
    prepared = pipeline.prepare(pipeline.ModelInput(model, "tee.stl"), pipeline.Order(), resolved)
    made = pipeline.make_program(prepared, executor=SerialExecutor(), progress=NoProgress())
    data = made.program.data
    return OwnCase(tagged(data), data, model, made.demand)


@pytest.mark.parametrize(
    ("overrides", "printer"),
    crossed([SUPPORTS, RAFT, BOTH], ["ender3-v2", "mk4s", "voron-2.4-350"], one_in=3),
)
def test_what_we_make_passes_every_rule(
    overrides: tuple[tuple[str, str], ...], printer: str
) -> None:
    case = tee_case(*overrides, printer=printer)
    found = audit_program(case.program, case.model, case.demand)
    fine = (Status.PASS, Status.NOT_APPLICABLE)
    noted = [(f.rule_id, f.status) for f in found.findings if f.status not in fine]
    # A raft carries the part's foot; the arms of 12 mm are in the air all the same.
    assert noted == ([("G-12", Status.WARN)] if overrides == RAFT else [])
    assert failed_rules(case.audit(case.lines)) == set()


def test_a_raft_far_wider_than_the_part_s_foot_is_known() -> None:
    """Its lines cross under the foot, with their middles elsewhere."""
    case = tee_case(*BOTH, ("infill.density_ratio", "0.3"), stem_mm=2.0)
    assert failed_rules(audit_program(case.program, case.model, case.demand)) == set()


def test_without_the_permission_supports_are_refused() -> None:
    case, other = tee_case(*SUPPORTS), tee_case()
    found = audit_program(case.program, case.model, other.demand)
    assert "G-11" in failed_rules(found)


def is_support(layers: range) -> Callable[[Row], bool]:
    return lambda row: row.kind in ("support", "interface") and row.layer in layers


def toward_stem(left_mm: float) -> Operator:
    """The supports of layers 8 to 12 moved towards the stem, on both sides of it, until so much is
    left between it and the middles of the nearest beads."""
    case = tee_case(*SUPPORTS)
    middle = case.centre_mm[0]
    free = [
        abs(row.words["X"] - middle) - 3.0
        for row in rows_of(case.lines)
        if row.lays and is_support(range(8, 13))(row)
    ]
    by_mm = min(free) - left_mm

    def operator(lines: list[str], rng: random.Random) -> list[str]:
        rows, out = rows_of(lines), list(lines)
        is_next = False
        # Backwards, so that the ways that lead to a support go along.
        for at in range(len(rows) - 1, -1, -1):
            row = rows[at]
            if row.lays:
                is_next = is_support(range(8, 13))(row)
            if is_next and "X" in row.words:
                x = row.words["X"]
                out[at] = written(row.words | {"X": x + (by_mm if x < middle else -by_mm)})
        return out

    return operator


def through(length_mm: float) -> Operator:
    """A line of support on layer 10 that runs on into the stem: its middle stays outside."""
    x, y = tee_case(*SUPPORTS).centre_mm
    a, b = x + 3.0 + 2 * length_mm, x + 3.0 - length_mm
    return inserted(
        f"G1 X{a:.3f} Y{y:.3f} F7800",
        "G1 E5 F2400",
        f"G1 X{b:.3f} Y{y:.3f} E{0.03 * (a - b):.5f} F1500",
        "G1 E-5 F3600",
        before_layer=10,
    )


@pytest.mark.parametrize(
    ("operator", "rules"),
    [
        (toward_stem(0.14), {"G-11"}),
        (toward_stem(0.1), {"G-03"}),
        (toward_stem(-1.0), {"G-03", "G-10", "G-11"}),
        (through(2.5), {"G-11"}),
    ],
    ids=["at the part", "in its wall", "in the part", "through the part"],
)
def test_supports_that_hurt_the_part_are_found(operator: Operator, rules: set[str]) -> None:
    case = tee_case(*SUPPORTS)
    lines = operator(list(case.lines), random.Random(1))
    assert lines != case.lines
    assert failed_rules(case.audit(lines)) & rules


def test_a_missing_interface_is_no_fault_of_the_part() -> None:
    case = tee_case(*SUPPORTS)
    lines = dry(lambda row: row.kind == "interface")(list(case.lines), random.Random(1))
    assert lines != case.lines
    assert failed_rules(case.audit(lines)) == set()


def said(case: OwnCase, lines: list[str], rule: str) -> set[Status]:
    return {f.status for f in case.audit(lines).findings if f.rule_id == rule}


def is_right(row: Row) -> bool:
    return row.words.get("X", 0.0) > tee_case(*SUPPORTS).centre_mm[0]


@pytest.mark.parametrize(
    "operator",
    [
        dry(lambda row: row.kind in ("support", "interface")),
        dry(lambda row: row.kind in ("support", "interface") and is_right(row)),
        dry(lambda row: row.kind in ("support", "interface") and row.layer > 14),
    ],
    ids=["nothing", "one side", "ends too low"],
)
def test_what_no_support_carries_is_told_where_supports_are_allowed(operator: Operator) -> None:
    """The permission is no proof: what is laid in the air is told by where supports lie."""
    case = tee_case(*SUPPORTS)
    assert said(case, list(case.lines), "G-12") == {Status.PASS}
    lines = operator(list(case.lines), random.Random(1))
    assert lines != case.lines
    assert said(case, lines, "G-12") == {Status.WARN}


def no_raft(lines: list[str], rng: random.Random) -> list[str]:
    return without(lambda row: row.kind in ("support", "interface"))(lines, rng)


RAFT_MUTANTS = [
    ("no raft", no_raft, "G-02"),
    ("half a raft", dry(lambda row: row.layer < 3 and row.words.get("X", 0.0) > 110.0), "G-02"),
    (
        "a raft layer too low",
        on_rows(
            lambda row: (
                row.words | {"Z": 0.0 + row.words["Z"] - 0.1}
                if "Z" in row.words and row.layer > 2
                else None
            )
        ),
        "G-02",
    ),
    (
        "the fan runs on the raft",
        inserted("M106 S255", before_layer=0),
        "M-08",
    ),
    ("colder in the third layer", inserted("M104 S205", before_layer=4), "M-06"),
]


@pytest.mark.parametrize(
    ("name", "operator", "rule"), RAFT_MUTANTS, ids=[m[0] for m in RAFT_MUTANTS]
)
def test_faults_of_a_raft_are_found(name: str, operator: Operator, rule: str) -> None:
    case = tee_case(*RAFT)
    lines = operator(list(case.lines), random.Random(1))
    assert lines != case.lines
    assert rule in failed_rules(case.audit(lines))


# ------------------------------------------------------------------- measured on the program


def heights(program: bytes) -> dict[str, list[float]]:
    """Type of bead -> Z of the layers that have any, mm, read from the text alone."""
    found: dict[str, set[float]] = defaultdict(set)
    z, kind = 0.0, ""
    for line in program.decode("ascii").splitlines():
        if line.startswith(";TYPE:"):
            kind = line[6:]
        elif move := re.match(r"G1 .*?Z(-?[0-9.]+)", line):
            z = float(move.group(1))
        elif re.match(r"G1 X.* E[0-9]", line):
            found[kind].add(z)
    return {name: sorted(levels) for name, levels in found.items()}


DISTANCES = [("0.0", 0), ("0.2", 1), ("0.3", 2)]


@pytest.mark.parametrize(("contact", "interfaces"), crossed(DISTANCES, [0, 2, 3], one_in=3))
def test_contact_distance_and_interfaces_as_the_program_says(
    contact: tuple[str, int], interfaces: int
) -> None:
    distance, layers = contact
    case = tee_case(
        *SUPPORTS,
        ("supports.top_distance_mm", distance),
        ("supports.top_interface_layers", str(interfaces)),
    )
    found = heights(case.program)
    dense = found.get("Support material interface", [])
    top = 4.0 - 0.2 * layers
    assert max([*found["Support material"], *dense]) == pytest.approx(top)
    assert dense == pytest.approx([top - 0.2 * (interfaces - 1 - i) for i in range(interfaces)])
    # Over a gap the arms are bridged, with no gap they are laid like any other layer.
    for kind in ("Bridge infill", "Overhang perimeter"):
        assert (pytest.approx(4.2) in found.get(kind, [])) == (layers > 0)
    assert failed_rules(case.audit(case.lines)) == set()


def test_a_raft_lifts_the_part_and_its_first_layer_is_like_any_other() -> None:
    case, plain = tee_case(*RAFT), tee_case()
    found, flat = heights(case.program), heights(plain.program)
    floor = case.demand.layers.floor_um / 1000
    assert case.demand.placement is not None
    assert case.demand.placement.translation_um[2] == case.demand.layers.floor_um
    assert found["External perimeter"] == pytest.approx(
        [floor + z for z in flat["External perimeter"]]
    )
    assert found["Support material"] == pytest.approx([0.2])
    assert found["Support material interface"] == pytest.approx([0.5, 0.8])
    assert floor == pytest.approx(1.0)
    assert case.demand.compensations.elephant_foot_um == 0
    assert plain.demand.compensations.elephant_foot_um == 200
