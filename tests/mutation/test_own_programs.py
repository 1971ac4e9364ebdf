"""Faults put into our own programs, each with the rule that must find it, written down before the
auditor saw the mutant (facts of certification 8.1)."""

from __future__ import annotations

import math
import random
import re

import pytest

from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from tests.mutation.operators import (
    Lines,
    Mutant,
    Operator,
    Row,
    appended,
    dry,
    inserted,
    layer_is,
    moved,
    on_rows,
    replaced,
    rows_of,
    scaled_e,
    shifted_layer,
    without,
    written,
)
from tests.mutation.own_programs import LAYERS, OwnCase, own_case
from tests.mutation.test_mutants import failed_rules

CENTRE = (108.0, 110.0)
"""Where the plate's origin stands on the printer of the table; its bore is 8 mm to the left."""


def about(place: tuple[float, float, float]) -> Operator:
    """Everything of the part turned by degrees and scaled about the plate's origin, or mirrored
    where the last is negative: (degrees, scale, +-1)."""
    degrees, scale, side = place
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def there(x: float, y: float) -> tuple[float, float]:
        u, v = side * (x - CENTRE[0]) * scale, (y - CENTRE[1]) * scale
        return CENTRE[0] + c * u - s * v, CENTRE[1] + s * u + c * v

    return moved(there, lambda row: row.layer >= 0 and row.kind not in ("skirt", "custom"))


def walls_off(by: float) -> Operator:
    """The outer walls of the plate and the pin moved away from (or towards) a middle."""

    def there(x: float, y: float) -> tuple[float, float]:
        return x + math.copysign(by, x - 105.0), y + math.copysign(by, y - CENTRE[1])

    return moved(there, lambda row: row.kind == "outer")


def bore_pulled_in(by: float) -> Operator:
    x0, y0 = CENTRE[0] - 8.0, CENTRE[1]

    def there(x: float, y: float) -> tuple[float, float]:
        radius = math.hypot(x - x0, y - y0)
        if radius > 4.3:
            return x, y
        return x0 + (x - x0) * (radius - by) / radius, y0 + (y - y0) * (radius - by) / radius

    return moved(there, lambda row: row.kind == "outer")


def layers_rearranged(*order: int) -> Operator:
    """Layers 10 to 12 laid in another order, any of them left out or twice, each at its own Z."""

    def operator(lines: Lines, rng: random.Random) -> Lines:
        start = {k: lines.index(f";LAYER:{k}") for k in range(10, 14)}
        chosen = [lines[start[k] : start[k + 1]] for k in order]
        return [
            *lines[: start[10]],
            *(text for part in chosen for text in part),
            *lines[start[13] :],
        ]

    return operator


def every(count: int, kind: str) -> Operator:
    """Every so-manieth bead of a kind is not laid."""
    seen = [0]

    def is_dry(row: Row) -> bool:
        if row.kind != kind or row.layer < 0:
            return False
        seen[0] += 1
        return seen[0] % count == 0

    return dry(is_dry)


def z_moved(by: float, is_chosen: range) -> Operator:
    return on_rows(
        lambda row: (
            row.words | {"Z": row.words["Z"] + by}
            if "Z" in row.words and row.layer in is_chosen
            else None
        )
    )


def hole_burnt(x0: float, y0: float, x1: float, y1: float, layers: range) -> Operator:
    """Beads whose middle lies in a box (from the plate's origin) are not laid."""

    def operator(lines: Lines, rng: random.Random) -> Lines:
        out, at = [], (0.0, 0.0)
        for row in rows_of(lines):
            there = (row.words.get("X", at[0]), row.words.get("Y", at[1]))
            x, y = ((a + b) / 2 - c for a, b, c in zip(at, there, CENTRE, strict=True))
            if row.lays and row.layer in layers and x0 < x < x1 and y0 < y < y1:
                out.append(written({k: v for k, v in row.words.items() if k != "E"}))
            else:
                out.append(row.text)
            at = there
        return out

    return operator


def unretracted(lines: Lines, rng: random.Random) -> Lines:
    """No drawing back anywhere: wipes become travels, what came back does not."""
    out = []
    for text in lines:
        if re.match(r"G1 E-?[0-9.]+ F[0-9]+$", text):
            continue
        out.append(re.sub(r" E-[0-9.]+", "", text))
    return out


def feeds(factor: float, kind: str) -> Operator:
    return on_rows(
        lambda row: (
            row.words | {"F": row.words["F"] * factor}
            if row.kind == kind and "F" in row.words
            else None
        )
    )


def middle(text: str) -> Operator:
    return inserted(text, before_layer=10)


def strand(x0: float, y0: float, x1: float, y1: float) -> Operator:
    """A bead from one place to another in layer 10."""
    length = math.hypot(x1 - x0, y1 - y0)
    ax, ay, bx, by = x0 + CENTRE[0], y0 + CENTRE[1], x1 + CENTRE[0], y1 + CENTRE[1]
    return inserted(
        f"G1 X{ax:.3f} Y{ay:.3f} F7800",
        "G1 E5 F2400",
        f"G1 X{bx:.3f} Y{by:.3f} E{0.03 * length:.5f} F1500",
        "G1 E-5 F3600",
        before_layer=10,
    )


SPARSE = range(5, 18)

MUTANTS = (
    Mutant("A01", "material", "G-04", scaled_e(0.5)),
    Mutant("A02", "material", "G-06", scaled_e(0.9)),
    Mutant("A04", "material", "G-06", scaled_e(1.1)),
    Mutant("A05", "material", "G-04", scaled_e(0.5, lambda row: row.layer in range(10, 15))),
    Mutant("A06", "material", "G-06", scaled_e(0.85, layer_is(1))),
    Mutant("A06b", "material", "G-04", scaled_e(0.9, layer_is(10))),
    Mutant("A08", "material", "G-03", shifted_layer(0.30)),
    Mutant("A09", "material", "G-03", shifted_layer(0.10)),
    Mutant("A10", "material", "G-03", shifted_layer(0.05)),
    Mutant("A11", "material", "G-02", layers_rearranged(10, 12)),
    Mutant("A12", "material", "G-10", layers_rearranged(10, 11, 11, 12)),
    Mutant("A13", "material", "G-02", layers_rearranged(11, 10, 12)),
    Mutant("A15", "material", "G-04", hole_burnt(-21, -9, -19, 3, range(8, 12))),
    Mutant("A18", "material", "G-09", dry(lambda r: r.kind == "sparse" and r.layer in SPARSE)),
    Mutant("A19", "material", "G-09", every(2, "sparse")),
    Mutant("A20", "material", "G-04", dry(lambda r: r.kind == "outer" and r.layer == 10)),
    Mutant("A21", "material", "G-08", dry(lambda r: r.kind == "inner" and r.layer == 10)),
    Mutant("A22", "material", "G-07", dry(lambda r: r.kind == "solid" and r.layer == LAYERS - 1)),
    Mutant("A22b", "material", "G-07", dry(lambda r: r.kind == "solid" and r.layer == 21)),
    Mutant("A22c", "material", "G-07", dry(lambda r: r.kind == "solid" and r.layer == 0)),
    Mutant("A23", "material", "G-03", about((0.0, 1.01, 1.0))),
    Mutant("A24", "material", "G-04", about((0.0, 0.99, 1.0))),
    Mutant("A25", "material", "G-11", about((0.0, 1.0, -1.0))),
    Mutant("A26", "material", "G-11", about((90.0, 1.0, 1.0))),
    Mutant("A27", "material", "G-03", about((1.0, 1.0, 1.0))),
    Mutant("A28", "material", "G-11", moved(lambda x, y: (x + 60, y))),
    Mutant("A29", "material", "G-02", z_moved(0.3, range(15, 1000))),
    Mutant("A30", "material", "G-02", z_moved(-0.1, range(15, 16))),
    Mutant("A31", "material", "G-11", strand(-11.0, 0.0, -5.0, 0.0)),
    Mutant("A32", "material", "G-11", strand(40.0, 40.0, 41.0, 40.0)),
    Mutant("A33", "material", "M-09", middle("G1 E10 F300")),
    Mutant("A34", "material", "G-04", every(40, "outer")),
    Mutant("A35", "material", "G-09", scaled_e(0.6, lambda r: r.kind == "sparse")),
    Mutant("A36", "material", "G-03", bore_pulled_in(0.1)),
    Mutant("A37", "material", "G-03", walls_off(0.06)),
    Mutant("A37b", "material", "G-04", walls_off(-0.06)),
    Mutant("A44", "material", "G-13", scaled_e(0.7, lambda r: r.kind in ("solid", "sparse"))),
    Mutant("B01", "machine", "M-06", replaced("M109 S215", "M109 S290")),
    Mutant("B03", "machine", "M-06", middle("M104 S222")),
    Mutant("B04", "machine", "M-07", middle("M140 S0")),
    Mutant("B05", "machine", "M-06", replaced("M109 S215", None)),
    Mutant("B06", "machine", "M-12", replaced("M104 S0", None)),
    Mutant("B07", "machine", "M-12", replaced("M140 S0", None)),
    Mutant("B08", "machine", "M-08", without(lambda row: row.text.startswith("M106"))),
    Mutant("B10", "machine", "M-03", middle("G1 X400")),
    Mutant("B11", "machine", "M-03", inserted("G1 Z-1", "G1 Z2.2")),
    Mutant("B13", "machine", "M-01", replaced("G28", None)),
    Mutant("B14", "machine", "M-01", middle("G28")),
    Mutant("B15", "machine", "M-04", feeds(12.0, "sparse")),
    Mutant("B17", "machine", "M-04", feeds(0.01, "inner")),
    Mutant("B18", "machine", "M-02", middle("G20")),
    Mutant("B19", "machine", "M-02", middle("G91")),
    Mutant("B20", "machine", "M-02", middle("M82")),
    Mutant("B21", "machine", "M-02", middle("G92 X0 Y0")),
    Mutant("B22", "machine", "M-02", middle("G92 Z0")),
    Mutant("B23", "machine", "L-05", middle("M302 P1")),
    Mutant("B24", "machine", "L-05", middle("M500")),
    Mutant("B30", "machine", "M-14", middle("M221 S80")),
    Mutant("B31", "machine", "M-14", middle("M220 S200")),
    Mutant("B34", "machine", "M-14", middle("M204 P20000")),
    Mutant("B43", "machine", "L-05", middle("M112")),
    Mutant("B46", "machine", "M-13", middle("G4 S600")),
    Mutant("B56", "machine", "M-12", appended("M104 S200")),
    Mutant("B57", "machine", "M-09", inserted("G1 E-50 F2400", "G1 E50 F2400")),
    Mutant("B58", "machine", "M-10", unretracted),
    Mutant("C04", "lexical", "L-03", middle("G1 X100 M104 S280")),
    Mutant("C06", "lexical", "L-04", middle("G1 X100 X130")),
    Mutant("C08", "lexical", "L-01", middle("G1 X100 ;\rM104 S280")),
    Mutant("C16", "lexical", "G-02", lambda lines, rng: lines[: len(lines) * 6 // 10]),
)


@pytest.fixture(scope="module")
def ender() -> OwnCase:
    case = own_case("ender3-v2")
    assert case.centre_mm == CENTRE
    return case


@pytest.mark.parametrize(
    ("printer", "material"),
    [
        ("ender3-v2", "pla"),
        ("mk4s", "petg"),
        ("voron-2.4-350", "abs"),
        ("railcore-ii-300zl", "pla"),
    ],
)
def test_what_we_make_passes_every_rule(printer: str, material: str) -> None:
    """As it is written, and with its comments replaced by tags: the same to the last number."""
    case = own_case(printer, material)
    whole = audit_program(case.program, case.model, case.demand)
    assert whole.verdict is Status.PASS, [f for f in whole.findings if f.status != "PASS"]
    tags = case.audit(case.lines)
    assert (tags.measured, tags.per_layer) == (whole.measured, whole.per_layer)
    assert [(f.rule_id, f.status, f.measured) for f in tags.findings] == [
        (f.rule_id, f.status, f.measured) for f in whole.findings
    ]


def test_there_are_enough_and_ids_are_unique() -> None:
    assert len({mutant.id for mutant in MUTANTS}) == len(MUTANTS) >= 20
    assert len({mutant.expected_rule for mutant in MUTANTS}) >= 20


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_a_fault_in_our_own_program_is_killed_by_its_rule(mutant: Mutant, ender: OwnCase) -> None:
    lines = mutant.operator(list(ender.lines), random.Random(1))
    assert lines != ender.lines, "the operator changed nothing"
    failed = failed_rules(ender.audit(lines))
    assert mutant.expected_rule in failed, f"expected {mutant.expected_rule}, failed {failed}"
