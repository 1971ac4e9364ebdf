"""THK-02: slits of one body (0.1, 0.2 mm) and clearance between bodies (0.2, 0.4 mm)."""

from __future__ import annotations

import numpy as np
import pytest

from printstd.artifacts.finding import Status, worst
from tests import meshes
from tests.conformance.checks import solids
from tests.conformance.checks.judging import judged, only_of, resolved, status


@pytest.mark.parametrize(
    ("width", "wanted", "limit"),
    [
        (0.05, Status.FAIL, 0.1),
        (0.095, Status.FAIL, 0.1),
        (0.105, Status.WARN, 0.2),
        (0.195, Status.WARN, 0.2),
        (0.205, Status.PASS, 0.2),
    ],
)
@pytest.mark.parametrize("degrees", [0.0, 33.0])
def test_slits(width: float, wanted: Status, limit: float, degrees: float) -> None:
    found = only_of("THK-02", solids.turned(solids.slit(width), degrees))
    assert (found.status, found.limit) == (wanted, limit)
    assert found.measured == pytest.approx(width, abs=1e-6)
    if wanted is not Status.PASS:
        box = found.where[0].box_mm
        assert box is not None
        assert float(np.subtract(box[3:], box[:3]).max()) > 5


@pytest.mark.parametrize(
    ("clearance", "wanted", "limit"),
    [
        (0.1, Status.FAIL, 0.2),
        (0.19, Status.FAIL, 0.2),
        (0.21, Status.WARN, 0.4),
        (0.39, Status.WARN, 0.4),
        (0.41, Status.PASS, 0.2),
    ],
)
def test_a_pin_in_its_bore(clearance: float, wanted: Status, limit: float) -> None:
    """72 sides in a bore of 96: the difference of radii, not of chords."""
    found = only_of("THK-02", solids.hinge(clearance))
    assert (found.status, found.limit) == (wanted, limit)
    assert found.measured == pytest.approx(clearance, abs=1e-5)
    if wanted is not Status.PASS:
        assert "between bodies" in found.message
        assert found.source == "process: design.moving_gap_mm"


def test_a_small_gap_fails_nothing() -> None:
    """A slit of 0.05 x 1 x 1 mm."""
    mesh = solids.of(solids.block((20, 20, 10)) - solids.block((0.05, 1, 1), (10, 8, 9)))
    assert worst(f.status for f in judged("THK-02", mesh)) is Status.WARN


def test_bodies_that_touch_and_holes_are_no_gaps() -> None:
    touching = meshes.merged(meshes.cube(10.0), meshes.cube(10.0, (10.0, 0.0, 0.0)))
    assert status("THK-02", touching) is Status.PASS
    assert status("THK-02", solids.with_hole(0.15, 12)) is Status.PASS
    assert status("THK-02", meshes.bracket()) is Status.PASS


def test_a_notch_is_no_gap() -> None:
    from manifold3d import CrossSection, Manifold

    cut = Manifold.extrude(CrossSection([[(12, 11), (8, 11), (10, 2)]]), 30)
    cut = cut.rotate((90, 0, 0)).translate((0, 25, 0))
    assert status("THK-02", solids.of(solids.block((20, 20, 10)) - cut)) is Status.PASS


def test_the_limits_come_from_the_process() -> None:
    tight = resolved(overrides=(("process.design.static_gap_mm", "[0.02, 0.04]"),))
    assert status("THK-02", solids.slit(0.05), demands=tight) is Status.PASS


def test_an_open_surface_is_not_evaluated() -> None:
    assert status("THK-02", meshes.without(meshes.cube(), [0])) is Status.NOT_EVALUATED
