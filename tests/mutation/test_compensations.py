"""What the generator was told to change, the auditor is told too: a compensated program passes
under its own demand and fails under one without, and the other way round."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from printstd import pipeline
from printstd.adapters.profile_files import default_source
from printstd.artifacts.demand import AuditDemand, Compensations
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from printstd.profiles.resolved import Request
from tests.mutation.own_programs import made, prepared
from tests.mutation.test_mutants import failed_rules
from tests.mutation.tiny_slicer import prism_stl

FOOT, CIRCLES = (f"process.compensation.{key}" for key in ("elephant_foot_mm", "circle_chord_mm"))
NONE = ((FOOT, "0.0"), (CIRCLES, "0.0"))
CASES: dict[str, tuple[tuple[tuple[str, str], ...], dict[str, Any], set[str], set[str]]] = {
    # name: (what is set, the field without it, rules that fail without, rules that fail when only
    # the demand has it)
    "larger": (
        (*NONE, ("process.compensation.xy_mm", "0.1")),
        {"xy_um": 0},
        {"G-03"},
        {"G-04"},
    ),
    "smaller": (
        (*NONE, ("process.compensation.xy_mm", "-0.1")),
        {"xy_um": 0},
        {"G-04"},
        {"G-03"},
    ),
    "wider holes": (
        (*NONE, ("process.compensation.hole_mm", "0.1")),
        {"hole_um": 0},
        {"G-04"},
        {"G-03"},
    ),
    "elephant foot": (
        ((FOOT, "0.2"), (CIRCLES, "0.0")),
        {"elephant_foot_um": 0},
        {"G-04"},
        set(),
    ),
    "shrinkage in the plane": (
        (*NONE, ("material.shrinkage_xy_ratio", "0.01")),
        {"scale_xy_e6": 1_000_000},
        {"G-03"},
        {"G-04"},
    ),
    "shrinkage in height": (
        (*NONE, ("material.shrinkage_z_ratio", "0.04")),
        {"scale_z_e6": 1_000_000},
        {"G-02"},
        {"G-02"},
    ),
}


@pytest.fixture(scope="module")
def plain() -> tuple[bytes, bytes, AuditDemand]:
    part = prepared("ender3-v2", "pla", "standard-0.20", *NONE)
    done = made(part)
    return done.program.data, part.model.data, done.demand


@pytest.mark.parametrize("name", CASES)
def test_a_compensation_is_what_the_demand_says(
    name: str, plain: tuple[bytes, bytes, AuditDemand]
) -> None:
    settings, without, missed, undone = CASES[name]
    part = prepared("ender3-v2", "pla", "standard-0.20", *settings)
    done = made(part)
    demand, model = done.demand, part.model.data
    assert audit_program(done.program.data, model, demand).verdict is Status.PASS
    other = replace(demand, compensations=replace(demand.compensations, **without))
    assert other.compensations == Compensations()
    assert missed <= failed_rules(audit_program(done.program.data, model, other))
    # The plain program at the same place, under a demand that wants the compensation.
    program, _, own = plain
    wanted = replace(own, compensations=demand.compensations)
    assert undone <= failed_rules(audit_program(program, model, wanted))
    assert audit_program(program, model, own).verdict is Status.PASS


@pytest.fixture(scope="module")
def plate() -> bytes:
    """20 x 20 x 3 mm with a hole of 10.4 mm and 16 sides, 0.1 mm from their circle."""
    hole = shapely.Polygon(
        [(5.2 * np.cos(angle), 5.2 * np.sin(angle)) for angle in np.arange(16) * (2 * np.pi / 16)]
    )
    return prism_stl(shapely.difference(shapely.box(-10, -10, 10, 10), hole), 3.0)


def test_circles_are_what_the_demand_says(plate: bytes) -> None:
    def program(chord: str) -> pipeline.Made:
        overrides = ((FOOT, "0.0"), (CIRCLES, chord))
        request = Request(printer="ender3-v2", overrides=overrides)
        resolved = pipeline.resolve(request, default_source())
        model = pipeline.ModelInput(plate, "plate.stl")
        return made(pipeline.prepare(model, pipeline.Order(), resolved))

    round_, as_filed = program("0.005"), program("0.0")
    for done in (round_, as_filed):
        assert audit_program(done.program.data, plate, done.demand).verdict is Status.PASS
        # Nobody says how it was made: both are right.
        either = replace(done.demand.compensations, circles=True, polygons=True)
        unknown = replace(done.demand, compensations=either)
        assert audit_program(done.program.data, plate, unknown).verdict is Status.PASS
    # The hole too wide for the polygon; the polygon too narrow for the hole.
    assert "G-04" in failed_rules(audit_program(round_.program.data, plate, as_filed.demand))
    assert "G-03" in failed_rules(audit_program(as_filed.program.data, plate, round_.demand))
