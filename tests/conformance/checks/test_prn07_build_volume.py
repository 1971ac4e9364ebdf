"""PRN-07: the placed part against the printer's volume (MK4S: 250 x 210 x 220 mm)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.artifacts.finding import Status
from tests import meshes
from tests.conformance.checks.judging import only_of, resolved

ROOM = (250.0, 210.0, 220.0)


def box(x: float, y: float, z: float) -> meshes.Triangles:
    return meshes.box((x, y, z), (-300.0, 17.0, 5000.0))


@pytest.mark.parametrize("size", [(20, 20, 20), (250, 210, 220), (249.999, 0.5, 219.999)])
def test_parts_that_fit_pass_wherever_the_file_has_them(size: tuple[float, ...]) -> None:
    finding = only_of("PRN-07", box(*size))
    assert finding.status is Status.PASS
    box_mm = finding.where[0].box_mm
    assert finding.where[0].frame == "bed"
    assert box_mm is not None
    assert np.subtract(box_mm[3:], box_mm[:3]) == pytest.approx(size, abs=1e-6)
    assert (np.add(box_mm[:2], box_mm[3:5]) / 2) == pytest.approx((125, 105), abs=1e-3)


@pytest.mark.parametrize(
    ("size", "axis", "advice"),
    [
        ((250.1, 20, 20), 0, "turned by"),
        ((20, 210.1, 20), 1, "turned by 90 degrees"),
        ((20, 20, 220.1), 2, "laid on another side"),
        ((203.2, 304.8, 12.7), 1, "no turn about Z"),
        ((300, 20, 20), 0, "turned by"),
        ((200, 240, 12.7), 1, "turned by 90 degrees"),
        ((4572, 100, 100), 0, "no turn about Z"),
    ],
)
def test_parts_that_do_not_fit_fail_by_how_much_and_what_helps(
    size: tuple[float, float, float], axis: int, advice: str
) -> None:
    finding = only_of("PRN-07", box(*size))
    assert finding.status is Status.FAIL
    assert finding.measured == pytest.approx(size[axis], abs=1e-6)
    assert finding.limit == pytest.approx(ROOM[axis])
    assert advice in finding.message
    assert finding.where[0].frame == "bed"


@settings(max_examples=60, deadline=None)
@given(st.tuples(*[st.floats(1.0, 300.0)] * 3))
def test_it_fits_just_where_every_extent_does(size: tuple[float, float, float]) -> None:
    fits = all(extent <= room for extent, room in zip(size, ROOM, strict=True))
    if min(abs(extent - room) for extent, room in zip(size, ROOM, strict=True)) < 0.01:
        return
    assert (only_of("PRN-07", box(*size)).status is Status.PASS) == fits


def test_turning_and_scaling_count() -> None:
    plate = box(200, 240, 12.7)
    assert only_of("PRN-07", plate, rotate_deg=(0, 0, 90)).status is Status.PASS
    assert only_of("PRN-07", plate, scale=0.5).status is Status.PASS
    assert only_of("PRN-07", box(20, 20, 20), scale=12.6).status is Status.FAIL


def test_what_shrinks_is_printed_larger_and_must_fit_so() -> None:
    """ABS shrinks by some tenths of a percent, so 210 mm need more than 210 mm of bed."""
    abs_ = resolved(material="abs")
    assert abs_.material.shrinkage_xy_ratio > 0
    finding = only_of("PRN-07", box(20, 210, 20), demands=abs_)
    assert finding.status is Status.FAIL
    assert finding.measured == pytest.approx(210 / (1 - abs_.material.shrinkage_xy_ratio), abs=1e-3)
    assert only_of("PRN-07", box(20, 208, 20), demands=abs_).status is Status.PASS


def test_without_a_printer_it_is_not_evaluated() -> None:
    finding = only_of("PRN-07", box(20, 20, 20), demands=resolved(printer=None))
    assert finding.status is Status.NOT_EVALUATED
    assert "--printer" in finding.message
