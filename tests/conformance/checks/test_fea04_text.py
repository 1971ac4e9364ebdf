"""FEA-04: text on flat faces, its stroke, relief and height."""

from __future__ import annotations

import numpy as np
import pytest

from printstd.artifacts.finding import Status
from tests import meshes
from tests.conformance.checks import solids
from tests.conformance.checks.judging import judged, only_of, resolved, status


@pytest.mark.parametrize(
    ("stroke", "wanted", "limit"),
    [
        (0.35, Status.FAIL, 0.4),
        (0.41, Status.WARN, 0.6),
        (0.59, Status.WARN, 0.6),
        (0.61, Status.PASS, 0.6),
    ],
)
@pytest.mark.parametrize("relief", [0.5, -0.5])
@pytest.mark.parametrize("degrees", [0.0, 33.0])
def test_strokes(
    stroke: float, wanted: Status, limit: float, relief: float, degrees: float
) -> None:
    found = only_of("FEA-04", solids.turned(solids.plate_with_text(stroke, relief), degrees))
    assert (found.status, found.limit) == (wanted, limit)
    assert found.measured == pytest.approx(stroke, abs=2e-3)


@pytest.mark.parametrize(
    ("relief", "wanted", "limit"),
    [
        (0.1, Status.FAIL, 0.2),
        (-0.19, Status.FAIL, 0.2),
        (0.21, Status.WARN, 0.4),
        (-0.39, Status.WARN, 0.4),
        (0.41, Status.PASS, 0.6),
        (-0.41, Status.PASS, 0.6),
    ],
)
@pytest.mark.parametrize("degrees", [0.0, 77.0])
def test_relief(relief: float, wanted: Status, limit: float, degrees: float) -> None:
    found = only_of("FEA-04", solids.turned(solids.plate_with_text(0.8, relief), degrees))
    assert (found.status, found.limit) == (wanted, limit)
    if wanted is not Status.PASS:
        assert found.measured == pytest.approx(abs(relief), abs=1e-6)
        assert ("raised" if relief > 0 else "sunk") in dict(found.details)


@pytest.mark.parametrize("degrees", [0.0, 33.0])
def test_small_letters(degrees: float) -> None:
    small = solids.turned(solids.plate_with_text(0.35, 0.5, height=1.95), degrees)
    heights = [f for f in judged("FEA-04", small) if f.limit == 2.0]
    assert [f.status for f in heights] == [Status.WARN]
    assert heights[0].measured == pytest.approx(1.95, abs=1e-5)


def test_the_place_is_that_of_the_letters() -> None:
    found = only_of("FEA-04", solids.plate_with_text(0.5, 0.5))
    box = found.where[0].box_mm
    assert box is not None
    assert box[:3] == pytest.approx((3.0, 6.0, 5.5))
    assert np.subtract(box[4:], box[1:3]) == pytest.approx((5.0, 0.0))


def rows_of(shape: object, count: int = 4) -> meshes.Triangles:
    solid = solids.block((60, 20, 5))
    for k in range(count):
        solid += shape.translate((5.0 + 6 * k, 8.0, 0.0))  # type: ignore[attr-defined]
    return solids.of(solid)


def test_rows_of_studs_fins_and_pads_are_no_text() -> None:
    for shape in (
        solids.rod(2.0, 5.3, 32, (0, 0, 0)),
        solids.block((0.5, 5, 5.3)),
        solids.block((3, 3, 5.3)),
    ):
        assert status("FEA-04", rows_of(shape)) is Status.NOT_APPLICABLE
    assert status("FEA-04", meshes.bracket()) is Status.NOT_APPLICABLE


def test_two_letters_are_no_line() -> None:
    assert status("FEA-04", solids.plate_with_text(0.3, 0.5, text="TL")) is Status.NOT_APPLICABLE


def test_strokes_grow_with_the_nozzle_and_relief_does_not() -> None:
    wide = resolved(overrides=(("process.design.nozzle_mm", "0.2"),))
    found = judged("FEA-04", solids.plate_with_text(0.8, 0.3), demands=wide)
    assert [(f.status, f.limit) for f in found] == [
        (Status.WARN, pytest.approx(1.2)),
        (Status.WARN, pytest.approx(0.4)),
    ]
