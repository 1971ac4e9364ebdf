"""The audit as a whole: what it must not depend on, and what it must not fall over."""

from __future__ import annotations

import math
import random
import re
from dataclasses import replace

import pytest

from printstd.adapters.executors import ProcessExecutor
from printstd.artifacts.audit import Audit
from printstd.artifacts.codec import from_plain, to_plain
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Status
from printstd.audit import all_rules, audit_program, explain
from printstd.errors import InputError
from tests.mutation.demands import placed, plain_demand
from tests.mutation.tiny_slicer import Recipe, as_bytes, plate_with_pin, prism_stl, slice_prism
from tests.shares import examples

RECIPE = Recipe(layers=14)
MODEL = prism_stl(plate_with_pin(), 2.8)
LINES = slice_prism(plate_with_pin(), RECIPE)
DEMAND = placed(plain_demand(count=14), 125_000, 105_000)


def numbers(audit: Audit) -> tuple[object, ...]:
    """All that was measured, places and lines apart."""
    rows = [(f.rule_id, f.status, f.message, f.measured, f.limit) for f in audit.findings]
    return rows, audit.measured, audit.per_layer


def test_comments_change_nothing() -> None:
    """Neither taking them all away nor lying in them changes a single number."""
    whole = numbers(audit_program(as_bytes(LINES), MODEL, DEMAND))
    bare = [text for text in LINES if not text.startswith(";")]
    lying = []
    for text in LINES:
        lying.append(text if text.startswith(";") else text + " ; E99 Z0 F1")
        if text.startswith(";LAYER"):
            lying += [";Z:99", ";HEIGHT:0.5", ";WIDTH:9", ";TYPE:Support material"]
    assert numbers(audit_program(as_bytes(bare), MODEL, DEMAND)) == whole
    assert numbers(audit_program(as_bytes(lying), MODEL, DEMAND)) == whole


def test_workers_change_nothing() -> None:
    serial = audit_program(as_bytes(LINES), MODEL, DEMAND)
    shuffled = ProcessExecutor(
        2, chunk_size=1, submit_order=lambda n: random.Random(3).sample(range(n), n)
    )
    parallel = audit_program(as_bytes(LINES), MODEL, DEMAND, executor=shuffled)
    assert parallel.findings == serial.findings
    assert numbers(parallel) == numbers(serial)


def test_a_demand_that_was_signed_and_read_back_gives_the_same_audit() -> None:
    again = from_plain(AuditDemand, to_plain(DEMAND))
    assert again == DEMAND
    assert to_plain(audit_program(as_bytes(LINES), MODEL, again).measured)


def _bore_by_arcs(lines: list[str]) -> tuple[list[str], int]:
    """The bore's walls, 48 chords around (117, 105), as two half circles; and how many loops."""
    out: list[str] = []
    loop: list[tuple[float, float, float]] = []
    loops = 0
    for text in lines:
        word = re.fullmatch(r"G1 X([0-9.]+) Y([0-9.]+) E([0-9.]+)", text)
        if word is not None:
            x, y, e = (float(number) for number in word.groups())
            if math.hypot(x - 117, y - 105) < 4.9:
                loop.append((x, y, e))
                continue
        if len(loop) == 48:
            loops += 1
            fed = sum(e for _, _, e in loop) / 2
            (ax, ay, _), (bx, by, _) = loop[-1], loop[23]
            turn = (bx - 117) * (loop[24][1] - 105) - (by - 105) * (loop[24][0] - 117)
            name = "G3" if turn > 0 else "G2"
            for (x0, y0), (x1, y1) in (((ax, ay), (bx, by)), ((bx, by), (ax, ay))):
                i, j = 117 - x0, 105 - y0
                out.append(f"{name} X{x1:.3f} Y{y1:.3f} I{i:.3f} J{j:.3f} E{fed:.5f}")
        elif loop:
            out += [f"G1 X{x:.3f} Y{y:.3f} E{e:.5f}" for x, y, e in loop]
        loop = []
        out.append(text)
    return out, loops


def test_arcs_for_a_wall_are_the_same_part() -> None:
    """A bore laid in half circles passes as the polygon does; with the centre on the wrong side it
    does not."""
    program, loops = _bore_by_arcs(LINES)
    assert loops >= RECIPE.layers
    audit = audit_program(as_bytes(program), MODEL, DEMAND)
    assert audit.verdict is Status.PASS
    mirrored = [re.sub(r" I(-?)([0-9.]+)", r" I--\1\2", text) for text in program]
    mirrored = [text.replace("I---", "I").replace("I--", "I-") for text in mirrored]
    wrong = audit_program(as_bytes(mirrored), MODEL, DEMAND)
    assert any(f.rule_id == "M-03" and f.status is Status.FAIL for f in wrong.findings)


def test_a_model_in_inches_is_the_same_part() -> None:
    import numpy as np
    import shapely

    outline = shapely.transform(plate_with_pin(), lambda p: p / 25.4)
    model = prism_stl(outline, 2.8 / 25.4)
    inches = replace(DEMAND, model_unit_nm=25_400_000)
    assert audit_program(as_bytes(LINES), model, inches).verdict is Status.PASS
    wrong = audit_program(as_bytes(LINES), model, DEMAND)
    assert wrong.verdict is Status.FAIL
    assert np.prod(wrong.measured.extents_um or (0,)) != 0 or wrong.measured.extents_um is None


def test_supports_and_skirts_are_refused_unless_allowed() -> None:
    """A skirt 3 mm off in the first layer, a support beside the part in the fifth."""
    skirt = [
        "G1 X100 Y90 F7800",
        "G1 E.8 F2400",
        "G1 F2400",
        "G1 X152 Y90 E1.76",
        "G1 X152 Y120 E1.02",
        "G1 E-.8 F2400",
    ]

    def with_beads(layer: int) -> bytes:
        at = LINES.index(f";LAYER:{layer}") + 3
        return as_bytes([*LINES[:at], *skirt, *LINES[at:]])

    def verdict(program: bytes, **allowed: bool) -> Status:
        integrity = replace(DEMAND.integrity, **allowed)
        return audit_program(program, MODEL, replace(DEMAND, integrity=integrity)).verdict

    assert verdict(with_beads(5)) is Status.FAIL
    assert verdict(with_beads(5), adhesion_allowed=True) is Status.FAIL
    assert verdict(with_beads(5), supports_allowed=True) is Status.PASS
    assert verdict(with_beads(1)) is Status.FAIL
    assert verdict(with_beads(1), adhesion_allowed=True) is Status.PASS
    # Before the part's first bead it is a purge line, which may lie beside the part.
    assert verdict(with_beads(0)) is Status.PASS


def test_supports_on_most_layers_do_not_hide_the_place() -> None:
    """A wall of support 6 mm beside the part, on all layers but the top two: the box is another."""
    column = ["G1 X160 Y96 F7800", "G1 E.8 F2400", "G1 F2400", "G1 X160 Y118 E.74489", "G1 E-.8"]
    lines: list[str] = []
    for text in LINES:
        lines.append(text)
        if text.startswith("G1 Z") and float(text.split()[1][1:]) < 2.5:
            lines += column
    searching = replace(DEMAND, placement=None)
    supported = replace(searching, integrity=replace(searching.integrity, supports_allowed=True))
    found = audit_program(as_bytes(lines), MODEL, supported)
    assert found.measured.placement_um == (125_000, 105_000, 0)
    assert found.verdict is Status.PASS
    assert audit_program(as_bytes(lines), MODEL, searching).verdict is Status.FAIL


def test_no_garbage_makes_the_audit_fall_over() -> None:
    """Lines lost, doubled, cut and mixed: always an answer, and never a pass by accident."""
    rng = random.Random(7)
    for _ in range(examples(12, 4)):
        lines = list(LINES)
        for _ in range(60):
            i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
            kind = rng.randrange(4)
            if kind == 0:
                del lines[i]
            elif kind == 1:
                lines.insert(i, lines[j])
            elif kind == 2:
                lines[i] = lines[i][: rng.randrange(len(lines[i]) + 1)]
            else:
                lines[i] = "".join(rng.sample(lines[i], len(lines[i])))
        assert audit_program(as_bytes(lines), MODEL, DEMAND).verdict is Status.FAIL
    for program in (b"", b"\n", b"G28\n", bytes(range(256)) * 20, b"G1 X1 E1\n"):
        assert audit_program(program, MODEL, DEMAND).verdict is Status.FAIL


def test_a_model_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InputError):
        audit_program(as_bytes(LINES), b"no model", DEMAND)


def test_every_rule_has_its_page() -> None:
    rules = all_rules()
    assert list(rules) == sorted(rules, key=lambda rule: ("LMG".index(rule[0]), rule))
    for rule, title in rules.items():
        page = explain(rule)
        assert page is not None
        assert page.startswith(f"{rule}: {title}\n")
        for heading in ("What it demands", "Why", "How it is measured", "Example", "Source"):
            assert f"\n{heading}\n" in page, (rule, heading)
    assert explain("G-99") is None
