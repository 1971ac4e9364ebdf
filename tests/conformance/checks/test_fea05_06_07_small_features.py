"""FEA-05 holes, FEA-06 pins, FEA-07 ribs and slots: sizes of recognised features."""

from __future__ import annotations

import pytest

from printstd.artifacts.finding import Status
from tests import meshes
from tests.conformance.checks import solids
from tests.conformance.checks.judging import judged, only_of, resolved, status


@pytest.mark.parametrize(
    ("diameter", "wanted", "limit"),
    [
        (0.8, Status.FAIL, 1.0),
        (0.99, Status.FAIL, 1.0),
        (1.0, Status.WARN, 2.0),
        (1.99, Status.WARN, 2.0),
        (2.0, Status.PASS, 2.0),
    ],
)
@pytest.mark.parametrize("degrees", [0.0, 33.0])
def test_fea_05_holes(diameter: float, wanted: Status, limit: float, degrees: float) -> None:
    """16 sides: across the flats a hole of 2 mm measures 1.96."""
    found = only_of("FEA-05", solids.turned(solids.with_hole(diameter, 16), degrees))
    assert (found.status, found.limit) == (wanted, limit)
    assert found.measured == pytest.approx(diameter, abs=1e-5)


def test_fea_05_grooves_are_no_holes() -> None:
    groove = solids.rod(0.8, 30, 32, (0, 0, 0)).rotate((0, 90, 0)).translate((-5, 6, 5))
    assert status("FEA-05", solids.of(solids.block((20, 12, 5)) - groove)) is Status.PASS


@pytest.mark.parametrize(
    ("diameter", "wanted", "limit"),
    [
        (1.2, Status.FAIL, 1.5),
        (1.5, Status.WARN, 3.0),
        (2.9, Status.WARN, 3.0),
        (3.0, Status.PASS, 3.0),
    ],
)
@pytest.mark.parametrize("degrees", [0.0, 33.0])
def test_fea_06_pins(diameter: float, wanted: Status, limit: float, degrees: float) -> None:
    found = only_of("FEA-06", solids.turned(solids.pin(diameter), degrees))
    assert (found.status, found.limit) == (wanted, limit)
    assert found.measured == pytest.approx(diameter, abs=1e-5)
    if wanted is not Status.PASS:
        assert "F" in dict(found.details)["features"]


def test_fea_06_studs_and_tubes_are_no_pins() -> None:
    assert status("FEA-06", solids.pin(1.2, 1.0)) is Status.PASS
    tube = solids.rod(2.8, 10, 48, (10, 6, 4)) - solids.rod(1.2, 12, 48, (10, 6, 4))
    assert status("FEA-06", solids.of(solids.block((20, 12, 5)) + tube)) is Status.PASS


@pytest.mark.parametrize(
    ("thickness", "wanted", "limit"),
    [
        (0.35, Status.FAIL, 0.4),
        (0.41, Status.WARN, 0.8),
        (0.79, Status.WARN, 0.8),
        (0.81, Status.PASS, 0.8),
    ],
)
@pytest.mark.parametrize("degrees", [0.0, 33.0])
def test_fea_07_ribs(thickness: float, wanted: Status, limit: float, degrees: float) -> None:
    found = only_of("FEA-07", solids.about_z(solids.rib(thickness), degrees))
    assert (found.status, found.limit) == (wanted, limit)
    if wanted is not Status.PASS:
        assert found.measured == pytest.approx(thickness, abs=1e-6)
        assert "rib" in found.message


@pytest.mark.parametrize(
    ("width", "wanted"), [(0.09, Status.FAIL), (0.11, Status.WARN), (0.21, Status.PASS)]
)
def test_fea_07_slots(width: float, wanted: Status) -> None:
    found = only_of("FEA-07", solids.slit(width))
    assert found.status is wanted
    if wanted is not Status.PASS:
        assert found.measured == pytest.approx(width, abs=1e-6)
        assert "slot" in found.message


def test_fea_07_floors_are_left_to_thk_04() -> None:
    assert status("FEA-07", solids.tray(0.3)) is Status.PASS
    assert status("FEA-07", solids.tray(0.3), rotate_deg=(90.0, 0.0, 0.0)) is Status.FAIL


def test_limits_of_beads_grow_with_the_nozzle() -> None:
    """A nozzle of 0.4 mm where the limits are written for 0.2 mm."""
    wide = resolved(overrides=(("process.design.nozzle_mm", "0.2"),))
    assert only_of("FEA-05", solids.with_hole(2.5), demands=wide).limit == pytest.approx(4.0)
    assert only_of("FEA-06", solids.pin(4.0), demands=wide).limit == pytest.approx(6.0)
    assert judged("FEA-07", solids.rib(0.9), demands=wide)[0].limit == pytest.approx(1.6)
    assert judged("FEA-07", solids.slit(0.15), demands=wide)[0].limit == pytest.approx(0.2)


def test_good_parts_pass_and_small_features_fail() -> None:
    small = {"FEA-05": solids.with_hole(0.8), "FEA-06": solids.pin(1.2), "FEA-07": solids.rib(0.3)}
    for rule, mesh in small.items():
        assert status(rule, meshes.bracket()) is Status.PASS
        assert status(rule, mesh) is Status.FAIL
