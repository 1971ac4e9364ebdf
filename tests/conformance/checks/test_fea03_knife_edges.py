"""FEA-03: edges sharper than 30 degrees."""

from __future__ import annotations

import math

import numpy as np
import pytest

from printstd.artifacts.finding import Status
from tests import meshes
from tests.conformance.checks import solids
from tests.conformance.checks.judging import only_of, resolved


@pytest.mark.parametrize("degrees", [5.0, 20.0, 29.9, 30.0, 30.1, 45.0])
@pytest.mark.parametrize("orientation", [0.0, 33.0])
def test_wedges(degrees: float, orientation: float) -> None:
    found = only_of("FEA-03", solids.turned(solids.sharp(degrees), orientation))
    if degrees >= 30:
        assert found.status is Status.PASS
        return
    assert found.status is Status.WARN
    assert found.measured == pytest.approx(degrees, abs=1e-3)
    assert (found.limit, found.unit) == (30.0, "deg")
    lost = 0.4 / (2 * math.tan(math.radians(degrees) / 2))
    assert f"{lost:.2f} mm short" in found.message
    assert "20.0 mm" in found.message


@pytest.mark.parametrize("far_mm", [0.0, 1000.0])
def test_the_stated_uncertainty_covers_what_the_files_numbers_round(far_mm: float) -> None:
    """A wedge of 20 degrees along 20 mm, some tenths of a millimetre deep."""
    vertices, faces = solids.sharp(20.0)
    turned = solids.turned((vertices * np.array([0.01, 0.01, 1.0]), faces), 33.0)[0]
    far = (turned + np.array([far_mm, -far_mm, far_mm])).astype(np.float32).astype(np.float64)
    found = only_of("FEA-03", (far, faces))
    stated = float(dict(found.details)["uncertainty of the angle"].split()[0])
    assert found.measured is not None
    assert abs(found.measured - 20.0) <= stated
    assert 1e-6 < stated < (0.5 if far_mm else 1e-2)


def test_short_edges_and_blunt_parts_pass() -> None:
    assert only_of("FEA-03", meshes.bracket()).status is Status.PASS
    tip = meshes.scaled(solids.sharp(20.0), 0.01)
    assert only_of("FEA-03", meshes.merged(meshes.cube(), tip)).status is Status.PASS


def test_slivers_that_nobody_feels_pass() -> None:
    """A step of 5 um depth that runs out at 20 degrees along 20 mm."""
    sliver = meshes.moved(
        (solids.sharp(20.0)[0] * np.array([1e-4, 1e-4, 1.0]), solids.sharp(20.0)[1]),
        (40.0, 0.0, 0.0),
    )
    assert only_of("FEA-03", meshes.merged(meshes.cube(), sliver)).status is Status.PASS


def test_the_limit_comes_from_the_process() -> None:
    strict = resolved(overrides=(("process.design.knife_edge_deg", "50.0"),))
    assert only_of("FEA-03", solids.sharp(45.0), demands=strict).status is Status.WARN
