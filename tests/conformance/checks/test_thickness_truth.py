"""The truth set of facts of validation, 2.2: known thickness, any orientation, both ray engines."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from manifold3d import CrossSection, Manifold

from printstd.artifacts.finding import Status, worst
from printstd.kernels import opposed_rays
from printstd.pipeline import ModelInput, Order, prepare
from printstd.units import LengthUnit
from printstd.validate.context import CheckContext
from printstd.validate.thickness import air_before, facet_thickness_mm, material_behind
from tests import meshes
from tests.conformance.checks import solids
from tests.conformance.checks.judging import judged, resolved
from tests.shares import crossed

WALLS: dict[str, Callable[[float], meshes.Triangles]] = {
    "rib": solids.rib,
    "tube": solids.ring_wall,
    "pin": solids.pin,
    "cone": solids.cone_wall,
    "floor": solids.tray,
}
SIZES = (0.5, 0.79, 1.2)
ANGLES = (0.0, 20.0, 33.0, 77.0)
ENGINES = ["embree", "numpy"] if opposed_rays.default_engine() == "embree" else ["numpy"]


def context_of(mesh: meshes.Triangles) -> CheckContext:
    demands = resolved()
    order = Order(unit=LengthUnit.MILLIMETER, scale_e6=1_000_000, rotate_deg=(0.0, 0.0, 0.0))
    prepared = prepare(ModelInput(meshes.ply(mesh), "part.ply"), order, demands)
    return CheckContext(prepared.file, demands, prepared.placement)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(opposed_rays, "default_engine", lambda: request.param)
    return str(request.param)


@pytest.mark.parametrize(("shape", "size", "degrees"), crossed(WALLS, SIZES, ANGLES, one_in=3))
def test_walls_read_their_thickness_in_every_orientation(
    shape: str, size: float, degrees: float, engine: str
) -> None:
    walls = context_of(solids.turned(WALLS[shape](size), degrees)).once(material_behind)
    assert len(walls.facet)
    # The chords of the cone are of its own flat strips, 1.4 um at most.
    assert walls.distance_mm.min() == pytest.approx(size, abs=2e-3 if shape == "cone" else 1e-9)
    # Nothing thinner anywhere: no rim, no edge reads as a wall; and most of it is the wall.
    assert np.median(walls.distance_mm) == pytest.approx(size, abs=2e-3)


@pytest.mark.parametrize("degrees", ANGLES)
@pytest.mark.parametrize("size", SIZES)
def test_slits_read_their_width_in_every_orientation(
    size: float, degrees: float, engine: str
) -> None:
    context = context_of(solids.turned(solids.slit(size), degrees))
    gaps = context.once(air_before)
    assert len(gaps.facet)
    assert gaps.distance_mm == pytest.approx(np.full(len(gaps.facet), size), abs=1e-9)
    assert not len(context.once(material_behind).facet)


@pytest.mark.parametrize("degrees", ANGLES)
def test_an_acute_block_has_no_wall(degrees: float, engine: str) -> None:
    context = context_of(solids.turned(solids.sharp(30.0), degrees))
    assert not len(context.once(material_behind).facet)
    assert not len(context.once(air_before).facet)


@pytest.mark.parametrize("wedge_deg", [2.0, 15.0, 19.0, 25.0])
def test_a_knife_edge_is_no_thin_wall_and_a_sharp_notch_no_gap(wedge_deg: float) -> None:
    """Sharper than the 20 degrees within which faces count as opposed."""
    wedge = solids.turned(solids.sharp(wedge_deg), 33.0)
    assert worst(f.status for f in judged("THK-01", wedge)) is Status.PASS
    assert worst(f.status for f in judged("THK-04", solids.sharp(wedge_deg))) is Status.PASS
    half = 8 * np.tan(np.deg2rad(wedge_deg / 2))
    cut = CrossSection(
        [[(10, 2), (10 + half, 10), (10 + half, 11), (10 - half, 11), (10 - half, 10)]]
    )
    notch = Manifold.extrude(cut, 30).rotate((90, 0, 0)).translate((0, 25, 0))
    block = solids.of(solids.block((20, 20, 10)) - notch)
    assert worst(f.status for f in judged("THK-02", block)) is Status.PASS


@pytest.mark.parametrize("shape", WALLS)
def test_both_engines_read_the_same(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if len(ENGINES) < 2:
        pytest.skip("embreex is not installed")
    found = []
    for name in ENGINES:
        monkeypatch.setattr(opposed_rays, "default_engine", lambda name=name: name)
        found.append(facet_thickness_mm(context_of(solids.turned(WALLS[shape](0.79), 33.0))))
    assert found[0] == pytest.approx(found[1], abs=1e-9, nan_ok=True)


def test_facets_know_their_thickness() -> None:
    context = context_of(solids.rib(0.79))
    thickness = facet_thickness_mm(context)
    across = np.abs(context.shapes.normal[:, 1]) > 0.99
    is_rib = across & (context.vertices_mm[context.faces][:, :, 2].max(axis=1) > 6)
    assert thickness[is_rib] == pytest.approx(np.full(is_rib.sum(), 0.79))
    assert np.isnan(thickness[~is_rib]).all()
    assert is_rib.any()


def test_a_wall_between_a_bore_and_a_flat_side_is_one_of_shapes_not_of_chords() -> None:
    """A bore of 24 sides whose chords end 0.04 mm inside the circle, 0.7 mm from the side."""
    bore = solids.rod(10, 22, 24, (5.7, 10, -1))
    mesh = solids.of(solids.block((20, 20, 20)) - bore)
    for degrees in (0.0, 33.0):
        turned = solids.about_z(mesh, degrees)
        found = [f for f in judged("THK-01", turned) if f.status is Status.WARN]
        assert found[0].measured == pytest.approx(0.7, abs=1e-5)
