"""The same facets from every format, from the auditor's own reader, and from trimesh."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from printstd.audit.model import read_solid
from printstd.intake import read_model
from printstd.units import NM_PER_MM, NM_PER_UNIT
from tests import meshes
from tests.unit.intake.reading import corners_of, read

SHAPES = {
    "cube": meshes.cube(20.0, origin=(-3.0, 4.0, 110.0)),
    "torus": meshes.torus(),
    "tube": meshes.tube(),
    "two bodies": meshes.merged(meshes.tetrahedron(), meshes.cube(5.0, (20.0, 0.0, 0.0))),
    "bracket": meshes.bracket(),
}


def files_of(mesh: meshes.Triangles) -> dict[str, bytes]:
    """Coordinates are float32, so that every encoding can say them exactly."""
    mesh = mesh[0].astype(np.float32).astype(np.float64), mesh[1]
    return {
        "part.stl": meshes.stl_binary(mesh),
        "ascii.stl": meshes.stl_ascii(mesh),
        "part.obj": meshes.obj(mesh),
        "part.ply": meshes.ply(mesh),
        "ascii.ply": meshes.ply(mesh, encoding="ascii"),
        "big.ply": meshes.ply(mesh, encoding="binary_big_endian", real="float"),
        "part.3mf": meshes.three_mf(mesh),
    }


def canonical(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """(f, 9): each facet turned to begin with its smallest corner, facets sorted."""
    turned = []
    for facet in corners.tolist():
        start = min(range(3), key=lambda k: facet[k])
        turned.append(facet[start] + facet[(start + 1) % 3] + facet[(start + 2) % 3])
    return np.array(sorted(turned))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_format_gives_the_same_mesh_to_the_bit(shape: str) -> None:
    found = {name: read(data, name).mesh for name, data in files_of(SHAPES[shape]).items()}
    first = found["part.stl"]
    for name, mesh in found.items():
        assert np.array_equal(mesh.vertices_mm, first.vertices_mm), name
        assert np.array_equal(mesh.faces, first.faces), name
        assert mesh.weld_gap_mm == first.weld_gap_mm, name


@pytest.mark.parametrize("shape", SHAPES)
def test_the_auditor_reads_the_same_solid(shape: str) -> None:
    for name, data in files_of(SHAPES[shape]).items():
        mesh = read(data, name).mesh
        solid = read_solid(data)
        ours = canonical(mesh.vertices_mm[mesh.faces])
        theirs = canonical(solid.vertices[solid.faces])
        assert np.array_equal(ours, theirs), name


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["part.stl", "part.obj", "part.ply", "ascii.ply", "big.ply"])
def test_trimesh_reads_the_same_facets(shape: str, name: str) -> None:
    import trimesh

    data = files_of(SHAPES[shape])[name]
    loaded = trimesh.load_mesh(
        io.BytesIO(data), file_type=name.rpartition(".")[2], process=False, maintain_order=True
    )
    theirs = np.asarray(loaded.vertices, np.float64)[np.asarray(loaded.faces)]
    ours = corners_of(read(data, name))
    assert ours.shape == theirs.shape
    # trimesh keeps PLY floats and OBJ text through its own conversions.
    assert np.abs(canonical(ours) - canonical(theirs)).max() <= 1e-5


@pytest.mark.corpus
def test_the_auditor_reads_every_model_of_the_corpus_alike(corpus: Path) -> None:
    read_by_both = 0
    for path in sorted(corpus.glob("*/*")):
        data = path.read_bytes()
        if path.name == "empty.stl":
            continue
        file = read_model(data, name=path.name)
        per_unit_mm = NM_PER_UNIT[file.mesh.source.unit] / NM_PER_MM
        solid = read_solid(data)
        mesh = file.mesh
        box = np.stack([solid.vertices.min(axis=0), solid.vertices.max(axis=0)]) * per_unit_mm
        assert np.abs(box - mesh.box_mm).max() <= 2**-20 * np.abs(mesh.box_mm).max(), path.name
        a, b, c = (mesh.vertices_mm[mesh.faces[:, k]] for k in range(3))
        volume = float((a * np.cross(b, c)).sum()) / 6
        assert abs(solid.signed_volume) * per_unit_mm**3 == pytest.approx(
            abs(volume), rel=1e-5, abs=1e-6 * np.prod(mesh.box_mm[1] - mesh.box_mm[0])
        ), path.name
        read_by_both += 1
    assert read_by_both > 30
