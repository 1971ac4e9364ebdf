"""THK-01: walls against the nozzle (0.4) and the material (PLA 0.8), skins against layers (0.2)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from manifold3d import Manifold

from printstd.artifacts.finding import Finding, Status, worst
from tests import meshes
from tests.conformance.checks.judging import judged, only_of, resolved


def of(solid: Manifold) -> meshes.Triangles:
    mesh = solid.to_mesh64()
    # Copies: a view would keep manifold3d's own object alive to the end.
    return np.array(mesh.vert_properties)[:, :3].copy(), np.array(mesh.tri_verts, np.int32)


def block(size: tuple[float, float, float], at: tuple[float, float, float]) -> Manifold:
    return Manifold.cube(size).translate(at)


def with_rib(thickness: float) -> meshes.Triangles:
    """A block with an upright rib."""
    rib = block((20, thickness, 15), (0, 5, 4))
    return of(block((20, 12, 5), (0, 0, 0)) + rib)


def with_floor(thickness: float) -> meshes.Triangles:
    """A tray whose floor is thin."""
    return of(block((24, 24, 10), (0, 0, 0)) - block((16, 16, 12), (4, 4, thickness)))


def with_spot(thickness: float, diameter: float) -> meshes.Triangles:
    """A block with a blind hole that stops `thickness` before its lower side."""
    drill = Manifold.cylinder(20, diameter / 2, circular_segments=48).translate((10, 10, thickness))
    return of(block((20, 20, 10), (0, 0, 0)) - drill)


def turned(mesh: meshes.Triangles, degrees: float) -> meshes.Triangles:
    t = math.radians(degrees)
    rotation = np.array([[math.cos(t), -math.sin(t), 0], [math.sin(t), math.cos(t), 0], [0, 0, 1]])
    return mesh[0] @ rotation.T, mesh[1]


def worst_of(findings: list[Finding]) -> Finding:
    status = worst(f.status for f in findings)
    return next(f for f in findings if f.status is status)


def with_web(thickness: float) -> meshes.Triangles:
    """Two posts on a plate and a web between them: held on three sides."""
    posts = block((5, 8, 20), (0, 0, 4)) + block((5, 8, 20), (15, 0, 4))
    return of(block((20, 8, 5), (0, 0, 0)) + posts + block((12, thickness, 18), (4, 3, 4)))


def leaning_sheet(thickness: float, degrees: float) -> meshes.Triangles:
    """A sheet of 20 x 20 mm whose normal stands at an angle to the vertical."""
    return of(block((20, 20, thickness), (0, 0, 0)).rotate((degrees, 0, 0)))


@pytest.mark.parametrize(
    "mesh", [meshes.cube(20.0), meshes.bracket(), meshes.tube(10, 9.1, 20), with_rib(1.01)]
)
def test_thick_parts_pass(mesh: meshes.Triangles) -> None:
    finding = only_of("THK-01", mesh)
    assert finding.status is Status.PASS
    assert finding.limit == 0.8


@pytest.mark.parametrize("thickness", [0.3, 0.35, 0.39, 0.41, 0.6, 0.79, 0.81, 1.2])
@pytest.mark.parametrize("degrees", [0.0, 37.0])
@pytest.mark.parametrize("shape", ["web", "tube"])
def test_walls_below_the_nozzle_fail_and_below_the_material_warn(
    thickness: float, degrees: float, shape: str
) -> None:
    mesh = with_web(thickness) if shape == "web" else meshes.tube(8, 8 - thickness, 20, 192)
    found = worst_of(judged("THK-01", turned(mesh, degrees)))
    if thickness > 0.8:
        assert found.status is Status.PASS
        return
    assert found.status is (Status.FAIL if thickness < 0.4 else Status.WARN)
    assert found.measured == pytest.approx(thickness, abs=1e-5)
    assert found.limit == pytest.approx(0.4 if thickness < 0.4 else 0.8)
    assert "wall" in found.message
    assert "free-standing" not in found.message
    box = found.where[0].box_mm
    assert box is not None
    assert min(np.subtract(box[3:], box[:3])) > 0.2 or thickness < 1


@pytest.mark.parametrize(
    ("thickness", "status", "limit"),
    [
        (0.39, Status.FAIL, 0.4),
        (0.41, Status.FAIL, 0.8),
        (0.79, Status.FAIL, 0.8),
        (0.81, Status.WARN, 1.0),
        (0.99, Status.WARN, 1.0),
        (1.01, Status.PASS, 0.8),
    ],
)
@pytest.mark.parametrize("degrees", [0.0, 37.0])
def test_a_rib_that_is_held_at_its_foot_only_wants_more(
    thickness: float, status: Status, limit: float, degrees: float
) -> None:
    found = worst_of(judged("THK-01", turned(with_rib(thickness), degrees)))
    assert (found.status, found.limit) == (status, pytest.approx(limit))
    if thickness > 0.4 and status is not Status.PASS:
        assert "free-standing" in found.message
        assert found.source == "process: design.free_wall_mm"


@pytest.mark.parametrize("thickness", [0.15, 0.19, 0.21, 0.39, 0.61])
def test_floors_thinner_than_a_layer_fail(thickness: float) -> None:
    """What is thicker is a matter of THK-04."""
    found = worst_of(judged("THK-01", with_floor(thickness)))
    assert found.status is (Status.FAIL if thickness < 0.2 else Status.PASS)
    if thickness < 0.2:
        assert found.measured == pytest.approx(thickness, abs=1e-6)
        assert found.limit == pytest.approx(0.2)
        assert "skin" in found.message


def test_what_is_a_wall_depends_on_how_the_part_stands() -> None:
    tray = with_floor(0.3)
    assert worst_of(judged("THK-01", tray)).status is Status.PASS
    stood_up = judged("THK-01", tray, rotate_deg=(90.0, 0.0, 0.0))
    assert worst_of(stood_up).status is Status.FAIL
    assert "wall" in worst_of(stood_up).message


@pytest.mark.parametrize("degrees", [0.0, 20.0, 27.0, 45.0, 60.0, 80.0, 90.0])
@pytest.mark.parametrize("share", [0.9, 1.1])
def test_the_limit_changes_evenly_with_the_lean_and_the_thickness_not_at_all(
    degrees: float, share: float
) -> None:
    """t / sin f against the nozzle, t / cos f against the layer (facts of validation 2.2, 5)."""
    lean = math.radians(degrees)
    limit = max(0.4 * math.sin(lean), 0.2 * math.cos(lean))
    found = worst_of(judged("THK-01", leaning_sheet(share * limit, degrees)))
    if share > 1:
        assert found.limit != pytest.approx(limit, abs=1e-6) or found.status is Status.PASS
        return
    assert found.status is Status.FAIL
    assert found.measured == pytest.approx(share * limit, abs=1e-5)
    assert found.limit == pytest.approx(limit, abs=1e-5)


@pytest.mark.parametrize(
    ("diameter", "status"), [(1.0, Status.WARN), (2.0, Status.WARN), (6.0, Status.FAIL)]
)
def test_a_spot_below_two_by_two_is_a_warning(diameter: float, status: Status) -> None:
    found = worst_of(judged("THK-01", with_spot(0.15, diameter)))
    assert found.status is status
    assert found.measured == pytest.approx(0.15, abs=1e-3)


def test_a_speck_smaller_than_the_nozzle_is_told_only() -> None:
    found = judged("THK-01", with_spot(0.15, 0.3))
    assert worst_of(found).status in (Status.INFO, Status.PASS)


def test_rims_and_knife_edges_are_no_walls() -> None:
    wedge = meshes.prism([(0, 0), (40.0, 0), (40.0, 40.0 * math.tan(math.radians(30)))], 20.0)
    assert only_of("THK-01", wedge).status is Status.PASS


def test_the_limits_follow_nozzle_material_layer_and_scale() -> None:
    web = with_web(0.9)
    assert worst_of(judged("THK-01", web)).status is Status.PASS
    petg = worst_of(judged("THK-01", web, demands=resolved(material="petg")))
    assert (petg.status, petg.limit) == (Status.WARN, 1.0)
    assert worst_of(judged("THK-01", web, scale=0.4)).status is Status.FAIL
    fine = resolved(overrides=(("process.layer_height_mm", "0.1"),))
    assert worst_of(judged("THK-01", with_floor(0.15), demands=fine)).status is Status.PASS
    wide = resolved(overrides=(("process.design.free_wall_mm", "[0.5, 0.6]"),))
    assert worst_of(judged("THK-01", with_rib(0.7), demands=wide)).status is Status.WARN
    assert worst_of(judged("THK-01", with_rib(0.82), demands=wide)).status is Status.PASS


def test_without_a_printer_the_nozzle_is_the_common_one() -> None:
    found = worst_of(judged("THK-01", with_rib(0.3), demands=resolved(printer=None)))
    assert (found.status, found.limit) == (Status.FAIL, 0.4)


@pytest.mark.parametrize(
    "mesh", [meshes.without(meshes.cube(), [0]), meshes.with_flipped(meshes.cube(), 2)]
)
def test_an_open_surface_is_not_evaluated(mesh: meshes.Triangles) -> None:
    finding = only_of("THK-01", mesh)
    assert finding.status is Status.NOT_EVALUATED
    assert "GEO-02" in finding.message


@pytest.mark.parametrize("engine", ["embree", "numpy"])
def test_both_ray_engines_give_the_same_verdict(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from printstd.kernels import opposed_rays

    if engine == "embree" and opposed_rays.default_engine() != "embree":
        pytest.skip("embreex is not installed")
    monkeypatch.setattr(opposed_rays, "default_engine", lambda: engine)
    found = worst_of(judged("THK-01", with_rib(0.3)))
    assert found.status is Status.FAIL
    assert found.measured == pytest.approx(0.3, abs=1e-6)
    assert worst_of(judged("THK-01", meshes.bracket())).status is Status.PASS
