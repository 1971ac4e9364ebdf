"""THK-03: what is narrower than the narrowest bead of the process is lost, and told."""

from __future__ import annotations

import pytest

from printstd.artifacts.finding import Status
from tests import meshes
from tests.conformance.checks import solids
from tests.conformance.checks.judging import only_of, resolved

CLASSIC = resolved()
NO_THIN_WALLS = resolved(overrides=(("process.walls.thin_walls", "false"),))
VARIABLE = resolved(overrides=(("process.walls.generator", '"variable"'),))


def fin(width: float) -> meshes.Triangles:
    """20 mm long, from layer 20 to layer 60 of 0.2 mm."""
    return solids.of(solids.block((20, 12, 4)) + solids.block((20, width, 9), (0, 5, 3)))


@pytest.mark.parametrize(
    ("width", "demands", "status"),
    [
        (0.12, CLASSIC, Status.WARN),
        (0.14, CLASSIC, Status.INFO),
        (0.44, CLASSIC, Status.INFO),
        (0.46, CLASSIC, Status.PASS),
        (0.23, VARIABLE, Status.WARN),
        (0.25, VARIABLE, Status.INFO),
        (0.44, NO_THIN_WALLS, Status.WARN),
        (0.46, NO_THIN_WALLS, Status.PASS),
    ],
)
@pytest.mark.parametrize("degrees", [0.0, 31.0])
def test_a_fin_is_laid_or_lost(
    width: float, demands: object, status: Status, degrees: float
) -> None:
    found = only_of("THK-03", solids.about_z(fin(width), degrees), demands=demands)
    assert found.status is status
    if status is Status.WARN:
        assert found.measured == pytest.approx(20 * width, rel=0.01)
        assert "40 pieces of 40 layers" in found.message
        assert found.where[0].layer is not None
        assert 20 <= found.where[0].layer < 60
    if status is Status.INFO:
        assert (
            f"{40 * 20 * width:.0f}"[:2]
            in dict(found.details)["laid by beads narrower than a line"]
        )


@pytest.mark.parametrize("mesh", [meshes.cube(), meshes.bracket(), meshes.cylinder(8, 5, 24)])
def test_corners_and_curves_are_not_lost(mesh: meshes.Triangles) -> None:
    for demands in (CLASSIC, NO_THIN_WALLS, VARIABLE):
        found = only_of("THK-03", mesh, demands=demands)
        assert (found.status, found.measured) == (Status.PASS, 0.0)


def test_an_open_surface_is_not_evaluated() -> None:
    found = only_of("THK-03", meshes.without(meshes.cube(), [0]))
    assert found.status is Status.NOT_EVALUATED


def test_a_part_of_too_many_layers_is_not_evaluated() -> None:
    found = only_of("THK-03", meshes.box((20.0, 20.0, 4200.0)))
    assert found.status is Status.NOT_EVALUATED
