"""Parts printed one after the other: the order, the ways over what is finished, and what runs into
it."""

from __future__ import annotations

import functools
import re
from dataclasses import replace

import numpy as np
import pytest

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.artifacts.demand import ClearanceDemand
from printstd.errors import SlicingError
from printstd.profiles.decision import Outcome, decide
from tests.plates import audited, failures, made, part, plate
from tests.stacks import Silent

SERIAL, SILENT = SerialExecutor(), Silent()
BY_OBJECT = (("plate.by_object", "true"),)
NAMES = ("block", "low", "post")


@functools.cache
def own() -> pipeline.Plate:
    return pipeline.plate_of([part(name, *BY_OBJECT) for name in NAMES])


@functools.cache
def done() -> pipeline.Made:
    return made(own())


def outcome(program: bytes, demand=None) -> Outcome:
    demand = demand or done().demand
    audit = audited(program, own(), demand)
    found = decide(audit.findings, rules_run=audit.rules_run, mandatory=demand.mandatory_rules)
    return found.outcome


def heights(program: bytes) -> list[tuple[int, float]]:
    """(object, Z) of each bead, in time."""
    found, current, z = [], -1, 0.0
    for line in program.decode("ascii").splitlines():
        if line.startswith("M486 S"):
            current = int(line.removeprefix("M486 S"))
        elif line.startswith("G1"):
            words = {word[0]: float(word[1:]) for word in line.split()[1:]}
            z = words.get("Z", z)
            if current >= 0 and words.get("E", 0.0) > 0 and "X" in words:
                found.append((current, z))
    return found


def test_each_is_finished_before_the_next_and_the_lowest_come_first():
    beads = heights(done().program.data)
    row = list(dict.fromkeys(number for number, _ in beads))
    assert [number for number, _ in beads] == sorted((number for number, _ in beads), key=row.index)
    tops = [max(z for number, z in beads if number == one) for one in row]
    assert tops == sorted(tops) == [2.0, 4.0, 6.0]
    for one in row:
        z = [height for number, height in beads if number == one]
        assert z == sorted(z)
        assert z[0] == 0.2
    assert outcome(done().program.data) is Outcome.PASSED


def test_the_fan_stands_and_the_first_layer_is_slow_for_each_object():
    program = done().program.data.decode("ascii")
    first = re.findall(r";Z:0\.2\n.*?(?=;LAYER_CHANGE)", program, re.S)
    assert len(first) == 3
    for block in first:
        feeds = {int(f) for f in re.findall(r"^G1 X\S+ Y\S+ E\S+ F(\d+)", block, re.M)}
        assert max(feeds) <= 20 * 60


def test_all_that_is_laid_together_is_laid_one_by_one():
    together = pipeline.make_plate(plate(*NAMES), executor=SERIAL, progress=SILENT).program.totals
    apart = done().program.totals
    # But for the skirt, which stands wider and one layer high, and the seams' places.
    assert apart.filament_um == pytest.approx(together.filament_um, rel=0.05)


def test_a_head_wider_than_planned_runs_into_what_is_finished():
    wide = replace(done().demand, clearance=ClearanceDemand(60_000, 13_000))
    assert {rule for rule, _ in failures(audited(done().program.data, own(), wide))} == {"M-11"}


def test_a_beam_lower_than_planned_runs_into_what_is_finished():
    low = replace(done().demand, clearance=ClearanceDemand(45_000, 3_000))
    assert {rule for rule, _ in failures(audited(done().program.data, own(), low))} == {"M-11"}


def test_a_way_between_objects_that_is_not_raised_fails():
    """The lift over the highest finished part is taken down to the next object's own height."""
    lines = done().program.data.decode("ascii").splitlines()
    lifts = [i for i, line in enumerate(lines) if re.fullmatch(r"G1 Z[246]\.2(?: F\d+)?", line)]
    beads = [i for i, line in enumerate(lines) if line == ";Z:0.2"]
    last = max(i for i in lifts if i > beads[-1])
    lines[last] = lines[last].replace(lines[last].split()[1], "Z0.4")
    program = ("\n".join(lines) + "\n").encode("ascii")
    assert ("M-11") in {rule for rule, _ in failures(audited(program, own(), done().demand))}


def test_a_plate_laid_together_is_not_one_by_one_and_the_other_way_round():
    together = made(plate(*NAMES))
    as_objects = replace(together.demand, clearance=done().demand.clearance)
    assert "M-11" in {
        rule for rule, _ in failures(audited(together.program.data, own(), as_objects))
    }
    as_layers = replace(done().demand, clearance=None)
    assert "G-02" in {rule for rule, _ in failures(audited(done().program.data, own(), as_layers))}


def test_two_parts_too_high_for_the_beam_are_refused_by_name():
    tall = pipeline.Order(scale_e6=4_000_000)
    parts = [part(name, *BY_OBJECT, order=tall) for name in ("block", "post")]
    with pytest.raises(SlicingError) as refused:
        made(pipeline.plate_of(parts))
    assert refused.value.exit_code == 5
    assert refused.value.where == "post.stl and block.stl"
    one = pipeline.plate_of([parts[0], part("low", *BY_OBJECT)])
    assert len(heights(made(one).program.data)) > 0


def test_parts_stand_as_far_apart_as_the_head_is_wide():
    places = np.array([s.placement.translation_um[:2] for s in own().stands]) / 1000
    assert len(places) == 3
    assert done().demand.clearance == ClearanceDemand(45_000, 13_000)
