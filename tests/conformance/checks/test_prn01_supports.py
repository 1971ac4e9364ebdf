"""PRN-01: what hangs over nothing is told, with where and how much."""

from __future__ import annotations

import numpy as np
import pytest
from manifold3d import Manifold

from printstd.artifacts.finding import Status
from tests import meshes
from tests.conformance.checks.judging import only_of, resolved
from tests.conformance.checks.test_thk01_minimum_wall import block, of


def tee(arm: float) -> Manifold:
    """A post of 5 x 5 x 10 with an arm at the top that reaches `arm` to one side."""
    return block((5, 5, 10), (0, 0, 0)) + block((5 + arm, 5, 3), (0, 0, 10))


def gate(span: float) -> Manifold:
    """Two posts with a lintel."""
    posts = block((5, 5, 10), (0, 0, 0)) + block((5, 5, 10), (5 + span, 0, 0))
    return posts + block((10 + span, 5, 3), (0, 0, 10))


@pytest.mark.parametrize("mesh", [meshes.cube(), of(gate(8.0)), of(gate(9.0))])
def test_parts_that_stand_on_themselves_or_bridge_pass(mesh: meshes.Triangles) -> None:
    finding = only_of("PRN-01", mesh)
    assert finding.status is Status.PASS
    assert finding.measured == 0


@pytest.mark.parametrize("arm", [4.0, 10.0])
@pytest.mark.parametrize("shift", [(0.0, 0.0, 0.0), (70.0, -20.0, 15.0)])
def test_an_arm_hangs_with_its_area_in_the_frame_that_is_named(
    arm: float, shift: tuple[float, float, float]
) -> None:
    mesh = meshes.moved(of(tee(arm)), shift)
    finding = only_of("PRN-01", mesh, demands=resolved(printer=None))
    assert finding.status is Status.WARN
    assert finding.measured == pytest.approx(5 * (arm - 0.2), rel=0.02)
    where = finding.where[0]
    assert where.frame == "model"
    assert where.box_mm is not None
    wanted = np.array([5.2, 0, 10, 5 + arm, 5, 10.2]) + np.tile(shift, 2)
    assert np.abs(np.array(where.box_mm) - wanted).max() < 0.05
    placed = only_of("PRN-01", mesh)
    assert placed.where[0].frame == "bed"
    box = placed.where[0].box_mm
    assert box is not None
    middle = (5 + arm) / 2
    assert (
        np.abs(np.array(box) - (wanted - np.tile(shift, 2) + [125 - middle, 102.5, 0] * 2)).max()
        < 0.05
    )


def test_a_gate_too_wide_hangs_and_turned_over_it_does_not() -> None:
    wide = of(gate(40.0))
    assert only_of("PRN-01", wide).status is Status.WARN
    assert only_of("PRN-01", wide, rotate_deg=(180.0, 0.0, 0.0)).status is Status.PASS


def test_an_open_surface_is_not_evaluated() -> None:
    assert only_of("PRN-01", meshes.without(meshes.cube(), [0])).status is Status.NOT_EVALUATED
