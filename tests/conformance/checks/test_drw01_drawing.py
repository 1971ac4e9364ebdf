"""DRW-01: rows of a drawing on a model, wherever it lies and in whatever order its facets come."""

from __future__ import annotations

import numpy as np
import pytest

from printstd.artifacts.finding import Status
from printstd.intake.characteristics import read_characteristics
from printstd.pipeline import ModelInput, Order, prepare
from printstd.validate.registry import validate_model
from tests import meshes
from tests.conformance.checks.judging import assert_complete, resolved

GOOD = b"number;feature;nominal\n1;extent X;20\n2;extent Z;20\n"
WRONG = b"number;feature;nominal;limits\n1;extent X;20;+-0.1\n2;extent Z;20.5;+-0.1\n"
WITH_FORM = b"number;feature;nominal;limits\n1;extent X;20;ISO 2768-mK\n2;extent Z;20;TG6\n"
NOWHERE = b"number;feature;nominal\n1;extent X;20\n2;hole @ 3,4;5\n"


def statuses(model: meshes.Triangles, drawing: bytes) -> list[Status]:
    order = Order(drawing=read_characteristics(drawing, "d.csv"))
    prepared = prepare(ModelInput(meshes.stl_ascii(model), "part.stl"), order, resolved())
    report = validate_model(
        prepared.file,
        resolved(),
        placement=prepared.placement,
        only=("DRW-01",),
        drawing=order.drawing,
    )
    for finding in report.findings:
        assert_complete(finding)
    assert len(report.characteristics) == len(report.findings)
    return [finding.status for finding in report.findings]


def test_drw_01_passes_fails_and_leaves_open() -> None:
    cube = meshes.cube(20.0)
    assert statuses(cube, GOOD) == [Status.PASS, Status.PASS], "DRW-01"
    assert statuses(cube, WRONG) == [Status.PASS, Status.FAIL], "DRW-01"
    assert statuses(cube, NOWHERE) == [Status.PASS, Status.NOT_EVALUATED], "DRW-01"


@pytest.mark.parametrize("shift", [0.0, 50.0, 200.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_rows_are_judged_alike_wherever_the_model_lies(shift: float, seed: int) -> None:
    vertices, faces = meshes.cube(20.0)
    shuffled = np.random.default_rng(seed).permutation(faces)
    assert statuses((vertices + shift, shuffled), WRONG) == [Status.PASS, Status.FAIL]


def test_what_a_row_says_of_form_or_of_mouldings_is_told_and_not_evaluated() -> None:
    order = Order(drawing=read_characteristics(WITH_FORM, "d.csv"))
    model = ModelInput(meshes.stl_ascii(meshes.cube(20.0)), "part.stl")
    prepared = prepare(model, order, resolved())
    report = validate_model(
        prepared.file, resolved(), placement=prepared.placement, drawing=order.drawing
    )
    size, form, moulding = report.of_rule("DRW-01")
    assert (size.status, size.limit) == (Status.PASS, pytest.approx(0.2))
    assert form.status is Status.NOT_EVALUATED
    assert "class K of geometrical tolerances" in form.message
    assert "withdrawn in favour of ISO 22081:2021" in form.message
    assert moulding.status is Status.NOT_EVALUATED
    assert "TG6 moulding keeps +-0.26 mm within one half of the mould" in moulding.message
    assert len(report.characteristics) == 2


def test_without_a_drawing_there_is_nothing_to_say() -> None:
    prepared = prepare(ModelInput(meshes.stl_ascii(meshes.cube()), "part.stl"), Order(), resolved())
    report = validate_model(prepared.file, resolved(), placement=prepared.placement)
    (finding,) = report.of_rule("DRW-01")
    assert finding.status is Status.NOT_APPLICABLE
    assert report.characteristics == ()
