"""The auditor's own reader and sections, against analytic solids and the other formats."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.artifacts.demand import PlacementDemand
from printstd.audit.model import read_solid
from printstd.audit.outline import compensated
from printstd.audit.placing import model_um
from printstd.audit.regions import polygon_of
from printstd.audit.sections import cut
from printstd.errors import InputError
from tests import meshes
from tests.mutation.demands import plain_demand
from tests.oracles.placing_by_fractions import placed

SHAPES = {
    "cube": meshes.cube(),
    "torus": meshes.torus(),
    "tube": meshes.tube(),
    "tetrahedron": meshes.tetrahedron(),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_format_gives_the_same_solid(name: str) -> None:
    mesh = SHAPES[name]
    wanted = meshes.signed_volume(mesh)
    files = {
        "stl": meshes.stl_binary(mesh),
        "ascii": meshes.stl_ascii(mesh),
        "ascii cr": meshes.stl_ascii(mesh, eol="\r"),
        "obj": meshes.obj(mesh),
        "ply": meshes.ply(mesh),
        "ply ascii": meshes.ply(mesh, encoding="ascii"),
        "ply big": meshes.ply(mesh, encoding="binary_big_endian", real="float"),
        "3mf": meshes.three_mf(mesh),
    }
    for kind, data in files.items():
        solid = read_solid(data)
        assert len(solid.faces) == len(mesh[1]), kind
        assert len(solid.vertices) == len(np.unique(mesh[1])), kind
        assert solid.signed_volume == pytest.approx(wanted, rel=1e-6), kind


def test_an_inside_out_solid_is_turned() -> None:
    solid = read_solid(meshes.stl_binary(meshes.inside_out(meshes.cube())))
    assert solid.signed_volume == pytest.approx(8000)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"solid x\nendsolid x\n",
        meshes.stl_binary(meshes.cube())[:-7],
        meshes.stl_ascii(meshes.cube())[:-300],
        b"PK\x03\x04" + b"\0" * 40,
        b"v 0 0 0\nv 1 0 0\nf 1 2 3\n",
        b"ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n0\n",
        meshes.stl_binary(
            (np.array([[np.nan, 0, 0], [1, 0, 0], [0, 1, 0]]), np.array([[0, 1, 2]]))
        ),
    ],
)
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read_solid(data)


def test_3mf_components_transforms_and_production_paths() -> None:
    """An object in another part, placed by two transforms, one mirroring."""
    box = meshes.box((2, 3, 4))
    inner = meshes.model_xml(f'<object id="9" type="model">{meshes.mesh_xml(box)}</object>', "")
    path = f'p:path="/3D/inner.model" xmlns:p="{meshes.PRODUCTION_3MF}"'
    root = meshes.model_xml(
        '<object id="1" type="model"><components>'
        f'<component objectid="9" {path} transform="2 0 0 0 1 0 0 0 1 10 0 0"/>'
        "</components></object>",
        '<item objectid="1" transform="-1 0 0 0 1 0 0 0 1 0 5 0"/>'
        '<item objectid="1" printable="0"/>',
    )
    solid = read_solid(meshes.zip_3mf(root, {"3D/inner.model": inner}))
    assert solid.vertices.min(axis=0).tolist() == [-14, 5, 0]
    assert solid.vertices.max(axis=0).tolist() == [-10, 8, 4]
    assert solid.signed_volume == pytest.approx(48)


def test_3mf_that_needs_more_is_refused() -> None:
    mesh = meshes.mesh_xml(meshes.cube())
    resources = f'<object id="1" type="model">{mesh}</object>'
    beams = meshes.model_xml(
        resources, '<item objectid="1"/>', 'unit="millimeter" requiredextensions="b" xmlns:b="x"'
    )
    with pytest.raises(InputError):
        read_solid(meshes.zip_3mf(beams))
    entities = "<!DOCTYPE x [<!ENTITY a 'b'>]>" + meshes.model_xml(resources, "")
    with pytest.raises(InputError):
        read_solid(meshes.zip_3mf(entities))


@pytest.mark.parametrize("name", SHAPES)
def test_sections_of_all_heights_make_up_the_volume(name: str) -> None:
    mesh = SHAPES[name]
    solid = read_solid(meshes.stl_binary(mesh))
    vertices = solid.vertices * 1000
    low, high = vertices[:, 2].min(), vertices[:, 2].max()
    step = (high - low) / 400
    z = low + step * (np.arange(400) + 0.5)
    sections = cut(vertices, solid.faces, z)
    assert sections.open_length_um.sum() == 0
    volume = sum(polygon_of(sections.rings_of(k)).area for k in range(400)) * step
    assert volume == pytest.approx(solid.signed_volume * 1e9, rel=2e-4)


def test_planes_through_vertices_and_flat_faces_close() -> None:
    """Every plane of a cube standing on others, at the very heights of their faces."""
    tower = meshes.merged(
        meshes.box((10, 10, 5)), meshes.box((6, 6, 5), (2, 2, 5)), meshes.box((8, 8, 5), (1, 1, 10))
    )
    solid = read_solid(meshes.stl_binary(tower))
    sections = cut(solid.vertices * 1000, solid.faces, np.array([0.0, 5000.0, 10000.0, 15000.0]))
    areas = [polygon_of(sections.rings_of(k)).area / 1e6 for k in range(4)]
    assert sections.open_length_um.sum() == 0
    # A vertex in the plane counts as above it: the section is that just below.
    assert areas == pytest.approx([0, 100, 36, 64])


def test_overlapping_bodies_are_united_and_holes_kept() -> None:
    outer, inner = meshes.box((20, 20, 10)), meshes.inside_out(meshes.box((10, 10, 10), (5, 5, 0)))
    island = meshes.box((4, 4, 10), (8, 8, 0))
    crossing = meshes.box((20, 4, 10), (10, 1, 0))
    solid = read_solid(meshes.stl_binary(meshes.merged(outer, inner, island, crossing)))
    sections = cut(solid.vertices * 1000, solid.faces, np.array([5000.0]))
    assert polygon_of(sections.rings_of(0)).area / 1e6 == pytest.approx(400 - 100 + 16 + 10 * 4)


def test_a_crack_of_the_weld_is_joined_and_a_hole_is_told() -> None:
    vertices, faces = meshes.cube()
    loose = vertices[faces].reshape(-1, 3)
    loose[7] += 0.004
    corners = np.arange(36, dtype=np.int32).reshape(-1, 3)
    solid = read_solid(meshes.stl_binary((loose, corners)))
    z = np.arange(250.0, 20000.0, 500.0)
    assert cut(solid.vertices * 1000, solid.faces, z).open_length_um.sum() == 0
    holed = read_solid(meshes.stl_binary(meshes.without(meshes.cube(), [4])))
    assert cut(holed.vertices * 1000, holed.faces, z).open_length_um.sum() > 1000


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(*[st.floats(-300, 300, width=32)] * 3), min_size=4, max_size=20),
    st.sampled_from([(0, -1, 0, 1, 0, 0, 0, 0, 1), (0.6, -0.8, 0, 0.8, 0.6, 0, 0, 0, 1)]),
    st.sampled_from([10**6, 25_400_000 // 10, 1_000_003]),
    st.sampled_from([10**6, 1_002_205]),
)
def test_placement_is_the_formula_in_fractions(
    points: list[Any], rotation: tuple[float, ...], scale_e6: int, shrink_e6: int
) -> None:

    vertices = np.array(points)
    rotation_e9 = tuple(round(r * 10**9) for r in rotation)
    base = plain_demand()
    demand = replace(
        base,
        placement=PlacementDemand(rotation_e9, (0, 0, 0), scale_e6),  # type: ignore[arg-type]
        compensations=replace(base.compensations, scale_xy_e6=shrink_e6, scale_z_e6=10**6),
    )
    found = model_um(vertices, demand) * 1000
    wanted = placed(vertices, rotation_e9, (0, 0, 0), scale_e6, (shrink_e6, shrink_e6, 10**6))
    # Doubles carry nine digits of a nm here; a tie may fall the other way.
    np.testing.assert_allclose(found, np.array(wanted, float), rtol=0, atol=1.0)


def test_compensations_of_a_plate_with_a_hole() -> None:
    import shapely

    plate = shapely.difference(shapely.box(0, 0, 20_000, 20_000), shapely.box(5e3, 5e3, 15e3, 15e3))
    by = replace(plain_demand().compensations, xy_um=100, hole_um=50, elephant_foot_um=200)
    upper = compensated(plate, by, is_first=False)
    assert upper.area == pytest.approx(20_200**2 - 9_900**2)
    first = compensated(plate, by, is_first=True)
    assert first.area == pytest.approx(19_800**2 - 10_300**2)


def test_compensations_leave_what_stands_in_a_hole() -> None:
    import shapely

    ring = shapely.difference(shapely.box(0, 0, 20_000, 20_000), shapely.box(5e3, 5e3, 15e3, 15e3))
    both = shapely.union(ring, shapely.box(8e3, 8e3, 12e3, 12e3))
    by = replace(plain_demand().compensations, xy_um=100, hole_um=50)
    found = compensated(both, by, is_first=False)
    assert found.area == pytest.approx(20_200**2 - 9_900**2 + 4_200**2)
