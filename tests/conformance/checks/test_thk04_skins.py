"""THK-04: floors and roofs, straight up, against 0.4 and 0.6 mm."""

from __future__ import annotations

import math

import pytest

from printstd.artifacts.finding import Status
from tests import meshes
from tests.conformance.checks import solids
from tests.conformance.checks.judging import only_of, resolved


@pytest.mark.parametrize(
    ("thickness", "status", "limit"),
    [
        (0.15, Status.FAIL, 0.4),
        (0.39, Status.FAIL, 0.4),
        (0.41, Status.WARN, 0.6),
        (0.59, Status.WARN, 0.6),
        (0.61, Status.PASS, 0.6),
    ],
)
@pytest.mark.parametrize("degrees", [0.0, 31.0])
def test_floors(thickness: float, status: Status, limit: float, degrees: float) -> None:
    found = only_of("THK-04", solids.about_z(solids.tray(thickness), degrees))
    assert (found.status, found.limit) == (status, limit)
    if status is not Status.PASS:
        assert found.measured == pytest.approx(thickness, abs=1e-6)
        assert "layers of 0.2 mm" in found.message


@pytest.mark.parametrize("lean", [10.0, 30.0, 40.0])
def test_a_leaning_sheet_is_measured_straight_up(lean: float) -> None:
    sheet = solids.of(solids.block((20, 20, 0.38)).rotate((lean, 0, 0)))
    up = 0.38 / math.cos(math.radians(lean))
    found = only_of("THK-04", sheet)
    assert found.status is (Status.FAIL if up < 0.4 else Status.WARN)
    assert found.measured == pytest.approx(up, abs=1e-5)


def test_a_tray_on_its_side_has_no_thin_floor() -> None:
    found = only_of("THK-04", solids.tray(0.3), rotate_deg=(90.0, 0.0, 0.0))
    assert found.status is Status.PASS


@pytest.mark.parametrize(
    ("diameter", "status"), [(0.3, Status.INFO), (1.5, Status.WARN), (4.0, Status.FAIL)]
)
def test_small_spots_fail_nothing(diameter: float, status: Status) -> None:
    drill = solids.rod(diameter, 20, 48, (10, 10, 0.3))
    found = only_of("THK-04", solids.of(solids.block((20, 20, 10)) - drill))
    assert found.status is status


def test_the_limits_come_from_the_process() -> None:
    thick = resolved(overrides=(("process.design.skin_mm", "[0.8, 1.2]"),))
    found = only_of("THK-04", solids.tray(0.7), demands=thick)
    assert (found.status, found.limit) == (Status.FAIL, 0.8)
    assert only_of("THK-04", meshes.bracket(), demands=thick).status is Status.PASS
